"""The options `--full`, for sampled suites at their full count, and `--browser`, for pages in a real browser."""

from __future__ import annotations

import os

import pytest

from qnnt.compilation import IN_PROCESS

os.environ.setdefault(IN_PROCESS, "1")  # no test leaves a process behind that compiles

OPTIONAL = {
    "full": "run sampled suites at their full count",
    "browser": "run the tests that open pages in a headless Chromium",
}
"""Markers of tests that only run with the option of the same name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, meaning in OPTIONAL.items():
        parser.addoption(f"--{name}", action="store_true", help=meaning)
    parser.addoption("--screenshots", metavar="DIR", help="where --browser leaves its screenshots")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the rest of sampled suites out, as deselected: hundreds of skips would hide the real ones."""
    left_out = {name for name in OPTIONAL if not config.getoption(f"--{name}")}
    deselected = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if not any(item.get_closest_marker(name) for name in left_out)]
