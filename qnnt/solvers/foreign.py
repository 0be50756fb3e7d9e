"""Instances as files for foreign solvers, and what these print as verified results."""

from __future__ import annotations

import dataclasses
import platform
from dataclasses import dataclass
from enum import StrEnum

from qnnt.array_evaluation import judge
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.column_names import column_names
from qnnt.encoders.cpsat_text import AsItIs, read_cp_response, write_cp_text
from qnnt.encoders.dimacs import DimacsForm, write_dimacs
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.lp import write_lp
from qnnt.encoders.map_reader import ModelForm, read_head
from qnnt.encoders.milp import to_program
from qnnt.encoders.model import Integers
from qnnt.encoders.mps import write_mps
from qnnt.encoders.opb import PbForm, constant_beside, write_opb
from qnnt.encoders.order import Encoding, encode
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.point_files import read_point_file
from qnnt.encoders.solver_output import Claim, read_solver_output, truth_of
from qnnt.encoders.variable_map import Lowered, VariableMap, map_lines, variable_map, wrapped
from qnnt.errors import CertificateError, InputError
from qnnt.exact import Number, to_json_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Incumbent, Result, Solution, Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.milp import LARGEST_REACH, largest_number
from qnnt.solvers.outcome import accuracy
from qnnt.solvers.sat import Sat

SOLVER = "foreign"
"""What results name as their solver."""


class ProgramForm(StrEnum):
    """The text forms of integer programs."""

    MPS = "mps"
    LP = "lp"


def formula(instance: Instance, objective: Objective, encoding: str) -> tuple[Cnf, list[str]]:
    """The clauses of an instance, and comments that hold the map back to its parameters.

    Parameters
    ----------
    encoding
        How sums are counted.

    Raises
    ------
    UnsupportedError
        If the encoding cannot take the instance.
    """
    coded = _coded(instance, objective, Sat.network)
    cnf = to_cnf(coded.model, encoding)
    return cnf, _map(instance, objective, encoding, coded, cnf, cnf.constant)


def write_formula(instance: Instance, objective: Objective, form: DimacsForm, encoding: str, path: str) -> None:
    """Write the clauses of an instance, with the map at the head; see `formula`.

    Raises
    ------
    UnsupportedError
        If the encoding or the form cannot take the instance.
    InputError
        If the place cannot be written.
    """
    cnf, comments = formula(instance, objective, encoding)
    write_dimacs(cnf, comments, path, form)


def write_integer_program(
    instance: Instance, objective: Objective, form: ProgramForm, encoding: str, path: str
) -> None:
    """Write the integer program of an instance with names and map; `encoding` is the network's.

    Raises the same as `write_formula`.
    """
    coded = _coded(instance, objective, encoding)
    program = to_program(coded.model)
    comments = wrapped(_map(instance, objective, encoding, coded, program, program.constant))
    names = column_names(coded, program.variables)
    (write_mps if form is ProgramForm.MPS else write_lp)(program, names, comments, path)


def write_pseudo_boolean(instance: Instance, objective: Objective, form: PbForm, encoding: str, path: str) -> None:
    """Write the pseudo-Boolean constraints of an instance, with the map; `encoding` is the network's.

    Raises the same as `write_formula`.
    """
    coded = _coded(instance, objective, encoding)
    program = to_boolean_program(coded.model)
    constant = constant_beside(program, form)
    write_opb(program, wrapped(_map(instance, objective, encoding, coded, program, constant)), path, form)


def write_cp_model(instance: Instance, objective: Objective, encoding: str, path: str) -> None:
    """Write the CP-SAT model of an instance with names and map; `encoding` is the network's.

    Raises the same as `write_formula`.
    """
    coded = _coded(instance, objective, encoding)
    lowered = AsItIs(coded.model)
    comments = wrapped(_map(instance, objective, encoding, coded, lowered, coded.model.objective.constant))
    write_cp_text(coded.model, column_names(coded, lowered.variables), comments, path)


def _coded(instance: Instance, objective: Objective, network: str) -> Encoding:
    return encode(simplify(instance).instance, objective, encoding=network)


def _map(
    instance: Instance, objective: Objective, encoding: str, coded: Encoding, lowered: Lowered, constant: int
) -> list[str]:
    """The lines of the map back to the parameters."""
    map_back = variable_map(
        lowered,
        coded.weights,
        coded.biases,
        constant=constant,
        instance_sha256=sha256_of(instance.derive(bound=None)),
        bound=instance.bound if objective is Objective.DECIDE else None,
        encoding=encoding,
    )
    return map_lines(map_back)


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What a solver says: its claim, a point (a value per variable) and the point's cost if it has one.

    `numerical` if it computes with floating-point numbers.
    """

    claim: Claim
    point: Integers | None
    cost: int | None
    numerical: bool


def read_answer(instance: Instance, model_file: str, output_file: str) -> Result:
    """What a foreign solver printed or wrote for a model file of this instance, as a result.

    Solutions are verified. That there are none, or none better, is the solver's word, and the result
    says so.

    Raises
    ------
    InputError
        If a file cannot be read, or the model was made from another instance.
    CertificateError
        If the assignment is no solution, or not as good as the solver says.
    """
    form, known = read_head(model_file)
    if known.instance_sha256 != sha256_of(instance.derive(bound=None)):
        raise InputError("was made from another instance", source=model_file)
    asked = instance.derive(bound=known.bound)
    answer = _answer(form, output_file, known.variables)
    doubt = _doubt(asked, known, answer)
    if doubt:
        answer = dataclasses.replace(answer, claim=Claim.SATISFIABLE if answer.point is not None else Claim.UNKNOWN)
    parameters = None
    loss = None
    if answer.point is not None:
        parameters = simplify(asked).restore(known.parameters_of(answer.point))
        loss = judge(asked, parameters)
        _check(known, answer, loss)
    constant = form is ModelForm.PSEUDO_BOOLEAN and loss is not None and _is_constant(asked, known, answer)
    status = Status.OPTIMAL if constant else _status(known, answer.claim, loss)
    unchecked = {
        Status.NO: "that the bound cannot be met is the solver's word",
        Status.INFEASIBLE: "that nothing is admissible is the solver's word",
        Status.OPTIMAL: "that no smaller loss exists is the solver's word",
    }
    word = "" if loss == 0 or constant else unchecked.get(status, "")
    note = f"{word}, and numerical" if word and answer.numerical else word
    note = note if status.answered else doubt
    numerical = bool(word) and answer.numerical
    return _result(instance, known, status, parameters, loss, note, numerical=numerical)


def _doubt(asked: Instance, known: VariableMap, answer: _Answer) -> str:
    """Why what a solver claims to have proved is not believed; empty if it is."""
    if not answer.numerical or answer.claim not in (Claim.OPTIMUM_FOUND, Claim.UNSATISFIABLE):
        return ""
    reach = largest_number(to_program(_coded(asked, known.objective, known.encoding).model))
    if reach <= LARGEST_REACH:
        return ""
    return f"sums up to {reach:.1e} are beyond what floating-point solvers answer reliably: a proof does not count"


def _is_constant(asked: Instance, known: VariableMap, answer: _Answer) -> bool:
    """Whether all admissible parameters have the same loss: then a solver has no cost to print."""
    if known.objective is Objective.DECIDE or answer.cost is not None:
        return False
    return not to_boolean_program(_coded(asked, known.objective, known.encoding).model).minimises


def _answer(form: ModelForm, path: str, variables: int) -> _Answer:
    """What a solver says of a model file of this form."""
    match form:
        case ModelForm.MPS | ModelForm.LP:
            read = read_point_file(path, variables)
            return _Answer(read.claim, read.point, read.objective, numerical=True)
        case ModelForm.CP_SAT:
            response = read_cp_response(path, variables)
            return _Answer(response.claim, response.point, response.objective, numerical=False)
        case ModelForm.DIMACS | ModelForm.PSEUDO_BOOLEAN:
            output = read_solver_output(path, variables)
            point = None if output.literals is None else truth_of(output.literals, variables)
            return _Answer(output.claim, point, output.cost, numerical=False)


def _check(known: VariableMap, answer: _Answer, loss: Number) -> None:
    """What the solver says must be true of its assignment.

    Short of the optimum a cost may be more than the loss: distances are bounded from below alone.
    """
    if known.bound is not None and answer.claim is not Claim.UNKNOWN and loss > known.bound:
        raise CertificateError(f"the assignment has loss {loss}, above the bound {known.bound}")
    if known.objective is Objective.MINIMIZE and answer.cost is not None:
        said = known.loss_of(answer.cost)
        if loss > said or (loss < said and answer.claim is Claim.OPTIMUM_FOUND):
            raise CertificateError(f"the assignment has loss {loss}, not {said} as the solver says")


def _status(known: VariableMap, claim: Claim, loss: Number | None) -> Status:
    deciding = known.objective is Objective.DECIDE
    if claim is Claim.UNSATISFIABLE:
        return Status.NO if deciding else Status.INFEASIBLE
    if loss is None:
        return Status.UNKNOWN
    if deciding:
        return Status.YES if known.bound is not None and loss <= known.bound else Status.FEASIBLE
    return Status.OPTIMAL if claim is Claim.OPTIMUM_FOUND or loss == 0 else Status.FEASIBLE


def _result(
    instance: Instance,
    known: VariableMap,
    status: Status,
    parameters: Parameters | None,
    loss: Number | None,
    note: str,
    *,
    numerical: bool,
) -> Result:
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
        note=note,
        numerical=numerical,
    )
