"""Proofs from the outside: `qnnt solve --proof` writes them, `qnnt verify --proof` accepts the right ones only."""

from __future__ import annotations

import gzip
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pysat.solvers import Solver

import qnnt
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.files.instances import load, save, sha256_of
from qnnt.files.results import save_result
from qnnt.files.schemas import schema_text
from qnnt.generation.families import random_labels
from qnnt.instance import Instance
from qnnt.solvers import search
from qnnt.solvers.names import PROOF_ENGINES
from tests.cli.program import EXAMPLES, Ended, Program, start

XOR = EXAMPLES / "xor.json"
SCHEMA = Draft202012Validator(json.loads(schema_text("result")))
LABELS = random_labels(3, [3, 2, 1], 14, 1)
"""Whose best loss is 2."""
NEVER = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation={"type": "table", "values": [[7, 1]]})
"""Whose activation is never defined."""


@dataclass(frozen=True)
class Files:
    """An instance, a result and a proof, in a folder of their own."""

    folder: Path

    @property
    def instance(self) -> Path:
        return self.folder / "i.json"

    @property
    def result(self) -> Path:
        return self.folder / "r.json"

    @property
    def proof(self) -> Path:
        return self.folder / "p"

    @property
    def clauses(self) -> Path:
        return self.folder / "p.cnf"

    def edit(self, path: Path, change: Callable[[dict[str, Any]], None]) -> None:
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def copy(self, folder: Path) -> Files:
        for path in self.folder.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        return Files(folder)

    def steps(self) -> list[str]:
        return self.proof.read_text().splitlines()

    def solve(self, program: Program, *words: str | Path) -> Ended:
        return program("solve", self.instance, "--proof", self.proof, "-o", self.result, *words)

    def verify(self, program: Program) -> Ended:
        return program("verify", self.instance, self.result, "--proof", self.proof)

    def assert_holds(self, program: Program) -> None:
        ended = self.verify(program)
        assert (ended.status, ended.err) == (0, "")
        assert "proof holds: " in ended.out

    def assert_fails(self, program: Program, status: int, complaint: str) -> None:
        ended = self.verify(program)
        assert (ended.status, ended.err.count("\n")) == (status, 1)
        assert complaint in ended.err
        assert "proof holds" not in ended.out


def written(folder: Path, instance: Instance) -> Files:
    files = Files(folder)
    save(instance, str(files.instance))
    return files


def solved(folder: Path, instance: Instance, objective: str) -> Files:
    files = written(folder, instance)
    result = qnnt.solve(load(str(files.instance)), solver="sat", objective=objective, proof=str(files.proof))
    save_result(result, str(files.result))
    return files


@pytest.fixture(scope="module")
def no_of(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return solved(tmp_path_factory.mktemp("no"), LABELS.derive(bound=1), "decide")


@pytest.fixture(scope="module")
def optimum_of(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return solved(tmp_path_factory.mktemp("optimum"), LABELS, "minimize")


@pytest.fixture
def no(no_of: Files, tmp_path: Path) -> Files:
    """The random labels with bound 1, decided and refuted."""
    return no_of.copy(tmp_path)


@pytest.fixture
def optimum(optimum_of: Files, tmp_path: Path) -> Files:
    """The random labels, minimised, and the bound 1 refuted."""
    return optimum_of.copy(tmp_path)


@pytest.fixture(params=["no", "optimum"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    files = request.getfixturevalue(f"{request.param}_of")
    assert isinstance(files, Files)
    return files.copy(tmp_path)


# --- what is written -----------------------------------------------------------------------------


def test_a_no_with_its_proof(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS.derive(bound=1))
    ended = files.solve(program, "--objective", "decide")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "status    no"
    assert f"proof     {files.proof} refutes {files.clauses}" in lines
    document = json.loads(files.result.read_text())
    SCHEMA.validate(document)
    record = {"file": str(files.proof), "clauses": str(files.clauses), "bound": 1, "encoding": "auto"}
    assert (document["status"], document["solver"], document["proof"]) == ("no", "sat", record)
    assert files.clauses.read_text().startswith("c the clauses that the proof beside this file refutes\np cnf ")
    assert files.steps()[-1] == "0"
    files.assert_holds(program)


def test_an_optimum_with_its_proof(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    ended = files.solve(program, "--json")
    document = json.loads(ended.out)
    SCHEMA.validate(document)
    assert json.loads(files.result.read_text()) == document
    assert (ended.status, document["status"], document["loss"], document["lower_bound"]) == (0, "optimal", 2, 2)
    assert document["proof"]["bound"] == 1
    assert set(document["seconds"]) == {"encode", "solve", "proof", "total", "cpu", "encode_cpu"}
    assert document["seconds"]["total"] >= document["seconds"]["proof"]
    ended = files.verify(program)
    certificate, proof = ended.out.splitlines()
    assert certificate == "certificate holds: loss 2"
    assert proof.startswith("proof holds: ")
    assert "clauses refuted by" in proof
    ended = program("verify", files.instance, files.result)
    assert ended.out.endswith("not checked: that no smaller loss exists (no proof given)\n")


@pytest.mark.parametrize("engine", PROOF_ENGINES)
@pytest.mark.parametrize("bound", ["1", None])
def test_every_engine(engine: str, bound: str | None, program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    question = [] if bound is None else ["--bound", bound]
    assert files.solve(program, "--solver", f"sat:{engine}", *question).status == 0
    document = json.loads(files.result.read_text())
    assert (document["status"], document["options"]["engine"]) == ("optimal" if bound is None else "no", engine)
    assert document["proof"]["bound"] == 1
    files.assert_holds(program)


@pytest.mark.parametrize(
    "encoding", ["auto", "adder", "seqcounter", "totalizer", "pysat-totalizer", "pysat-cardnetwrk"]
)
def test_several_encodings(encoding: str, program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    assert files.solve(program, "--encoding", encoding).status == 0
    assert json.loads(files.result.read_text())["proof"]["encoding"] == encoding
    files.assert_holds(program)


def test_other_orders_and_seeds(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    assert files.solve(program, "--solver", "sat:below", "--seed", "7").status == 0
    before = files.clauses.read_text()
    files.assert_holds(program)
    assert files.solve(program, "--solver", "sat:halves").status == 0
    assert files.clauses.read_text() == before
    files.assert_holds(program)


def line(**changes: Any) -> Instance:
    """A loss in thirds and halves, weighted: w * x + b through (1, 3), (2, 5), (0, 1/2)."""
    options: dict[str, Any] = {"weights": [0, "1/2", 2], "bias": [0, "1/3"], "activation": "identity"}
    options |= {"loss": "absolute", "weight": [2, 3, 1]}
    return d_nnt([1, 1], [[1], [2], [0]], [[3], [5], ["1/2"]], **{**options, **changes})


@pytest.mark.parametrize(
    ("instance", "status", "bound"),
    [
        (load(str(XOR)), "optimal", -1),
        (NEVER, "infeasible", 2**62),
        (line(), "optimal", "10/3"),
        (line(loss="squared"), "optimal", "20/9"),
        (line(loss="mismatch"), "optimal", 5),
        (d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation="relu"), "optimal", -1),
        (d_qnnt(3, [1, 1], [[1], [1], [1]], [[0], [1], [1]], weight=[4, 2, 1]), "optimal", 2),
    ],
    ids=["zero", "infeasible", "rational", "squared", "weighted", "no samples", "contradictory"],
)
def test_optima(instance: Instance, status: str, bound: int | str, program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, instance)
    assert files.solve(program).status == 0
    document = json.loads(files.result.read_text())
    SCHEMA.validate(document)
    assert (document["status"], document["proof"]["bound"]) == (status, bound)
    files.assert_holds(program)


def test_the_last_cost_of_competitions_is_the_best(program: Program, tmp_path: Path) -> None:
    lines = written(tmp_path, LABELS).solve(program, "--competition").out.splitlines()
    costs = [int(line[2:]) for line in lines if line.startswith("o ")]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 2


def test_a_no_where_nothing_is_admissible(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, NEVER)
    assert files.solve(program, "--bound", "1000").status == 0
    assert json.loads(files.result.read_text())["status"] == "no"
    files.assert_holds(program)


def test_a_yes_needs_no_proof(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    ended = files.solve(program, "--bound", "2")
    assert (ended.status, ended.err) == (0, "")
    assert "proof" not in ended.out
    assert "note" not in ended.out
    document = json.loads(files.result.read_text())
    SCHEMA.validate(document)
    assert (document["status"], "proof" in document, "note" in document) == ("yes", False, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["i.json", "r.json"]
    assert program("verify", files.instance, files.result).status == 0
    files.assert_fails(program, 2, "the result speaks of no proof")


def test_packed_proofs(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    packed = tmp_path / "p.gz"
    assert program("solve", files.instance, "--proof", packed, "-o", files.result).status == 0
    assert gzip.decompress(packed.read_bytes()).endswith(b"\n0\n")
    assert (tmp_path / "p.gz.cnf").read_text().startswith("c ")
    assert program("verify", files.instance, files.result, "--proof", packed).status == 0


def test_a_proof_may_move(no: Files, program: Program) -> None:
    """Its place in the result is for people."""
    for name in ("p", "p.cnf"):
        (no.folder / name).rename(no.folder / f"moved{name[1:]}")
    ended = program("verify", no.instance, no.result, "--proof", no.folder / "moved")
    assert ended.status == 0


def test_a_proof_goes_to_the_present_folder(no: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    (no.folder / "proofs of this test").mkdir()
    monkeypatch.chdir(no.folder)
    qnnt.solve(LABELS, solver="sat", bound=1, proof="proofs of this test/p")
    assert (no.folder / "proofs of this test/p").exists()


def test_one_instance_gives_one_file_of_clauses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    processes = []
    for seed in ("1", "4242"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        folder = tmp_path / seed
        folder.mkdir()
        files = written(folder, LABELS)
        processes.append(start("solve", files.instance, "--proof", files.proof))
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
    assert (tmp_path / "1/p.cnf").read_bytes() == (tmp_path / "4242/p.cnf").read_bytes()
    assert (tmp_path / "1/p").read_bytes() == (tmp_path / "4242/p").read_bytes()


# --- what cannot be asked ------------------------------------------------------------------------

ENGINES = "proofs are written by the engines cadical195, cadical153, glucose4, maplechrono, lingeling, gluecard"


@pytest.mark.parametrize("question", [["--bound", "1"], []], ids=["decide", "minimize"])
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--solver", "sat:mergesat"], ENGINES),
        (["--solver", "sat:minicard"], ENGINES),
        (["--solver", "sat:minicard:native"], ENGINES),
        (["--solver", "sat:gluecard", "--encoding", "native"], "there are no proofs with the encoding native"),
        (["--encoding", "native"], "the encoding native needs one of the engines minicard, gluecard"),
        (["--solver", "cpsat"], "the solver cpsat writes no proofs: use --solver sat"),
        (["--solver", "maxsat"], "the solver maxsat writes no proofs: use --solver sat"),
        (["--solver", "enumeration"], "the solver enumeration writes no proofs: use --solver sat"),
        (["--proof", "-"], "--proof needs a file"),
        (["--proof", "/nonexistent/folder/p"], "cannot write: there is no directory /nonexistent/folder"),
        (["--proof", "/"], "cannot write: is a directory"),
    ],
)
def test_proofs_that_cannot_be(
    words: list[str], complaint: str, question: list[str], program: Program, tmp_path: Path
) -> None:
    files = written(tmp_path, LABELS)
    ended = files.solve(program, *words, *question)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert complaint in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["i.json"]


def foreign(folder: Path) -> str:
    """The command of a solver that says no to everything."""
    script = folder / "solver.py"
    script.write_text("print('s UNSATISFIABLE')")
    return f"'{sys.executable}' '{script}' %s"


def test_foreign_solvers_write_no_proofs_here(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    ended = files.solve(program, "--solver-command", foreign(tmp_path), "--bound", "1")
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "proofs are written by the engines" in ended.err


@pytest.mark.parametrize("fault", ["engine", "command", "native", "clauses"])
def test_complaints_come_before_the_search(fault: str, program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, random_labels(4, [4, 4, 2], 40, 0))
    words = ["--time-limit", "1"]
    match fault:
        case "engine":
            words += ["--solver", "sat:mergesat"]
        case "command":
            words += ["--solver-command", f"'{sys.executable}' -c 'import time; time.sleep(9)' %s"]
        case "native":
            words += ["--solver", "sat:gluecard:native"]
        case "clauses":
            files.clauses.mkdir()
    ended = files.solve(program, *words)
    assert (ended.status, ended.err.count("\n")) == (2, 1)


def test_a_limit_before_the_proof(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parameters 0 have loss 0, so that the limit ends both searches, but leaves an optimum."""
    monkeypatch.setattr(search, "GRACE", 0)
    x = list(itertools.product((-1, 0, 1), repeat=5))
    files = written(tmp_path, d_qnnt(3, [5, 6, 6, 2], x, [[0, 0]] * len(x)))
    ended = files.solve(program, "--time-limit", "0.01")
    assert (ended.status, ended.err) == (0, "")
    assert "status    optimal" in ended.out
    assert "note      no proof: time limit reached" in ended.out
    document = json.loads(files.result.read_text())
    SCHEMA.validate(document)
    assert (document["status"], document["loss"], "proof" in document) == ("optimal", 0, False)
    assert not files.proof.exists()
    files.assert_fails(program, 2, "the result speaks of no proof")


def test_a_decision_that_was_not_reached(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "GRACE", 0)
    files = written(tmp_path, random_labels(4, [4, 4, 2], 40, 0))
    ended = files.solve(program, "--bound", "3", "--time-limit", "0.2")
    assert (ended.status, ended.err) == (3, "")
    assert "time limit reached" in ended.out
    assert "proof" not in json.loads(files.result.read_text())
    assert not files.proof.exists()


# --- what does not hold --------------------------------------------------------------------------


def propagates_to_a_conflict(clauses: str, steps: Sequence[str]) -> bool:
    lines = [*clauses.splitlines(), *(step for step in steps if step[0] != "d")]
    rows = [[int(word) for word in line.split()[:-1]] for line in lines if line[0] not in "cp"]
    with Solver(name="glucose4", bootstrap_with=rows) as solver:
        return not solver.propagate()[0]


@pytest.mark.parametrize("ending", [["0"], []])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5])
def test_a_proof_that_was_cut(kept: float, ending: list[str], either: Files, program: Program) -> None:
    steps = either.steps()
    first = steps[: int(kept * len(steps))]
    assert not propagates_to_a_conflict(either.clauses.read_text(), first)  # so something needed is gone
    assert propagates_to_a_conflict(either.clauses.read_text(), steps[:-1])
    either.proof.write_text("".join(f"{step}\n" for step in [*first, *ending]))
    if ending:
        either.assert_fails(
            program, 4, f"p line {len(first) + 1}: the empty clause does not follow by unit propagation"
        )
    else:
        either.assert_fails(program, 4, "p: the proof ends without a refutation")


def test_a_proof_without_its_middle(either: Files, program: Program) -> None:
    steps = either.steps()
    either.proof.write_text("".join(f"{step}\n" for step in steps[len(steps) // 2 :]))
    either.assert_fails(program, 4, "does not follow by unit propagation")


@pytest.mark.parametrize("text", ["1 2", "hello 0", "1 x 0", "\x00\x01\x02"])
def test_a_proof_that_is_none(text: str, no: Files, program: Program) -> None:
    no.proof.write_text(f"{text}\n")
    no.assert_fails(program, 2, f"{no.proof}: ")


def test_a_proof_of_something_else(no: Files, program: Program, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = written(tmp_path_factory.mktemp("other"), random_labels(3, [3, 2, 1], 14, 5))
    assert other.solve(program).status == 0
    no.proof.write_bytes(other.proof.read_bytes())
    no.assert_fails(program, 4, "does not follow by unit propagation")
    no.clauses.write_bytes(other.clauses.read_bytes())
    no.assert_fails(program, 4, f"the clauses in {no.clauses} are not those of the instance")


def relabel(document: dict[str, Any]) -> None:
    document["data"]["y"][3] = [1 - min(1, document["data"]["y"][3][0])]


def test_a_changed_label(either: Files, program: Program) -> None:
    either.edit(either.instance, relabel)
    either.assert_fails(program, 4, f"{either.result} speaks of another instance")


def test_a_changed_label_and_a_result_that_agrees(no: Files, program: Program) -> None:
    """The digest is no protection; the clauses are."""
    no.edit(no.instance, relabel)
    changes = {"instance_sha256": sha256_of(load(str(no.instance))), "solution": None, "loss": None}
    no.edit(no.result, lambda document: document.update(changes))
    no.assert_fails(program, 4, f"the clauses in {no.clauses} are not those of the instance")
    no.edit(no.result, lambda document: document.pop("instance_sha256"))
    no.assert_fails(program, 4, "are not those of the instance")


def test_a_changed_label_of_an_optimum(optimum: Files, program: Program) -> None:
    """A label that nothing matches: where the solution missed the old one as well, only the clauses tell."""
    result = json.loads(optimum.result.read_text())
    instance = json.loads(optimum.instance.read_text())
    kept = 0
    for row in instance["data"]["y"]:
        before, row[0] = row[0], -1
        optimum.instance.write_text(json.dumps(instance))
        result["instance_sha256"] = sha256_of(load(str(optimum.instance)))
        optimum.result.write_text(json.dumps(result))
        ended = optimum.verify(program)
        assert (ended.status, ended.err.count("\n")) == (4, 1)
        if ended.out == "certificate holds: loss 2\n":
            assert f"the clauses in {optimum.clauses} are not those of the instance" in ended.err
            kept += 1
        row[0] = before
    assert kept == 2


def test_a_missing_clause(either: Files, program: Program) -> None:
    comment, head, *clauses = either.clauses.read_text().splitlines()
    _, _, variables, number = head.split()
    for place in (0, len(clauses) // 2, len(clauses) - 1):
        left = clauses[:place] + clauses[place + 1 :]
        for line in (head, f"p cnf {variables} {int(number) - 1}"):
            either.clauses.write_text("\n".join([comment, line, *left]) + "\n")
            either.assert_fails(program, 4, f"the clauses in {either.clauses} are not those of the instance")


@pytest.mark.parametrize("change", ["sign", "name", "drop", "order", "more", "head"])
def test_changed_clauses(change: str, either: Files, program: Program) -> None:
    comment, head, *clauses = either.clauses.read_text().splitlines()
    place = next(i for i, clause in enumerate(clauses) if len(clause.split()) == 4)
    first, *rest = clauses[place].split()
    match change:
        case "sign":
            clauses[place] = " ".join([str(-int(first)), *rest])
        case "name":
            clauses[place] = " ".join([str(int(first) + 1), *rest])
        case "drop":
            clauses[place] = " ".join(rest)
        case "order":
            clauses[place], clauses[place + 1] = clauses[place + 1], clauses[place]
        case "more":
            clauses.append("1 0")
        case "head":
            head = "p cnf 1 1"
    either.clauses.write_text("\n".join([comment, head, *clauses]) + "\n")
    either.assert_fails(program, 4, "are not those of the instance")


def test_comments_and_spaces_do_not_matter(no: Files, program: Program) -> None:
    lines = no.clauses.read_text().splitlines()
    no.clauses.write_text("\n\nc hello\n" + "\n \n".join(lines[1:]).replace(" ", "   "))
    no.assert_holds(program)


@pytest.mark.parametrize("name", ["p", "p.cnf"])
def test_missing_files(name: str, either: Files, program: Program) -> None:
    (either.folder / name).unlink()
    either.assert_fails(program, 2, f"{either.folder / name}: cannot read: no such file")


def test_a_missing_file_after_the_certificate(optimum: Files, program: Program) -> None:
    optimum.proof.unlink()
    assert optimum.verify(program).out == "certificate holds: loss 2\n"


# --- results that lie ----------------------------------------------------------------------------


def test_a_result_without_a_proof(either: Files, program: Program) -> None:
    either.edit(either.result, lambda document: document.pop("proof"))
    either.assert_fails(program, 2, "the result speaks of no proof, so that its clauses are not known")


@pytest.mark.parametrize(
    ("record", "status", "complaint"),
    [
        ({"encoding": "adder"}, 4, "are not those of the instance"),
        ({"encoding": "pysat-totalizer"}, 4, "are not those of the instance"),
        ({"encoding": "native"}, 2, "native cardinality constraints"),
        ({"encoding": "nonsense"}, 2, "unknown encoding 'nonsense'"),
        ({"encoding": ""}, 2, "speaks of no proof"),
        ({"encoding": 5}, 2, "$.proof.encoding: expected a string"),
        ("auto", 2, "$.proof: expected an object"),
    ],
)
def test_other_encodings(record: object, status: int, complaint: str, either: Files, program: Program) -> None:
    either.edit(either.result, lambda document: document.update(proof=record))
    either.assert_fails(program, status, complaint)


@pytest.mark.parametrize("bound", [0, 2, "3/2", 5])
def test_a_no_to_another_bound(bound: int | str, no: Files, program: Program) -> None:
    """Bounds between the possible losses mean the same; all others need their own proof."""
    no.edit(no.result, lambda document: document["options"].update(bound=bound))
    if bound == "3/2":
        no.assert_holds(program)
    else:
        no.assert_fails(program, 4, "")


def test_a_no_of_the_bound_in_the_file(no: Files, program: Program) -> None:
    no.edit(no.result, lambda document: document.pop("options"))
    no.assert_holds(program)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"status": "infeasible"}, "the file says infeasible, but its solution has loss"),
        ({"status": "infeasible", "solution": None}, "are not those of the instance"),
        ({"status": "yes"}, "the file says yes, but the loss"),
        ({"loss": 1}, "not 1 as claimed"),
    ],
)
def test_other_claims(changes: dict[str, Any], complaint: str, no: Files, program: Program) -> None:
    no.edit(no.result, lambda document: document.update(changes))
    no.assert_fails(program, 4, complaint)


@pytest.mark.parametrize(
    ("changes", "status", "complaint"),
    [
        ({"loss": 1, "lower_bound": 1}, 4, "the loss is 2, not 1 as claimed"),
        ({"loss": 3, "lower_bound": 3}, 4, "the loss is 2, not 3 as claimed"),
        ({"lower_bound": 1}, 4, "its lower bound 1 is not the loss 2"),
        ({"solution": None}, 4, "says optimal, but holds no solution"),
        ({"status": "feasible"}, 2, "an answer feasible leaves nothing to prove"),
        ({"status": "no"}, 2, "an answer no leaves nothing to prove"),
        ({"status": "infeasible", "solution": None}, 4, "are not those of the instance"),
    ],
)
def test_other_claims_of_an_optimum(
    changes: dict[str, Any], status: int, complaint: str, optimum: Files, program: Program
) -> None:
    optimum.edit(optimum.result, lambda document: document.update(changes))
    optimum.assert_fails(program, status, complaint)


# --- places --------------------------------------------------------------------------------------


def test_a_proof_overwrites_nothing_of_its_own_run(program: Program, tmp_path: Path) -> None:
    files = written(tmp_path, LABELS)
    for proof, output in (
        (files.instance, None),
        (tmp_path / "x", tmp_path / "x"),
        (tmp_path / "x", tmp_path / "x.cnf"),
    ):
        words: list[str | Path] = ["solve", files.instance, "--solver", "sat", "--proof", proof]
        ended = program(*words, *(() if output is None else ("-o", output)))
        assert (ended.status, ended.out) == (2, "")
        assert "--proof would overwrite" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["i.json"]


def test_a_proof_needs_a_file() -> None:
    with pytest.raises(qnnt.InputError, match="a proof needs a file"):
        qnnt.solve(LABELS, solver="sat", proof="-")


def test_an_unknown_encoding_of_the_clauses(no: Files, program: Program) -> None:
    document = json.loads(no.result.read_text())
    document["proof"]["encoding"] = "nonsense"
    edited = no.folder / "edited.json"
    edited.write_text(json.dumps(document))
    ended = program("verify", no.instance, edited, "--proof", no.proof)
    assert ended.status == 2
    assert f"{edited}: $.proof.encoding: unknown encoding 'nonsense'" in ended.err


def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert qnnt.solve(LABELS, solver="sat", bound=1, proof=str(tmp_path / "p")).status is qnnt.Status.NO
    assert (tmp_path / "p").exists()


@pytest.mark.parametrize("question", [{"bound": 1}, {}], ids=["decide", "minimize"])
def test_a_place_that_cannot_be_written_costs_the_proof_alone(question: dict[str, int], tmp_path: Path) -> None:
    result = qnnt.solve(LABELS, solver="sat", proof=str(tmp_path / "nowhere" / "p"), **question)  # type: ignore[arg-type]
    assert result.status is (qnnt.Status.NO if question else qnnt.Status.OPTIMAL)
    assert result.proof is None
    assert result.note.startswith("no proof: ")
    assert "cannot write" in result.note
