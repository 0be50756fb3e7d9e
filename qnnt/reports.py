"""A comparison as people and programs read it: rows, a matrix of instances and solvers, CSV, JSON, Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.exact import Number, to_json_number
from qnnt.instance import Objective
from qnnt.result import Status
from qnnt.verdicts import Credit, Judged, Proven, Run, Verdict

FORMAT = "qnnt-comparison/1"
FAILURES = frozenset(str(verdict).upper() for verdict in Verdict if verdict.failed)
"""Cells of the matrix that speak of a defect."""


@dataclass(frozen=True)
class Comparison:
    """What `qnnt.compare` found.

    Attributes
    ----------
    instances
        Per instance its runs, their verdicts and what they prove together, in the order asked for.
    solvers
        The configurations, in the order asked for.
    missing
        Runs that were not made, because the caller wanted an end.
    reproducers
        Per failed run, by instance and solver, the folder with all that is needed to see it again.
    """

    instances: tuple[Judged, ...]
    solvers: tuple[str, ...]
    missing: int = 0
    reproducers: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def agreed(self) -> bool:
        """Whether nothing failed: no contradiction, no wrong certificate, no crash."""
        return not self.failures

    @property
    def failures(self) -> list[tuple[Run, Verdict]]:
        """The runs that speak of a defect."""
        return [(run, verdict) for run, verdict in self._pairs() if verdict.failed]

    @property
    def verdicts(self) -> Mapping[Verdict, int]:
        """How many runs have each verdict; those that none has are left out."""
        counted = Counter(verdict for _, verdict in self._pairs())
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    def _pairs(self) -> Iterator[tuple[Run, Verdict]]:
        for instance in self.instances:
            yield from zip(instance.runs, instance.verdicts, strict=True)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per run: plain values, exact numbers as ``int`` or ``Fraction``, words for enums."""
        return [_row(run, verdict) for run, verdict in self._pairs()]

    def to_dataframe(self) -> Any:
        """The rows as a ``pandas.DataFrame``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        return pd.DataFrame(self.rows)

    def to_csv(self) -> str:
        """The rows as CSV with a header; rationals as ``3/2``."""
        written = io.StringIO()
        writer = csv.DictWriter(written, fieldnames=list(_row(_NO_RUN, Verdict.LIMIT)), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return written.getvalue()

    def to_json(self) -> str:
        """Rows, and what is proven of each instance, as JSON; rationals as strings ``"3/2"``."""
        document = {
            "format": FORMAT,
            "agreed": self.agreed,
            "missing": self.missing,
            "verdicts": {str(verdict): count for verdict, count in self.verdicts.items()},
            "instances": [
                {"instance": instance.runs[0].instance, "sha256": instance.runs[0].sha256, **_proven(instance.proven)}
                for instance in self.instances
                if instance.runs
            ],
            "rows": [{key: _plain(value) for key, value in row.items()} for row in self.rows],
            "reproducers": [
                {"instance": instance, "solver": solver, "folder": folder}
                for (instance, solver), folder in self.reproducers.items()
            ],
        }
        return json.dumps(document, indent=1) + "\n"

    def to_markdown(self) -> str:
        """A summary for a pull request or a CI job: the matrix, a line per solver, and all failures."""
        lines = [f"**{self.summary}**", ""]
        lines += _markdown_table(["instance", "proven", *self.solvers], self.matrix())
        heads = ["solver", "first", *(str(verdict) for verdict in Verdict), "seconds"]
        lines += ["", *_markdown_table(heads, self._solver_rows())]
        if self.failures:
            lines += ["", "Failures:", ""]
            lines += [f"- {line}" for line in self.failure_lines()]
        return "\n".join(lines) + "\n"

    @property
    def summary(self) -> str:
        """One line: how many runs, and how they went."""
        parts = [f"{count} {verdict}" for verdict, count in self.verdicts.items()]
        runs = sum(self.verdicts.values())
        left = f"; {self.missing} not run" if self.missing else ""
        return f"{runs} runs on {len(self.instances)} instances: {', '.join(parts) or 'nothing to do'}{left}"

    def matrix(self) -> list[list[str]]:
        """Per instance: its label, what is proven, and a cell per solver (seconds, or why there is no answer)."""
        rows: list[list[str]] = []
        for instance in self.instances:
            cells = {
                run.solver: _cell(run, verdict) for run, verdict in zip(instance.runs, instance.verdicts, strict=True)
            }
            if cells:
                label = instance.runs[0].instance
                proven = proven_in_words(instance.proven, instance.runs[0].bound)
                rows.append([label, proven, *(cells.get(solver, "") for solver in self.solvers)])
        return rows

    def failure_lines(self) -> list[str]:
        """Per failed run: where, who, what, and where it can be seen again."""
        lines: list[str] = []
        for instance in self.instances:
            for run, verdict in zip(instance.runs, instance.verdicts, strict=True):
                if verdict.failed:
                    folder = self.reproducers.get((run.instance, run.solver))
                    again = f" (see {folder})" if folder else ""
                    lines.append(_one_line(f"{run.instance}: {run.solver}: {verdict}: {reason(run, instance)}{again}"))
        return lines

    def _solver_rows(self) -> list[list[str]]:
        first = Counter(
            instance.proven.answer_by.solver for instance in self.instances if instance.proven.answer_by is not None
        )
        rows: list[list[str]] = []
        for solver in self.solvers:
            mine = [(run, verdict) for run, verdict in self._pairs() if run.solver == solver]
            counted = Counter(verdict for _, verdict in mine)
            seconds = sum(run.seconds for run, _ in mine)
            numbers = [first[solver], *(counted[verdict] for verdict in Verdict)]
            rows.append([solver, *map(str, numbers), f"{seconds:.2f}"])
        return rows


_NO_RUN = Run("", "", "", Objective.MINIMIZE, None)


def _row(run: Run, verdict: Verdict) -> dict[str, Any]:
    result = run.result or {}
    seconds = result.get("seconds") or {}
    return {
        "instance": run.instance,
        "solver": run.solver,
        "verdict": str(verdict),
        "status": None if run.status is None else str(run.status),
        "objective": str(run.objective),
        "bound": run.bound,
        "loss": run.loss,
        "lower_bound": run.lower_bound,
        "numerical": run.numerical,
        "seconds": round(run.seconds, 4),
        "encode_seconds": seconds.get("encode"),
        "solve_seconds": seconds.get("solve"),
        "peak_memory_mb": (result.get("model") or {}).get("peak_memory_mb"),
        "encoding": result.get("encoding"),
        "problem": run.problem,
        "sha256": run.sha256,
    }


def _plain(value: object) -> object:
    return to_json_number(value) if isinstance(value, Number) and not isinstance(value, bool) else value


def _proven(proven: Proven) -> dict[str, Any]:
    def credit(found: Credit | None) -> dict[str, Any] | None:
        return None if found is None else {"solver": found.solver, "seconds": round(found.seconds, 4)}

    return {
        "answer": None if proven.answer is None else str(proven.answer),
        "loss": _plain(proven.loss),
        "lower_bound": _plain(proven.lower_bound),
        "loss_by": credit(proven.loss_by),
        "bound_by": credit(proven.bound_by),
        "answer_by": credit(proven.answer_by),
        "numerical": proven.numerical,
    }


def proven_in_words(proven: Proven, bound: Number | None) -> str:
    """What is proven of an instance: ``20``, ``18..20``, ``yes (4 <= 7)``, ``no (> 7)``, ``infeasible``, ``?``.

    ``20 (numerical)`` rests on floating-point arithmetic.
    """
    exact = _exact_words(proven, bound)
    return f"{exact} (numerical)" if proven.numerical else exact


def _exact_words(proven: Proven, bound: Number | None) -> str:
    if proven.answer is Status.YES:
        return f"yes ({proven.loss} <= {bound})"
    if proven.answer is Status.NO:
        return f"no (> {bound})"
    if proven.answer is not None:
        return "infeasible" if proven.answer is Status.INFEASIBLE else str(proven.loss)
    if proven.loss is None and not proven.lower_bound:
        return "?"
    lower = "" if proven.lower_bound is None else proven.lower_bound
    return f"{lower}..{'' if proven.loss is None else proven.loss}"


def _cell(run: Run, verdict: Verdict) -> str:
    if verdict is Verdict.AGREE:
        return f"{run.seconds:.2f} s"
    if verdict is Verdict.UNSUPPORTED:
        return "-"
    if verdict in (Verdict.LIMIT, Verdict.WORSE):
        known = f"{'' if run.lower_bound is None else run.lower_bound}..{'' if run.loss is None else run.loss}"
        return f"{'worse' if verdict is Verdict.WORSE else 'limit'} {known}"
    return str(verdict).upper()


def reason(run: Run, instance: Judged) -> str:
    """Why a run failed, in words: its own problem, or whose solution refutes it."""
    if run.apparent is not None or instance.witness is None:
        return run.problem
    claim = "infeasible" if run.status is Status.INFEASIBLE else f"no loss below {run.claimed_bound}"
    if run.status is Status.NO:
        claim = f"no loss of at most {run.bound}"
    return f"it says {claim}, but {instance.witness.solver} found {instance.witness.loss}, which was verified"


def _markdown_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    lines = [_markdown_row(heads), _markdown_row(["---"] * len(heads))]
    return lines + [_markdown_row(row) for row in rows]


def _markdown_row(cells: Iterable[str]) -> str:
    cells = [_one_line(cell).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(cells)} |"


def _one_line(text: str) -> str:
    """Labels may be file names of any characters."""
    return " ".join(text.splitlines())


def plain(text: str) -> str:
    """On one line and without control characters: names may be any text, and terminals obey it."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(letter if letter.isprintable() else _code(letter) for letter in line)


def _code(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
