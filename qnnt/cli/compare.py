"""`qnnt compare`: many solvers on many instances, held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qnnt.reports import Comparison
    from qnnt.verdicts import Run


def compare_command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Instance files, folders, patterns, or families such as random:layers=3-3-2,d=3,samples=20,seeds=0-9.",
        ),
    ],
    solvers: Annotated[
        str, typer.Option(metavar="A,B,...", help="Names as for solve; `all` is every installed one.")
    ] = "all",
    objective: Annotated[
        str | None,
        typer.Option(metavar="decide|minimize", help="Default: decide if an instance has a bound, else minimize."),
    ] = None,
    bound: Annotated[
        str | None, typer.Option(metavar="L", help="Replaces the bounds of the instances (3 or 3/2), and decides.")
    ] = None,
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds of each run; `inf` is no limit.")] = 60.0,
    memory_limit: Annotated[int | None, typer.Option(metavar="MB", help="Of each run; no limit by default.")] = None,
    threads: Annotated[int, typer.Option(metavar="N", help="Of each run.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the solvers.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Runs at the same time; default: as many as there are cores.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="RUNS.jsonl", help="Append every run to this file; those it holds are not redone."
        ),
    ] = None,
    failures: Annotated[
        str, typer.Option(metavar="DIR", help="Where to save what is needed to see failed runs again.")
    ] = "qnnt-failures",
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON instead of a table.")] = False,
    csv: Annotated[str | None, typer.Option(metavar="FILE", help="Write one row per run; - prints them.")] = None,
    markdown: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a summary for CI jobs; - prints it.")
    ] = None,
) -> None:
    """Run all solvers on all instances and check that statuses, optima, bounds and certificates agree.

    Ctrl-C and SIGTERM end the running solvers; with -o, the same command goes on where it stopped. Exit status:
    0 nothing disagrees (limits and unsupported instances are rows, not failures), 2 bad input, 3 stopped before
    all runs were made, 4 a contradiction, a wrong certificate or a crash.
    """
    from qnnt.cli.numbers import bound_of
    from qnnt.cli.printing import status_line
    from qnnt.cli.stopping import stop_on_signals
    from qnnt.errors import InputError
    from qnnt.files.text import write_text
    from qnnt.solvers.comparison import compare

    if [json, csv == "-", markdown == "-"].count(True) > 1:
        raise InputError("--json, --csv - and --markdown - exclude each other")
    if output == "-":
        raise InputError("-o needs a file: it is read before it is written")
    inputs = files if output is None else [*files, output]
    _check_places(inputs, [path for path in (csv, markdown) if path is not None], failures)
    with stop_on_signals() as stop, status_line() as show:

        def tell(run: Run, done: int, total: int) -> None:
            show(f"{done} of {total} runs; last: {run.solver} on {run.instance}")

        report = compare(
            files,
            [name.strip() for name in solvers.split(",")],
            objective=objective,
            bound=None if bound is None else bound_of(bound),
            time_limit=time_limit,
            memory_limit=memory_limit,
            threads=threads,
            seed=seed,
            jobs=jobs,
            output=output,
            failures=failures,
            stop=stop,
            on_run=tell,
        )
    if csv is not None:
        write_text(csv, report.to_csv())
    if markdown is not None:
        write_text(markdown, report.to_markdown())
    if json:
        write_text("-", report.to_json())
    elif "-" not in (csv, markdown):
        _print_table(report)
    if not report.agreed:
        raise typer.Exit(4)
    raise typer.Exit(3 if report.missing else 0)


def _check_places(taken: Sequence[str], reports: Sequence[str], failures: str) -> None:
    """Complain before hours of search, not after; no file may overwrite another."""
    from qnnt.cli.places import check_apart, check_folder, check_writable

    check_apart(reports, taken)
    for place in reports:
        if place != "-":
            check_writable(place)
    check_folder(failures)


def _print_table(report: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from qnnt.cli.printing import print_line, print_table, printable
    from qnnt.reports import FAILURES

    console = Console()
    table = Table(title=None, caption="seconds to an answer; - unsupported; limit bound..loss", caption_justify="left")
    table.add_column("instance", overflow="fold")
    table.add_column("proven", justify="right")
    for solver in report.solvers:
        table.add_column(Text(solver), justify="right", overflow="fold")
    for label, proven, *cells in report.matrix():
        shown = (Text(cell, "bold red" if cell in FAILURES else "") for cell in cells)
        table.add_row(Text(printable(label, console)), Text(proven), *shown)
    print_table(table, console)
    console.print(report.summary, markup=False, highlight=False)
    for line in report.failure_lines():
        print_line(line, console)
