"""`qnnt generate c-nnt`, and the way back for `qnnt decode-source`."""

from __future__ import annotations

from typing import Annotated

import typer


def continuous_command(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="Instance file with a bound.")],
    solution: Annotated[
        str | None, typer.Option("--solution", metavar="RESULT", help="Result file with a solution of it.")
    ] = None,
    witness: Annotated[
        str | None, typer.Option("--witness", metavar="FILE", help="Write the solution as real parameters.")
    ] = None,
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="File to write; - prints it.")] = "-",
) -> None:
    """An instance with real weights that fits only as the discrete one does (Theorem 1.2).

    Its weights are any real numbers, so that no solver here takes it: decode-source reads rational
    parameters, checks their loss exactly and prints the discrete solution that they stand for.
    """
    from qnnt.cli.generate_family import check_witness
    from qnnt.errors import CertificateError, InputError
    from qnnt.files.results import load_claim
    from qnnt.files.streams import STANDARD_INPUT
    from qnnt.files.text import pretty, read_json, write_text
    from qnnt.reductions.continuous.checking import decode, embed
    from qnnt.reductions.continuous.documents import continuous_from, document_around, solution_document

    if (solution is None) != (witness is None):
        raise InputError("--solution and --witness go together")
    if witness is not None:
        check_witness(witness, output)
    source = read_json(instance)
    try:
        document = document_around(source)
    except InputError as error:
        raise error.within("standard input" if instance == STANDARD_INPUT else instance) from None
    texts = [(output, pretty(document))]
    if solution is not None and witness is not None:
        made, claim = continuous_from(document), load_claim(solution)
        if claim.instance_sha256 and claim.instance_sha256 != made.discrete.sha256:
            raise CertificateError(f"{solution} speaks of another instance (SHA-256 {claim.instance_sha256[:12]}...)")
        if claim.parameters is None:
            raise InputError(f"--witness: {solution} says {claim.status} and holds no solution")
        parameters = embed(made, claim.parameters)
        decode(made, parameters)
        texts.append((witness, pretty(solution_document(parameters))))
    for path, text in texts:
        write_text(path, text)


def is_continuous(path: str) -> bool:
    """Whether a file says that it is a C-NNT instance; standard input is not looked at."""
    from qnnt.files.streams import STANDARD_INPUT
    from qnnt.files.text import read_json
    from qnnt.reductions.continuous.documents import FORMAT

    document = None if path == STANDARD_INPUT else read_json(path)
    return isinstance(document, dict) and document.get("format") == FORMAT


def decode_continuous(file: str, solution: str) -> None:
    """Print the discrete solution that real parameters stand for, as a result file."""
    from qnnt.errors import InputError
    from qnnt.files.results import result_document
    from qnnt.files.text import pretty, read_json
    from qnnt.instance import Objective
    from qnnt.reductions.continuous.checking import decode, total_loss
    from qnnt.reductions.continuous.documents import continuous_from, solution_from
    from qnnt.result import Result, Solution, Status

    try:
        continuous = continuous_from(read_json(file))
    except InputError as error:
        raise error.within(file) from None
    try:
        parameters = solution_from(read_json(solution, measured=True))  # a result file gets a complaint of its format
    except InputError as error:
        raise error.within(solution) from None
    total, margin = total_loss(continuous, parameters), continuous.margin
    if total > margin:
        typer.echo(f"no solution of the C-NNT instance: the loss {total} is above {margin}", err=True)
        raise typer.Exit(3)
    discrete = continuous.discrete
    result = Result(
        status=Status.YES,
        objective=Objective.DECIDE,
        instance_sha256=discrete.sha256,
        solver="decode-source",
        encoding=None,
        loss=total - discrete.dataset.total_weight,
        lower_bound=0,
        solution=Solution(discrete, decode(continuous, parameters)),
        note=f"read off real parameters with the loss {total}",
    )
    typer.echo(pretty(result_document(result)), nl=False)
    typer.echo(f"checked: a solution of the {discrete.problem} instance with the loss {result.loss}", err=True)
