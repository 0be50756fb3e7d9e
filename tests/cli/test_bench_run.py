"""`qnnt bench run` from the outside: tables, files, statuses, signals, and solvers that lie."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qnnt.benchmarking.recording_file import read_recording
from qnnt.benchmarking.suite import shipped_suites
from qnnt.documents.construction import d_nnt
from qnnt.files.instances import save
from tests.benchmarking.small_suites import EASY, HARD, document, toml
from tests.cli.program import Program
from tests.solvers.elsewhere import command_with, program_with, write_distribution
from tests.solvers.processes import PATIENCE, children_of, gone

PLACE = "elsewhere_solvers"
RUN = ("bench", "run", "s.toml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with the suite s.toml of six trials and a distribution with solvers."""
    points = {name: f"{PLACE}:{name.upper()}" for name in ("honest", "liar", "crasher", "forger")}
    write_distribution(tmp_path, points)
    suite(tmp_path, EASY, brute="enumeration", ours="sat")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suite(folder: Path, *instances: str, time_limit: float = 60, **setups: str) -> None:
    (folder / "s.toml").write_text(toml(document(*instances, setups=setups, time_limit=time_limit)))


def recordings(folder: Path) -> list[Path]:
    return sorted((folder / "results").glob("*.jsonl"))


# --- what it prints and writes -------------------------------------------------------------------


def test_a_table_and_a_recording(program: Program, folder: Path) -> None:
    ended = program(*RUN)
    assert (ended.status, ended.err) == (0, "")
    rows = [[cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")] for line in ended.out.splitlines()]
    assert rows[1] == ["setup", "trials", "solved", "at a limit", "unsupported", "failed", "wall", "cpu", "encode"]
    assert [row[:6] for row in rows[3:5]] == [["brute", "3", "3", "0", "0", "0"], ["ours", "3", "3", "0", "0", "0"]]
    (file,) = recordings(folder)
    assert ended.out.splitlines()[-1] == f"6 of 6 trials: results/{file.name}"
    made = read_recording(str(file))
    assert (len(made.measurements), made.missing, made.heading.jobs) == (6, 0, 1)


def test_a_folder_of_ones_own_and_jobs(program: Program, folder: Path) -> None:
    ended = program(*RUN, "-o", "a/b", "--jobs", "2")
    assert (ended.status, ended.err) == (0, "")
    (file,) = (folder / "a" / "b").iterdir()
    made = read_recording(str(file))
    assert (len({one.key for one in made.measurements}), made.heading.jobs) == (6, 2)


def test_whole_recordings_are_not_touched_again(program: Program, folder: Path) -> None:
    assert program(*RUN).status == 0
    (first,) = recordings(folder)
    content = first.read_bytes()
    assert program(*RUN).status == 0
    assert len(recordings(folder)) == 2
    assert first.read_bytes() == content


def test_limits_and_what_is_not_supported_are_counted(program: Program, folder: Path) -> None:
    suite(folder, HARD.format(0), time_limit=0.3, ours="sat", brute="enumeration")
    ended = program(*RUN)
    assert (ended.status, ended.err) == (0, "")
    rows = [[cell.strip() for cell in line.split("│")[1:7]] for line in ended.out.splitlines() if line[:1] == "│"]
    assert rows == [["ours", "1", "0", "1", "0", "0"], ["brute", "1", "0", "0", "1", "0"]]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_of_any_bytes_are_printed_and_written(encoding: str, folder: Path) -> None:
    described = document(EASY, setups={"[red]é": "enumeration"})
    (folder / "s.toml").write_text(toml(described), encoding="utf-8")
    words = [os.fsencode(word) for word in command_with(folder)]
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"}
    done = subprocess.run(
        [*words, *map(os.fsencode, RUN), b"-o", b"\xff[b]"],
        cwd=folder, env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"[red]" in done.stdout
    assert b"\\udcff[b]/small-" in done.stdout
    (file,) = (folder / "\udcff[b]").iterdir()
    assert len(read_recording(str(file)).measurements) == 3


def test_shipped_suites_are_known_by_name(program: Program, folder: Path) -> None:
    assert "smoke" in shipped_suites()
    ended = program("bench", "run", "smokes")
    assert (ended.status, ended.out) == (2, "")
    known = ", ".join(shipped_suites())
    assert ended.err == f"qnnt: error: smokes: unknown suite; known: {known}, or a file that ends in .toml\n"


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere.toml"], "nowhere.toml: cannot read: no such file or directory"),
        (["a.toml"], "a.toml: no TOML: "),
        (["b.toml"], "b.toml: $.groups[0].setups[0]: expected different ones of brute"),
        (["c.toml"], "the suite small: $.groups[1]: random-d3-2x1-n6-s0 meets the setup brute twice"),
        (["d.toml"], "the suite small: $.groups[0]: nowhere.json: cannot read: no such file or directory"),
        (["e.toml"], "the suite small: $.setups.a.solver: unknown solver 'nobody'"),
        (["s.toml", "--jobs", "0"], "at least one job is needed, not 0"),
        (["s.toml", "-o", "a.toml"], "a.toml: cannot write: a.toml is no directory"),
        (["s.toml", "-o", "a.toml/x/y"], "cannot write: a.toml is no directory"),
        (["s.toml", "-o", ""], "cannot write: no such file or directory"),
        (["s.toml", "-o", "other"], "other/x.jsonl, line 1: $.format: expected 'qnnt-recording/1' or"),
        (["s.toml", "--cluster", "tcp://a:1", "--jobs", "2"], "--jobs is about this machine"),
        (["s.toml", "--cluster", "localhost"], "expected the address of a dask scheduler, tcp://HOST:PORT"),
    ],
)
def test_bad_input_gives_one_line_and_2_and_nothing_runs(
    words: list[str], complaint: str, program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.toml").write_text("= 1")
    described = document(EASY, setups={"brute": "enumeration"})
    for name, group in {
        "b": {**described["groups"][0], "setups": ["nobody"]},
        "c": described["groups"][0],
        "d": {**described["groups"][0], "instances": ["nowhere.json"]},
    }.items():
        groups = [group, group] if name == "c" else [group]
        Path(f"{name}.toml").write_text(toml({**described, "groups": groups}))
    Path("e.toml").write_text(toml(document(setups={"a": "nobody"})))
    Path("other").mkdir()
    Path("other/x.jsonl").write_text("{}\n")
    monkeypatch.setattr("qnnt.benchmarking.record.Runner", lambda *_: pytest.fail("something ran"))
    ended = program("bench", "run", *words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("qnnt: error: ")
    assert complaint in ended.err
    assert ended.err.count("\n") == 1


# --- solvers that break --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("solver", "line"),
    [
        ("liar", "CONTRADICTION: liar on i.json: optimal 4"),
        ("crasher", "CRASHED: crasher on i.json: crasher: RuntimeError: the wheels came off"),
        ("forger", "WRONG CERTIFICATE: forger on i.json: forger returned a wrong solution: "),
    ],
)
def test_failures_are_told_and_are_4(solver: str, line: str, folder: Path) -> None:
    instance = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")
    save(instance, "i.json")
    (folder / "s.toml").write_text(toml(document("i.json", setups={"honest": "honest", solver: solver})))
    done = program_with(folder, *RUN)
    assert (done.returncode, done.stderr) == (4, "")
    *_, told, last = done.stdout.splitlines()
    assert told.startswith(line)
    assert last.startswith("2 of 2 trials: ")


# --- ends in the middle --------------------------------------------------------------------------


@contextmanager
def running(folder: Path, lines: int) -> Iterator[subprocess.Popen[str]]:
    """The command at work on a trial that does not end by itself, with so many lines written."""
    process = subprocess.Popen(
        [*command_with(folder), *RUN], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 3 * PATIENCE
        while not (lines_in(folder) == lines and any(map(children_of, children_of(process.pid)))):
            assert time.monotonic() < end
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_in(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in recordings(folder))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_soon_and_the_same_command_goes_on(number: signal.Signals, folder: Path) -> None:
    suite(folder, EASY.replace("0-2", "0-0"), HARD.format(0), time_limit=600, ours="sat")
    content = b""
    for _ in range(2):
        with running(folder, 2) as process:
            below = [pid for child in children_of(process.pid) for pid in (child, *children_of(child))]
            process.send_signal(number)
            process.send_signal(number)  # twice, as shells do
            out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (3, "")
        (file,) = recordings(folder)
        assert out.splitlines()[-1] == f"1 of 2 trials: results/{file.name}"
        assert gone(*below)
        assert file.read_bytes().startswith(content)
        content = file.read_bytes()


def test_a_second_one_may_not_write_to_the_same_recording(folder: Path) -> None:
    suite(folder, HARD.format(0), time_limit=600, ours="sat")
    with running(folder, 1):
        done = program_with(folder, *RUN)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(".jsonl: another process is writing to it\n")
    assert done.stderr.count("\n") == 1
