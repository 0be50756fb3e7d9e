"""`qnnt info`: what an instance is like, and who can solve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from qnnt.instance import Instance
    from qnnt.regimes import Regime
    from qnnt.solvers.entry import Entry
    from qnnt.structure import Structure

MOST_SHOWN = 6
"""Numbers of a list that are shown on a line."""


def info_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance file.")],
    plan: Annotated[
        bool, typer.Option("--plan", help="Only how `solve` would go about it, and which estimates decide.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show the instance's parameters, which theorems apply to it, and which solvers.

    A hard theorem applies where its proof makes instances of this shape, a tractable one where its bound is
    below the number of parameter settings.
    """
    import json as text
    from dataclasses import asdict

    from qnnt.files.instances import load, sha256_of
    from qnnt.regimes import regimes
    from qnnt.structure import structure

    instance = load(file)
    if plan:
        document = _plan(instance)
        typer.echo(text.dumps(document, indent=1) if json else "\n".join(_plan_lines(instance.name or file, document)))
        return
    found = structure(instance)
    theorems = regimes(instance, found)
    solvers = _solvers(instance)
    if json:
        document = {"name": instance.name, "instance_sha256": sha256_of(instance), **found.document()}
        document |= {"theorems": [asdict(theorem) for theorem in theorems], "solvers": solvers}
        typer.echo(text.dumps(document, indent=1))
        return
    typer.echo(f"{instance.name or file}")
    typer.echo("\n".join([*_parameter_lines(found), "", *_theorem_lines(theorems), "", *_solver_lines(solvers)]))


def _plan(instance: Instance) -> dict[str, Any]:
    """What `auto` stands for with this instance."""
    from qnnt.files.instances import sha256_of
    from qnnt.solvers.dispatch import enumerable, why_enumerable
    from qnnt.solvers.facade import AUTO, chosen_configuration, plan_for

    plan = plan_for(instance, chosen_configuration(instance, AUTO))
    why = why_enumerable(instance) if enumerable(instance) else None
    lanes = [
        {
            "solver": lane.name,
            "share": lane.weight,
            "after": lane.after,
            "alone": lane.head_start,
            "all_cores": lane.all_cores,
            "why": why or lane.why,
        }
        for lane in plan.lanes
    ]
    left_out = [{"solver": one.name, "why": one.why} for one in plan.left_out]
    return {"name": instance.name, "instance_sha256": sha256_of(instance), "plan": lanes, "left_out": left_out}


def _plan_lines(name: str, document: dict[str, Any]) -> list[str]:
    """A line for each solver: its share of the time, when it joins, and what decided."""
    width = max(len(row["solver"]) for part in ("plan", "left_out") for row in document[part])
    lines = [name, f"  {'solver':<{width}} {'share':>5} {'joins':>7}  why"]
    for lane in document["plan"]:
        joins = f"{lane['after']:g} s" if lane["after"] else "at once"
        alone = f"; {lane['alone']:g} s ahead of its share" if lane["alone"] else ""
        alone += " on all cores" if lane["all_cores"] else ""
        lines.append(f"  {lane['solver']:<{width}} {lane['share']:>5g} {joins:>7}  {lane['why']}{alone}")
    return [*lines, *(f"  {one['solver']:<{width}} {'-':>5} {'-':>7}  {one['why']}" for one in document["left_out"])]


def _parameter_lines(found: Structure) -> list[str]:
    shown = found.document()
    upper = shown.pop("treewidth_upper")
    shown = {name.replace("treewidth_lower", "treewidth"): value for name, value in shown.items()}
    if shown["treewidth"] < upper:
        shown["treewidth"] = f"{shown['treewidth']} to {upper}"
    lines = []
    for name, value in shown.items():
        words = ", ".join(value) if isinstance(value, tuple) else value
        if words is not None:
            lines.append(f"  {name.replace('_', ' '):<20} {words}")
    return lines


def _theorem_lines(theorems: list[Regime]) -> list[str]:
    lines = [f"  {'theorem':<14} {'kind':<10} applies"]
    for theorem in theorems:
        applies = "yes" if theorem.applies else "no"
        lines.append(f"  {theorem.theorem:<14} {theorem.kind:<10} {applies:<7} {theorem.says}")
    return lines


def _solver_lines(solvers: list[dict[str, Any]]) -> list[str]:
    width = max(14, *(len(solver["name"]) for solver in solvers))
    lines = [f"  {'solver':<{width}} applies"]
    for solver in solvers:
        reason = solver["unsupported"]
        lines.append(f"  {solver['name']:<{width}} {'no' if reason else 'yes':<7} {reason or solver['shown']}")
    return lines


def _solvers(instance: Instance) -> list[dict[str, Any]]:
    """Per solver why it cannot take the instance, or what it would work on."""
    from qnnt.errors import InputError
    from qnnt.simplification.pipeline import simplify
    from qnnt.solvers.registry import entry_of, solver_names

    simplified = simplify(instance).instance
    rows: list[dict[str, Any]] = []
    for name in solver_names():
        row: dict[str, Any] = {"name": name, "unsupported": None, "model": None, "shown": ""}
        try:
            entry = entry_of(name)
            row |= _model(entry, instance, simplified) if entry.encodings else _expectation(entry, instance)
        except InputError as error:  # unsupported, or of another distribution and broken
            row["unsupported"] = str(error)
        rows.append(row)
    return rows


def _model(entry: Entry, instance: Instance, simplified: Instance) -> dict[str, Any]:
    """The model that a solver would get."""
    from qnnt.encoders.order import encode

    solver = entry.create()
    encoding = encode(simplified, instance.objective, encoding=solver.network)
    model = {**solver.sizes(encoding.model), "parameters": encoding.parameter_sizes}
    return {"unsupported": solver.unsupported(encoding.model), "model": model, "shown": _sizes_in_words(model)}


def _expectation(entry: Entry, instance: Instance) -> dict[str, Any]:
    """What an algorithm expects to do."""
    solver = entry.create()
    reason = solver.unsupported(instance, instance.objective)
    if reason:
        return {"unsupported": reason}
    sizes = dict(solver.expected(instance))
    if "states_expected" in sizes:
        return {"model": sizes, "shown": _states_in_words(sizes)}
    if set(sizes) == {"sums"}:
        return {"model": sizes, "shown": f"{_rounded(sizes['sums'])} sums"}
    return {"model": sizes, "shown": _work_in_words(sizes)}


def _sizes_in_words(sizes: Mapping[str, Any]) -> str:
    parts = [f"{count} {name}" for name, count in sizes.items() if isinstance(count, int) and count]
    parts += [f"{count} {how} parameters" for how, count in sizes["parameters"].items() if count]
    return ", ".join(parts)


def _states_in_words(sizes: Mapping[str, Any]) -> str:
    """For example: about 6.3e3 states expected, at most 2^22, order min-fill, width 2."""
    parts = [f"about {_rounded(sizes['states_expected'])} states expected", f"at most 2^{sizes['states_log2_bound']}"]
    others = {name: value for name, value in sizes.items() if not name.startswith("states_")}
    return ", ".join([*parts, *(f"{name.replace('_', ' ')} {value}" for name, value in others.items() if value)])


def _work_in_words(sizes: Mapping[str, Any]) -> str:
    """For example: 2^18.0 nodes, 2^25.9 choices, patterns 716 716 716; logarithms first."""
    if not sizes:
        return "no samples, no states"
    parts = [
        f"2^{value} {name.removesuffix('_log2').replace('_', ' ')}"
        for name, value in sizes.items()
        if name.endswith("_log2")
    ]
    for name, value in sizes.items():
        if value and not name.endswith("_log2"):
            shown = " ".join(map(str, value[:MOST_SHOWN])) if isinstance(value, list) else value
            more = " ..." if isinstance(value, list) and len(value) > MOST_SHOWN else ""
            parts.append(f"{name.replace('_', ' ')} {shown}{more}")
    return ", ".join(parts)


def _rounded(number: float) -> str:
    """Two digits: 640, 6.3e3."""
    if number < 1000:
        return f"{number:.0f}"
    mantissa, _, exponent = f"{number:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
