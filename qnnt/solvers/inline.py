"""Solvers that run right here, in the caller's own process: no start, but no protection either.

For many small instances in a process that may be lost. Limits are the solver's own to keep.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from qnnt.solvers.entry import Entry
from qnnt.solvers.news import News
from qnnt.solvers.questions import Route
from qnnt.solvers.routes import Job
from qnnt.solvers.usage import Usage
from qnnt.solvers.workshop import Failed, Finished, failure_of


class InlineTask:
    """A job that is done when it is first asked for news; see `qnnt.solvers.contestant.Task`."""

    def __init__(self, entry: Entry, route: Route, job: Job) -> None:
        self._route = route
        self._job = job
        self._messages: deque[Any] = deque()
        self._started = False
        self._cpu_seconds = 0.0

    def poll(self, seconds: float) -> bool:
        """Whether there is a message: the first call does all the work."""
        if not self._started:
            self._started = True
            self._messages.append(self._last_message())
        return bool(self._messages)

    def _last_message(self) -> Finished | Failed:
        start = time.process_time()
        try:
            return Finished(self._route(self._job, self._messages.append))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the solver's
            return failure_of(error)
        finally:
            self._cpu_seconds = time.process_time() - start

    def receive(self) -> Any:
        """The next message."""
        if not self._messages:
            raise EOFError
        return self._messages.popleft()

    def tell(self, news: News) -> None:
        """Nobody asks."""

    def kill(self) -> None:
        """Nothing is left to end."""

    def usage(self) -> Usage:
        """Processor time; the memory is the caller's own."""
        return Usage(self._cpu_seconds)
