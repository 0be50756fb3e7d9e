"""Who carries out orders: a crew takes them one by one, and yields the replies as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from qnnt.conquest.orders import Fulfil, Order, Reply, in_a_process_of_its_own
from qnnt.solvers.stopping import Stop

LOOK = 0.1
"""Seconds between two looks at whether it is time to stop."""


class Orders(Protocol):
    """Orders that wait. Each is made when it is taken, from all that is known by then."""

    def __len__(self) -> int: ...

    def popleft(self) -> Order: ...

    def appendleft(self, order: Order, /) -> None: ...


@dataclass(frozen=True)
class Fulfilled:
    """A reply to an order.

    Attributes
    ----------
    starts
        How often it was begun: more than once if workers died.
    """

    order: Order
    reply: Reply
    starts: int = 1


Crew = Callable[[Orders, Stop], Generator[Fulfilled | None, None, None]]
"""Carries out orders until there are no more, or it is time to stop; yields None from time to time."""


@dataclass(frozen=True)
class Here:
    """A crew on this machine.

    Attributes
    ----------
    threads
        Cubes at the same time.
    """

    threads: int
    fulfil: Fulfil = in_a_process_of_its_own

    def __call__(self, orders: Orders, stop: Stop) -> Generator[Fulfilled | None, None, None]:
        """The replies as they come."""
        end = _End(stop)
        running: dict[Future[Reply], Order] = {}
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                while True:
                    while orders and len(running) < self.threads and not end.is_set():
                        order = orders.popleft()
                        running[pool.submit(self.fulfil, order, end)] = order
                    if not running:
                        return
                    done = wait(running, LOOK, FIRST_COMPLETED).done
                    for future in done:
                        yield Fulfilled(running.pop(future), future.result())
                    if not done:
                        yield None
            finally:
                end.set()


class OneByOne:
    """A crew of the caller's own thread, for many small instances in a process that may be lost."""

    def __init__(self, fulfil: Fulfil) -> None:
        self._fulfil = fulfil

    def __call__(self, orders: Orders, stop: Stop) -> Generator[Fulfilled | None, None, None]:
        """The replies as they come."""
        while orders and not stop.is_set():
            order = orders.popleft()
            yield Fulfilled(order, self._fulfil(order, stop))


class _End:
    """Set once the caller wants an end, or has left."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._left = threading.Event()

    def is_set(self) -> bool:
        return self._left.is_set() or self._stop.is_set()

    def set(self) -> None:
        self._left.set()
