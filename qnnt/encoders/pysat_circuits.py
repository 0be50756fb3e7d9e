"""The encoders of PySAT as circuits: its cardinality and pseudo-Boolean encodings, for comparison.

Formula
    For a threshold x of ``sum >= k`` PySAT encodes ``sum >= k``, which is to hold where x does, and
    ``sum <= k - 1``, where x does not. Most of such a formula only defines its own variables: with these at
    some fixed values, found by descent, all its clauses hold but a few, whatever is counted. Those few get the
    condition (-x, or x) as one more literal.
Source
    Sums of literals with positive weights. A literal of weight w enters CardEnc w times, so the total of the
    weights should be some hundreds at most; PBEnc (the `pindakaas` names) takes weights as they are.
Target
    Clauses: one template per list of weights and bound, filled in for all rows at once. Equal rows are one;
    different bounds share nothing.
Size
    Of both templates, plus one variable, per row and bound.
Reference
    Ignatiev, Morgado, Marques-Silva, PySAT: a Python toolkit for prototyping with SAT oracles, SAT 2018; the
    encodings' papers are cited in the documentation of pysat.card and, for PBEnc, of pindakaas.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.gates import GateCircuit, Gates
from qnnt.encoders.model import Integers
from qnnt.errors import InputError, UnsupportedError

CARDINALITY = ("seqcounter", "sortnetwrk", "cardnetwrk", "totalizer", "mtotalizer", "kmtotalizer")
"""Names of pysat.card.EncType that take every bound (pairwise, bitwise and ladder take the outermost only)."""

PSEUDO_BOOLEAN = {
    "pindakaas": "best",
    **{
        f"pindakaas-{name}": name
        for name in ("bdd", "seqcounter", "sortnetwrk", "adder", "binmerge", "watchdog", "totalizer", "mixedradix")
    },
}
"""Names of pysat.pb.EncType; the first leaves the choice to pindakaas."""

Clauses = list[list[int]]


def pysat_circuit(encoding_name: str) -> GateCircuit:
    """The circuit with this encoding of PySAT: one of `CARDINALITY` or `PSEUDO_BOOLEAN`.

    Raises
    ------
    InputError
        For unknown names.
    UnsupportedError
        If the encoding needs a package that is not installed.
    """
    if encoding_name not in (*CARDINALITY, *PSEUDO_BOOLEAN):
        known = ", ".join((*CARDINALITY, *PSEUDO_BOOLEAN))
        raise InputError(f"unknown encoding {encoding_name!r} of pysat; known: {known}")
    if encoding_name in PSEUDO_BOOLEAN and importlib.util.find_spec("pindakaas") is None:
        raise UnsupportedError(f"the encoding {encoding_name} of pysat needs: pip install pindakaas")

    def circuit(gates: Gates, literals: Integers, weights: Integers, bounds: Integers) -> Integers:
        """Literals ``sum weights[j] * literals[i, j] >= bounds[k]``, shape (rows, bounds)."""
        return np.column_stack(
            [_thresholds(gates, encoding_name, literals, tuple(weights.tolist()), k) for k in bounds.tolist()]
        )

    return circuit


def _thresholds(gates: Gates, encoding: str, literals: Integers, weights: tuple[int, ...], bound: int) -> Integers:
    if len(weights) == 1:
        return literals
    reached, missed = (_template(encoding, weights, bound, upward) for upward in (True, False))

    def make(inputs: Integers) -> Integers:
        thresholds = gates.builder.booleans(len(inputs), "threshold")
        reached.fill(gates.builder, inputs, thresholds)
        missed.fill(gates.builder, inputs, -thresholds)
        return thresholds[:, None]

    return gates.once(("pysat", encoding, weights, bound), literals, 1, make)


@dataclass(frozen=True)
class _Template:
    """A formula over places: 1..terms the inputs, then its own variables, then the condition.

    Attributes
    ----------
    variables
        How many it has of its own.
    clauses
        Those of one length each, shape (clauses, length); signed places.
    """

    variables: int
    clauses: tuple[Integers, ...]

    def fill(self, builder: ClauseBuilder, inputs: Integers, conditions: Integers) -> None:
        """Write it for each row, to hold where the row's condition does."""
        rows = len(inputs)
        own = builder.booleans(rows * self.variables, "pysat").reshape(rows, self.variables)
        table = np.column_stack([np.zeros(rows, np.int64), inputs, own, conditions])
        for places in self.clauses:
            builder.clauses((table[:, np.abs(places)] * np.sign(places)).reshape(-1, places.shape[1]))


@lru_cache(maxsize=1024)
def _template(encoding: str, weights: tuple[int, ...], bound: int, upward: bool) -> _Template:
    """The formula of ``sum >= bound``, or of ``sum <= bound - 1``."""
    encode = _pseudo_boolean if encoding in PSEUDO_BOOLEAN else _cardinality
    terms = len(weights)
    clauses = _tidied(encode(encoding, weights, bound, upward))
    own = max([terms, *(abs(place) for clause in clauses for place in clause)]) - terms
    condition = terms + own + 1
    loose = min((_loose(clauses, terms, own, start) for start in (True, False)), key=len)
    for number in loose:
        clauses[number] = [*clauses[number], -condition]
    lengths = sorted({len(clause) for clause in clauses})
    tables = (np.array([clause for clause in clauses if len(clause) == length], np.int64) for length in lengths)
    return _Template(own, tuple(tables))


def _cardinality(encoding: str, weights: tuple[int, ...], bound: int, upward: bool) -> Clauses:
    """By CardEnc, over one input for each unit of weight; then the units of a term are one."""
    from pysat.card import CardEnc, EncType

    total, terms = sum(weights), len(weights)
    encode, limit = (CardEnc.atleast, bound) if upward else (CardEnc.atmost, bound - 1)
    formula = encode(list(range(1, total + 1)), limit, encoding=getattr(EncType, encoding))
    term = [0, *(j for j, weight in enumerate(weights, 1) for _ in range(weight))]

    def place(literal: int) -> int:
        variable = abs(literal)
        found = term[variable] if variable <= total else variable - total + terms
        return found if literal > 0 else -found

    return [[place(literal) for literal in clause] for clause in formula.clauses]


def _pseudo_boolean(encoding: str, weights: tuple[int, ...], bound: int, upward: bool) -> Clauses:
    """By PBEnc, which pindakaas does."""
    from pysat.pb import EncType, PBEnc

    encode, limit = (PBEnc.atleast, bound) if upward else (PBEnc.atmost, bound - 1)
    kind = getattr(EncType, PSEUDO_BOOLEAN[encoding])
    inputs = list(range(1, len(weights) + 1))
    clauses: Clauses = encode(inputs, weights=list(weights), bound=limit, encoding=kind).clauses
    return clauses


def _tidied(clauses: Clauses) -> Clauses:
    """Without repeated literals, repeated clauses and tautologies."""
    sets = (tuple(sorted(set(clause), key=lambda place: (abs(place), place))) for clause in clauses)
    return [list(clause) for clause in dict.fromkeys(sets) if not any(-place in clause for place in clause)]


def _loose(clauses: Clauses, terms: int, own: int, start: bool) -> list[int]:
    """The clauses that fail to hold, by own variables alone, at some fixed values of these.

    All values start alike; each is turned while that makes more clauses hold.
    """
    occurrences: dict[int, list[int]] = {}
    held = [0] * len(clauses)
    value = dict.fromkeys(range(terms + 1, terms + own + 1), start)
    for number, clause in enumerate(clauses):
        for place in clause:
            if abs(place) > terms:
                occurrences.setdefault(place, []).append(number)
                held[number] += (place > 0) == start
    improved = True
    while improved:
        improved = False
        for variable, now in value.items():
            true = variable if now else -variable
            lost, won = occurrences.get(true, []), occurrences.get(-true, [])
            if sum(held[i] == 0 for i in won) > sum(held[i] == 1 for i in lost):
                improved, value[variable] = True, not now
                for i in won:
                    held[i] += 1
                for i in lost:
                    held[i] -= 1
    return [number for number, count in enumerate(held) if count == 0]
