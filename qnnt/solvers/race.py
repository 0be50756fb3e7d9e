"""A portfolio as a race: solvers in processes of their own that take turns on the cores, until one settles it.

Whoever has no turn is halted where it is. The best solution and bound of all are known to each that asks.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence

from qnnt.result import Ending, Result
from qnnt.solvers.knowledge import GRACE
from qnnt.solvers.search import POLL
from qnnt.solvers.stopping import Stop
from qnnt.solvers.team import Team
from qnnt.solvers.turns import Turns
from qnnt.solvers.usage import resident_memory
from qnnt.solvers.workshop import Task, wait_for_any

IDLE = 0.25
"""The part of the time that is charged at least."""


class Race:
    """The race of a team whose members are not started yet."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self._turns = Turns(team.plan.lanes, team.limits.threads)
        self._running: list[int] = []
        self._seen = time.monotonic()
        self._turn_ends = 0.0
        self._charged: dict[int, float] = {}

    def run(self, stop: Stop | None) -> Result:
        """Let them work by turns until the question is settled, a limit is reached, or the user stops it."""
        done = self._team.prepare(stop)
        if done is not None:
            return done
        with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as scratch:
            try:
                while True:
                    self._take_turns(scratch)
                    ended = self._listen() or self._limited()
                    if ended is not None:
                        return ended
                    self._team.tell_progress()
            finally:
                self._team.kill()

    # --- turns -------------------------------------------------------------------------------------

    def _take_turns(self, scratch: str) -> None:
        """Note who worked since the last look; at the end of a turn choose who works now."""
        now = time.monotonic()
        self._charge(now - self._seen)
        self._seen = now
        members = self._team.members
        working = [number for number in self._running if members[number].exit is None]
        if now < self._turn_ends and len(working) == len(self._running):
            return
        open_lanes = [number for number, member in enumerate(members) if member.exit is None]
        chosen = self._turns.next(open_lanes, self._team.knowledge.seconds)
        for number in working:
            if number not in chosen and not self._task(number).pause():
                chosen.append(number)  # it has not begun: its turn goes on until it can be halted
        for number in chosen:
            if not members[number].started:
                self._team.start(number, scratch)
            elif number not in self._running:
                self._task(number).resume()
        self._running = chosen
        self._turn_ends = now + self._turns.length(self._team.knowledge.seconds)

    def _charge(self, seconds: float) -> None:
        """Charge those who worked for the processor time that they got: others on the machine cost them nothing.

        What imports take is nobody's share; who waits for something else is charged for a part of the time.
        """
        for number in self._running:
            if self._task(number).pid is None:
                continue
            used = self._team.members[number].cpu_seconds
            cores = self._team.limits.threads if self._team.plan.lanes[number].all_cores else 1
            spent = (used - self._charged.get(number, 0.0)) / cores
            self._turns.spend([number], max(spent, IDLE * seconds))
            self._charged[number] = used

    def _task(self, number: int) -> Task:
        task = self._team.members[number].task
        if not isinstance(task, Task):
            raise TypeError("only processes of their own can take turns")
        return task

    # --- messages ----------------------------------------------------------------------------------

    @property
    def _listened_to(self) -> list[int]:
        return [i for i, member in enumerate(self._team.members) if member.started and member.exit is None]

    def _listen(self) -> Result | None:
        """Hear one message of each who has one; the result once the question is settled, or nobody is left."""
        numbers = self._listened_to
        if not numbers:
            return self._team.all_out()
        for place in wait_for_any([self._task(number) for number in numbers], POLL):
            ended = self._hear(numbers[place])
            if ended is not None:
                return ended
        if all(member.exit is not None for member in self._team.members):
            return self._team.all_out()
        return None

    def _hear(self, number: int) -> Result | None:
        ended = self._team.hear(number)
        member = self._team.members[number]
        if member.asking:
            member.tell()
        return ended

    # --- limits ------------------------------------------------------------------------------------

    def _limited(self) -> Result | None:
        """The result if the clock, the memory or the user wants an end."""
        for number in self._listened_to:
            self._team.members[number].look()
        ending = self._team.knowledge.called_off()
        if ending is None and self._team.memory_limit is not None:
            ending = self._make_room(self._team.memory_limit * 2**20)
        if ending is None:
            return None
        return self._last_words(self._listened_to) or self._team.unsettled(ending)

    def _make_room(self, most: int) -> Ending | None:
        """End those that take most, as long as all together take too much; the last of all ends the race."""
        while True:
            open_lanes = self._listened_to
            taken = {number: _memory_of(self._task(number)) for number in open_lanes}
            if sum(taken.values()) <= most:
                return None
            if len(open_lanes) == 1 and all(member.started for member in self._team.members if member.exit is None):
                return Ending.MEMORY
            self._team.members[max(open_lanes, key=lambda number: (taken[number], number))].leave(
                "memory limit reached"
            )

    def _last_words(self, numbers: Sequence[int]) -> Result | None:
        """What had been said before the limit, but was not heard yet: it may hold the best solution."""
        known, members = self._team.knowledge, self._team.members
        until = known.seconds + GRACE
        for number in numbers:
            while members[number].exit is None and known.seconds < until and self._task(number).poll(0):
                ended = self._hear(number)
                if ended is not None:
                    return ended
        return None


def _memory_of(task: Task) -> int:
    return 0 if task.pid is None else resident_memory(task.pid)
