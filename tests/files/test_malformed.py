"""Every file of tests/malformed is refused with one line that names the file, the place and the fault."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import sys
import time
from pathlib import Path

import pytest

from qnnt.errors import InputError
from qnnt.files.instances import load

FOLDER = Path(__file__).parent.parent / "malformed"
EXPECTED: dict[str, str | list[str]] = json.loads((FOLDER.parent / "malformed_expected.json").read_text("utf-8"))
"""By file: the line after the file's name; a list where it depends on the version of Python."""

QUICK = 10.0
"""Seconds within which even a huge file must be answered."""


def complaint(path: str) -> str:
    with pytest.raises(InputError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    source = "standard input" if path == "-" else path
    assert text.startswith(f"{source}: ")
    return text.removeprefix(f"{source}: ")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_line_names_the_place_and_the_fault(name: str) -> None:
    expected = EXPECTED[name]
    found = complaint(str(FOLDER / name))
    assert found in expected if isinstance(expected, list) else found == expected
    assert len(found) < 600


def test_every_file_is_listed() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(EXPECTED)
    assert len(EXPECTED) >= 60


def test_the_files_are_small() -> None:
    assert all(path.stat().st_size < 100_000 for path in FOLDER.iterdir())


def test_directory(tmp_path: Path) -> None:
    assert complaint(str(tmp_path)) == "cannot read: is a directory"


def test_missing_file(tmp_path: Path) -> None:
    assert complaint(str(tmp_path / "none.json")) == "cannot read: no such file or directory"


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    assert complaint(str(tmp_path / "file" / "a.json")) == "cannot read: not a directory"


def test_null_byte_in_the_name() -> None:
    assert complaint("a\0.json") == "cannot read: embedded null byte"


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.json"
    path.write_text("{}")
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser reads everything, so the refusal is played

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "read_bytes", refuse)
    assert complaint(str(path)) == "cannot read: permission denied"


def test_file_larger_than_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(self: Path) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", exhaust)
    assert complaint(str(tmp_path / "a.json")) == "too large for the memory of this machine"


@pytest.mark.parametrize("kind", ["random bytes", "brackets", "digits"])
def test_200_megabytes_of_nonsense(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "nonsense.json"
    block = {
        "random bytes": random.Random(0).randbytes(1 << 20),
        "brackets": b"[" * (1 << 20),
        "digits": b"7" * (1 << 20),
    }
    with path.open("wb") as file:
        for _ in range(200):
            file.write(block[kind])
    start = time.monotonic()
    found = complaint(str(path))
    assert time.monotonic() - start < QUICK
    assert found.startswith({"random bytes": "not UTF-8", "brackets": "no instance", "digits": "the number is"}[kind])
    path.unlink()


def test_long_garbage_in_every_place_is_cut_short(tmp_path: Path) -> None:
    long = "y" * 100_000
    for document in (
        {"format": long},
        {"format": "qnnt-instance/1", "problem": long},
        {"format": "qnnt-instance/1", "problem": "d-nnt", long: 1},
        {"format": "qnnt-instance/1", "problem": "d-qnnt", "d": long, "network": {}, "data": {}},
        {"format": "qnnt-instance/1", "problem": "d-qnnt", "d": 2, "network": {"layers": [1, 1], "neurons": {long: {}}},
         "data": {}},
    ):  # fmt: skip
        path = tmp_path / "long.json"
        path.write_text(json.dumps(document))
        assert len(complaint(str(path))) < 300


def test_lists_as_deep_as_the_parser_takes_them(tmp_path: Path) -> None:
    """Whatever the parser lets through, the search for the place of the fault must not overflow."""
    path = tmp_path / "deep.json"
    for depth in range(500, 1100, 5):
        path.write_text("[" * depth + "1.5" + "]" * depth)
        complaint(str(path))


def test_gzip_of_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "nonsense.json.gz"
    path.write_bytes(gzip.compress(random.Random(1).randbytes(1 << 16)))
    assert complaint(str(path)).startswith("not UTF-8 text")


def test_gzip_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "packed.json"
    path.write_bytes(gzip.compress(b"[1]"))
    assert complaint(str(path)) == "expected an object, got a list of 1"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "no JSON: Expecting value at line 1, column 1"),
        (b"\xff", "not UTF-8 text (byte 0)"),
        (b"{}", "$.format: expected 'qnnt-instance/1', got null"),
        (b'{"a": 1.5}', '$.a: floats are not exact: write 1.5 as an integer or as a rational string such as "3/2"'),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes, expected: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert complaint("-") == expected
