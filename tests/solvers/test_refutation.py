"""Which clauses a claim refutes: exactly those below the optimum, for every loss; and what a checker makes of lies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pysat.solvers import Solver

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, write_dimacs
from qnnt.errors import CertificateError, InputError
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters, random_instance
from qnnt.generation.families import random_labels
from qnnt.instance import Instance
from qnnt.result import Result, Status
from qnnt.solvers.refutation import NO_BOUND, check_proof, clauses_of, refuted_bound
from tests.solvers.small_instances import LABELS, NEVER, line


@cache
def sample(seed: int) -> Instance:
    """Every third has random labels, so that its best loss is seldom 0."""
    if seed % 3 == 0:
        return random_labels(3, [2, 1, 1], 9, seed)
    return random_instance(random.Random(f"refuted {seed}"), most_settings=600).derive(bound=None)


@cache
def best(seed: int) -> Number | None:
    return minimum(sample(seed)).loss


def satisfiable(cnf: Cnf) -> bool:
    rows = [cnf.clauses.entries[a:b].tolist() for a, b in pairwise(cnf.clauses.offsets.tolist())]
    if not all(rows):
        return False
    with Solver(name="glucose4", bootstrap_with=rows) as solver:
        return bool(solver.solve())


def losses_of(instance: Instance) -> Iterator[Number]:
    for parameters in all_parameters(instance):
        try:
            yield evaluate(instance, parameters)
        except CertificateError:
            continue


def proved(instance: Instance, folder: Path, **options: Any) -> tuple[Result, str]:
    proof = str(folder / "p")
    return qnnt.solve(instance, solver="sat", proof=proof, **options), proof


def trivial_proof(cnf: Cnf, folder: Path) -> str:
    """The clauses, and a proof that has nothing to say."""
    write_dimacs(cnf, [], str(folder / "p.cnf"), DimacsForm.CNF)
    (folder / "p").write_text("0\n")
    return str(folder / "p")


# --- the bound -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instance", "loss", "bound"),
    [
        (LABELS, 1, 0),
        (LABELS, 5, 4),
        (LABELS, 0, -1),
        (d_qnnt(3, [1, 1], [[1], [1]], [[0], [1]], weight=[4, 2]), 2, 1),
        (line(loss="mismatch"), 6, 5),
        (line(loss="hamming"), 6, 5),
        (line(), Fraction(7, 2), Fraction(10, 3)),
        (line(), Fraction(1, 6), 0),
        (line(), 0, Fraction(-1, 6)),
        (line(bias=[0]), Fraction(7, 2), 3),
        (line(loss="squared"), Fraction(9, 4), Fraction(20, 9)),
        (line(loss={"type": "hinge", "margin": "1/5"}), 1, Fraction(59, 60)),
        (line(loss="linf"), Fraction(7, 2), Fraction(41, 12)),
    ],
)
def test_the_next_smaller_loss(instance: Instance, loss: Number, bound: Number) -> None:
    assert refuted_bound(instance, Status.OPTIMAL, loss, None) == bound
    assert refuted_bound(instance.derive(bound=7), Status.OPTIMAL, loss, 7) == bound


def test_every_loss_is_a_multiple_of_the_step() -> None:
    """So that nothing lies between the refuted bound and the optimum."""
    for loss in ("absolute", "squared", "linf", {"type": "hinge", "margin": "1/5"}):
        instance = line(loss=loss)
        step = -refuted_bound(instance, Status.OPTIMAL, 0, None)
        reached = list(losses_of(instance))
        assert len(reached) == instance.settings
        assert all(Fraction(found, step).denominator == 1 for found in reached)


def test_a_no_refutes_its_own_bound() -> None:
    for bound in (0, 5, Fraction(3, 2)):
        assert refuted_bound(LABELS, Status.NO, None, bound) == bound
        assert refuted_bound(LABELS, Status.NO, 9, bound) == bound


def test_infeasibility_refutes_all_bounds() -> None:
    assert refuted_bound(NEVER, Status.INFEASIBLE, None, None) == NO_BOUND
    assert refuted_bound(NEVER, Status.INFEASIBLE, None, 3) == NO_BOUND
    assert not satisfiable(clauses_of(NEVER, NO_BOUND, "auto"))
    for instance in (LABELS, line(), line(loss="squared")):
        assert satisfiable(clauses_of(instance, NO_BOUND, "auto"))


def test_the_largest_losses_are_within_all_bounds() -> None:
    """A loss of nearly 2^60 in every setting: not infeasible."""
    instance = d_nnt(
        [1, 1], [[0]], [[2**59]], weights=[0, 1], bias=[0], activation="threshold", loss="absolute", weight=[2]
    )
    assert satisfiable(clauses_of(instance, NO_BOUND, "auto"))
    assert not satisfiable(clauses_of(instance, 2**60 - 1, "auto"))


@pytest.mark.parametrize(
    ("status", "loss", "bound"),
    [
        (Status.YES, 0, 3),
        (Status.FEASIBLE, 2, 3),
        (Status.UNKNOWN, None, 3),
        (Status.NO, None, None),
        (Status.NO, 4, None),
        (Status.OPTIMAL, None, 3),
    ],
)
def test_nothing_to_prove(status: Status, loss: Number | None, bound: Number | None) -> None:
    with pytest.raises(InputError, match=f"an answer {status} leaves nothing to prove: proofs are of no, optimal and"):
        refuted_bound(LABELS, status, loss, bound)


# --- the clauses ---------------------------------------------------------------------------------


SEEDS = (*range(24), 35, 46, 52, 98, 155, 176)
"""The last ones have losses that are no integers."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_refuted_bound_is_tight(seed: int) -> None:
    """Below the optimum there is nothing, at the optimum there is something."""
    instance, loss = sample(seed), best(seed)
    if loss is None:
        assert not satisfiable(clauses_of(instance, refuted_bound(instance, Status.INFEASIBLE, None, None), "auto"))
        return
    below = refuted_bound(instance, Status.OPTIMAL, loss, None)
    assert below < loss
    assert not satisfiable(clauses_of(instance, below, "auto"))
    assert satisfiable(clauses_of(instance, loss, "auto"))
    assert satisfiable(clauses_of(instance, NO_BOUND, "auto"))


def test_samples_are_of_all_kinds() -> None:
    losses = [best(seed) for seed in SEEDS]
    assert losses.count(None) >= 1
    assert sum(loss is not None and loss > 0 for loss in losses) >= 12
    assert sum(isinstance(loss, Fraction) for loss in losses) >= 5
    assert any(max(sample(seed).dataset.weight, default=1) > 1 for seed in SEEDS)


@pytest.mark.parametrize("encoding", ["totalizer", "seqcounter", "adder", "bdd", "sortnetwrk", "pysat-mtotalizer"])
def test_encodings_agree(encoding: str) -> None:
    for instance, loss in ((LABELS, 1), (line(), Fraction(7, 2)), (line(loss="hamming"), 6)):
        assert not satisfiable(clauses_of(instance, refuted_bound(instance, Status.OPTIMAL, loss, None), encoding))
        assert satisfiable(clauses_of(instance, loss, encoding))


def test_the_instance_and_the_bound_make_the_clauses() -> None:
    def made(instance: Instance, bound: Number) -> tuple[list[int], list[int]]:
        cnf = clauses_of(instance, bound, "auto")
        return cnf.clauses.offsets.tolist(), cnf.clauses.entries.tolist()

    assert made(LABELS, 2) == made(LABELS.derive(bound=7), 2) == made(LABELS.derive(name="other"), 2)
    assert made(LABELS, 2) == made(LABELS, Fraction(5, 2))
    assert made(LABELS, 2) != made(LABELS, 1)
    assert made(line(), 3) != made(line(weight=[2, 2, 1]), 3)


# --- the proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instance", "status", "loss"),
    [
        (LABELS, Status.OPTIMAL, 1),
        (LABELS.derive(bound=0), Status.NO, None),
        (line(), Status.OPTIMAL, Fraction(7, 2)),
        (line(loss="squared", weight=[2**40, 3, 1]), Status.OPTIMAL, None),
        (NEVER, Status.INFEASIBLE, None),
    ],
)
def test_proofs_hold(instance: Instance, status: Status, loss: Number | None, tmp_path: Path) -> None:
    result, proof = proved(instance, tmp_path)
    assert result.status is status
    assert loss is None or result.loss == loss
    assert result.proof is not None
    bound = refuted_bound(instance, status, result.loss, instance.bound)
    assert result.proof == {
        "file": proof,
        "clauses": f"{proof}.cnf",
        "bound": bound if isinstance(bound, int) else f"{bound.numerator}/{bound.denominator}",
        "encoding": "auto",
    }
    words = check_proof(instance, status, result.loss, instance.bound, "auto", proof)
    assert words.startswith(f"{len(clauses_of(instance, bound, 'auto').clauses)} clauses refuted by ")


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_proofs_of_random_optima(seed: int, tmp_path: Path) -> None:
    result, proof = proved(sample(seed), tmp_path)
    assert (result.status, result.loss) == (Status.INFEASIBLE if best(seed) is None else Status.OPTIMAL, best(seed))
    check_proof(sample(seed), result.status, result.loss, None, "auto", proof)


def test_an_optimum_without_a_proof_stays(tmp_path: Path) -> None:
    """The encoding can count the cost, but not against the bound that is to be refuted."""
    result, _ = proved(sample(155), tmp_path, encoding="sortnetwrk")
    assert (result.status, result.loss, result.proof) == (Status.OPTIMAL, best(155), None)
    assert result.note.startswith("no proof: ")


def test_a_claim_that_is_too_high(tmp_path: Path) -> None:
    """A solution with loss 2 said to be optimal: the clauses below are satisfiable, and no proof fits them."""
    result, proof = proved(LABELS, tmp_path)
    with pytest.raises(CertificateError, match="are not those of the instance"):
        check_proof(LABELS, Status.OPTIMAL, 2, None, "auto", proof)
    cnf = clauses_of(LABELS, refuted_bound(LABELS, Status.OPTIMAL, 2, None), "auto")
    assert satisfiable(cnf)
    steps = (tmp_path / "p").read_text()
    trivial_proof(cnf, tmp_path)
    for text in ("0\n", steps, "1 0\n-1 0\n0\n"):
        (tmp_path / "p").write_text(text)
        with pytest.raises(CertificateError, match="does not follow by unit propagation"):
            check_proof(LABELS, Status.OPTIMAL, 2, None, "auto", proof)
    assert result.loss == 1


def test_a_claim_that_is_too_low(tmp_path: Path) -> None:
    """The bound below a smaller loss is refuted as well, but no certificate has that loss."""
    result, _ = proved(LABELS, tmp_path)
    assert result.solution is not None
    lower, proof = proved(LABELS, tmp_path, bound=0)
    assert lower.status is Status.NO
    check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", proof)
    with pytest.raises(CertificateError, match="the loss is 1, not 0 as claimed"):
        qnnt.verify(LABELS, result.solution.parameters, 0)
    proof = trivial_proof(clauses_of(LABELS, -1, "auto"), tmp_path)
    check_proof(LABELS, Status.OPTIMAL, 0, None, "auto", proof)  # nothing is below 0: the loss is the lie


def test_a_lie_about_infeasibility(tmp_path: Path) -> None:
    cnf = clauses_of(LABELS, NO_BOUND, "auto")
    assert satisfiable(cnf)
    with pytest.raises(CertificateError, match="does not follow by unit propagation"):
        check_proof(LABELS, Status.INFEASIBLE, None, None, "auto", trivial_proof(cnf, tmp_path))


def test_the_status_decides_what_is_checked(tmp_path: Path) -> None:
    _, proof = proved(LABELS, tmp_path)
    check_proof(LABELS, Status.NO, None, 0, "auto", proof)
    for status, loss, bound in ((Status.NO, 1, 1), (Status.INFEASIBLE, None, None), (Status.OPTIMAL, 0, None)):
        with pytest.raises(CertificateError, match="are not those of the instance"):
            check_proof(LABELS, status, loss, bound, "auto", proof)
    with pytest.raises(InputError, match="leaves nothing to prove"):
        check_proof(LABELS, Status.YES, 1, 1, "auto", proof)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    _, proof = proved(LABELS, tmp_path)
    with pytest.raises(InputError, match=r"nothing\.cnf: cannot read: no such file"):
        check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", str(tmp_path / "nothing"))
    (tmp_path / "p").unlink()
    with pytest.raises(InputError, match="p: cannot read: no such file"):
        check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", proof)
    (tmp_path / "p.cnf").write_bytes(b"\x1f\x8b nothing packed")
    with pytest.raises(InputError, match=r"p\.cnf: damaged gzip file"):
        check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", proof)


def test_encodings_that_hold_no_clauses(tmp_path: Path) -> None:
    _, proof = proved(LABELS, tmp_path)
    for encoding, message in (("native", "native cardinality constraints"), ("nonsense", "unknown encoding")):
        with pytest.raises(InputError, match=message):
            check_proof(LABELS, Status.OPTIMAL, 1, None, encoding, proof)


# --- foreign checkers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "accepted"),
    [("s VERIFIED", True), ("c VERIFIED", True), ("s NOT VERIFIED", False), ("s DERIVATION", False), ("", False)],
)
def test_an_installed_checker_is_asked(
    said: str, accepted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, proof = proved(LABELS, tmp_path)
    checker = tmp_path / "bin" / "drat-trim"
    checker.parent.mkdir()
    checker.write_text(f'#!/bin/sh\ntest -f "$1" && test -f "$2" && echo "c reading" && echo "{said}"\n')
    checker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{checker.parent}:/usr/bin:/bin")
    if accepted:
        words = check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", proof)
        assert words.endswith("(drup); drat-trim agrees")
    else:
        with pytest.raises(CertificateError, match="drat-trim does not accept"):
            check_proof(LABELS, Status.OPTIMAL, 1, None, "auto", proof)
