"""Formulas for foreign solvers and their answers: every assignment means what the map says, for every kind of loss."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Solver

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, write_dimacs
from qnnt.encoders.map_reader import read_map
from qnnt.encoders.model import Integers
from qnnt.encoders.variable_map import VariableMap
from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.files.instances import load, save, sha256_of
from qnnt.fuzzing.tiny import random_instance
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Result, Status
from qnnt.solvers.foreign import formula, read_answer
from tests.solvers.small_instances import LABELS, NEVER, line

XOR = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])


@cache
def sample(seed: int) -> Instance:
    if seed % 3 == 0:
        return random_labels(3, [2, 1, 1], 9, seed)
    return random_instance(random.Random(f"foreign {seed}"), most_settings=600).derive(bound=None)


@cache
def best(seed: int) -> Number | None:
    return minimum(sample(seed)).loss


def hard_clauses(cnf: Cnf) -> list[list[int]]:
    return [cnf.clauses.entries[a:b].tolist() for a, b in pairwise(cnf.clauses.offsets.tolist())]


def truth_of(model: list[int], cnf: Cnf) -> Integers:
    truth = np.zeros(cnf.variables + 1, np.int64)
    truth[[literal for literal in model if 0 < literal <= cnf.variables]] = 1
    return truth


def satisfying(cnf: Cnf, phases: list[int]) -> Integers | None:
    rows = hard_clauses(cnf)
    if not all(rows):
        return None
    with Solver(name="minisat22", bootstrap_with=rows) as solver:
        solver.set_phases(phases)
        return truth_of(solver.get_model(), cnf) if solver.solve() else None


def cheapest(cnf: Cnf, sign: int = 1, fixed: Sequence[int] = ()) -> Integers | None:
    """The dearest, if the sign is -1."""
    weighted = WCNF()
    weighted.extend([row or [1] for row in hard_clauses(cnf)] + [[literal] for literal in fixed])
    if not all(hard_clauses(cnf)):
        weighted.append([-1])
    for literal, weight in zip(cnf.soft.tolist(), cnf.weights.tolist(), strict=True):
        weighted.append([-sign * literal], weight=weight)
    with RC2(weighted) as solver:
        model = solver.compute()
    return None if model is None else truth_of(model, cnf)


def values(truth: Integers) -> str:
    return "".join(map(str, truth[1:].tolist()))


@dataclass(frozen=True)
class Asked:
    """A formula in a file, and the answers to it."""

    instance: Instance
    cnf: Cnf
    file: Path

    @property
    def known(self) -> VariableMap:
        return read_map(str(self.file))

    def answer(self, *lines: str) -> Result:
        output = self.file.with_suffix(".out")
        output.write_text("".join(f"{line}\n" for line in lines))
        return read_answer(self.instance, str(self.file), str(output))

    def optimum(self) -> Result:
        """What a right solver says."""
        truth = cheapest(self.cnf)
        if truth is None:
            return self.answer("s UNSATISFIABLE")
        cost = self.cnf.cost_of(truth) - self.cnf.constant
        return self.answer(f"o {cost}", "s OPTIMUM FOUND", f"v {values(truth)}")

    def decision(self, seed: int = 0) -> Result:
        """Likewise, with whatever assignment the seed leads to."""
        rng = random.Random(seed)
        truth = satisfying(self.cnf, [rng.choice([-1, 1]) * v for v in range(1, self.cnf.variables + 1)])
        if truth is None:
            return self.answer("s UNSATISFIABLE")
        literals = [v if truth[v] else -v for v in range(1, len(truth))]
        return self.answer("s SATISFIABLE", " ".join(["v", *map(str, literals), "0"]))


def asked(instance: Instance, folder: Path, bound: Number | None = None, encoding: str = "auto") -> Asked:
    objective = Objective.MINIMIZE if bound is None else Objective.DECIDE
    cnf, comments = formula(instance.derive(bound=bound), objective, encoding)
    file = folder / "formula"
    write_dimacs(cnf, comments, str(file), DimacsForm.WCNF if bound is None else DimacsForm.CNF)
    return Asked(instance, cnf, file)


# --- the formula ---------------------------------------------------------------------------------


def test_the_comments_are_the_map(tmp_path: Path) -> None:
    question = asked(XOR, tmp_path, 2, "adder")
    known = question.known
    assert (known.bound, known.encoding, known.variables) == (2, "adder", question.cnf.variables)
    assert (known.constant, known.denominator, known.objective) == (0, 1, Objective.DECIDE)
    assert known.instance_sha256 == sha256_of(XOR)
    assert set(known.weights) == set(XOR.weights)
    assert set(known.biases) == set(XOR.biases)
    assert len(question.cnf.soft) == 0


def test_the_map_of_a_minimum_holds_the_loss(tmp_path: Path) -> None:
    question = asked(line(), tmp_path)
    known = question.known
    assert (known.bound, known.objective) == (None, Objective.MINIMIZE)
    assert (known.constant, known.denominator) == (question.cnf.constant, question.cnf.denominator)
    assert known.denominator == 6
    assert known.loss_of(0) == Fraction(known.constant, 6)


def test_the_bound_of_the_instance_does_not_matter_for_its_minimum() -> None:
    _, comments = formula(LABELS, Objective.MINIMIZE, "auto")
    assert formula(LABELS.derive(bound=3), Objective.MINIMIZE, "auto")[1] == comments


def test_one_formula_is_one_text() -> None:
    (first, comments), (second, again) = (formula(sample(3), Objective.MINIMIZE, "auto") for _ in range(2))
    assert first.clauses.entries.tolist() == second.clauses.entries.tolist()
    assert first.soft.tolist() == second.soft.tolist()
    assert comments == again


def test_encodings_that_do_not_fit() -> None:
    instance = d_nnt([2, 1], [[1, 1]], [[0]], weights=[0, 999, 10**9], bias=[0], activation="threshold")
    with pytest.raises(UnsupportedError, match="too large for pysat-seqcounter"):
        formula(instance, Objective.MINIMIZE, "pysat-seqcounter")
    with pytest.raises(UnsupportedError, match="native cardinality constraints"):
        write_dimacs(formula(XOR, Objective.MINIMIZE, "native")[0], [], "/nonexistent", DimacsForm.WCNF)


# --- right answers -------------------------------------------------------------------------------


SEEDS = (*range(28), 107, 110, 145)
"""The last ones have no admissible parameters."""


@pytest.mark.parametrize("seed", SEEDS)
def test_optima(seed: int, tmp_path: Path) -> None:
    instance, loss = sample(seed), best(seed)
    result = asked(instance, tmp_path).optimum()
    assert result.status is (Status.INFEASIBLE if loss is None else Status.OPTIMAL)
    assert (result.loss, result.lower_bound) == (loss, loss)
    assert (result.solver, result.encoding, result.objective) == ("foreign", "auto", Objective.MINIMIZE)
    assert (result.solution is None) == (loss is None)
    if result.solution is not None:
        assert evaluate(instance, result.solution.parameters) == loss
        assert result.solution.instance == instance


@pytest.mark.parametrize("seed", SEEDS)
def test_decisions(seed: int, tmp_path: Path) -> None:
    instance, loss = sample(seed), best(seed)
    for bound in (0, 10**6) if loss is None else (loss, loss + 1, max(0, loss - 1), loss * Fraction(9, 10)):
        result = asked(instance, tmp_path, bound).decision(seed)
        possible = loss is not None and loss <= bound
        assert result.status is (Status.YES if possible else Status.NO)
        assert (result.objective, result.lower_bound) == (Objective.DECIDE, None)
        if possible:
            assert result.loss is not None
            assert result.loss <= bound
            assert result.solution is not None
            assert qnnt.verify(instance, result.solution.parameters, result.loss) == result.loss


@pytest.mark.parametrize("loss", ["mismatch", "absolute", "squared", "hamming", {"type": "hinge", "margin": "1/5"}])
def test_weighted_and_rational_losses(loss: object, tmp_path: Path) -> None:
    instance = line(loss=loss)
    expected = minimum(instance).loss
    assert asked(instance, tmp_path).optimum().loss == expected


def test_rational_bounds(tmp_path: Path) -> None:
    """The best loss is 7/2."""
    for bound, status in ((Fraction(7, 2), Status.YES), (Fraction(69, 20), Status.NO), (Fraction(18, 5), Status.YES)):
        question = asked(line(), tmp_path, bound)
        assert question.known.bound == bound
        result = question.decision()
        assert result.status is status
        assert result.options["bound"] == f"{bound.numerator}/{bound.denominator}"


def test_masked_labels(tmp_path: Path) -> None:
    """Whole samples, and whole outputs, whose neurons are not in the formula."""
    x = [[1, 0], [2, 0], [-1, 0], [1, 1]]
    y: list[list[object]] = [[2, None, 0], [None, None, 1], [1, None, None], [None, None, None]]
    options: dict[str, Any] = {"weights": [-1, 1], "bias": [0, 1], "activation": "relu"}
    instance = d_nnt([2, 2, 3], x, y, **options)
    question = asked(instance, tmp_path)
    assert ("h1_1", "o2") not in question.known.weights
    assert "o2" not in question.known.biases
    result = question.optimum()
    assert result.solution is not None
    assert set(result.solution.parameters.weights) == set(instance.weights)
    assert result.loss == minimum(instance).loss
    nothing = asked(d_nnt([2, 3], x[:1], y[3:], **options), tmp_path).optimum()
    assert (nothing.status, nothing.loss) == (Status.OPTIMAL, 0)


def test_parameters_that_simplification_fixes(tmp_path: Path) -> None:
    """An input that is 0 in all samples: its weights are constants of the map, those nearest 0."""
    instance = d_nnt([2, 2, 1], [[0, 1], [0, 2]], [[1], [0]], weights=[2, -3], bias=[0, 1], activation="threshold")
    question = asked(instance, tmp_path)
    for neuron in ("h1_1", "h1_2"):
        assert question.known.weights["x1", neuron].terms == ()
        assert question.known.weights["x1", neuron].base == 2
        assert len(question.known.weights["x2", neuron].terms) == 1
    result = question.optimum()
    assert result.solution is not None
    assert result.solution.parameters.weights["x1", "h1_1"] == 2
    assert result.loss == minimum(instance).loss


def test_constant_neurons(tmp_path: Path) -> None:
    instance = d_nnt([1, 2, 1], [[1], [2]], [[1], [0]], weights=[1, 2], bias=[5, 6], activation="threshold")
    question = asked(instance, tmp_path)
    assert all(form.terms == () for form in (*question.known.weights.values(), *question.known.biases.values()))
    result = question.optimum()
    assert (result.status, result.loss) == (Status.OPTIMAL, 1)


def test_biases_of_d_qnnt_are_subtracted(tmp_path: Path) -> None:
    """relu_d(w x - b) is 1 at 1 and 0 at 0 for w = 1 and b = 0 alone; 1 at 0 and 0 at -1 for w = 1 and b = -1."""
    for x, bias in (([[1], [0]], 0), ([[0], [-1]], -1)):
        result = asked(d_qnnt(3, [1, 1], x, [[1], [0]]), tmp_path, 0).decision()
        assert result.status is Status.YES
        assert result.solution is not None
        assert (result.solution.weights["x1", "o1"], result.solution.biases["o1"]) == (1, bias)
        assert result.solution.predict(x) == [(1,), (0,)]


def test_biases_of_d_qnnt_whose_set_is_not_symmetric(tmp_path: Path) -> None:
    """Z_4 = {-1, 0, 1, 2}: with the other sign 2 would be no bias."""
    instance = d_qnnt(4, [1, 1], [[2], [1], [0]], [[2], [0], [0]])
    result = asked(instance, tmp_path, 0).decision()
    assert result.solution is not None
    assert (result.solution.weights["x1", "o1"], result.solution.biases["o1"]) == (2, 2)


def test_the_map_holds_biases_that_are_added(tmp_path: Path) -> None:
    known = asked(d_qnnt(4, [1, 1], [[2], [1], [0]], [[2], [0], [0]]), tmp_path, 0).known
    ends = {known.biases["o1"].value(np.full(known.variables + 1, digit)) for digit in (0, 1)}
    assert ends == {-2, 1}


def test_variables_without_a_value_are_0(tmp_path: Path) -> None:
    question = asked(XOR, tmp_path, 4)
    result = question.answer("s SATISFIABLE", "v 0")
    assert result.solution is not None
    zeros = question.known.parameters_of(np.zeros(question.cnf.variables + 1, np.int64))
    assert result.solution.parameters.weights == zeros.weights


def test_samples_are_of_all_kinds() -> None:
    losses = [best(seed) for seed in SEEDS]
    assert losses.count(None) == 2
    assert sum(isinstance(loss, Fraction) for loss in losses) >= 2
    assert sum(bool(loss) for loss in losses) >= 10
    assert len({sample(seed).loss.name for seed in SEEDS}) >= 6


# --- answers by half -----------------------------------------------------------------------------


def test_results_say_what_was_not_checked(tmp_path: Path) -> None:
    word = "is the solver's word"
    assert asked(LABELS, tmp_path).optimum().note == f"that no smaller loss exists {word}"
    assert asked(LABELS, tmp_path, 0).decision().note == f"that the bound cannot be met {word}"
    assert asked(NEVER, tmp_path).optimum().note == f"that nothing is admissible {word}"
    assert asked(LABELS, tmp_path, 1).decision().note == ""


def test_statuses(tmp_path: Path) -> None:
    question = asked(LABELS, tmp_path)
    truth = cheapest(question.cnf)
    assert truth is not None
    cost, line = question.cnf.cost_of(truth) - question.cnf.constant, f"v {values(truth)}"
    assert question.answer("s UNKNOWN").status is Status.UNKNOWN
    assert question.answer("s SATISFIABLE").status is Status.UNKNOWN
    assert question.answer("s OPTIMUM FOUND").status is Status.UNKNOWN
    assert question.answer("s UNKNOWN").lower_bound is None
    for claim in ("SATISFIABLE", "UNKNOWN"):
        result = question.answer(f"o {cost}", f"s {claim}", line)
        assert (result.status, result.loss, result.lower_bound) == (Status.FEASIBLE, 1, 0)
    assert question.answer("s OPTIMUM FOUND", line).status is Status.OPTIMAL
    result = question.answer(f"o {cost}", "s OPTIMUM FOUND", line)
    assert [incumbent.loss for incumbent in result.incumbents] == [1]
    assert result.accuracy == 1 - 1 / 9


def test_an_assignment_without_a_claim(tmp_path: Path) -> None:
    """The bound may be met all the same."""
    question = asked(LABELS, tmp_path, 1)
    truth = satisfying(question.cnf, [])
    assert truth is not None
    assert question.answer("s UNKNOWN", f"v {values(truth)}").status is Status.YES
    assert question.answer("s UNKNOWN", "v 0").status is Status.FEASIBLE


# --- wrong answers -------------------------------------------------------------------------------


def test_assignments_above_the_bound(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="the assignment has loss 2, above the bound 0"):
        asked(XOR, tmp_path, 0).answer("s SATISFIABLE", "v 0")
    with pytest.raises(CertificateError, match="the assignment has loss 43/2, above the bound 7/2"):
        asked(line(weights=[0, 2], bias=[0]), tmp_path, Fraction(7, 2)).answer("s SATISFIABLE", "v 0")


def test_costs_that_are_not_the_loss(tmp_path: Path) -> None:
    question = asked(line(), tmp_path)
    truth = cheapest(question.cnf)
    assert truth is not None
    cost = question.cnf.cost_of(truth) - question.cnf.constant
    for lie in (cost - 1, cost + 1, cost + 10**30):
        said = question.known.loss_of(lie)
        with pytest.raises(CertificateError, match=f"the assignment has loss 7/2, not {said} as the solver says"):
            question.answer(f"o {lie}", "s OPTIMUM FOUND", f"v {values(truth)}")


def test_an_undefined_activation(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="outside the activation table"):
        asked(NEVER, tmp_path).answer("o 0", "s OPTIMUM FOUND", "v 0")
    with pytest.raises(CertificateError, match="outside the activation table"):
        asked(NEVER, tmp_path, 10).answer("s SATISFIABLE", "v 0")


def test_other_instances(tmp_path: Path) -> None:
    question = asked(XOR, tmp_path, 0)
    (tmp_path / "out").write_text("s UNSATISFIABLE\n")
    for other in (XOR.derive(name="other"), LABELS, XOR.derive(dataset=LABELS.dataset)):
        with pytest.raises(InputError, match="was made from another instance"):
            read_answer(other, str(question.file), str(tmp_path / "out"))


def test_the_instance_is_known_whatever_its_bound(tmp_path: Path) -> None:
    """From a file or not: the digest is that of the instance without its bound."""
    question = asked(XOR, tmp_path, 0)
    save(XOR.derive(bound=4), str(tmp_path / "bounded.json"))
    (tmp_path / "out").write_text("s UNSATISFIABLE\n")
    read = load(str(tmp_path / "bounded.json"))
    result = read_answer(read, str(question.file), str(tmp_path / "out"))
    assert (result.status, result.options["bound"]) == (Status.NO, 0)
    assert result.instance_sha256 == read.sha256


def test_solutions_that_cost_more_than_they_lose(tmp_path: Path) -> None:
    """Distances are bounded from below alone: short of the optimum, a solver may pay for more than there is."""
    instance = d_nnt([1, 2], [[1], [2]], [[3, 1], [0, 2]], weights=[0, 1], bias=[0], activation="relu", loss="linf")
    question = asked(instance, tmp_path)
    ones = [variable for form in question.known.weights.values() for variable, _ in form.terms]
    truth = cheapest(question.cnf, -1, ones)
    assert truth is not None
    cost = question.cnf.cost_of(truth) - question.cnf.constant
    assert question.known.loss_of(cost) > 4
    result = question.answer(f"o {cost}", "s SATISFIABLE", f"v {values(truth)}")
    assert (result.status, result.loss) == (Status.FEASIBLE, 4)
    with pytest.raises(CertificateError, match="as the solver says"):
        question.answer(f"o {cost}", "s OPTIMUM FOUND", f"v {values(truth)}")
