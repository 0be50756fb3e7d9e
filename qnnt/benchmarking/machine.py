"""The machine, the versions and the commit that measurements depend on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import qnnt
from qnnt.benchmarking.measurement import Commit
from qnnt.benchmarking.trials import Trial
from qnnt.files.text import compact
from qnnt.solvers.facade import cores
from qnnt.solvers.versions import versions_behind


def machine_description() -> Mapping[str, Any]:
    """The machine that this process runs on: no names, only what times depend on; `id` is a digest of the rest."""
    words = {
        "cpu": _processor(),
        "cores": cores(),
        "memory_mb": _memory() >> 20,
        "system": f"{platform.system()} {platform.release()}",
    }
    return {"id": hashlib.sha256(compact(words).encode()).hexdigest()[:12], **words}


def _processor() -> str:
    """The model's name, as the system tells it."""
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            named = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        named = []
    return named[0] if named else platform.processor() or platform.machine()


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def versions_of(trials: Iterable[Trial]) -> Mapping[str, str]:
    """Of Python, qnnt and all packages behind the trials' solvers."""
    different = {(trial.named.sha256, trial.setup.solver): trial for trial in trials}  # `auto` depends on the instance
    chosen = {trial.pair.configuration.name: trial.pair.configuration for trial in different.values()}
    return {name: version for one in chosen.values() for name, version in sorted(versions_behind(one).items())}


def commit_of_the_code() -> Commit | None:
    """The commit of the checkout that the package is imported from; None if it is from none."""
    package = Path(qnnt.__file__).parent
    if not _git(package, "ls-files", "__init__.py"):
        return None
    shown = (_git(package, "log", "-1", "--format=%H %cI") or b"").decode().split()
    if len(shown) != 2:
        return None
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--binary")
    changes = _git(package, "diff", *plain, "HEAD", "--", ".")
    new = _git(package, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    if changes is None or new is None:
        return None
    for name in filter(None, new.split(b"\0")):
        with contextlib.suppress(OSError):
            changes += name + b"\0" + (package / os.fsdecode(name)).read_bytes()
    digest = hashlib.sha256(changes).hexdigest()[:12] if changes else ""
    return Commit(shown[0], in_utc(datetime.fromisoformat(shown[1])), digest)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git says; None if it fails, or is not there."""
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def in_utc(moment: datetime) -> str:
    """To the second: ``2026-11-20T12:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> str:
    """The present moment, in UTC."""
    return in_utc(datetime.now(UTC))
