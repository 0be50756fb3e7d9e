"""The text form of CP-SAT models, and of responses to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ortools.sat.python import cp_model

from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.cpsat_text import AsItIs, cp_text_blocks, read_cp_response, write_cp_text
from qnnt.encoders.model import Model
from qnnt.encoders.solver_output import Claim
from qnnt.errors import InputError
from tests.encoders.model_check import solutions
from tests.encoders.random_models import boolean_model, numerator, random_model


def parsed(model: Model, folder: Path) -> cp_model.CpModel:
    names = [f"x@{v}" for v in range(len(model.lower))]
    write_cp_text(model, names, ["qnnt-map/1", 'weight "a{b}: [" = 1'], str(folder / "m"))
    target = cp_model.CpModel()
    assert target.proto.parse_text_format((folder / "m").read_text())
    return target


@pytest.mark.parametrize("seed", range(30))
def test_the_text_is_the_model_and_its_response_comes_back(seed: int, tmp_path: Path) -> None:
    model = random_model(seed) if seed % 2 else boolean_model(seed)
    target = parsed(model, tmp_path)
    assert [v.name for v in target.proto.variables] == [f"x@{v}" for v in range(1, len(model.lower))]
    for variable in target.proto.variables:
        variable.name = ""
    assert str(target.proto) == str(to_cp_model(model).proto)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(target)
    (tmp_path / "r").write_text(str(solver.response_proto))
    found = read_cp_response(str(tmp_path / "r"), len(model.lower) - 1)
    costs = [numerator(model, assignment) for assignment in solutions(model)]
    if not costs:
        assert status == cp_model.INFEASIBLE
        assert (found.claim, found.point) == (Claim.UNSATISFIABLE, None)
        return
    assert found.claim is Claim.OPTIMUM_FOUND
    assert found.point is not None
    assert found.objective == numerator(model, found.point) - model.objective.constant
    assert numerator(model, found.point) == min(costs)


def test_one_constraint_to_a_line() -> None:
    lines = "".join(
        cp_text_blocks(random_model(1), [f"x@{v}" for v in range(100)][: len(random_model(1).lower)], ["a"])
    )
    assert lines.startswith("# a\nvariables{")
    assert all(line.count("constraints{") <= 1 and line.count("variables{") <= 1 for line in lines.splitlines())


def test_as_it_is() -> None:
    model = random_model(3)
    same = AsItIs(model)
    assert same.variables == len(model.lower) - 1
    assert same.values.variables.tolist() == list(range(1, same.variables + 1))
    assert same.values.lengths.tolist() == [0] + [1] * same.variables
    assert not same.bases.any()
    assert same.denominator == model.objective.denominator


TAIL = "objective_value: 2\nwall_time: 0.5\n"


@pytest.mark.parametrize(
    "text",
    [
        "status: OPTIMAL\nsolution: 1\nsolution: -5\nsolution: 7\n" + TAIL,
        "status: OPTIMAL\nsolution: [1, -5, 7]\n" + TAIL,
        "status: OPTIMAL solution: [1,-5,7] objective_value: 2.0 wall_time: 1e-05",
        'status:OPTIMAL,solution:[1,-5];solution: 7 solution_info: "a } \\" solution: 9" objective_value:2e0',
        "# a comment\nstatus: OPTIMAL\nsolution: 1\nsolution: -5\nsolution: 7\n"
        "additional_solutions {\n  values: 9\n}\nintegral_info: { solution: 3 }\n" + TAIL,
    ],
)
def test_responses(text: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(text)
    found = read_cp_response(str(tmp_path / "r"), 3)
    assert found.claim is Claim.OPTIMUM_FOUND
    assert found.point is not None
    assert found.point.tolist() == [0, 1, -5, 7]
    assert found.objective == 2


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("status: INFEASIBLE\nwall_time: 1\n", Claim.UNSATISFIABLE),
        ("wall_time: 1\n", Claim.UNKNOWN),
        ("status: UNKNOWN\n", Claim.UNKNOWN),
        ("status: OPTIMAL\n", Claim.OPTIMUM_FOUND),
    ],
)
def test_responses_without_a_solution(text: str, claim: Claim, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(text)
    found = read_cp_response(str(tmp_path / "r"), 3)
    assert (found.claim, found.point, found.objective) == (claim, None, None)


@pytest.mark.parametrize(("said", "objective"), [("", 0), ("objective_value: -1.152921504606847e+18\n", None)])
def test_objectives(said: str, objective: int | None, tmp_path: Path) -> None:
    """0 is left out; beyond 2^53 numbers are rounded."""
    (tmp_path / "r").write_text(f"status: FEASIBLE\nsolution: 4\n{said}wall_time: 1\n")
    found = read_cp_response(str(tmp_path / "r"), 1)
    assert (found.claim, found.objective) == (Claim.SATISFIABLE, objective)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected the text form of a CpSolverResponse"),
        ("solution: 1\nsolution: 2\nsolution: 3\n", "expected the text form"),
        ("s SATISFIABLE\nv 1 0\n", "line 1: expected a field"),
        ("status: OPTIMAL\nsolution 3\n", "line 2: expected a field"),
        ("status: MODEL_INVALID\n", "the status is 'MODEL_INVALID'; expected one of OPTIMAL"),
        ("status: OPTIMAL\nsolution: 1\nsolution: 2\n" + TAIL, "has 2 values; the model has 3 variables (cut off"),
        ("status: OPTIMAL\nsolution: [1,2,3,4]\n" + TAIL, "has 4 values; the model has 3 variables"),
        ("status: OPTIMAL\nsolution: 1\nsolution: 2\nsolution: 3", "has 3 values; the model has 3 variables (cut off"),
        ("status: OPTIMAL\nsolution: [1, 2, ", "line 2: expected a field"),
        ("status: OPTIMAL\nextra {\n", "the response is cut off"),
        ("status: OPTIMAL\nsolution: [1, 2.5, 3]\n" + TAIL, "a value of the solution is '2.5': expected an integer"),
        ("status: OPTIMAL\nsolution: [1, 9223372036854775808, 3]\n" + TAIL, "expected an integer"),
        ("status: OPTIMAL\nsolution: [1, 2, 3]\nobjective_value: 2.5\n", "the objective is 2.5: not integral"),
        ("status: OPTIMAL\nsolution: [1, 2, 3]\nobjective_value: two\n", "the objective is 'two'"),
        ("status: INFEASIBLE\nsolution: [1, 2, 3]\n" + TAIL, "a solution, though"),
    ],
)
def test_damage(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(text)
    with pytest.raises(InputError) as raised:
        read_cp_response(str(tmp_path / "r"), 3)
    assert raised.value.source == str(tmp_path / "r")
    assert complaint in raised.value.problem
