"""``generate csv`` and ``predict``: from a table to an instance, and from a result to predictions."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from qnnt.cli.generate_csv import csv_command
from qnnt.cli.predict import predict_command
from qnnt.errors import CertificateError, InputError
from qnnt.evaluation import evaluate
from qnnt.files.instances import load, sha256_of
from qnnt.files.mappings import load_mapping
from qnnt.files.results import save_result
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Solution, Status

app = typer.Typer()
app.command("csv")(csv_command)
app.command("predict")(predict_command)

TABLE = (
    "age,colour,size,grade\n"
    + "".join(
        f"{20 + 7 * i % 50},{'red' if i % 3 else 'blue'},{i % 4},{'high' if i % 5 < 2 else 'low'}\n" for i in range(40)
    )
    + "?,red,1,low\n33,?,2,high\n41,blue,3,?\n"
)
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder with data.csv; exceptions of qnnt come through."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(TABLE)

    def invoke(*arguments: str) -> Any:
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return invoke


GENERATE = ("csv", "data.csv", "--target", "grade", "--d", "3", "-o", "foo.json")


def constant(instance: Instance, bias: int) -> Parameters:
    """Weights 0: each output is -bias, clipped."""
    return Parameters(dict.fromkeys(instance.weights, 0), dict.fromkeys(instance.biases, bias))


def mixed(instance: Instance) -> Parameters:
    """Parameters under which the output depends on the inputs."""
    values = {edge: (1, 0, -1)[i % 3] for i, edge in enumerate(instance.weights)}
    return Parameters(values, dict.fromkeys(instance.biases, 0))


def save_solution(instance: Instance, parameters: Parameters, path: str = "result.json", **changes: Any) -> None:
    fields: dict[str, Any] = {
        "status": Status.FEASIBLE,
        "objective": Objective.MINIMIZE,
        "instance_sha256": sha256_of(instance),
        "solver": "test",
        "encoding": None,
        "solution": Solution(instance, parameters),
        "instance_file": "foo.json",
    }
    save_result(Result(**{**fields, **changes}), path)


# --- generate csv --------------------------------------------------------------------------------


def test_instance_mapping_and_test_rows_are_written(run: Run) -> None:
    done = run(*GENERATE, "--hidden", "3", "--hidden", "2", "--test", "0.3", "--error-bound", "2")
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "rows: 29 for training, 13 held out, 1 left out, 0 unused",
        "inputs: 4, network 4-3-2-1, d = 3",
        "distinct inputs: 18, certain conflicts: 7",
    ]
    instance = load("foo.json")
    assert (instance.name, instance.bound, instance.d, instance.dataset.total_weight) == ("data", 2, 3, 29)
    mapping = load_mapping("foo.mapping")
    assert mapping.source == "data.csv"
    assert mapping.source_sha256 == hashlib.sha256(TABLE.encode()).hexdigest()
    assert mapping.inputs == ("age", "colour=blue", "colour=red", "size")
    held_out = Path("foo.test.csv").read_text().splitlines()
    assert held_out[0] == TABLE.splitlines()[0]
    assert len(held_out) == 14
    assert set(held_out) < set(TABLE.splitlines())


def test_the_same_command_writes_the_same_bytes(run: Run) -> None:
    written = []
    for _ in range(2):
        run(*GENERATE, "--hidden", "2", "--test", "1/4", "--seed", "5", "--rows", "10")
        written.append([Path(f"foo.{end}").read_bytes() for end in ("json", "mapping", "test.csv")])
    assert written[0] == written[1]
    assert load("foo.json").dataset.total_weight == 10


def test_options_reach_the_mapping(run: Run) -> None:
    options = ("--hidden", "none", "--thermometer", "--bins", "uniform", "--missing", "drop", "--labels", "onehot")
    done = run(*GENERATE[:-1], "foo.json.gz", *options, "--classes", "low,high", "--column", "size=ordinal:0,1,2,3,4",
               "--column", "colour=skip", "--name", "mine")  # fmt: skip
    assert "inputs: 3, network 3-2, d = 3; skipped: colour" in done.stderr
    assert load("foo.json.gz").name == "mine"
    mapping = load_mapping("foo.mapping")
    assert [str(column.kind) for column in mapping.columns] == ["thermometer", "skip", "ordinal"]
    assert mapping.labels.classes == ("low", "high")
    assert not Path("foo.test.csv").exists()


def test_standard_output_gets_the_instance_alone(run: Run) -> None:
    done = run(*GENERATE[:-1], "-", "--hidden", "2")
    assert json.loads(done.stdout)["problem"] == "d-qnnt"
    assert "no mapping is written" in done.stderr
    assert {path.name for path in Path.cwd().iterdir()} == {"data.csv"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hidden", "2", "--bins", "odd"), "--bins: expected one of quantile, uniform, got 'odd'"),
        (("--hidden", "2", "--missing", "odd"), "--missing: expected one of impute, drop"),
        (("--hidden", "2", "--labels", "odd"), "--labels: expected one of auto, index, onehot"),
        (("--hidden", "2", "--test", "half"), "expected a number such as 0.3 or 1/3, got 'half'"),
        (("--hidden", "two"), "expected the sizes of hidden layers"),
        (("--hidden", "2", "--column", "weight=skip"), "names no column"),
    ],
)
def test_bad_options(run: Run, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(*GENERATE, *options)
    assert not Path("foo.json").exists()


def test_the_table_is_not_overwritten(run: Run) -> None:
    Path("foo.test.csv").write_text(TABLE)
    with pytest.raises(InputError, match="the output would replace the table"):
        run("csv", "foo.test.csv", *GENERATE[2:], "--hidden", "2", "--test", "0.5")
    assert Path("foo.test.csv").read_text() == TABLE


# --- predict -------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", ["index", "onehot"])
def test_accuracy_on_the_training_rows_is_what_the_evaluator_says(run: Run, labels: str) -> None:
    run(*GENERATE, "--hidden", "2", "--labels", labels)
    instance = load("foo.json")
    parameters = mixed(instance)
    save_solution(instance, parameters)
    done = run("predict", "result.json", "data.csv")
    correct = instance.dataset.total_weight - int(evaluate(instance, parameters))
    assert 0 < correct < 42
    assert done.stderr == f"accuracy {correct / 42:.4g} ({correct} of 42)\n"
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["row"] for row in rows] == [str(i) for i in range(1, 44)]
    assert sum(row["correct"] == "1" for row in rows) == correct
    assert (rows[42]["label"], rows[42]["correct"]) == ("", "")


def test_tables_without_the_target_and_in_another_order(run: Run) -> None:
    run(*GENERATE, "--hidden", "2")
    instance = load("foo.json")
    save_solution(instance, constant(instance, -1))
    Path("new.csv").write_text("extra,size,colour,age\n1,2,green,?\n")
    done = run("predict", "result.json", "new.csv")
    assert done.stdout == "row,prediction\n1,low\n"
    assert done.stderr == ""


def test_outputs_that_are_no_class_are_question_marks_and_wrong(run: Run) -> None:
    run(*GENERATE, "--hidden", "2", "--labels", "onehot")
    instance = load("foo.json")
    save_solution(instance, constant(instance, 0))
    done = run("predict", "result.json", "data.csv", "--json", "-o", "out.csv")
    assert done.stderr == "accuracy 0 (0 of 42)\n"
    document = json.loads(done.stdout)
    assert document["rows"][0] == {
        "row": 1,
        "prediction": None,
        "outputs": [0, 0],
        "label": "high",
        "correct": False,
    }
    assert document["confusion"] == [
        {"label": "high", "prediction": None, "rows": 17},
        {"label": "low", "prediction": None, "rows": 25},
    ]
    assert Path("out.csv").read_text().splitlines()[:2] == ["row,prediction,label,correct", "1,?,high,0"]


def test_dropped_rows_are_left_out_and_counted(run: Run) -> None:
    run(*GENERATE, "--hidden", "2", "--missing", "drop")
    instance = load("foo.json")
    save_solution(instance, constant(instance, -1))
    done = run("predict", "result.json", "data.csv")
    assert done.stderr.startswith("left out: 2 rows with missing values\naccuracy ")
    assert [line.partition(",")[0] for line in done.stdout.splitlines()[-2:]] == ["40", "43"]


def test_the_instance_is_found_beside_the_result(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*GENERATE, "--hidden", "2")
    instance = load("foo.json")
    save_solution(instance, constant(instance, -1))
    save_solution(instance, constant(instance, -1), "silent.json", instance_file=None)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run("predict", "../result.json", "../data.csv").stdout
    with pytest.raises(InputError, match="the result names no instance file: give --instance FILE"):
        run("predict", "../silent.json", "../data.csv")
    explicit = ("--instance", "../foo.json", "--mapping", "../foo.mapping")
    assert run("predict", "../silent.json", "../data.csv", *explicit).stdout
    (tmp_path / "foo.json").unlink()
    with pytest.raises(InputError, match=r"the instance foo.json is not there: give --instance FILE"):
        run("predict", "../result.json", "../data.csv")


def test_wrong_certificates(run: Run) -> None:
    run(*GENERATE, "--hidden", "2")
    instance = load("foo.json")
    save_solution(instance, constant(instance, -1), instance_sha256="0" * 64)
    with pytest.raises(CertificateError, match="another instance"):
        run("predict", "result.json", "data.csv")
    save_solution(instance, constant(instance, 5))
    with pytest.raises(CertificateError, match="is not in its set"):
        run("predict", "result.json", "data.csv")
    save_solution(instance, constant(instance, 0), status=Status.UNKNOWN, solution=None)
    with pytest.raises(InputError, match=r"result.json: the result holds no solution \(status unknown\)"):
        run("predict", "result.json", "data.csv")


def test_mappings_and_tables_that_do_not_fit(run: Run) -> None:
    run(*GENERATE, "--hidden", "2")
    run(*GENERATE[:-1], "other.json", "--hidden", "2", "--column", "colour=skip")
    run(*GENERATE[:5], "4", "-o", "wide.json", "--hidden", "2")
    run(*GENERATE[:-1], "both.json", "--hidden", "2", "--labels", "onehot")
    instance = load("foo.json")
    save_solution(instance, constant(instance, 0))
    for mapping, message in (
        ("other", "the mapping gives 2 inputs, the instance has 4"),
        ("wide", "the mapping is for d = 4, the instance has d = 3"),
        ("both", "the mapping gives 2 outputs, the instance has 1"),
        ("none", "none.mapping: cannot read"),
    ):
        with pytest.raises(InputError, match=message):
            run("predict", "result.json", "data.csv", "--mapping", f"{mapping}.mapping")
    Path("new.csv").write_text("age,size\n1,2\n")
    with pytest.raises(InputError, match=r"new.csv: no column 'colour'; columns: age, size"):
        run("predict", "result.json", "new.csv")
    Path("new.csv").write_text("age,size,colour\n1,2,red\nold,2,red\n")
    with pytest.raises(InputError, match=r"new.csv: row 2, column age: expected a number, got 'old'"):
        run("predict", "result.json", "new.csv")
