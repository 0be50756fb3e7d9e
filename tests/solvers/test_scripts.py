"""Whole programs that solve: without a main guard, and when they are interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.solvers.processes import ROOT, alive, children_of, gone


def test_a_plain_script_without_a_main_guard(tmp_path: Path) -> None:
    """Its top level must not run again in the solver's process."""
    script = tmp_path / "plain.py"
    script.write_text(
        "import qnnt\n"
        "print('top level')\n"
        "instance = qnnt.d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])\n"
        "result = qnnt.solve(instance, solver='cpsat')\n"
        "print(result.status, result.loss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "top level\noptimal 0\n", "")


INTERRUPTED = """
import qnnt, sys
from qnnt.generation.families import random_labels
qnnt.solve(random_labels(4, [4, 4, 2], 16, 0), solver="cpsat", threads=1,
           on_progress=lambda progress: print(progress.stage, flush=True))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_script_leaves_no_process(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        for line in parent.stdout:
            if line.strip() == "solving":
                break
        below = list(descendants(parent.pid))
        assert len(below) == 2
        assert all(alive(pid) for pid in below)
        parent.send_signal(number)
        parent.stdout.read()
        assert parent.wait(10) == -number
        assert parent.stderr is not None
        assert ("KeyboardInterrupt" in parent.stderr.read()) == (number == signal.SIGINT)
    assert gone(*below)


def descendants(pid: int) -> Iterator[int]:
    for child in children_of(pid):
        yield child
        yield from descendants(child)
