"""What is known of a Model's variables, in the literals of what a solver gets."""

from __future__ import annotations

from collections.abc import Sequence

from qnnt.encoders.model import Integers, Sums


def hint_literals(values: Sums, bases: Integers, hint: Sequence[tuple[int, int]]) -> list[int]:
    """Literals that say that the Model's variables have these values, where literals can.

    Parameters
    ----------
    values, bases
        The Model's variable v has the value ``bases[v] + values[v]``, a form over what the solver gets.
    """
    found = []
    for variable, value in hint:
        part = slice(int(values.offsets[variable]), int(values.offsets[variable + 1]))
        found += _literals_of(
            values.variables[part].tolist(), values.coefficients[part].tolist(), value - int(bases[variable])
        )
    return found


def _literals_of(variables: list[int], coefficients: list[int], value: int) -> list[int]:
    """The digits or order literals of a value: greedily from the largest coefficient, first things first."""
    found = []
    for variable, coefficient in sorted(
        zip(variables, coefficients, strict=True), key=lambda term: (-term[1], term[0])
    ):
        holds = coefficient <= value
        value -= coefficient * holds
        found.append(variable if holds else -variable)
    return found if value == 0 else []
