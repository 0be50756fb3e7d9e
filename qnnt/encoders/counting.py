"""Sums of literals and their thresholds as clauses: the choice of circuits.

Every circuit makes all thresholds of one sum at once, and equal parts of sums are shared. By name:

* trees of unary numbers (`qnnt.encoders.unary`, `qnnt.encoders.trees`): `totalizer`, `gte`, `seqcounter`,
  `bdd`;
* circuits of gates, one module each: `adder`, `sortnetwrk`, `cardnetwrk`, `mtotalizer`, and PySAT's own;
* `native`: cardinality constraints, which some solvers take as they are;
* `auto`: `totalizer`, and `adder` for sums whose tree would take more than `LARGEST_TREE` values at a node.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.gates import GateCircuit, Gates
from qnnt.encoders.leaves import Implications, Weighted, weighted
from qnnt.encoders.model import FALSE, TRUE, Integers, Rows, offsets_of
from qnnt.encoders.names import TREES
from qnnt.encoders.native import native_rows
from qnnt.encoders.requests import Requests
from qnnt.encoders.rows import flat
from qnnt.encoders.trees import block_tree, run_chain, weight_chain, weight_tree
from qnnt.encoders.unary import DOWN, TOO_LARGE, UP, Circuits, Forest, Mask
from qnnt.errors import UnsupportedError

_GATES: Mapping[str, tuple[str, str]] = {
    "adder": ("qnnt.encoders.adder", "adder"),
    "sortnetwrk": ("qnnt.encoders.sorting_network", "sortnetwrk"),
    "cardnetwrk": ("qnnt.encoders.sorting_network", "cardnetwrk"),
    "mtotalizer": ("qnnt.encoders.modulo_totalizer", "mtotalizer"),
}

LARGEST_TREE = 1 << 9
"""Values of one node up to which `auto` counts in unary."""
LARGEST_NODE = 1 << 13
"""Values of one node beyond which trees are refused."""
LARGEST_REPETITION = 1 << 9
"""Total weight up to which circuits for cardinalities take a literal several times."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting came to: sums per kind of circuit, and cardinality constraints for solvers that take them."""

    circuits: dict[str, int]
    at_most: Rows
    most: Integers


def count(builder: ClauseBuilder, requests: Requests, encoding: str, block: Integers) -> Counted:
    """Add the circuits.

    Parameters
    ----------
    encoding
        One of `qnnt.encoders.names.ENCODINGS`.
    block
        The block that each variable belongs to; only `totalizer` looks at it.

    Raises
    ------
    UnsupportedError
        If a sum is too large for the encoding, or its package is missing.
    """
    form = weighted(requests.sums)
    bound = requests.at_least - form.shift[requests.rows]
    settled = bound <= 0
    hopeless = bound > form.totals[requests.rows]
    _state(builder, requests, np.where(settled, TRUE, FALSE), settled | hopeless)
    open_rows = np.unique(requests.rows[~settled & ~hopeless])
    part = _open(requests, bound, ~settled & ~hopeless)
    at_most, most = Rows(np.zeros(1, np.int64), np.empty(0, np.int64)), np.empty(0, np.int64)
    if encoding in TREES or encoding == "auto":
        largest = LARGEST_TREE if encoding == "auto" else LARGEST_NODE
        rest = _count_by_trees(builder, form, part, encoding, block, largest)
        circuits = {encoding if encoding != "auto" else "totalizer": len(open_rows) - len(rest)}
        if len(rest):
            circuits["adder"] = len(rest)
            _count_by_gates(builder, form, part.of(rest), "adder")
    else:
        if encoding == "native":
            at_most, most = _count_natively(builder, form, part)
        else:
            _count_by_gates(builder, form, part, encoding)
        circuits = {encoding: len(open_rows)}
    return Counted({kind: number for kind, number in circuits.items() if number}, at_most, most)


def _open(requests: Requests, bound: Integers, chosen: Mask) -> Requests:
    """Some of the requests, with bounds on the weighted form."""
    return dataclasses.replace(
        requests,
        rows=requests.rows[chosen],
        at_least=bound[chosen],
        literals=requests.literals[chosen],
        up=requests.up[chosen],
        down=requests.down[chosen],
    )


def _state(builder: ClauseBuilder, requests: Requests, counted: Integers, chosen: Mask) -> None:
    """Clauses between what was counted and what the requests say."""
    up, down = chosen & requests.up, chosen & requests.down
    literals = requests.literals
    same = counted == literals
    builder.clauses(np.stack([-counted, literals], axis=1)[up & ~same])
    builder.clauses(np.stack([-literals, counted], axis=1)[down & ~same])


def _count_by_trees(
    builder: ClauseBuilder, form: Weighted, requests: Requests, encoding: str, block: Integers, largest: int
) -> Integers:
    """Trees for all rows whose nodes are small enough; the others are returned."""
    used, back = np.unique(requests.rows, return_inverse=True)
    part = form.of(used)
    forest = Forest(largest)
    known = Implications(builder.clause_rows())
    match encoding:
        case "gte":
            roots = weight_tree(forest, part)
        case "bdd":
            roots = weight_chain(forest, part)
        case "seqcounter":
            roots = run_chain(forest, part, known)
        case _:
            roots = block_tree(forest, part, known, block)
    small = roots[back] != TOO_LARGE
    if encoding != "auto" and not small.all():
        raise UnsupportedError(f"a sum takes more than {largest} values: too large for {encoding}")
    circuits = Circuits(forest)
    places = circuits.places(roots[back[small]], requests.at_least[small])
    literals, up, down = requests.literals[small], requests.up[small], requests.down[small]
    circuits.ask(places[up], UP)
    circuits.ask(places[down], DOWN)
    circuits.spread_demands()
    # a literal that is equivalent to its threshold, or a threshold that always or never holds, names it
    naming = (up & down) | (down & (literals == TRUE)) | (up & (literals == FALSE))
    circuits.name(places[naming], literals[naming])
    circuits.emit(builder)
    rows, at_least = requests.rows[small], requests.at_least[small]
    said = dataclasses.replace(requests, rows=rows, at_least=at_least, literals=literals, up=up, down=down)
    _state(builder, said, circuits.literals_of(places), np.ones(len(places), bool))
    rest: Integers = used[roots == TOO_LARGE]
    return rest


def _count_by_gates(builder: ClauseBuilder, form: Weighted, requests: Requests, encoding: str) -> None:
    """Circuits of gates, for all rows with equal weights and bounds at once."""
    gates = Gates(builder)
    circuit = _gate_circuit(encoding)
    pairs, back = np.unique(np.stack([requests.rows, requests.at_least], axis=1), axis=0, return_inverse=True)
    counted = np.zeros(len(pairs), np.int64)
    for literals, starts, weights, bounds in _alike(form, pairs):
        if encoding not in ("adder", "pindakaas"):
            _check_repetition(weights, encoding)
        counted[starts[:, None] + np.arange(len(bounds))] = circuit(gates, literals, weights, bounds)
    _state(builder, requests, counted[back.reshape(-1)], np.ones(len(requests.rows), bool))


def _count_natively(builder: ClauseBuilder, form: Weighted, requests: Requests) -> tuple[Rows, Integers]:
    """Cardinality constraints for all thresholds, and their bounds."""
    pairs, first, back = np.unique(
        np.stack([requests.rows, requests.at_least], axis=1), axis=0, return_index=True, return_inverse=True
    )
    named = requests.up[first] & requests.down[first]
    counted = np.where(named, requests.literals[first], 0)
    counted[~named] = builder.booleans(int((~named).sum()), "counted")
    lengths, entries, most = [], [], []
    for literals, starts, weights, bounds in _alike(form, pairs):
        _check_repetition(weights, "native")
        for k, bound in enumerate(bounds.tolist()):
            both = native_rows(literals, weights, counted[starts + k], bound)
            for table in (both.reached, both.missed):
                lengths.append(np.full(len(table), table.shape[1]))
                entries.append(table.ravel())
                most.append(np.full(len(table), both.most))
    _state(builder, requests, counted[back.reshape(-1)], np.ones(len(requests.rows), bool))
    return Rows(offsets_of(flat(lengths)), flat(entries)), flat(most)


def _alike(form: Weighted, pairs: Integers) -> Iterator[tuple[Integers, Integers, Integers, Integers]]:
    """Rows with equal weights and bounds: their literals, where their pairs start, weights and bounds in order.

    `pairs` are the distinct (row, bound), sorted; literals have shape (rows, terms).
    """
    rows, starts, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    groups: dict[tuple[bytes, bytes], list[int]] = {}
    for i, (row, start, number) in enumerate(zip(rows.tolist(), starts.tolist(), counts.tolist(), strict=True)):
        weights = np.sort(form.weights[form.offsets[row] : form.offsets[row + 1]])
        groups.setdefault((weights.tobytes(), pairs[start : start + number, 1].tobytes()), []).append(i)
    for (weights_key, bounds_key), members in groups.items():
        chosen = np.array(members, np.int64)
        weights, bounds = np.frombuffer(weights_key, np.int64), np.frombuffer(bounds_key, np.int64)
        places = form.offsets[rows[chosen]][:, None] + np.arange(len(weights))
        order = np.argsort(form.weights[places], axis=1, kind="stable")
        yield np.take_along_axis(form.literals[places], order, axis=1), starts[chosen], weights, bounds


def _check_repetition(weights: Integers, encoding: str) -> None:
    total = int(weights.sum())
    if total > LARGEST_REPETITION:
        raise UnsupportedError(f"the weights of a sum add up to {total}: too large for {encoding}")


def _gate_circuit(encoding: str) -> GateCircuit:
    if encoding in _GATES:
        module, name = _GATES[encoding]
        circuit: GateCircuit = getattr(importlib.import_module(module), name)
        return circuit
    from qnnt.encoders.pysat_circuits import pysat_circuit

    return pysat_circuit(encoding.removeprefix("pysat-"))
