r"""3-SAT becomes the training of a network over Z_4 with in-degree two (Theorem 2, repaired: form 2b).

A pair of hidden neurons for each occurrence of a variable (`qnnt.reductions.literal_pairs`), and a hidden
selector for each clause; all of them read private inputs. A selector has three outputs: the k-th reads it and
the neuron of the k-th literal, and has label 1 on sample k only.

Why it works: the selector alone gives an output the label of sample k only if its answer there is the strict
top or the strict bottom of its three answers. At most two of three samples are, so one of the outputs needs
the help of its literal. The columns below are such that only true neurons can help; that "not both" excludes
two true neurons; and that "at least one" excludes two neurons that are not true. All of this is finite:
the tests check it for every answer that the neurons can give. The columns were found by computer search.

Repair: the printed theorem says d = 2 and in-degree 2, which is easy (see `qnnt.reductions.three_sat_d2`).

A clause of one or two literals repeats its last one. The selector of an empty clause is alone, and cannot
meet its three labels: there is no solution, as it should be. A variable that occurs nowhere has a pair that
no clause reads.

Size: for o = 3 m occurrences (variables that do not occur count as one, empty clauses as none), 2 o hidden
neurons and m selectors; at most 2 o + 3 m inputs, 2 o + 3 m outputs and 7 o + 6 m edges; three samples. Depth 2,
in-degree at most 2, out-degree at most 3.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from qnnt.errors import InputError
from qnnt.instance import Instance, Parameters
from qnnt.reductions.column_network import Column, ColumnNetwork
from qnnt.reductions.literal_pairs import LiteralPairs
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.formula import WIDEST, Assignment, Clause, Formula

D = 4


class Kind(Enum):
    """The kinds of hidden neurons in pairs: A at the first place of a clause, B at all others."""

    A = "A"
    B = "B"


SELECTOR_INPUTS: tuple[Column, ...] = ((0, 1, 2), (1, 0, 2))
INPUTS: dict[Kind, tuple[Column, ...]] = {Kind.A: ((0, -1, 0), (2, -1, 1)), Kind.B: ((1, -1, 2),)}
"""What the private inputs hold. Kind B was found with a second input, which is 0 on all samples: it is left out."""
TRUE_ANSWERS: dict[Kind, frozenset[Column]] = {
    Kind.A: frozenset({(1, 0, 0), (1, 0, 1), (1, 1, 1), (2, 0, 0), (2, 0, 1), (2, 0, 2), (2, 1, 2)}),
    Kind.B: frozenset({(0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 2, 0), (1, 0, 2), (2, 0, 2)}),
}
"""The answers that make a neuron true."""
ANSWER: dict[tuple[Kind, bool], Column] = {
    (Kind.A, True): (1, 0, 0),
    (Kind.A, False): (0, 1, 0),
    (Kind.B, True): (0, 0, 2),
    (Kind.B, False): (1, 1, 1),
}
"""What neurons of witness networks answer."""
PICKS: tuple[Column, ...] = ((1, 0, 2), (0, 1, 2), (0, 2, 1))
"""What the selector of a witness network answers if the first, second or third literal is true."""
CLAUSE_LABELS: tuple[Column, ...] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
NOT_BOTH: dict[tuple[Kind, Kind], Column] = {
    (Kind.A, Kind.A): (1, 2, 0),
    (Kind.A, Kind.B): (1, 2, 2),
    (Kind.B, Kind.A): (1, 2, 2),
    (Kind.B, Kind.B): (2, 2, 0),
}
AT_LEAST_ONE: dict[tuple[Kind, Kind], Column] = {
    (Kind.A, Kind.A): (0, 0, 1),
    (Kind.A, Kind.B): (0, 1, 1),
    (Kind.B, Kind.A): (0, 1, 1),
    (Kind.B, Kind.B): (0, 0, 1),
}


class ThreeSatD4(Reduction[Formula, Assignment]):
    """Theorem 2b."""

    theorem: ClassVar[str] = (
        "Theorem 2, repaired (2b): "
        "NP-hard for d = 4, one hidden layer, in-degree at most 2, out-degree at most 3, l = 0 and |D| = 3"
    )
    source: ClassVar[type[Formula]] = Formula

    def numbers(self, formula: Formula, form: str) -> int:
        return 100 * (formula.variables + 3 * len(formula.clauses))

    def to_instance(self, formula: Formula, form: str) -> Instance:
        """The instance: error bound 0."""
        if not formula.variables and not formula.clauses:
            raise InputError("expected at least one variable or clause: a network has an output")
        return _network(_pairs(formula)).instance()

    def to_source_solution(self, formula: Formula, form: str, parameters: Parameters) -> Assignment:
        """A variable is true if the positive neuron of its first pair is."""
        pairs = _pairs(formula)
        network, kinds = _network(pairs), _kinds(pairs)
        first = [cycle[0].positive for cycle in pairs.cycles]
        return tuple(network.column_of(neuron, parameters) in TRUE_ANSWERS[kinds[neuron]] for neuron in first)

    def from_source_solution(self, formula: Formula, form: str, solution: Assignment) -> Parameters:
        """Neurons answer as in the tables; a selector picks the first true literal of its clause."""
        pairs = _pairs(formula)
        true = pairs.true_neurons(solution)
        hidden = {neuron: ANSWER[kind, neuron in true] for neuron, kind in _kinds(pairs).items()}
        for i, neurons in enumerate(pairs.clauses, 1):
            hidden[_selector(i)] = PICKS[next(k for k, neuron in enumerate(neurons) if neuron in true)]
        return _network(pairs).parameters(hidden)


def _pairs(formula: Formula) -> LiteralPairs:
    return LiteralPairs.of(formula.variables, map(_filled, formula.clauses))


def _filled(clause: Clause) -> Clause:
    return (*clause, *clause[-1:] * (WIDEST - len(clause)))


def _kinds(pairs: LiteralPairs) -> dict[str, Kind]:
    first = {neurons[0] for neurons in pairs.clauses if neurons}
    return {neuron: Kind.A if neuron in first else Kind.B for neuron in pairs.neurons()}


def _network(pairs: LiteralPairs) -> ColumnNetwork:
    kinds = _kinds(pairs)
    selectors = [_selector(i) for i in range(1, len(pairs.clauses) + 1)]
    private = {neuron: INPUTS[kind] for neuron, kind in kinds.items()} | dict.fromkeys(selectors, SELECTOR_INPUTS)
    inputs: dict[str, Column] = {}
    reads: dict[str, tuple[str, ...]] = {}
    outputs: dict[str, Column] = {}
    for neuron, columns in private.items():
        reads[neuron] = tuple(f"{neuron}_x{j}" for j in range(1, len(columns) + 1))
        inputs.update(zip(reads[neuron], columns, strict=True))
    for i, (selector, neurons) in enumerate(zip(selectors, pairs.clauses, strict=True), 1):
        for k, label in enumerate(CLAUSE_LABELS):
            outputs[f"c{i}_{k + 1}"] = label
            reads[f"c{i}_{k + 1}"] = (*neurons[k : k + 1], selector)
    for ties, labels in ((pairs.not_both(), NOT_BOTH), (pairs.at_least_one(), AT_LEAST_ONE)):
        for output, (a, b) in ties.items():
            outputs[output] = labels[kinds[a], kinds[b]]
            reads[output] = (a, b)
    return ColumnNetwork(D, inputs, reads, outputs)


def _selector(i: int) -> str:
    return f"t{i}"


REDUCTION = ThreeSatD4()
