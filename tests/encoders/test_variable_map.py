"""The variable map: there and back, against the codes it comes from, and damaged in every way."""

from __future__ import annotations

import io
import random
import re
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.encoders.dimacs import DimacsForm, dimacs_blocks, write_dimacs
from qnnt.encoders.map_reader import ModelForm, read_head, read_map
from qnnt.encoders.model import Integers, Sums, offsets_of
from qnnt.encoders.variable_map import LONGEST_LINE, Form, VariableMap, map_lines, variable_map, wrapped
from qnnt.encoders.weights import ParameterCode
from qnnt.errors import InputError
from qnnt.exact import Number, common_denominator
from qnnt.instance import Objective, Parameters
from tests.encoders.test_dimacs import cnf_of

SHA = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
SMALL = VariableMap(
    instance_sha256=SHA,
    bound=None,
    encoding="order",
    variables=7,
    constant=2,
    denominator=3,
    weights={("x1", "h1"): Form(-1, ((5, 1), (6, 1))), ("x1", "o"): Form(4, ())},
    biases={"h1": Form(Fraction(-1, 2), ((7, Fraction(3, 2)),))},
)
LINES = [
    "qnnt-map/1",
    f"instance {SHA}",
    "objective minimize",
    "encoding order",
    "variables 7",
    "loss = (2 + cost) / 3",
    'weight "x1->h1" = -1 + 1*5 + 1*6',
    'weight "x1->o" = 4',
    'bias "h1" = -1/2 + 3/2*7',
    "end of map",
]


def written(lines: list[str], tmp_path: Path) -> str:
    path = tmp_path / "f.wcnf"
    path.write_text("".join(f"c {line}\n" for line in lines) + "h 1 0\n")
    return str(path)


def read_back(variables: VariableMap, path: Path, form: DimacsForm = DimacsForm.WCNF) -> VariableMap:
    write_dimacs(cnf_of(1, [[1]]), ["made by hand", *map_lines(variables), "after"], str(path), form)
    return read_map(str(path))


def test_lines() -> None:
    assert map_lines(SMALL) == LINES


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("form", DimacsForm)
def test_round_trip(form: DimacsForm, ending: str, tmp_path: Path) -> None:
    assert read_back(SMALL, tmp_path / f"f{ending}", form) == SMALL
    assert SMALL.objective is Objective.MINIMIZE


@pytest.mark.parametrize("bound", [0, -3, Fraction(3, 2), 10**60])
def test_deciding(bound: Number, tmp_path: Path) -> None:
    question = VariableMap("", bound, "a b  c", 0, 0, 1, {}, {})
    assert question.objective is Objective.DECIDE
    assert map_lines(question)[1:4] == ["instance unknown", "objective decide", f"bound {bound}"]
    assert read_back(question, tmp_path / "f", DimacsForm.CNF) == question


HEADS = {
    ModelForm.DIMACS: ("c ", "", "p cnf 1 1\n1 0\n"),
    ModelForm.PSEUDO_BOOLEAN: ("* ", "* #variable= 7 #constraint= 1\n", "+1 x1 >= 1 ;\n"),
    ModelForm.MPS: ("* ", "* made by hand\n", "NAME qnnt FREE\n"),
    ModelForm.LP: ("\\ ", "\n\\\n", "Minimize\n"),
    ModelForm.CP_SAT: ("# ", "#no blank\n", 'variables{name:"true@1" domain:[1,1]}\n'),
}
"""What comments begin with, what may come before the map, what follows."""


def head_of(form: ModelForm, lines: list[str], path: Path) -> str:
    sign, before, after = HEADS[form]
    path.write_text(before + "".join(f"{sign}{line}\n" for line in lines) + after)
    return str(path)


@pytest.mark.parametrize("form", ModelForm)
def test_every_form(form: ModelForm, tmp_path: Path) -> None:
    assert read_head(head_of(form, map_lines(SMALL), tmp_path / "f")) == (form, SMALL)
    with pytest.raises(
        InputError, match=rf"no variable map \(comments that begin with '{re.escape(form[0])} qnnt-map/1'\) before"
    ):
        read_map(head_of(form, ["another", "program's"], tmp_path / "f"))
    with pytest.raises(InputError, match=r"line \d+: the variable map is cut off: no comment 'end of map' follows"):
        read_map(head_of(form, map_lines(SMALL)[:-1], tmp_path / "f"))


@pytest.mark.parametrize("form", [form for form in ModelForm if form is not ModelForm.DIMACS])
def test_long_lines(form: ModelForm, tmp_path: Path) -> None:
    """They go on in further comments; one that looks like that, after the map, does not matter."""
    names = ["x" * 1000, "a b  " * 200 + "c", "\u2028 " * 100 + "z", "> " * 150 + "->"[:1], " > > "]
    weights = {(name, f"{name}!"): Form(1, tuple((v, Fraction(-1, v)) for v in range(2, 300))) for name in names}
    long = VariableMap(SHA, None, "order", 300, 10**300, 12, weights, {name: Form(0, ()) for name in names})
    lines = wrapped([*map_lines(long), "> and more"])
    assert max(map(len, lines)) <= LONGEST_LINE + 2
    assert len(lines) > 50
    assert read_head(head_of(form, lines, tmp_path / "f")) == (form, long)


def test_short_lines_stay() -> None:
    assert wrapped(LINES) == LINES
    assert wrapped(["a" * LONGEST_LINE, ""]) == ["a" * LONGEST_LINE, ""]
    assert wrapped([" " * (LONGEST_LINE + 1)]) == [" " * LONGEST_LINE, ">  "]


def test_values_of_integers() -> None:
    form = Form(Fraction(1, 2), ((1, Fraction(3, 2)), (2, -(10**30))))
    assert form.value(np.array([0, -3, 2**53])) == Fraction(1, 2) - Fraction(9, 2) - 10**30 * 2**53
    assert type(form.value(np.array([0, 1, 0]))) is int


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(dimacs_blocks(cnf_of(1), map_lines(SMALL), DimacsForm.CNF)).replace("\n", "\r\n")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert read_map("-") == SMALL


NAMES = st.text(min_size=1).filter(lambda name: "->" not in name) | st.sampled_from(
    [" ", '"', '\\"', "a b", "a\nb", "\u2028", "ä→ß", "\ud800", ">", "a-", "%d", " = 1 + 2*3", "end of map", "\0"]
)
NUMBERS = st.integers(-(2**70), 2**70) | st.sampled_from([Fraction(1, 2), Fraction(-(2**65) - 1, 2**64)])
FORMS = st.builds(
    Form, NUMBERS, st.dictionaries(st.integers(1, 10**9), NUMBERS).map(lambda terms: tuple(sorted(terms.items())))
)


@given(
    st.dictionaries(st.tuples(NAMES, NAMES), FORMS, max_size=3),
    st.dictionaries(NAMES, FORMS, max_size=3),
    st.integers(-(2**70), 2**70),
)
def test_any_names_and_numbers(
    tmp_path_factory: pytest.TempPathFactory,
    weights: dict[tuple[str, str], Form],
    biases: dict[str, Form],
    constant: int,
) -> None:
    variables = VariableMap(SHA, None, "order", 10**9, constant, 12, weights, biases)
    text = "".join(dimacs_blocks(cnf_of(1), map_lines(variables), DimacsForm.CNF))
    assert text.isascii()
    assert all(line.startswith("c ") for line in text.splitlines()[:-1])
    assert read_back(variables, tmp_path_factory.mktemp("map") / "f") == variables


def test_parameters_and_loss() -> None:
    parameters = SMALL.parameters_of(np.array([0, 0, 0, 0, 0, 1, 1, 1]))
    assert parameters == Parameters({("x1", "h1"): 1, ("x1", "o"): 4}, {"h1": 1})
    assert all(type(value) is int for value in parameters.weights.values())
    assert SMALL.parameters_of(np.zeros(8, np.int64)).biases == {"h1": Fraction(-1, 2)}
    assert SMALL.loss_of(5) == Fraction(7, 3)
    assert SMALL.loss_of(1) == 1


def code_of(values: tuple[Number, ...], literals: list[int], variable: int = 0) -> ParameterCode:
    denominator = common_denominator(values)
    scaled = np.array([int(value * denominator) for value in values], np.int64)
    return ParameterCode(values, scaled, denominator, np.array(literals, np.int64), variable)


def random_values(rng: random.Random, rows: int, variables: int) -> Sums:
    """Forms of several variables each, which different rows share."""
    chosen = [sorted(rng.sample(range(1, variables + 1), rng.randint(0, 3))) for _ in range(rows)]
    lengths = np.array([len(row) for row in chosen])
    names = np.array([name for row in chosen for name in row], np.int64)
    return Sums(offsets_of(lengths), names, np.array([rng.choice((-2, -1, 1, 2)) for _ in names], np.int64))


@pytest.mark.parametrize("seed", range(20))
def test_forms_agree_with_the_model(seed: int) -> None:
    """base + sum steps * u, with u of the Model computed from the assignment of the Cnf."""
    rng = random.Random(seed)
    values = random_values(rng, 8, 6)
    cnf = cnf_of(6, values=values, bases=[rng.randint(-2, 2) for _ in range(8)], constant=1, denominator=2)
    spaced = (Fraction(1, 2), Fraction(5, 6), Fraction(7, 6))
    codes = {
        ("x", "fixed"): code_of((Fraction(2, 3),), []),
        ("x", "order"): code_of((-1, 0, Fraction(1, 2), 7), [2, 3, 4]),
        ("x", "integer"): code_of(spaced, [], 5),
    }
    found = variable_map(
        cnf, codes, {"b": code_of((0, 1), [7])}, constant=1, instance_sha256="", bound=None, encoding="order"
    )
    assert (found.constant, found.denominator, found.variables) == (1, 2, 6)
    truth: Integers = np.array([0] + [rng.randint(0, 1) for _ in range(6)])
    model = cnf.assignment_of(truth).tolist()
    parameters = found.parameters_of(truth)
    assert parameters.weights == {
        ("x", "fixed"): Fraction(2, 3),
        ("x", "order"): -1 + model[2] + Fraction(1, 2) * model[3] + Fraction(13, 2) * model[4],
        ("x", "integer"): Fraction(1, 2) + Fraction(1, 3) * model[5],
    }
    assert parameters.biases == {"b": model[7]}
    for form in (*found.weights.values(), *found.biases.values()):
        names = [name for name, _ in form.terms]
        assert names == sorted(set(names))
        assert all(coefficient for _, coefficient in form.terms)


def test_deciding_has_no_loss() -> None:
    cnf = cnf_of(0, constant=1, denominator=2)
    question = variable_map(cnf, {}, {}, constant=1, instance_sha256=SHA, bound=3, encoding="order")
    assert (question.constant, question.denominator, question.bound) == (0, 1, 3)


@pytest.mark.parametrize(
    ("line", "text", "problem"),
    [
        (1, "qnnt-map/2", "line 1: 'qnnt-map/2' is unknown; expected qnnt-map/1"),
        (1, "", "no variable map (comments that begin with 'c qnnt-map/1') before the first clause"),
        (2, "instance 12", "line 2: expected 'instance ...', got 'instance 12'"),
        (3, "objective maximize", "line 3: expected 'objective ...', got 'objective maximize'"),
        (3, "objective decide", "line 4: expected 'bound ...', got 'encoding order'"),
        (4, "bound 3/2", "line 4: expected 'encoding ...', got 'bound 3/2'"),
        (5, "variables -7", "line 5: expected 'variables ...', got 'variables -7'"),
        (5, "variables 6", "line 9: variable 7 is beyond the 6 of the formula"),
        (6, "loss = (2 + cost) / 0", "line 6: expected 'loss ...', got 'loss = (2 + cost) / 0'"),
        (7, 'weight "x1->o" = 1', "line 8: duplicate weight 'x1->o'"),
        (8, 'bias "h1" = 1', "line 9: duplicate bias 'h1'"),
        (7, 'weight "x1" = 1', "line 7: 'x1' names no weight"),
        (7, 'bias "x1->h1" = 1', "line 7: 'x1->h1' names no bias"),
        (7, 'weight "x1->h1 = 1', "line 7: damaged name: Unterminated string starting at"),
        (7, 'weight "x1->h1" 1', "line 7: expected ' = ' and a form after the name, got ' 1'"),
        (7, "weight x1->h1 = 1", "line 7: expected a weight, a bias or 'end of map', got 'weight x1->h1 = 1'"),
        (7, "p cnf 1 1", "line 7: expected a weight, a bias or 'end of map', got 'p cnf 1 1'"),
        (7, 'weight "x1->h1" = 1.5', "line 7: expected an integer or a rational string such as \"3/2\", got '1.5'"),
        (7, 'weight "x1->h1" = 1/0', "line 7: the denominator of '1/0' is zero"),
        (7, 'weight "x1->h1" = 1 + x*5', "line 7: expected an integer or a rational string such as \"3/2\", got 'x'"),
        (7, 'weight "x1->h1" = 1 + 5', "line 7: expected a term such as 1/2*7, got '5'"),
        (7, 'weight "x1->h1" = 1 + 1*0', "line 7: expected a term such as 1/2*7, got '1*0'"),
        (7, 'weight "x1->h1" = 1 + 1*-5', "line 7: expected a term such as 1/2*7, got '1*-5'"),
        (7, 'weight "x1->h1" = 1 + 1*5 + 2*5', "line 7: variable 5 occurs twice"),
        (7, 'weight "x1->h1" =', "line 7: expected ' = ' and a form after the name, got ' ='"),
        (10, "", "line 10: the variable map is cut off: no comment 'end of map' follows"),
    ],
)
def test_damage(line: int, text: str, problem: str, tmp_path: Path) -> None:
    lines = list(LINES)
    lines[line - 1] = text
    if not text:
        del lines[line - 1]
        problem = problem.replace("line 10", "line 9")
    path = written(lines, tmp_path)
    with pytest.raises(InputError, match=f"^{re.escape(f'{path}: {problem}')}$"):
        read_map(path)


def test_bad_bound(tmp_path: Path) -> None:
    path = written(["qnnt-map/1", "instance unknown", "objective decide", "bound one"], tmp_path)
    with pytest.raises(InputError, match="line 4: expected an integer or a rational"):
        read_map(path)


def test_a_map_after_the_first_clause_is_none(tmp_path: Path) -> None:
    path = tmp_path / "f.wcnf"
    path.write_text("c 1\n\nh 1 0\n" + "".join(f"c {line}\n" for line in LINES))
    with pytest.raises(InputError, match="no variable map"):
        read_map(str(path))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.cnf: cannot read: no such file"):
        read_map(str(tmp_path / "absent.cnf"))
