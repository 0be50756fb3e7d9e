"""Many solvers on many instances: the rows, what is proven, what is made again, limits, ends, and broken solvers."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import InputError
from qnnt.files.instances import save, sha256_of
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.reports import Comparison
from qnnt.result import Status
from qnnt.solvers import runner
from qnnt.solvers.comparison import compare, solvers_named
from qnnt.solvers.entry import Entry
from qnnt.solvers.registry import SOLVERS
from qnnt.verdicts import Run, Verdict
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.processes import ROOT, gone, pids_in
from tests.solvers.small_instances import LABELS, NEVER, line

# at zero the loss is 4, the optimum is 2
CHAIN = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")
SMALL = {
    "labels": LABELS,
    "never": NEVER,
    "line": line(),
    "squares": line(loss="squared"),
    "masked": line(loss="linf").derive(name="masked"),
    "planted": planted_labels(3, [2, 2], 4, 1),
    "nothing": d_qnnt(3, [1, 1], [], []),
    "twins": d_qnnt(2, [1, 1, 1], [[0], [0], [1], [1]], [[0], [1], [None], [1]], name="twins"),
    "fixed": d_nnt([2, 1], [[1, 1]], [["1/3"]], weights=[2], bias=[0], activation="relu", loss="absolute"),
}
TINY = [random_labels(3, [2, 1], 3, seed) for seed in range(4)]
TIMES = {"seconds", "encode_seconds", "solve_seconds", "peak_memory_mb"}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken solvers stand in the registry here, and in the workshop by what it preloads."""
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)


def verdicts(report: Comparison) -> list[str]:
    return [row["verdict"] for row in report.rows]


def timeless(report: Comparison) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key not in TIMES} for row in report.rows]


# --- answers -------------------------------------------------------------------------------------

INSTALLED = [name for name, entry in SOLVERS.items() if not entry.missing]


@functools.cache
def optimum(name: str) -> Any:
    return minimum(SMALL[name]).loss


def test_all_solvers_agree_about_the_smallest_loss() -> None:
    report = compare(SMALL.values(), INSTALLED, objective="minimize", jobs=2)
    assert report.agreed, report.failure_lines()
    assert (report.missing, report.solvers) == (0, tuple(INSTALLED))
    for name, judged in zip(SMALL, report.instances, strict=True):
        assert [run.solver for run in judged.runs] == INSTALLED
        assert judged.proven.answer is (Status.INFEASIBLE if name == "never" else Status.OPTIMAL)
        assert (judged.proven.loss, name) == (optimum(name), name)
        assert judged.verdicts.count(Verdict.AGREE) >= 4
        limited = {
            run.solver for run, verdict in zip(judged.runs, judged.verdicts, strict=True) if verdict is Verdict.LIMIT
        }
        assert limited <= {"local-search"}  # which proves nothing
        assert set(judged.verdicts) <= {Verdict.AGREE, Verdict.UNSUPPORTED, Verdict.LIMIT}
    unsupported = [row for row in report.rows if row["verdict"] == "unsupported"]
    assert all(row["problem"].startswith(row["solver"]) and row["status"] is None for row in unsupported)


@pytest.mark.parametrize("bound", [Fraction(3, 2), pytest.param(0, marks=pytest.mark.full)])
def test_all_solvers_agree_about_a_bound(bound: Fraction | int) -> None:
    report = compare(SMALL.values(), INSTALLED, bound=bound, jobs=2)
    assert report.agreed, report.failure_lines()
    for name, judged in zip(SMALL, report.instances, strict=True):
        within = name != "never" and optimum(name) <= bound
        assert (judged.proven.answer, name) == (Status.YES if within else Status.NO, name)
        assert judged.verdicts.count(Verdict.AGREE) >= 4


def test_the_instances_own_questions_are_asked() -> None:
    asked = random_labels(3, [2, 1], 4, 0, error_bound=4)
    report = compare([asked, LABELS], ["enumeration", "auto"])
    assert [(row["objective"], row["bound"], row["status"]) for row in report.rows] == [
        ("decide", 4, "yes"), ("decide", 4, "yes"), ("minimize", None, "optimal"), ("minimize", None, "optimal"),
    ]  # fmt: skip
    assert compare(asked, "enumeration", objective="minimize").rows[0]["status"] == "optimal"


def test_the_number_of_jobs_changes_nothing_but_times() -> None:
    one, two = (compare([*TINY, NEVER], ["enumeration", "dp-fpt", "sat"], jobs=jobs) for jobs in (1, 2))
    assert timeless(one) == timeless(two)
    assert len(one.rows) == 15


def test_sources_may_be_one_or_many(tmp_path: Path) -> None:
    save(LABELS, str(tmp_path / "a.json"))
    ways: list[Any] = [LABELS, str(tmp_path / "a.json"), tmp_path, iter([tmp_path / "a.json", LABELS])]
    for sources in ways:
        report = compare(sources, "enumeration")
        assert [(row["loss"], row["verdict"]) for row in report.rows] == [(1, "agree")]
    assert compare([], "enumeration").rows == []


# --- what is made again --------------------------------------------------------------------------


@dataclasses.dataclass
class Watch:
    """Counts runs as they are made."""

    made: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    counts: list[tuple[int, int]] = dataclasses.field(default_factory=list)

    def __call__(self, run: Run, done: int, total: int) -> None:
        self.made.append((run.instance, run.solver))
        self.counts.append((done, total))


def made_by(output: Path, **options: Any) -> list[tuple[str, str]]:
    watch = Watch()
    compare(options.pop("instances", TINY[:2]), options.pop("solvers", ["enumeration", "dp-fpt"]), jobs=1,
            output=str(output), on_run=watch, **options)  # fmt: skip
    return watch.made


def test_runs_are_made_once_and_the_report_stays_the_same(tmp_path: Path) -> None:
    output, watch = tmp_path / "runs.jsonl", Watch()
    first = compare(TINY, ["enumeration", "dp-fpt"], jobs=1, output=str(output), on_run=watch)
    assert watch.made == [(one.name, solver) for one in TINY for solver in ("enumeration", "dp-fpt")]
    assert watch.counts == [(number, 8) for number in range(1, 9)]
    content = output.read_bytes()
    again = compare(TINY, ["enumeration", "dp-fpt"], output=str(output), on_run=watch)
    assert (len(watch.made), output.read_bytes()) == (8, content)
    assert again == first
    assert (again.to_json(), again.to_csv(), again.to_markdown()) == (
        first.to_json(), first.to_csv(), first.to_markdown(),
    )  # fmt: skip


def test_only_missing_runs_are_made(tmp_path: Path) -> None:
    output = tmp_path / "runs.jsonl"
    everything = made_by(output)
    lines = output.read_bytes().splitlines(keepends=True)
    for lost in range(4):
        output.write_bytes(b"".join(lines[:lost] + lines[lost + 1 :]))
        assert made_by(output) == [everything[lost]]
    output.write_bytes(b"".join(lines)[:-1])  # killed within the last line
    assert made_by(output) == everything[-1:]
    assert made_by(output, solvers=["dp-fpt", "sat", "enumeration"], instances=TINY[:1]) == [(TINY[0].name, "sat")]


@pytest.mark.parametrize(
    "terms",
    [
        {"seed": 1}, {"time_limit": 59}, {"time_limit": None}, {"memory_limit": 4000}, {"threads": 2},
        {"bound": 1}, {"bound": Fraction(1, 2)}, {"objective": "minimize"},
    ],
    ids=str,
)  # fmt: skip
def test_other_terms_make_other_runs(terms: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "runs.jsonl"
    assert len(made_by(output)) == len(made_by(output, **terms)) == 4
    assert made_by(output) == made_by(output, **terms) == []


def test_other_versions_make_other_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "runs.jsonl"
    assert len(made_by(output)) == 4
    monkeypatch.setattr(runner, "versions_behind", lambda *_: {"qnnt": "77"})
    assert len(made_by(output)) == 4


def test_the_same_terms_in_other_words_make_no_new_runs(tmp_path: Path) -> None:
    output = tmp_path / "runs.jsonl"
    assert len(made_by(output, time_limit=60, bound=Fraction(4, 2), objective="decide")) == 4
    assert made_by(output, time_limit=60.0, bound=2, objective=qnnt.Objective.DECIDE) == []
    assert len(made_by(output, time_limit=None)) == 4
    assert made_by(output, time_limit=math.inf) == []


def test_an_instance_that_moved_is_told_by_its_new_label(tmp_path: Path) -> None:
    output, before, after = tmp_path / "runs.jsonl", tmp_path / "a.json", tmp_path / "b.json"
    save(TINY[0], str(before))
    made_by(output, instances=before)
    before.rename(after)
    save(TINY[1], str(before))
    report = compare([after, before], ["enumeration"], output=str(output))
    assert [row["instance"] for row in report.rows] == [str(after), str(before)]
    assert [row["loss"] for row in report.rows] == [minimum(one).loss for one in TINY[:2]]


# --- ends ----------------------------------------------------------------------------------------


class Flag:
    """Set from the run on with this number."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, run: Run, done: int, total: int) -> None:
        self.left -= 1

    def is_set(self) -> bool:
        return self.left <= 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stop_ends_early_and_the_same_call_finishes(jobs: int, tmp_path: Path) -> None:
    output, flag = tmp_path / "runs.jsonl", Flag(3)
    cut = compare(TINY, ["enumeration", "dp-fpt"], jobs=jobs, output=str(output), stop=flag, on_run=flag)
    made = len(cut.rows)
    assert 3 <= made <= 3 + jobs - 1
    assert (cut.missing, cut.agreed) == (8 - made, True)
    assert output.read_text().count("\n") == made
    watch = Watch()
    whole = compare(TINY, ["enumeration", "dp-fpt"], output=str(output), on_run=watch)
    assert (len(watch.made), len(whole.rows), whole.missing) == (8 - made, 8, 0)
    assert timeless(whole) == timeless(compare(TINY, ["enumeration", "dp-fpt"]))


def test_nothing_runs_once_it_is_time_to_stop(tmp_path: Path) -> None:
    report = compare(TINY, "enumeration", stop=Flag(0), output=str(tmp_path / "runs.jsonl"))
    assert (report.rows, report.missing) == ([], 4)
    assert (tmp_path / "runs.jsonl").read_bytes() == b""
    assert "4 not run" in report.summary


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_stop_ends_running_solvers_and_their_runs_do_not_count(tmp_path: Path) -> None:
    file, output = tmp_path / "pids", tmp_path / "runs.jsonl"

    class OnceItRuns:
        def is_set(self) -> bool:
            return file.exists() and len(file.read_text().split()) == 2

    report = compare(CHAIN.derive(name=str(file)), "Hangs", time_limit=None, stop=OnceItRuns(), output=str(output))
    assert (report.rows, report.missing, output.read_bytes()) == ([], 1, b"")
    assert gone(*pids_in(file, 2))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_caller_that_breaks_leaves_no_solver_behind(tmp_path: Path) -> None:
    file, output = tmp_path / "pids", tmp_path / "runs.jsonl"

    def breaks(run: Run, done: int, total: int) -> None:
        pids_in(file, 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compare(
            CHAIN.derive(name=str(file)),
            ["Hangs", "Honest"],
            jobs=2,
            time_limit=None,
            output=str(output),
            on_run=breaks,
        )
    assert gone(*pids_in(file, 2))
    (line,) = output.read_text().splitlines()  # the run before is kept
    assert json.loads(line)["solver"] == "Honest"


# --- limits and broken solvers -------------------------------------------------------------------


def test_limits_are_rows(tmp_path: Path) -> None:
    hanging = CHAIN.derive(name=str(tmp_path / "pids"))
    report = compare(hanging, ["Hangs", "GivesUp", "HasNoRoom"], time_limit=0.4, jobs=3)
    assert [(row["verdict"], row["problem"]) for row in report.rows] == [
        ("limit", "time limit reached"), ("limit", "time limit reached"), ("limit", "more than 60 states at o1"),
    ]  # fmt: skip
    assert report.agreed
    assert report.instances[0].proven.lower_bound == 1
    swollen = compare(CHAIN, ["Swells", "Honest"], memory_limit=200)
    assert [(row["verdict"], row["problem"]) for row in swollen.rows] == [
        ("worse than proven", "memory limit reached"), ("agree", ""),
    ]  # fmt: skip


def test_what_broken_solvers_amount_to() -> None:
    kinds = ["Honest", "FindsThenExits", "Raises", "Exits", "OutsideTheSets", "OptimalWithoutSolution"]
    kinds += ["OptimalButWorse", "BoundAboveTheLoss", "Infeasible", "Declines"]
    report = compare(CHAIN, kinds, time_limit=30)
    assert verdicts(report) == [
        "agree", "crashed", "crashed", "crashed", "wrong certificate", "wrong certificate",
        "contradiction", "contradiction", "contradiction", "unsupported",
    ]  # fmt: skip
    (judged,) = report.instances
    assert (judged.proven.answer, judged.proven.loss, judged.proven.lower_bound) == (Status.OPTIMAL, 2, 2)
    assert report.rows[1]["loss"] == 2  # found before it broke
    assert "RuntimeError: the first line\nthe second line" in judged.runs[2].log
    assert not any(run.log for run in judged.runs if run.solver != "Raises" and run.apparent is not Verdict.CRASHED)
    broken = {"FindsThenExits", "Raises", "Exits", "OutsideTheSets", "OptimalWithoutSolution"}
    assert {run.solver for run, _ in report.failures} == broken | {"OptimalButWorse", "BoundAboveTheLoss", "Infeasible"}


def test_a_crash_with_the_answer_in_hand_still_decides() -> None:
    report = compare(CHAIN, ["FindsThenExits", "GivesUp"], bound=2)
    assert verdicts(report) == ["crashed", "worse than proven"]
    assert report.instances[0].proven.answer is Status.YES


def test_the_end_of_a_long_log_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOGGED", 10)
    assert compare(CHAIN, "Raises").instances[0].runs[0].log == "cond line\n"


def test_a_defect_outside_the_solver_is_a_crash_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(instance: Instance, **options: Any) -> Any:
        if options["solver"] != "Honest":
            raise KeyError("a\nb")
        return qnnt.solve(instance, **options)

    monkeypatch.setattr(runner, "solve", breaks)
    report = compare(CHAIN, ["enumeration", "Honest"])
    assert [(row["verdict"], row["problem"]) for row in report.rows] == [
        ("crashed", r"KeyError: 'a\nb'"),
        ("agree", ""),
    ]
    assert "Traceback" in report.instances[0].runs[0].log


def test_reproducers_are_written_and_named(tmp_path: Path) -> None:
    folder, output = tmp_path / "failures", tmp_path / "runs.jsonl"
    call: Callable[[], Comparison] = functools.partial(
        compare, [CHAIN, *TINY[:1]], ["Honest", "Raises"], failures=str(folder), output=str(output), time_limit=None
    )
    report = call()
    assert list(report.reproducers) == [("instance", "Raises"), (TINY[0].name, "Raises")]
    places = [Path(place) for place in report.reproducers.values()]
    assert sorted(places) == sorted(folder.iterdir())
    for place in places:
        assert {file.name for file in place.iterdir()} == {"instance.json", "report.json", "stderr.log", "command.txt"}
        assert "the second line" in (place / "stderr.log").read_text()
        document = json.loads((place / "report.json").read_text())
        assert (document["format"], document["verdict"], document["witness"]) == ("qnnt-reproducer/1", "crashed", None)
        assert document["reason"] == "Raises: RuntimeError: the first line"
        assert sha256_of(qnnt.load(str(place / "instance.json"))) == document["run"]["instance_sha256"]
        assert "--time-limit inf" in (place / "command.txt").read_text()
    assert call() == report  # those that were run before are reported again
    assert compare(CHAIN, ["Honest"], failures=str(tmp_path / "none")).reproducers == {}
    assert not (tmp_path / "none").exists()


# --- names, and bad input ------------------------------------------------------------------------


def test_all_stands_for_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENTRIES:
        monkeypatch.delitem(SOLVERS, name)
    monkeypatch.setitem(SOLVERS, "absent", Entry("absent", "a:B", "", packages=(("a-package", "no_such_module"),)))
    assert solvers_named(["all"]) == INSTALLED
    assert solvers_named(["sat:adder", "all", "auto", "sat:adder", "cpsat"]) == [
        "sat:adder", *INSTALLED, "auto",
    ]  # fmt: skip
    with pytest.raises(InputError, match="the solver absent needs: pip install a-package"):
        solvers_named(["absent"])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"solvers": []}, "no solver is named"),
        ({"solvers": "nobody"}, "unknown solver 'nobody'"),
        ({"solvers": ["sat", ""]}, "unknown solver ''"),
        ({"solvers": ["sat:fast"]}, "unknown option 'fast' of sat"),
        ({"solvers": ["sat:adder:totalizer"]}, "exclude each other"),
        ({"instances": "nowhere.json"}, "cannot read"),
        ({"instances": [CHAIN, "nowhere*.json"]}, "no instance file matches"),
        ({"objective": "maximise"}, "unknown objective 'maximise'"),
        ({"objective": "decide"}, "to decide, the instance needs a bound"),
        ({"bound": -1}, "expected a bound of at least 0"),
        ({"bound": 0.5}, "floats are not exact"),
        ({"time_limit": 0}, "the time limit must be positive"),
        ({"time_limit": math.nan}, "the time limit must be positive"),
        ({"time_limit": -math.inf}, "the time limit must be positive"),
        ({"memory_limit": 0}, "the memory limit must be at least 1 MB"),
        ({"threads": 0}, "at least one thread"),
        ({"seed": -1}, "the seed must lie in"),
        ({"jobs": 0}, "at least one job"),
    ],
    ids=str,
)
def test_bad_input_is_named_before_anything_runs(changes: dict[str, Any], complaint: str, tmp_path: Path) -> None:
    output = tmp_path / "runs.jsonl"
    options = {"instances": CHAIN, "solvers": ["enumeration"], "output": str(output), **changes}
    with pytest.raises(InputError, match=complaint):
        compare(**options, on_run=lambda *_: pytest.fail("something ran"))
    assert not output.exists()


def test_a_foreign_output_file_stays_as_it_is(tmp_path: Path) -> None:
    save(CHAIN, str(tmp_path / "a.json"))
    content = (tmp_path / "a.json").read_bytes()
    with pytest.raises(InputError, match="no JSON"):
        compare(CHAIN, "enumeration", output=str(tmp_path / "a.json"), on_run=lambda *_: pytest.fail("something ran"))
    assert (tmp_path / "a.json").read_bytes() == content


def test_no_folder_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    compare(CHAIN, ["Raises", "Honest"])
    assert list(tmp_path.iterdir()) == []
