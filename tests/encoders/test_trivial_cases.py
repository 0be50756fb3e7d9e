"""The edges of the contract, in every encoding, against a hand-computed optimum or enumeration."""

from __future__ import annotations

from fractions import Fraction

import pytest

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.switches import SWITCHES
from qnnt.exact import Number
from qnnt.instance import Instance
from tests.encoders.answers import assert_optimum, decided

PARTIAL = {"type": "table", "values": [[0, 3], [2, 1]]}


def any_network(
    outputs: list[str], edges: list[tuple[str, str]], x: list[list[int]], y: list[list[int | None]], loss: str
) -> Instance:
    names = [f"x{i + 1}" for i in range(len(x[0]))]
    body = {"inputs": names, "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in edges]}
    return d_nnt(body, x, y, weights=[-1, 0, 2], bias=[0, 1], activation="relu", loss=loss)


CASES: dict[str, tuple[Instance, Number | None]] = {
    "no hidden neuron": (d_qnnt(3, [2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]), 1),
    "xor with a hidden layer": (d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]), 0),
    "one sample": (d_qnnt(2, [1, 1, 1], [[1]], [[1]]), 0),
    "no sample": (d_qnnt(3, [1, 2, 1], [], []), 0),
    "no sample, any loss": (d_nnt([1, 1], [], [], weights=[1], bias=[0], activation="relu", loss="linf"), 0),
    "all sets are singletons": (
        d_nnt([1, 1, 1], [[1], [2]], [[5], [6]], weights=[2], bias=[1], activation="identity", loss="absolute"), 7,
    ),
    "all inputs are zero": (d_qnnt(3, [2, 2, 1], [[0, 0], [0, 0], [0, 0]], [[1], [0], [1]]), 1),
    "labels that contradict each other": (d_qnnt(3, [1, 1], [[1], [1], [1]], [[0], [1], [1]], weight=[4, 1, 2]), 3),
    "labels out of range": (d_qnnt(3, [1, 1], [[1], [0]], [[-1], [1]]), 1),
    "labels out of reach": (
        d_nnt([1, 1], [[1]], [[9]], weights=[0, 1], bias=[0, 1], activation="relu", loss="squared"), 49,
    ),
    "all labels masked": (d_qnnt(3, [2, 2], [[1, 0], [0, 1]], [[None, None], [None, None]]), 0),
    "all labels masked under a table": (
        d_nnt([1, 1], [[1], [2]], [[None], [None]], weights=[0, 1], bias=[0], activation=PARTIAL), 0,
    ),
    "some labels masked": (d_qnnt(3, [1, 2], [[1], [1], [1]], [[1, None], [None, 0], [0, 1]]), 1),
    "nothing is admissible": (
        d_nnt([1, 1], [[1], [3]], [[3], [1]], weights=[1, 2], bias=[0, 1], activation=PARTIAL), None,
    ),
    "nothing is admissible behind a hidden table": (
        d_nnt({"layers": [1, 1, 1], "neurons": {"h1_1": {"activation": PARTIAL}}}, [[1]], [[None]],
              weights=[5], bias=[0], activation="relu"), None,
    ),
    "the loss is undefined everywhere": (
        d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="identity",
              loss={"type": "table", "values": [[7, 1, 0]]}), None,
    ),
    "the loss is undefined somewhere": (
        d_nnt([1, 1], [[1]], [[1]], weights=[0, 1, 2], bias=[0], activation="identity",
              loss={"type": "table", "values": [[2, 1, 6], [1, 1, "15/2"], [0, 2, 0]]}), 6,
    ),
    "an output without in-edges": (any_network(["o", "p"], [("x1", "o")], [[1], [1]], [[1, 1], [2, 0]], "hamming"), 2),
    "an output that others read": (
        any_network(["o", "p"], [("x1", "o"), ("o", "p"), ("x1", "p")], [[1], [2]], [[2, 4], [4, 9]], "absolute"), 1,
    ),
    "an input that nothing reads": (any_network(["o"], [("x2", "o")], [[9, 1], [7, 1]], [[2], [2]], "mismatch"), 0),
    "no edge at all": (any_network(["o"], [], [[1], [2]], [[1], [0]], "mismatch"), 1),
    "the same neuron twice over identities": (
        d_nnt({"inputs": ["x"], "outputs": ["o"], "edges": [
                  {"from": "x", "to": "a"}, {"from": "a", "to": "b"}, {"from": "a", "to": "o"},
                  {"from": "b", "to": "o"},
              ]}, [[1], [2], [-1]], [[6], [12], [-6]], weights=[-1, 1, 2], bias=[0], activation="identity",
              loss="absolute"), 0,
    ),
    "largest gaps under masks": (
        d_nnt([1, 3], [[1], [2], [3]], [[5, None, 1], [None, None, None], [None, "7/2", None]], weights=[0, 1],
              bias=[0], activation="identity", loss="linf", weight=[2, 5, 3]), Fraction(19, 2),
    ),
    "negative labels under hinge": (
        d_nnt([1, 1], [[1], [-1]], [[-3], [2]], weights=[-1, 1], bias=[0], activation="identity",
              loss={"type": "hinge", "margin": "5/2"}), Fraction(1, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("case", CASES)
def test_optimum_and_decisions(case: str, name: str) -> None:
    instance, loss = CASES[case]
    assert minimum(instance).loss == loss
    assert_optimum(instance, name, loss)


@pytest.mark.parametrize("name", SWITCHES)
def test_bounds_zero_and_all(name: str) -> None:
    instance = d_qnnt(2, [1, 1], [[0], [1], [1]], [[1], [0], [1]])
    best = minimum(instance).loss
    assert best == 2
    assert [decided(instance, name, bound) for bound in range(4)] == [False, False, True, True]
