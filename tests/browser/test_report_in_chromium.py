"""The usual report in a real browser: ``pytest --browser tests/browser``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import DESKTOP, PHONE, Page, chromium

pytestmark = pytest.mark.browser

PLOTS = {
    "cactus": ".scatterlayer .trace path.js-line",
    "scatter": ".scatterlayer .trace .points path",
    "heat-map": ".heatmaplayer .hm",
    "history": ".scatterlayer .trace .points path",
}
"""Per plot what its marks are in its SVG."""


@pytest.mark.parametrize("plot", PLOTS)
def test_plots_are_drawn(page: Page, plot: str) -> None:
    assert page.count(f"#{plot} svg.main-svg") > 0
    assert page.count(f"#{plot} {PLOTS[plot]}") > 0


def test_a_trace_per_setup(page: Page) -> None:
    assert [trace["name"] for trace in page.traces("cactus")] == ["virtual best", "sat", "cpsat", "plain"]
    assert [trace["name"] for trace in page.traces("history")] == ["sat", "cpsat", "plain"]
    assert [len(trace["x"]) for trace in page.traces("history")] == [5, 5, 5]


def test_the_heading_tells_what_was_measured(page: Page) -> None:
    assert page.text("h1") == "qnnt benchmarks: usual"
    assert "4a4a4a4a4a, committed 2026-11-14T10:00:00Z" in page.text("#facts")
    assert "11 instances, 3 setups, 3 repetitions" in page.text("#facts")
    assert page.count("#failures:not([hidden])") == 0


def test_a_family_changes_cactus_plot_and_tables(page: Page) -> None:
    plots, scores, contributions = page.traces("cactus"), page.cells("scores"), page.cells("contributions")
    assert {row[-2] for row in scores} == {"11"}
    page.choose("family", "planted")
    assert page.traces("cactus") != plots
    assert {row[-2] for row in page.cells("scores")} == {"5"}
    assert page.cells("contributions") != contributions
    page.choose("family", "all")
    assert (page.traces("cactus"), page.cells("scores")) == (plots, scores)


def test_setups_change_the_scatter_plot(page: Page) -> None:
    before = page.traces("scatter")
    assert page.chosen("x") == "plain"
    page.choose("x", "sat")
    page.choose("y", "cpsat")
    after = page.traces("scatter")
    assert after != before
    assert [trace["name"] for trace in after] == ["random", "planted"]
    assert sum(len(trace["x"]) for trace in after) == 11
    assert 20 in after[0]["x"]  # not solved: twice the limit of ten seconds
    assert page.count("#scatter .points path") == 11


def test_setup_and_value_change_the_heat_map(page: Page) -> None:
    best = page.traces("heat-map")
    page.choose("heat", "sat")
    one = page.traces("heat-map")
    assert one != best
    page.choose("value", "share solved")
    shares = page.traces("heat-map")[0]
    assert {entry for row in shares["z"] for entry in row if entry is not None} == {0, 1}
    assert {entry for row in shares["text"] for entry in row} == {"", "0 %", "100 %"}


def test_the_value_changes_the_history(page: Page) -> None:
    plain = page.traces("history")[2]
    assert plain["y"] == pytest.approx([1.0] * 5)
    page.choose("moved", "PAR-2")
    assert page.traces("history")[2]["y"] != plain["y"]
    assert "PAR-2" in page.text("#history .ytitle")


def test_seconds_of_one_machine_are_one_line(page: Page) -> None:
    """The third of five recordings was made on another machine: ratios compare, seconds do not."""
    assert page.traces("history")[0]["x"] == [0, 1, 2, 3, 4]
    page.choose("moved", "PAR-2")
    assert page.traces("history")[0]["x"] == [0, 1, 3, 4, None, 2]
    assert page.marks("history")[0]["symbol"] == ["circle"] * 5 + ["circle-open"]
    assert "its own line" in page.text("#history-caption")


def test_plots_and_tables_are_described(page: Page) -> None:
    page.choose("family", "planted")
    page.choose("heat", "sat")
    assert page.description("cactus") == "Cactus plot, family: planted"
    assert page.description("scatter") == "Two setups, family: planted, across: plain, up: cpsat"
    assert page.description("heat-map") == "Heat map of sizes, family: planted, setup: sat, value: median of seconds"
    assert page.description("history") == "History, family: planted, value: ratio to the yardstick"
    assert page.count("th") == page.count("th[scope]") == 10 + 4 + 4 + 3
    assert page.count("tbody th[scope=row]") == 4 + 3


def test_the_table_tells_what_the_ratio_is_over(page: Page) -> None:
    """The yardstick refuses one of the 11 instances: it does not count."""
    rows = {row[0]: row[3:] for row in page.cells("scores")}
    assert rows["sat"] == ["10", "10", "1", "0", "0", "11", "sat"]
    assert rows["plain (yardstick)"] == ["10", "10", "0", "1", "0", "11", "sat"]
    page.choose("y", "cpsat")
    assert sum(len(trace["x"]) for trace in page.traces("scatter")) == 10
    assert "one of them does not take them: 1." in page.text("#scatter-caption")


def test_a_suite_changes_everything(page: Page) -> None:
    page.choose("suite", "small")
    assert page.text("h1") == "qnnt benchmarks: small"
    assert not page.driver.find_element("id", "scatter").is_displayed()
    assert len(page.cells("scores")) == 2


def test_the_fragment_restores_what_was_chosen(page: Page) -> None:
    wanted = {"family": "planted", "x": "cpsat", "y": "plain", "heat": "sat", "value": "share solved", "moved": "PAR-2"}
    for select, text in wanted.items():
        page.choose(select, text)
    fragment = str(page.ask("return location.hash"))
    assert "family=planted" in fragment
    shown = [page.traces(plot) for plot in PLOTS]
    page.open()
    assert page.chosen("family") == "all"
    page.open(fragment)
    assert {select: page.chosen(select) for select in wanted} == wanted
    assert [page.traces(plot) for plot in PLOTS] == shown


def test_a_followed_link_is_shown(page: Page) -> None:
    page.driver.execute_async_script(
        "addEventListener('hashchange', () => arguments[0]()); location.hash = '#family=random'"
    )
    assert page.chosen("family") == "random"


@pytest.mark.parametrize("fragment", ["#family=nonsense&x=nonsense&value=%", "#%F0%9F", "#=&&&"])
def test_nonsense_in_the_fragment_is_passed_over(page: Page, fragment: str) -> None:
    page.open(fragment)
    assert page.chosen("family") == "all"
    assert page.count("#cactus svg.main-svg") > 0


def test_nothing_is_asked_of_a_network(page: Page) -> None:
    page.requests()
    page.open()
    page.choose("family", "planted")
    assert {one for one in page.requests() if not one.startswith(("about:", "data:"))} == {page.address}
    assert page.ask("return performance.getEntriesByType('resource').length") == 0


def test_the_policy_forbids_networks(page: Page) -> None:
    program = "fetch('https://example.org').then(() => arguments[0]('sent'), () => arguments[0]('refused'))"
    assert page.driver.execute_async_script(program) == "refused"
    assert "Content Security Policy" in page.complaints()[0]


def test_nothing_is_wider_than_a_phone(phone: Page) -> None:
    phone.open()
    assert phone.ask("return innerWidth") == PHONE[0]
    assert phone.ask("return document.documentElement.scrollWidth") <= PHONE[0]
    for plot in PLOTS:
        width = phone.ask("return document.querySelector(arguments[0]).getBoundingClientRect().width", f"#{plot} svg")
        assert 250 < width <= PHONE[0]
    assert phone.complaints() == []


def test_text_can_be_read_on_a_phone(phone: Page) -> None:
    phone.open()
    sizes = phone.ask(
        "return [...document.querySelectorAll('body *')]"
        ".filter((one) => !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(one.tagName) && [...one.childNodes]"
        ".some((node) => node.nodeType === 3 && node.data.trim()))"
        ".map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(sizes) > 100
    assert min(sizes) >= 12


def test_a_finger_on_a_plot_scrolls_the_page(phone: Page) -> None:
    phone.open()
    assert phone.ask("return document.getElementById('cactus').layout.dragmode") is False


def test_dark_mode(address: str, screenshots: Path) -> None:
    with chromium(DESKTOP, scheme="dark") as driver:
        page = Page(driver, address)
        page.open()
        page.screenshot(screenshots / "dark.png")
        assert page.ask("return getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 25)"
        assert page.ask("return document.getElementById('cactus').layout.font.color") == "#e6e8ec"


def test_screenshots(desktop: Page, phone: Page, screenshots: Path) -> None:
    for name, page in (("desktop", desktop), ("phone", phone)):
        page.open()
        page.screenshot(screenshots / f"{name}.png")
        assert (screenshots / f"{name}.png").stat().st_size > 30_000
