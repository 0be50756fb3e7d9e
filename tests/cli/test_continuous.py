"""`qnnt generate c-nnt` and the way back, as users run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Ended, Program


@pytest.fixture
def folder(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With an instance, its result, the C-NNT instance and a witness."""
    monkeypatch.chdir(tmp_path)
    words = ["--d", "3", "--layers", "2,2,1", "--samples", "6", "--error-bound", "1"]
    assert program("generate", "planted", *words, "-o", "i.json").status == 0
    assert program("solve", "i.json", "-o", "r.json").status == 0
    ended = program("generate", "c-nnt", "i.json", "-o", "c.json", "--solution", "r.json", "--witness", "w.json")
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    return tmp_path


def change(path: str, *keys: str, value: Any) -> None:
    document = json.loads(Path(path).read_text())
    place = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    Path(path).write_text(json.dumps(document))


def test_there_and_back(program: Program, folder: Path) -> None:
    ended = program("decode-source", "c.json", "w.json")
    assert ended.status == 0
    loss = json.loads(Path("r.json").read_text())["loss"]
    assert ended.err == f"checked: a solution of the d-qnnt instance with the loss {loss}\n"
    found = json.loads(ended.out)
    assert found["solution"] == json.loads(Path("r.json").read_text())["solution"]
    Path("back.json").write_text(ended.out)
    assert program("verify", "i.json", "back.json").out.startswith(f"certificate holds: loss {loss}\n")


def test_a_file_written_by_hand_keeps_its_checksum(program: Program, folder: Path) -> None:
    """Sets in another order and a key that could be left out: the result speaks of this very file."""
    document = {
        "format": "qnnt-instance/1",
        "problem": "d-nnt",
        "network": {"layers": [1, 1]},
        "defaults": {"weights": [2, "4/2", 1], "bias": [0], "activation": "identity"},
        "data": {"x": [[3]], "y": [[6]], "weight": [1]},
        "loss": "absolute",
        "margin": 0,
    }
    Path("h.json").write_text(json.dumps(document))
    assert program("solve", "h.json", "-o", "hr.json").status == 0
    words = ["--solution", "hr.json", "--witness", "hw.json", "-o", "hc.json"]
    assert program("generate", "c-nnt", "h.json", *words).status == 0
    Path("back.json").write_text(program("decode-source", "hc.json", "hw.json").out)
    assert program("verify", "h.json", "back.json").status == 0


def test_it_can_be_printed(program: Program, folder: Path) -> None:
    assert program("generate", "c-nnt", "i.json").out == Path("c.json").read_text()


def test_other_real_parameters(program: Program, folder: Path) -> None:
    plain = program("decode-source", "c.json", "w.json")
    change("w.json", "weights", "c->q1", value="22/7")
    change("w.json", "weights", "x1->c", value=-3)
    snap = json.loads(Path("w.json").read_text())["bias"]["q1"]
    change("w.json", "bias", "q1", value=f"{9 * snap + 1}/9")
    assert program("decode-source", "c.json", "w.json").out == plain.out
    change("w.json", "weights", "x1->h1_1", value="1/2")
    change("w.json", "bias", "h1_1", value="1/2")
    ended = program("decode-source", "c.json", "w.json")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.startswith("no solution of the C-NNT instance: the loss ")


def test_solutions_that_are_none(program: Program, folder: Path) -> None:
    def generated() -> Ended:
        return program("generate", "c-nnt", "i.json", "-o", "n.json", "--solution", "r.json", "--witness", "v.json")

    change("r.json", "solution", "weights", "x1->h1_1", value=7)
    ended = generated()
    assert ended.status == 4
    assert "the weight 7 of x1->h1_1 is not in its set" in ended.err
    change("r.json", "solution", value=None)
    assert generated().err == "qnnt: error: --witness: r.json says yes and holds no solution\n"
    change("r.json", "instance_sha256", value="0" * 64)
    ended = generated()
    assert ended.status == 4
    assert "r.json speaks of another instance" in ended.err
    assert not Path("n.json").exists()
    assert not Path("v.json").exists()


def test_a_solution_above_the_bound(program: Program, folder: Path) -> None:
    document = json.loads(Path("r.json").read_text())
    for part in document["solution"].values():
        part.update(dict.fromkeys(part, 0))
    Path("r.json").write_text(json.dumps(document))
    ended = program("generate", "c-nnt", "i.json", "-o", "n.json", "--solution", "r.json", "--witness", "v.json")
    assert (ended.status, ended.err) == (4, "qnnt: error: the loss 9 is above 7\n")


def test_wrong_files(program: Program, folder: Path) -> None:
    def complaint(*words: str) -> str:
        ended = program(*words)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.count("\n") == 1
        return ended.err.removeprefix("qnnt: error: ").rstrip("\n")

    assert complaint("generate", "c-nnt", "none.json") == "none.json: cannot read: no such file or directory"
    assert complaint("generate", "c-nnt", "i.json", "--witness", "v.json") == "--solution and --witness go together"
    assert complaint("generate", "c-nnt", "w.json") == (
        "w.json: $.format: expected 'qnnt-instance/1', got 'qnnt-continuous-solution/1'"
    )
    assert complaint("decode-source", "c.json", "r.json") == (
        "r.json: $.format: expected 'qnnt-continuous-solution/1', got 'qnnt-result/1'"
    )
    assert (
        complaint("decode-source", "i.json", "w.json")
        == "i.json: $.source: the instance does not say what it was made from"
    )
    change("c.json", "margin", value=8)
    assert complaint("decode-source", "c.json", "w.json") == "c.json: $.margin: the instance makes it 7, not 8"
    change("i.json", "error_bound", value=None)
    assert complaint("generate", "c-nnt", "i.json") == "i.json: $.error_bound: expected an integer, got null"


def test_parameters_of_another_network(program: Program, folder: Path) -> None:
    change("w.json", "weights", "x9->o1", value=1)
    ended = program("decode-source", "c.json", "w.json")
    assert (ended.status, ended.err) == (4, "qnnt: error: the network has no edge x9->o1\n")
