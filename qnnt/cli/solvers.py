"""`qnnt solvers`: what can solve."""

from __future__ import annotations

from typing import Annotated

import typer


def solvers_command(
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the solvers, their versions, what each supports, what is missing and how to install it.

    Encodings and options are chosen by `--encoding` or after the solver's name: sat:glucose4:adder:above.
    """
    import json as text

    from qnnt.solvers.registry import SOLVERS, version_of

    versions = {name: version_of(name) for entry in SOLVERS.values() for name, _ in entry.packages}
    if json:
        rows = [
            {
                "name": entry.name,
                "summary": entry.summary,
                "versions": {name: versions[name] for name, _ in entry.packages},
                "encodings": list(entry.encodings),
                "options": {kind: list(names) for kind, names in entry.options.items()},
                "capabilities": list(entry.capabilities),
                "missing": entry.missing,
            }
            for entry in SOLVERS.values()
        ]
        typer.echo(text.dumps(rows, indent=1))
        return
    for entry in SOLVERS.values():
        packages = ", ".join(f"{name} {versions[name] or 'missing'}" for name, _ in entry.packages)
        typer.echo(f"{entry.name:<12} {entry.summary}{f' ({packages})' if packages else ''}")
        if entry.encodings:
            typer.echo(f"{'':<12} encodings: {', '.join(entry.encodings)}")
        for kind, names in entry.options.items():
            typer.echo(f"{'':<12} {kind}s: {', '.join(names)}")
        typer.echo(f"{'':<12} supports: {', '.join(entry.capabilities)}")
        if entry.missing:
            typer.echo(f"{'':<12} to install: pip install {' '.join(entry.missing)}")
    typer.echo("auto         enumeration where all settings take a fraction of a second, else cpsat; sat for proofs")
