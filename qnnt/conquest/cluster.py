"""A crew on the workers of a dask.distributed cluster."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from qnnt.clusters.connection import check_reachable, check_workers, connected
from qnnt.clusters.spreading import Fate, Handling, spread
from qnnt.clusters.versions import with_our_code
from qnnt.clusters.worker import ThisTask, packed, unpacked
from qnnt.conquest.crews import Fulfilled, Orders
from qnnt.conquest.orders import Order, Reply, in_a_process_of_its_own
from qnnt.result import Ending, Status
from qnnt.solvers.stopping import Stop

AHEAD = 1
"""Orders on the cluster per thread of its workers: none waits, as each is to know the best loss when it begins."""


@dataclass(frozen=True)
class Parcel:
    """An order as it travels.

    Attributes
    ----------
    order
        Packed.
    number
        Tells it from all others of this conquest.
    topic
        Whom to tell that it begins.
    needed
        Versions that the worker must have.
    """

    order: bytes
    number: int
    topic: str
    needed: Mapping[str, str]


def conquer_one(parcel: Parcel) -> Reply | None:
    """Carry an order out on this worker; None if nobody waits for it any more.

    Raises
    ------
    InputError
        If this worker's versions are not those needed; what `qnnt.solve` raises.
    """
    task = ThisTask()
    task.check_versions(parcel.needed)
    task.tell(parcel.topic, parcel.number)
    reply = in_a_process_of_its_own(unpacked(parcel.order), task)
    return None if reply.ending is Ending.INTERRUPTED and task.is_set() else reply


@dataclass(frozen=True)
class Cluster:
    """A crew of all threads of all workers of a dask.distributed cluster.

    Scheduler and workers need the same qnnt and packages as here. Cubes of a worker that dies are solved by others;
    all of them may be gone for a while.

    Attributes
    ----------
    versions
        Of what solves the cubes.
    """

    address: str
    versions: Mapping[str, str]

    def check(self) -> None:
        """Complain before any work.

        Raises
        ------
        InputError
            If it is no scheduler's address, and `UnsupportedError` if dask.distributed is not installed.
        """
        check_reachable(self.address, "cubes")

    def __call__(self, orders: Orders, stop: Stop) -> Generator[Fulfilled | None, None, None]:
        """The replies as they come.

        Raises
        ------
        InputError
            If no scheduler answers, the connection is lost, or a worker has other versions than needed.
        """
        needed, begun = with_our_code(self.versions), _Begun()
        with connected(self.address) as client:
            check_workers(client, needed, stop)
            client.subscribe_topic(begun.topic, begun.note)
            handling: Handling[_Numbered, Reply] = Handling(
                conquer_one,
                lambda work: Parcel(packed(work.order), work.number, begun.topic, needed),
                key=lambda work: work.order.cube,
                words=lambda work: f"the cube {work.order.cube}",
            )
            spreading = spread(client, _Numbering(orders), handling, ahead=AHEAD, stop=stop)
            with closing(spreading):
                for ended in spreading:
                    yield None if ended is None else _fulfilled(*ended, begun)


@dataclass(frozen=True)
class _Numbered:
    order: Order
    number: int


class _Numbering:
    """Orders with numbers. What comes back is to be made anew: by then more may be known."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._taken = 0

    def __len__(self) -> int:
        return len(self._orders)

    def popleft(self) -> _Numbered:
        self._taken += 1
        return _Numbered(self._orders.popleft(), self._taken)

    def appendleft(self, work: _Numbered, /) -> None:
        self._orders.appendleft(work.order)


class _Begun:
    """How often workers began each order."""

    def __init__(self) -> None:
        self.topic = f"qnnt-cubes-{uuid.uuid4()}"
        self._times: Counter[int] = Counter()

    def note(self, event: tuple[float, Any]) -> None:
        """Take one message."""
        self._times[event[1]] += 1

    def times(self, number: int) -> int:
        return self._times[number]


def _fulfilled(work: _Numbered, outcome: Reply | Fate, begun: _Begun) -> Fulfilled:
    if isinstance(outcome, Fate):
        outcome = Reply(Status.UNKNOWN, ending=Ending.CRASHED, note=outcome.value)
    return Fulfilled(work.order, outcome, max(1, begun.times(work.number)))
