"""`qnnt encode`, a foreign solver, `qnnt decode`: the whole circle, and everything that can break on the way."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator

from qnnt.cli.encode import encode_command
from qnnt.documents.construction import d_nnt
from qnnt.encoders.dimacs import DimacsForm
from qnnt.encoders.names import ENCODINGS
from qnnt.files.instances import load, save, sha256_of
from qnnt.files.schemas import schema_text
from qnnt.generation.families import random_labels
from tests.cli.program import EXAMPLES, Program

XOR = EXAMPLES / "xor.json"
SKIP = EXAMPLES / "skip.json"
SCHEMA = Draft202012Validator(json.loads(schema_text("result")))
CADICAL = shutil.which("cadical")

SOLVER = """
import sys
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF

kind, top, formula, hopeless, largest = "new wcnf", None, WCNF(), False, 0
for line in open(sys.argv[1]):
    first, *rest = line.split()
    if first == "p":
        kind, top = rest[0], rest[3] if rest[0] == "wcnf" else None
    elif first != "c":
        hard = kind == "cnf" or first in ("h", top)
        clause = [int(word) for word in ([first, *rest] if kind == "cnf" else rest)[:-1]]
        hopeless = hopeless or (hard and not clause)
        largest = max(largest, *map(abs, clause), 0)
        formula.append(clause or [1], weight=None if hard else int(first))
solver = RC2(formula)
model = None if hopeless else solver.compute()
print("c a solver made up for this test")
if model is None:
    print("s UNSATISFIABLE")
elif kind == "cnf":
    print("s SATISFIABLE")
    print("v", *[literal for literal in model if abs(literal) <= largest], 0)
else:
    print("o", solver.cost)
    print("s OPTIMUM FOUND")
    print("v", "".join("01"[variable in set(model)] for variable in range(1, largest + 1)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instances, and a solver."""
    folder = tmp_path_factory.mktemp("circle")
    (folder / "solver.py").write_text(SOLVER)
    table = {"type": "table", "values": [[7, 1]]}
    line = {"weights": [0, "1/2", 2], "bias": [0, "1/3"], "activation": "identity", "loss": "absolute"}
    masked: list[list[object]] = [[2, 0], [None, 1], [1, None]]
    instances = {
        "labels": random_labels(3, [3, 2, 1], 14, 1),
        "never": d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation=table),
        "line": d_nnt([1, 1], [[1], [2], [0]], [[3], [5], ["1/2"]], weight=[2, 3, 1], **line),  # type: ignore[arg-type]
        "masked": d_nnt([2, 2], [[1, 0], [2, 0], [-1, 0]], masked, weights=[-1, 1], bias=[0, 1], activation="relu"),
        "nothing": d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation="relu"),
    }
    for name, instance in instances.items():
        save(instance, str(folder / f"{name}.json"))
    for path in (XOR, SKIP):
        shutil.copy(path, folder)
    return folder


def run_solver(folder: Path, formula: Path) -> Path:
    """What the solver prints, in a file."""
    printed = formula.with_suffix(".out")
    command = [sys.executable, str(folder / "solver.py"), str(formula)]
    with printed.open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    return printed


@pytest.fixture(scope="module")
def decided(folder: Path) -> tuple[Path, Path]:
    """XOR with bound 0, and the solver's yes."""
    formula = folder / "decided.cnf"
    encode_command(str(XOR), "cnf", str(formula), bound="0")
    return formula, run_solver(folder, formula)


@pytest.fixture(scope="module")
def minimized(folder: Path) -> tuple[Path, Path]:
    """The random labels, whose best loss is 2, and the solver's optimum."""
    formula = folder / "minimized.wcnf"
    encode_command(str(folder / "labels.json"), "wcnf", str(formula))
    return formula, run_solver(folder, formula)


def comments(text: str) -> list[str]:
    return [line[2:] for line in text.splitlines() if line.startswith("c ")]


def parameter_bits(formula: Path) -> list[int]:
    """The variables that parameters are made of."""
    lines = [line for line in comments(formula.read_text()) if line.startswith(("weight", "bias"))]
    return sorted({int(variable) for line in lines for variable in re.findall(r"\*([0-9]+)", line)})


def with_flipped(printed: Path, variable: int, path: Path) -> Path:
    """The same output with one variable the other way round."""
    lines = []
    for line in printed.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "v" and " " in rest:
            literals = [-int(t) if abs(int(t)) == variable else int(t) for t in rest.split()]
            lines.append(f"v {' '.join(map(str, literals))}")
        elif word == "v":
            lines.append(f"v {rest[: variable - 1]}{1 - int(rest[variable - 1])}{rest[variable:]}")
        else:
            lines.append(line)
    path.write_text("\n".join(lines) + "\n")
    return path


def assert_complains(program: Program, words: list[str | Path], status: int, complaint: str) -> None:
    ended = program(*words)
    assert (ended.status, ended.out, ended.err.count("\n")) == (status, "", 1)
    assert complaint in ended.err


# --- encode --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", DimacsForm)
def test_standard_output_file_and_packed_file_hold_the_same(form: DimacsForm, program: Program, tmp_path: Path) -> None:
    words: list[str | Path] = ["encode", XOR, "--to", form, "--bound", "1"]
    shown = program(*words)
    assert (shown.status, shown.err) == (0, "")
    ended = program(*words, "-o", tmp_path / "f")
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert (tmp_path / "f").read_text() == shown.out
    assert program(*words, "-o", tmp_path / "f.gz").status == 0
    packed = (tmp_path / "f.gz").read_bytes()
    assert gzip.decompress(packed).decode() == shown.out
    assert program(*words, "-o", tmp_path / "f.gz").status == 0
    assert (tmp_path / "f.gz").read_bytes() == packed


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "native"])
def test_formats(encoding: str, folder: Path, program: Program) -> None:
    """The p line counts right, the map names the encoding, and both weighted forms hold the same clauses."""
    words: list[str | Path] = ["encode", folder / "labels.json", "--encoding", encoding, "--to"]
    cnf = program(*words, "cnf", "--bound", "2").out
    assert f"encoding {encoding}" in comments(cnf)
    (head,) = [line for line in cnf.splitlines() if line.startswith("p ")]
    clauses = [line.split() for line in cnf.splitlines() if line[0] not in "cp"]
    largest = max(abs(int(word)) for clause in clauses for word in clause)
    assert head == f"p cnf {largest} {len(clauses)}"
    assert f"variables {largest}" in comments(cnf)
    new, old = program(*words, "wcnf").out, program(*words, "wcnf-old").out
    (head,) = [line for line in old.splitlines() if line.startswith("p ")]
    *_, number, top = head.split()
    body = [line for line in old.splitlines() if line[0] not in "cp"]
    assert len(body) == int(number)
    assert [line for line in new.splitlines() if line[0] != "c"] == [re.sub(f"^{top} ", "h ", line) for line in body]
    assert comments(new) == comments(old)
    assert sum(int(line.split()[0]) for line in body if not line.startswith(f"{top} ")) == int(top) - 1 == 14


@pytest.mark.parametrize(
    ("name", "words", "question"),
    [
        ("skip", ["--to", "cnf"], ["objective decide", "bound 4"]),
        ("skip", ["--to", "cnf", "--objective", "decide"], ["objective decide", "bound 4"]),
        ("skip", ["--to", "cnf", "--bound", "3/2"], ["objective decide", "bound 3/2"]),
        ("skip", ["--to", "cnf", "--bound", "6/4"], ["objective decide", "bound 3/2"]),
        ("skip", ["--to", "wcnf"], ["objective minimize"]),
        ("skip", ["--to", "wcnf", "--objective", "minimize"], ["objective minimize"]),
        ("skip", ["--to", "wcnf", "--objective", "decide"], ["objective decide", "bound 4"]),
        ("skip", ["--to", "wcnf-old", "--bound", "+5"], ["objective decide", "bound 5"]),
        ("xor", ["--to", "wcnf"], ["objective minimize"]),
        ("xor", ["--to", "wcnf", "--bound", "0"], ["objective decide", "bound 0"]),
        ("xor", ["--to", "cnf", "--bound", "4611686018427387904"], ["objective decide", f"bound {2**62}"]),
        ("nothing", ["--to", "cnf", "--bound", "0"], ["objective decide", "bound 0"]),
    ],
)
def test_bound_and_objective(name: str, words: list[str], question: list[str], folder: Path, program: Program) -> None:
    path = folder / f"{name}.json"
    ended = program("encode", path, *words)
    assert (ended.status, ended.err) == (0, "")
    first, sha256, *rest = comments(ended.out)
    assert (first, sha256) == ("qnnt-map/1", f"instance {sha256_of(load(str(path)).derive(bound=None))}")
    assert rest[: len(question)] == question
    assert rest[len(question)] == "encoding auto"
    assert ("loss = (" in ended.out) == (question == ["objective minimize"])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--to", "cnf"], f"{XOR}: to decide, a bound is needed: give --bound, or take --to wcnf"),
        (["--to", "wcnf", "--objective", "decide"], "to decide, a bound is needed"),
        (["--to", "cnf", "--objective", "minimize"], "a cnf has no objective: take --to wcnf, or --objective decide"),
        (["--to", "xml"], "unknown format 'xml': cnf, wcnf, wcnf-old, opb, wbo, mps, lp, cpsat"),
        (["--to", "CNF"], "unknown format 'CNF'"),
        (["--to", "cnf", "--encoding", "nonsense"], "unknown encoding 'nonsense' of clauses; known: auto, totalizer"),
        (["--to", "cnf", "--encoding", "native"], "unknown encoding 'native' of clauses"),
        (
            ["--to", "mps", "--encoding", "adder"],
            "unknown encoding 'adder' of a model for mps; known: auto, order, integer",
        ),
        (["--to", "cpsat", "--encoding", "cnf"], "unknown encoding 'cnf' of a model for cpsat; known: auto, order, in"),
        (["--to", "opb", "--encoding", "totalizer"], "of a model for opb; known: auto, order, integer, cnf"),
        (
            ["--to", "mps", "--objective", "decide"],
            "to decide, a bound is needed: give --bound, or take --objective mini",
        ),
        (["--to", "wbo", "--bound", "1"], "nothing to minimise: write an OPB file"),
        (["--to", "lp", "--bound", "1", "-o", "/nonexistent/folder/f.lp"], "cannot write: no such file"),
        (["--to", "cnf", "--objective", "nonsense"], "unknown objective 'nonsense': decide or minimize"),
        (["--to", "cnf", "--bound", "-1"], "expected a bound of at least 0, got -1"),
        (["--to", "cnf", "--bound", "-1/2"], "expected a bound of at least 0, got -1/2"),
        (["--to", "cnf", "--bound", "1.5"], "expected an integer or a rational string"),
        (["--to", "cnf", "--bound", "1/0"], "the denominator of '1/0' is zero"),
        (["--to", "cnf", "--bound", ""], "expected an integer or a rational string"),
        (["--to", "cnf", "--bound", "4611686018427387905"], "the number is beyond 2^62"),
        (["--to", "wcnf", "--bound", "1", "--objective", "minimize"], "--objective minimize exclude each other"),
        (["--to", "cnf", "--bound", "1", "-o", "/nonexistent/folder/f.cnf"], "cannot write: no such file"),
        (["--to", "cnf", "--bound", "1", "-o", "/"], "/: cannot write: is a directory"),
    ],
)
def test_encode_complains(words: list[str | Path], complaint: str, program: Program) -> None:
    assert_complains(program, ["encode", XOR, *words], 2, complaint)


@pytest.mark.parametrize("bound", ["x", " ", "3/", "0x3", "1e3", "1_000", "nan", "²", "³/²", "٣", "+-3", "--3"])
def test_bounds_that_are_no_numbers(bound: str, program: Program) -> None:
    assert_complains(program, ["encode", XOR, "--to", "cnf", f"--bound={bound}"], 2, "expected an integer")


def test_encode_without_a_format_or_a_file(program: Program) -> None:
    assert program("encode", XOR).status == 2
    assert_complains(program, ["encode", "/nonexistent.json", "--to", "wcnf"], 2, "/nonexistent.json: cannot read")


def test_an_unwritable_place_keeps_what_is_there(program: Program, tmp_path: Path) -> None:
    (tmp_path / "f.cnf").write_text("old")
    assert_complains(program, ["encode", XOR, "--to", "cnf", "-o", tmp_path / "f.cnf"], 2, "a bound is needed")
    assert (tmp_path / "f.cnf").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.cnf"]


def test_instances_from_standard_input(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = program("encode", XOR, "--to", "wcnf").out
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(XOR.read_bytes())))
    assert program("encode", "-", "--to", "wcnf").out == expected


def test_a_sum_too_large_for_an_encoding(program: Program, tmp_path: Path) -> None:
    instance = d_nnt([2, 1], [[1, 1]], [[0]], weights=[0, 999, 10**9], bias=[0], activation="threshold")
    save(instance, str(tmp_path / "i.json"))
    words: list[str | Path] = ["encode", tmp_path / "i.json", "--to", "wcnf", "--encoding"]
    assert_complains(program, [*words, "pysat-seqcounter"], 2, "too large for pysat-seqcounter")
    assert program(*words, "adder").status == 0


# --- the circle ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words", "status"),
    [
        ("xor", ["--to", "cnf", "--bound", "0"], "yes"),
        ("xor", ["--to", "wcnf"], "optimal"),
        ("skip", ["--to", "cnf"], "yes"),
        ("skip", ["--to", "wcnf-old"], "optimal"),
        ("labels", ["--to", "cnf", "--bound", "2"], "yes"),
        ("labels", ["--to", "cnf", "--bound", "1", "--encoding", "adder"], "no"),
        ("labels", ["--to", "wcnf", "--bound", "1"], "no"),
        ("labels", ["--to", "wcnf", "--bound", "2"], "yes"),
        ("labels", ["--to", "wcnf-old", "--encoding", "pysat-totalizer"], "optimal"),
        ("never", ["--to", "wcnf"], "infeasible"),
        ("never", ["--to", "cnf", "--bound", "1000"], "no"),
        ("line", ["--to", "wcnf"], "optimal"),
        ("line", ["--to", "cnf", "--bound", "9/2"], "yes"),
        ("line", ["--to", "cnf", "--bound", "1/6"], "no"),
        ("masked", ["--to", "wcnf", "--encoding", "seqcounter"], "optimal"),
        ("nothing", ["--to", "wcnf"], "optimal"),
    ],
)
def test_the_circle_ends_where_solve_does(
    name: str, words: list[str], status: str, folder: Path, program: Program, tmp_path: Path
) -> None:
    path, formula, result = folder / f"{name}.json", tmp_path / "formula", tmp_path / "r.json"
    assert program("encode", path, *words, "-o", formula).status == 0
    ended = program("decode", path, formula, run_solver(folder, formula), "-o", result, "--json")
    found = json.loads(ended.out)
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(result.read_text()) == found
    SCHEMA.validate(found)
    question = ["--bound", words[words.index("--bound") + 1]] if "--bound" in words else []
    if status in ("optimal", "infeasible"):
        question = ["--objective", "minimize"]
    expected = json.loads(program("solve", path, *question, "--json").out)
    assert found["status"] == expected["status"] == status
    assert found["instance_sha256"] == expected["instance_sha256"]
    assert found["instance_file"] == str(path)
    assert found["solver"] == "foreign"
    if status == "optimal":
        assert found["loss"] == found["lower_bound"] == expected["loss"]
        assert found["objective"] == "minimize"
    if status in ("optimal", "no", "infeasible") and found["loss"] != 0:
        assert found["note"].endswith("is the solver's word")
    else:
        assert "note" not in found
    verified = program("verify", path, result)
    if status in ("yes", "optimal"):
        assert (verified.status, verified.out.splitlines()[0]) == (0, f"certificate holds: loss {found['loss']}")
    else:
        assert (verified.status, verified.out) == (3, f"not checked: {status} without a proof\n")


def test_decode_in_words(minimized: tuple[Path, Path], folder: Path, program: Program) -> None:
    ended = program("decode", folder / "labels.json", *minimized)
    lines = ended.out.splitlines()
    assert (ended.status, lines[:3]) == (
        0,
        ["status    optimal", "loss      2 of 14 (samples mismatched)", "bound     2"],
    )
    assert "note      that no smaller loss exists is the solver's word" in lines
    assert lines[-1].startswith("  o1 = relu_d(")


def test_result_files(decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    ended = program("decode", XOR, *decided, "-o", tmp_path / "r.json")
    assert (ended.status, "status    yes" in ended.out) == (0, True)
    document = json.loads((tmp_path / "r.json").read_text())
    SCHEMA.validate(document)
    assert document["options"] == {"objective": "decide", "bound": 0, "encoding": "auto"}
    assert document["lower_bound"] is None
    assert json.loads(program("decode", XOR, *decided, "-o", "-").out) == document
    assert json.loads(program("decode", XOR, *decided, "-o", "-", "--json").out) == document
    ended = program("decode", XOR, *decided, "-o", "/nonexistent/r.json")
    assert (ended.status, "cannot write" in ended.err) == (2, True)


@pytest.mark.parametrize("which", ["instance", "output"])
def test_standard_input(
    which: str, decided: tuple[Path, Path], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    formula, printed = decided
    given = XOR if which == "instance" else printed
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given.read_bytes())))
    words: list[str | Path] = ["-", formula, printed] if which == "instance" else [XOR, formula, "-"]
    document = json.loads(program("decode", *words, "--json").out)
    assert document["status"] == "yes"
    assert document["instance_file"] == (None if which == "instance" else str(XOR))


def test_packed_files(decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    packed = []
    for path in (XOR, *decided):
        packed.append(tmp_path / f"{path.name}.gz")
        packed[-1].write_bytes(gzip.compress(path.read_bytes()))
    assert program("decode", *packed).status == 0


def test_the_bound_is_that_of_the_formula(minimized: tuple[Path, Path], folder: Path, program: Program) -> None:
    """The instance is the same with any bound, and the file's own does not matter then."""
    document = json.loads((folder / "labels.json").read_text())
    bounded = folder / "bounded.json"
    bounded.write_text(json.dumps({**document, "error_bound": 0}))
    found = json.loads(program("decode", bounded, *minimized, "--json", "-o", folder / "r.json").out)
    assert (found["status"], found["loss"], found["options"]["bound"]) == ("optimal", 2, None)
    assert found["instance_sha256"] == sha256_of(load(str(bounded)))
    assert program("verify", bounded, folder / "r.json").status == 0


@pytest.mark.skipif(CADICAL is None, reason="cadical is not installed")
@pytest.mark.parametrize(("bound", "status", "code"), [("1", "no", 20), ("2", "yes", 10)])
def test_a_real_solver(bound: str, status: str, code: int, folder: Path, program: Program, tmp_path: Path) -> None:
    assert CADICAL is not None
    path, formula, printed = folder / "labels.json", tmp_path / "f.cnf", tmp_path / "f.out"
    program("encode", path, "--to", "cnf", "--bound", bound, "-o", formula)
    with printed.open("wb") as file:
        assert subprocess.run([CADICAL, "-q", str(formula)], stdout=file, check=False).returncode == code
    ended = program("decode", path, formula, printed)
    assert (ended.status, ended.out.splitlines()[0]) == (0, f"status    {status}")


# --- answers that are none -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["s UNKNOWN\n", "INDET\n", "c time is over\ns UNKNOWN\n"])
def test_unknown(text: str, decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    (tmp_path / "out").write_text(text)
    ended = program("decode", XOR, decided[0], tmp_path / "out", "-o", tmp_path / "r.json", "--json")
    found = json.loads(ended.out)
    SCHEMA.validate(found)
    assert (ended.status, found["status"], found["loss"], found["solution"]) == (3, "unknown", None, None)
    assert program("verify", XOR, tmp_path / "r.json").status == 3


def test_a_solution_without_its_optimality(
    minimized: tuple[Path, Path], folder: Path, program: Program, tmp_path: Path
) -> None:
    """A solver that was stopped: what it has is verified, but answers nothing."""
    printed = tmp_path / "out"
    for claim in ("SATISFIABLE", "UNKNOWN"):
        printed.write_text(minimized[1].read_text().replace("OPTIMUM FOUND", claim))
        ended = program("decode", folder / "labels.json", minimized[0], printed, "-o", tmp_path / "r.json", "--json")
        found = json.loads(ended.out)
        SCHEMA.validate(found)
        assert (ended.status, found["status"], found["loss"], found["lower_bound"]) == (3, "feasible", 2, 0)
        assert "note" not in found
        assert program("verify", folder / "labels.json", tmp_path / "r.json").status == 0


# --- answers that are wrong ----------------------------------------------------------------------


def test_another_instance(decided: tuple[Path, Path], folder: Path, program: Program) -> None:
    complaint = f"{decided[0]}: was made from another instance"
    assert_complains(program, ["decode", folder / "labels.json", *decided], 2, complaint)
    document = json.loads(XOR.read_text())
    document["data"]["y"][0] = [1]
    (folder / "other.json").write_text(json.dumps(document))
    assert_complains(program, ["decode", folder / "other.json", *decided], 2, complaint)


def test_the_same_instance_written_otherwise(decided: tuple[Path, Path], folder: Path, program: Program) -> None:
    (folder / "same.json").write_text(json.dumps(json.loads(XOR.read_text()), indent=3, sort_keys=True))
    assert program("decode", folder / "same.json", *decided).status == 0


def test_flipped_bits_beyond_the_bound(decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    formula, printed = decided
    wrong = 0
    for variable in parameter_bits(formula):
        flipped = with_flipped(printed, variable, tmp_path / "out")
        ended = program("decode", XOR, formula, flipped, "-o", tmp_path / "r.json")
        if ended.status:  # some changes leave the function alone
            wrong += 1
            assert (ended.status, ended.out) == (4, "")
            assert re.fullmatch(r"qnnt: error: the assignment has loss [1-4], above the bound 0\n", ended.err)
        else:
            assert program("verify", XOR, tmp_path / "r.json").status == 0
    assert wrong >= 5


def test_flipped_bits_beyond_the_optimum(
    minimized: tuple[Path, Path], folder: Path, program: Program, tmp_path: Path
) -> None:
    formula, printed = minimized
    statuses = []
    for variable in parameter_bits(formula):
        flipped = with_flipped(printed, variable, tmp_path / "out")
        ended = program("decode", folder / "labels.json", formula, flipped)
        statuses.append(ended.status)
        assert ended.status == 0 or "not 2 as the solver says" in ended.err
    assert set(statuses) <= {0, 4}
    assert statuses.count(4) >= 5


@pytest.mark.parametrize(
    ("claim", "cost"), [("OPTIMUM FOUND", 0), ("OPTIMUM FOUND", 1), ("OPTIMUM FOUND", 3), ("SATISFIABLE", 1)]
)
def test_a_cost_that_lies(
    claim: str, cost: int, minimized: tuple[Path, Path], folder: Path, program: Program, tmp_path: Path
) -> None:
    """An optimum costs what it loses; any other solution that or more."""
    text = minimized[1].read_text().replace("OPTIMUM FOUND", claim)
    (tmp_path / "out").write_text(re.sub("^o .*$", f"o {cost}", text, flags=re.MULTILINE))
    words: list[str | Path] = ["decode", folder / "labels.json", minimized[0], tmp_path / "out"]
    assert_complains(program, words, 4, f"the assignment has loss 2, not {cost} as the solver says")


def test_an_optimum_of_a_decision_has_to_meet_the_bound(program: Program, tmp_path: Path) -> None:
    """A decision as WCNF has no soft clauses, so that any solution of it is an optimum."""
    program("encode", XOR, "--to", "wcnf", "--bound", "0", "-o", tmp_path / "f")
    (tmp_path / "out").write_text("o 0\ns OPTIMUM FOUND\nv 0\n")
    words: list[str | Path] = ["decode", XOR, tmp_path / "f", tmp_path / "out"]
    assert_complains(program, words, 4, "the assignment has loss 2, above the bound 0")


def test_values_outside_their_sets(folder: Path, program: Program, tmp_path: Path) -> None:
    """Order literals that contradict each other, of a set with unequal steps: 1/2 + 3/2 is there, 0 + 3/2 is not."""
    path, formula = folder / "line.json", tmp_path / "f"
    program("encode", path, "--to", "cnf", "--bound", "100", "-o", formula)
    (weight,) = [line for line in comments(formula.read_text()) if line.startswith("weight")]
    upper = int(weight.rsplit("3/2*", 1)[1])
    (tmp_path / "out").write_text(f"s SATISFIABLE\nv {upper} 0\n")
    words: list[str | Path] = ["decode", path, formula, tmp_path / "out"]
    assert_complains(program, words, 4, "the weight 3/2 of x1->o1 is not in its set {0, 1/2, 2}")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no status line"),
        ("hello\n", "no status line"),
        ("v 1 2 0\n", "no status line"),
        ("s MAYBE\n", "line 1: expected one of SATISFIABLE, "),
        ("s SATISFIABLE\ns UNSATISFIABLE\n", "line 2: a second status line"),
        ("s SATISFIABLE\nv 1 two 0\n", "line 2: expected a literal, got 'two'"),
        ("s SATISFIABLE\nv 1 2\n", "line 2: the assignment is cut off"),
        ("s SATISFIABLE\nv 1 -1 0\n", "line 2: variable 1 both holds and does not"),
        ("s SATISFIABLE\nv 999999 0\n", "line 2: literal 999999; the formula has"),
        ("s SATISFIABLE\nv 1 0 2\n", "line 2: more values after the 0"),
        ("s UNSATISFIABLE\nv 1 0\n", "line 2: an assignment, though"),
        ("o much\ns UNKNOWN\n", "line 1: expected a cost, got 'much'"),
    ],
)
def test_damaged_output(
    text: str, complaint: str, decided: tuple[Path, Path], program: Program, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text(text)
    words: list[str | Path] = ["decode", XOR, decided[0], tmp_path / "out"]
    assert_complains(program, words, 2, f"{tmp_path / 'out'}: {complaint}")


def test_an_assignment_that_was_cut_off(decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    """Half of it would be a wrong answer, not a damaged one."""
    text = decided[1].read_text()
    (tmp_path / "out").write_text(text[: len(text) // 2])
    assert_complains(program, ["decode", XOR, decided[0], tmp_path / "out"], 2, "cut off")


def damaged(text: str) -> dict[str, tuple[str, str]]:
    """Formulas that hold no map, or a broken one, and what is said of them."""
    return {
        "no map": (re.sub("^c .*\n", "", text, flags=re.MULTILINE), "no variable map"),
        "no end": (text.replace("c end of map\n", ""), "the variable map is cut off"),
        "no hash": (re.sub("^c instance .*\n", "", text, flags=re.MULTILINE), "expected 'instance ...'"),
        "unknown instance": (re.sub("^c instance .*", "c instance unknown", text, flags=re.MULTILINE), "was made from"),
        "other version": (text.replace("qnnt-map/1", "qnnt-map/2"), "'qnnt-map/2' is unknown"),
        "no number": (re.sub("^c variables .*", "c variables many", text, flags=re.MULTILINE), "expected 'variables"),
        "empty": ("", "no variable map"),
    }


@pytest.mark.parametrize("name", damaged(""))
def test_damaged_formulas(name: str, decided: tuple[Path, Path], program: Program, tmp_path: Path) -> None:
    text, complaint = damaged(decided[0].read_text())[name]
    (tmp_path / "f").write_text(text)
    assert_complains(program, ["decode", XOR, tmp_path / "f", decided[1]], 2, complaint)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("", "the bias of h1_1 is missing"),
        (r'\g<0>c bias "h9_9" = 0\n', "the network has no neuron h9_9"),
        ('c bias "h1_1" = 7\n', "the bias -7 of h1_1 is not in its set {-1, 0, 1}"),
    ],
)
def test_a_map_of_other_parameters(
    change: str, complaint: str, decided: tuple[Path, Path], program: Program, tmp_path: Path
) -> None:
    text = decided[0].read_text()
    (tmp_path / "f").write_text(re.sub('^c bias "h1_1" .*\n', change, text, flags=re.MULTILINE))
    assert_complains(program, ["decode", XOR, tmp_path / "f", decided[1]], 4, complaint)


def test_missing_files(decided: tuple[Path, Path], program: Program) -> None:
    for place in range(3):
        words: list[str | Path] = [XOR, *decided]
        words[place] = "/nonexistent"
        assert_complains(program, ["decode", *words], 2, "/nonexistent: cannot read: no such file")
