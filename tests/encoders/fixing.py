"""An encoding's verdict on one parameter setting: its parameters fixed, the rest left to CP-SAT."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.model import Integers
from qnnt.encoders.order import Encoding
from qnnt.exact import Number, reduced
from qnnt.instance import Parameters
from qnnt.solvers.cpsat import CpSat


def within_reach(encoding: Encoding) -> bool:
    """Whether CP-SAT can be trusted with these numbers."""
    return CpSat().unsupported(encoding.model) is None


class FixedParameters:
    """Answers for one setting at a time; parameters stand as they are, without canonical order."""

    def __init__(self, encoding: Encoding) -> None:
        assert within_reach(encoding)
        self._encoding = encoding
        self._target = to_cp_model(encoding.model)
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.fix_variables_to_their_hinted_value = True
        self._solver.parameters.presolve_inclusion_work_limit = 0
        self.assignment: Integers = np.empty(0, np.int64)

    def objective(self, parameters: Parameters) -> Number | None:
        """The smallest objective with these parameters, None if the model has no such solution."""
        encoding, model = self._encoding, self._encoding.model
        codes = [(code, parameters.weights[edge]) for edge, code in encoding.weights.items()]
        codes += [(code, parameters.biases[neuron]) for neuron, code in encoding.biases.items()]
        self._target.clear_hints()  # type: ignore[no-untyped-call]
        for code, value in codes:
            for variable, number in code.assignment_of(value):
                self._target.add_hint(self._target.get_int_var_from_proto_index(variable - 1), number)
        status = self._solver.solve(self._target)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE), self._solver.status_name(status)
        if status == cp_model.INFEASIBLE:
            return None
        self.assignment = np.array([0, *self._solver.response_proto.solution], np.int64)[: len(model.lower)]
        objective = model.objective
        numerator = int(self.assignment[objective.variables] @ objective.coefficients) + objective.constant
        return reduced(Fraction(numerator, objective.denominator))
