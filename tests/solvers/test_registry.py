"""Names of solvers, their options and encodings."""

from __future__ import annotations

import importlib

import pytest

from qnnt.encoders.switches import SWITCHES
from qnnt.errors import InputError, UnsupportedError
from qnnt.solvers.registry import SOLVERS, Entry, configuration, version_of


@pytest.mark.parametrize(
    ("name", "encoding", "solver", "chosen"),
    [
        ("cpsat", None, "cpsat", "auto"),
        ("cpsat", "auto", "cpsat", "auto"),
        ("cpsat", "order", "cpsat", "order"),
        ("cpsat:integer", None, "cpsat", "integer"),
        ("cpsat:integer", "auto", "cpsat", "integer"),
        ("cpsat:integer", "integer", "cpsat", "integer"),
        ("cpsat:order:order", None, "cpsat", "order"),
        ("enumeration", None, "enumeration", None),
        ("enumeration", "auto", "enumeration", None),
    ],
)
def test_configurations(name: str, encoding: str | None, solver: str, chosen: str | None) -> None:
    found = configuration(name, encoding)
    assert (found.name, found.encoding) == (solver, chosen)
    assert found.entry is SOLVERS[solver]


@pytest.mark.parametrize(
    ("name", "encoding", "message"),
    [
        ("", None, "unknown solver ''"),
        ("nobody", None, "unknown solver 'nobody'; known: auto, cpsat, enumeration"),
        ("CPSAT", None, "unknown solver"),
        ("cpsat:", None, "unknown option ''"),
        ("cpsat:fast", None, "unknown option 'fast' of cpsat; known: auto, order, integer"),
        ("cpsat:order", "integer", "exclude each other"),
        ("cpsat:order:integer", None, "exclude each other"),
        ("cpsat", "binary", "unknown encoding 'binary' of cpsat; known: auto, order, integer"),
        ("enumeration", "order", "takes no encoding"),
        ("enumeration:order", None, "unknown option 'order' of enumeration; known: none"),
    ],
)
def test_mistakes(name: str, encoding: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        configuration(name, encoding)


@pytest.mark.parametrize("name", SOLVERS)
def test_entries_lead_to_their_classes(name: str) -> None:
    entry = SOLVERS[name]
    assert entry.name == name
    assert "\n" not in entry.summary
    assert set(entry.encodings) <= set(SWITCHES)
    assert {"decide", "minimize"} & set(entry.capabilities)
    for module in entry.preload:
        importlib.import_module(module)
    if not entry.missing:
        solver = entry.create()
        assert callable(solver.solve)
        assert callable(solver.unsupported)


def test_a_missing_package_is_named() -> None:
    entry = Entry("imagined", "nowhere:Nobody", "", packages=(("numpy", "numpy"), ("not-there", "not_there_at_all")))
    assert entry.missing == ["not-there"]
    with pytest.raises(UnsupportedError, match="the solver imagined needs: pip install not-there"):
        entry.create()


def test_versions() -> None:
    assert version_of("numpy") == importlib.import_module("numpy").__version__
    assert version_of("not-there") is None
