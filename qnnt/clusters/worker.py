"""On a worker: the task that runs, and what travelled with it."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Mapping
from typing import Any

from qnnt.clusters.versions import difference
from qnnt.errors import InputError


def packed(value: object) -> bytes:
    """A value as it travels, such as an instance: some megabytes for a hundred thousand weights."""
    return zlib.compress(pickle.dumps(value), level=1)


def unpacked(value: bytes) -> Any:
    """The inverse of `packed`."""
    return pickle.loads(zlib.decompress(value))


class ThisTask:
    """The task that this thread runs; says when it is to end: cancelled, its driver gone, its worker closing.

    Looked up in the worker's own memory, so it may be asked many times a second.
    """

    def __init__(self) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()

    def check_versions(self, needed: Mapping[str, str]) -> None:
        """Complain if this worker is not fit for the work.

        Raises
        ------
        InputError
            If its versions are not those needed.
        """
        lacking = difference(needed)
        if lacking:
            raise InputError(f"the worker {self._worker.address} has {lacking}")

    def tell(self, topic: str, message: object) -> None:
        """Send a message to all who listen to a topic; it arrives before the task's end does."""
        self._worker.log_event(topic, message)

    def is_set(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state == "cancelled" or self._worker.status.name in ("closing", "closed", "failed")
