"""A file of runs that survives whatever happens to its writer: one line each, appended and synchronised.

A process that is killed in the middle of a line leaves that line incomplete; it is dropped when the file
is opened again, as the run in progress is. Nothing else is ever rewritten.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from qnnt.errors import InputError
from qnnt.files.runs import FORMAT, run_document, run_from
from qnnt.files.text import compact, parse_json
from qnnt.verdicts import Run

_START = f'{{"format": "{FORMAT}"'.encode()
"""How every line begins."""


class RunLog:
    """An open file of runs; see `open_run_log`.

    Attributes
    ----------
    known
        The runs that it held when it was opened, by their keys: compact JSON of all that determines them.
    """

    def __init__(self, path: str, descriptor: int, known: Mapping[str, Run]) -> None:
        self._path = path
        self._descriptor = descriptor
        self.known = known

    def append(self, key: str, run: Run) -> None:
        """Write one more run; it is on the disk when this returns.

        Raises
        ------
        InputError
            If the disk is full, for example.
        """
        line = (json.dumps({**run_document(run), "key": json.loads(key)}) + "\n").encode()
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=self._path) from None


@contextmanager
def open_run_log(path: str) -> Iterator[RunLog]:
    """Open a file of runs for reading what is there and appending more; it is made if there is none.

    Raises
    ------
    InputError
        If it cannot be opened, if another process is writing to it, or if it holds anything but runs: then
        nothing of it is touched.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=path) from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot write: {error}", source=path) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # what was written to a device cannot be read back
            raise InputError("runs need a regular file", source=path)
        _lock(descriptor, path)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read()
        *whole, tail = content.split(b"\n")
        known = dict(_runs(whole, path))
        if not (tail.startswith(_START) or _START.startswith(tail)):
            raise InputError("holds something else than runs", source=path)
        os.ftruncate(descriptor, len(content) - len(tail))
        yield RunLog(path, descriptor, known)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str) -> None:
    """Two writers would each redo what the other one does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError("another process is writing to it", source=path) from None
    except OSError:  # a file system without locks: then it is up to the user
        return


def _runs(lines: list[bytes], path: str) -> Iterator[tuple[str, Run]]:
    for number, line in enumerate(lines, 1):
        try:
            document = parse_json(line.decode(), measured=True)
            run = run_from(document)
            yield compact(document.get("key")), run
        except UnicodeDecodeError:
            raise InputError("no UTF-8", source=f"{path}, line {number}") from None
        except InputError as error:
            raise error.within(f"{path}, line {number}") from None
