"""Encoders with one mistake each, as people make them: the fuzzer must find every one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qnnt.encoders import order, products, symmetry
from qnnt.encoders.affine import Affine
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import TRUE, Integers, Sums
from qnnt.encoders.weights import ParameterCode, parameter_code
from qnnt.exact import Number
from qnnt.instance import Instance

Break = Callable[[pytest.MonkeyPatch], None]


def off_by_one_threshold(patch: pytest.MonkeyPatch) -> None:
    """``sum > k`` where ``sum >= k`` is meant."""
    right = ModelBuilder.at_least

    def at_least(
        self: ModelBuilder, sums: Sums, bounds: Integers, low: Integers, high: Integers, what: str
    ) -> Integers:
        return right(self, sums, bounds + 1, low, high, what)

    patch.setattr(ModelBuilder, "at_least", at_least)


def lost_polarity(patch: pytest.MonkeyPatch) -> None:
    """An AND literal that may be false though both its literals hold."""

    def pairs(self: ModelBuilder, left: Integers, right: Integers, what: str) -> Integers:
        table = np.broadcast_to(right, (len(left), len(right))).copy()
        table[:, right == TRUE] = left[:, None]
        open_right = np.flatnonzero(np.abs(right) != TRUE)
        fresh = self.booleans(len(left) * len(open_right), what)
        table[:, open_right] = fresh.reshape(len(left), len(open_right))
        self.clauses(np.stack([-fresh, np.repeat(left, len(open_right))], axis=1))
        self.clauses(np.stack([-fresh, np.tile(right[open_right], len(left))], axis=1))
        return table

    patch.setattr(ModelBuilder, "pairs", pairs)


def wrong_bias_sign(patch: pytest.MonkeyPatch) -> None:
    """Biases are subtracted where they are added."""
    right = products.product

    def product(builder: ModelBuilder, code: ParameterCode, factor: Affine, *rest: Any) -> Affine:
        found = right(builder, code, factor, *rest)
        if rest[2:4] != (0, 0):  # only biases are multiplied by 1 without any limits
            return found
        return dataclasses.replace(
            found, constant=-found.constant, coefficients=-found.coefficients, low=-found.high, high=-found.low
        )

    patch.setattr(order, "product", product)


def classes_that_are_none(patch: pytest.MonkeyPatch) -> None:
    """Neurons count as interchangeable whatever their outgoing weights may be."""

    def interchangeable(instance: Instance) -> list[list[str]]:
        network = instance.network
        classes: dict[object, list[str]] = {}
        for v in network.hidden:
            before = network.predecessors[v]
            incoming = tuple(instance.weights[u, v] for u in before)
            kind = before, network.successors[v], instance.activations[v], instance.biases[v], incoming
            classes.setdefault(kind, []).append(v)
        return [members for members in classes.values() if len(members) > 1]

    patch.setattr(symmetry, "interchangeable", interchangeable)


def missing_clause(patch: pytest.MonkeyPatch) -> None:
    """Order literals without the clauses that order them."""

    def unordered(builder: ModelBuilder, values: tuple[Number, ...], literal_limit: int, what: str) -> ParameterCode:
        right = parameter_code(ModelBuilder(), values, literal_limit, what)
        if right.variable or len(values) == 1:
            return parameter_code(builder, values, literal_limit, what)
        return dataclasses.replace(right, literals=builder.booleans(len(values) - 1, what))

    patch.setattr(order, "parameter_code", unordered)


BROKEN: tuple[Break, ...] = (
    off_by_one_threshold,
    lost_polarity,
    wrong_bias_sign,
    classes_that_are_none,
    missing_clause,
)
