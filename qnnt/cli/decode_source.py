"""`qnnt decode-source`: a solution in the terms of the problem that the instance was made from."""

from __future__ import annotations

from typing import Annotated

import typer


def decode_source_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance file, made by qnnt generate FAMILY or c-nnt.")],
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result file; for c-nnt real parameters.")],
    as_json: Annotated[bool, typer.Option("--json", help="The solution as JSON, as it always is for c-nnt.")] = False,
) -> None:
    """Print the source problem's own solution, checked there.

    The instance is made again from its source and compared, and the loss is recomputed; then the solution
    is held against the source. For a C-NNT file, real parameters are checked, and the discrete solution that
    they stand for is printed as a result file. Exit status: 0 it is one, 3 the result holds none, 4 a check
    failed.
    """
    import json

    from qnnt.cli.generate_continuous import decode_continuous, is_continuous
    from qnnt.cli.verify import check_claims
    from qnnt.errors import CertificateError, InputError
    from qnnt.files.instances import load, sha256_of
    from qnnt.files.results import load_claim
    from qnnt.reductions.making import decode, origin_of

    if is_continuous(file):
        decode_continuous(file, result)
        return
    instance = load(file)
    try:
        origin = origin_of(instance)
    except InputError as error:
        raise error.within(file) from None
    claim = load_claim(result)
    if claim.instance_sha256 and claim.instance_sha256 != sha256_of(instance):
        raise CertificateError(f"{result} speaks of another instance (SHA-256 {claim.instance_sha256[:12]}...)")
    if claim.parameters is None:
        typer.echo(f"no solution: the result says {claim.status}, which is not checked here", err=True)
        raise typer.Exit(3)
    decoded = decode(origin, claim.parameters)
    if claim.loss not in (None, decoded.loss):
        raise CertificateError(f"the loss is {decoded.loss}, not {claim.loss} as claimed")
    check_claims(claim, decoded.loss, instance.bound if claim.bound is None else claim.bound)
    if decoded.solution is not None:
        if as_json:
            typer.echo(json.dumps(origin.source.solution_document(decoded.solution)))
        else:
            typer.echo("\n".join(origin.source.words(decoded.solution)))
    if decoded.complaint:
        typer.echo(f"no solution of the {origin.source.problem} instance: {decoded.complaint}", err=True)
        raise typer.Exit(3)
    typer.echo(f"checked: a solution of the {origin.source.problem} instance", err=True)
