"""`qnnt info`: what an instance is like, and who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from qnnt.instance import Instance


def info_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance file.")],
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show the instance's parameters, what the theorems say of them, and which solvers apply."""
    import json as text
    from dataclasses import asdict

    from qnnt.files.instances import load, sha256_of
    from qnnt.structure import regimes, structure

    instance = load(file)
    found = structure(instance)
    theorems = [asdict(regime) for regime in regimes(instance)]
    solvers = _solvers(instance)
    if json:
        document = {"name": instance.name, "instance_sha256": sha256_of(instance), **found.document()}
        document |= {"theorems": theorems, "solvers": solvers}
        typer.echo(text.dumps(document, indent=1))
        return
    typer.echo(f"{instance.name or file}")
    for name, value in found.document().items():
        shown = ", ".join(value) if isinstance(value, tuple) else value
        if shown is not None:
            typer.echo(f"  {name.replace('_', ' '):<20} {shown}")
    for theorem in theorems:
        typer.echo(f"  {theorem['kind']:<10} {theorem['theorem']}: {theorem['says']}")
    for solver in solvers:
        reason = solver["unsupported"]
        typer.echo(f"  solver {solver['name']:<14} {f'no: {reason}' if reason else solver['shown']}")


def _solvers(instance: Instance) -> list[dict[str, Any]]:
    """Per solver why it cannot take the instance, or what it would work on."""
    from qnnt.algorithms.enumeration import sums_needed
    from qnnt.encoders.order import encode
    from qnnt.errors import UnsupportedError
    from qnnt.simplification.pipeline import simplify
    from qnnt.solvers.registry import SOLVERS

    rows: list[dict[str, Any]] = []
    for entry in SOLVERS.values():
        row: dict[str, Any] = {"name": entry.name, "unsupported": None, "model": None, "shown": ""}
        try:
            solver = entry.create()
            if entry.encodings:
                encoding = encode(simplify(instance).instance, instance.objective, encoding=solver.network)
                row["unsupported"] = solver.unsupported(encoding.model)
                row["model"] = {**solver.sizes(encoding.model), "parameters": encoding.parameter_sizes}
                row["shown"] = _sizes_in_words(row["model"])
            else:
                row["unsupported"] = solver.unsupported(instance, instance.objective)
                row["shown"] = f"{sums_needed(instance):.1e} sums"
        except UnsupportedError as error:
            row["unsupported"] = str(error)
        rows.append(row)
    return rows


def _sizes_in_words(sizes: dict[str, Any]) -> str:
    parts = [f"{count} {name}" for name, count in sizes.items() if isinstance(count, int) and count]
    parts += [f"{count} {how} parameters" for how, count in sizes["parameters"].items() if count]
    return ", ".join(parts)
