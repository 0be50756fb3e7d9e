"""Changes as tables of words, for terminals and Markdown alike: first what matters, then the details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qnnt.benchmarking.comparison.changes import (
    AmountChange,
    Changes,
    PairChange,
    TimeChange,
    VerdictChange,
    Weight,
    counted,
)
from qnnt.benchmarking.comparison.ratios import MEMORY

Cells = tuple[str, ...]
_ORDER = (Weight.REGRESSION, Weight.NOTED, Weight.IMPROVEMENT)


@dataclass(frozen=True)
class Row:
    """A row with what it means for the gate."""

    weight: Weight
    cells: Cells


@dataclass(frozen=True)
class Table:
    """At least one row under a title: regressions first, improvements last."""

    title: str
    columns: Cells
    rows: tuple[Row, ...]


def main_tables(changes: Changes) -> list[Table]:
    """What a reader should see: all that closes the gate or is as good, and the times of whole setups."""
    times = [row for row in changes.times if row.family is None or row.weight is not Weight.NOTED]
    amounts = [row for row in (*changes.counters, *changes.sizes) if row.weight is not Weight.NOTED]
    return _with_rows(
        _contradictions(changes),
        _verdicts("Answers", changes.verdicts),
        _times("Times and peak memory", times),
        _single_times(changes.single_times),
        _amounts("Counters and sizes beyond the threshold", amounts),
    )


def detail_tables(changes: Changes) -> list[Table]:
    """The rest."""
    families = [row for row in changes.times if row.family is not None and row.weight is Weight.NOTED]
    amounts = [row for row in (*changes.counters, *changes.sizes) if row.weight is Weight.NOTED and not row.unchanged]
    progress = tuple(Row(Weight.NOTED, (one.instance, one.setup, one.before, one.after)) for one in changes.progress)
    apart = tuple(Row(Weight.NOTED, (one.instance, one.setup, one.reason)) for one in changes.apart)
    return _with_rows(
        _times("Times of families", families),
        _amounts("Counters and sizes that differ", amounts),
        Table("Unsolved on both sides: best bound and loss", ("instance", "setup", "BASE", "NEW"), progress),
        Table("Not compared", ("instance", "setup", "why"), apart),
    )


def notes_on(changes: Changes) -> list[str]:
    """What a reader must know before the numbers."""
    speed = changes.speed
    notes = [*changes.doubts, *changes.incomplete, *changes.remarks]
    if speed.pairs:
        notes.append(
            f"speed of the machine: the yardstick took {speed.cpu:.2f} times the processor time and "
            f"{speed.wall:.2f} times the wall clock ({counted(speed.pairs, 'pair')}); all ratios of times are divided "
            "by that"
        )
    elif changes.times_judged:
        notes.append("no yardstick that tells the speed of the machine: times are not corrected for it")
    else:
        notes.append("no yardstick that tells the speed of the machine: times are not judged")
    if changes.unsupported:
        notes.append(f"unsupported on both sides, not counted: {changes.unsupported}")
    return notes


def _with_rows(*tables: Table) -> list[Table]:
    return [
        Table(table.title, table.columns, tuple(sorted(table.rows, key=lambda row: _ORDER.index(row.weight))))
        for table in tables
        if table.rows
    ]


def _contradictions(changes: Changes) -> Table:
    rows = tuple(
        Row(one.weight, (one.instance, one.setup, one.side, one.claim, one.witness)) for one in changes.contradictions
    )
    return Table("Wrong answers", ("instance", "setup", "in", "claim", "refuted by"), rows)


def _verdicts(title: str, changes: Iterable[VerdictChange]) -> Table:
    rows = tuple(Row(one.weight, (one.instance, one.setup, one.before, one.after, one.remark)) for one in changes)
    return Table(title, ("instance", "setup", "BASE", "NEW", "remark"), rows)


def _times(title: str, changes: Sequence[TimeChange]) -> Table:
    columns = ("metric", "setup", "family", "pairs", "NEW / BASE", "interval", "worst", "instance")
    return Table(title, columns, tuple(Row(one.weight, _time_cells(one)) for one in changes))


def _time_cells(one: TimeChange) -> Cells:
    interval = "too few" if one.low is None or one.high is None else f"{one.low:.2f}..{one.high:.2f}"
    family = "all" if one.family is None else one.family
    worst = f"{one.worst_ratio:.2f}"
    return (one.metric, one.setup, family, str(one.pairs), f"{one.ratio:.2f}", interval, worst, one.worst)


def _single_times(changes: Iterable[PairChange]) -> Table:
    columns = ("metric", "setup", "instance", "BASE", "NEW", "at least")
    return Table("Single instances", columns, tuple(Row(one.weight, _single_cells(one)) for one in changes))


def _single_cells(one: PairChange) -> Cells:
    unit = "MB" if one.metric == MEMORY else "s"
    base, new = (f"{least:.3g}..{most:.3g} {unit}" for least, most in (one.base, one.new))
    return (one.metric, one.setup, one.instance, base, new, f"{one.ratio:.2f}")


def _amounts(title: str, changes: Sequence[AmountChange]) -> Table:
    columns = ("amount", "setup", "pairs", "NEW / BASE", "beyond", "worst", "instance", "remark")
    return Table(title, columns, tuple(Row(one.weight, _amount_cells(one)) for one in changes))


def _amount_cells(one: AmountChange) -> Cells:
    worst = f"{_amount(one.worst_before)} -> {_amount(one.worst_after)}" if one.pairs else ""
    remarks = []
    if one.undecided:
        remarks.append(f"not deterministic: {counted(one.undecided, 'pair')}")
    if one.one_sided:
        remarks.append(f"on one side only: {counted(one.one_sided, 'pair')}")
    remark = "; ".join(remarks)
    return (one.name, one.setup, str(one.pairs), f"{one.ratio:.3f}", str(one.beyond), worst, one.worst, remark)


def _amount(value: float) -> str:
    """Short, however long the number."""
    return str(value) if isinstance(value, int) and value < 10**9 else f"{min(value, 1e300):.6g}"
