"""Lowering: Model -> CP-SAT.

Source
    A `Model`.
Target
    A ``CpModel``. A clause is a Boolean or; a threshold two enforced linears, one per direction; a
    sum with several thresholds gets an integer variable first, so that its thresholds are bounds of
    that variable; products are integer products.
Size
    Per threshold two linears; per sum with several thresholds one integer and one linear more.
Speed
    The model is written as protocol-buffer text in blocks by template and parsed by the library,
    several times faster than one call per constraint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from qnnt.encoders.model import Integers, Model, Sums, by_length

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

BLOCK = 20_000
LARGEST = 2**62
"""Open ends of domains."""
VARIABLE = "variables{domain:[%d,%d]}"


def to_cp_model(
    model: Model, hint: Iterable[tuple[int, int]] = (), *, sum_variables_from: int = 1 << 30
) -> cp_model.CpModel:
    """The CP-SAT model; variable v of the Model has index v - 1 there.

    Parameters
    ----------
    hint
        (variable, value) pairs.
    sum_variables_from
        Sums with at least this many thresholds get an integer variable.
    """
    from ortools.sat.python import cp_model

    target = cp_model.CpModel()
    domains = np.stack([model.lower[1:], model.upper[1:]], axis=1)
    for block in chain(_filled(VARIABLE, domains), constraint_blocks(model, sum_variables_from)):
        target.proto.merge_text_format(block)
    pairs = list(hint)
    if pairs:
        variables = ",".join(str(variable - 1) for variable, _ in pairs)
        values = ",".join(str(value) for _, value in pairs)
        target.proto.merge_text_format(f"solution_hint{{vars:[{variables}]values:[{values}]}}")
    return target


def constraint_blocks(model: Model, sum_variables_from: int = 1 << 30) -> Iterator[str]:
    """What follows the Model's variables in the text: variables for sums if any, constraints, the objective."""
    clauses = model.clauses
    for length, rows in by_length(clauses.lengths):
        literals = _gathered(clauses.offsets, clauses.entries, rows, length)
        yield from _filled(f"constraints{{bool_or{{literals:{_list(length)}}}}}", _references(literals))
    linears = model.linears
    free = np.flatnonzero(linears.enforced == 0)
    yield from _linears(linears.sums, free, linears.at_least[free], None)
    bound = np.flatnonzero(linears.enforced)
    yield from _linears(linears.sums, bound, linears.at_least[bound], linears.enforced[bound])
    yield from _thresholds(model, sum_variables_from)
    product = "constraints{int_prod{target{vars:%d coeffs:1}exprs{vars:%d coeffs:1}exprs{vars:%d coeffs:1}}}"
    yield from _filled(product, model.products - 1)
    objective = model.objective
    if len(objective.variables):
        terms = _list(len(objective.variables))
        numbers = np.concatenate([objective.variables - 1, objective.coefficients])
        yield from _filled(f"objective{{vars:{terms}coeffs:{terms}}}", numbers[None, :])


def _thresholds(model: Model, sum_variables_from: int) -> Iterator[str]:
    """Both directions of every threshold, over the sum itself or over a variable that equals it."""
    thresholds = model.thresholds
    count = np.bincount(thresholds.rows, minlength=len(thresholds.sums))
    shared = np.flatnonzero(count >= sum_variables_from)
    low, high = thresholds.sums.bounds(model.lower, model.upper)
    yield from _filled(VARIABLE, np.stack([low[shared], high[shared]], axis=1))
    first = len(model.lower)
    variable = np.zeros(len(thresholds.sums), np.int64)
    variable[shared] = np.arange(first, first + len(shared))
    yield from _equations(thresholds.sums, shared, variable[shared])
    direct = variable[thresholds.rows] == 0
    rows, bounds, literals = thresholds.rows[direct], thresholds.at_least[direct], thresholds.literals[direct]
    yield from _linears(thresholds.sums, rows, bounds, literals)
    yield from _linears(thresholds.sums, rows, 1 - bounds, -literals, sign=-1)
    literals, bounds = thresholds.literals[~direct], thresholds.at_least[~direct]
    references = _references(literals), variable[thresholds.rows[~direct]] - 1, bounds
    above = f"constraints{{enforcement_literal:%d linear{{vars:%d coeffs:1 domain:[%d,{LARGEST}]}}}}"
    yield from _filled(above, np.stack(references, axis=1))
    below = f"constraints{{enforcement_literal:%d linear{{vars:%d coeffs:1 domain:[{-LARGEST},%d]}}}}"
    yield from _filled(below, np.stack([_references(-literals), references[1], bounds - 1], axis=1))


def _linears(sums: Sums, rows: Integers, at_least: Integers, enforced: Integers | None, sign: int = 1) -> Iterator[str]:
    """``sign * sums[rows[i]] >= at_least[i]``, under literal enforced[i] if given."""
    head = "" if enforced is None else "enforcement_literal:%d "
    for length, chosen in by_length(sums.lengths[rows]):
        variables = _gathered(sums.offsets, sums.variables, rows[chosen], length) - 1
        coefficients = sign * _gathered(sums.offsets, sums.coefficients, rows[chosen], length)
        columns = [] if enforced is None else [_references(enforced[chosen])[:, None]]
        columns += [variables, coefficients, at_least[chosen][:, None]]
        terms = _list(length)
        template = f"constraints{{{head}linear{{vars:{terms}coeffs:{terms}domain:[%d,{LARGEST}]}}}}"
        yield from _filled(template, np.concatenate(columns, axis=1))


def _equations(sums: Sums, rows: Integers, equal_to: Integers) -> Iterator[str]:
    """``sums[rows[i]] = variable equal_to[i]``."""
    for length, chosen in by_length(sums.lengths[rows]):
        variables = _gathered(sums.offsets, sums.variables, rows[chosen], length) - 1
        coefficients = _gathered(sums.offsets, sums.coefficients, rows[chosen], length)
        terms = _list(length + 1, last="-1")
        template = f"constraints{{linear{{vars:{_list(length + 1)}coeffs:{terms}domain:[0,0]}}}}"
        columns = [variables, equal_to[chosen][:, None] - 1, coefficients]
        yield from _filled(template, np.concatenate(columns, axis=1))


def _references(literals: Integers) -> Integers:
    """Literals as the proto counts them: variable v is v - 1, its negation -v."""
    return np.where(literals > 0, literals - 1, literals)


def _list(length: int, last: str = "%d") -> str:
    return "[" + ",".join(["%d"] * (length - 1) + [last] * (length > 0)) + "]"


def _gathered(offsets: Integers, entries: Integers, rows: Integers, length: int) -> Integers:
    """The entries of rows that all have this length, shape (rows, length)."""
    return np.take(entries, offsets[rows][:, None] + np.arange(length))


def _filled(template: str, numbers: Integers) -> Iterator[str]:
    """The template filled with each row of numbers, in blocks of text."""
    for start in range(0, len(numbers), BLOCK):
        block = numbers[start : start + BLOCK]
        yield (template * len(block)) % tuple(block.ravel().tolist())
