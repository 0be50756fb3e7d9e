"""`qnnt bench export`: recordings for services that track numbers from commit to commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qnnt.benchmarking.measurement import Recording


def bench_export_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Folders of results, or recordings.")],
    github: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="For github-action-benchmark, as customSmallerIsBetter: the newest of each suite.",
        ),
    ] = None,
    asv: Annotated[
        str | None, typer.Option(metavar="DIR", help="For asv (airspeed velocity), as its results_dir.")
    ] = None,
) -> None:
    """Write what was measured in the forms of other programs: PAR-2, ratios to the yardstick, encoding times.

    Recordings that are not finished are left out. Exit status: 0 the files are written, 2 bad input.
    """
    from qnnt.benchmarking.exports.asv_history import asv_files, belongs
    from qnnt.benchmarking.exports.github_action import github_action_entries
    from qnnt.benchmarking.results_folder import files_behind
    from qnnt.cli.places import check_apart, check_folder, check_writable
    from qnnt.errors import InputError
    from qnnt.files.text import pretty, write_text

    if github is None and asv is None:
        raise InputError("nothing to write: --github FILE or --asv DIR is needed")
    written = [place for place in (github, asv) if place is not None]
    read = [file for source in sources for file in files_behind(source)]
    check_apart(written, read)
    if github is not None and github != "-":
        check_writable(github)
    if asv is not None:
        check_folder(asv)
    recordings = _finished(sources)
    documents: dict[str, str] = {}
    if asv is not None:
        kept = [recording for recording in recordings if belongs(recording)]
        if not kept:
            raise InputError("asv knows commits alone, and no recording is of one without changes", source=sources[0])
        documents = {os.path.join(asv, name): pretty(one) for name, one in asv_files(kept).items()}  # noqa: PTH118
        check_apart([*written, *documents], read)
        _tell_left_out("being of no commit or of one with changes", len(recordings) - len(kept), len(recordings))
    if github is not None:
        write_text(github, _lines(github_action_entries(recordings)))
    for place, text in documents.items():
        _make(os.path.dirname(place))  # noqa: PTH120
        write_text(place, text)


def _finished(sources: list[str]) -> list[Recording]:
    """Of all sources; a file that is named twice counts once."""
    from qnnt.benchmarking.results_folder import recordings_of
    from qnnt.errors import InputError

    found = [recording for source in sources for recording in recordings_of(source)]
    recordings = list({os.path.realpath(recording.source): recording for recording in found}.values())
    finished = [recording for recording in recordings if recording.missing <= 0]
    if not finished:
        raise InputError("holds no finished recording", source=sources[0])
    _tell_left_out("not being finished", len(recordings) - len(finished), len(recordings))
    return finished


def _tell_left_out(why: str, number: int, of: int) -> None:
    if number:
        typer.echo(f"left out, {why}: {number} of {of}", err=True)


def _make(folder: str) -> None:
    from qnnt.errors import InputError

    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=folder) from None


def _lines(entries: list[dict[str, object]]) -> str:
    """A JSON list, one entry per line."""
    import json

    body = ",\n".join(f" {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    return f"[\n{body}\n]\n" if entries else "[]\n"
