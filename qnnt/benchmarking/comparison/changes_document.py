"""Changes as a JSON document, for programs."""

from __future__ import annotations

import dataclasses
from typing import Any

from qnnt.benchmarking.comparison.changes import Changes
from qnnt.benchmarking.measurement import Heading

FORMAT = "qnnt-changes/1"


def changes_document(changes: Changes) -> dict[str, Any]:
    """All rows, with their weights; of the recordings, what was measured where."""
    fields = dataclasses.asdict(changes)
    return {
        "format": FORMAT,
        "outcome": changes.outcome,
        "regressed": changes.regressed,
        "regressions": changes.regressions,
        "improvements": changes.improvements,
        **fields,
        "base": _heading(changes.base),
        "new": _heading(changes.new),
    }


def _heading(heading: Heading) -> dict[str, Any]:
    kept = ("suite", "suite_sha256", "started", "commit", "machine", "versions")
    fields = dataclasses.asdict(heading)
    return {name: fields[name] for name in kept}
