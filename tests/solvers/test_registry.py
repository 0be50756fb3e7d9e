"""Names of solvers, their options and encodings."""

from __future__ import annotations

import importlib

import pytest

from qnnt.algorithms.patterns.search import EXPLORERS
from qnnt.algorithms.pseudo_polynomial.plan import METHODS
from qnnt.algorithms.pseudo_polynomial.sumsets import ENGINES as SUMSET_ENGINES
from qnnt.encoders.names import ENCODINGS
from qnnt.encoders.switches import SWITCHES
from qnnt.errors import InputError, UnsupportedError
from qnnt.solvers import names
from qnnt.solvers.entry import Entry
from qnnt.solvers.names import ENGINES, NATIVE_ENGINES, ORDERS, PROOF_ENGINES, PYSAT_NAMES, RC2_ENGINES
from qnnt.solvers.registry import SOLVERS, configuration
from qnnt.solvers.versions import version_of


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
        ("sat", None, "sat", "auto"),
        ("sat", "adder", "sat", "adder"),
        ("sat:adder", None, "sat", "adder"),
        ("sat:adder", "auto", "sat", "adder"),
        ("sat:minicard", "native", "sat", "native"),
        ("sat:pysat-kmtotalizer", "pysat-kmtotalizer", "sat", "pysat-kmtotalizer"),
        ("maxsat:stratified:bdd", None, "maxsat", "bdd"),
    ],
)
def test_configurations(name: str, encoding: str | None, solver: str, chosen: str | None) -> None:
    found = configuration(name, encoding)
    assert (found.name, found.encoding) == (solver, chosen)
    assert found.entry is SOLVERS[solver]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("cpsat", {"encoding": "auto", "pace": "whole"}),
        ("cpsat:integer", {"encoding": "integer", "pace": "whole"}),
        ("enumeration", {}),
        ("sat", {"encoding": "auto", "engine": "cadical195", "order": "turns"}),
        ("sat:glucose4:totalizer", {"encoding": "totalizer", "engine": "glucose4", "order": "turns"}),
        ("sat:totalizer:glucose4", {"encoding": "totalizer", "engine": "glucose4", "order": "turns"}),
        ("sat:below:minicard:native", {"encoding": "native", "engine": "minicard", "order": "below"}),
        ("sat:above:above", {"encoding": "auto", "engine": "cadical195", "order": "above"}),
        ("maxsat", {"encoding": "auto", "engine": "cadical195", "order": "rc2"}),
        ("maxsat:stratified", {"encoding": "auto", "engine": "cadical195", "order": "stratified"}),
        ("maxsat:gluecard:gte", {"encoding": "gte", "engine": "gluecard", "order": "rc2"}),
    ],
)
def test_settings(name: str, settings: dict[str, str]) -> None:
    """They are what the class takes; the encoding is no option."""
    found = configuration(name, None)
    assert found.settings == settings
    assert dict(found.options) == {kind: value for kind, value in settings.items() if kind != "encoding"}
    found.entry.create(**found.settings)


def test_one_more_option() -> None:
    found = configuration("sat:halves", "adder")
    more = found.with_option("command", "kissat %s")
    assert more.settings == {**found.settings, "command": "kissat %s"}
    assert (more.name, more.encoding, more.entry) == ("sat", "adder", found.entry)
    assert "command" not in found.settings
    assert more.with_option("order", "below").options["order"] == "below"


@pytest.mark.parametrize(
    ("name", "encoding", "message"),
    [
        ("", None, "unknown solver ''"),
        ("nobody", None, "unknown solver 'nobody'; known: auto, portfolio, cpsat, .*, dp-layers, .*enumeration"),
        ("CPSAT", None, "unknown solver"),
        ("cpsat:", None, "unknown option ''"),
        ("cpsat:fast", None, "unknown option 'fast' of cpsat; known: auto, order, integer"),
        ("cpsat:order", "integer", "exclude each other"),
        ("cpsat:order:integer", None, "exclude each other"),
        ("cpsat", "binary", "unknown encoding 'binary' of cpsat; known: auto, order, integer"),
        ("cpsat", "cnf", "unknown encoding 'cnf' of cpsat; known: auto, order, integer"),
        ("sat:above:below", None, "sat:above:below: above and below exclude each other"),
        ("sat:glucose4:adder:minicard", None, "glucose4 and minicard exclude each other"),
        ("sat:adder:bdd", None, "adder and bdd exclude each other"),
        ("sat:adder", "bdd", "sat:adder and the encoding bdd exclude each other"),
        ("sat", "order", "unknown encoding 'order' of sat; known: auto, totalizer, gte, "),
        ("sat:stratified", None, "unknown option 'stratified' of sat; known: auto, .*, cadical195, .*, turns, above"),
        ("maxsat:above", None, "unknown option 'above' of maxsat; known: .*, rc2, stratified"),
        ("maxsat:rc2:stratified", None, "rc2 and stratified exclude each other"),
        ("maxsat:lingeling", None, "unknown option 'lingeling' of maxsat"),
        ("maxsat", "native", "unknown encoding 'native' of maxsat"),
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
    assert entry.encodings[:1] in ((), ("auto",))
    assert all(len(set(names)) == len(names) > 0 for names in entry.options.values())
    assert {"decide", "minimize"} & set(entry.capabilities)
    for module in entry.preload:
        importlib.import_module(module)
    if not entry.missing:
        solver = entry.create()
        assert callable(solver.solve)
        assert callable(solver.unsupported)
        if entry.encodings:
            assert solver.network in SWITCHES


@pytest.mark.parametrize("name", SOLVERS)
def test_no_name_makes_two_choices(name: str) -> None:
    entry = SOLVERS[name]
    names = [*entry.encodings, *(value for values in entry.options.values() for value in values)]
    assert len(set(names)) == len(names)
    for value in names:
        assert value in configuration(f"{name}:{value}", None).settings.values()


def test_the_names_behind_the_entries() -> None:
    assert set(SOLVERS["cpsat"].encodings) | {"cnf"} == set(SWITCHES)
    assert SOLVERS["sat"].encodings == ENCODINGS
    assert set(SOLVERS["maxsat"].encodings) == set(ENCODINGS) - {"native"}
    assert SOLVERS["sat"].options == {"engine": ENGINES, "order": ORDERS}
    for some in (NATIVE_ENGINES, PROOF_ENGINES, RC2_ENGINES, PYSAT_NAMES):
        assert set(some) <= set(ENGINES)
    assert RC2_ENGINES[0] == ENGINES[0] in PROOF_ENGINES


def test_a_missing_package_is_named() -> None:
    entry = Entry("imagined", "nowhere:Nobody", "", packages=(("numpy", "numpy"), ("not-there", "not_there_at_all")))
    assert entry.missing == ["not-there"]
    with pytest.raises(UnsupportedError, match="the solver imagined needs: pip install not-there"):
        entry.create()


def test_what_an_option_needs() -> None:
    """The first engine is the default; a command takes an engine's place."""
    entry = Entry(
        "imagined",
        "nowhere:Nobody",
        "",
        options={"engine": ("first", "second")},
        replaced_by_command=("engine",),
        packages=(("numpy", "numpy"),),
        option_packages={"first": (("absent", "not_there_at_all"),)},
    )
    assert entry.missing == ["absent"]
    assert entry.missing_with({"engine": "second"}) == entry.missing_with({"command": "solve %s"}) == []
    assert entry.packages_with({"engine": "second"}) == (("numpy", "numpy"),)
    with pytest.raises(UnsupportedError, match="needs: pip install absent"):
        entry.create(engine="first")


def test_versions() -> None:
    assert version_of("numpy") == importlib.import_module("numpy").__version__
    assert version_of("not-there") is None


def test_names_apart_from_the_code_behind_them() -> None:
    """They stand by themselves so that the registry imports nothing heavy."""
    assert names.PSEUDO_METHODS == METHODS
    assert names.SUMSET_ENGINES == SUMSET_ENGINES
    assert set(SOLVERS["patterns"].options["explorer"]) == set(EXPLORERS)
