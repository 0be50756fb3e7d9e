"""What differs between two recordings as a whole, in words: what a reader must know before the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qnnt.benchmarking.comparison.changes import Contradiction, Speed, counted
from qnnt.benchmarking.measurement import Heading, Recording
from qnnt.errors import InputError


def remarks_on(base: Recording, new: Recording) -> Iterator[str]:
    """One remark per difference."""
    before, after = base.heading, new.heading
    if before.suite != after.suite:
        yield f"different suites: {before.suite}, now {after.suite}"
    elif before.suite_sha256 != after.suite_sha256:
        yield f"the suite {after.suite} was changed"
    yield from _differences("setup", before.setups, after.setups)
    yield from _differences("machine's", _described(before), _described(after))
    yield from _differences("version of", before.versions, after.versions)
    if before.jobs != after.jobs:
        yield f"different numbers of trials at the same time: {before.jobs}, now {after.jobs}"
    elif after.jobs > 1:
        yield f"{after.jobs} trials ran at the same time: their times disturb each other"
    for name, recording in (("BASE", base), ("NEW", new)):
        machines = {one.machine for one in recording.measurements}
        if len(machines) > 1:
            yield f"{name} was measured on {len(machines)} different machines"
    different = different_yardsticks(before, after)
    if different:
        yield f"the yardsticks are not comparable: {different}"


def incomplete(base: Recording, new: Recording, gone: int) -> Iterator[str]:
    """What is missing that was to be measured; `gone` are the setups on instances in BASE only."""
    yield from _unfinished("BASE", base)
    yield from _unfinished("NEW", new)
    if gone and base.heading.suite_sha256 == new.heading.suite_sha256:
        yield f"NEW lacks {counted(gone, 'pair')} of the same suite"


def doubts_about(wrong: Sequence[Contradiction], speed: Speed | None) -> Iterator[str]:
    """What takes the tick away; `speed` is that of a machine which should have the speed that it had."""
    in_base = sum(one.side == "BASE" for one in wrong)
    if in_base:
        yield f"{counted(in_base, 'wrong answer')} in BASE"
    if speed is not None:
        yield (
            f"the same machine took {speed.cpu:.2f} times the processor time and {speed.wall:.2f} times the wall clock"
        )


def common_yardstick(before: Heading, after: Heading) -> str | None:
    """The setup that both measure the machine with; None if there is none."""
    if before.yardstick is None or different_yardsticks(before, after):
        return None
    return after.yardstick


def different_yardsticks(before: Heading, after: Heading) -> str:
    """Where both name a yardstick: why the two cannot be compared, in words; empty if they can."""
    old, young = before.yardstick, after.yardstick
    if old is None or young is None:
        return ""
    if old != young:
        return f"{old}, now {young}"
    solver = after.setups.get(young, "")
    if before.setups.get(old, "") != solver:
        return f"{old} is {before.setups.get(old, 'nothing')}, now {solver or 'nothing'}"
    return "; ".join(_differences("version of", *(_chosen(one.versions, solver) for one in (before, after))))


def _chosen(versions: Mapping[str, str], solver: str) -> Mapping[str, str]:
    """Those of the solver's own packages; where the solver is unknown here, all but our own."""
    from qnnt.solvers.registry import configuration

    try:
        chosen = configuration(solver, None)
    except InputError:
        return {name: version for name, version in versions.items() if name != "qnnt"}
    names = {name for name, _ in chosen.entry.packages_with(chosen.settings)}
    return {name: version for name, version in versions.items() if name in names}


def _unfinished(name: str, recording: Recording) -> Iterator[str]:
    if recording.missing > 0:
        made, planned = len(recording.measurements), recording.heading.planned
        yield f"{name} is not finished: {made} of {planned} trials"


def _described(heading: Heading) -> Mapping[str, Any]:
    return {name: value for name, value in heading.machine.items() if name != "id"}


def _differences(noun: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Of two descriptions: where they differ."""
    for name in dict.fromkeys((*before, *after)):
        old, young = before.get(name, "none"), after.get(name, "none")
        if old != young:
            yield f"different {noun} {name}: {old}, now {young}"
