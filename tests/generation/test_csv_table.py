"""CSV files and their cells: what is read, and one clear line for what is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from qnnt.errors import InputError
from qnnt.generation.csv_table import number_of, read_csv


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0.50", Fraction(-1, 2)),
        ("+.1", Fraction(1, 10)),
        ("3.", 3),
        ("2e-3", Fraction(1, 500)),
        ("3/2", Fraction(3, 2)),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_decimals_are_read_exactly(text: str, value: Fraction) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize(
    "text", ["", "1,5", "1e999", "1e9999999999", "inf", "0x1", "1_0", "3/0", "٣", "9" * 101, "1-2"]
)
def test_other_texts_are_no_numbers(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"1,2,0.5\n3,4,1\n", "no header"),
        (b"a,,c\n1,2,3\n", "names no column at position 2"),
        (b"a,b,a\n1,2,3\n", "the column 'a' occurs twice"),
        (b"a,b\n1,2\n3\n", "row 2: expected 2 cells as in the header, got 1"),
        (b"a,b\n", "no rows"),
        (b"a,b\n\xff,2\n", r"not UTF-8 text \(byte 4\)"),
        (b'a,b\n"x"y,2\n', "no CSV: .* at line 2"),
        (b'a,b\n"x,2\n', "no CSV"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "field larger than field limit"),
    ],
)
def test_malformed_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_csv(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="cannot read"):
            read_csv(str(path))


def test_files_are_read_with_byte_order_mark_quotes_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('\ufeffa, b\r\n"x,1",?\r\n\r\n,\r\n'.encode())
    read = read_csv(str(path))
    assert read.names == ("a", "b")
    assert read.rows == (("x,1", "?"), ("", ""))
    assert read.cells("a") == ["x,1", None]
