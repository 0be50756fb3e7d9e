"""Reading typed fields out of documents; every complaint names its path."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Integral
from typing import Any

from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_number


def below(path: str, key: str) -> str:
    """The path of a member."""
    if not key.isidentifier() or len(key) > 60:
        return f"{path}[{shown(key)}]"
    return f"{path}.{key}" if path else key


def as_object(value: object, path: str, known: Collection[str], required: Collection[str] = ()) -> Mapping[str, Any]:
    """A JSON object with no unknown keys and all required ones."""
    if not isinstance(value, Mapping):
        raise InputError(f"expected an object, got {shown(value)}", path)
    for key in value:
        if key not in known:
            hint = ", ".join(sorted(known)) or "none"
            raise InputError(f"unknown key {shown(key)}; known keys: {hint}", path)
    for key in required:
        if key not in value:
            raise InputError(f"the key {key!r} is missing", path)
    return value


def as_map(value: object, path: str) -> Mapping[str, Any]:
    """A JSON object with arbitrary keys."""
    if not isinstance(value, Mapping):
        raise InputError(f"expected an object, got {shown(value)}", path)
    return value


def as_list(value: object, path: str) -> list[Any]:
    """A JSON array; NumPy arrays and tuples are taken as well."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, list):
        raise InputError(f"expected a list, got {shown(value)}", path)
    return value


def as_text(value: object, path: str) -> str:
    """A JSON string."""
    if not isinstance(value, str):
        raise InputError(f"expected a string, got {shown(value)}", path)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError(f"{shown(value)} holds half a surrogate pair, which is no text", path)
    return value


def as_integer(value: object, path: str, low: int | None = None, high: int | None = None) -> int:
    """An integer within [low, high]."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputError(f"expected an integer, got {shown(value)}", path)
    value = int(value)  # from NumPy's
    if low is not None and value < low:
        raise InputError(f"expected an integer of at least {low}, got {shown(value)}", path)
    if high is not None and value > high:
        raise InputError(f"expected an integer of at most {high}, got {shown(value)}", path)
    return value


def as_numbers(value: object, path: str) -> tuple[Number, ...]:
    """A list of exact numbers."""
    return tuple(to_number(entry, f"{path}[{i}]") for i, entry in enumerate(as_list(value, path)))


def as_value_set(value: object, path: str) -> tuple[Number, ...]:
    """A non-empty set of exact numbers, sorted; repeated values are merged."""
    numbers = as_numbers(value, path)
    if not numbers:
        raise InputError("the set of values is empty", path)
    return tuple(sorted(set(numbers)))
