"""A suite as a folder: one file per instance, an index of what is known, and checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from qnnt.documents.writer import document_of
from qnnt.errors import InputError
from qnnt.exact import to_json_number
from qnnt.files.instances import sha256_of
from qnnt.files.text import pretty, write_text
from qnnt.reductions.suites import Member, Scale, members

FORMAT = "qnnt-suite/1"
INDEX = "index.json"
CHECKSUMS = "SHA256SUMS"


def write_suite(scale: Scale, folder: str) -> int:
    """Write the suite, and return the number of its instances; the whole folder or none of it.

    Raises
    ------
    InputError
        If the folder is not empty, or cannot be written.
    """
    target = Path(folder)
    try:
        if target.exists() and any(target.iterdir()):
            raise InputError("the folder is not empty", source=folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        neighbour = Path(tempfile.mkdtemp(dir=target.parent, prefix=".qnnt."))
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot write: {reason.lower()}", source=folder) from None
    try:
        written = _fill(neighbour, scale)
        mask = os.umask(0)
        os.umask(mask)
        neighbour.chmod(0o777 & ~mask)
        neighbour.replace(target)  # an empty folder is replaced
    except BaseException:
        shutil.rmtree(neighbour, ignore_errors=True)
        raise
    return written


def _fill(root: Path, scale: Scale) -> int:
    entries: list[dict[str, object]] = []
    sums: list[str] = []
    for member in members(scale):
        place = f"{member.family}/{member.instance.name}.json"
        text = pretty(document_of(member.instance))
        (root / member.family).mkdir(exist_ok=True)
        write_text(str(root / place), text)
        sums.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {place}\n")
        entries.append({"file": place, **_entry(member)})
    write_text(str(root / CHECKSUMS), "".join(sums))
    write_text(str(root / INDEX), pretty({"format": FORMAT, "size": str(scale), "instances": entries}))
    return len(entries)


def _entry(member: Member) -> dict[str, object]:
    return {
        "family": member.family,
        "theorem": member.theorem,
        "parameters": dict(member.parameters),
        "verdict": member.verdict,
        "optimum": None if member.optimum is None else to_json_number(member.optimum),
        "proved_by": member.proved_by,
        "instance_sha256": sha256_of(member.instance),
    }
