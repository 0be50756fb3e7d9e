"""A portfolio in lockstep: all members do a slice of work, then wait for each other and learn what the others found.

Slices are counted in conflicts, moves and deterministic time. What members say is heard in their order and only
when all have said it, so that nothing depends on the clock (but a time limit): Hamadi, Jabbour, Piette, Sais,
"Deterministic Parallel (DP)2LL", 2011.
"""

from __future__ import annotations

import tempfile

from qnnt.result import Ending, Result
from qnnt.solvers.knowledge import GRACE
from qnnt.solvers.search import POLL
from qnnt.solvers.stopping import Stop
from qnnt.solvers.team import Team


class Lockstep:
    """The rounds of a team whose members are not started yet; each must ask for news now and then."""

    def __init__(self, team: Team) -> None:
        self._team = team

    def run(self, stop: Stop | None) -> Result:
        """Round after round until the question is settled, a limit is reached, or the user stops it."""
        done = self._team.prepare(stop)
        if done is not None:
            return done
        with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as scratch:
            try:
                for number in range(len(self._team.members)):
                    self._team.start(number, scratch)
                while True:
                    ended = self._round()
                    if ended is not None:
                        return ended
                    self._give_news()
            finally:
                self._team.kill()

    def _round(self) -> Result | None:
        """Hear each member until it asks or ends; the result once the question is settled, or nobody is left."""
        team = self._team
        for number, member in enumerate(team.members):
            while member.exit is None and not member.asking:
                while not member.task.poll(POLL):
                    ending = self._reached_limit()
                    if ending is not None:
                        return self._last_words() or team.unsettled(ending)
                    team.tell_progress()
                settled = team.hear(number)
                if settled is not None:
                    return settled
                ending = self._reached_limit()
                if ending is not None:
                    return self._last_words() or team.unsettled(ending)
        if all(member.exit is not None for member in team.members):
            return team.all_out()
        return None

    def _give_news(self) -> None:
        for member in self._team.members:
            if member.asking:
                member.tell()

    def _reached_limit(self) -> Ending | None:
        """Whether the clock, the user or the memory wants an end; the memory is that of all members together."""
        team = self._team
        peaks = sum(member.look() for member in team.members if member.exit is None)
        if team.memory_limit is not None and peaks > team.memory_limit * 2**20:
            return team.knowledge.called_off() or Ending.MEMORY
        return team.knowledge.called_off()

    def _last_words(self) -> Result | None:
        """What had been said before the limit, but was not heard yet: it may hold the best solution."""
        known = self._team.knowledge
        until = known.seconds + GRACE
        for number, member in enumerate(self._team.members):
            while member.exit is None and known.seconds < until and member.task.poll(0):
                ended = self._team.hear(number)
                if ended is not None:
                    return ended
        return None
