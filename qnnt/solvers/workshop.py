"""Killable processes: a workshop imports heavy modules once and forks one child per job.

A job started this way costs a fork (about 10 ms), not an interpreter and an import of OR-Tools (0.7 s),
and any child can be killed at any moment without harm to the program. The standard library's fork
server would import the user's script again in every child; this one does not.

Parent and workshop share a socket; for each job the parent sends one end of a new connection over
it. When the parent ends, however it ends, the socket closes and everything below it ends too.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import dataclasses
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from qnnt.errors import QnntError
from qnnt.solvers.news import Asking, News
from qnnt.solvers.usage import NO_USAGE, Usage, resident_memory, usage_of, usage_of_this_process

CLOSING = 0.1
"""Seconds that a workshop may take to end by itself."""


@dataclass(frozen=True)
class Finished:
    """A child's last message: what the function returned, and what it used."""

    value: Any
    usage: Usage = field(default=NO_USAGE, compare=False)


@dataclass(frozen=True)
class Failed:
    """A child's last message: what it raised. Errors of qnnt travel as they are, others as text."""

    error: QnntError | None
    text: str
    usage: Usage = field(default=NO_USAGE, compare=False)


def failure_of(error: Exception) -> Failed:
    """What is told of an exception. Of those that are nobody's purpose the traceback goes to standard error."""
    if isinstance(error, QnntError):
        return Failed(error, str(error))
    if isinstance(error, MemoryError):
        return Failed(None, "out of memory")
    traceback.print_exception(error)
    return Failed(None, f"{type(error).__name__}: {error}".splitlines()[0])


class Task:
    """A running child.

    Attributes
    ----------
    pid
        Its process number, once its first message came; else None.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: Usage | None = None
        self._halted = False
        self.pid: int | None = None

    def poll(self, seconds: float) -> bool:
        """Wait until a message is there (or the child is gone), at most so long."""
        return self._connection.poll(seconds)

    def receive(self) -> Any:
        """The next message.

        Raises
        ------
        EOFError
            If the child is gone.
        """
        try:
            with self._awake():
                message = self._connection.recv()
        except OSError:  # reset, or the end in the middle of a message
            raise EOFError from None
        if self.pid is None and isinstance(message, int):
            self.pid = message
            return None
        if isinstance(message, Finished | Failed):
            self._last = message.usage
        return message

    def tell(self, news: News) -> None:
        """Answer a child that is `Asking`; one that is gone misses it."""
        with contextlib.suppress(OSError), self._awake():
            self._connection.send(news)

    def pause(self) -> bool:
        """Halt the child and all that it started; False if it has not said yet who it is."""
        self._halted = self._signal(signal.SIGSTOP)
        return self._halted

    def resume(self) -> None:
        """Let it go on."""
        self._halted = False
        self._signal(signal.SIGCONT)

    @contextlib.contextmanager
    def _awake(self) -> Iterator[None]:
        """Let a halted child go on while a message passes: halted in the middle of a long one, it would never end."""
        if self._halted:
            self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            if self._halted:
                self._signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End the child and all that it started, at once; one that has not said yet who it is ends by itself."""
        if self.pid is None and not self._connection.closed:
            with socket.socket(fileno=os.dup(self._connection.fileno())) as line, contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_WR)
            if self._connection.poll(0):  # it said so before, and may be at its job
                with contextlib.suppress(EOFError):
                    self.receive()
        self._signal(signal.SIGKILL)
        self._connection.close()

    def _signal(self, number: signal.Signals) -> bool:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
        return self.pid is not None

    def memory(self) -> int:
        """Resident memory in bytes; 0 if it cannot be told (any more)."""
        return 0 if self.pid is None else resident_memory(self.pid)

    def usage(self) -> Usage:
        """What it used so far; exact once it has said its last word."""
        if self._last is not None:
            return self._last
        return NO_USAGE if self.pid is None else usage_of(self.pid)


def wait_for_any(tasks: Sequence[Task], seconds: float) -> list[int]:
    """The places of those tasks that have a message (or are gone); waits for the first, at most so long."""
    places = {id(task._connection): place for place, task in enumerate(tasks)}
    return sorted(places[id(ready)] for ready in wait([task._connection for task in tasks], seconds))


class Workshop:
    """A process with some modules imported, waiting to fork."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._ready = threading.Event()
        self._control, inside = socket.socketpair()
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            f"from qnnt.solvers.workshop import serve; serve({inside.fileno()}, {preload!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[inside.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        inside.close()

    @property
    def running(self) -> bool:
        """Whether it still takes jobs."""
        return self._process.poll() is None

    def wait_until_ready(self, give_up: Callable[[], bool]) -> None:
        """Return once its modules are imported (from then on a job's start is a fork), or it is time to give up."""
        if self._ready.is_set():
            return
        task = self.start(_idle, None)
        try:
            while not give_up():
                if task.poll(0.05) and isinstance(task.receive(), Finished):
                    self._ready.set()
                    return
        except EOFError:
            return  # the next job will tell
        finally:
            task.kill()

    def start(self, function: Callable[[Any, Callable[[Any], None]], Any], argument: Any) -> Task:
        """Run ``function(argument, send)`` in a new child; both must be picklable.

        The child's messages are what it sends, then a `Finished` or `Failed`. It can also ask for news: see
        `qnnt.solvers.news.Exchange`.
        """
        here, there = socket.socketpair()
        with there:
            socket.send_fds(self._control, [b"j"], [there.fileno()])
        connection = Connection(here.detach())
        connection.send((function, argument))
        return Task(connection)

    def close(self) -> None:
        """End it, and the children that still run."""
        self._control.close()
        try:
            self._process.wait(CLOSING)
        except subprocess.TimeoutExpired:  # it is at its imports
            self._process.kill()
            self._process.wait()


_workshops: dict[tuple[int, tuple[str, ...]], Workshop] = {}
_opening = threading.Lock()


def workshop(preload: tuple[str, ...]) -> Workshop:
    """The workshop of this process with these modules; one is opened at the first call."""
    key = os.getpid(), preload
    with _opening:
        found = _workshops.get(key)
        if found is not None and found.running:
            return found
        if found is not None:
            atexit.unregister(found.close)
            found.close()
        _workshops[key] = Workshop(preload)
        atexit.register(_workshops[key].close)
        return _workshops[key]


def _idle(argument: None, send: Callable[[Any], None]) -> None:
    """A job that does nothing."""


# --- inside the workshop -------------------------------------------------------------------------


def serve(descriptor: int, preload: tuple[str, ...]) -> None:
    """The workshop's own loop: fork a child for every connection that arrives, until the socket closes.

    It does not ask the kernel to die with its parent: that would be the parent's thread that opened it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children need no waiting for
    control = socket.socket(fileno=descriptor)
    for name in preload:
        with contextlib.suppress(Exception):  # what is missing or broken is the job's error, with its own words
            importlib.import_module(name)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _work(Connection(descriptors[0]))
        os.close(descriptors[0])


class _Wire:
    """The child's end of the connection: sends messages, and asks for news. See `qnnt.solvers.news.Exchange`.

    If the parent is gone, so is the child: from any thread, in any callback, and without a word.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, message: Any) -> None:
        try:
            self._connection.send(message)
        except OSError:
            os._exit(1)

    def news(self) -> News:
        self(Asking())
        try:
            news = self._connection.recv()
        except (OSError, EOFError):
            os._exit(1)
        if not isinstance(news, News):
            raise TypeError(f"expected news, got {type(news).__name__}")
        return news


def _work(connection: Connection) -> None:
    """A child: run one job, send what it says, end."""
    os.setpgid(0, 0)
    _die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = 1
    try:
        connection.send(os.getpid())
        function, argument = connection.recv()
        if connection.poll(0):  # the end: it said who it is too late to be killed
            return
        try:
            value = function(argument, _Wire(connection))
            connection.send(Finished(value, usage_of_this_process()))
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
            connection.send(dataclasses.replace(failure_of(error), usage=usage_of_this_process()))
        connection.close()
        status = 0
    except (BrokenPipeError, EOFError):
        pass  # the parent lost interest
    finally:
        sys.stderr.flush()
        os._exit(status)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that forked it ends (Linux; elsewhere the socket tells)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
