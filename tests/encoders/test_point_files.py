"""Solution files of MILP solvers: as these write them, and cut, changed and mixed up."""

from __future__ import annotations

from pathlib import Path

import highspy
import pytest

from qnnt.encoders.lp import write_lp
from qnnt.encoders.mps import write_mps
from qnnt.encoders.point_files import PointFile, read_point_file
from qnnt.encoders.program import IntegerProgram
from qnnt.encoders.solver_output import Claim
from qnnt.errors import InputError
from tests.encoders.milp_readers import DEGENERATE, highs_on, names_of, scip_on

HIGHS = """Model status
Optimal

# Primal solution values
Feasible
Objective -3
# Columns 4
true@1 1
a.b@2 0
c@4 -2
e@3 3
# Rows 2
r1 3
r2 3

# Dual solution values
None

# Basis
HiGHS_basis_file v2
None
"""
HIGHS_SPARSE = """Model status
Optimal

# Primal solution values
Feasible
Objective -3
# Columns -3
true@1 1 0
c@4 -2 2
e@3 3 3
"""
SCIP = """solution status: optimal solution found
objective value:                                   -3
c@4                                                -2 \t(obj:0)
e@3                                  2.99999999999994 \t(obj:-1)
true@1                                              1 \t(obj:0)
"""
CBC = """Optimal - objective value -3.00000000
      0 true@1                 1                       0
      1 a.b@2                  0                       2
**    2 e@3            3.0000002                      -1
      3 c@4                   -2                       0
"""
GLPK = """Problem:    qnnt
Rows:       2
Columns:    4 (4 integer, 1 binary)
Non-zeros:  8
Status:     INTEGER OPTIMAL
Objective:  obj = -3 (MINimum)

   No.   Row name        Activity     Lower bound   Upper bound
------ ------------    ------------- ------------- -------------
     1 r1                          3             1
     2 r2                          3                           3

   No. Column name       Activity     Lower bound   Upper bound
------ ------------    ------------- ------------- -------------
     1 true@1       *              1             1             =
     2 x1.h1_1.ge.m1_2@2
                    *              0             0             1
     3 e@3          *              3            -3             4
     4 c@4          *             -2            -5            -1

Integer feasibility conditions:

KKT.PE: max.abs.err = 0.00e+00 on row 0

End of output
"""
GUROBI = """# Solution for model qnnt
# Objective value = -3
true@1 1
a.b@2 0
e@3 3
c@4 -2
"""
FILES = {"highs": HIGHS, "highs sparse": HIGHS_SPARSE, "scip": SCIP, "cbc": CBC, "glpk": GLPK, "gurobi": GUROBI}


def read(text: str, folder: Path, variables: int = 4) -> PointFile:
    path = folder / "solution"
    path.write_text(text)
    return read_point_file(str(path), variables)


def assert_refused(text: str, complaint: str, folder: Path) -> None:
    with pytest.raises(InputError) as raised:
        read(text, folder)
    assert raised.value.source == str(folder / "solution")
    assert raised.value.problem.startswith(complaint)


@pytest.mark.parametrize("solver", FILES)
def test_each_form(solver: str, tmp_path: Path) -> None:
    found = read(FILES[solver], tmp_path)
    assert found.point is not None
    assert found.point.tolist() == [0, 1, 0, 3, -2]
    assert found.objective == -3
    assert found.claim is (Claim.SATISFIABLE if solver == "gurobi" else Claim.OPTIMUM_FOUND)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (HIGHS.replace("Optimal", "Time limit reached"), Claim.SATISFIABLE),
        (SCIP.replace("optimal solution found", "gap limit reached"), Claim.SATISFIABLE),
        (SCIP[SCIP.index("objective") :], Claim.SATISFIABLE),
        (CBC.replace("Optimal", "Stopped on time"), Claim.SATISFIABLE),
        (CBC.replace("Optimal", "Optimal (within gap tolerance)"), Claim.SATISFIABLE),
        (GLPK.replace("OPTIMAL", "NON-OPTIMAL"), Claim.SATISFIABLE),
        ("true@1 1\ne@3 3\n\nc@4 -2.0\n", Claim.SATISFIABLE),
    ],
)
def test_points_without_the_claim_to_be_best(text: str, claim: Claim, tmp_path: Path) -> None:
    found = read(text, tmp_path)
    assert found.claim is claim
    assert found.point is not None
    assert found.point.tolist() == [0, 1, 0, 3, -2]
    assert found.objective == (None if text.startswith("true") else -3)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (HIGHS.split("Feasible", maxsplit=1)[0].replace("Optimal", "Infeasible") + "None\n", Claim.UNSATISFIABLE),
        (HIGHS.replace("Feasible", "Infeasible"), Claim.OPTIMUM_FOUND),
        (HIGHS.split("Feasible", maxsplit=1)[0].replace("Optimal", "Time limit reached") + "None\n", Claim.UNKNOWN),
        ("solution status: infeasible\nno solution available\n", Claim.UNSATISFIABLE),
        ("solution status: time limit reached\nno solution available\n", Claim.UNKNOWN),
        ("no solution available\n", Claim.UNKNOWN),
        (CBC.replace("Optimal", "Integer infeasible"), Claim.UNSATISFIABLE),
        (CBC.replace("Optimal", "Infeasible").replace(" 3.0000002", "0.5"), Claim.UNSATISFIABLE),
        (CBC.replace("Optimal", "Stopped on time (no integer solution - continuous used)"), Claim.UNKNOWN),
        (GLPK.replace("OPTIMAL", "EMPTY"), Claim.UNSATISFIABLE),
        (GLPK.replace("OPTIMAL", "UNDEFINED"), Claim.UNKNOWN),
    ],
)
def test_files_without_a_point(text: str, claim: Claim, tmp_path: Path) -> None:
    found = read(text, tmp_path)
    assert (found.claim, found.point, found.objective) == (claim, None, None)


@pytest.mark.parametrize("solver", FILES)
def test_files_that_are_cut_off(solver: str, tmp_path: Path) -> None:
    """Within a line, always; between lines where the form allows to tell; else the rest is right."""
    whole = FILES[solver]
    for end in range(len(whole)):
        text = whole[:end]
        try:
            found = read(text, tmp_path)
        except InputError:
            continue
        assert text.endswith("\n") or text.rstrip("\t ").endswith("\n")
        if found.point is not None:
            assert all(value in (0, full) for value, full in zip(found.point, (0, 1, 0, 3, -2), strict=True))
            assert solver not in ("highs", "highs sparse", "glpk") or found.point.tolist() == [0, 1, 0, 3, -2]


@pytest.mark.parametrize("solver", FILES)
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("0.37", "is 0.37: not integral"),
        ("-1.9998", "is -1.9998: not integral"),
        ("nan", "is nan: not finite"),
        ("1e+20", "is 1e+20: beyond 2^53"),
        ("inf", "is inf: not finite"),
        ("two", "expected a number, got 'two'"),
    ],
)
def test_values(solver: str, value: str, complaint: str, tmp_path: Path) -> None:
    lines = [line.replace(" -2", f" {value}", 1) if "c@4" in line else line for line in FILES[solver].split("\n")]
    number = next(i for i, line in enumerate(lines, 1) if "c@4" in line)
    separator = ": " if value == "two" else " "
    assert_refused("\n".join(lines), f"line {number}: c@4{separator}{complaint}", tmp_path)


def test_values_are_rounded(tmp_path: Path) -> None:
    found = read(GUROBI.replace("-2", "-1.99995").replace(" 3", " 3.00009"), tmp_path)
    assert found.point is not None
    assert found.point.tolist() == [0, 1, 0, 3, -2]


@pytest.mark.parametrize("solver", FILES)
@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("c", "expected a column such as x1.h1_1.ge.1@5, got 'c'"),
        ("c@x", "expected a column such as"),
        ("c@0", "expected a column such as"),
        ("c@5", "column 'c@5'; the model has 4 variables"),
        ("c@3", "a second value of variable 3, "),
    ],
)
def test_names(solver: str, name: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line [0-9]+: ") as raised:
        read(FILES[solver].replace("c@4", name), tmp_path)
    assert complaint in raised.value.problem


@pytest.mark.parametrize("solver", FILES)
def test_the_constant(solver: str, tmp_path: Path) -> None:
    for text in (FILES[solver].replace("true@1", "t@4").replace("c@4", "c@1"), FILES[solver].replace("c@4", "c@40")):
        with pytest.raises(InputError, match=r"variable 1, the constant 1, has no value|the model has 4 variables"):
            read(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty: expected the solution file"),
        ("\n \n", "empty: expected the solution file"),
        ("hello, world and all\n", "line 1: expected the solution file of a MILP solver, got 'hello"),
        ("s OPTIMUM FOUND\n", "line 1: expected the solution file"),
        ("s SATISFIABLE\nv 1 -2 0\n", "line 2: expected a column's name"),
        ("c Problem: qnnt\ns mip 1 1 o 3\nj 1 1\n", "line 1: columns by number; names are needed"),
        ("Columns\n  Index Status\n", "line 1: a table of HiGHS: take write_solution_style 0"),
        ("<?xml version?>\n", "line 1: XML is not read"),
        ("Model status\n", "line 1: the file is cut off: the primal values are missing"),
        ("Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 3\n", "line 6: the file is cut off: "),
        (HIGHS.split("e@3", maxsplit=1)[0], "line 10: the file is cut off: 3 of 4 columns"),
        (GLPK.split("End of", maxsplit=1)[0], "line 23: the file is cut off: the last line is not 'End of output'"),
        (GLPK.replace("Integer feas", "feas"), "line 21: expected the line of an integer column, got 'feasibility"),
        (GLPK.replace("*              3", "               3"), "line 18: expected the line of an integer column"),
        (SCIP.replace("objective value:", "value:"), "line 2: expected 'objective value: ...'"),
        (SCIP.replace("true@1 ", "true@1 2 3 "), "line 5: expected a column's name and its value"),
        (SCIP.replace(" -3\n", " -3.5\n"), "line 2: the objective is -3.5: not integral"),
        (CBC.replace("1 a.b@2 ", "1 a b@2 "), "line 3: expected index, name, value and cost of a column"),
        (GUROBI.replace("e@3", "e @3"), "line 5: expected a column's name and its value, got 'e @3 3'"),
        (GUROBI.rstrip("\n"), "line 6: the file is cut off: its last line does not end"),
    ],
)  # fmt: skip
def test_damage(text: str, complaint: str, tmp_path: Path) -> None:
    assert_refused(text, complaint, tmp_path)


def test_objectives_that_say_nothing(tmp_path: Path) -> None:
    assert read(GUROBI.replace("= -3", "= -1e+20"), tmp_path).objective is None
    with pytest.raises(InputError, match="the objective: expected a number, got 'much'"):
        read(GUROBI.replace("= -3", "= much"), tmp_path)


# --- the solvers themselves ----------------------------------------------------------------------


SOLVABLE = [name for name in DEGENERATE if name not in ("no point", "no integral point")]


def files_of(program: IntegerProgram, folder: Path) -> list[Path]:
    mps, lp = folder / "p.mps", folder / "p.lp"
    write_mps(program, names_of(program), [], str(mps))
    write_lp(program, names_of(program), [], str(lp))
    return [mps, lp]


@pytest.mark.parametrize("name", DEGENERATE)
def test_what_highs_writes(name: str, tmp_path: Path) -> None:
    program, expected = DEGENERATE[name]
    for path in files_of(program, tmp_path):
        solver = highs_on(path)
        solver.run()
        for style in (0, 3, 4) if expected is not None else (0,):
            assert solver.writeSolution(str(tmp_path / "s"), style) != highspy.HighsStatus.kError
            found = read_point_file(str(tmp_path / "s"), program.variables)
            if expected is None:
                assert (found.claim, found.point) == (Claim.UNSATISFIABLE, None)
                continue
            assert found.claim is Claim.OPTIMUM_FOUND
            assert found.point is not None
            assert program.violated(found.point) is None
            assert program.cost_of(found.point) == expected
            assert found.objective in ((expected, None) if style == 3 else (expected,))


@pytest.mark.parametrize("name", SOLVABLE)
def test_what_scip_writes(name: str, tmp_path: Path) -> None:
    program, expected = DEGENERATE[name]
    for path in files_of(program, tmp_path):
        solver = scip_on(path)
        solver.optimize()
        solver.writeBestSol(str(tmp_path / "s"))
        found = read_point_file(str(tmp_path / "s"), program.variables)
        assert found.claim is Claim.SATISFIABLE
        assert found.point is not None
        assert program.violated(found.point) is None
        assert program.cost_of(found.point) == found.objective == expected
