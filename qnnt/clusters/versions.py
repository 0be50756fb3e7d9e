"""What must be the same wherever work runs: Python but for its last number, packages, our own code."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path

import qnnt
from qnnt.solvers.versions import version_of

_PYTHON = "python"
_CODE = "the code of qnnt"


def with_our_code(versions: Mapping[str, str]) -> Mapping[str, str]:
    """Versions by distribution, and a digest of this package's code."""
    return {**versions, _CODE: _digest_of_the_code()}


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
