"""Solved or not: what changed between two recordings, and which answers contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from qnnt.benchmarking.comparison.changes import Contradiction, Progress, Speed, VerdictChange, Weight
from qnnt.benchmarking.comparison.pairing import Paired, Repetitions
from qnnt.benchmarking.measurement import Measurement, Recording
from qnnt.exact import Number
from qnnt.verdicts import Run, Verdict, judged

SHOWN = 10**15
"""Numbers from here on are told by their size."""


def contradictions(base: Recording, new: Recording) -> Iterator[Contradiction]:
    """Wrong answers, compared or not: what a verified loss of either recording refutes, and wrong certificates of NEW.

    Two different optima are one: the smaller loss was recomputed by the evaluator. Only those of NEW are regressions.
    """
    groups: dict[str, list[tuple[str, Measurement]]] = {}
    for side, recording in (("BASE", base), ("NEW", new)):
        for one in recording.measurements:
            groups.setdefault(one.sha256, []).append((side, one))
    told: set[tuple[str, str, str]] = set()
    for group in groups.values():
        runs = judged(one.run for _, one in group)
        for (side, one), run, verdict in zip(group, runs.runs, runs.verdicts, strict=True):
            key = (side, one.setup, one.sha256)
            if key not in told and (verdict, side) in _WRONG:
                told.add(key)
                weight = Weight.REGRESSION if side == "NEW" else Weight.NOTED
                yield Contradiction(one.instance, one.setup, side, *_wrong(run, verdict, runs.witness), weight)


_WRONG = {(Verdict.CONTRADICTION, "BASE"), (Verdict.CONTRADICTION, "NEW"), (Verdict.WRONG_CERTIFICATE, "NEW")}


def _wrong(run: Run, verdict: Verdict, witness: Run | None) -> tuple[str, str]:
    """The claim, and what refutes it."""
    if run.apparent is not None or witness is None:
        return str(verdict), run.problem
    claim = f"{run.status or 'no result'}, bound {_number(run.claimed_bound)}"
    return claim, f"loss {_number(witness.loss)} of {witness.solver}"


def verdict_changes(pairs: Iterable[Paired], fail_over: float, speed: Speed) -> Iterator[VerdictChange]:
    """The pairs whose words differ, with what that means for the gate.

    New defects, and refusals of what was solved, are regressions in any repetition. An answer that is lost is one
    if all repetitions of BASE had it, at most half of NEW's have it, and BASE's slowest was not so near its time
    limit that an allowed slowdown, or the machine's, explains it.
    """
    for pair in pairs:
        weight, remark = _weighed(pair, fail_over, speed)
        if weight is not Weight.NOTED or pair.base.words != pair.new.words:
            yield VerdictChange(pair.instance, pair.setup, pair.base.words, pair.new.words, weight, remark)


def _weighed(pair: Paired, fail_over: float, speed: Speed) -> tuple[Weight, str]:
    base, new = pair.base, pair.new
    if new.failures:
        return (Weight.NOTED if base.failures else Weight.REGRESSION), new.failures[0].problem
    if base.failures:
        return Weight.IMPROVEMENT, base.failures[0].problem
    refused = next((one.problem for one in new.measurements if not one.supported), None)
    if refused is not None:
        return (Weight.REGRESSION if base.solved else Weight.NOTED), refused
    if base.always_solved and 2 * new.solved <= new.count:
        slowest = max(base.seconds("wall"))
        if slowest * fail_over * max(speed.wall, 1.0) >= pair.time_limit and new.timed(pair.time_limit):
            return Weight.NOTED, f"BASE took {slowest:.2f} s of {pair.time_limit:g} s: too near the limit to tell"
        return Weight.REGRESSION, next(one.problem for one in new.measurements if not one.solved)
    if new.always_solved and 2 * base.solved <= base.count:
        return Weight.IMPROVEMENT, ""
    return Weight.NOTED, ""


def progress(pairs: Iterable[Paired]) -> Iterator[Progress]:
    """The pairs that neither side solves, where the best bounds or losses differ."""
    for pair in pairs:
        if not pair.base.solved and not pair.new.solved:
            before, after = _reached(pair.base), _reached(pair.new)
            if before != after:
                yield Progress(pair.instance, pair.setup, *("..".join(map(_number, ends)) for ends in (before, after)))


def _reached(side: Repetitions) -> tuple[Number | None, Number | None]:
    """The best bound and loss of all repetitions."""
    bounds = [one.lower_bound for one in side.measurements if one.lower_bound is not None]
    losses = [one.loss for one in side.measurements if one.loss is not None]
    return max(bounds, default=None), min(losses, default=None)


def _number(value: Number | None) -> str:
    """Short, however long the number; a dash for none."""
    if value is None:
        return "-"
    if not -SHOWN < value < SHOWN:
        sign = "-" if value < 0 else ""
        return f"{sign}2^{abs(int(value)).bit_length() - 1}+"
    if isinstance(value, Fraction) and value.denominator >= SHOWN:
        return f"{float(value):.6g}"
    return str(value)
