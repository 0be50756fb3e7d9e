"""The instances of a comparison: where they come from, what they are called, and what is no instance."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from qnnt.errors import InputError
from qnnt.files.instances import load, save, sha256_of
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.reductions import registry
from qnnt.reductions.making import Origin, draw
from qnnt.reductions.sources.source import Variant
from qnnt.solvers.instance_sets import FAMILIES, MOST_SEEDS, instances_of

A, B, C = (random_labels(3, [2, 1], 3, seed) for seed in range(3))
RESULT = '{"format": "qnnt-result/1", "status": "unknown"}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three instances, a level down one of them, with other documents beside them; it is where we are."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    (data / "deep" / "deeper").mkdir(parents=True)
    save(A, str(data / "a.json"))
    save(B, str(data / "deep" / "b.json.gz"))
    save(C, str(data / "deep" / "deeper" / "c.json"))
    (data / "a.result.json").write_text(RESULT)
    (data / "deep" / "report.json").write_text('{"format": "qnnt-reproducer/1"}')
    (data / "runs.jsonl").write_text('{"format": "qnnt-run/1"}\n')
    (data / "notes.txt").write_text("not JSON at all")
    return data


def labels(*sources: Instance | str | Path) -> list[str]:
    return [named.label for named in instances_of(sources)]


def complaint(*sources: Instance | str | Path) -> str:
    with pytest.raises(InputError) as caught:
        instances_of(sources)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- files and folders ---------------------------------------------------------------------------


def test_files_are_what_they_hold(folder: Path) -> None:
    (first, second) = instances_of(["data/a.json", folder / "deep" / "b.json.gz"])
    assert (first.label, first.instance, first.sha256) == ("data/a.json", A, sha256_of(load("data/a.json")))
    assert (second.label, second.instance) == (str(folder / "deep" / "b.json.gz"), B)


def test_folders_are_searched_to_the_bottom_and_results_passed_over(folder: Path) -> None:
    assert labels("data") == ["data/a.json", "data/deep/b.json.gz", "data/deep/deeper/c.json"]
    assert labels("data/") == labels("data") == labels(Path("data"))
    assert labels("data/deep/deeper") == ["data/deep/deeper/c.json"]


def test_a_folder_without_instances_is_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert complaint("data/empty") == "data/empty: holds no instance files"
    (folder / "empty" / "r.json").write_text(RESULT)
    assert complaint("data/empty") == "data/empty: holds no instance files"


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"format": "qnntish/1"}', '{"format": 7}', "\x1f\x8b", '{"a":1,"a":2}']
)
def test_what_is_no_document_of_ours_is_named(folder: Path, text: str) -> None:
    (folder / "wrong.json").write_text(text)
    assert complaint("data").startswith("data/wrong.json: ")


def test_an_instance_that_is_wrong_is_named(folder: Path) -> None:
    document = json.loads((folder / "a.json").read_text())
    (folder / "wrong.json").write_text(json.dumps({**document, "d": 1}))
    assert complaint("data").startswith("data/wrong.json: $.d: ")
    assert complaint("data/*.result.json").startswith("data/a.result.json: ")  # named, it must be an instance


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.json", "nowhere.json: cannot read: no such file or directory"),
        ("data/notes.txt", "data/notes.txt: no JSON"),
        ("data/a.json/b", "data/a.json/b: cannot read: not a directory"),
        ("x" * 5000, "cannot read: file name too long"),
        ("a\0b", "cannot read: embedded null byte"),
        ("", "cannot read"),
        ("Random:layers=2-1,samples=3", "Random:layers=2-1,samples=3: cannot read: no such file"),
    ],
)
def test_places_without_an_instance(folder: Path, source: str, message: str) -> None:
    assert message in complaint(source)


def test_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress((folder / "a.json").read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(packed)))
    (named,) = instances_of(["-"])
    assert (named.label, named.instance) == ("standard input", A)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    assert complaint("-").startswith("standard input: no JSON")


# --- patterns ------------------------------------------------------------------------------------


def test_patterns(folder: Path) -> None:
    assert labels("data/[ax].json") == ["data/a.json"]
    assert labels("data/*/*.gz") == ["data/deep/b.json.gz"]
    assert labels(str(folder / "**" / "[abc].json*")) == [str(folder / place) for place in
        ("a.json", "deep/b.json.gz", "deep/deeper/c.json")]  # fmt: skip
    assert labels("data/d??p") == ["data/deep/b.json.gz", "data/deep/deeper/c.json"]  # a folder that matches
    assert complaint("data/*.nothing") == "data/*.nothing: no instance file matches"


def test_a_file_may_have_the_name_of_a_pattern_or_of_a_family(folder: Path) -> None:
    save(C, "a[b].json")
    save(B, "random:layers=2-1,samples=3")
    assert labels("a[b].json") == ["a[b].json"]
    (named,) = instances_of(["random:layers=2-1,samples=3"])
    assert named.instance == B


# --- which ones, under which names ---------------------------------------------------------------


def test_the_same_instance_counts_once_under_its_first_label(folder: Path) -> None:
    save(A, "copy.json")
    assert labels("copy.json", "data", "data/a.json") == [
        "copy.json", "data/deep/b.json.gz", "data/deep/deeper/c.json",
    ]  # fmt: skip
    document = json.loads((folder / "a.json").read_text())
    (folder / "same.json").write_text(json.dumps(document, indent=7, sort_keys=True))
    assert "data/same.json" not in labels("data")  # spaces and the order of keys make no difference
    assert labels(A, A, A.derive()) == [A.name]


def test_different_instances_of_one_name_are_numbered() -> None:
    named = [instance.derive(name="x") for instance in (A, B, C)]
    taken = random_labels(3, [2, 1], 3, 7).derive(name="x #2")
    assert labels(*named) == ["x", "x #2", "x #3"]
    assert labels(named[0], taken, *named[1:]) == ["x", "x #2", "x #3", "x #4"]
    assert labels(*named[:2], taken) == ["x", "x #2", "x #2 #2"]
    assert labels(A.derive(name=""), B.derive(name="")) == ["instance", "instance #2"]


def test_no_sources_are_no_instances() -> None:
    assert instances_of([]) == []


# --- families ------------------------------------------------------------------------------------


def test_families_are_those_of_the_generators() -> None:
    (one,) = instances_of(["random:layers=3-3-2,samples=20"])
    assert one.instance == random_labels(3, [3, 3, 2], 20, 0)
    assert one.label == one.instance.name
    (two,) = instances_of(["random:bound=4,d=4,seed=8,samples=5,layers=2-1,"])
    assert two.instance == random_labels(4, [2, 1], 5, 8, error_bound=4)
    (three,) = instances_of(["planted:layers=2-1,samples=9,d=5,bound=0,seed=3"])
    assert three.instance == planted_labels(5, [2, 1], 9, 3, error_bound=0)
    flipped = [instances_of([f"planted:layers=2-1,samples=9,flip={p}"])[0].instance for p in ("0.25", "1/4", ".25")]
    assert flipped == [planted_labels(3, [2, 1], 9, 0, flip=0.25)] * 3
    assert set(FAMILIES) == {"random", "planted", *(entry.name for entry in registry.FAMILIES)}


def test_families_of_reductions() -> None:
    (named,) = instances_of(["hitting-set:elements=4,sets=3,k=2,variant=no,seed=7"])
    sizes = {"elements": 4, "sets": 3, "k": 2}
    drawn = draw(registry.family("hitting-set"), Variant.NO, sizes, 7)
    assert named.instance == Origin(registry.family("hitting-set"), "standard", drawn.source).made(named.label)
    assert named.label == "hitting-set-no-4-3-2-s7"
    (other,) = instances_of(["two-csp:form=indicator"])
    assert other.label == "two-csp-indicator-planted-14-3-26-s0"
    with pytest.raises(InputError, match="form: expected one of accept, indicator; got 'standard'"):
        instances_of(["two-csp:form=standard"])


def test_seeds_are_a_range_with_both_ends() -> None:
    assert [n.instance for n in instances_of(["random:layers=2-1,samples=3,seeds=0-2"])] == [A, B, C]
    assert [n.instance for n in instances_of(["random:layers=2-1,samples=3,seeds=2-2"])] == [C]
    assert [
        n.instance for n in instances_of(["random:layers=2-1,samples=3,seed=1", "random:layers=2-1,samples=3"])
    ] == [B, A]


def test_families_that_share_names_are_numbered() -> None:
    with_bounds = [f"random:layers=2-1,samples=3,bound={bound}" for bound in (0, 1)]
    assert labels("random:layers=2-1,samples=3", *with_bounds) == [A.name, f"{A.name} #2", f"{A.name} #3"]


def test_no_samples_are_an_instance_too() -> None:
    (named,) = instances_of(["planted:layers=1-1,samples=0,d=2"])
    assert len(named.instance.dataset) == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("", "layers: expected at least two positive sizes such as 3-3-2; it is missing"),
        (":", "layers: expected at least two positive sizes such as 3-3-2; it is missing"),
        (":layers=3,samples=1", "layers: expected at least two positive sizes such as 3-3-2; got '3'"),
        (":layers=3-0,samples=1", "layers: expected at least two"),
        (":layers=3--2,samples=1", "layers: expected at least two"),
        (":layers=3-٢,samples=1", "layers: expected at least two"),
        (":layers=3-2000000,samples=1", "layers: expected at least two"),
        (":layers=2-1", "samples: expected an integer of at least 0; it is missing"),
        (":layers=2-1,samples=-1", "samples: expected an integer of at least 0; got '-1'"),
        (":layers=2-1,samples=1.5", "samples: expected an integer"),
        (":layers=2-1,samples=1e3", "samples: expected an integer"),
        (":layers=2-1,samples=²", "samples: expected an integer"),
        (":layers=2-1,samples=9999999999", "samples: expected an integer"),
        (":layers=2-1,samples=1,d=1", "d must be at least 2, not 1"),
        (":layers=2-1,samples=1,d=x", "d: expected an integer of at least 0; got 'x'"),
        (":layers=2-1,samples=10", "there are only 9 distinct inputs, fewer than 10 samples"),
        (":layers=2-1,samples=1,bound=-1", "bound: expected an integer"),
        (":layers=2-1,samples=1,bound=1/2", "bound: expected an integer"),
        (":layers=2-1,samples=1,seed=x", "seed: expected an integer"),
        (":layers=2-1,samples=1,seeds=3", "seeds: expected a range such as 0-9; got '3'"),
        (":layers=2-1,samples=1,seeds=", "seeds: expected a range"),
        (":layers=2-1,samples=1,seeds=-3", "seeds: expected a range"),
        (":layers=2-1,samples=1,seeds=3-1", f"seeds: expected a range of at most {MOST_SEEDS} seeds"),
        (":layers=2-1,samples=1,seeds=0-100000", f"seeds: expected a range of at most {MOST_SEEDS} seeds"),
        (":layers=2-1,samples=1,seed=1,seeds=0-1", "seeds: expected either seed or seeds"),
        (":layers=2-1,samples=1,samples=2", "expected key=value with the keys"),
        (":layers=2-1,samples=1,flip=0.1", "expected key=value with the keys layers, d, samples, bound, seed, seeds"),
        (":layers=2-1,samples", "got 'samples'"),
        (":layers=2-1,samples=1,colour=red", "got 'colour=red'"),
    ],
)
def test_mistakes_in_families_are_named(settings: str, message: str) -> None:
    said = complaint(f"random{settings}")
    assert said.startswith(f"random{settings}: ")
    assert message in said


@pytest.mark.parametrize(
    "flip", ["2", "-0.1", "x", "1/0", "", "nan", "inf", "1e999999999", "0.1e-999999999", "1" * 10_000]
)
def test_a_flip_is_a_probability(flip: str) -> None:
    assert ": flip: expected a " in complaint(f"planted:layers=2-1,samples=1,flip={flip}")
