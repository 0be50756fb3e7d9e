"""Proof files: DRUP and LRAT, told apart by what they hold.

A DRUP proof (also the text form of DRAT) has one step per line: ``1 -2 0`` adds a clause, ``d 1 -2 0``
deletes one. An LRAT proof names clauses by numbers, those of the formula being 1..m:
``5 1 -2 0 3 4 0`` adds clause 5, which follows from 3 and 4; ``5 d 1 3 0`` deletes 1 and 3.

References: Heule, Hunt, Wetzler, "Trimming while checking clausal proofs", FMCAD 2013; Cruz-Filipe,
Heule, Hunt, Kaufmann, Schneider-Kamp, "Efficient certified RAT verification", CADE 2017.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qnnt.errors import InputError
from qnnt.proofs.tokens import DELETE, Integers, Tokens, tokens_of

LARGEST_VARIABLE = 2**31 - 1

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DrupProof:
    """Step i, on line `lines[i]`, adds or deletes the clause `literals[offsets[i]:offsets[i+1]]`."""

    lines: Integers
    deletes: Booleans
    offsets: Integers
    literals: Integers


@dataclass(frozen=True, slots=True)
class LratProof:
    """Step i, on line `lines[i]`, adds a clause under the number `ids[i]`, or deletes clauses.

    Its literals are `literals[offsets[i]:offsets[i+1]]`, none for deletions. The numbers that follow,
    `hints[hint_offsets[i]:hint_offsets[i+1]]`, are the hints, or the clauses to delete.
    """

    lines: Integers
    deletes: Booleans
    ids: Integers
    offsets: Integers
    literals: Integers
    hint_offsets: Integers
    hints: Integers


def read_proof(path: str) -> DrupProof | LratProof:
    """The steps of a proof file; ``.gz`` is unpacked. A file without steps is a DRUP proof.

    The first step decides for the whole file: LRAT if its second token is ``d`` or if it holds
    several zeros. Linear in the size of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is no text or malformed; names the file and the line.
    """
    tokens = tokens_of(_bytes_of(path), path)
    if _starts_as_lrat(tokens):
        return _lrat(tokens, path)
    return _drup(tokens, path)


def _bytes_of(path: str) -> bytes:
    try:
        raw = Path(path).read_bytes()
        return gzip.decompress(raw) if path.endswith(".gz") else raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"damaged gzip file: {error}", source=path) from None
    except OSError as error:
        raise InputError(f"cannot read: {(error.strerror or str(error)).lower()}", source=path) from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot read: {error}", source=path) from None
    except MemoryError:
        raise InputError("too large for the memory of this machine", source=path) from None


def _starts_as_lrat(tokens: Tokens) -> bool:
    if not len(tokens.lines):
        return False
    first = tokens.values[: tokens.offsets[1]]
    return bool((first[1:2] == DELETE).any() or (first == 0).sum() > 1)


def _drup(tokens: Tokens, source: str) -> DrupProof:
    deletes = tokens.values[tokens.starts] == DELETE
    _require(
        (tokens.count(0) == 1) & _ends_with_zero(tokens) & (tokens.count(DELETE) == deletes),
        tokens,
        "a step of a DRUP proof is literals and a 0 at the end, after a d if it deletes",
        source,
    )
    literals = tokens.values[(tokens.values != 0) & (tokens.values != DELETE)]
    offsets = _offsets_of(tokens.lengths - 1 - deletes)
    _require_literals(literals, offsets, tokens.lines, source)
    return DrupProof(tokens.lines, deletes, offsets, literals)


def _lrat(tokens: Tokens, source: str) -> LratProof:
    starts = tokens.starts
    last = len(tokens.values) - 1
    deletes = (tokens.lengths > 2) & (tokens.values[np.minimum(starts + 1, last)] == DELETE)
    _require(
        (tokens.values[starts] > 0)
        & (tokens.count(0) == np.where(deletes, 1, 2))
        & _ends_with_zero(tokens)
        & (tokens.count(DELETE) == deletes),
        tokens,
        'a step of an LRAT proof is "id literals 0 hints 0" or "id d ids 0"',
        source,
    )
    zeros = np.cumsum(tokens.values == 0)
    zeros -= np.repeat(zeros[starts], tokens.lengths)  # before each token, on its line: a line starts with its id
    deleting = np.repeat(deletes, tokens.lengths)
    inner = (tokens.values != 0) & (tokens.values != DELETE)
    inner[starts] = False
    is_literal = inner & ~deleting & (zeros == 0)
    is_hint = inner & ~is_literal
    offsets, hint_offsets = _running(is_literal)[tokens.offsets], _running(is_hint)[tokens.offsets]
    proof = LratProof(
        tokens.lines,
        deletes,
        tokens.values[starts],
        offsets,
        tokens.values[is_literal],
        hint_offsets,
        tokens.values[is_hint],
    )
    _require_literals(proof.literals, offsets, tokens.lines, source)
    backward = deleting[is_hint] & (proof.hints < 0)
    if backward.any():
        line = _line_of(int(backward.argmax()), hint_offsets, tokens.lines)
        raise InputError(f"line {line}: a deleted clause has a negative number", source=source)
    return proof


def _require(holds: Booleans, tokens: Tokens, form: str, source: str) -> None:
    if not holds.all():
        raise InputError(f"line {tokens.lines[holds.argmin()]}: {form}", source=source)


def _require_literals(literals: Integers, offsets: Integers, lines: Integers, source: str) -> None:
    beyond = np.abs(literals) > LARGEST_VARIABLE
    if beyond.any():
        at = int(beyond.argmax())
        line = _line_of(at, offsets, lines)
        raise InputError(f"line {line}: {literals[at]} is beyond the largest literal, 2^31 - 1", source=source)


def _line_of(entry: int, offsets: Integers, lines: Integers) -> int:
    return int(lines[np.searchsorted(offsets, entry, side="right") - 1])


def _ends_with_zero(tokens: Tokens) -> Booleans:
    ends: Booleans = tokens.values[tokens.offsets[1:] - 1] == 0
    return ends


def _offsets_of(lengths: Integers) -> Integers:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))


def _running(mask: Booleans) -> Integers:
    """How many hold before each place; shape (n + 1,)."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(mask, dtype=np.int64)))
