"""`qnnt solvers`: what can solve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer


def solvers_command(
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the solvers, their versions, what each supports, what is missing and how to install it.

    Encodings and options are chosen by `--encoding` or after the solver's name: sat:glucose4:adder:above.
    """
    import json as text

    from qnnt.solvers.registry import PORTFOLIO, solver_names

    names = [*solver_names(), PORTFOLIO.name]
    if json:
        typer.echo(text.dumps([_row(name) for name in names], indent=1))
        return
    width = max(map(len, names))
    for name in names:
        first, *others = _lines(_row(name))
        typer.echo(f"{name:<{width}} {first}")
        for line in others:
            typer.echo(f"{'':<{width}} {line}")
    rule = "enumeration where all settings take a fraction of a second, else portfolio; sat for proofs"
    typer.echo(f"{'auto':<{width}} {rule}")


def _row(name: str) -> dict[str, Any]:
    """All that is known of a solver; of one that cannot be loaded, why."""
    from qnnt.errors import InputError
    from qnnt.solvers.registry import entry_of
    from qnnt.solvers.versions import version_of

    try:
        entry = entry_of(name)
    except InputError as error:
        return {"name": name, "broken": str(error)}
    packages = [*entry.packages, *(package for needed in entry.option_packages.values() for package in needed)]
    missing = {option: entry.missing_for(option) for option in entry.option_packages}
    return {
        "name": name,
        "summary": entry.summary,
        "versions": {package: version_of(package) for package, _ in packages},
        "encodings": list(entry.encodings),
        "options": {kind: list(names) for kind, names in entry.options.items()},
        "capabilities": list(entry.capabilities),
        "missing": entry.missing,
        "missing_for": {option: names for option, names in missing.items() if names},
    }


def _lines(row: Mapping[str, Any]) -> list[str]:
    """What is shown behind and below the name."""
    if "broken" in row:
        return [row["broken"]]
    packages = ", ".join(f"{name} {version or 'missing'}" for name, version in row["versions"].items())
    lines = [f"{row['summary']}{f' ({packages})' if packages else ''}"]
    choices = {"encodings": row["encodings"], **{f"{kind}s": names for kind, names in row["options"].items()}}
    lines += [f"{kind}: {', '.join(names)}" for kind, names in choices.items() if names]
    lines.append(f"supports: {', '.join(row['capabilities'])}")
    if row["missing"]:
        lines.append(f"to install: pip install {' '.join(row['missing'])}")
    lines += [
        f"for {option}: pip install {' '.join(names)}"
        for option, names in row["missing_for"].items()
        if names != row["missing"]
    ]
    return lines
