"""Reports that are not usual, in a real browser: ``pytest --browser tests/browser``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarking.recordings import measurement, recording, unsolved
from tests.browser.chromium import Page
from tests.browser.pages import HOSTILE, broken, hostile, written

pytestmark = pytest.mark.browser


def test_failures_and_notes_stand_out(desktop: Page, tmp_path: Path, screenshots: Path) -> None:
    page = Page(desktop.driver, written(tmp_path, broken()))
    page.open()
    assert "CONTRADICTION: cpsat on a" in page.text("#failures")
    assert "CRASHED: plain on a: it died" in page.text("#failures")
    assert "3 of 7 trials" in page.text("#notes")
    assert "No finished recording" in page.text("#history")
    page.screenshot(screenshots / "failures.png")
    assert page.complaints() == []


def test_hostile_names_are_only_text(desktop: Page, tmp_path: Path, screenshots: Path) -> None:
    page = Page(desktop.driver, written(tmp_path, hostile()))
    page.open()
    assert page.complaints() == []
    assert page.text("h1") == f"qnnt benchmarks: {HOSTILE}"
    assert page.count("main b, main i, main a, header b, header i, header a, svg a") == 0
    assert any(row[0] == HOSTILE for row in page.cells("scores"))
    page.choose("family", "<i>")
    fragment = str(page.ask("return location.hash"))
    page.open(fragment)
    assert page.chosen("family") == "<i>"
    assert page.ask("return document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(screenshots / "hostile.png")
    assert page.complaints() == []


def test_one_setup_and_nothing_solved(desktop: Page, tmp_path: Path) -> None:
    page = Page(desktop.driver, written(tmp_path, recording(unsolved())))
    page.open()
    assert "No instance is solved" in page.text("#cactus")
    assert page.description("cactus") is None
    assert not page.driver.find_element("id", "scatter").is_displayed()
    assert page.choices("moved") == ["PAR-2"]
    assert page.cells("scores")[0][:3] == ["sat", "20.0 s", "0"]
    assert page.complaints() == []


def test_no_trial_at_all(desktop: Page, tmp_path: Path) -> None:
    page = Page(desktop.driver, written(tmp_path, recording(planned=3)))
    page.open()
    assert "0 of 3 trials" in page.text("#notes")
    assert page.complaints() == []


def test_a_family_outlives_its_suite(desktop: Page, tmp_path: Path) -> None:
    trials = {family: measurement(instance=family, family=family) for family in ("x", "y", "z")}
    suites = {"first": "xyz", "second": "yx", "third": "xz"}
    page = Page(
        desktop.driver,
        written(tmp_path, *(recording(*(trials[one] for one in own), suite=name) for name, own in suites.items())),
    )
    page.open("#suite=first&family=y")
    page.choose("suite", "second")
    assert (page.chosen("family"), len(page.cells("scores"))) == ("y", 2)
    page.choose("suite", "third")
    assert page.chosen("family") == "all"
    assert page.text("h1") == "qnnt benchmarks: third"
    assert page.complaints() == []


def test_twelve_setups_are_told_apart(desktop: Page, tmp_path: Path) -> None:
    page = Page(desktop.driver, written(tmp_path, recording(*(measurement(setup=f"s{i:02}") for i in range(12)))))
    page.open()
    assert [row[0] for row in page.cells("scores")[:12]] == [f"s{i:02}" for i in range(12)]
    swatches = page.ask("return [...document.querySelectorAll('#scores .swatch')].map((one) => one.outerHTML)")
    assert len(set(swatches)) == 13
    lines = page.marks("cactus")[1:]
    assert len({(line["color"], line["dash"]) for line in lines}) == 12
    assert len({(line["color"], line["symbol"]) for line in lines}) == 12
    points = page.marks("history")
    assert len({(point["color"], *point["symbol"]) for point in points}) == 12
    assert page.complaints() == []


@pytest.mark.parametrize(("samples", "angle"), [([1, 2, 3], 0), ([64 << i for i in range(9)], -60)])
def test_labels_are_turned_where_they_are_wide(desktop: Page, tmp_path: Path, samples: list[int], angle: int) -> None:
    trials = [measurement(instance=f"i{size}", features={"d": 2, "width": 3, "samples": size}) for size in samples]
    page = Page(desktop.driver, written(tmp_path, recording(*trials)))
    page.open()
    assert page.ask("return document.getElementById('heat-map').layout.xaxis.tickangle") == angle
    boxes = page.ask(
        "return [...document.querySelectorAll('#heat-map .xtick text')].map((one) => one.getAttribute('transform'))"
    )
    assert len(boxes) == len(samples)
    assert all((f"rotate({angle}" in box) == (angle != 0) for box in boxes)


def test_many_instances(desktop: Page, tmp_path: Path) -> None:
    one = recording(
        *(
            measurement(instance=f"i{i}", setup=f"s{j}", family=f"f{i % 12}", seconds={"wall": 0.1 + i * j / 100})
            for i in range(500)
            for j in range(12)
        )
    )
    address = written(tmp_path, one)
    assert (tmp_path / "report.html").stat().st_size < 8_000_000
    page = Page(desktop.driver, address)
    page.open()
    assert page.count("#scatter .points path") == 500
    assert page.complaints() == []
