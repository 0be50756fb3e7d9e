from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from qnnt.errors import InputError
from qnnt.proofs.parsing import DrupProof, LratProof, read_proof


def read(folder: Path, data: str | bytes, name: str = "p.drup") -> DrupProof | LratProof:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_proof(str(path))


def rows(offsets: np.ndarray, entries: np.ndarray) -> list[list[int]]:
    return [entries[start:end].tolist() for start, end in pairwise(offsets)]


def test_drup(tmp_path: Path) -> None:
    proof = read(tmp_path, "1 -2 0\nd 3 0\n\n0\n")
    assert isinstance(proof, DrupProof)
    assert proof.lines.tolist() == [1, 2, 4]
    assert proof.deletes.tolist() == [False, True, False]
    assert rows(proof.offsets, proof.literals) == [[1, -2], [3], []]


def test_lrat(tmp_path: Path) -> None:
    proof = read(tmp_path, "5 1 -2 0 3 -4 0\n5 d 1 3 0\n7 d 0\nc 1\n9 0 5 0\n10 0 0")
    assert isinstance(proof, LratProof)
    assert proof.lines.tolist() == [1, 2, 3, 5, 6]
    assert proof.deletes.tolist() == [False, True, True, False, False]
    assert proof.ids.tolist() == [5, 5, 7, 9, 10]
    assert rows(proof.offsets, proof.literals) == [[1, -2], [], [], [], []]
    assert rows(proof.hint_offsets, proof.hints) == [[3, -4], [1, 3], [], [5], []]


@pytest.mark.parametrize("name", ["1 2 0", "d 1 2 0", "0", "d 0", "", "c 1 2 0 3 0\n1 0"])
def test_what_is_drup(name: str, tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, name), DrupProof)


@pytest.mark.parametrize("name", ["1 2 0 3 0", "1 d 2 0", "1 0 0", "1 d 0", "c\n1 0 2 0"])
def test_what_is_lrat(name: str, tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, name), LratProof)


@pytest.mark.parametrize("data", ["", "\n\n", "c", "c\n", "c anything 0 d\n \t\n", " \tc x", "c \u00e9 \n", "\r\n"])
def test_nothing_in_it(data: str, tmp_path: Path) -> None:
    proof = read(tmp_path, data)
    assert isinstance(proof, DrupProof)
    assert not len(proof.lines)
    assert not len(proof.literals)
    assert proof.offsets.tolist() == [0]


@pytest.mark.parametrize("data", ["1 2 0\r\nd 1 0\r\n", "1\t2 \t0  \n\n  d 1 0", "c\n1 2 0\nc d 0 0\nd 1 0\nc"])
def test_white_space_and_comments(data: str, tmp_path: Path) -> None:
    proof = read(tmp_path, data)
    assert rows(proof.offsets, proof.literals) == [[1, 2], [1]]
    assert proof.deletes.tolist() == [False, True]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("1 2\n", "line 1: a step of a DRUP proof"),
        ("1 0\n2 3", "line 2: a step of a DRUP proof"),
        ("d", "line 1: a step of a DRUP proof"),
        ("1 0\n1 0 2 0", "line 2: a step of a DRUP proof"),
        ("1 0\n0 2", "line 2: a step of a DRUP proof"),
        ("1 0\nd d 2 0", "line 2: a step of a DRUP proof"),
        ("1 0\n2 d 2 0", "line 2: a step of a DRUP proof"),
        ("1 0\n\n5 d 2 0", "line 3: a step of a DRUP proof"),
        ("0 0", "line 1: a step of an LRAT proof"),
        ("-1 0 0", "line 1: a step of an LRAT proof"),
        ("d d 0", "line 1: a step of an LRAT proof"),
        ("1 2 0 3 0\n1 2 0", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n2 1 0 2 0 3 0", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n2 1 0 2 0 3", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n2 1 0 d 3 0", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\nd 1 0", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n1 d", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n1 d 1 0 0", "line 2: a step of an LRAT proof"),
        ("1 2 0 3 0\n1 d 1 -2 0", "line 2: a deleted clause has a negative number"),
        ("1 2 0\n1 x 0", "line 2: 'x' is not an integer of at most 18 digits"),
        ("1 2 0\n\nc\n a 1 0", "line 4: 'a' is not an integer of at most 18 digits"),
        ("cnf 1 0", "line 1: 'cnf' is not"),
        ("1 c 0", "line 1: 'c' is not"),
        ("1 dd 0", "line 1: 'dd' is not"),
        ("p cnf 1 2", "line 1: 'p' is not"),
        ("1 1.5 0", "line 1: '1.5' is not"),
        ("1 - 0", "line 1: '-' is not"),
        ("1 --2 0", "line 1: '--2' is not"),
        ("1 +2 0", "line 1: '+2' is not"),
        ("1 2-3 0", "line 1: '2-3' is not"),
        ("1 -0", "line 1: '-0' is not"),
        ("1 00", "line 1: '00' is not"),
        ("1 1000000000000000000 0", "line 1: '1000000000000000000' is not"),
        (f"1 {'9' * 100} 0", "line 1: '999999999999999999999...' is not"),
        ("1 2147483648 0", "line 1: 2147483648 is beyond the largest literal"),
        ("1 0\n1 -2147483648 3 0", "line 2: -2147483648 is beyond the largest literal"),
        ("1 0\n\u00e9 0", "line 2: not a text"),
        ("1 0\n\x0b 0", "line 2: not a text"),
    ],
)
def test_malformed(data: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, data)
    assert str(error.value).startswith(f"{tmp_path / 'p.drup'}: {problem}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "data", [b"a\x02\x05\x00d\x02\x00", b"a\x02\x05", b"\x80", b"1 0\n\xff\xfe", bytes(range(256))]
)
def test_binary(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a text"):
        read(tmp_path, data)


def test_long_numbers_of_lrat(tmp_path: Path) -> None:
    proof = read(tmp_path, "999999999999999999 2147483647 0 -999999999999999998 0")
    assert isinstance(proof, LratProof)
    assert (proof.ids[0], proof.literals[0], proof.hints[0]) == (10**18 - 1, 2**31 - 1, 2 - 10**18)


def test_gzip(tmp_path: Path) -> None:
    proof = read(tmp_path, gzip.compress(b"1 -2 0\n0\n", mtime=0), "p.drup.gz")
    assert rows(proof.offsets, proof.literals) == [[1, -2], []]


@pytest.mark.parametrize(
    "data",
    [b"1 0\n", gzip.compress(b"1 0\n" * 99, mtime=0)[:-9], b"", gzip.compress(b"1 0\n", mtime=0) + b"x"],
    ids=["plain", "cut", "empty", "with a tail"],
)
def test_damaged_gzip(data: bytes, tmp_path: Path) -> None:
    if not data:
        assert isinstance(read(tmp_path, data, "p.gz"), DrupProof)  # the empty file is a gzip file of no members
        return
    with pytest.raises(InputError, match=r"p\.gz: damaged gzip file: "):
        read(tmp_path, data, "p.gz")


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read: no such file"):
        read_proof(str(tmp_path / "nothing"))
    with pytest.raises(InputError, match="cannot read: is a directory"):
        read_proof(str(tmp_path))
    with pytest.raises(InputError, match="cannot read: "):
        read_proof("a\0b")


def test_random_text_agrees_with_python(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    clauses = [rng.integers(-(10**9), 10**9, rng.integers(0, 30)).tolist() for _ in range(2000)]
    clauses = [[literal for literal in clause if literal] for clause in clauses]
    proof = read(tmp_path, "".join(f"{' '.join(map(str, [*clause, 0]))}\n" for clause in clauses))
    assert rows(proof.offsets, proof.literals) == clauses
