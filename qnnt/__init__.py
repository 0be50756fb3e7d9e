"""qnnt: train small discrete neural networks exactly.

Glossary, used with these meanings everywhere:

============== ======================================================================================
instance       a network, a dataset, a finite set of values per weight and bias, activations, a loss
network        a directed acyclic graph of inputs and neurons; some neurons are outputs
sample         an input vector x with a label vector y (None in y: a don't care) and a weight
pre-activation what a neuron's activation is applied to: weighted sum of its predecessors, and its bias
loss           weighted sum over samples; what `minimize` makes smallest and `decide` holds to a bound
parameters     one value per weight and bias
solution       parameters with their network, verified by the evaluator
literal        a signed Boolean variable, as in DIMACS
order literal  a literal that means "this weight, or this sum, is at least k"
model          what encoders write and lowerings read: literals, integers, constraints, objective
encoder        instance -> model, and back from a model's assignment to parameters
lowering       model -> a solver's own input
backend        runs a lowered model, or an exact algorithm, within limits
============== ======================================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qnnt.conquest.conquer import conquer
    from qnnt.documents.construction import d_nnt, d_qnnt
    from qnnt.errors import BudgetError, CertificateError, InputError, QnntError, SolverError, UnsupportedError
    from qnnt.files.instances import load, save
    from qnnt.files.results import save_result
    from qnnt.instance import Instance, Objective, Parameters
    from qnnt.reports import Comparison
    from qnnt.result import Result, Solution, Status
    from qnnt.solvers.comparison import compare
    from qnnt.solvers.facade import solve, verify

__version__ = "0.1.0"

_HOMES = {
    "BudgetError": "qnnt.errors",
    "CertificateError": "qnnt.errors",
    "Comparison": "qnnt.reports",
    "InputError": "qnnt.errors",
    "Instance": "qnnt.instance",
    "Objective": "qnnt.instance",
    "Parameters": "qnnt.instance",
    "QnntError": "qnnt.errors",
    "Result": "qnnt.result",
    "Solution": "qnnt.result",
    "SolverError": "qnnt.errors",
    "Status": "qnnt.result",
    "UnsupportedError": "qnnt.errors",
    "compare": "qnnt.solvers.comparison",
    "conquer": "qnnt.conquest.conquer",
    "d_nnt": "qnnt.documents.construction",
    "d_qnnt": "qnnt.documents.construction",
    "load": "qnnt.files.instances",
    "save": "qnnt.files.instances",
    "save_result": "qnnt.files.results",
    "solve": "qnnt.solvers.facade",
    "verify": "qnnt.solvers.facade",
}

__all__ = [
    "BudgetError",
    "CertificateError",
    "Comparison",
    "InputError",
    "Instance",
    "Objective",
    "Parameters",
    "QnntError",
    "Result",
    "Solution",
    "SolverError",
    "Status",
    "UnsupportedError",
    "compare",
    "conquer",
    "d_nnt",
    "d_qnnt",
    "load",
    "save",
    "save_result",
    "solve",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Public names are imported at first use, so that ``import qnnt`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qnnt' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
