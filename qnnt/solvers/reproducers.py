"""What is needed to see a failed run again: a folder with the instance, the runs, the versions and the command."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from qnnt.errors import InputError
from qnnt.files.instances import save
from qnnt.files.runs import run_document
from qnnt.files.text import compact, pretty, write_text
from qnnt.reports import Comparison, reason
from qnnt.solvers.facade import chosen_configuration
from qnnt.solvers.instance_sets import Named
from qnnt.solvers.versions import versions_behind
from qnnt.verdicts import Judged, Run, Verdict

FORMAT = "qnnt-reproducer/1"


def save_reproducers(
    report: Comparison, instances: Iterable[Named], terms: Mapping[str, Any], folder: str
) -> dict[tuple[str, str], str]:
    """Write one folder per failed run; where each lies, by instance and solver.

    Each holds ``instance.json``; ``report.json``: verdict, reason, options, the failed run, the run whose
    verified solution refutes it, versions and machine; ``stderr.log``; and ``command.txt``, which shows
    the failure again when it is run in that folder.

    Raises
    ------
    InputError
        If the place cannot be written.
    """
    by_digest = {one.sha256: one for one in instances}
    written: dict[tuple[str, str], str] = {}
    for instance in report.instances:
        for run, verdict in zip(instance.runs, instance.verdicts, strict=True):
            if verdict.failed:
                place = Path(folder) / _name(run, verdict, terms)
                _save(place, by_digest[run.sha256], instance, run, verdict, terms)
                written[run.instance, run.solver] = str(place)
    return written


def _name(run: Run, verdict: Verdict, terms: Mapping[str, Any]) -> str:
    """A name for a folder, the same each time: solver, verdict, and a digest of the instance and the terms."""
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{run.solver} {verdict}")
    return f"{words}-{hashlib.sha256(compact([run.sha256, dict(terms)]).encode()).hexdigest()[:12]}"


def _save(place: Path, named: Named, instance: Judged, run: Run, verdict: Verdict, terms: Mapping[str, Any]) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=str(place)) from None
    witness = instance.witness if run.apparent is None else None
    document = {
        "format": FORMAT,
        "verdict": str(verdict),
        "reason": reason(run, instance),
        "options": dict(terms),
        "run": run_document(run),
        "witness": None if witness is None else run_document(witness),
        "versions": versions_behind(chosen_configuration(named.instance, run.solver)),
        "machine": {"platform": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
    }
    save(named.instance, str(place / "instance.json"))
    write_text(str(place / "report.json"), pretty(document))
    write_text(str(place / "stderr.log"), run.log)
    solvers = [run.solver] if witness is None else [run.solver, witness.solver]
    write_text(str(place / "command.txt"), shlex.join(_command(solvers, terms)) + "\n")


def _command(solvers: list[str], terms: Mapping[str, Any]) -> list[str]:
    limit = terms["time_limit"]
    return [
        *("qnnt", "compare", "instance.json", "--solvers", ",".join(solvers)),
        *_options(terms),
        *("--time-limit", "inf" if limit is None else f"{limit:g}"),
    ]


def _options(terms: Mapping[str, Any]) -> Iterator[str]:
    for name in ("objective", "bound", "memory_limit", "threads", "seed"):
        if terms[name] is not None:
            yield from (f"--{name.replace('_', '-')}", str(terms[name]))
