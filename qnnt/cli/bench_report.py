"""`qnnt bench report`: recordings as one page of HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qnnt.benchmarking.measurement import Recording


def bench_report_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Folders of results, or recordings.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="The page; - is standard output.")
    ] = "report.html",
    show: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
) -> None:
    """Write a page of HTML with tables and plots; it needs no network.

    It is about the newest recording of each suite, and about how scores moved from commit to commit. Exit status:
    0 the page is written, 2 bad input.
    """
    from qnnt.benchmarking.report.page import report_page
    from qnnt.benchmarking.results_folder import files_behind
    from qnnt.cli.places import check_apart, check_writable
    from qnnt.errors import InputError
    from qnnt.files.streams import STANDARD_INPUT
    from qnnt.files.text import write_text

    if output != STANDARD_INPUT:
        check_apart([output], [file for source in sources for file in files_behind(source)])
        check_writable(output)
    elif show:
        raise InputError("--open needs a file: standard output cannot be shown in a browser")
    recordings = _recordings_of(sources)
    write_text(output, report_page(recordings))
    if output != STANDARD_INPUT:
        count = "1 recording" if len(recordings) == 1 else f"{len(recordings)} recordings"
        typer.echo(f"{output}: {count}")
    if show:
        _show(output)


def _recordings_of(sources: list[str]) -> list[Recording]:
    """Of all sources; a file that is named twice counts once."""
    import os

    from qnnt.benchmarking.results_folder import recordings_of

    found = [recording for source in sources for recording in recordings_of(source)]
    return list({os.path.realpath(recording.source): recording for recording in found}.values())


def _show(path: str) -> None:
    import webbrowser
    from pathlib import Path

    if not webbrowser.open(Path(path).resolve().as_uri()):
        typer.echo(f"no browser was found: open {path} yourself", err=True)
