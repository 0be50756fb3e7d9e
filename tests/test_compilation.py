"""Machine code made in the background: by one process at a time, that outlives whoever asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qnnt import compilation
from qnnt.compilation import (
    IN_PROCESS,
    being_compiled,
    compile_in_background,
    machine_code_ready,
    rehearse,
    wait_for_machine_code,
)

ROOT = Path(__file__).parent.parent
PATIENTLY = "tests.patient_rehearsal:wait_for_a_file"
PATIENCE = 60.0

ASK = """
import sys, time
from qnnt.compilation import being_compiled, compile_in_background, machine_code_ready
names = [sys.argv[1]]
assert not machine_code_ready(names)
assert compile_in_background(names)
print(machine_code_ready(names), being_compiled(), compile_in_background(names), flush=True)
time.sleep(60)
"""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != IN_PROCESS}
    return {**kept, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT), "REHEARSAL_FILE": str(folder / "go")}


def wait_for(sign: Path, pattern: str) -> list[Path]:
    end = time.monotonic() + PATIENCE
    while not (found := list(sign.rglob(pattern))) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_it_outlives_who_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASK, PATIENTLY]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path), start_new_session=True, cwd=ROOT
    ) as asking:
        assert asking.stdout is not None
        said = asking.stdout.readline()
        os.killpg(asking.pid, signal.SIGKILL)
    assert said.split() == ["False", "True", "True"]
    assert wait_for(tmp_path, "begun")
    assert not list(tmp_path.rglob("*.compiled"))
    (tmp_path / "go").touch()
    (mark,) = wait_for(tmp_path, "*.compiled")
    program = f"""
import time
from qnnt.compilation import being_compiled, machine_code_ready
assert machine_code_ready([{PATIENTLY!r}])
assert not machine_code_ready([{PATIENTLY!r}, "tests.patient_rehearsal:other"])
end = time.monotonic() + {PATIENCE}
while being_compiled():
    assert time.monotonic() < end
    time.sleep(0.05)
"""
    subprocess.run([sys.executable, "-c", program], check=True, env=environment(tmp_path), cwd=ROOT)
    assert mark.exists()


def test_without_a_folder_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(IN_PROCESS, raising=False)
    monkeypatch.setattr(compilation, "cache_folder", lambda: None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert not machine_code_ready([PATIENTLY])
    assert not compile_in_background([PATIENTLY])
    assert not being_compiled()


def test_where_processes_are_not_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(IN_PROCESS, "1")
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert not compile_in_background([PATIENTLY])


def test_what_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(IN_PROCESS, raising=False)
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    assert not compile_in_background([PATIENTLY])
    assert not being_compiled()


def test_a_rehearsal_here_and_now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    assert not machine_code_ready(["tests.patient_rehearsal:other"])
    rehearse(["tests.patient_rehearsal:other"])
    assert machine_code_ready(["tests.patient_rehearsal:other"])
    assert compilation._mark(tmp_path, "a:b") != compilation._mark(tmp_path, "a:c")


def test_a_lock_ends_with_its_holder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    with compilation._locked(tmp_path) as mine:
        assert mine
        assert being_compiled()
    assert not being_compiled(), "the file is still there, the lock is not"
    assert list(tmp_path.iterdir())


def test_without_a_lock_nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As where the file is another user's."""
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(compilation, "compile_in_background", lambda _: True)
    compilation._lock_of(tmp_path).mkdir()
    assert not being_compiled()
    wait_for_machine_code([PATIENTLY])
    with pytest.raises(IsADirectoryError):  # whoever started it learns that nothing was begun
        compilation.main([PATIENTLY])
