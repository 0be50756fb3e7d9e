"""Names of columns: what they say, that they are unique, and that every reader leaves them as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.column_names import LONGEST, column_names, readable, variable_of
from qnnt.encoders.lp import write_lp
from qnnt.encoders.milp import to_program
from qnnt.encoders.mps import write_mps
from qnnt.encoders.order import Encoding, encode
from qnnt.instance import Objective
from qnnt.simplification.general_form import general_form
from tests.encoders.milp_readers import by_hand, highs_on, scip_columns

SAFE = re.compile(r"[A-DF-Za-df-z_][A-Za-z0-9_.]*@[1-9][0-9]*")
WORDS = [
    "1x", ".x", "e5", "E", "inf", "free", "st", "s.t.", "end", "x y", "ä", "→", "", "@7", "a@b", "%d", '"', "\\", "-",
    "+3", "x->y", "Bounds", "RHS", "$", "*", "x" * 500, "#", "[2]", "a:b", "2 x", "<=", "MARKER", "_",
    "NaN", "Infinity",
]  # fmt: skip


def coded(encoding: str = "auto", **options: object) -> Encoding:
    settings: dict[str, object] = {"weights": [-1, "1/2", 3], "bias": [0, 5], "activation": "relu", **options}
    instance = d_nnt([1, 2, 1], [[1], [2]], [[1], [0]], loss="squared", **settings)  # type: ignore[arg-type]
    return encode(instance, Objective.MINIMIZE, encoding=encoding)


@given(st.text() | st.sampled_from(WORDS))
def test_any_description(what: str) -> None:
    name = f"{readable(what)}@7"
    assert SAFE.fullmatch(name)
    assert len(name) <= LONGEST + 3
    assert variable_of(name) == 7


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("x1->h1_1", "x1.h1_1"),
        ("h1_1 at least", "h1_1.at.least"),
        ("eta", "_eta"),
        ("1", "_1"),
        ("", "_"),
        ("größe", "gr_e"),
        ("y" * 80 + "->z", "y" * (LONGEST - 2) + ".z"),
    ],
)
def test_readable(what: str, text: str) -> None:
    assert readable(what) == text


@pytest.mark.parametrize(
    ("name", "variable"),
    [("x@1", 1), ("x@y@12", 12), ("@3", 3), ("x", None), ("x@", None), ("x@0", None), ("x@07", None), ("x@-1", None)],
)
def test_numbers_behind_names(name: str, variable: int | None) -> None:
    assert variable_of(name) == variable


@pytest.mark.parametrize("encoding", ["auto", "order", "integer"])
def test_all_variables_have_their_own(encoding: str) -> None:
    question = coded(encoding)
    program = to_program(question.model)
    names = column_names(question, program.variables)
    assert len(names) == program.variables + 1
    assert [variable_of(name) for name in names[1:]] == list(range(1, program.variables + 1))
    assert all(SAFE.fullmatch(name) for name in names[1:])
    assert names[1] == "true@1"


def test_parameters_are_named_by_value() -> None:
    question = coded()
    names = column_names(question, len(question.model.lower) - 1)
    first, second = question.weights["x1", "h1_1"].literals.tolist()
    assert names[first] == f"x1.h1_1.ge.1_2@{first}"
    assert names[second] == f"x1.h1_1.ge.3@{second}"
    (bias,) = question.biases["o1"].literals.tolist()
    assert names[bias] == f"bias.of.o1.ge.5@{bias}"


def test_negative_values_and_integers() -> None:
    question = coded("integer", weights=[-3, -2, -1], bias=[0])
    variable = question.weights["x1", "h1_1"].variable
    assert column_names(question, len(question.model.lower) - 1)[variable] == f"x1.h1_1.index@{variable}"
    question = coded("order", weights=[-3, "-5/2", -1])
    literal = int(question.weights["x1", "h1_1"].literals[0])
    assert column_names(question, len(question.model.lower) - 1)[literal] == f"x1.h1_1.ge.m5_2@{literal}"


def test_new_variables_are_parts() -> None:
    question = coded()
    variables = len(question.model.lower) - 1
    assert column_names(question, variables + 2)[-2:] == [f"part@{variables + 1}", f"part@{variables + 2}"]


def test_readers_leave_names_as_they_are(tmp_path: Path) -> None:
    program = by_hand([(0, 1), (-3, 4)] * len(WORDS), [({2: 1, 3: 5}, 1, None)], {2: 1})
    names = ["", "true@1", *(f"{readable(word)}@{v}" for v, word in enumerate(WORDS * 2, 2))]
    mps, lp = tmp_path / "p.mps", tmp_path / "p.lp"
    write_mps(program, names, [], str(mps))
    write_lp(program, names, [], str(lp))
    for path in (mps, lp):
        assert sorted(highs_on(path).getLp().col_names_) == sorted(names[1:])
        assert sorted(scip_columns(path)) == sorted(names[1:])


def test_neurons_of_any_name(tmp_path: Path) -> None:
    """Two that look alike in these characters keep their own columns."""
    body = {"inputs": ["ä"], "outputs": ["e1 e"], "edges": [{"from": "ä", "to": "ö"}, {"from": "ö", "to": "e1 e"}]}
    question = encode(general_form(d_qnnt(3, body, [[1]], [[1]])).instance, Objective.MINIMIZE)
    program = to_program(question.model)
    names = column_names(question, program.variables)
    write_lp(program, names, [], str(tmp_path / "p.lp"))
    assert sorted(highs_on(tmp_path / "p.lp").getLp().col_names_) == sorted(names[1:])
    assert any(name.startswith("_.e1.e") for name in names)
