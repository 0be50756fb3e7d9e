"""`qnnt fuzz`: random instances through several solvers each, until they disagree."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from qnnt.fuzzing.campaign import Campaign

MINUTE = 60.0
"""Seconds between two lines of progress where there is no terminal."""


def fuzz_command(
    count: Annotated[
        int | None, typer.Option(metavar="N", help="Instances; default: 1000, or until the time is up.")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(metavar="S", help="Seconds for the whole command.")] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Same seed, same instances; drawn and printed by default.")
    ] = None,
    first: Annotated[int, typer.Option(metavar="N", help="Number of the first instance of the stream.")] = 0,
    jobs: Annotated[int | None, typer.Option(metavar="N", help="Workers; default: all cores.")] = None,
    solvers: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...", help="What every instance goes through; default: brute force and others, drawn for each."
        ),
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Instance files (a folder, or one) that come before the stream; default: those shipped.",
        ),
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="Where findings are written.")
    ] = "qnnt-findings",
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Draw random instances, solve each by several routes, and hold these against each other.

    A disagreement is shrunk while it lasts, and written to a folder of its own with the command that shows
    it again. Exit status: 0 nothing found, 2 bad usage, 3 interrupted with nothing found, 4 a defect was found.
    """
    import json as text
    import secrets

    from qnnt.cli.places import check_folder
    from qnnt.cli.stopping import stop_on_signals
    from qnnt.fuzzing.campaign import fuzz

    check_folder(output)
    seed = secrets.randbelow(2**31) if seed is None else seed
    sys.stderr.write(f"seed {seed}\n")
    with stop_on_signals() as stop, _display() as on_outcome:
        campaign = fuzz(
            seed=seed,
            count=count,
            first=first,
            time_limit=time_limit,
            jobs=jobs,
            solvers=[] if solvers is None else [name.strip() for name in solvers.split(",")],
            corpus=corpus,
            folder=output,
            stop=stop,
            on_outcome=on_outcome,
        )
    if json:
        typer.echo(text.dumps(campaign.document, indent=1))
    else:
        _print_words(campaign)
    if not campaign.agreed:
        raise typer.Exit(4)
    raise typer.Exit(3 if stop.is_set() else 0)


@contextmanager
def _display() -> Iterator[Callable[[int, int], None]]:
    """How far it is: live on a terminal, a line a minute elsewhere."""
    if not sys.stderr.isatty():
        yield _MinuteLines()
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda instances, failures: status.update(f"{instances} instances, {failures} failures")


class _MinuteLines:
    """Prints a line on standard error every minute, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, instances: int, failures: int) -> None:
        if time.monotonic() > self._last + MINUTE:
            self._last = time.monotonic()
            sys.stderr.write(f"{instances} instances, {failures} failures\n")
            sys.stderr.flush()


def _print_words(campaign: Campaign) -> None:
    corpus = f" and {campaign.corpus} of the corpus" if campaign.corpus else ""
    rate = (campaign.count + campaign.corpus) / max(campaign.seconds, 1e-9)
    typer.echo(f"{campaign.count} instances of seed {campaign.seed}{corpus} in {campaign.seconds:.1f} s ({rate:.0f}/s)")
    for solver, counts in campaign.verdicts.items():
        typer.echo(f"  {solver:<14} {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}")
    if campaign.alone:
        typer.echo(f"settled by fewer than two solvers: {campaign.alone}")
    if campaign.count >= 1000 and campaign.unreached:
        typer.echo(f"never drawn: {', '.join(campaign.unreached)}")
    for label in campaign.slow:
        typer.echo(f"slow: {label}")
    for finding, folder in campaign.findings:
        typer.echo(f"found at {finding.case.label}: {finding.line}\n  {folder}")
    if campaign.unshrunk:
        typer.echo(f"{len(campaign.unshrunk)} further failures of the same kinds")
    typer.echo("no disagreement" if campaign.agreed else f"{len(campaign.findings)} findings")
