"""The trials of a suite: their order, their labels, their features, and what cannot be planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from qnnt.benchmarking.machine import versions_of
from qnnt.benchmarking.measurement import measured
from qnnt.benchmarking.suite import read_suite, shipped_suites, suite_from
from qnnt.benchmarking.trials import features_of, trials_of
from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.files.instances import save
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.verdicts import Run
from tests.benchmarking.small_suites import EASY, document, small, toml


def test_repetitions_are_outermost_then_groups_then_instances_then_setups() -> None:
    described = document(EASY.replace("0-2", "0-1"), setups={"a": "sat", "b": "cpsat"}, repetitions=2)
    other = {"family": "other", "instances": [EASY.replace("0-2", "5-5")], "setups": ["b", "a"], "repetitions": 3}
    described["groups"].append(other)
    trials = trials_of(suite_from(described, Path()))
    once = [("s0", "a"), ("s0", "b"), ("s1", "a"), ("s1", "b"), ("s5", "b"), ("s5", "a")]
    seen = [(trial.repetition, trial.named.label.rpartition("-")[2], trial.setup.name) for trial in trials]
    assert seen == [(n, *rest) for n in (0, 1) for rest in once] + [(2, "s5", "b"), (2, "s5", "a")]
    assert len({trial.key for trial in trials}) == len(trials)
    assert [trial.family for trial in trials[:6]] == ["random"] * 4 + ["other"] * 2


def test_terms_come_from_group_and_setup() -> None:
    described = document(EASY, time_limit=2.5, memory_limit=70, threads=3, seed=9)
    described["groups"][0]["objective"] = "minimize"
    terms = trials_of(suite_from(described, Path()))[0].terms
    assert (terms.objective, terms.bound, terms.time_limit, terms.memory_limit) == (Objective.MINIMIZE, None, 2.5, 70)
    assert (terms.threads, terms.seed) == (3, 9)


@pytest.mark.parametrize("relative", [False, True])
def test_labels_are_relative_to_the_suites_folder(
    relative: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "suites"
    (folder / "data").mkdir(parents=True)
    for seed in range(3):
        save(random_labels(3, (2, 1), 4, seed), str(folder / "data" / f"{seed}.json"))
    (folder / "s.toml").write_text(toml(document("data/2.json", "data", EASY.replace("0-2", "7-7"))))
    monkeypatch.chdir(tmp_path)
    suite = read_suite("suites/s.toml" if relative else str(folder / "s.toml"))
    labels = [trial.named.label for trial in trials_of(suite)]
    assert labels == ["data/2.json", "data/0.json", "data/1.json", "random-d3-2x1-n6-s7"]
    monkeypatch.chdir(folder)
    assert [trial.named.label for trial in trials_of(read_suite("s.toml"))] == labels


def test_the_same_instance_meets_a_setup_once() -> None:
    described = document(EASY, EASY, setups={"a": "sat", "b": "cpsat"})
    described["groups"][0]["setups"] = ["a"]
    described["groups"].append({"family": "again", "instances": [EASY], "setups": ["b"]})
    assert len(trials_of(suite_from(described, Path()))) == 6
    described["groups"][1]["setups"] = ["b", "a"]
    problem = r"groups\[1\]: random-d3-2x1-n6-s0 meets the setup a twice: first as random-d3-2x1-n6-s0"
    with pytest.raises(InputError, match=problem):
        trials_of(suite_from(described, Path()))


@pytest.mark.parametrize(
    ("instances", "setups", "limits", "complaint"),
    [
        ([EASY], {"a": "nobody"}, {}, "unknown solver 'nobody'"),
        ([EASY], {"a": "sat:fast"}, {}, "unknown option 'fast' of sat"),
        (["nowhere.json"], {"a": "sat"}, {}, "nowhere.json: cannot read: no such file"),
        (["nowhere*.json"], {"a": "sat"}, {}, "nowhere*.json: no instance file matches"),
        (["random:layers=2-1"], {"a": "sat"}, {}, "random:layers=2-1"),
        (["a\0"], {"a": "sat"}, {}, "cannot read: embedded null byte"),
        (["-"], {"a": "sat"}, {}, "-: cannot read: no such file"),
        ([""], {"a": "sat"}, {}, "holds no instance files"),
    ],
)
def test_what_cannot_be_planned(
    instances: list[str], setups: dict[str, str], limits: dict[str, int], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as raised:
        trials_of(small(*instances, setups=setups, folder=tmp_path, **limits))
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_deciding_needs_a_bound() -> None:
    described = document(EASY)
    described["groups"][0]["objective"] = "decide"
    with pytest.raises(InputError, match="to decide, the instance needs a bound"):
        trials_of(suite_from(described, Path()))


def test_features_of_both_families() -> None:
    assert features_of(random_labels(3, (4, 5, 2), 7, 0)) == {
        "d": 3, "inputs": 4, "outputs": 2, "width": 5, "depth": 2, "samples": 7, "weights": 30,
    }  # fmt: skip
    nothing = d_nnt([1, 1], [], [], weights=[0], bias=[0], activation="identity", loss="absolute")
    assert features_of(nothing) == {
        "d": None, "inputs": 1, "outputs": 1, "width": 1, "depth": 1, "samples": 0, "weights": 1,
    }  # fmt: skip


def test_the_versions_of_auto_are_those_of_all_solvers_it_turns_to() -> None:
    """It may choose another one for every instance."""
    trials = trials_of(small(EASY, "random:layers=5-5-3,d=5,samples=60,seed=0", setups={"auto": "auto"}))
    chosen = {trial.pair.configuration.entry.name for trial in trials}
    named = [versions_of([trial]) for trial in trials]
    assert len(chosen) > 1
    assert set(versions_of(trials)) == set(versions_of(trials[::-1])) == {name for one in named for name in one}


def test_what_solvers_from_elsewhere_tell_counts_if_it_is_an_amount() -> None:
    (trial, *_) = trials_of(small(EASY))
    told = {"conflicts": 7, "branches": -1, "decisions": "x", "nodes": float("nan"), "tried": None, "scored": True}
    sizes = {"booleans": 3, "clauses": 1.5, "terms": -1, "cnf": {"variables": 4, "clauses": [1]}}
    run = Run(trial.named.label, trial.named.sha256, "a", Objective.MINIMIZE, None, result={"model": {**told, **sizes}})
    made = measured(trial, run, "m")
    assert made.counters == {"conflicts": 7}
    assert made.sizes == {"booleans": 3, "cnf.variables": 4}


@pytest.mark.full
@pytest.mark.parametrize("name", shipped_suites())
def test_shipped_suites_can_be_planned(name: str) -> None:
    assert trials_of(read_suite(name))
