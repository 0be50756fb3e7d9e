"""Suites of a few short trials, for the tests of what measures them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qnnt.benchmarking.measurement import Measurement, Recording
from qnnt.benchmarking.suite import Suite, suite_from

EASY = "random:layers=2-1,d=3,samples=6,seeds=0-2"
HARD = "random:layers=5-5-3,d=5,samples=60,seeds=0-{}"
"""Nobody proves their optima within a minute."""


def document(*instances: str, setups: dict[str, str] | None = None, **limits: Any) -> dict[str, Any]:
    """A suite in words, with one group."""
    return {
        "format": "qnnt-suite/1",
        "name": "small",
        "defaults": {"time_limit": 60, **limits},
        "setups": {name: {"solver": solver} for name, solver in (setups or {"sat": "sat"}).items()},
        "groups": [{"family": "random", "instances": list(instances or [EASY])}],
    }


def small(*instances: str, folder: Path | None = None, **rest: Any) -> Suite:
    """The same as a suite."""
    return suite_from(document(*instances, **rest), folder or Path())


def hard(count: int, seconds: float) -> Suite:
    """Trials that take these seconds each."""
    return small(HARD.format(count - 1), time_limit=seconds)


def toml(described: dict[str, Any]) -> str:
    """The same as a file's text."""

    def value(entry: Any) -> str:
        if isinstance(entry, dict):
            return "{ " + ", ".join(f'"{name}" = {value(one)}' for name, one in entry.items()) + " }"
        if isinstance(entry, list):
            return "[" + ", ".join(value(one) for one in entry) + "]"
        return f'"{entry}"' if isinstance(entry, str) else str(entry).lower()

    return "".join(f"{name} = {value(entry)}\n" for name, entry in described.items())


def answers(recording: Recording) -> list[tuple[str, object, object]]:
    """What does not depend on the machine."""
    return sorted((one.key, one.status, one.loss) for one in recording.measurements)


def keys(measurements: tuple[Measurement, ...]) -> list[str]:
    return [one.key for one in measurements]
