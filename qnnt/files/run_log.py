"""A file of runs, one line each, that survives whatever happens to its writer; see `qnnt.files.line_log`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from qnnt.files.line_log import LineLog, open_line_log
from qnnt.files.runs import FORMAT, run_document, run_from
from qnnt.files.text import compact
from qnnt.verdicts import Run

_START = f'{{"format": "{FORMAT}"'
"""How every line begins."""


class RunLog:
    """An open file of runs; see `open_run_log`.

    Attributes
    ----------
    known
        The runs that it held when it was opened, by their keys: compact JSON of all that determines them.
    """

    def __init__(self, log: LineLog[tuple[str, Run]]) -> None:
        self._log = log
        self.known: Mapping[str, Run] = dict(log.known)

    def append(self, key: str, run: Run) -> None:
        """Write one more run; it is on the disk when this returns.

        Raises
        ------
        InputError
            If the disk is full, for example.
        """
        self._log.append({**run_document(run), "key": json.loads(key)})


@contextmanager
def open_run_log(path: str) -> Iterator[RunLog]:
    """Open a file of runs for reading what is there and appending more; it is made if there is none.

    Raises
    ------
    InputError
        If it cannot be opened, if another process is writing to it, or if it holds anything but runs: then
        nothing of it is touched.
    """
    with open_line_log(path, _START, "runs", _keyed_run) as log:
        yield RunLog(log)


def _keyed_run(document: Any) -> tuple[str, Run]:
    run = run_from(document)
    return compact(document.get("key")), run
