"""Ctrl-C and SIGTERM as a wish to stop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SAME_SIGNAL = 0.5
"""Seconds within which further signals are taken for the same one: shells and `timeout` send it twice."""


class Stop:
    """A flag that a signal's handler may set: no lock, which a second signal could find held by the first."""

    def __init__(self) -> None:
        self.since: float | None = None

    def is_set(self) -> bool:
        """Whether a signal has come."""
        return self.since is not None


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A flag that Ctrl-C and SIGTERM set; a second Ctrl-C ends the program at once."""
    import signal

    stop = Stop()

    def set_flag(number: int, _: object) -> None:
        now = time.monotonic()
        if stop.since is None:
            stop.since = now
        elif number == signal.SIGINT and now > stop.since + SAME_SIGNAL:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, set_flag) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
