"""A parameter times a neuron's value, for all rows of the value at once.

With order literals on both sides, w * f is a sum of ANDs of two literals: w expands from its value
nearest zero (``w = base + sum +-gap * u``, a step below the base counting with the negated literal),
and every u * g gets one AND literal, shared by all rows that hold g. Size: steps of w times distinct
literals of f, one variable and three clauses each.

Where that product is too large, or one side is an integer, one product constraint per row takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from qnnt.encoders.affine import Affine, Steps
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers
from qnnt.encoders.product_tables import table_product
from qnnt.encoders.weights import ParameterCode
from qnnt.errors import UnsupportedError

Variables = Callable[[], Integers]
"""Gives one variable per row that equals the row's numerator (made at the first call)."""


def product(
    builder: ModelBuilder,
    code: ParameterCode,
    value: Affine,
    steps: Steps | None,
    variables: Variables,
    pair_limit: int,
    table_limit: int,
    what: str,
) -> Affine:
    """``code * value``, row by row.

    Parameters
    ----------
    steps
        The value as a step function, where it is one.
    pair_limit
        ANDs beyond which integers take over.
    table_limit
        Entries of the table of parameter and cells up to which the product gets order literals.

    Raises
    ------
    UnsupportedError
        If a product could need more than 60 bits.
    """
    low, high = _corners(code, value, what)
    if len(code.values) == 1:
        terms = [(value.literals, int(code.scaled[0]) * value.coefficients)]
        constant = int(code.scaled[0]) * value.constant
        integral = value.integral
    elif value.terms == 0:
        terms, constant = _times_constant(code, value.constant)
        integral = code.variable != 0
    elif code.variable or value.integral or len(code.literals) * value.terms > pair_limit:
        terms = _by_product(builder, code, variables(), what)
        constant = np.zeros(len(low), np.int64)
        integral = True
    elif steps is not None and len(code.values) * len(steps.values) <= table_limit:
        constant, literals, coefficients = table_product(builder, code.scaled, code.literals, steps, f"{what} product")
        terms = [(literals, coefficients)]
        integral = False
    else:
        terms, constant = _by_pairs(builder, code, value, what)
        integral = False
    return Affine(
        constant,
        np.concatenate([literals for literals, _ in terms], axis=1),
        np.concatenate([coefficients for _, coefficients in terms], axis=1),
        low,
        high,
        code.denominator * value.denominator,
        integral,
    )


def _corners(code: ParameterCode, value: Affine, what: str) -> tuple[Integers, Integers]:
    """Bounds of the product: it is bilinear, so its extremes lie at corners."""
    ends = (int(code.scaled[0]), int(code.scaled[-1]))
    widest = max(map(abs, ends)) * max(int(np.abs(value.low).max()), int(np.abs(value.high).max()))
    if widest > LARGEST:
        raise UnsupportedError(f"the products of {what} could need more than 60 bits")
    corners = np.stack([end * side for end in ends for side in (value.low, value.high)])
    return corners.min(axis=0), corners.max(axis=0)


_Terms = list[tuple[Integers, Integers]]


def _times_constant(code: ParameterCode, numbers: Integers) -> tuple[_Terms, Integers]:
    """First-layer products: the order literals themselves, weighted by the input."""
    if code.variable:
        variables = np.full((len(numbers), 1), code.variable)
        return [(variables, code.stride * numbers[:, None])], int(code.scaled[0]) * numbers
    literals, gaps = _from_base(code)
    shape = (len(numbers), len(literals))
    terms = [(np.broadcast_to(literals, shape), numbers[:, None] * gaps[None, :])]
    return terms, int(code.scaled[code.base]) * numbers


def _from_base(code: ParameterCode) -> tuple[Integers, Integers]:
    """Literals and signed gaps with ``scaled = scaled[base] + sum gaps * literals``."""
    above = np.arange(len(code.literals)) >= code.base
    gaps = np.diff(code.scaled)
    return np.where(above, code.literals, -code.literals), np.where(above, gaps, -gaps)


def _by_pairs(builder: ModelBuilder, code: ParameterCode, value: Affine, what: str) -> tuple[_Terms, Integers]:
    literals, gaps = _from_base(code)
    base = int(code.scaled[code.base])
    used = np.where(value.coefficients == 0, FALSE, value.literals)
    distinct, index = np.unique(used, return_inverse=True)
    table = builder.pairs(literals, distinct, f"{what} and")
    index = index.reshape(used.shape)
    terms = [(np.broadcast_to(literals, (len(used), len(literals))), value.constant[:, None] * gaps[None, :])]
    terms += [(table[s][index], int(gap) * value.coefficients) for s, gap in enumerate(gaps)]
    if base:
        terms.append((value.literals, base * value.coefficients))
    _cut_by_value(builder, literals, table, index, value)
    return terms, base * value.constant


def _cut_by_value(builder: ModelBuilder, literals: Integers, table: Integers, index: Integers, value: Affine) -> None:
    """``low [w = v] <= [w = v] f <= high [w = v]`` for each v, where f's bounds are tighter than its literals'.

    Cuts for relaxations: with one f of many terms, the ANDs know only the range of each term.
    """
    negative = np.where(value.coefficients < 0, value.coefficients, 0).sum(axis=1)
    positive = np.where(value.coefficients > 0, value.coefficients, 0).sum(axis=1)
    tight = np.flatnonzero((value.low > value.constant + negative) | (value.high < value.constant + positive))
    if not len(tight):
        return
    f = value.rows(tight)
    ones = np.ones((len(tight), 1), np.int64)
    forms = [
        (TRUE, np.concatenate([f.literals, ones], axis=1), np.concatenate([f.coefficients, f.constant[:, None]], 1))
    ]
    for u, ands in zip(literals.tolist(), table, strict=True):
        chosen = np.concatenate([ands[index[tight]], u * ones], axis=1)
        weights = np.concatenate([f.coefficients, f.constant[:, None]], axis=1)
        if u < 0:  # a step below the base: w reaches it unless u holds
            whole = forms[0]
            forms.append((-u, np.concatenate([whole[1], chosen], axis=1), np.concatenate([whole[2], -weights], axis=1)))
        else:
            forms.append((u, chosen, weights))
    forms.append((FALSE, ones[:, :0], ones[:, :0]))
    for (here, literals_here, weights_here), (above, literals_above, weights_above) in pairwise(forms):
        product = np.concatenate([literals_here, literals_above, here * ones, above * ones], axis=1)
        for sign, bound in ((1, f.low), (-1, f.high)):
            limits = [-bound[:, None], bound[:, None]]
            sums, folded = builder.sums(product, sign * np.concatenate([weights_here, -weights_above, *limits], axis=1))
            builder.cuts(sums, -folded)


def _by_product(builder: ModelBuilder, code: ParameterCode, values: Integers, what: str) -> _Terms:
    """``scaled[0] * value + stride * (step variable * value)`` with one product per row."""
    step, stride, top = _step_variable(builder, code, what)
    first = int(code.scaled[0])
    lower, upper = builder.bounds_of_variables(values)
    product_low = np.minimum(0, top * lower)
    product_high = np.maximum(0, top * upper)
    products = builder.integers(product_low, product_high, f"{what} product")
    builder.products(products, np.full(len(values), step), values)
    terms = [(products[:, None], np.full((len(values), 1), stride))]
    if first:
        terms.append((values[:, None], np.full((len(values), 1), first)))
    return terms


def _step_variable(builder: ModelBuilder, code: ParameterCode, what: str) -> tuple[int, int, int]:
    """A variable t in 0..top with ``scaled = scaled[0] + stride * t``."""
    if code.variable:
        return code.variable, code.stride, len(code.values) - 1
    gaps = np.diff(code.scaled)
    stride = int(np.gcd.reduce(gaps))
    if len(gaps) == 1:
        return int(code.literals[0]), stride, 1
    return builder.weighted_count(code.literals, gaps // stride, f"{what} value"), stride, int(gaps.sum()) // stride
