"""Killable processes: what they return, how they fail, and that none is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qnnt.instance import Parameters
from qnnt.solvers.news import Asking, News
from qnnt.solvers.workshop import Finished, Task, Workshop, workshop
from tests.solvers.broken_backends import (
    ask,
    double,
    send_large,
    send_many,
    sleep_then_double,
    tell_and_sleep,
    where_am_i,
)
from tests.solvers.processes import ROOT, alive, gone, pids_in

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    monkeypatch.syspath_prepend(ROOT)
    opened = Workshop(("json.tool", "tests.solvers.broken_backends", "a.module.that.is.missing"))
    yield opened
    opened.close()


def messages(task: Task) -> list[Any]:
    """Everything the child sends, its process number left out."""
    found: list[Any] = []
    while not found or not isinstance(found[-1], Finished):
        assert task.poll(10)
        message = task.receive()
        if message is not None:
            found.append(message)
    return found


def test_a_job_returns_its_value(shop: Workshop) -> None:
    task = shop.start(double, 21)
    assert messages(task) == [Finished(42)]
    task.kill()


def test_messages_arrive_in_order(shop: Workshop) -> None:
    task = shop.start(send_many, 500)
    assert messages(task) == [*(("number", k) for k in range(500)), Finished("done")]
    task.kill()


def test_a_child_halted_in_the_middle_of_a_message_ends_it(shop: Workshop) -> None:
    task = shop.start(send_large, 1 << 24)
    assert task.poll(10)
    assert task.receive() is None
    assert task.poll(10)
    assert task.pause()
    assert task.receive() == bytes(1 << 24)
    task.resume()
    assert messages(task) == [Finished("done")]
    task.kill()


def test_a_halted_child_takes_long_news(shop: Workshop) -> None:
    task = shop.start(ask, None)
    assert task.poll(10)
    assert task.receive() is None
    assert task.poll(10)
    assert task.pause()
    assert task.receive() == Asking()
    task.tell(News(Parameters({(f"x{number}", "y"): 1 for number in range(100_000)}, {}), 0))
    task.resume()
    assert messages(task) == [Finished(100_000)]
    task.kill()


def test_children_have_modules_and_a_process_group_of_their_own(shop: Workshop) -> None:
    task = shop.start(where_am_i, None)
    pid, group, imported = messages(task)[0].value
    assert pid == group == task.pid != os.getpid()
    assert imported
    task.kill()


def test_jobs_run_side_by_side(shop: Workshop) -> None:
    start = time.monotonic()
    tasks = [shop.start(sleep_then_double, 0.5) for _ in range(4)]
    assert [messages(task) for task in tasks] == [[Finished(1.0)]] * 4
    assert time.monotonic() - start < 1.9 + 2  # the first job waits for the imports
    for task in tasks:
        task.kill()


def test_a_killed_child_is_gone_and_the_workshop_goes_on(shop: Workshop, tmp_path: Path) -> None:
    task = shop.start(tell_and_sleep, str(tmp_path / "pid"))
    (pid,) = pids_in(tmp_path / "pid", 1)
    assert alive(pid)
    task.kill()
    assert gone(pid)
    assert messages(shop.start(double, 4)) == [Finished(8)]


def test_a_child_that_is_killed_before_it_says_who_it_is_begins_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    opened = Workshop(("tests.solvers.broken_backends",))  # as long as it imports nobody says anything
    opened.start(tell_and_sleep, str(tmp_path / "pid")).kill()
    assert messages(opened.start(double, 4)) == [Finished(8)]
    assert not (tmp_path / "pid").exists()
    opened.close()


def test_a_child_that_dies_ends_its_messages(shop: Workshop, tmp_path: Path) -> None:
    task = shop.start(tell_and_sleep, str(tmp_path / "pid"))
    (pid,) = pids_in(tmp_path / "pid", 1)
    os.kill(pid, signal.SIGKILL)
    assert task.poll(10)
    assert task.receive() is None  # its process number
    with pytest.raises(EOFError):
        task.receive()
    task.kill()
    task.kill()  # twice does no harm


def test_memory_is_that_of_the_child(shop: Workshop, tmp_path: Path) -> None:
    task = shop.start(tell_and_sleep, str(tmp_path / "pid"))
    assert task.memory() == 0  # unknown until the child has said who it is
    pids_in(tmp_path / "pid", 1)
    assert task.poll(10)
    task.receive()
    assert 1 << 20 < task.memory() < 1 << 31
    task.kill()


def test_closing_ends_children_that_still_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(ROOT)
    opened = Workshop(())
    task = opened.start(tell_and_sleep, str(tmp_path / "pid"))
    (pid,) = pids_in(tmp_path / "pid", 1)
    opened.close()
    assert gone(pid)
    task.kill()


def test_closing_does_not_wait_for_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "imported_for_ever.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.syspath_prepend(tmp_path)
    opened = Workshop(("imported_for_ever",))
    task = opened.start(double, 1)
    opened.close()
    assert not opened.running
    task.kill()


def test_one_workshop_per_set_of_modules_and_a_new_one_when_it_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    first = workshop(("this",))
    assert workshop(("this",)) is first
    assert workshop(("this", "json")) is not first
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    second = workshop(("this",))
    assert second is not first
    assert second.running
    task = second.start(double, 1)
    assert messages(task) == [Finished(2)]
    task.kill()


def test_threads_that_open_it_at_once_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    for attempt in range(5):
        key = ("json", *["os"] * attempt)
        barrier = threading.Barrier(4)
        found: list[Workshop] = []

        def open_one(
            key: tuple[str, ...] = key, barrier: threading.Barrier = barrier, found: list[Workshop] = found
        ) -> None:
            barrier.wait()
            found.append(workshop(key))

        threads = [threading.Thread(target=open_one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({id(shop) for shop in found}) == 1


def test_it_outlives_the_thread_that_opened_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's parent-death signal goes by threads, not by processes."""
    monkeypatch.syspath_prepend(ROOT)
    found: list[Workshop] = []
    release = threading.Event()

    def open_one() -> None:
        found.append(Workshop(("tests.solvers.broken_backends",)))
        assert messages(found[0].start(double, 1)) == [Finished(2)]
        release.wait(10)

    thread = threading.Thread(target=open_one)
    thread.start()
    while not found:
        time.sleep(0.01)
    task = found[0].start(sleep_then_double, 1.0)
    release.set()
    thread.join()
    assert messages(task) == [Finished(2.0)]
    assert found[0].running
    task.kill()
    found[0].close()


SLEEPER = """
import sys
from qnnt.solvers.workshop import workshop
from tests.solvers.broken_backends import tell_and_sleep
shop = workshop(())
task = shop.start(tell_and_sleep, sys.argv[1])
print(shop._process.pid, flush=True)
task.poll(10); task.receive()
while True:
    task.poll(1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_parent_leaves_no_orphans(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(tmp_path / "pid")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        shop = int(parent.stdout.readline())
        (child,) = pids_in(tmp_path / "pid", 1)
        assert alive(shop)
        assert alive(child)
        parent.send_signal(number)
        assert parent.wait(10) in (-number, 1)
    assert gone(shop, child)


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_nothing_is_left_open(shop: Workshop) -> None:
    """An unclosed socket or process would be a ResourceWarning, and those are errors here."""
    before = open_descriptors()
    for number in range(5):
        task = shop.start(double, number)
        assert messages(task) == [Finished(2 * number)]
        task.kill()
        del task
    gc.collect()
    assert open_descriptors() <= before
