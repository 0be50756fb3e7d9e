"""Other people's solvers on model files, each through its own Python interface."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ortools.sat.python import cp_model

from tests.encoders.milp_readers import highs_on, scip_on


def highs(model: Path, answer: Path) -> None:
    solver = highs_on(model)
    solver.run()
    solver.writeSolution(str(answer), 0)


def scip(model: Path, answer: Path) -> None:
    """PySCIPOpt leaves out the line of the status that SCIP's own shell writes."""
    solver = scip_on(model)
    solver.optimize()
    words = {"optimal": "optimal solution found"}.get(solver.getStatus(), solver.getStatus())
    solver.writeBestSol(str(answer))
    answer.write_text(f"solution status: {words}\n{answer.read_text()}")


def cp_sat(model: Path, answer: Path) -> None:
    target = cp_model.CpModel()
    assert target.proto.parse_text_format(model.read_text())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(target)
    answer.write_text(str(solver.response_proto))


def pseudo_boolean(model: Path, answer: Path) -> None:
    """CP-SAT behind a reader of OPB and WBO, in the words of the competitions."""
    first, *lines = model.read_text().splitlines()
    match = re.match(r"\* #variable= ([0-9]+)", first)
    assert match
    target = cp_model.CpModel()
    variables = [target.new_bool_var("") for _ in range(int(match[1]))]
    costs = []
    for line in lines:
        if line.startswith(("*", "soft:")):
            continue
        weight = re.match(r"\[([0-9]+)\]", line)
        total = sum(int(factor) * variables[int(v) - 1] for factor, v in re.findall(r"([+-][0-9]+) x([0-9]+)", line))
        side = re.search(r"(>?=) ([+-]?[0-9]+) ;$", line)
        if line.startswith("min:"):
            costs.append(total)
        elif weight:
            assert side
            assert side[1] == ">="
            broken = target.new_bool_var("")
            target.add(total >= int(side[2])).only_enforce_if(~broken)
            costs.append(int(weight[1]) * broken)
        else:
            assert side
            target.add(total >= int(side[2]) if side[1] == ">=" else total == int(side[2]))
    if costs:
        target.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(target) == cp_model.INFEASIBLE:
        answer.write_text("s UNSATISFIABLE\n")
        return
    values = " ".join(f"{'' if solver.value(x) else '-'}x{v}" for v, x in enumerate(variables, 1))
    found = f"o {round(solver.objective_value)}\ns OPTIMUM FOUND\n" if costs else "s SATISFIABLE\n"
    answer.write_text(f"{found}v {values}\n")


SOLVERS: dict[str, tuple[tuple[str, Callable[[Path, Path], None]], ...]] = {
    "mps": (("highs", highs), ("scip", scip)),
    "lp": (("highs", highs), ("scip", scip)),
    "cpsat": (("cp-sat", cp_sat),),
    "opb": (("opb", pseudo_boolean),),
    "wbo": (("wbo", pseudo_boolean),),
}
"""By format."""
