"""Machine code that is made beforehand, by a process that outlives whoever asked for it.

numba compiles at the first call, for ten seconds or more, and keeps the machine code on disk once that is done. A
solver's process with a short limit is killed before, each time anew. It can ask here instead: a process of its
own, detached and of low priority, compiles *rehearsals* one after another and ends; meanwhile the solver
does without. What is done is written down next to the machine code.

A rehearsal is a function without arguments, named ``module:function``, that calls compiled functions with every
kind of arguments they are used with.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import qnnt
from qnnt.compiled import cache_folder

IN_PROCESS = "QNNT_COMPILE_IN_PROCESS"
"""Set in the environment, no process is started: whoever needs machine code waits for it."""
NICENESS = 5
LOOK = 0.05
"""Seconds between two looks at whether machine code is there."""


def machine_code_ready(names: Sequence[str]) -> bool:
    """Whether the machine code of these rehearsals is on disk, for this version and this machine; cheap."""
    folder = cache_folder()
    return folder is not None and all(_mark(folder, name).exists() for name in names)


def compile_in_background(names: Sequence[str]) -> bool:
    """Have the missing machine code of rehearsals made, unless a process is at it already; returns at once.

    Returns
    -------
    bool
        Whether it will be: not where no folder takes it or its lock, no process can be started, or `IN_PROCESS` is
        set. Who needs it then has to wait for it.
    """
    folder = cache_folder()
    if folder is None or IN_PROCESS in os.environ:
        return False
    if machine_code_ready(names) or being_compiled():
        return True
    place = str(Path(qnnt.__file__).parent.parent)
    paths = [place, *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        subprocess.run(
            [sys.executable, "-m", "qnnt.compilation", *names],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=place,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def wait_for_machine_code(names: Sequence[str]) -> None:
    """Return once the machine code of rehearsals is on disk, or nobody else makes it."""
    for _ in range(3):  # a process that is at it may have been asked for other names
        if machine_code_ready(names) or not compile_in_background(names):
            return
        while being_compiled():
            time.sleep(LOOK)


def rehearse(names: Sequence[str]) -> None:
    """Compile here and now what these rehearsals need, and write down that it is on disk."""
    folder = cache_folder()
    for name in names:
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()
        if folder is not None:
            with contextlib.suppress(OSError):  # then it is found out again
                _mark(folder, name).touch()


def being_compiled() -> bool:
    """Whether a process is at it. If not, and the machine code asked for is not ready, it failed."""
    folder = cache_folder()
    if folder is None:
        return False
    try:
        with _locked(folder) as free:
            return not free
    except OSError:
        return False


def main(names: Sequence[str]) -> None:
    """Compile what is missing, as a process that belongs to nobody; if another one is at it, that goes on."""
    folder = cache_folder()
    if folder is None:
        return
    with _locked(folder) as mine:
        if not mine or os.fork():  # the lock is the child's as well
            os._exit(0)  # whoever waits for this process goes on; what follows is nobody's child
        os.nice(NICENESS)
        rehearse([name for name in names if not machine_code_ready([name])])


def _mark(folder: Path, name: str) -> Path:
    """The file that says that the machine code of a rehearsal is there."""
    return folder / f"qnnt-{hashlib.sha256(f'{name} {_made_from()}'.encode()).hexdigest()[:24]}.compiled"


@functools.cache
def _made_from() -> str:
    """A digest of all that machine code depends on: compiled functions, versions, the processor."""
    versions = [sys.version, *map(version, ("numba", "llvmlite", "numpy"))]
    processor = importlib.import_module("llvmlite.binding").get_host_cpu_name()
    files = sorted(Path(qnnt.__file__).parent.rglob("*.py"))
    compiled = [text for text in (file.read_text() for file in files) if "@compiled" in text]
    return hashlib.sha256("\0".join([*versions, processor, *compiled]).encode()).hexdigest()


def _lock_of(folder: Path) -> Path:
    return folder / "qnnt-compiling.lock"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether the lock is this process's now. It goes with the process, however that ends: none is ever stale.

    Raises
    ------
    OSError
        Where there is none to be had: the file is another user's, the disk is full, or knows no locks. That is not
        to be taken for a process that is at it: whoever waits for one would wait for ever.
    """
    with _lock_of(folder).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except BlockingIOError:
            mine = False
        yield mine


if __name__ == "__main__":
    main(sys.argv[1:])
