"""Changes as Markdown, for a pull request or the summary of a CI job."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from qnnt.benchmarking.comparison.change_tables import Row, Table, detail_tables, main_tables, notes_on
from qnnt.benchmarking.comparison.changes import Changes, Outcome, Weight, counted
from qnnt.reports import plain

LONGEST = 65_536
"""Bytes of the whole document, and so letters: comments on GitHub may have no more."""
MOST_ROWS = 100
"""Of one table that are no regressions; what is longer is cut."""
LONGEST_CELL = 120

_OUTCOMES = {Outcome.REGRESSION: "❌", Outcome.DOUBT: "⚠️", Outcome.PASS: "✅"}
_MARKS = {Weight.REGRESSION: "🔺 regression", Weight.NOTED: "", Weight.IMPROVEMENT: "🟢 improvement"}
_SPECIAL = re.compile(r"[\\`*_\[\]|~&<$@#]|:(?=//)|(?<=www)\.")
_BREAK = "&#8203;"
"""A space of no width: what is linked or mentioned by what stands in the text is not."""
_MEANT = {
    "&": "&amp;",
    "<": "&lt;",
    "$": "<span>$</span>",
    **{letter: f"{letter}{_BREAK}" for letter in "@#:"},
    ".": f"{_BREAK}.",
}


def markdown_of(changes: Changes) -> str:
    """A verdict line, what must be known before the numbers, what changed; the details folded.

    What would be longer than `LONGEST` goes without the details; then without all but the regressions. Only where
    even those are too many some of them are counted, and no longer listed.
    """
    for text in _shorter_and_shorter(changes):
        if len(text.encode()) <= LONGEST:
            return text
    raise AssertionError("a document without rows fits")


def _shorter_and_shorter(changes: Changes) -> Iterator[str]:
    main = main_tables(changes)
    notes, details = notes_on(changes), detail_tables(changes)
    yield _document(changes, notes, main, details)
    yield _document(changes, notes, main, [], "Too long: the details are left out.")
    bare = [_regressions_of(table) for table in main]
    told = "Too long: all but the regressions is left out."
    yield _document(changes, [], bare, [], told)
    number = sum(len(table.rows) for table in bare)
    while number:
        number = number * 7 // 8
        yield _document(changes, [], list(_first(bare, number)), [], f"{told} Listed: {number}.")


def _regressions_of(table: Table) -> Table:
    return Table(table.title, table.columns, tuple(row for row in table.rows if row.weight is Weight.REGRESSION))


def _first(tables: Iterable[Table], number: int) -> Iterator[Table]:
    """The first rows of all."""
    for table in tables:
        yield Table(table.title, table.columns, table.rows[:number])
        number = max(0, number - len(table.rows))


def _document(
    changes: Changes, notes: Iterable[str], main: Sequence[Table], details: Sequence[Table], left_out: str = ""
) -> str:
    lines = [f"### {_OUTCOMES[changes.outcome]} {_cell(changes.headline, 10 * LONGEST_CELL)}", ""]
    lines += [f"- {_cell(note, 10 * LONGEST_CELL)}" for note in notes]
    lines += _tables(main)
    if details:
        lines += ["", "<details><summary>Details</summary>", *_tables(details), "", "</details>"]
    if left_out:
        lines += ["", left_out]
    lines += ["", _legend(changes)]
    return "\n".join(lines) + "\n"


def _legend(changes: Changes) -> str:
    far = changes.fail_over**2
    return (
        f"A regression is beyond a ratio of {changes.fail_over:g}: of times and peak memory with the whole interval, "
        f"of counters and sizes on any one instance; of times of one instance beyond {far:.4g} in all repetitions; "
        "also answers that are lost or wrong."
    )


def _tables(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        if table.rows:
            yield from ("", f"**{table.title}**", "", *_table(table))


def _table(table: Table) -> Iterator[str]:
    heads = ("", *table.columns)
    yield _line(heads)
    yield _line("---" for _ in heads)
    alarms = sum(row.weight is Weight.REGRESSION for row in table.rows)
    shown = max(alarms, MOST_ROWS)  # regressions stand first
    yield from map(_row, itertools.islice(table.rows, shown))
    if len(table.rows) > shown:
        yield from ("", f"... and {counted(len(table.rows) - shown, 'row')} more")


def _row(row: Row) -> str:
    return _line((_MARKS[row.weight], *(_cell(cell, LONGEST_CELL) for cell in row.cells)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str, longest: int) -> str:
    """Short, on one line, and without Markdown: labels may be file names of any characters, problems any text."""
    line = plain(text)
    return _SPECIAL.sub(_escape, line if len(line) <= longest else f"{line[: longest - 3]}...")


def _escape(special: re.Match[str]) -> str:
    return _MEANT.get(special[0], f"\\{special[0]}")
