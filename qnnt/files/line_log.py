"""A file of JSON documents that survives whatever happens to its writer: one line each, appended and synchronised.

A process that is killed in the middle of a line leaves that line incomplete; it is dropped when the file
is opened again, as the work in progress is. Nothing else is ever rewritten.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from qnnt.errors import InputError
from qnnt.files.text import parse_json

Entry = TypeVar("Entry")


class LineLog(Generic[Entry]):
    """An open file of documents; see `open_line_log`.

    Attributes
    ----------
    known
        What its lines stood for when it was opened.
    """

    def __init__(self, path: str, descriptor: int, known: Sequence[Entry]) -> None:
        self._path = path
        self._descriptor = descriptor
        self.known = known

    def append(self, document: Mapping[str, Any]) -> None:
        """Write one more document; it is on the disk when this returns.

        Raises
        ------
        InputError
            If the disk is full, for example.
        """
        line = (json.dumps(document) + "\n").encode()
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=self._path) from None


@contextmanager
def open_line_log(path: str, start: str, noun: str, parse: Callable[[Any], Entry]) -> Iterator[LineLog[Entry]]:
    """Open a file of documents for reading what is there and appending more; it is made if there is none.

    Parameters
    ----------
    start
        How every line begins: an incomplete last line is only dropped if it does.
    noun
        What the documents are, in the plural.
    parse
        What a document stands for; raises `InputError` for those that stand for nothing.

    Raises
    ------
    InputError
        If it cannot be opened, if another process is writing to it, or if it ends with anything but such
        documents: then nothing of it is touched.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=path) from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot write: {error}", source=path) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # what was written to a device cannot be read back
            raise InputError(f"{noun} need a regular file", source=path)
        _lock(descriptor, path)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read()
        *whole, tail = content.split(b"\n")
        known = _parsed(whole, path, parse)
        if not (tail.startswith(start.encode()) or start.encode().startswith(tail)):
            raise InputError(f"holds something else than {noun}", source=path)
        os.ftruncate(descriptor, len(content) - len(tail))
        yield LineLog(path, descriptor, known)
    finally:
        os.close(descriptor)


def read_line_log(path: str, parse: Callable[[Any], Entry]) -> list[Entry]:
    """What the lines of a file stand for; an incomplete last line is passed over.

    Raises
    ------
    InputError
        If the file cannot be read, or a line stands for nothing.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - paths may hold null bytes, which is told below
            content = file.read()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"cannot read: {reason}", source=path) from None
    return _parsed(content.split(b"\n")[:-1], path, parse)


def _parsed(lines: list[bytes], path: str, parse: Callable[[Any], Entry]) -> list[Entry]:
    entries = []
    for number, line in enumerate(lines, 1):
        place = f"{path}, line {number}"
        try:
            entries.append(parse(parse_json(line.decode(), measured=True)))
        except UnicodeDecodeError:
            raise InputError("no UTF-8", source=place) from None
        except InputError as error:
            raise error.within(place) from None
    return entries


def _lock(descriptor: int, path: str) -> None:
    """Two writers would each redo what the other one does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError("another process is writing to it", source=path) from None
    except OSError:  # a file system without locks: then it is up to the user
        return
