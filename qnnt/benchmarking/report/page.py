"""The page: one HTML file that asks nothing of any network."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.report.suite_report import suite_reports
from qnnt.errors import UnsupportedError

DIGITS = 5
"""Significant ones of numbers in the page."""

_HERE = Path(__file__).parent
_HOLE = re.compile(r"\{\{(\w+)\}\}")


def report_page(recordings: Sequence[Recording]) -> str:
    """The page about some recordings.

    Raises
    ------
    UnsupportedError
        If Plotly is not installed.
    """
    reports = [_plain(dataclasses.asdict(report)) for report in suite_reports(recordings)]
    filling = {
        "style": _part("page.css"),
        "plotly": plotly_source(),
        "data": json_for_html({"suites": reports}),
        "marks": _part("marks.js"),
        "plots": _part("plots.js"),
        "history": _part("history.js"),
        "program": _part("page.js"),
    }
    # one pass: what is filled in is not searched for holes again
    return _HOLE.sub(lambda hole: filling[hole[1]], _part("page.html"))


def plotly_source() -> str:
    """The program of the plotting library.

    Raises
    ------
    UnsupportedError
        If it is not installed.
    """
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise UnsupportedError("reports need the package plotly: pip install 'qnnt[report]'") from None
    return str(get_plotlyjs())


def json_for_html(document: object) -> str:
    r"""JSON that no string in it can leave: ``<``, ``>`` and ``&`` are escapes, and so is all that is not ASCII."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _plain(value: Any) -> Any:
    """The same with fewer digits: a page of many numbers stays small."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
