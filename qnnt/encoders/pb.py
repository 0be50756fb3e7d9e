"""Lowering: Model -> integer program over Booleans alone, for pseudo-Boolean solvers.

Formula
    Bounded integers become forms of literals (`qnnt.encoders.integer_codes`), as for clauses; every linear,
    threshold and equation is then one of sums of literals, and becomes rows (`qnnt.encoders.program_rows`):
    no circuits, no counting variables.
Source
    A `Model`.
Target
    An `IntegerProgram` whose variables are all 0 or 1. The Model's Boolean variable v is variable v there.
Size
    Per sum with thresholds two rows; per clause and per linear one row.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.integer_codes import IntegerCodes
from qnnt.encoders.leaves import Implications
from qnnt.encoders.lowering import requests_of, values_of
from qnnt.encoders.model import Model, Sums
from qnnt.encoders.program import IntegerProgram
from qnnt.encoders.program_rows import RowCollector, add_clauses, add_requests


def to_boolean_program(model: Model) -> IntegerProgram:
    """The 0-1 program of a Model.

    Raises
    ------
    UnsupportedError
        If a row could need more than 60 bits.
    """
    builder = ClauseBuilder(len(model.lower) - 1, model.clauses)
    codes = IntegerCodes(model, builder)
    requests = requests_of(model, codes)
    values, bases = values_of(model, codes)
    objective = model.objective
    whole = Sums(np.array([0, len(objective.variables)]), objective.variables, objective.coefficients)
    loss, base = codes.substitute(whole)
    clauses = builder.clause_rows()
    lower, upper = np.zeros(builder.variables + 1, np.int64), np.ones(builder.variables + 1, np.int64)
    lower[1] = 1
    collector = RowCollector()
    add_clauses(collector, clauses)
    add_requests(collector, requests, Implications(clauses))
    rows, at_least, at_most = collector.build(lower, upper)
    costs = np.zeros(builder.variables + 1, np.int64)
    costs[loss.variables] = loss.coefficients
    return IntegerProgram(
        lower=lower,
        upper=upper,
        rows=rows,
        at_least=at_least,
        at_most=at_most,
        costs=costs,
        constant=objective.constant + int(base[0]),
        denominator=objective.denominator,
        values=values,
        bases=bases,
    )
