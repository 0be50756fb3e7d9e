"""Exact numbers on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qnnt.exact import Number


def bound_of(text: str) -> Number:
    """A bound such as ``3`` or ``3/2``.

    Raises
    ------
    InputError
        If it is no exact number of at least 0.
    """
    from qnnt.errors import InputError
    from qnnt.exact import to_number

    whole = text.lstrip("+-").isdigit() and len(text) < 21
    bound = to_number(int(text) if whole else text)
    if bound < 0:
        raise InputError(f"expected a bound of at least 0, got {bound}")
    return bound
