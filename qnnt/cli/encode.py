"""`qnnt encode`: the compiled instance as a file for foreign solvers."""

from __future__ import annotations

from typing import Annotated

import typer


def encode_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance: .json, .json.gz, or - for standard input.")],
    to: Annotated[str, typer.Option("--to", metavar="cnf|wcnf|wcnf-old|opb|wbo|mps|lp|cpsat", help="The format.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="Where to; .gz packs, - is standard output.")
    ] = "-",
    encoding: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How sums are counted in clauses, where integers begin elsewhere: names under sat, pb and milp "
            "in `qnnt solvers`.",
        ),
    ] = "auto",
    objective: Annotated[
        str | None,
        typer.Option(metavar="decide|minimize", help="Default: decide for cnf, minimize for all others."),
    ] = None,
    bound: Annotated[
        str | None, typer.Option(metavar="L", help="Replaces the bound of the instance (3 or 3/2), and decides.")
    ] = None,
) -> None:
    """Write the model of an instance for any SAT, MaxSAT, pseudo-Boolean, MILP or CP-SAT solver.

    cnf says that the bound can be met, the others minimise the loss: wcnf is the new format of the MaxSAT
    evaluations (wcnf-old has a p line); opb and wbo are pseudo-Boolean, wbo with soft constraints; mps and
    lp are integer programs; cpsat is the text form of a CpModelProto. Comments at the head hold the map
    that `qnnt decode` reads.
    """
    from qnnt.cli.numbers import bound_of
    from qnnt.encoders.dimacs import DimacsForm
    from qnnt.encoders.names import ENCODINGS
    from qnnt.encoders.opb import PbForm
    from qnnt.errors import InputError
    from qnnt.files.instances import load
    from qnnt.instance import Objective
    from qnnt.solvers import foreign

    counting = [name for name in ENCODINGS if name != "native"]
    encodings: dict[str, list[str]] = dict.fromkeys(list(DimacsForm), counting)
    encodings.update((form, [*_NETWORKS, "cnf"]) for form in PbForm)
    encodings.update((form, _NETWORKS) for form in (*foreign.ProgramForm, "cpsat"))
    if to not in encodings:
        raise InputError(f"unknown format {to!r}: {', '.join(encodings)}")
    if encoding not in encodings[to]:
        of_what = "clauses" if to in list(DimacsForm) else f"a model for {to}"
        raise InputError(f"unknown encoding {encoding!r} of {of_what}; known: {', '.join(encodings[to])}")
    if objective is not None and objective not in list(Objective):
        raise InputError(f"unknown objective {objective!r}: decide or minimize")
    if bound is not None and objective == Objective.MINIMIZE:
        raise InputError("a bound and --objective minimize exclude each other")
    default = Objective.DECIDE if to == DimacsForm.CNF or bound is not None else Objective.MINIMIZE
    chosen = Objective(objective) if objective is not None else default
    if to == DimacsForm.CNF and chosen is Objective.MINIMIZE:
        raise InputError("a cnf has no objective: take --to wcnf, or --objective decide")
    instance = load(file)
    if bound is not None:
        instance = instance.derive(bound=bound_of(bound))
    if chosen is Objective.DECIDE and instance.bound is None:
        other = "--to wcnf" if to == DimacsForm.CNF else "--objective minimize"
        raise InputError(f"to decide, a bound is needed: give --bound, or take {other}", source=file)
    if to in list(DimacsForm):
        foreign.write_formula(instance, chosen, DimacsForm(to), encoding, output)
    elif to in list(PbForm):
        foreign.write_pseudo_boolean(instance, chosen, PbForm(to), encoding, output)
    elif to in list(foreign.ProgramForm):
        foreign.write_integer_program(instance, chosen, foreign.ProgramForm(to), encoding, output)
    else:
        foreign.write_cp_model(instance, chosen, encoding, output)


_NETWORKS = ["auto", "order", "integer"]
"""How networks are encoded where integers may stand."""
