"""`qnnt bench compare`: the regression gate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable

    from qnnt.benchmarking.comparison.change_tables import Table
    from qnnt.benchmarking.comparison.changes import Changes


def bench_compare_command(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE", help="A recording; a folder of results is its newest; FOLDER@COMMIT the newest of a commit."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of what is to be judged.")],
    fail_over: Annotated[
        float, typer.Option(metavar="RATIO", help="What is beyond this ratio NEW / BASE is a regression.")
    ] = 1.25,
    markdown: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a summary for a pull request; - prints it.")
    ] = None,
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Write everything as JSON; - prints it.")] = None,
) -> None:
    """Compare two recordings, paired by instance and setup: answers first, then times, memory, counters and sizes.

    Regressions are wrong, lost and broken answers; counters and sizes of any one instance beyond the ratio; times and
    peak memory whose whole confidence interval is beyond it, once the yardstick's times are divided out, or those of
    one instance beyond its square in all repetitions. Exit status: 0 no regression, 2 bad input, 3 no regression, but
    a recording is not finished or NEW lacks what BASE has of the same suite, 4 a regression.
    """
    from qnnt.benchmarking.comparison.changes_document import changes_document
    from qnnt.benchmarking.comparison.gate import changes_between
    from qnnt.benchmarking.comparison.markdown import markdown_of
    from qnnt.benchmarking.results_folder import files_behind, recording_of
    from qnnt.cli.places import check_apart, check_writable
    from qnnt.errors import InputError
    from qnnt.files.text import pretty, write_text

    if markdown == json == "-":
        raise InputError("--markdown - and --json - exclude each other")
    places = [path for path in (markdown, json) if path is not None and path != "-"]
    check_apart(places, (*files_behind(base), *files_behind(new)))
    for place in places:
        check_writable(place)
    before, after = recording_of(base), recording_of(new)
    if os.path.realpath(before.source) == os.path.realpath(after.source):
        raise InputError(f"the same recording stands on both sides: {before.source}")
    changes = changes_between(before, after, fail_over)
    if markdown is not None:
        write_text(markdown, markdown_of(changes))
    if json is not None:
        write_text(json, pretty(changes_document(changes)))
    if "-" not in (markdown, json):
        _print(changes)
    if changes.regressed:
        raise typer.Exit(4)
    if not changes.pairs and not changes.unsupported:  # no gate may pass because nobody came
        raise InputError("nothing to compare: no setup on an instance is asked the same in both recordings")
    if changes.incomplete:
        raise typer.Exit(3)


def _print(changes: Changes) -> None:
    from rich.console import Console

    from qnnt.benchmarking.comparison.change_tables import detail_tables, main_tables, notes_on
    from qnnt.cli.printing import print_line, print_table

    console = Console()
    for note in notes_on(changes):
        print_line(note, console)
    for table in (*detail_tables(changes), *main_tables(changes)):  # what matters stands last, above the prompt
        print_table(_shown(table, console), console)
    print_line(changes.headline, console)


def _shown(table: Table, console: Console) -> RichTable:
    from rich.table import Table as RichTable
    from rich.text import Text

    from qnnt.benchmarking.comparison.changes import Weight
    from qnnt.cli.printing import printable

    styles = {Weight.REGRESSION: "bold red", Weight.NOTED: "", Weight.IMPROVEMENT: "green"}
    shown = RichTable(title=table.title, title_justify="left")
    for name in ("", *table.columns):
        shown.add_column(name, overflow="fold")
    for row in table.rows:
        mark = "" if row.weight is Weight.NOTED else str(row.weight)
        cells = (Text(printable(cell, console), styles[row.weight]) for cell in (mark, *row.cells))
        shown.add_row(*cells)
    return shown
