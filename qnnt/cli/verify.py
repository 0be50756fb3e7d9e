"""`qnnt verify`: check a claimed solution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qnnt.exact import Number
    from qnnt.files.results import Claim
    from qnnt.instance import Instance


def verify_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Instance file.")],
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result file.")],
    proof: Annotated[
        str | None, typer.Option(metavar="FILE", help="The proof that was written with the result.")
    ] = None,
) -> None:
    """Check the certificate in a result file, independently of all solvers.

    The loss is recomputed exactly and every value looked up in its set. With --proof, the clauses are made
    again from the instance, compared with FILE.cnf, and the proof is checked step by step. Without a
    proof, optimality is not checked. Exit status: 0 what there is holds, 3 there is nothing to check, or
    nothing that could be computed, 4 it does not hold.
    """
    from qnnt.errors import BudgetError, CertificateError
    from qnnt.files.instances import load, sha256_of
    from qnnt.files.results import load_claim
    from qnnt.result import Status
    from qnnt.solvers.facade import verify

    instance = load(file)
    claim = load_claim(result)
    if claim.instance_sha256 and claim.instance_sha256 != sha256_of(instance):
        raise CertificateError(f"{result} speaks of another instance (SHA-256 {claim.instance_sha256[:12]}...)")
    if claim.parameters is None:
        if claim.status in (Status.YES, Status.OPTIMAL, Status.FEASIBLE):
            raise CertificateError(f"{result} says {claim.status}, but holds no solution")
        if proof is not None:
            typer.echo(_check_proof(instance, claim, proof, result))
            raise typer.Exit(0)
        typer.echo(f"not checked: {claim.status} without a proof")
        raise typer.Exit(3)
    try:
        loss = verify(instance, claim.parameters, claim.loss)
    except BudgetError as error:
        typer.echo(f"not checked: {error}")
        raise typer.Exit(3) from None
    check_claims(claim, loss, instance.bound if claim.bound is None else claim.bound)
    typer.echo(f"certificate holds: loss {loss}")
    if proof is not None:
        typer.echo(_check_proof(instance, claim, proof, result))
        raise typer.Exit(0)
    if claim.status is Status.OPTIMAL:
        typer.echo("not checked: that no smaller loss exists (no proof given)")
    if claim.status is Status.NO:
        typer.echo("not checked: that the bound cannot be met (no proof given)")
        raise typer.Exit(3)
    raise typer.Exit(0)


def _check_proof(instance: Instance, claim: Claim, proof: str, source: str) -> str:
    """Check the proof of what the file claims beyond its solution; what holds, in words."""
    from qnnt.encoders.names import ENCODINGS
    from qnnt.errors import InputError
    from qnnt.solvers.refutation import check_proof

    if not claim.proof_encoding:
        raise InputError("the result speaks of no proof, so that its clauses are not known")
    if claim.proof_encoding not in ENCODINGS:
        raise InputError(f"unknown encoding {claim.proof_encoding!r}", "proof.encoding", source)
    bound = instance.bound if claim.bound is None else claim.bound
    checked = check_proof(instance, claim.status, claim.loss, bound, claim.proof_encoding, proof)
    return f"proof holds: {checked}"


def check_claims(claim: Claim, loss: Number, bound: Number | None) -> None:
    """The file must not contradict itself."""
    from qnnt.errors import CertificateError
    from qnnt.result import Status, nonzero_weights

    counted = None if claim.parameters is None else nonzero_weights(claim.parameters)
    if claim.nonzero_weights not in (None, counted):
        raise CertificateError(f"{counted} weights are not zero, not {claim.nonzero_weights} as the file says")
    within = bound is not None and loss <= bound
    if claim.status is Status.INFEASIBLE or (claim.status is Status.NO and within):
        raise CertificateError(f"the file says {claim.status}, but its solution has loss {loss}")
    if claim.status is Status.YES and not within:
        raise CertificateError(f"the file says yes, but the loss {loss} is not within the bound {bound}")
    if claim.lower_bound is not None and claim.lower_bound > loss:
        raise CertificateError(f"the lower bound {claim.lower_bound} is above the loss {loss}")
    if claim.status is Status.OPTIMAL and claim.lower_bound not in (None, loss):
        raise CertificateError(f"the file says optimal, but its lower bound {claim.lower_bound} is not the loss {loss}")
