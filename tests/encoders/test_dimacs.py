"""DIMACS files as an independent reader sees them, and as bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import os
import random
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pysat.examples.rc2 import RC2
from pysat.formula import CNF, WCNF

from qnnt.encoders import dimacs
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, dimacs_blocks, write_dimacs
from qnnt.encoders.model import Rows, Sums, offsets_of
from qnnt.errors import InputError, UnsupportedError
from qnnt.files.streams import lines_of

NONE = np.empty(0, np.int64)
OLD_AND_NEW = [DimacsForm.WCNF, DimacsForm.OLD_WCNF]


def rows_of(rows: Sequence[Sequence[int]]) -> Rows:
    lengths = np.array([len(row) for row in rows], np.int64)
    return Rows(offsets_of(lengths), np.array([entry for row in rows for entry in row], np.int64))


def cnf_of(
    variables: int,
    clauses: Sequence[Sequence[int]] = (),
    soft: Sequence[tuple[int, int]] = (),
    at_most: Sequence[Sequence[int]] = (),
    *,
    constant: int = 0,
    denominator: int = 1,
    values: Sums | None = None,
    bases: Sequence[int] = (),
) -> Cnf:
    """A Cnf with (weight, literal) pairs as its objective."""
    return Cnf(
        variables,
        rows_of(clauses),
        rows_of(at_most),
        np.ones(len(at_most), np.int64),
        np.array([literal for _, literal in soft], np.int64),
        np.array([weight for weight, _ in soft], np.int64),
        constant,
        denominator,
        values or Sums(np.zeros(1, np.int64), NONE, NONE),
        np.array(bases, np.int64),
        {},
    )


def text_of(cnf: Cnf, form: DimacsForm, header: Sequence[str] = ()) -> str:
    return "".join(dimacs_blocks(cnf, header, form))


def random_cnf(rng: random.Random, *, objective: bool) -> Cnf:
    variables = rng.randint(1, 9)

    def literal() -> int:
        return rng.choice((-1, 1)) * rng.randint(1, variables)

    clauses = [[literal() for _ in range(rng.randint(1, 5))] for _ in range(rng.randint(0, 30))]
    soft = [(rng.randint(1, 9), literal()) for _ in range(rng.randint(0, 6))]
    return cnf_of(variables, clauses, soft if objective else ())


def test_cnf() -> None:
    cnf = cnf_of(4, [[1, -2, 3], [], [-4]])
    assert text_of(cnf, DimacsForm.CNF, ["made by hand"]) == "c made by hand\np cnf 4 3\n1 -2 3 0\n0\n-4 0\n"


def test_wcnf() -> None:
    """A soft literal costs its weight when it holds."""
    cnf = cnf_of(4, [[1, -2, 3], [], [-4]], [(7, 1), (2, -3)])
    assert text_of(cnf, DimacsForm.WCNF) == "h 1 -2 3 0\nh 0\nh -4 0\n7 -1 0\n2 3 0\n"
    old = "p wcnf 4 5 10\n10 1 -2 3 0\n10 0\n10 -4 0\n7 -1 0\n2 3 0\n"
    assert text_of(cnf, DimacsForm.OLD_WCNF) == old


def test_nothing_at_all() -> None:
    assert text_of(cnf_of(0), DimacsForm.CNF) == "p cnf 0 0\n"
    assert text_of(cnf_of(0), DimacsForm.WCNF) == ""
    assert text_of(cnf_of(3), DimacsForm.OLD_WCNF) == "p wcnf 3 0 1\n"


def test_header_cannot_become_a_clause() -> None:
    text = text_of(cnf_of(1), DimacsForm.CNF, ["two\n1 0", "", "100 %d", "four\r5\u2028six"])
    assert text == "c two\nc 1 0\nc\nc 100 %d\nc four\nc 5\nc six\np cnf 1 0\n"


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("seed", range(10))
def test_cnf_is_read_by_pysat(seed: int, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the clauses, wherever the text is cut into blocks."""
    rng = random.Random(seed)
    monkeypatch.setattr(dimacs, "BLOCK", rng.choice([2, 10, 50_000]))
    cnf = random_cnf(rng, objective=False)
    path = str(tmp_path / f"f.cnf{ending}")
    write_dimacs(cnf, ["a comment"], path, DimacsForm.CNF)
    read = CNF(from_file=path)
    assert rows_of(read.clauses).entries.tolist() == cnf.clauses.entries.tolist()
    assert [len(clause) for clause in read.clauses] == cnf.clauses.lengths.tolist()
    assert read.comments[0] == "c a comment"


@pytest.mark.parametrize("form", OLD_AND_NEW)
@pytest.mark.parametrize("seed", range(10))
def test_wcnf_is_read_by_pysat(seed: int, form: DimacsForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(dimacs, "BLOCK", rng.choice([2, 10, 50_000]))
    cnf = random_cnf(rng, objective=True)
    path = str(tmp_path / "f.wcnf.gz")
    write_dimacs(cnf, [], path, form)
    read = WCNF(from_file=path)
    assert rows_of(read.hard).entries.tolist() == cnf.clauses.entries.tolist()
    assert [len(clause) for clause in read.hard] == cnf.clauses.lengths.tolist()
    assert read.soft == [[-literal] for literal in cnf.soft.tolist()]
    assert read.wght == cnf.weights.tolist()
    if form is DimacsForm.OLD_WCNF:
        assert read.topw == cnf.weights.sum() + 1


@pytest.mark.parametrize("seed", range(10))
def test_the_optimum_is_that_of_the_cnf(seed: int, tmp_path: Path) -> None:
    cnf = random_cnf(random.Random(seed), objective=True)
    path = str(tmp_path / "f.wcnf")
    write_dimacs(cnf, [], path, DimacsForm.WCNF)
    rows = np.split(cnf.clauses.entries, cnf.clauses.offsets[1:-1]) if len(cnf.clauses) else []
    costs = []
    for bits in itertools.product((0, 1), repeat=cnf.variables):
        truth = np.array([0, *bits])
        if all((truth[np.abs(row)] == (row > 0)).any() for row in rows):
            costs.append(cnf.cost_of(truth))
    with RC2(WCNF(from_file=path)) as solver:
        found = solver.compute() is not None
        assert (solver.cost if found else None) == min(costs, default=None)


def test_blocks_are_small() -> None:
    """Whatever the lengths of clauses; one clause is never cut."""
    rng = random.Random(5)
    clauses = [[1] * rng.choice([0, 1, 2, 3, 3, 3, 400]) for _ in range(20_000)]
    blocks = list(dimacs_blocks(cnf_of(1, clauses), [], DimacsForm.CNF))
    assert max(block.count(" ") for block in blocks) <= dimacs.BLOCK + 400
    lines = "".join(blocks).splitlines()[1:]
    assert [line.count("1") for line in lines] == [len(clause) for clause in clauses]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("form", DimacsForm)
def test_same_bytes_each_time(form: DimacsForm, ending: str, tmp_path: Path) -> None:
    cnf = random_cnf(random.Random(1), objective=form is not DimacsForm.CNF)
    hashes = set()
    for i in range(2):
        path = tmp_path / f"{i}{ending}"
        write_dimacs(cnf, ["é"], str(path), form)
        hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
        content = path.read_bytes()
        text = gzip.decompress(content) if ending else content
        assert not ending or content[3:8] == bytes(5), "a packed file holds neither name nor time"
        assert text == text_of(cnf, form, ["é"]).encode()
    assert len(hashes) == 1


def test_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_dimacs(cnf_of(2, [[1, 2]]), [], "-", DimacsForm.CNF)
    assert capsysbinary.readouterr().out == b"p cnf 2 1\n1 2 0\n"


def test_refusals(tmp_path: Path) -> None:
    path = tmp_path / "f.cnf"
    with pytest.raises(UnsupportedError, match="1 native cardinality constraints: choose sums written as clauses"):
        write_dimacs(cnf_of(2, at_most=[[1, 2]]), [], str(path), DimacsForm.CNF)
    with pytest.raises(ValueError, match="objective"):
        write_dimacs(cnf_of(2, soft=[(1, 2)]), [], str(path), DimacsForm.CNF)
    large = cnf_of(2, soft=[(2**62, 1), (2**62, 2)])
    with pytest.raises(UnsupportedError, match=r"2\^63"):
        dimacs_blocks(large, [], DimacsForm.WCNF)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("path", "problem"), [("no/such/f.cnf", "no such file"), ("", "directory"), ("a\0b", "null")])
def test_places_that_cannot_be_written(path: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"cannot write: .*{problem}"):
        write_dimacs(cnf_of(1), [], f"{tmp_path}/{path}", DimacsForm.CNF)


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.cnf"
    write_dimacs(cnf_of(1, [[1]]), [], str(path), DimacsForm.CNF)
    before = path.read_bytes()

    def broken(*_: object) -> list[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(dimacs, "cut_evenly", broken)
    with pytest.raises(KeyboardInterrupt):
        write_dimacs(cnf_of(1, [[-1]]), [], str(path), DimacsForm.CNF)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_files_are_as_open_to_others_as_any(tmp_path: Path) -> None:
    """Links stay links, and a device is written to."""
    (tmp_path / "plain").touch()
    link = tmp_path / "link.cnf"
    link.symlink_to(tmp_path / "plain")
    write_dimacs(cnf_of(1), [], str(link), DimacsForm.CNF)
    assert link.is_symlink()
    (tmp_path / "other").touch()
    assert stat.S_IMODE(link.stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)
    write_dimacs(cnf_of(1), [], os.devnull, DimacsForm.CNF)
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("packed", [False, True])
def test_lines_of_files_and_of_standard_input(packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "c é\n".encode() + b"c \xff\n" + b"last"
    data = gzip.compress(data) if packed else data
    (tmp_path / "f").write_bytes(data)
    assert list(lines_of(str(tmp_path / "f"))) == ["c é\n", "c \ufffd\n", "last"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert list(lines_of("-")) == ["c é\n", "c \ufffd\n", "last"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(b"p cnf 0 0\n")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(bytes(1000))[:-9])
    for name, problem in {
        "absent": "cannot read: no such file",
        ".": "cannot read: is a directory",
        "a\0b": "cannot read: .*null",
        "plain.gz": "not a gzip file",
        "cut.gz": "damaged gzip file",
    }.items():
        with pytest.raises(InputError, match=problem):
            list(lines_of(f"{tmp_path}/{name}"))
