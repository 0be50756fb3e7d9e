"""Instances as files for foreign solvers, and what these print as verified results."""

from __future__ import annotations

import platform

from qnnt.array_evaluation import judge
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs_map import VariableMap, map_lines, read_map, variable_map
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.order import encode
from qnnt.encoders.solver_output import Claim, SolverOutput, read_solver_output, truth_of
from qnnt.errors import CertificateError, InputError
from qnnt.exact import Number, to_json_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Incumbent, Result, Solution, Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.sat import Sat
from qnnt.solvers.search import accuracy

SOLVER = "foreign"
"""What results name as their solver."""


def formula(instance: Instance, objective: Objective, encoding: str) -> tuple[Cnf, list[str]]:
    """The clauses of an instance, and comments that hold the map back to its parameters.

    Raises
    ------
    UnsupportedError
        If the encoding cannot take the instance.
    """
    coded = encode(simplify(instance).instance, objective, encoding=Sat.network)
    cnf = to_cnf(coded.model, encoding)
    map_back = variable_map(
        cnf,
        coded.weights,
        coded.biases,
        instance_sha256=sha256_of(instance.derive(bound=None)),
        bound=instance.bound if objective is Objective.DECIDE else None,
        encoding=encoding,
    )
    return cnf, map_lines(map_back)


def read_answer(instance: Instance, formula_file: str, output_file: str) -> Result:
    """What a foreign solver printed for a formula of this instance, as a result.

    Solutions are verified. That there are none, or none better, is the solver's word, and the result
    says so.

    Raises
    ------
    InputError
        If a file cannot be read, or the formula was made from another instance.
    CertificateError
        If the assignment is no solution, or not as good as the solver says.
    """
    known = read_map(formula_file)
    if known.instance_sha256 != sha256_of(instance.derive(bound=None)):
        raise InputError("was made from another instance", source=formula_file)
    asked = instance.derive(bound=known.bound)
    output = read_solver_output(output_file, known.variables)
    parameters = None
    loss = None
    if output.literals is not None:
        truth = truth_of(output.literals, known.variables)
        parameters = simplify(asked).restore(known.parameters_of(truth))
        loss = judge(asked, parameters)
        _check(known, output, loss)
    status = _status(known, output.claim, loss)
    return _result(instance, known, status, parameters, loss)


def _check(known: VariableMap, output: SolverOutput, loss: Number) -> None:
    """What the solver says must be true of its assignment.

    Short of the optimum a cost may be more than the loss: distances are bounded from below alone.
    """
    if known.bound is not None and output.claim is not Claim.UNKNOWN and loss > known.bound:
        raise CertificateError(f"the assignment has loss {loss}, above the bound {known.bound}")
    if known.objective is Objective.MINIMIZE and output.cost is not None:
        said = known.loss_of(output.cost)
        if loss > said or (loss < said and output.claim is Claim.OPTIMUM_FOUND):
            raise CertificateError(f"the assignment has loss {loss}, not {said} as the solver says")


def _status(known: VariableMap, claim: Claim, loss: Number | None) -> Status:
    deciding = known.objective is Objective.DECIDE
    if claim is Claim.UNSATISFIABLE:
        return Status.NO if deciding else Status.INFEASIBLE
    if loss is None:
        return Status.UNKNOWN
    if deciding:
        return Status.YES if known.bound is not None and loss <= known.bound else Status.FEASIBLE
    return Status.OPTIMAL if claim is Claim.OPTIMUM_FOUND else Status.FEASIBLE


def _result(
    instance: Instance, known: VariableMap, status: Status, parameters: Parameters | None, loss: Number | None
) -> Result:
    unchecked = {
        Status.NO: "that the bound cannot be met is the solver's word",
        Status.INFEASIBLE: "that nothing is admissible is the solver's word",
        Status.OPTIMAL: "that no smaller loss exists is the solver's word",
    }
    lower = loss if status is Status.OPTIMAL else None
    if lower is None and known.objective is Objective.MINIMIZE and loss is not None:
        lower = 0
    return Result(
        status=status,
        objective=known.objective,
        instance_sha256=sha256_of(instance),
        solver=SOLVER,
        encoding=known.encoding,
        loss=loss,
        lower_bound=lower,
        solution=None if parameters is None else Solution(instance, parameters),
        accuracy=None if parameters is None else accuracy(instance, parameters),
        options={
            "objective": str(known.objective),
            "bound": None if known.bound is None else to_json_number(known.bound),
            "encoding": known.encoding,
        },
        seconds={"encode": 0.0, "solve": 0.0, "total": 0.0},
        model={"variables": known.variables},
        versions={"python": platform.python_version()},
        incumbents=() if loss is None else (Incumbent(0.0, loss, lower or 0),),
        note=unchecked.get(status, ""),
    )
