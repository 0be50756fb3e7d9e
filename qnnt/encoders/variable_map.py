r"""The variable map: comments at the head of a model file that say how a solver's answer becomes parameters.

::

    c qnnt-map/1
    c instance 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    c objective minimize
    c encoding order
    c variables 7
    c loss = (2 + cost) / 1
    c weight "x1->h1_1" = -1 + 1*5 + 1*6
    c bias "h1_1" = 0 + 1/2*7
    c end of map

``1/2*7`` is one half times the value of variable 7: 0 or 1, or an integer where the format has any. Names
are JSON strings in ASCII, so that every name is one line that every solver can skip. Biases are added, also
those of d-QNNT instances. The instance is ``unknown`` if it has no hash.
``loss`` stands in maps that minimise, where cost is the objective that a solver prints: in its ``o`` line, or
in its solution file. No format's objective holds the constant. ``bound 3/2`` stands in those that decide.

The comments begin as those of the format: ``c`` in DIMACS, ``*`` in MPS, OPB and WBO, ``\`` in LP, ``#`` in
the text form of CP-SAT models. Outside DIMACS a line that is too long for some readers goes on in the next
comment, which begins with ``>``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol

from qnnt.encoders.model import Integers, Sums
from qnnt.encoders.weights import ParameterCode
from qnnt.exact import Number, reduced, to_json_number
from qnnt.instance import Objective, Parameters
from qnnt.network import Edge, edge_key

FORMAT = "qnnt-map/1"
END = "end of map"
LONGEST_LINE = 200
"""Characters of a comment that every reader takes; SCIP's of MPS files takes 1,000."""
GOES_ON = "> "
"""Begins a comment that continues the one before."""


class Form(NamedTuple):
    """``base + sum coefficient * variable``; variables are distinct and increasing, coefficients not 0."""

    base: Number
    terms: tuple[tuple[int, Number], ...]

    def value(self, point: Integers) -> Number:
        return reduced(self.base + sum(coefficient * int(point[variable]) for variable, coefficient in self.terms))


class Lowered(Protocol):
    """What a Model became: a `Cnf`, an `IntegerProgram`, and what is made for CP-SAT."""

    @property
    def variables(self) -> int:
        """How many there are, numbered from 1."""
        ...

    @property
    def values(self) -> Sums:
        """With `bases`: the Model's variable v has the value ``bases[v] + values[v]``."""
        ...

    @property
    def bases(self) -> Integers:
        """See `values`."""
        ...

    @property
    def denominator(self) -> int:
        """Of the loss."""
        ...


@dataclass(frozen=True, slots=True)
class VariableMap:
    """What is needed to read a solver's answer without the encoder; see the module's docstring.

    Attributes
    ----------
    instance_sha256
        Empty if it is not known.
    bound
        Of the question, when deciding; None when minimising.
    encoding
        In words, one line.
    variables
        Of the model in the file; a WCNF file does not say.
    constant, denominator
        The loss is ``(constant + cost) / denominator``; 0 and 1 when deciding.
    weights, biases
        Biases in the sign of D-NNT, where they are added, also those of d-QNNT instances.
    """

    instance_sha256: str
    bound: Number | None
    encoding: str
    variables: int
    constant: int
    denominator: int
    weights: Mapping[Edge, Form]
    biases: Mapping[str, Form]

    @property
    def objective(self) -> Objective:
        """What the file asks."""
        return Objective.MINIMIZE if self.bound is None else Objective.DECIDE

    def parameters_of(self, point: Integers) -> Parameters:
        """The parameters at a point: an integer per variable, shape (variables + 1,), index 0 unused."""
        return Parameters(
            {edge: form.value(point) for edge, form in self.weights.items()},
            {neuron: form.value(point) for neuron, form in self.biases.items()},
        )

    def loss_of(self, cost: int) -> Number:
        """The loss, given the objective as the solver prints it."""
        return reduced(Fraction(self.constant + cost, self.denominator))


def variable_map(
    lowered: Lowered,
    weights: Mapping[Edge, ParameterCode],
    biases: Mapping[str, ParameterCode],
    *,
    constant: int,
    instance_sha256: str,
    bound: Number | None,
    encoding: str,
) -> VariableMap:
    """The map of what a Model became, given how parameters stand in the Model.

    Parameters
    ----------
    constant
        Of the loss' numerator, beside the cost that solvers print.
    bound
        Of the question, when deciding; None when minimising.
    """
    deciding = bound is not None
    return VariableMap(
        instance_sha256=instance_sha256,
        bound=bound,
        encoding=encoding,
        variables=lowered.variables,
        constant=0 if deciding else constant,
        denominator=1 if deciding else lowered.denominator,
        weights={edge: _form(lowered, code) for edge, code in weights.items()},
        biases={neuron: _form(lowered, code) for neuron, code in biases.items()},
    )


def _form(lowered: Lowered, code: ParameterCode) -> Form:
    """The values put for the Model's variables in a parameter's code."""
    steps: Iterable[tuple[int, Number]]
    if code.variable:  # equally spaced
        steps = [(code.variable, code.values[1] - code.values[0])]
    else:
        heights = (above - below for below, above in pairwise(code.values))
        steps = zip(code.literals.tolist(), heights, strict=True)
    base = code.values[0]
    terms: dict[int, Number] = {}
    for variable, step in steps:
        base += step * int(lowered.bases[variable])
        values = lowered.values
        own = slice(values.offsets[variable], values.offsets[variable + 1])
        for name, times in zip(values.variables[own].tolist(), values.coefficients[own].tolist(), strict=True):
            terms[name] = terms.get(name, 0) + step * times
    return Form(reduced(base), tuple((name, reduced(terms[name])) for name in sorted(terms) if terms[name]))


def map_lines(variables: VariableMap) -> list[str]:
    """The map as comments, without the ``c`` or what else they begin with."""
    lines = [FORMAT, f"instance {variables.instance_sha256 or 'unknown'}", f"objective {variables.objective}"]
    if variables.bound is not None:
        lines.append(f"bound {to_json_number(variables.bound)}")
    lines += [f"encoding {variables.encoding}", f"variables {variables.variables}"]
    if variables.objective is Objective.MINIMIZE:
        lines.append(f"loss = ({variables.constant} + cost) / {variables.denominator}")
    lines += [f"weight {json.dumps(edge_key(edge))} = {_written(form)}" for edge, form in variables.weights.items()]
    lines += [f"bias {json.dumps(neuron)} = {_written(form)}" for neuron, form in variables.biases.items()]
    return [*lines, END]


def _written(form: Form) -> str:
    terms = (f"{to_json_number(coefficient)}*{variable}" for variable, coefficient in form.terms)
    return " + ".join([str(to_json_number(form.base)), *terms])


def wrapped(lines: Iterable[str]) -> list[str]:
    """The same for readers that do not take long lines; breaks are not put beside blanks if that can be helped."""
    pieces = []
    for line in lines:
        rest, lead = line, ""
        while len(rest) > LONGEST_LINE:
            cuts = (i for i in range(LONGEST_LINE, LONGEST_LINE // 2, -1) if " " not in rest[i - 1 : i + 1])
            cut = next(cuts, LONGEST_LINE)
            pieces.append(lead + rest[:cut])
            rest, lead = rest[cut:], GOES_ON
        pieces.append(lead + rest)
    return pieces
