r"""ETR-INV over a finite set becomes the training of linear neurons with fixed weights and masked labels.

From "Training Neural Networks is ER-complete" (Abrahamsen, Kleist, Miltzow, NeurIPS 2021): the restricted
training problem of its Section 3, with finite sets in place of the reals. First the products are merged
away, see `qnnt.reductions.inverse_equations`.

For each variable x that is left: inputs s1..s5 and hidden neurons m1..m4; the outputs a and b are shared.
Weights: -x from s1 to m1, x from s2 to m2, 1/x from s3 to m3, -1/x from s4 to m4, x from m3 to b; each has
the set that fits. Weights fixed at 1: from s5 to m3, from m1..m4 to a, from m1 to b. Biases are 0.
Samples, by the inputs that are 1:

* s1, s2: a = 0, so that the weights of m1 and m2 are opposite; s3, s4 likewise;
* s3: b = 1, so that the weight from m3 to b is the inverse of that of m3;
* s1, s5: b = 0, so that it is opposite to that of m1;
* for each equation the inputs of its terms: a = 0. Terms x, -x, 1/x, -1/x are at s2, s1, s3, s4.

Repairs of the printed proof: its fourth sample has the label 1, with which formulas without a solution can
be met; and its fixed weight -1 from m2 to b would need the label -1, where it speaks of data in 0 and 1. The
weight 1 from m1 to b in its place makes all labels 0 or 1. Variables are non-zero, which the printed
reduction needs as well.

The loss is `hamming`: with the bound 0 all losses that are 0 only at the label ask the same.

Size: 5v inputs, 4v hidden neurons, 2 outputs, 11v edges of which 5v are free, 4v + c samples, for v
variables and c equations after merging, copies included.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Parameters
from qnnt.network import Edge
from qnnt.reductions.inverse_equations import Equation, InverseEquations, inverse_equations
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.etr_inv import EtrInv, Values

PLACE = {(1, 1): "s2", (-1, 1): "s1", (1, -1): "s3", (-1, -1): "s4"}
"""The input at which a term is, by sign and power."""
INPUTS = ("s1", "s2", "s3", "s4", "s5")
MIDDLES = ("m1", "m2", "m3", "m4")
FIXED = [("s5", "m3"), *((middle, "a") for middle in MIDDLES), ("m1", "b")]


class EtrInvReduction(Reduction[EtrInv, Values]):
    """Section 3 of "Training Neural Networks is ER-complete", discretised."""

    theorem: ClassVar[str] = (
        "Abrahamsen, Kleist, Miltzow 2021, Section 3: restricted training of identity neurons with one hidden "
        "layer, two outputs and samples of 0 and 1 is ER-hard; here over finite sets"
    )
    source: ClassVar[type[EtrInv]] = EtrInv

    def numbers(self, source: EtrInv, form: str) -> int:
        return 100 * (len(source.variables) + len(source.sums)) ** 2

    def to_instance(self, source: EtrInv, form: str) -> Instance:
        """The instance: margin 0."""
        merged = inverse_equations(source)
        if not merged.originals:
            raise InputError("expected at least one sum or product: a network has an input")
        inputs = [f"{s}.{x}" for x in merged.originals for s in INPUTS]
        edges = []
        for x in merged.originals:
            inverse_set = source.values if merged.inverted(x) else tuple(map(_inverse, source.values))
            edges += [_edge(x, edge, values) for edge, values in _free_sets(source.values, inverse_set).items()]
            edges += [_edge(x, edge, (1,)) for edge in FIXED]
        samples = [*_gadget_samples(merged), *((_places(equation), [0, None]) for equation in merged.equations)]
        columns = {name: j for j, name in enumerate(inputs)}
        x_rows = [[0] * len(inputs) for _ in samples]
        for row, (active, _) in zip(x_rows, samples, strict=True):
            for name in active:
                row[columns[name]] = 1
        network = {"inputs": inputs, "outputs": ["a", "b"], "edges": edges}
        labels = [label for _, label in samples]
        return d_nnt(network, x_rows, labels, bias=[0], activation="identity", loss="hamming", margin=0)

    def to_source_solution(self, source: EtrInv, form: str, parameters: Parameters) -> Values:
        """A variable that is left is the weight from s2 to m2; the others are its powers."""
        merged = inverse_equations(source)
        found = {}
        for name, literal in merged.literals.items():
            value = parameters.weights[f"s2.{literal.variable}", f"m2.{literal.variable}"]
            found[name] = value if literal.power == 1 else _inverse(value)
        return found

    def from_source_solution(self, source: EtrInv, form: str, solution: Values) -> Parameters:
        """The values as weights."""
        merged = inverse_equations(source)
        weights: dict[Edge, Number] = {}
        for x, original in merged.originals.items():
            value = solution[original]
            free = _free_sets((value,), (_inverse(value),))
            weights |= {_named(x, edge): only for edge, (only,) in free.items()}
            weights |= {_named(x, edge): 1 for edge in FIXED}
        return Parameters(weights, {v: 0 for _, v in weights})


def _free_sets(values: tuple[Number, ...], inverses: tuple[Number, ...]) -> dict[Edge, tuple[Number, ...]]:
    """The sets of the free weights of a variable, from those of the variable and of its inverse."""
    return {
        ("s1", "m1"): tuple(-value for value in values),
        ("s2", "m2"): values,
        ("s3", "m3"): inverses,
        ("s4", "m4"): tuple(-value for value in inverses),
        ("m3", "b"): values,
    }


def _gadget_samples(merged: InverseEquations) -> list[tuple[list[str], list[int | None]]]:
    """The inputs that are 1, and the labels of a and b, of the four samples of each variable."""
    kinds: list[tuple[tuple[str, ...], list[int | None]]] = [
        (("s1", "s2"), [0, None]),
        (("s3", "s4"), [0, None]),
        (("s3",), [None, 1]),
        (("s1", "s5"), [None, 0]),
    ]
    return [([f"{s}.{x}" for s in active], label) for x in merged.originals for active, label in kinds]


def _places(equation: Equation) -> list[str]:
    """The inputs at which the terms of an equation are."""
    return [f"{PLACE[term.sign, term.literal.power]}.{term.literal.variable}" for term in equation]


def _edge(x: str, edge: Edge, values: tuple[Number, ...]) -> dict[str, Any]:
    u, v = _named(x, edge)
    return {"from": u, "to": v, "weights": values}


def _named(x: str, edge: Edge) -> Edge:
    """The edge among the neurons of a variable; outputs are shared."""
    u, v = edge
    return f"{u}.{x}", v if v in ("a", "b") else f"{v}.{x}"


def _inverse(value: Number) -> Number:
    return reduced(Fraction(1) / value)


REDUCTION = EtrInvReduction()
