"""Clauses that take samples batch by batch: parameters first, the rest of the network once per batch.

Formula
    Every batch is an instance of its own with the same parameters, in the order encoding, lowered to clauses.
    Parameters are the first variables of each; all others are renumbered behind what there is. The conjunction
    of the batches says what one encoding of all their samples says, and the objectives add up.
Source
    An instance of D-NNT and the samples of each batch; those with equal inputs belong into one batch.
Target
    Clauses for an incremental solver, which keeps what it learned from earlier batches.
Symmetry
    Interchangeable neurons are ordered once, by the first batch.
Size
    What batches of their own take: sums of inputs alone are shared within a batch, not among batches. Batches of
    20 together have 1.2 to 1.6 times the clauses of one encoding where inputs are many, 3.5 times where they are few.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.lowering import LARGEST_LITERAL, to_cnf
from qnnt.encoders.model import LARGEST, TRUE, Integers, Rows
from qnnt.encoders.order import Encoding, encode
from qnnt.errors import UnsupportedError
from qnnt.instance import Dataset, Instance, Objective, Parameters

ENCODING = "cnf"
"""How networks are encoded: see `qnnt.encoders.switches`."""


@dataclass(frozen=True)
class BatchedClauses:
    """The clauses of a growing set of samples.

    Attributes
    ----------
    cnf
        Of all batches: every variable and soft literal; but the clauses of the latest batch only.
    """

    cnf: Cnf
    _instance: Instance
    _encoding: Encoding
    _first: Cnf

    def extended(self, samples: Dataset, behind: int) -> BatchedClauses:
        """The same with one more batch.

        Parameters
        ----------
        behind
            The largest variable that is in use, here or elsewhere: new ones get larger numbers.

        Raises
        ------
        UnsupportedError
            As `first_batch` does, and if the objectives of all batches need more than 60 bits.
        """
        _, batch = _encoded(self._instance, samples, symmetry=False)
        behind = max(behind, self.cnf.variables)
        joined = _joined(self.cnf, batch, self._numbers(batch, behind), behind)
        return dataclasses.replace(self, cnf=joined)

    def _numbers(self, batch: Cnf, behind: int) -> Integers:
        """What each variable of a batch is called from now on; index 0 unused."""
        numbers = np.zeros(batch.variables + 1, np.int64)
        numbers[TRUE] = TRUE
        for parameter in _parameter_variables(self._encoding).tolist():
            (known, coefficients), (here, again) = _form(self._first, parameter), _form(batch, parameter)
            if not np.array_equal(coefficients, again):
                raise ValueError("a parameter has the same code in every batch")
            numbers[here] = known
        fresh = np.flatnonzero(numbers[1:] == 0) + 1
        numbers[fresh] = behind + np.arange(1, len(fresh) + 1)
        return numbers

    def decode(self, truth: Integers) -> Parameters:
        """The parameters of an assignment, 0 or 1 per variable."""
        return self._encoding.decode(self._first.assignment_of(truth[: self._first.variables + 1]))

    def hint(self, parameters: Parameters) -> Sequence[tuple[int, int]]:
        """The pairs of a variable of the Model and its value that parameters stand for."""
        return self._encoding.hint(parameters)


def first_batch(instance: Instance, samples: Dataset) -> BatchedClauses:
    """The clauses of the first samples; there may be none.

    Parameters
    ----------
    instance
        In general form; its own samples are not taken.

    Raises
    ------
    UnsupportedError
        If numbers could pass 60 bits, or a function is too large for every representation.
    """
    encoding, cnf = _encoded(instance, samples, symmetry=True)
    return BatchedClauses(cnf, instance, encoding, cnf)


def _encoded(instance: Instance, samples: Dataset, *, symmetry: bool) -> tuple[Encoding, Cnf]:
    encoding = encode(instance.derive(dataset=samples), Objective.MINIMIZE, encoding=ENCODING, symmetry=symmetry)
    return encoding, to_cnf(encoding.model)


def _parameter_variables(encoding: Encoding) -> Integers:
    """The Model's variables that stand for parameters."""
    codes = [*encoding.weights.values(), *encoding.biases.values()]
    own = [code.literals for code in codes] + [np.array([code.variable]) for code in codes if code.variable]
    return np.concatenate([np.empty(0, np.int64), *own])


def _form(cnf: Cnf, variable: int) -> tuple[Integers, Integers]:
    """The clauses' variables that make a variable of the Model, and their coefficients."""
    part = slice(int(cnf.values.offsets[variable]), int(cnf.values.offsets[variable + 1]))
    return cnf.values.variables[part], cnf.values.coefficients[part]


def _joined(known: Cnf, batch: Cnf, numbers: Integers, behind: int) -> Cnf:
    """All variables and costs of both, the clauses of the batch; values lead back to the first batch's Model."""
    denominator = math.lcm(known.denominator, batch.denominator)
    scale, own = denominator // known.denominator, denominator // batch.denominator
    total = scale * (int(known.weights.sum()) + abs(known.constant))
    if total + own * (int(batch.weights.sum()) + abs(batch.constant)) > LARGEST:
        raise UnsupportedError("the loss could need more than 60 bits")
    variables = max(behind, int(numbers.max()))  # a batch may have no variable of its own
    if variables > LARGEST_LITERAL:
        raise UnsupportedError(f"{variables} variables are more than 32 bits tell apart")
    return dataclasses.replace(
        known,
        variables=variables,
        clauses=Rows(batch.clauses.offsets, _renumbered(batch.clauses.entries, numbers)),
        soft=np.concatenate([known.soft, _renumbered(batch.soft, numbers)]),
        weights=np.concatenate([known.weights * scale, batch.weights * own]),
        constant=known.constant * scale + batch.constant * own,
        denominator=denominator,
        circuits={kind: known.circuits.get(kind, 0) + count for kind, count in batch.circuits.items()},
    )


def _renumbered(literals: Integers, numbers: Integers) -> Integers:
    return np.asarray(np.sign(literals) * numbers[np.abs(literals)], np.int64)
