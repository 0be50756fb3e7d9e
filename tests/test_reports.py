"""A comparison as rows, CSV, JSON, Markdown and a matrix: all of them say the same."""

from __future__ import annotations

import csv
import io
import json
import sys
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from qnnt.exact import Number
from qnnt.instance import Objective
from qnnt.reports import FAILURES, Comparison, proven_in_words, reason
from qnnt.result import Incumbent, Status
from qnnt.verdicts import Proven, Run, Verdict, judged

ONE, TWO = "a|b\nc.json", "plain.json"
RESULT = {
    "encoding": "adder",
    "seconds": {"encode": 0.25, "solve": 1.0, "total": 1.25},
    "model": {"peak_memory_mb": 31},
}


def run(instance: str, solver: str, objective: Objective = Objective.MINIMIZE, **known: Any) -> Run:
    bound = Fraction(7, 2) if objective is Objective.DECIDE else None
    return Run(instance, instance[0] * 64, solver, objective, **{"bound": bound, "seconds": 1.25, **known})


REPORT = Comparison(
    instances=(
        judged(
            [
                run(ONE, "sat", status=Status.OPTIMAL, loss=Fraction(5, 2), lower_bound=Fraction(5, 2), result=RESULT),
                run(ONE, "cpsat:order", status=Status.FEASIBLE, loss=4, lower_bound=0, problem="time limit reached"),
                run(ONE, "dp", apparent=Verdict.UNSUPPORTED, problem="dp: too\nwide, by far"),
                run(ONE, "liar", status=Status.OPTIMAL, loss=3, lower_bound=3, incumbents=(Incumbent(0.5, 3, 0),)),
            ]
        ),
        judged(
            [
                run(TWO, "sat", Objective.DECIDE, status=Status.NO),
                run(TWO, "cpsat:order", Objective.DECIDE, status=Status.YES, loss=Fraction(7, 2), seconds=0.12344),
                run(TWO, "dp", Objective.DECIDE, apparent=Verdict.CRASHED, problem='dp: said "no", and died'),
            ]
        ),
        judged([]),
    ),
    solvers=("sat", "cpsat:order", "dp", "liar"),
    missing=5,
    reproducers={(ONE, "liar"): "a place"},
)
EMPTY = Comparison((), ("sat",))


def as_text(value: object) -> str:
    return "" if value is None else str(value)


def test_rows_hold_plain_values_in_the_order_asked_for() -> None:
    rows = REPORT.rows
    assert [(row["instance"], row["solver"]) for row in rows] == [
        (run.instance, run.solver) for judgement in REPORT.instances for run in judgement.runs
    ]
    assert [row["verdict"] for row in rows] == [
        "agree", "worse than proven", "unsupported", "contradiction", "contradiction", "agree", "crashed",
    ]  # fmt: skip
    assert rows[0] == {
        "instance": ONE, "solver": "sat", "verdict": "agree", "status": "optimal", "objective": "minimize",
        "bound": None, "loss": Fraction(5, 2), "lower_bound": Fraction(5, 2), "numerical": False, "seconds": 1.25,
        "encode_seconds": 0.25, "solve_seconds": 1.0, "peak_memory_mb": 31, "encoding": "adder", "problem": "",
        "sha256": "a" * 64,
    }  # fmt: skip
    assert {type(value) for row in rows for value in row.values()} == {str, int, bool, float, Fraction, type(None)}


def test_csv_says_what_the_rows_say() -> None:
    text = REPORT.to_csv()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert read == [{key: as_text(value) for key, value in row.items()} for row in REPORT.rows]
    assert read[0]["loss"] == "5/2"
    assert "\r" not in text
    assert EMPTY.to_csv() == text.splitlines(keepends=True)[0]


def test_json_says_what_the_rows_say() -> None:
    document = json.loads(REPORT.to_json())
    assert document["format"] == "qnnt-comparison/1"
    plain = [{k: str(v) if isinstance(v, Fraction) else v for k, v in row.items()} for row in REPORT.rows]
    assert document["rows"] == plain
    assert (document["agreed"], document["missing"]) == (False, 5)
    assert document["verdicts"] == {
        "agree": 2, "worse than proven": 1, "unsupported": 1, "contradiction": 2, "crashed": 1,
    }  # fmt: skip
    assert document["instances"] == [
        {
            "instance": ONE, "sha256": "a" * 64, "answer": "optimal", "loss": "5/2", "lower_bound": "5/2",
            "loss_by": {"solver": "sat", "seconds": 1.25}, "bound_by": {"solver": "sat", "seconds": 1.25},
            "answer_by": {"solver": "sat", "seconds": 1.25}, "numerical": False,
        },
        {
            "instance": TWO, "sha256": "p" * 64, "answer": "yes", "loss": "7/2", "lower_bound": None,
            "loss_by": {"solver": "cpsat:order", "seconds": 0.1234}, "bound_by": None,
            "answer_by": {"solver": "cpsat:order", "seconds": 0.1234}, "numerical": False,
        },
    ]  # fmt: skip
    assert document["reproducers"] == [{"instance": ONE, "solver": "liar", "folder": "a place"}]


def test_markdown_is_a_table_whatever_the_labels_are() -> None:
    lines = REPORT.to_markdown().splitlines()
    assert lines[0] == f"**{REPORT.summary}**"
    tables = [line for line in lines if line.startswith("|")]
    matrix, solvers = tables[:4], tables[4:]
    assert matrix == [
        "| instance | proven | sat | cpsat:order | dp | liar |",
        "| --- | --- | --- | --- | --- | --- |",
        "| a\\|b c.json | 5/2 | 1.25 s | worse 0..4 | - | CONTRADICTION |",
        "| plain.json | yes (7/2 <= 7/2) | CONTRADICTION | 0.12 s | CRASHED |  |",
    ]
    heads, _, *counts = [[cell.strip() for cell in line.strip("|").split("|")] for line in solvers]
    assert heads == ["solver", "first", *map(str, Verdict), "seconds"]
    by_solver = {cells[0]: dict(zip(heads[1:], cells[1:], strict=True)) for cells in counts}
    assert list(by_solver) == list(REPORT.solvers)
    for solver, told in by_solver.items():
        mine = [row for row in REPORT.rows if row["solver"] == solver]
        assert [told[str(verdict)] for verdict in Verdict] == [
            str(sum(row["verdict"] == verdict for row in mine)) for verdict in Verdict
        ]
        assert told["seconds"] == f"{sum(row['seconds'] for row in mine):.2f}"
    assert [told["first"] for told in by_solver.values()] == ["1", "1", "0", "0"]
    failures = lines[lines.index("Failures:") + 2 :]
    assert len(failures) == len(REPORT.failures)


def test_failures_name_claim_and_witness() -> None:
    assert REPORT.failure_lines() == [
        "a|b c.json: liar: contradiction: it says no loss below 3, but sat found 5/2, which was verified (see a place)",
        "plain.json: sat: contradiction: it says no loss of at most 7/2, but cpsat:order found 7/2, which was verified",
        'plain.json: dp: crashed: dp: said "no", and died',
    ]
    infeasible = judged(
        [run(TWO, "liar", status=Status.INFEASIBLE), run(TWO, "sat", status=Status.FEASIBLE, loss=9, lower_bound=0)]
    )
    assert reason(infeasible.runs[0], infeasible) == "it says infeasible, but sat found 9, which was verified"


def test_the_summary_counts() -> None:
    assert REPORT.summary == (
        "7 runs on 3 instances: 2 agree, 1 worse than proven, 1 unsupported, 2 contradiction, 1 crashed; 5 not run"
    )
    assert (EMPTY.summary, EMPTY.agreed) == ("0 runs on 0 instances: nothing to do", True)
    assert [line for line in EMPTY.to_markdown().splitlines() if "Failures" in line] == []


def test_cells_that_speak_of_a_defect_are_known() -> None:
    cells = {cell for _, _, *cells in REPORT.matrix() for cell in cells}
    assert cells & FAILURES == {"CONTRADICTION", "CRASHED"}
    assert {"WRONG CERTIFICATE", "CONTRADICTION", "CRASHED"} == FAILURES


@pytest.mark.parametrize(
    ("answer", "loss", "lower", "words"),
    [
        (Status.YES, 3, None, "yes (3 <= 7)"),
        (Status.NO, 9, None, "no (> 7)"),
        (Status.OPTIMAL, Fraction(20, 3), Fraction(20, 3), "20/3"),
        (Status.OPTIMAL, 0, 0, "0"),
        (Status.INFEASIBLE, None, None, "infeasible"),
        (None, None, None, "?"),
        (None, None, 0, "?"),
        (None, None, 2, "2.."),
        (None, 5, 0, "0..5"),
        (None, 0, None, "..0"),
        (None, 9, None, "..9"),
    ],
)
def test_what_is_proven_in_words(answer: Status | None, loss: Number | None, lower: Number | None, words: str) -> None:
    assert proven_in_words(Proven(answer, loss, lower, None, None, None), 7) == words


def test_a_data_frame_is_made_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=lambda rows: ("a frame of", rows)))
    assert REPORT.to_dataframe() == ("a frame of", REPORT.rows)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError):
        REPORT.to_dataframe()


def test_labels_that_are_no_text_stay_what_they_are_in_json() -> None:
    odd = Comparison((judged([run("\udcff\u2028.json", "sat", status=Status.UNKNOWN)]),), ("sat",))
    assert json.loads(odd.to_json())["rows"][0]["instance"] == "\udcff\u2028.json"
    assert len([line for line in odd.to_markdown().split("\n") if line.startswith("|")]) == 6
