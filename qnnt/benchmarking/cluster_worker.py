"""What the workers of a cluster do: one trial per task, by our own runner, so in a killable process."""

from __future__ import annotations

import functools
import hashlib
import pickle
import platform
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import qnnt
from qnnt.benchmarking.machine import machine_description, versions_of
from qnnt.benchmarking.measurement import Measurement, measured
from qnnt.benchmarking.suite import Setup
from qnnt.benchmarking.trials import Trial
from qnnt.benchmarking.warm_up import warm_up
from qnnt.errors import InputError
from qnnt.solvers.instance_sets import Named
from qnnt.solvers.runner import Runner, Terms
from qnnt.solvers.versions import version_of


@dataclass(frozen=True)
class Parcel:
    """A trial as it travels.

    Attributes
    ----------
    named
        The instance, packed: some megabytes for a hundred thousand weights and ten thousand samples.
    needed
        See `needed_versions`.
    """

    named: bytes
    family: str
    setup: Setup
    terms: Terms
    repetition: int
    needed: Mapping[str, str]

    def unpacked(self) -> Trial:
        """The trial."""
        named = pickle.loads(zlib.decompress(self.named))
        return Trial(named, self.family, self.setup, self.terms, self.repetition)


def packed(named: Named) -> bytes:
    """An instance as it travels."""
    return zlib.compress(pickle.dumps(named), level=1)


def measure(parcel: Parcel) -> Measurement | None:
    """One trial, here; None if it was ended because nobody waits for it any more.

    Raises
    ------
    InputError
        If this worker's versions are not those needed.
    """
    lacking = difference(parcel.needed)
    here = _Here()
    if lacking:
        raise InputError(f"the worker {here.address} has {lacking}")
    trial = parcel.unpacked()
    warm_up([trial.setup.solver], here)
    with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as folder:
        run = Runner(Path(folder), here).run(trial.pair)
    return None if run is None else measured(trial, run, _machine())


class _Here:
    """The task that this thread runs; says when it is to end: cancelled, its driver gone, its worker closing.

    Looked up in the worker's own memory, so it may be asked many times a second.
    """

    def __init__(self) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()

    @property
    def address(self) -> str:
        return str(self._worker.address)

    def is_set(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state == "cancelled" or self._worker.status.name in ("closing", "closed", "failed")


@functools.cache
def _machine() -> str:
    return str(machine_description()["id"])


# --- versions ------------------------------------------------------------------------------------

_PYTHON = "python"
_CODE = "the code of qnnt"


def needed_versions(trials: Iterable[Trial]) -> Mapping[str, str]:
    """What must be the same wherever the trials run: Python but for its last number, packages, our own code."""
    return {**versions_of(trials), _CODE: _digest_of_the_code()}


def difference(needed: Mapping[str, str]) -> str:
    """How this process differs from what is needed, in words; empty if it does not."""
    own = {name: _own(name) for name in needed}
    different = [name for name in needed if _significant(name, own[name]) != _significant(name, needed[name])]
    return ", ".join(f"{name} {own[name]} instead of {needed[name]}" for name in different)


def _own(name: str) -> str:
    if name == _PYTHON:
        return platform.python_version()
    return _digest_of_the_code() if name == _CODE else version_of(name) or "(not there)"


def _significant(name: str, version: str) -> str:
    return version.rpartition(".")[0] if name == _PYTHON else version


@functools.cache
def _digest_of_the_code() -> str:
    """Of the package's modules: a version says little in a checkout."""
    folder, digest = Path(qnnt.__file__).parent, hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]
