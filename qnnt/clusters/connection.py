"""The way to a cluster: its address, a quiet connection, and whether its workers are fit for the work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from qnnt.clusters.patience import answered
from qnnt.clusters.versions import difference
from qnnt.errors import InputError, UnsupportedError
from qnnt.exact import shown
from qnnt.solvers.stopping import Stop

Client = Any
"""That of distributed, most of whose methods have no types."""

CONNECTING = 10.0
"""Seconds that the scheduler may take to answer at first."""
ANSWERING = 10.0
"""Seconds that scheduler and workers may take to answer later on; then work just waits for them."""

_LOGGERS = ("distributed", "distributed.client", "distributed.comm", "distributed.core", "tornado.application")


def check_reachable(address: str, what: str) -> None:
    """Complain before any work.

    Parameters
    ----------
    what
        That is to run on the cluster, such as "trials".

    Raises
    ------
    InputError
        If it is no scheduler's address.
    UnsupportedError
        If dask.distributed is not installed.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise UnsupportedError(f"{what} on a cluster need: pip install 'qnnt[cluster]'") from None
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:  # such as a port that is no number
        sound = False
    if not sound or address != f"{parts.scheme}://{parts.netloc}":
        raise InputError(f"expected the address of a dask scheduler, tcp://HOST:PORT, got {shown(address)}")


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client, without the messages of the network's layers; errors name the address.

    Raises
    ------
    InputError
        If no scheduler answers.
    """
    import distributed

    connect: Callable[..., Client] = distributed.Client
    with _quiet():
        try:
            client = connect(address, timeout=CONNECTING, set_as_default=False)
        except Exception:  # noqa: BLE001 - OSError, and what comes of names that are none
            raise InputError("no dask scheduler answers", source=address) from None
        try:
            yield client
        except InputError as error:
            raise error.within(address) from None
        finally:
            client.close()


def check_workers(client: Client, needed: Mapping[str, str], stop: Stop | None) -> None:
    """Look at the workers that are there and answer; the others are checked by their tasks.

    Raises
    ------
    InputError
        If one cannot work, or has other versions than needed.
    """
    try:
        differences = answered(lambda: client.run(difference, needed), ANSWERING, stop)
    except Exception as error:  # noqa: BLE001 - there is no qnnt, or an old one
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"a worker cannot run this qnnt: {words}") from None
    if differences is None and not (stop is not None and stop.is_set()):
        logging.getLogger(__name__).warning("not all workers answer: their work waits until they do")
    for worker, found in (differences or {}).items():
        if found:
            raise InputError(f"the worker {worker} has {found}")


@contextmanager
def _quiet() -> Iterator[None]:
    """What matters of the messages is raised."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
