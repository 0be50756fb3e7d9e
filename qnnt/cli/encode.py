"""`qnnt encode`: the compiled instance as a file for foreign solvers."""

from __future__ import annotations

from typing import Annotated

import typer


def encode_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance: .json, .json.gz, or - for standard input.")],
    to: Annotated[str, typer.Option("--to", metavar="cnf|wcnf|wcnf-old", help="The format.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="Where to; .gz packs, - is standard output.")
    ] = "-",
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="How sums are counted; `qnnt solvers` lists the names under sat.")
    ] = "auto",
    objective: Annotated[
        str | None,
        typer.Option(metavar="decide|minimize", help="Default: decide for cnf, minimize for wcnf."),
    ] = None,
    bound: Annotated[
        str | None, typer.Option(metavar="L", help="Replaces the bound of the instance (3 or 3/2), and decides.")
    ] = None,
) -> None:
    """Write the clauses of an instance in DIMACS format, for any SAT or MaxSAT solver.

    cnf says that the bound can be met; wcnf minimises the loss (new format of the MaxSAT evaluations;
    wcnf-old has a p line). Comments at the head hold the map that `qnnt decode` reads.
    """
    from qnnt.cli.numbers import bound_of
    from qnnt.encoders.dimacs import DimacsForm, write_dimacs
    from qnnt.encoders.names import ENCODINGS
    from qnnt.errors import InputError
    from qnnt.files.instances import load
    from qnnt.instance import Objective
    from qnnt.solvers.foreign import formula

    if to not in list(DimacsForm):
        raise InputError(f"unknown format {to!r}: {', '.join(DimacsForm)}")
    if encoding not in ENCODINGS or encoding == "native":
        names = ", ".join(name for name in ENCODINGS if name != "native")
        raise InputError(f"unknown encoding {encoding!r} of clauses; known: {names}")
    if objective is not None and objective not in list(Objective):
        raise InputError(f"unknown objective {objective!r}: decide or minimize")
    form = DimacsForm(to)
    if bound is not None and objective == Objective.MINIMIZE:
        raise InputError("a bound and --objective minimize exclude each other")
    default = Objective.DECIDE if form is DimacsForm.CNF or bound is not None else Objective.MINIMIZE
    chosen = Objective(objective) if objective is not None else default
    if form is DimacsForm.CNF and chosen is Objective.MINIMIZE:
        raise InputError("a cnf has no objective: take --to wcnf, or --objective decide")
    instance = load(file)
    if bound is not None:
        instance = instance.derive(bound=bound_of(bound))
    if chosen is Objective.DECIDE and instance.bound is None:
        other = "--to wcnf" if form is DimacsForm.CNF else "--objective minimize"
        raise InputError(f"to decide, a bound is needed: give --bound, or take {other}", source=file)
    cnf, comments = formula(instance, chosen, encoding)
    write_dimacs(cnf, comments, output, form)
