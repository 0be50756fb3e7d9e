"""Calls that may never return: their answers, their errors, and an end to waiting."""

from __future__ import annotations

import threading

import pytest

from qnnt.clusters.patience import answered


def test_answers_and_errors_come_through() -> None:
    assert answered(lambda: 7, 10, None) == 7
    assert answered(lambda: None, 10, threading.Event()) is None
    with pytest.raises(ZeroDivisionError):
        answered(lambda: 1 // 0, 10, None)


def test_waiting_ends_in_time_and_on_demand() -> None:
    never, stop = threading.Event(), threading.Event()
    assert answered(never.wait, 0.3, None) is None
    stop.set()
    assert answered(never.wait, 3600, stop) is None
    never.set()
