"""`qnnt solve` from the outside: answers, files, limits, signals, bad input."""

from __future__ import annotations

import gzip
import io
import json
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from qnnt.files.instances import load, save
from qnnt.files.results import load_claim
from qnnt.files.schemas import schema_text
from qnnt.generation.families import random_labels
from qnnt.solvers.facade import verify
from tests.cli.program import EXAMPLES, Program, start

XOR = EXAMPLES / "xor.json"
MALFORMED = sorted((Path(__file__).parents[1] / "malformed").iterdir())
OPTIMA: dict[str, int | str] = {
    "xor": 0, "regression": "3/16", "breast_cancer": 20, "recurrence": 42, "haberman": 47, "balance_scale": 7,
    "monks1": 0, "tic_tac_toe": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that nobody proves within seconds."""
    path = tmp_path_factory.mktemp("hard") / "hard.json"
    save(random_labels(4, (4, 4, 2), 40, 0), str(path))
    return path


@pytest.mark.parametrize("name", OPTIMA)
def test_examples_are_solved_to_their_optimum(name: str, program: Program) -> None:
    ended = program("solve", EXAMPLES / f"{name}.json", "--json")
    assert ended.status == 0
    result = json.loads(ended.out)
    jsonschema.validate(result, json.loads(schema_text("result")))
    assert (result["status"], result["loss"], result["lower_bound"]) == ("optimal", OPTIMA[name], OPTIMA[name])
    assert result["instance_file"] == str(EXAMPLES / f"{name}.json")


def test_a_bound_makes_it_a_decision(program: Program) -> None:
    assert "status    yes" in program("solve", EXAMPLES / "skip.json").out
    ended = program("solve", XOR, "--bound", "0", "--solver", "cpsat", "--json")
    assert (ended.status, json.loads(ended.out)["status"]) == (0, "yes")
    ended = program("solve", EXAMPLES / "haberman.json", "--bound", "46", "--json")
    assert (ended.status, json.loads(ended.out)["status"]) == (0, "no")


def test_deciding_without_a_bound_is_bad_usage(program: Program) -> None:
    ended = program("solve", XOR, "--objective", "decide")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "qnnt: error: to decide, the instance needs a bound (error_bound or margin)\n"


def test_minimising_an_instance_with_a_bound(program: Program) -> None:
    ended = program("solve", EXAMPLES / "skip.json", "--objective", "minimize", "--json")
    assert json.loads(ended.out)["status"] == "optimal"


def test_words_show_the_network(program: Program) -> None:
    out = program("solve", XOR).out
    assert out.startswith("status    optimal\nloss      0 of 4 (samples mismatched)\nbound     0\naccuracy  1.0000\n")
    assert "o1 = relu_d(" in out


def test_result_file_verifies_and_serves_as_hint(program: Program, tmp_path: Path) -> None:
    result = tmp_path / "r.json"
    assert program("solve", XOR, "-o", result).status == 0
    claim = load_claim(str(result))
    assert claim.parameters is not None
    assert verify(load(str(XOR)), claim.parameters, claim.loss) == 0
    ended = program("solve", XOR, "--solver", "cpsat", "--hint", result, "--json")
    answer = json.loads(ended.out)
    assert answer["options"]["hint"] is True
    assert answer["incumbents"][0][1] == 0


def test_a_hint_without_a_solution_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text('{"format": "qnnt-result/1", "status": "unknown"}')
    ended = program("solve", XOR, "--hint", tmp_path / "none.json")
    assert (ended.status, ended.err.count("\n")) == (2, 1)


def test_gzip_and_standard_input(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "xor.json.gz"
    packed.write_bytes(gzip.compress(XOR.read_bytes()))
    assert program("solve", packed).status == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(XOR.read_bytes())))
    ended = program("solve", "-", "--json")
    assert json.loads(ended.out)["instance_file"] is None


def test_competition_lines(program: Program) -> None:
    ended = program("solve", XOR, "--competition")
    lines = ended.out.splitlines()
    assert ended.status == 30
    assert [line for line in lines if line[0] == "o"][-1] == "o 0"
    assert "s OPTIMUM FOUND" in lines
    assert len([line for line in lines if line.startswith("v ")]) == 9
    assert program("solve", XOR, "--bound", "0", "--competition").status == 10
    ended = program("solve", EXAMPLES / "haberman.json", "--bound", "40", "--competition")
    assert (ended.status, ended.out.splitlines()[-1]) == (20, "s UNSATISFIABLE")


def test_time_limit_keeps_the_best_solution(program: Program, hard: Path, tmp_path: Path) -> None:
    result = tmp_path / "r.json"
    ended = program("solve", hard, "--time-limit", "2", "-o", result)
    assert ended.status == 3
    assert "status    feasible" in ended.out
    claim = load_claim(str(result))
    assert claim.parameters is not None
    assert verify(load(str(hard)), claim.parameters, claim.loss) == claim.loss
    assert program("verify", hard, result).status == 0


def test_competitions_want_proofs(program: Program) -> None:
    """What rests on floating-point arithmetic is none."""
    haberman = EXAMPLES / "haberman.json"
    linear = program(
        "solve", haberman, "--objective", "minimize", "--solver", "milp", "--time-limit", "2", "--competition"
    )
    assert "OPTIMUM" not in linear.out
    ended = program("solve", XOR, "--solver", "milp", "--competition")
    assert (ended.status, "s OPTIMUM FOUND" in ended.out) == (30, True)  # 0 is a bound that needs no solver


def test_temporary_files_do_not_outlive_a_killed_solver(
    hard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = start("solve", hard, "--solver", "milp:highs")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("qnnt-*/qnnt-*/points")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.glob("qnnt-*"))
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 3
    assert not list(tmp_path.glob("qnnt-*"))


def test_memory_limit_ends_the_solver_only(program: Program, hard: Path) -> None:
    ended = program("solve", hard, "--memory-limit", "20", "--solver", "cpsat")
    assert ended.status == 3
    assert "memory limit reached" in ended.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_keep_the_best_solution(number: signal.Signals, hard: Path, tmp_path: Path) -> None:
    result = tmp_path / "r.json"
    process = start("solve", hard, "-o", result, "--competition")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("o ")  # a solution is there
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (10, "")
    assert "s SATISFIABLE" in out
    claim = load_claim(str(result))
    assert claim.status == "feasible"
    assert claim.parameters is not None
    assert verify(load(str(hard)), claim.parameters, claim.loss) == claim.loss


def test_an_interrupted_search_ends_with_3(hard: Path) -> None:
    process = start("solve", hard)
    time.sleep(2)
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (3, "")
    assert "interrupted" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_many_signals_at_once_are_one(number: signal.Signals, hard: Path) -> None:
    """Handlers may interrupt each other: none may wait for another."""
    process = start("solve", hard)
    time.sleep(2)
    for _ in range(200):
        process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (3, "")
    assert "interrupted" in out


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.name)
def test_malformed_files_give_one_line_and_2(path: Path, program: Program) -> None:
    ended = program("solve", path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"qnnt: error: {path}: ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--solver", "nonsense"], "unknown solver 'nonsense'"),
        (["--solver", "cpsat:nonsense"], "unknown option 'nonsense' of cpsat"),
        (["--solver", "enumeration", "--encoding", "order"], "takes no encoding"),
        (["--encoding", "nonsense"], "unknown encoding 'nonsense'"),
        (["--time-limit", "0"], "the time limit must be positive"),
        (["--time-limit", "nan"], "the time limit must be positive"),
        (["--memory-limit", "0"], "the memory limit must be at least 1 MB"),
        (["--threads", "0"], "at least one thread"),
        (["--seed", "-1"], "the seed must lie in"),
        (["--bound", "-1"], "expected a bound of at least 0"),
        (["--bound", "1.5"], "expected an integer or a rational string"),
        (["--objective", "nonsense"], "unknown objective 'nonsense'"),
        (["--json", "--competition"], "exclude each other"),
        (["-o", "/nonexistent/folder/r.json"], "cannot write: there is no directory"),
        (["-o", "/"], "cannot write: is a directory"),
        (["--hint", "/nonexistent.json"], "cannot read"),
    ],
)
def test_bad_options_give_one_line_and_2(words: list[str], complaint: str, program: Program) -> None:
    ended = program("solve", XOR, *words)
    assert (ended.status, ended.out) == (2, "")
    assert complaint in ended.err
    assert ended.err.count("\n") == 1


def test_too_many_settings_to_enumerate(program: Program, hard: Path) -> None:
    ended = program("solve", hard, "--solver", "enumeration")
    assert ended.status == 2
    assert "too many to enumerate" in ended.err
