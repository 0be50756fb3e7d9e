"""Many pieces of work spread over the workers of a cluster: none is lost, none counts twice."""

from __future__ import annotations

import logging
import math
import queue
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from qnnt.clusters.connection import ANSWERING, Client
from qnnt.clusters.patience import LOOK, answered
from qnnt.errors import InputError, QnntError
from qnnt.solvers.stopping import Stop

if TYPE_CHECKING:
    from distributed import KilledWorker

FETCHING = 1.0
"""Seconds that one try to fetch an outcome may take; then its worker may be gone, and the work is done again."""
COUNTING = 2.0
"""Seconds between two looks at which workers are there."""
WITHOUT_WORKERS = 5.0
"""Seconds without any worker before the user is told."""
GONE = "the scheduler is gone, or dropped the work"

Future = Any
"""That of distributed."""
Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


class Fate(Enum):
    """What becomes of work that no worker brings to its end."""

    DEADLY = "the workers that ran it died, again and again"


class Waiting(Protocol[Work]):
    """Work to be done, such as a `deque`. It may grow."""

    def __len__(self) -> int: ...

    def popleft(self) -> Work: ...

    def appendleft(self, work: Work, /) -> None: ...


@dataclass(frozen=True)
class Handling(Generic[Work, Outcome]):
    """How to deal with pieces of work.

    Attributes
    ----------
    function
        What a worker does with what travels. Nothing (None) comes of it if its worker closes.
    packed
        What travels of a piece. It stays with the task, so that any worker can begin it.
    key
        What tells it from others.
    words
        What to call it in complaints.
    after_loss
        What the user can do once the scheduler is gone; empty if nothing.
    """

    function: Callable[[Any], Outcome | None]
    packed: Callable[[Work], Any]
    key: Callable[[Work], Hashable]
    words: Callable[[Work], str]
    after_loss: str = ""

    @property
    def gone(self) -> str:
        """What to say once the scheduler is gone."""
        return "; ".join(filter(None, [GONE, self.after_loss]))


def spread(
    client: Client,
    waiting: Waiting[Work],
    handling: Handling[Work, Outcome],
    *,
    ahead: int,
    stop: Stop | None,
) -> Generator[tuple[Work, Outcome | Fate] | None, None, None]:
    """The work as it ends, with what came of it; None from time to time.

    Work of a worker that dies is done again by others. A worker that dies takes down all its tasks; so a suspect runs
    once more, when nothing else does, and is deadly only if workers die of it even then.

    Parameters
    ----------
    ahead
        Tasks on the cluster per thread of its workers.

    Raises
    ------
    InputError
        If a worker has other versions than needed, or cannot work; if the scheduler is gone.
    """
    tasks, workers = _Tasks(client, handling), _Workers(client, stop, handling.gone)
    suspects, suspected = deque[Work](), set[Hashable]()
    try:
        while (waiting or suspects or tasks) and (stop is None or not stop.is_set()):
            room = ahead * workers.threads()
            while waiting and len(tasks) < room:
                tasks.start(waiting.popleft())
            if suspects and not waiting and not tasks:
                tasks.start(suspects.popleft())
            ended = tasks.next_ended()
            if ended is None:
                yield None
                continue
            work, outcome = ended
            if outcome is None:
                waiting.appendleft(work)
            elif not isinstance(outcome, Exception):
                yield work, outcome
            elif handling.key(work) in suspected:
                yield work, Fate.DEADLY
            else:
                suspected.add(handling.key(work))
                suspects.append(work)
    finally:
        tasks.cancel()


class _Tasks(Generic[Work, Outcome]):
    """The work that is on the cluster, a task each."""

    def __init__(self, client: Client, handling: Handling[Work, Outcome]) -> None:
        self._client = client
        self._handling = handling
        self._works: dict[str, tuple[Work, Future]] = {}
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def __len__(self) -> int:
        return len(self._works)

    def start(self, work: Work) -> None:
        """Put it on the cluster."""
        parcel = self._handling.packed(work)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            future = self._client.submit(self._handling.function, parcel, pure=False)
        self._works[future.key] = work, future
        future.add_done_callback(self._ended.put)

    def next_ended(self) -> tuple[Work, Outcome | KilledWorker | None] | None:
        """Work that ended, with what came of it; None if there is none for a moment.

        Nothing comes of work whose workers closed, and `KilledWorker` of that which had several workers die.
        """
        from distributed import KilledWorker

        try:
            future = self._ended.get(timeout=LOOK)
        except queue.Empty:
            return None
        work = self._works[future.key][0]
        try:
            outcome: Outcome | KilledWorker | None = future.result(timeout=FETCHING)
        except KilledWorker as error:
            outcome = error
        except QnntError:
            raise
        except CancelledError:
            raise InputError(self._handling.gone) from None
        except Exception as error:  # noqa: BLE001 - what may go wrong on other machines is legion
            if future.status != "error":  # its worker died with the outcome: it is done again
                future.add_done_callback(self._ended.put)
                return None
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            raise InputError(f"a worker cannot run {self._handling.words(work)}: {words}") from None
        del self._works[future.key]
        return work, outcome

    def cancel(self) -> None:
        """End those that wait or run."""
        self._client.cancel([future for _, future in self._works.values()])


class _Workers:
    """The workers that are there, counted from time to time."""

    def __init__(self, client: Client, stop: Stop | None, gone: str) -> None:
        self._client = client
        self._stop = stop
        self._gone = gone
        self._looked = -math.inf
        self._seen = time.monotonic()
        self._threads = 0

    def threads(self) -> int:
        """How much they can run at a time. Once there is none for a while, the user is told."""
        now = time.monotonic()
        if now < self._looked + COUNTING:
            return self._threads
        try:
            threads = answered(self._client.nthreads, ANSWERING, self._stop)
        except Exception:  # noqa: BLE001 - of many kinds
            raise InputError(self._gone) from None
        if threads is not None:  # a scheduler that froze may come back
            self._threads = sum(threads.values())
        self._looked = now
        if self._threads:
            self._seen = now
        elif now > self._seen + WITHOUT_WORKERS:
            self._seen = math.inf
            logging.getLogger(__name__).warning("no workers on the cluster: waiting for some; Ctrl-C ends")
        return self._threads
