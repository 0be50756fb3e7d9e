"""Calls that may never return, such as those over a network to a machine that froze."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from qnnt.solvers.stopping import Stop

LOOK = 0.2
"""Seconds between two looks at whether it is time to stop."""

Answer = TypeVar("Answer")


def answered(call: Callable[[], Answer], seconds: float, stop: Stop | None) -> Answer | None:
    """What a call returns or raises; None if that takes longer, or it is time to stop. Then it is left to itself."""
    outcome: queue.SimpleQueue[tuple[Answer | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((call(), None))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    until = time.monotonic() + seconds
    while time.monotonic() < until and (stop is None or not stop.is_set()):
        try:
            answer, error = outcome.get(timeout=LOOK)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        return answer
    return None
