"""Suites: what a file may say, every complaint with its key, and what the digest depends on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from qnnt.benchmarking.suite import Group, Setup, read_suite, shipped_suites, suite_from
from qnnt.errors import InputError
from qnnt.instance import Objective

WHOLE: dict[str, Any] = {
    "format": "qnnt-suite/1",
    "name": "a-suite_1",
    "description": "é",
    "yardstick": "plain",
    "defaults": {"time_limit": 10, "memory_limit": 100, "repetitions": 3, "threads": 2, "seed": 5},
    "setups": {"plain": {"solver": "cpsat"}, "of ours": {"solver": "sat", "threads": 1, "seed": 0}},
    "groups": [
        {"family": "r", "instances": ["random:layers=2-1,samples=2"]},
        {
            "family": "s", "instances": ["a.json", "b*.json"], "setups": ["of ours"], "objective": "decide",
            "time_limit": 0.5, "memory_limit": 7, "repetitions": 1,
        },
    ],
}  # fmt: skip


def test_a_whole_suite() -> None:
    suite = suite_from(WHOLE, Path("here"))
    assert (suite.name, suite.description, suite.yardstick, suite.folder) == ("a-suite_1", "é", "plain", Path("here"))
    assert list(suite.setups.values()) == [Setup("plain", "cpsat", 2, 5), Setup("of ours", "sat", 1, 0)]
    assert suite.groups == (
        Group("r", ("random:layers=2-1,samples=2",), ("plain", "of ours"), 10.0, 100, 3, None),
        Group("s", ("a.json", "b*.json"), ("of ours",), 0.5, 7, 1, Objective.DECIDE),
    )


def test_a_suite_with_the_least() -> None:
    least = {
        "format": "qnnt-suite/1",
        "name": "x",
        "setups": {"a": {"solver": "sat"}},
        "groups": [{"family": "r", "instances": ["x.json"], "time_limit": 1}],
    }
    suite = suite_from(least, Path())
    assert (suite.yardstick, suite.description) == (None, "")
    assert suite.setups == {"a": Setup("a", "sat", 1, 0)}
    assert suite.groups == (Group("r", ("x.json",), ("a",), 1.0, None, 1, None),)


GONE = object()


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        (["format"], GONE, "the key 'format' is missing"),
        (["format"], "qnnt-suite/2", "$.format: expected 'qnnt-suite/1', got 'qnnt-suite/2'"),
        (["name"], GONE, "the key 'name' is missing"),
        (["name"], 7, "$.name: expected a string, got 7"),
        (["name"], "", "$.name: expected letters, digits, - and _, got ''"),
        (["name"], "../x", "$.name: expected letters, digits"),
        (["name"], "é", "$.name: expected letters, digits"),
        (["description"], 7, "$.description: expected a string, got 7"),
        (["yardstick"], "nobody", "$.yardstick: expected one of the setups plain, of ours, got 'nobody'"),
        (["yardstick"], ["plain"], "$.yardstick: expected one of the setups"),
        (["more"], 1, "unknown key 'more'"),
        (["defaults"], [], "$.defaults: expected an object"),
        (["defaults", "solver"], "sat", "$.defaults: unknown key 'solver'"),
        (["defaults", "threads"], "x", "$.defaults.threads: expected an integer, got 'x'"),
        (["defaults", "memory_limit"], 1.5, "$.defaults.memory_limit: expected an integer"),
        (["setups"], GONE, "the key 'setups' is missing"),
        (["setups"], {}, "$.setups: at least one setup is needed"),
        (["setups"], [{}], "$.setups: expected an object"),
        (["setups", "plain"], "cpsat", "$.setups.plain: expected an object, got 'cpsat'"),
        (["setups", "plain"], {}, "$.setups.plain: the key 'solver' is missing"),
        (["setups", "of ours", "solver"], 1, "$.setups['of ours'].solver: expected a string"),
        (["setups", "plain", "encoding"], "x", "$.setups.plain: unknown key 'encoding'"),
        (["setups", "plain", "threads"], 0, "$.setups.plain.threads: expected an integer of at least 1"),
        (["setups", "plain", "threads"], True, "$.setups.plain.threads: expected an integer"),
        (["setups", "plain", "threads"], 5000, "$.setups.plain.threads: expected an integer of at most 4096"),
        (["setups", "plain", "seed"], -1, "$.setups.plain.seed: expected an integer of at least 0"),
        (["setups", "plain", "seed"], 2**31, "$.setups.plain.seed: expected an integer of at most"),
        (["groups"], GONE, "the key 'groups' is missing"),
        (["groups"], [], "$.groups: at least one group is needed"),
        (["groups"], {}, "$.groups: expected a list"),
        (["groups", 1], 7, "$.groups[1]: expected an object, got 7"),
        (["groups", 0, "family"], GONE, "$.groups[0]: the key 'family' is missing"),
        (["groups", 0, "family"], 1, "$.groups[0].family: expected a string"),
        (["groups", 0, "instances"], GONE, "$.groups[0]: the key 'instances' is missing"),
        (["groups", 0, "instances"], [], "$.groups[0].instances: the list is empty"),
        (["groups", 0, "instances"], "x.json", "$.groups[0].instances: expected a list"),
        (["groups", 1, "instances", 1], 3, "$.groups[1].instances[1]: expected a string, got 3"),
        (["groups", 1, "setups"], [], "$.groups[1].setups: the list is empty"),
        (["groups", 1, "setups"], ["nobody"], "$.groups[1].setups[0]: expected different ones of plain, of ours"),
        (["groups", 1, "setups"], ["plain", "plain"], "$.groups[1].setups[1]: expected different ones of"),
        (["groups", 1, "objective"], "maximize", "$.groups[1].objective: expected decide or minimize"),
        (["groups", 1, "objective"], ["decide"], "$.groups[1].objective: expected decide or minimize"),
        (["groups", 1, "time_limit"], 0, "$.groups[1].time_limit: expected seconds, at most 1000000, got 0"),
        (["groups", 1, "time_limit"], float("nan"), "$.groups[1].time_limit: expected seconds"),
        (["groups", 1, "time_limit"], float("inf"), "$.groups[1].time_limit: expected seconds"),
        (["groups", 1, "time_limit"], True, "$.groups[1].time_limit: expected seconds"),
        (["groups", 1, "time_limit"], 10**400, "$.groups[1].time_limit: expected seconds"),
        (["groups", 1, "memory_limit"], 0, "$.groups[1].memory_limit: expected an integer of at least 1"),
        (["groups", 1, "repetitions"], 0, "$.groups[1].repetitions: expected an integer of at least 1"),
        (["groups", 1, "repetitions"], 1001, "$.groups[1].repetitions: expected an integer of at most 1000"),
        (["groups", 1, "more"], 1, "$.groups[1]: unknown key 'more'"),
        (["defaults", "time_limit"], GONE, "$.groups[0]: the key 'time_limit' is missing, here and in the defaults"),
    ],
)
def test_complaints_name_the_key(place: list[str | int], value: object, complaint: str) -> None:
    document: Any = copy.deepcopy(WHOLE)
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    with pytest.raises(InputError) as raised:
        suite_from(document, Path())
    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize("document", [None, [], "x", 7])
def test_what_is_no_table_is_no_suite(document: object) -> None:
    with pytest.raises(InputError, match="expected an object"):
        suite_from(document, Path())


# --- files ---------------------------------------------------------------------------------------

FILE = """
format = "qnnt-suite/1"
name = "x"
setups.a = { solver = "sat" }
[[groups]]
family = "r"
instances = ["random:layers=2-1,samples=2"]
time_limit = 1
"""
SAME = """# a comment
name    = 'x'
format = "qnnt-suite/1"

groups = [{ time_limit = 0x1, instances = [
    "random:layers=2-1,samples=2",  # another one
], family = "r" }]

[setups.a]
solver = "\\u0073at"
"""


def digest(folder: Path, text: str) -> str:
    (folder / "s.toml").write_text(text)
    return read_suite(str(folder / "s.toml")).sha256


def test_comments_and_layout_do_not_change_the_digest_but_all_else_does(tmp_path: Path) -> None:
    assert digest(tmp_path, SAME) == digest(tmp_path, FILE)
    changes = [
        ("samples=2", "samples=3"),
        ("= 1", "= 2"),
        ('"x"', '"y"'),
        ('"r"', '"s"'),
        ("a =", "b ="),
        ("sat", "pb"),
    ]
    digests = {digest(tmp_path, FILE.replace(*change)) for change in [("", ""), *changes]}
    assert len(digests) == 1 + len(changes)


def test_files_are_named_from_the_suites_folder_on(tmp_path: Path) -> None:
    digest(tmp_path, FILE)
    assert read_suite(str(tmp_path / "s.toml")).folder == tmp_path


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff", "s.toml: no UTF-8"),
        (b"format = ", "s.toml: no TOML: Invalid value"),
        (b"a = 1\na = 2", "s.toml: no TOML: Cannot overwrite a value"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "s.toml: no TOML: nested too deeply"),
        (b"a = " + b"9" * 5000, "s.toml: no TOML: an integer is too long"),
        (b"", "s.toml: the key 'format' is missing"),
        (
            FILE.replace("time_limit = 1", "time_limit = 1979-05-27").encode(),
            "s.toml: $.groups[0].time_limit: expected",
        ),
        (FILE.replace("name", "defaults.seed = 1979-05-27\nname").encode(), "s.toml: $.defaults.seed: expected"),
    ],
    ids=["bytes", "value", "twice", "deep", "long", "empty", "date", "date in the defaults"],
)
def test_files_that_are_no_suites(
    content: bytes, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_suite("s.toml")
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("nowhere.toml", "nowhere.toml: cannot read: no such file or directory"),
        ("a\0.toml", "cannot read: embedded null byte"),
        ("folder.toml", "folder.toml: cannot read: is a directory"),
        ("x" * 5000 + ".toml", "cannot read: file name too long"),
        ("somke", "somke: unknown suite; known: "),
        ("", "unknown suite; known: "),
        ("smoke.jsonl", "smoke.jsonl: unknown suite; known: "),
    ],
)
def test_sources_that_are_none(source: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.toml").mkdir()
    with pytest.raises(InputError) as raised:
        read_suite(source)
    assert complaint in str(raised.value)


@pytest.mark.parametrize("name", shipped_suites())
def test_shipped_suites_are_sound(name: str) -> None:
    suite = read_suite(name)
    assert suite.name == name
    assert suite.yardstick in suite.setups
    assert {used for group in suite.groups for used in group.setups} == set(suite.setups)


def test_smoke_is_shipped() -> None:
    assert "smoke" in shipped_suites()
