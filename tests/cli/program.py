"""Running the program as a user does, in this process or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from qnnt.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAM = [sys.executable, "-c", "from qnnt.cli.main import main; main()"]


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


class Program:
    """``program("solve", FILE)`` runs it in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str | Path) -> Ended:
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["qnnt", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = self._capsys.readouterr()
        status = ended.value.code
        assert status is None or isinstance(status, int)
        return Ended(status or 0, shown.out, shown.err)


def start(*words: str | Path) -> subprocess.Popen[str]:
    """The program in a process of its own."""
    command = [*PROGRAM, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
