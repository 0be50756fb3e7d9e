"""JSON text: from a path, a ``.gz`` file or standard input; strict, with clear complaints."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qnnt.documents.fields import below
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.files.streams import STANDARD_INPUT, write_blocks

LONGEST_PATH = 300


class _Refused:
    """Stands in the parsed document for something that strict JSON or exact numbers do not allow."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


class _Repeated(dict[str, Any]):
    """An object in which a key occurs twice."""

    key = ""


def read_json(path: str, *, measured: bool = False) -> Any:
    """The document in a file; '-' is standard input, ``.gz`` is unpacked.

    `measured` documents (results) may hold floats: seconds and ratios that somebody measured.

    Raises
    ------
    InputError
        If the file cannot be read, is no UTF-8 or no JSON, repeats a key, or holds floats, NaN or
        integers of absurd length. It names the file and where in it.
    """
    source = "standard input" if path == STANDARD_INPUT else path
    try:
        return parse_json(_read_text(path), measured=measured)
    except InputError as error:
        raise error.within(source) from None


def _read_text(path: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        elif path.endswith(".gz"):
            raise InputError("not a gzip file, though its name ends in .gz")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start})") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"damaged gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"cannot read: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot read: {error}") from None
    except MemoryError:
        raise InputError("too large for the memory of this machine") from None


def parse_json(text: str, *, measured: bool = False) -> Any:
    """The document that a text holds; see `read_json`."""
    found: list[object] = []

    def refuse(problem: str) -> _Refused:
        refused = _Refused(problem)
        found.append(refused)
        return refused

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        body = dict(items)
        if len(body) == len(items):
            return body
        repeated = _Repeated(body)
        seen: set[str] = set()
        repeated.key = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        found.append(repeated)
        return repeated

    def integer(digits: str) -> object:
        if len(digits) > (4000 if measured else 21):  # a loss may be a long sum; int() takes 4300 digits
            return refuse("the number is beyond 2^62")
        return int(digits)

    def fraction(digits: str) -> _Refused:
        shown = digits if len(digits) <= 24 else digits[:21] + "..."
        return refuse(f'floats are not exact: write {shown} as an integer or as a rational string such as "3/2"')

    try:
        document = json.loads(
            text,
            parse_float=float if measured else fraction,
            parse_int=integer,
            parse_constant=lambda name: refuse(f"{name} is not a number of strict JSON"),
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        raise InputError(f"no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise InputError("no instance: lists nested too deeply") from None
    except MemoryError:
        raise InputError("too large for the memory of this machine") from None
    if found:
        _complain(document)
    return document


def _complain(document: object) -> None:
    """Raise for the first refused value of the document, in its order.

    Without recursion: the parser nests almost as deeply as Python's stack.
    """
    pending = [iter([("", document)])]
    while pending:
        for place, value in pending[-1]:
            path = place if len(place) <= LONGEST_PATH else place[:LONGEST_PATH] + "..."
            if isinstance(value, _Refused):
                raise InputError(value.problem, path)
            if isinstance(value, _Repeated):
                raise InputError(f"duplicate key {shown(value.key)}", path)
            if isinstance(value, dict | list):
                pending.append(_members(value, place))
                break
        else:
            pending.pop()


def _members(value: dict[str, Any] | list[Any], path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        return ((below(path, key), member) for key, member in value.items())
    return ((f"{path}[{i}]", member) for i, member in enumerate(value) if not isinstance(member, int))


def compact(document: object) -> str:
    """The canonical form: sorted keys, no spaces."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pretty(document: Mapping[str, Any]) -> str:
    """One member per line; long lists of plain values on one line each."""
    return _pretty(document, 0) + "\n"


def _pretty(value: object, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + depth <= 110 or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, list) and not any(isinstance(entry, dict | list) for entry in value):
        return flat
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {_pretty(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"
    parts = [pad + _pretty(entry, depth + 1) for entry in value]
    return "[\n" + ",\n".join(parts) + "\n" + " " * depth + "]"


def write_text(path: str, text: str) -> None:
    """Write a whole file or none of it, as `write_blocks` does."""
    # what UTF-8 cannot hold stands in JSON strings alone (a file name that is no text), where \udcff is an escape
    write_blocks(path, [text.encode(errors="backslashreplace")])
