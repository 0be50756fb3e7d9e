"""`qnnt decode`: a foreign solver's answer back to a verified result."""

from __future__ import annotations

from typing import Annotated

import typer


def decode_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance file.")],
    model: Annotated[str, typer.Argument(metavar="MODEL", help="What `qnnt encode` wrote; only its map is read.")],
    printed: Annotated[
        str,
        typer.Argument(
            metavar="SOLVER_OUTPUT", help="Lines s, v, o; a solution file; a CpSolverResponse; - is standard input."
        ),
    ],
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="RESULT", help="Write a result file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")] = False,
) -> None:
    """Read a foreign solver's answer, verify its solution, and print it in terms of the network.

    The head of MODEL says what SOLVER_OUTPUT should be: what SAT, MaxSAT and pseudo-Boolean solvers print;
    for mps and lp the solution file of HiGHS, SCIP, CBC, GLPK or Gurobi; for cpsat the text of a
    CpSolverResponse.

    Exit status: 0 answered, 2 bad input, 3 the solver had no answer, 4 its assignment is no solution or not
    as good as it says.
    """
    import dataclasses

    from qnnt.cli.solve import print_words
    from qnnt.files.instances import load
    from qnnt.files.results import save_result
    from qnnt.solvers.foreign import read_answer

    instance = load(file)
    result = read_answer(instance, model, printed)
    result = dataclasses.replace(result, instance_file=None if file == "-" else file)
    if output is not None:
        save_result(result, output)
    if json:
        if output != "-":
            save_result(result, "-")
    elif output != "-":
        print_words(instance, result)
    raise typer.Exit(0 if result.status.answered else 3)
