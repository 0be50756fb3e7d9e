"""The regression gate: two recordings become `Changes`.

What closes it: wrong answers of NEW, always; lost answers and new defects; counters and sizes of one pair beyond
the threshold; times and peak memory only where a whole confidence interval is beyond it, or a single pair is so in
all repetitions and by the threshold's square.
"""

from __future__ import annotations

import math

from qnnt.benchmarking.comparison.amount_changes import counter_changes, size_changes
from qnnt.benchmarking.comparison.changes import Changes
from qnnt.benchmarking.comparison.pairing import answered_otherwise, paired
from qnnt.benchmarking.comparison.ratios import time_changes, without_better_times
from qnnt.benchmarking.comparison.remarks import (
    common_yardstick,
    different_yardsticks,
    doubts_about,
    incomplete,
    remarks_on,
)
from qnnt.benchmarking.comparison.verdict_changes import contradictions, progress, verdict_changes
from qnnt.benchmarking.measurement import Recording
from qnnt.errors import InputError

FAIL_OVER = 1.25
"""The ratio that a regression is beyond."""


def changes_between(base: Recording, new: Recording, fail_over: float = FAIL_OVER) -> Changes:
    """What changed from one recording to another.

    Raises
    ------
    InputError
        If the threshold is not above 1.
    """
    if not 1 < fail_over < math.inf:
        raise InputError(f"expected a fail-over ratio above 1, got {fail_over:g}")
    pairing = paired(base, new)
    pairs = pairing.pairs
    yardstick = common_yardstick(base.heading, new.heading)
    same_machine = base.heading.machine["id"] == new.heading.machine["id"]
    uncorrected = same_machine and not different_yardsticks(base.heading, new.heading)
    times = time_changes(pairs, yardstick, fail_over, uncorrected=uncorrected)
    other_speed = same_machine and times.speed.is_beyond(fail_over)
    if other_speed:
        times = without_better_times(times)
    wrong = tuple(contradictions(base, new))
    return Changes(
        base=base.heading,
        new=new.heading,
        fail_over=fail_over,
        remarks=tuple(remarks_on(base, new)),
        incomplete=tuple(incomplete(base, new, pairing.gone)),
        doubts=tuple(doubts_about(wrong, times.speed if other_speed else None)),
        pairs=len(pairs),
        unsupported=pairing.unsupported,
        speed=times.speed,
        times_judged=times.judged,
        contradictions=wrong,
        verdicts=tuple(verdict_changes(pairs, fail_over, times.speed)),
        progress=tuple(progress(pairs)),
        times=times.rows,
        single_times=times.singles,
        counters=tuple(counter_changes(pairs, fail_over)),
        sizes=tuple(size_changes(pairs, fail_over)),
        apart=(*pairing.apart, *answered_otherwise(pairs)),
    )
