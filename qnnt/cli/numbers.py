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
    import re

    from qnnt.errors import InputError
    from qnnt.exact import to_number

    whole = re.fullmatch(r"[+-]?[0-9]{1,20}", text)
    bound = to_number(int(text) if whole else text)
    if bound < 0:
        raise InputError(f"expected a bound of at least 0, got {bound}")
    return bound
