"""The program `qnnt`: commands, and errors turned into one line and an exit status.

Exit status: 0 answered; 1 internal error; 2 bad usage or bad input; 3 a limit was reached before an
answer, also that of how large numbers may become; 4 a check failed.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from qnnt import __version__
from qnnt.cli.bench_compare import bench_compare_command
from qnnt.cli.bench_export import bench_export_command
from qnnt.cli.bench_report import bench_report_command
from qnnt.cli.bench_run import bench_run_command
from qnnt.cli.compare import compare_command
from qnnt.cli.decode import decode_command
from qnnt.cli.decode_source import decode_source_command
from qnnt.cli.encode import encode_command
from qnnt.cli.fuzz import fuzz_command
from qnnt.cli.generate_continuous import continuous_command
from qnnt.cli.generate_csv import csv_command
from qnnt.cli.generate_family import family_command
from qnnt.cli.generate_random import planted_command, random_command
from qnnt.cli.generate_suite import suite_command
from qnnt.cli.info import info_command
from qnnt.cli.predict import predict_command
from qnnt.cli.schema import schema_command
from qnnt.cli.solve import solve_command
from qnnt.cli.solvers import solvers_command
from qnnt.cli.verify import verify_command
from qnnt.errors import BudgetError, CertificateError, InputError, QnntError
from qnnt.reductions.registry import FAMILIES

app = typer.Typer(
    name="qnnt",
    help="Train small discrete neural networks exactly.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
generate = typer.Typer(
    help="Make instances: random, planted, from a table, or by the papers' reductions.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
bench = typer.Typer(
    help="Measure suites of instances, compare recordings, write reports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("solve")(solve_command)
app.command("verify")(verify_command)
app.command("info")(info_command)
app.command("compare")(compare_command)
app.command("fuzz")(fuzz_command)
app.add_typer(generate, name="generate")
app.add_typer(bench, name="bench")
app.command("encode")(encode_command)
app.command("decode")(decode_command)
app.command("decode-source")(decode_source_command)
app.command("predict")(predict_command)
app.command("solvers")(solvers_command)
app.command("schema")(schema_command)
bench.command("run")(bench_run_command)
bench.command("compare")(bench_compare_command)
bench.command("report")(bench_report_command)
bench.command("export")(bench_export_command)
generate.command("random")(random_command)
generate.command("planted")(planted_command)
generate.command("csv")(csv_command)
generate.command("suite")(suite_command)
generate.command("c-nnt")(continuous_command)
for entry in FAMILIES:
    generate.command(entry.name)(family_command(entry))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qnnt {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line of this process."""
    try:
        app()
    except CertificateError as error:
        _end(error, 4)
    except BudgetError as error:
        _end(error, 3)
    except InputError as error:
        _end(error, 2)
    except QnntError as error:
        _end(error, 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # the reader of our output left: nothing to complain about, and nothing more to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _end(error: QnntError, status: int) -> None:
    sys.stderr.write(f"qnnt: error: {' '.join(str(error).split())}\n")
    sys.exit(status)
