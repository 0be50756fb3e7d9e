"""`qnnt generate suite`: a library of benchmark instances with known truth."""

from __future__ import annotations

from typing import Annotated

import typer


def suite_command(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="New or empty folder.")],
    size: Annotated[str, typer.Option(help="small, medium or large.")] = "small",
) -> None:
    """Write a benchmark library: a few hundred instances of all families, with their known verdicts.

    Always the same files. index.json says per file the family, its parameters, the theorem, the verdict or
    optimum and who proved it, and the digest that results name; SHA256SUMS is for `sha256sum -c`.
    """
    from qnnt.errors import InputError
    from qnnt.exact import shown
    from qnnt.reductions.suite_files import write_suite
    from qnnt.reductions.suites import Scale

    if size not in list(Scale):
        raise InputError(f"--size: expected one of {', '.join(Scale)}, got {shown(size)}")
    written = write_suite(Scale(size), folder)
    typer.echo(f"{written} instances in {folder}, and index.json", err=True)
