"""`qnnt generate FAMILY` for the families of reductions: one command each, made from its entry in the registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qnnt.reductions.registry import Family

if TYPE_CHECKING:
    from qnnt.reductions.making import Origin
    from qnnt.result import Result

VARIANTS = "planted, random or no"


def family_command(entry: Family) -> Callable[..., None]:
    """The command of one family: its sizes and forms are options."""

    def command(
        source: str | None, variant: str | None, form: str, seed: int | None, name: str, witness: str | None,
        output: str,
        **sizes: int | None,
    ) -> None:  # fmt: skip
        given = {key: size for key, size in sizes.items() if size is not None}
        _generate(entry, source, variant, given, form, seed, name, witness, output)

    parameters = [_parameter(key, kind, default) for key, kind, default in _options(entry)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = f"{entry.summary}\n\nFrom SOURCE, or random: --variant {VARIANTS}."
    return command


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _options(entry: Family) -> list[tuple[str, Any, Any]]:
    source = typer.Argument(metavar="SOURCE", help=f"{entry.reads}; - is standard input. Without it: random.")
    found: list[tuple[str, Any, Any]] = [("source", Annotated[str | None, source], None)]
    for size in entry.sizes:
        words = f"{size.help} [random sources: {size.default}{'; needed with SOURCE' if size.completes else ''}]"
        option = typer.Option(f"--{size.name}", metavar="N", help=words, min=size.least, max=size.most)
        found.append((size.name.replace("-", "_"), Annotated[int | None, option], None))
    variant = typer.Option("--variant", help=f"Of random sources: {VARIANTS} (no solution, by construction).")
    form = typer.Option("--form", help=f"Of the reduction: {', '.join(entry.forms)}.")
    seed = typer.Option("--seed", metavar="N", help="Of random sources: same seed, same source.  [default: 0]")
    name = typer.Option("--name", help="Name of the instance.")
    witness = typer.Option("--witness", metavar="FILE", help="Write the network of a source solution as a result.")
    output = typer.Option("-o", "--output", metavar="FILE", help="Instance file to write; - prints it.")
    return [
        *found,
        ("variant", Annotated[str | None, variant], None),
        ("form", Annotated[str, form], entry.forms[0]),
        ("seed", Annotated[int | None, seed], None),
        ("name", Annotated[str, name], ""),
        ("witness", Annotated[str | None, witness], None),
        ("output", Annotated[str, output], "-"),
    ]


def _generate(
    entry: Family,
    source: str | None,
    variant: str | None,
    given: dict[str, int],
    form: str,
    seed: int | None,
    name: str,
    witness: str | None,
    output: str,
) -> None:
    from qnnt.errors import InputError
    from qnnt.exact import shown
    from qnnt.files.instances import save
    from qnnt.files.results import save_result
    from qnnt.reductions.making import Origin, draw, drawn_name
    from qnnt.reductions.sources.source import Variant

    if form not in entry.forms:
        raise InputError(f"--form: expected one of {', '.join(entry.forms)}, got {shown(form)}")
    if witness is not None:
        check_witness(witness, output)
    planted = None
    if source is None:
        if variant is not None and variant not in list(Variant):
            raise InputError(f"--variant: expected {VARIANTS}, got {shown(variant)}")
        chosen = Variant(variant or Variant.PLANTED)
        sizes = {size.name: given.get(size.name.replace("-", "_"), size.default) for size in entry.sizes}
        drawn = draw(entry, chosen, sizes, seed or 0)
        origin, planted = Origin(entry, form, drawn.source), drawn.solution
        name = name or drawn_name(entry, form, chosen, sizes, seed or 0)
    else:
        for option, value in (("--variant", variant), ("--seed", seed)):
            if value is not None:
                raise InputError(f"{option} is for random sources, and here is a file")
        origin = Origin(entry, form, _read(entry, source, given))
        name = name or entry.name
    network = None if witness is None else _witness(origin, planted, name)
    save(origin.made(name), output)
    if network is not None and witness is not None:
        save_result(network, witness)


def check_witness(witness: str, output: str) -> None:
    """The witness needs a file of its own: what is wrong with it comes before anything is written."""
    from pathlib import Path

    from qnnt.cli.places import check_writable
    from qnnt.errors import InputError
    from qnnt.files.streams import STANDARD_INPUT

    if witness == STANDARD_INPUT or Path(witness).absolute() == Path(output).absolute():
        raise InputError("--witness needs a file, and another one than -o")
    check_writable(witness)


def _read(entry: Family, path: str, given: dict[str, int]) -> Any:
    from qnnt.errors import InputError
    from qnnt.files.streams import STANDARD_INPUT, lines_of

    for size in entry.sizes:
        if size.name.replace("-", "_") in given and not size.completes:
            raise InputError(f"--{size.name} is for random sources, and here is a file")
    sizes = {size.name: given[key] for size in entry.sizes if (key := size.name.replace("-", "_")) in given}
    for size in entry.sizes:
        if size.completes and size.name not in sizes:
            raise InputError(f"--{size.name} is needed: {entry.reads} leaves it open")
    try:
        return entry.reduction().source.from_text("".join(lines_of(path)), sizes)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def _witness(origin: Origin, planted: Any, name: str) -> Result:
    """The planted solution as a network, else one that the source's own solver finds."""
    from qnnt.errors import InputError
    from qnnt.reductions.making import witness_result

    solution = planted if planted is not None else origin.source.solve()
    if solution is None:
        raise InputError(f"--witness: the {origin.source.problem} instance has no solution")
    return witness_result(origin, solution, name)
