"""Recordings in the form that github-action-benchmark tracks.

Its tool ``customSmallerIsBetter`` takes a list of objects with ``name``, ``unit``, ``value`` and, for people,
``range`` and ``extra``; it knows a number again by its name.

Reference: https://github.com/benchmark-action/github-action-benchmark#readme
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qnnt.benchmarking.exports.tracked_values import UNITS, tracked_values
from qnnt.benchmarking.measurement import Recording

DIGITS = 6
"""Significant ones: encoding may take microseconds."""


def github_action_entries(recordings: Iterable[Recording]) -> list[dict[str, Any]]:
    """An entry per suite, metric, setup and family; of each suite the newest recording counts."""
    newest = {recording.heading.suite: recording for recording in _oldest_first(recordings)}
    return [entry for _, recording in sorted(newest.items()) for entry in _entries(recording)]


def _oldest_first(recordings: Iterable[Recording]) -> list[Recording]:
    return sorted(recordings, key=lambda recording: recording.heading.started)


def _entries(recording: Recording) -> list[dict[str, Any]]:
    heading = recording.heading
    where = f"{heading.label} on {heading.machine.get('cpu', 'an unknown processor')}"
    entries: list[dict[str, Any]] = []
    for one in tracked_values(recording):
        entry = {
            "name": f"{heading.suite}: {one.metric} of {one.setup}, {one.family}",
            "unit": UNITS[one.metric],
            "value": float(f"{one.value:.{DIGITS}g}"),
            "extra": f"solved {one.solved} of {one.cases}\n{where}",
        }
        if one.spread is not None:
            entry["range"] = f"± {one.spread:.3g}"
        entries.append(entry)
    return entries
