"""Browsers that show the usual report; selenium may be missing where no such test runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.chromium import Page


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.browser.pages import usual, written

    return written(tmp_path_factory.mktemp("report"), *usual())


@pytest.fixture(scope="module")
def screenshots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = request.config.getoption("--screenshots")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def desktop(address: str) -> Iterator[Page]:
    from tests.browser.chromium import DESKTOP, Page, chromium

    with chromium(DESKTOP) as driver:
        yield Page(driver, address)


@pytest.fixture(scope="module")
def phone(address: str) -> Iterator[Page]:
    from tests.browser.chromium import PHONE, Page, chromium

    with chromium(PHONE) as driver:
        yield Page(driver, address)


@pytest.fixture
def page(desktop: Page) -> Iterator[Page]:
    """The usual report, freshly opened; whatever a test does with it, the console stays empty."""
    desktop.open()
    yield desktop
    assert desktop.complaints() == []
