"""`qnnt schema`: the JSON Schemas of the file formats."""

from __future__ import annotations

from typing import Annotated

import typer


def schema_command(
    name: Annotated[str, typer.Argument(metavar="instance|result", help="Which format.")] = "instance",
) -> None:
    """Print the JSON Schema of instance or result files."""
    from qnnt.errors import InputError
    from qnnt.files.schemas import schema_text

    if name == "instance":
        typer.echo(schema_text("instance"), nl=False)
    elif name == "result":
        typer.echo(schema_text("result"), nl=False)
    else:
        raise InputError(f"no schema {name!r}: instance or result")
