from __future__ import annotations

import builtins
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from qnnt.benchmarking.report.page import json_for_html, plotly_source, report_page
from qnnt.errors import UnsupportedError
from tests.benchmarking.recordings import measurement, noisy_suite, recording

HOSTILE = "</script><script>alert(1)</script><!--<script>{{data}}\"'&\u2028\U0001f600"


class _Elements(HTMLParser):
    """Start tags with their attributes, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


def elements_of(page: str) -> _Elements:
    elements = _Elements()
    elements.feed(page.replace(plotly_source(), "plotly"))  # which takes a parser in Python many seconds
    return elements


def data_of(page: str) -> Any:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(text)


def test_the_data_is_json() -> None:
    page = report_page([recording(*noisy_suite(1), yardstick="plain")])
    (suite,) = data_of(page)["suites"]
    assert suite["name"] == "made-up"
    assert suite["setups"] == [["sat", "sat"], ["cpsat", "cpsat"], ["plain", "plain"]]
    assert suite["yardstick"] == 2
    assert [view["family"] for view in suite["views"]] == [None, "random", "planted"]
    assert [len(view["cactus"]) for view in suite["views"]] == [4, 4, 4]
    assert "{{" not in page.replace(plotly_source(), "")


def test_nothing_is_loaded() -> None:
    elements = elements_of(report_page([recording(measurement())]))
    assert not [attributes for _, attributes in elements.tags if {"src", "href", "action", "srcset"} & set(attributes)]
    assert not {"link", "iframe", "img", "object", "embed", "base"} & {tag for tag, _ in elements.tags}
    (policy,) = [attributes["content"] for _, attributes in elements.tags if "http-equiv" in attributes]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_hostile_names_stay_in_the_data() -> None:
    one = recording(
        measurement(setup=HOSTILE, solver=HOSTILE, instance=HOSTILE, family=HOSTILE),
        suite=HOSTILE,
        description=HOSTILE,
    )
    page = report_page([one])
    assert len(elements_of(page).scripts) == len(elements_of(report_page([recording(measurement())])).scripts) == 6
    (suite,) = data_of(page)["suites"]
    assert suite["name"] == HOSTILE
    assert suite["scatter"]["labels"] == [HOSTILE]


def test_labels_need_not_be_text() -> None:
    one = measurement()
    object.__setattr__(one, "instance", "\udcff")
    page = report_page([recording(one)])
    assert page.encode()
    assert data_of(page)["suites"][0]["scatter"]["labels"] == ["\udcff"]


def test_json_for_html() -> None:
    written = json_for_html({"a": "</script>&<!--", "b": [None, 1.5]})
    assert not set(written) & set("<>&")
    assert json.loads(written) == {"a": "</script>&<!--", "b": [None, 1.5]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_for_html(float("nan"))


def test_the_library_cannot_end_its_script() -> None:
    source = plotly_source().lower()
    assert "</script" not in source
    assert "<!--" not in source


def test_a_large_page_is_small() -> None:
    trials = [
        measurement(instance=f"i{i}", setup=f"s{j}", family=f"f{i % 12}", seconds={"wall": 1 / (1 + i + j)})
        for i in range(200)
        for j in range(12)
    ]
    assert len(report_page([recording(*trials)])) < 6_000_000


def test_a_missing_library_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_plotly(name: str, *arguments: Any) -> Any:
        if name.startswith("plotly"):
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_plotly)
    with pytest.raises(UnsupportedError, match=r"pip install 'qnnt\[report\]'"):
        plotly_source()
