"""Dual bounds from the tables that solvers print: a column counts only below the header that names it."""

from __future__ import annotations

import contextlib

HIGHS_HEADER = ["Src", "Proc.", "InQueue", "Leaves", "Expl.", "BestBound", "BestSol", "Gap"]
HIGHS_HEADER += ["Cuts", "InLp", "Confl.", "LpIters", "Time"]


class HighsTable:
    """Rows of HiGHS: blank-separated, the first column may be empty, the last is a time."""

    def __init__(self) -> None:
        self._begun = False

    def bound(self, line: str) -> float | None:
        """The dual bound in a line, if there is one."""
        words = line.replace("|", " ").split()
        if words == HIGHS_HEADER:
            self._begun = True
            return None
        missing = len(HIGHS_HEADER) - len(words)
        if not self._begun or missing not in (0, 1) or not words[-1].endswith("s"):
            return None
        return _number(words[HIGHS_HEADER.index("BestBound") - missing])


class ScipTable:
    """Rows of SCIP: cells between bars. Its bounds have seven digits."""

    def __init__(self) -> None:
        self._columns: list[str] = []

    def bound(self, line: str) -> float | None:
        """The dual bound in a line, if there is one."""
        cells = [cell.strip() for cell in line.split("|")]
        if "dualbound" in cells:
            self._columns = cells
            return None
        if not self._columns or len(cells) != len(self._columns):
            return None
        return _number(cells[self._columns.index("dualbound")])


def _number(word: str) -> float | None:
    with contextlib.suppress(ValueError):
        return float(word)
    return None
