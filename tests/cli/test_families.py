"""`qnnt generate FAMILY`, `qnnt decode-source` and `qnnt generate suite` as users run them, and their complaints."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import qnnt
from qnnt.reductions.registry import FAMILIES
from tests.cli.program import EXAMPLES, Program
from tests.reductions.small_sizes import SOLVERS

LIBRARY = json.loads((EXAMPLES.parent / "benchmarks" / "library" / "index.json").read_text())["instances"]
TINY = "c a formula\np cnf 3 2\n1 -2 0\n2 3 0\n"


@pytest.fixture
def formula(tmp_path: Path) -> Path:
    path = tmp_path / "f.cnf"
    path.write_text(TINY)
    return path


def solved(program: Program, *words: str | Path, folder: Path, solver: str = "auto") -> tuple[Path, Path]:
    """Instance and result."""
    instance, result = folder / "i.json", folder / "r.json"
    assert program("generate", *words, "-o", instance).status == 0
    assert program("solve", instance, "--solver", solver, "-o", result).status == 0
    return instance, result


def test_a_formula_there_and_back(program: Program, tmp_path: Path) -> None:
    instance, result = solved(program, "three-sat", EXAMPLES / "uf20.cnf", folder=tmp_path, solver="sat")
    ended = program("decode-source", instance, result)
    assert ended.status == 0, ended.err
    assert ended.err == "checked: a solution of the 3-SAT instance\n"
    head, *lines = ended.out.splitlines()
    assert head == "s SATISFIABLE"
    literals = {int(word) for line in lines for word in line.removeprefix("v").split()} - {0}
    clauses = [
        {int(word) for word in line.split()[:-1]}
        for line in (EXAMPLES / "uf20.cnf").read_text().splitlines()
        if line[0] not in "cp"
    ]
    assert len(clauses) == 91
    assert all(clause & literals for clause in clauses)
    assert {abs(literal) for literal in literals} == set(range(1, 21))
    as_json = program("decode-source", instance, result, "--json")
    assert set(json.loads(as_json.out)) == literals


@pytest.mark.parametrize("family", [entry.name for entry in FAMILIES])
def test_every_family_there_and_back(program: Program, tmp_path: Path, family: str) -> None:
    """A planted instance of the shipped suite, solved without a hint of its source."""
    (entry, *_) = (e for e in LIBRARY if e["family"] == family and e["parameters"]["variant"] == "planted")
    instance, result = EXAMPLES.parent / "benchmarks" / "library" / entry["file"], tmp_path / "r.json"
    solver = SOLVERS.get((family, entry["parameters"]["form"]), "auto")
    assert program("solve", instance, "--solver", solver, "-o", result).status == 0
    ended = program("decode-source", instance, result)
    assert ended.status == 0, ended.err
    assert ended.err.startswith("checked: a solution of the ")
    assert ended.out
    json.loads(program("decode-source", instance, result, "--json").out)


def test_the_docs_name_every_family() -> None:
    text = (EXAMPLES.parent / "docs" / "families.md").read_text()
    (block,) = re.findall(r"for family in (.*?)\ndo", text, re.DOTALL)
    assert {*block.replace("\\", " ").split()} == {entry.name for entry in FAMILIES}
    for entry in FAMILIES:
        for word in (f"`{entry.name}`", *(f"`--{size.name}`" for size in entry.sizes)):
            assert word in text, word
        assert len(entry.forms) == 1 or all(f"`{form}`" in text for form in entry.forms)


def test_a_witness_is_a_result(program: Program, formula: Path, tmp_path: Path) -> None:
    instance, witness = tmp_path / "i.json", tmp_path / "w.json"
    assert program("generate", "three-sat", formula, "-o", instance, "--witness", witness).status == 0
    assert program("verify", instance, witness).out.startswith("certificate holds: loss 0")
    assert program("decode-source", instance, witness).status == 0


def test_no_solution_no_witness(program: Program, tmp_path: Path) -> None:
    words = ("three-sat", "--variables", "2", "--clauses", "4", "--variant", "no", "-o", tmp_path / "i.json")
    ended = program("generate", *words, "--witness", tmp_path / "w.json")
    assert (ended.status, ended.err) == (2, "qnnt: error: --witness: the 3-SAT instance has no solution\n")
    assert not list(tmp_path.iterdir())
    assert program("generate", *words).status == 0
    solution = program("solve", tmp_path / "i.json", "-o", tmp_path / "r.json")
    assert solution.status == 0
    ended = program("decode-source", tmp_path / "i.json", tmp_path / "r.json")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.startswith("no solution of the 3-SAT instance: the loss ")
    document = json.loads((tmp_path / "r.json").read_text())
    document["solution"] = document["loss"] = None
    (tmp_path / "r.json").write_text(json.dumps(document))
    ended = program("decode-source", tmp_path / "i.json", tmp_path / "r.json")
    assert (ended.status, ended.err) == (3, "no solution: the result says no, which is not checked here\n")


def test_parameters_above_the_bound(program: Program, formula: Path, tmp_path: Path) -> None:
    instance, witness = tmp_path / "i.json", tmp_path / "w.json"
    program("generate", "three-sat", formula, "-o", instance, "--witness", witness)
    document = json.loads(witness.read_text())
    weights = document["solution"]["weights"]
    document["solution"]["weights"] = dict.fromkeys(weights, 0)
    document |= {"status": "feasible", "loss": 2}
    witness.write_text(json.dumps(document))
    ended = program("decode-source", instance, witness)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == "no solution of the 3-SAT instance: the loss 2 is above 0\n"
    document["solution"]["weights"] = dict.fromkeys(weights, 7)
    witness.write_text(json.dumps(document))
    ended = program("decode-source", instance, witness)
    assert ended.status == 4
    assert "is not in its set" in ended.err


def test_the_instance_must_be_that_of_its_source(program: Program, formula: Path, tmp_path: Path) -> None:
    instance, witness = tmp_path / "i.json", tmp_path / "w.json"
    program("generate", "three-sat", formula, "-o", instance, "--witness", witness)
    other = tmp_path / "other.json"
    program("generate", "three-sat", "--variables", "4", "-o", other)
    ended = program("decode-source", other, witness)
    assert ended.status == 4
    assert "speaks of another instance" in ended.err
    document = json.loads(instance.read_text())
    document["source"]["problem"]["clauses"][0] = [1, 2]
    instance.write_text(json.dumps(document))
    ended = program("decode-source", instance, witness)
    assert ended.status == 2
    assert ended.err.startswith(f"qnnt: error: {instance}: $.source: this is not the three-sat instance of its source")
    document["source"]["problem"]["clauses"][0] = [1, 9]
    instance.write_text(json.dumps(document))
    ended = program("decode-source", instance, witness)
    assert ended.err.startswith(f"qnnt: error: {instance}: $.source.problem.clauses[0][1]: expected an integer of at")
    document["source"]["family"] = "four-sat"
    instance.write_text(json.dumps(document))
    assert "$.source.family: no family 'four-sat'" in program("decode-source", instance, witness).err
    del document["source"]
    instance.write_text(json.dumps(document))
    ended = program("decode-source", instance, witness)
    assert ended.err == f"qnnt: error: {instance}: $.source: the instance does not say what it was made from\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["three-sat", "--form", "x"], "--form: expected one of two-samples, three-samples, got 'x'"),
        (["three-sat", "--variant", "x"], "--variant: expected planted, random or no, got 'x'"),
        (["three-sat", "f.cnf", "--variant", "no"], "--variant is for random sources, and here is a file"),
        (["three-sat", "f.cnf", "--clauses", "3"], "--clauses is for random sources, and here is a file"),
        (["three-sat", "f.cnf", "--seed", "3"], "--seed is for random sources, and here is a file"),
        (["three-sat", "f.cnf", "-o", "w", "--witness", "w"], "--witness needs a file, and another one than -o"),
        (["three-sat", "f.cnf", "--witness", "-"], "--witness needs a file, and another one than -o"),
        (["three-sat", "f.cnf", "--witness", "no/w"], "no/w: cannot write: there is no directory no"),
        (["three-sat", "none.cnf"], "none.cnf: cannot read: no such file or directory"),
        (["three-sat", "bad.cnf"], "bad.cnf: line 2: expected a literal, got 'x'"),
        (["suite", ".", "--size", "tiny"], "--size: expected one of small, medium, large, got 'tiny'"),
        (["suite", "."], ".: the folder is not empty"),
        (["suite", "f.cnf/below"], "f.cnf/below: cannot write: file exists"),
    ],
)
def test_complaints(
    program: Program, formula: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(formula.parent)
    Path("bad.cnf").write_text("p cnf 3 1\n1 x 0\n")
    ended = program("generate", *words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"qnnt: error: {complaint}\n"


def test_claims_that_contradict_the_solution(program: Program, formula: Path, tmp_path: Path) -> None:
    instance, witness = tmp_path / "i.json", tmp_path / "w.json"
    program("generate", "three-sat", formula, "-o", instance, "--witness", witness)
    document = json.loads(witness.read_text())
    for key, value in (("status", "no"), ("status", "infeasible"), ("loss", 1), ("lower_bound", 1)):
        witness.write_text(json.dumps(document | {key: value}))
        assert program("decode-source", instance, witness).status == 4, key


def test_half_a_surrogate_pair_in_a_source(program: Program, formula: Path, tmp_path: Path) -> None:
    instance = tmp_path / "i.json"
    program("generate", "three-sat", formula, "-o", instance)
    document = json.loads(instance.read_text())
    document["source"]["problem"]["note"] = "\ud800"
    instance.write_text(json.dumps(document))
    for words in (("info", instance), ("solve", instance), ("decode-source", instance, instance)):
        ended = program(*words)
        assert (ended.status, ended.out) == (2, "")
        assert "$.source.problem: it holds half a surrogate pair" in ended.err


@pytest.mark.parametrize(
    ("family", "text", "words"),
    [
        ("three-sat", "p cnf 999999999 0\n", []),
        ("three-sat-d2", "p cnf 999999999 0\n", []),
        ("three-sat-d4", "p cnf 999999999 0\n", []),
        ("one-in-three", "p cnf 999999999 0\n", []),
        ("hitting-set", "p hs 999999999 1\n1\n", ["--k", "1"]),
        ("hitting-set", "p hs 2000 1\n1\n", ["--k", "1000"]),
        ("two-csp", '{"variables": 1000000, "values": 1000, "constraints": []}', []),
    ],
)
def test_what_would_fill_the_memory_is_refused(
    program: Program, tmp_path: Path, family: str, text: str, words: list[str]
) -> None:
    (tmp_path / "source").write_text(text)
    ended = program("generate", family, tmp_path / "source", *words, "-o", tmp_path / "i.json")
    assert ended.status == 2
    assert "the instance would hold" in ended.err
    assert not (tmp_path / "i.json").exists()


@pytest.mark.parametrize("family", [entry.name for entry in FAMILIES])
def test_help_of_every_family(program: Program, family: str) -> None:
    ended = program("generate", family, "--help")
    assert ended.status == 0
    entry = next(entry for entry in FAMILIES if entry.name == family)
    for word in (*(f"--{size.name}" for size in entry.sizes), *entry.forms, "--seed", "--witness"):
        assert word in ended.out


def test_families_in_comparisons(program: Program) -> None:
    ended = program("compare", "three-sat:variables=3,clauses=9,variant=no,seeds=0-1", "--solvers", "sat,enumeration")
    assert ended.status == 0, ended.err
    assert ended.out.count("three-sat-no-3-9-s") >= 2
    ended = program("compare", "three-sat:variant=maybe", "--solvers", "sat")
    assert ended.status == 2
    assert ended.err.endswith("variant: expected one of planted, random, no; got 'maybe'\n")
    ended = program("compare", "three-sat:variables=0", "--solvers", "sat")
    assert ended.err.endswith(": variables: expected 1 to 100000, got 0\n")


def test_the_shipped_suite_is_what_the_command_writes(program: Program, tmp_path: Path) -> None:
    ended = program("generate", "suite", tmp_path / "suite")
    assert ended.status == 0, ended.err
    shipped = EXAMPLES.parent / "benchmarks" / "library"
    index = json.loads((tmp_path / "suite" / "index.json").read_text())
    assert index["format"] == "qnnt-suite/1"
    assert len(index["instances"]) >= 200
    written = sorted(path.relative_to(tmp_path / "suite") for path in (tmp_path / "suite").rglob("*.*"))
    assert written == sorted(path.relative_to(shipped) for path in shipped.rglob("*.*") if path.name != "README.md")
    for path in written:
        assert (tmp_path / "suite" / path).read_bytes() == (shipped / path).read_bytes(), path


def test_the_shipped_suite_is_sound() -> None:
    """Checksums hold, files are read, and each verdict says who proved it."""
    shipped = EXAMPLES.parent / "benchmarks" / "library"
    index = json.loads((shipped / "index.json").read_text())
    lines = [line.split("  ") for line in (shipped / "SHA256SUMS").read_text().splitlines()]
    sums = {place: digest for digest, place in lines}
    assert set(sums) == {entry["file"] for entry in index["instances"]}
    assert {entry["family"] for entry in index["instances"]} == {*(f.name for f in FAMILIES), "planted", "random"}
    for entry in index["instances"]:
        assert hashlib.sha256((shipped / entry["file"]).read_bytes()).hexdigest() == sums[entry["file"]]
        instance = qnnt.load(str(shipped / entry["file"]))
        assert instance.sha256 == entry["instance_sha256"]
        known = entry["verdict"] is not None or entry["optimum"] is not None
        assert known == bool(entry["proved_by"])
        assert known == (entry["verdict"] in ("yes", "no") or instance.bound is None)


@pytest.mark.full
@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry["file"]) for entry in LIBRARY])
def test_the_truth_of_the_shipped_suite(entry: dict[str, Any]) -> None:
    instance = qnnt.load(str(EXAMPLES.parent / "benchmarks" / "library" / entry["file"]))
    form = entry["parameters"].get("form", "")
    result = qnnt.solve(instance, solver=SOLVERS.get((entry["family"], form), "auto"))
    assert result.answered
    if entry["verdict"] is not None:
        assert result.status == entry["verdict"]
    if entry["optimum"] is not None:
        assert result.loss == entry["optimum"]
