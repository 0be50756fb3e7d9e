"""`qnnt solve`: the main job."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from qnnt.instance import Instance
    from qnnt.result import Result
    from qnnt.solvers.questions import Progress


def solve_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance: .json, .json.gz, or - for standard input.")],
    objective: Annotated[
        str | None,
        typer.Option(metavar="decide|minimize", help="Default: decide if the instance has a bound, else minimize."),
    ] = None,
    solver: Annotated[str, typer.Option(metavar="NAME", help="See `qnnt solvers`; variants as name:option.")] = "auto",
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="For solvers that build a model; `qnnt solvers` lists them.")
    ] = None,
    bound: Annotated[
        str | None, typer.Option(metavar="L", help="Replaces the bound of the instance (3 or 3/2), and decides.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds for the whole command; no limit by default.")
    ] = None,
    memory_limit: Annotated[
        int | None, typer.Option(metavar="MB", help="Memory of the solver's process; no limit by default.")
    ] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", help="Default: all cores.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the solver.")] = 0,
    hint: Annotated[
        str | None, typer.Option(metavar="RESULT", help="A result file whose solution to start from.")
    ] = None,
    proof: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a proof of NO, or of an optimum's lower bound; clauses to FILE.cnf."),
    ] = None,
    solver_command: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="A foreign SAT, MaxSAT or PB solver, such as 'kissat %s'.")
    ] = None,
    sparsify: Annotated[
        bool, typer.Option("--sparsify", help="Then, of all answers, find one with the fewest non-zero weights.")
    ] = False,
    cubes: Annotated[
        int | None, typer.Option(metavar="N", help="Split into about N sub-instances, solved side by side.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="A dask.distributed scheduler, whose workers solve the cubes."),
    ] = None,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="RESULT", help="Write a result file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")] = False,
    competition: Annotated[
        bool, typer.Option("--competition", help="Lines s, o, v and exit codes 10, 20, 30, 0 of the competitions.")
    ] = False,
) -> None:
    """Find parameters with the smallest loss, or decide whether the bound can be met.

    Every solution is verified by an independent evaluator. Ctrl-C and SIGTERM end the search and keep
    the best solution. Exit status: 0 answered, 2 bad input, 3 a limit was reached before an answer (with
    --sparsify: to both questions; the result says which one is answered).
    """
    start = time.monotonic()
    import dataclasses

    from qnnt.cli.numbers import bound_of
    from qnnt.cli.places import check_writable
    from qnnt.cli.stopping import stop_on_signals
    from qnnt.errors import InputError
    from qnnt.files.instances import load
    from qnnt.files.results import load_claim, save_result
    from qnnt.solvers.facade import solve

    if json and competition:
        raise InputError("--json and --competition exclude each other")
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"the time limit must be positive, not {time_limit}")
    _check_cubes(cubes, cluster, proof, solver_command, sparsify=sparsify)
    instance = load(file)
    start_from = None
    if hint is not None:
        start_from = load_claim(hint).parameters
        if start_from is None:
            raise InputError("holds no solution to start from", source=hint)
    for path in (output, proof, None if proof is None else f"{proof}.cnf"):
        if path not in (None, "-"):
            check_writable(str(path))
    _check_places(file, output, proof)
    with stop_on_signals() as stop, _display(competition) as on_progress:
        options: dict[str, Any] = {
            "solver": solver,
            "encoding": encoding,
            "objective": objective,
            "bound": None if bound is None else bound_of(bound),
            "time_limit": None if time_limit is None else max(0.01, time_limit - (time.monotonic() - start)),
            "memory_limit": memory_limit,
            "threads": threads,
            "seed": seed,
            "hint": start_from,
            "stop": stop,
            "on_progress": on_progress,
        }
        if cubes is not None:
            from qnnt.conquest.conquer import conquer

            result = conquer(instance, cubes=cubes, cluster=cluster, **options)
        else:
            result = solve(instance, proof=proof, solver_command=solver_command, sparsify=sparsify, **options)
    result = dataclasses.replace(result, instance_file=None if file == "-" else file)
    if output is not None:
        save_result(result, output)
    if competition:
        _print_competition(result)
        raise typer.Exit(_competition_status(result))
    if json:
        if output != "-":
            save_result(result, "-")
    elif output != "-":
        print_words(instance, result)
    raise typer.Exit(0 if result.answered else 3)


def _check_cubes(
    cubes: int | None, cluster: str | None, proof: str | None, solver_command: str | None, *, sparsify: bool
) -> None:
    """What cannot be done in cubes, and what needs them."""
    from qnnt.errors import InputError

    if cubes is None:
        if cluster is not None:
            raise InputError("--cluster solves cubes: say --cubes N, too")
        return
    if cubes < 1:
        raise InputError(f"at least one cube is needed, not {cubes}")
    for option, given in (("--proof", proof is not None), ("--solver-command", solver_command is not None),
                          ("--sparsify", sparsify)):  # fmt: skip
        if given:
            raise InputError(f"{option} and --cubes exclude each other")


def _check_places(file: str, output: str | None, proof: str | None) -> None:
    """No file may overwrite another."""
    from qnnt.errors import InputError

    if proof is None:
        return
    if proof == "-":
        raise InputError("--proof needs a file: the clauses go beside it")
    for written in (proof, f"{proof}.cnf"):
        if written in (file, output):
            raise InputError(f"--proof would overwrite {written}")


@contextmanager
def _display(competition: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Live progress on a terminal; `o` lines for competitions; nothing else otherwise."""
    if competition:
        yield _ObjectiveLines()
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield lambda progress: status.update(_progress_line(progress))
    else:
        yield None


class _ObjectiveLines:
    """Prints an ``o`` line for every better solution."""

    def __init__(self) -> None:
        self._last: Any = None

    def __call__(self, progress: Progress) -> None:
        if progress.nonzero_weights is not None:
            return
        if progress.loss is not None and progress.loss != self._last:
            self._last = progress.loss
            sys.stdout.write(f"o {progress.loss}\n")
            sys.stdout.flush()


def _progress_line(progress: Progress) -> str:
    value, bound, known = progress.loss, progress.lower_bound, f"loss {progress.loss}"
    if progress.nonzero_weights is not None and progress.nonzero_lower_bound is not None:
        value, bound = progress.nonzero_weights, progress.nonzero_lower_bound
        known = f"{value} non-zero weights with loss at most {progress.loss}"
    if value is None:
        known = "no solution yet"
    gap = f", gap {float((value - bound) / value):.0%}" if value else ""
    return f"{progress.stage}: {known}, bound {bound}{gap}, {progress.seconds:.1f} s"


def print_words(instance: Instance, result: Result) -> None:
    """A result for people: what was found, what was proved, and the network as formulas."""
    from qnnt.cli.formulas import formulas

    numerical = " (numerical: floating-point arithmetic, no proof)"
    lines = [("status", f"{result.status}{numerical if result.numerical and result.status.answered else ''}")]
    if result.loss is not None:
        unit = "samples mismatched" if instance.loss.name == "mismatch" else f"{instance.loss.name} loss"
        total = f" of {instance.dataset.total_weight}" if instance.loss.name == "mismatch" else ""
        lines.append(("loss", f"{result.loss}{total} ({unit})"))
    if result.lower_bound is not None:
        lines.append(("bound", f"{result.lower_bound}{' (numerical)' if result.numerical else ''}"))
    if result.nonzero_weights is not None:
        proved = "no fewer are possible" if result.answered else f"at least {result.nonzero_lower_bound}"
        proved += ", numerical" if result.nonzero_numerical else ""
        lines.append(("non-zero", f"{result.nonzero_weights} of {len(instance.weights)} weights ({proved})"))
    if result.accuracy is not None:
        lines.append(("accuracy", f"{result.accuracy:.4f}"))
    encoding = f", encoding {result.encoding}" if result.encoding else ""
    lines.append(("solver", f"{result.solver}{encoding}{_who(result)}"))
    lines.append(("seconds", f"{result.seconds['total']:.2f} (encoding {result.seconds['encode']:.2f})"))
    if "cubes" in result.model:
        counts = ", ".join(f"{result.model[fate]} {fate}" for fate in ("refuted", "solved", "open"))
        lines.append(("cubes", f"{result.model['cubes']} ({counts})"))
    if result.proof is not None:
        lines.append(("proof", f"{result.proof['file']} refutes {result.proof['clauses']}"))
    if result.note:
        lines.append(("note", result.note))
    for name, value in lines:
        typer.echo(f"{name:<9} {value}")
    if result.solution is not None:
        for line in formulas(instance, result.solution.parameters):
            typer.echo(f"  {line}")


def _who(result: Result) -> str:
    """Of several solvers, who found the solution and who proved the rest."""
    found = "" if result.found_by is None else f"solution by {result.found_by}"
    proved = "" if result.proved_by is None else f"proof by {result.proved_by}"
    words = ", ".join(filter(None, [found, proved]))
    return f" ({words})" if words else ""


_COMPETITION = {
    "yes": ("SATISFIABLE", 10),
    "no": ("UNSATISFIABLE", 20),
    "infeasible": ("UNSATISFIABLE", 20),
    "optimal": ("OPTIMUM FOUND", 30),
    "feasible": ("SATISFIABLE", 10),
    "unknown": ("UNKNOWN", 0),
}


def _competition_words(result: Result) -> tuple[str, int]:
    """The status line and exit code; a decision that was not reached, or not exactly, stays unknown."""
    if result.status == "feasible" and result.objective == "decide":
        return _COMPETITION["unknown"]
    if result.numerical and result.status.answered:  # competitions want proofs
        return _COMPETITION["unknown" if result.loss is None or result.objective == "decide" else "feasible"]
    return _COMPETITION[str(result.status)]


def _competition_status(result: Result) -> int:
    return _competition_words(result)[1]


def _print_competition(result: Result) -> None:
    from qnnt.instance import parameters_in_words

    words, _ = _competition_words(result)
    if words != "UNKNOWN" and result.loss is not None and not result.incumbents:
        typer.echo(f"o {result.loss}")
    if result.numerical:
        typer.echo("c numerical: the bound rests on floating-point arithmetic")
    typer.echo(f"s {words}")
    if words in ("SATISFIABLE", "OPTIMUM FOUND") and result.solution is not None:
        parts = parameters_in_words(result.solution.parameters)
        for key, value in [*parts["weights"].items(), *((f"bias:{v}", b) for v, b in parts["bias"].items())]:
            typer.echo(f"v {key}={value}")
