"""Lowering: Model -> CNF.

Source
    A `Model`.
Target
    A `Cnf`. Clauses stay; bounded integers become forms of literals (`qnnt.encoders.integer_codes`), so
    that every linear, threshold and objective is one of sums of literals; those become circuits
    (`qnnt.encoders.counting`).
Numbering
    The Model's Boolean variable v is variable v here; integers give their number to their first
    literal. The rest follows. Equal models give equal clauses, byte by byte.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.counting import count
from qnnt.encoders.integer_codes import IntegerCodes, as_sums
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers, Model, Sums, by_length
from qnnt.encoders.requests import Requests
from qnnt.encoders.rows import row_keys, select, stacked
from qnnt.errors import UnsupportedError

LARGEST_LITERAL = 2**31 - 1
"""Solvers and proof formats count in 32 bits."""


def to_cnf(model: Model, encoding: str = "auto") -> Cnf:
    """The clauses of a Model.

    Parameters
    ----------
    encoding
        How sums are counted: one of `qnnt.encoders.names.ENCODINGS`.

    Raises
    ------
    UnsupportedError
        If a sum is too large for the encoding, or there are more variables than 32 bits tell apart.
    """
    builder = ClauseBuilder(len(model.lower) - 1, model.clauses)
    codes = IntegerCodes(model, builder)
    counted = count(builder, requests_of(model, codes), encoding, blocks_of(model, builder.variables))
    if builder.variables > LARGEST_LITERAL:
        raise UnsupportedError(f"{builder.variables} variables are more than 32 bits tell apart")
    soft, weights, constant = soft_literals(model, codes)
    values, bases = values_of(model, codes)
    return Cnf(
        variables=builder.variables,
        clauses=builder.clause_rows(),
        at_most=counted.at_most,
        most=counted.most,
        soft=soft,
        weights=weights,
        constant=constant,
        denominator=model.objective.denominator,
        values=values,
        bases=bases,
        circuits=counted.circuits,
    )


def requests_of(model: Model, codes: IntegerCodes) -> Requests:
    """Thresholds, linears, remaining equations and bounds of integers, all about sums of Booleans."""
    thresholds, linears = model.thresholds, model.linears
    stated = np.flatnonzero(~codes.used)
    equations = [codes.difference(v, form) for v, form in codes.equations]
    bounded = codes.bounded
    counted, counted_base = codes.substitute(thresholds.sums)
    bound, bound_base = codes.substitute(select(linears.sums, stated))
    others = as_sums([*equations, *(form for form, _, _ in bounded)])
    sums = stacked([counted, bound, others])
    least, most = sums.bounds(*_zero_to_one(sums))
    least[: len(counted)] = np.maximum(least[: len(counted)], thresholds.low - counted_base)
    most[: len(counted)] = np.minimum(most[: len(counted)], thresholds.high - counted_base)
    enforced = linears.enforced[stated]
    extra = len(counted) + len(bound) + np.arange(len(others))
    low = [-form.base for form in equations] + [lower - form.base for form, lower, _ in bounded]
    high = [1 - form.base for form in equations] + [upper + 1 - form.base for form, _, upper in bounded]
    rows = np.concatenate([thresholds.rows, len(counted) + np.arange(len(stated)), extra, extra])
    at_least = np.concatenate(
        [
            thresholds.at_least - counted_base[thresholds.rows],
            linears.at_least[stated] - bound_base,
            np.array(low, np.int64),
            np.array(high, np.int64),
        ]
    )
    literals = np.concatenate(
        [
            thresholds.literals,
            np.where(enforced == 0, TRUE, enforced),
            np.full(len(extra), TRUE),
            np.full(len(extra), FALSE),
        ]
    )
    number = len(thresholds.literals), len(stated), len(extra), len(extra)
    up = np.repeat([True, False, False, True], number)
    down = np.repeat([True, True, True, False], number)
    return _oriented(Requests(sums, least, most, rows, at_least, literals, up, down))


def _zero_to_one(sums: Sums) -> tuple[Integers, Integers]:
    """Bounds of Boolean variables, indexed by variable."""
    number = int(sums.variables.max(initial=0)) + 1
    return np.zeros(number, np.int64), np.ones(number, np.int64)


def _oriented(requests: Requests) -> Requests:
    """The same with a positive first coefficient in every row, and equal rows made one.

    ``-S >= k`` says ``not S >= 1 - k``: both ends of an equation are then about one sum.
    """
    sums = requests.sums
    filled = sums.lengths > 0
    flip = np.zeros(len(sums), bool)
    flip[filled] = sums.coefficients[sums.offsets[:-1][filled]] < 0
    signs = np.where(flip, -1, 1)
    turned = Sums(sums.offsets, sums.variables, sums.coefficients * np.repeat(signs, sums.lengths))
    number = np.empty(len(sums), np.int64)
    firsts: list[int] = []
    known: dict[bytes, int] = {}
    for length, rows in by_length(sums.lengths):
        places = sums.offsets[rows][:, None] + np.arange(length)
        keys = row_keys(np.concatenate([turned.variables[places], turned.coefficients[places]], axis=1))
        for row, key in zip(rows.tolist(), keys, strict=True):
            place = known.setdefault(key if length else b"", len(firsts))
            if place == len(firsts):
                firsts.append(row)
            number[row] = place
    turned_here = flip[requests.rows]
    low, high = np.full(len(firsts), -LARGEST), np.full(len(firsts), LARGEST)
    np.maximum.at(low, number, np.where(flip, -requests.high, requests.low))
    np.minimum.at(high, number, np.where(flip, -requests.low, requests.high))
    return Requests(
        select(turned, np.array(firsts, np.int64)),
        low,
        high,
        number[requests.rows],
        np.where(turned_here, 1 - requests.at_least, requests.at_least),
        np.where(turned_here, -requests.literals, requests.literals),
        np.where(turned_here, requests.down, requests.up),
        np.where(turned_here, requests.up, requests.down),
    )


def blocks_of(model: Model, variables: int) -> Integers:
    """The block of each variable; what is new here belongs to none of the Model's."""
    block = np.full(variables + 1, len(model.blocks))
    for i, (first, many, _) in enumerate(model.blocks):
        block[first : first + many] = i
    return block


def soft_literals(model: Model, codes: IntegerCodes) -> tuple[Integers, Integers, int]:
    """Literals that cost their positive weight, and the constant cost."""
    objective = model.objective
    sums = Sums(np.array([0, len(objective.variables)]), objective.variables, objective.coefficients)
    row, base = codes.substitute(sums)
    negative = row.coefficients < 0
    constant = objective.constant + int(base[0]) + int(row.coefficients[negative].sum())
    return np.where(negative, -row.variables, row.variables), np.abs(row.coefficients), constant


def values_of(model: Model, codes: IntegerCodes) -> tuple[Sums, Integers]:
    """The value of each of the Model's variables as a form over the variables of the clauses."""
    variables = np.arange(len(model.lower))
    if model.boolean[1:].all():
        offsets = np.concatenate(([0], np.arange(len(variables))))
        return Sums(offsets, variables[1:], np.ones(len(variables) - 1, np.int64)), np.zeros(len(variables), np.int64)
    forms = [codes.form(v) for v in variables[1:].tolist()]
    rows = as_sums(forms)
    offsets = np.concatenate(([0], rows.offsets))
    return Sums(offsets, rows.variables, rows.coefficients), np.array([0, *(form.base for form in forms)], np.int64)
