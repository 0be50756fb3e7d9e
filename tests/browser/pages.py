"""Recordings whose reports are opened in a browser."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from qnnt.benchmarking.measurement import Commit, Measurement, Recording
from qnnt.benchmarking.report.page import report_page
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, noisy_suite, recording, unsolved, without_result

HOSTILE = "</script><script>alert(1)</script><b>\"'&amp;<a href='https://example.org'>%{x}$\U0001f600"


def written(folder: Path, *recordings: Recording) -> str:
    """The address of the report's file."""
    path = folder / "report.html"
    path.write_text(report_page(recordings), encoding="utf-8")
    return path.as_uri()


def usual() -> list[Recording]:
    """Three setups on two families over five commits, one of them on another machine; a smaller suite that is older."""
    small = recording(measurement(), suite="small", started="2026-11-01T00:00:00Z")
    return [small, *(_of_commit(seed) for seed in range(5))]


def _of_commit(seed: int) -> Recording:
    measurements = tuple(_sized(one) for one in noisy_suite(seed))
    return recording(
        *measurements,
        unsolved(instance="hard", setup="sat"),
        measurement(instance="hard", setup="cpsat"),
        without_result(Verdict.UNSUPPORTED, instance="hard", setup="plain"),
        suite="usual",
        yardstick="plain",
        started=f"2026-11-1{seed}T12:00:00Z",
        commit=Commit(f"{seed}a" * 20, f"2026-11-1{seed}T10:00:00Z"),
        machine={"id": "other" if seed == 2 else "usual", "cores": 2},
    )


def _sized(one: Measurement) -> Measurement:
    """Sizes that differ from instance to instance."""
    number = int(one.instance.rpartition("-")[2])
    return dataclasses.replace(one, features={"d": 2 + number % 2, "width": 3 + number % 3, "samples": 6 * number})


def broken() -> Recording:
    """A wrong answer, a crash, and trials that are missing."""
    return recording(
        measurement(setup="sat", loss=3, lower_bound=3),
        measurement(setup="cpsat", loss=5, lower_bound=5),
        without_result(Verdict.CRASHED, setup="plain", problem="it died"),
        planned=7,
    )


def hostile() -> Recording:
    """Names that try to be more than text; labels may be file names that are none."""
    first = measurement(instance=HOSTILE, setup=HOSTILE, solver=HOSTILE, family=HOSTILE)
    return recording(
        dataclasses.replace(first, instance=f"{HOSTILE}\udcff"),
        measurement(instance=HOSTILE, setup="x" * 300, family=HOSTILE),
        measurement(instance="b", setup=HOSTILE, family="<i>"),
        without_result(Verdict.CRASHED, instance="b", setup="x" * 300, family="<i>", problem=HOSTILE),
        suite=HOSTILE,
        description=HOSTILE,
        commit=Commit(HOSTILE, HOSTILE),
        machine={"id": HOSTILE},
    )
