"""A headless Chromium, and what a page in it can be asked."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

DESKTOP = (1300, 900)
PHONE = (390, 844)


@dataclass(frozen=True)
class Page:
    """A page that is open."""

    driver: webdriver.Chrome
    address: str

    def open(self, fragment: str = "") -> None:
        # by way of another page: a change of the fragment alone loads nothing
        self.driver.get("about:blank")
        self.driver.get(self.address + fragment)

    def ask(self, program: str, *arguments: object) -> Any:
        return self.driver.execute_script(program, *arguments)

    def count(self, selector: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str) -> str:
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def choose(self, select: str, text: str) -> None:
        Select(self.driver.find_element(By.ID, select)).select_by_visible_text(text)

    def chosen(self, select: str) -> str:
        return str(Select(self.driver.find_element(By.ID, select)).first_selected_option.text)

    def choices(self, select: str) -> list[str]:
        options = "return [...document.getElementById(arguments[0]).options]"
        return list(self.ask(f"{options}.map((option) => option.textContent)", select))

    def cells(self, table: str) -> list[list[str]]:
        """The body of a table, row by row."""
        rows = "return [...document.getElementById(arguments[0]).tBodies[0].rows]"
        return list(self.ask(f"{rows}.map((row) => [...row.cells].map((cell) => cell.textContent))", table))

    def traces(self, plot: str) -> list[dict[str, Any]]:
        """Names and points that Plotly was given."""
        program = (
            "return document.getElementById(arguments[0]).data.map(({name, x, y, z, text}) => ({name, x, y, z, text}))"
        )
        return list(self.ask(program, plot))

    def marks(self, plot: str) -> list[dict[str, Any]]:
        """Colours, dashes and symbols that Plotly was given."""
        mark = "({line, marker}) => ({color: line?.color, dash: line?.dash, symbol: marker?.symbol})"
        return list(self.ask(f"return document.getElementById(arguments[0]).data.map({mark})", plot))

    def description(self, plot: str) -> str | None:
        """What those are told who do not see it."""
        label = self.ask("return document.querySelector(`#${arguments[0]}[role=img]`)?.ariaLabel", plot)
        return None if label is None else str(label)

    def complaints(self) -> list[str]:
        """What was written to the console."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> set[str]:
        """Addresses that were asked for since the last call, whatever became of them."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}

    def _log(self, kind: str) -> list[dict[str, Any]]:
        return list(self.driver.execute("getLog", {"type": kind})["value"])

    def screenshot(self, path: Path) -> None:
        """Of the whole page."""
        width, height = self.ask("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "scale": 1, "width": width, "height": height}
        taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        path.write_bytes(base64.b64decode(taken["data"]))


@contextmanager
def chromium(size: tuple[int, int], *, scheme: str = "light") -> Iterator[webdriver.Chrome]:
    """A browser whose window, or screen if it is as narrow as a phone, has this size."""
    program, driver_program = _programs()
    options = webdriver.ChromeOptions()
    options.binary_location = program
    width, height = size
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-dev-shm-usage",
        "disable-gpu",
        f"window-size={width},{height}",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if size == PHONE:
        metrics = {"width": width, "height": height, "pixelRatio": 2, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    driver = webdriver.Chrome(options=options, service=Service(driver_program))
    try:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        yield driver
    finally:
        driver.quit()


def _programs() -> tuple[str, str]:
    """A browser, and the driver of the same version: machines may have several browsers."""
    driver = shutil.which("chromedriver")
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))]
    if driver is None or not found:
        raise RuntimeError("--browser needs chromium and chromedriver on the path")
    version = _major_version(driver)
    return next((path for path in found if _major_version(path) == version), found[0]), driver


def _major_version(program: str) -> str:
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return told.partition(".")[0].rpartition(" ")[2]
