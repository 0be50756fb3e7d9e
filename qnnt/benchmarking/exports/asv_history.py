"""Recordings as a history that asv (airspeed velocity) publishes.

The folder is asv's ``results_dir``: ``benchmarks.json`` says what is measured, ``MACHINE/machine.json`` where, and
``MACHINE/COMMIT-ENVIRONMENT.json`` what came of it. A suite's metric is a benchmark, its parameters are setup and
family, its version the digest of the suite: asv passes over what an older suite measured.

Reference: https://asv.readthedocs.io/en/stable/dev.html#benchmark-suite-layout-and-file-formats
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from qnnt.benchmarking.exports.tracked_values import ENCODING, PAR2, RATIO, Tracked, tracked_values
from qnnt.benchmarking.measurement import Commit, Heading, Recording

COLUMNS = ("result", "params", "version", "started_at", "duration")
"""Of what a file of results tells about a benchmark; asv knows more, all of which may be left out."""
_METRICS = {
    PAR2: ("par2", "time", "seconds"),
    RATIO: ("ratio_to_yardstick", "track", "times"),
    ENCODING: ("encoding", "time", "seconds"),
}
"""Asv's name, type and unit."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def asv_files(recordings: Iterable[Recording]) -> dict[str, dict[str, Any]]:
    """The documents, by their names within the folder; of each commit, machine and suite the newest recording.

    Recordings of no commit, or with changes beside it, have no place in such a history: they are left out.
    """
    kept = sorted((one for one in recordings if belongs(one)), key=lambda one: one.heading.started)
    newest = {_identity(one.heading): one for one in kept}
    values = {identity: list(tracked_values(one)) for identity, one in newest.items()}
    latest = {one.heading.suite: one.heading for one in kept}
    axes = {
        suite: _axes(
            [value for identity, own in values.items() if newest[identity].heading.suite == suite for value in own]
        )
        for suite in latest
    }
    files: dict[str, dict[str, Any]] = {"benchmarks.json": _benchmarks(latest, axes)}
    for identity, recording in newest.items():
        heading = recording.heading
        files[f"{_machine(heading)['machine']}/machine.json"] = _machine(heading)
        body = files.setdefault(_place(heading), _results(heading))
        body["results"] |= _values(heading, values[identity], axes[heading.suite], recording)
    return files


def belongs(recording: Recording) -> bool:
    """Whether it is of a commit, the whole commit and nothing but the commit."""
    commit = recording.heading.commit
    return commit is not None and not commit.changes


Axes = tuple[tuple[str, ...], tuple[str, ...]]
"""The setups and the families of a suite."""


def _axes(values: Sequence[Tracked]) -> Axes:
    return tuple(dict.fromkeys(one.setup for one in values)), tuple(dict.fromkeys(one.family for one in values))


def _identity(heading: Heading) -> tuple[str, str]:
    return _place(heading), heading.suite


def _place(heading: Heading) -> str:
    return f"{_machine(heading)['machine']}/{_commit(heading).id[:8]}-{_environment(heading)}.json"


def _commit(heading: Heading) -> Commit:
    if heading.commit is None:
        raise ValueError("a recording of no commit")
    return heading.commit


def _environment(heading: Heading) -> str:
    """Asv tells environments apart by Python and requirements."""
    minor = heading.versions.get("python", "").split(".")[:2]
    return f"existing-py{'.'.join(map(_filed, minor))}"


def _machine(heading: Heading) -> dict[str, Any]:
    words = {name: str(heading.machine.get(name, "")) for name in ("cpu", "cores", "memory_mb", "system")}
    return {
        "arch": "",
        "cpu": words["cpu"],
        "machine": f"machine-{_filed(str(heading.machine['id']))}",
        "num_cpu": words["cores"],
        "os": words["system"],
        "ram": f"{words['memory_mb']} MB",
        "version": 1,
    }


def _filed(name: str) -> str:
    """Fit for the name of a folder."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)


def _benchmarks(headings: Mapping[str, Heading], axes: Mapping[str, Axes]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for suite, heading in headings.items():
        for metric, (name, kind, unit) in _METRICS.items():
            described[f"{suite}.{name}"] = {
                "code": heading.description,
                "name": f"{suite}.{name}",
                "pretty_name": f"{suite}: {metric}",
                "param_names": ["setup", "family"],
                "params": _params(axes[suite]),
                "timeout": 60,
                "type": kind,
                "unit": unit,
                "version": heading.suite_sha256,
            }
    return {**described, "version": 2}


def _params(axes: Axes) -> list[list[str]]:
    """As Python would show them."""
    return [[repr(value) for value in axis] for axis in axes]


def _results(heading: Heading) -> dict[str, Any]:
    """A file without results yet."""
    machine = _machine(heading)
    python = ".".join(heading.versions.get("python", "").split(".")[:2])
    return {
        "commit_hash": _commit(heading).id,
        "date": _stamp(_commit(heading).date),
        "durations": {},
        "env_name": _environment(heading),
        "env_vars": {},
        "params": {**{name: value for name, value in machine.items() if name != "version"}, "python": python},
        "python": python,
        "requirements": {},
        "result_columns": list(COLUMNS),
        "results": {},
        "version": 2,
    }


def _values(heading: Heading, values: Sequence[Tracked], axes: Axes, recording: Recording) -> dict[str, list[Any]]:
    known = {(one.metric, one.setup, one.family): one.value for one in values}
    spent = sum(one.seconds["wall"] for one in recording.measurements)
    found: dict[str, list[Any]] = {}
    for metric, (name, _, _) in _METRICS.items():
        results = [known.get((metric, *place)) for place in itertools.product(*axes)]
        row = [results, _params(axes), heading.suite_sha256, _stamp(heading.started), round(spent, 3)]
        found[f"{heading.suite}.{name}"] = row
    return found


def _stamp(moment: str) -> int:
    """Milliseconds since 1970; 0 for what is no moment."""
    try:
        return int(datetime.strptime(f"{moment}+0000", f"{_MOMENT}%z").timestamp()) * 1000
    except ValueError:
        return 0
