"""`qnnt bench run`: measure a suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qnnt.benchmarking.measurement import Measurement, Recording


def bench_run_command(
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="smoke, ci, full, or a file of your own (.toml).")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="The folder of results; the recording is a new file.")
    ] = "results",
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Trials at the same time; more than one disturb each other.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="A dask.distributed scheduler, whose workers run the trials."),
    ] = None,
) -> None:
    """Measure a suite: times, memory, sizes of models and work of solvers, appended to a recording one by one.

    Ctrl-C and SIGTERM end the running trials; the same command goes on where it stopped, as long as code, versions
    and machine are the same. Exit status: 0 all trials are measured, 2 bad input, 3 stopped before that, 4 a
    contradiction, a wrong certificate or a crash.
    """
    from qnnt.benchmarking.record import Here, Measuring, record
    from qnnt.benchmarking.suite import read_suite
    from qnnt.cli.places import check_folder
    from qnnt.cli.printing import status_line
    from qnnt.cli.stopping import stop_on_signals
    from qnnt.errors import InputError

    measuring: Measuring = Here(1 if jobs is None else jobs)
    if cluster is not None:
        if jobs is not None:
            raise InputError("--jobs is about this machine: a worker of a cluster has its own threads")
        from qnnt.benchmarking.cluster import Cluster

        measuring = Cluster(cluster)
    chosen = read_suite(suite)
    check_folder(output)
    with stop_on_signals() as stop, status_line() as show:

        def tell(one: Measurement, done: int, total: int) -> None:
            show(f"{done} of {total} trials; last: {one.setup} on {one.instance}")

        recording = record(chosen, output, measuring=measuring, stop=stop, on_measurement=tell)
    failures = _print_summary(recording)
    if failures:
        raise typer.Exit(4)
    raise typer.Exit(3 if recording.missing else 0)


def _print_summary(recording: Recording) -> int:
    """A row per setup, then what failed; the number of failures."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from qnnt.benchmarking.record import held_against_each_other
    from qnnt.cli.printing import print_line, print_table, printable

    console = Console()
    table = Table(caption="seconds of all trials; unsupported ones count nowhere else", caption_justify="left")
    for name in ("setup", "trials", "solved", "at a limit", "unsupported", "failed", "wall", "cpu", "encode"):
        table.add_column(name, justify="left" if name == "setup" else "right")
    verdicts = [
        (run, verdict)
        for group in held_against_each_other(recording).values()
        for run, verdict in zip(group.runs, group.verdicts, strict=True)
    ]
    for setup in recording.heading.setups:
        own = [one for one in recording.measurements if one.setup == setup]
        taken = [one for one in own if one.supported]
        failed = sum(run.solver == setup and verdict.failed for run, verdict in verdicts)
        table.add_row(
            Text(printable(setup, console)),
            str(len(own)),
            str(sum(one.solved for one in own)),
            str(sum(not one.solved and one.apparent is None for one in own)),
            str(len(own) - len(taken)),
            str(failed),
            *(f"{sum(one.seconds.get(name, 0.0) for one in taken):.2f}" for name in ("wall", "cpu", "encode")),
        )
    print_table(table, console)
    failures = [(run, verdict) for run, verdict in verdicts if verdict.failed]
    for run, verdict in failures:
        words = run.problem or f"{run.status} {run.loss}"
        print_line(f"{verdict.upper()}: {run.solver} on {run.instance}: {words}", console)
    done = f"{len(recording.measurements)} of {recording.heading.planned} trials"
    print_line(f"{done}: {recording.source}", console)
    return len(failures)
