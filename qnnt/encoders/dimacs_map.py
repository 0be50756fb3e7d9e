r"""The variable map: comments in a DIMACS file that say how an assignment becomes parameters.

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

``1/2*7`` is one half times variable 7, which is 0 or 1. Names are JSON strings in ASCII, so that
every name is one line that every solver can skip. Biases are added, also those of d-QNNT instances. The
instance is ``unknown`` if it has no hash.
``loss`` stands in maps that minimise, where cost is what a MaxSAT solver prints in its ``o`` line;
``bound 3/2`` in those that decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.model import Integers
from qnnt.encoders.weights import ParameterCode
from qnnt.errors import InputError
from qnnt.exact import Number, reduced, shown, to_json_number, to_number
from qnnt.files.streams import STANDARD_INPUT, lines_of
from qnnt.instance import Objective, Parameters
from qnnt.network import Edge, edge_key

FORMAT = "qnnt-map/1"
END = "end of map"

_TERM = re.compile(r"([^*]+)\*([1-9][0-9]{0,17})\Z")


class Form(NamedTuple):
    """``base + sum coefficient * variable``; variables are distinct and increasing, coefficients not 0."""

    base: Number
    terms: tuple[tuple[int, Number], ...]

    def value(self, truth: Integers) -> Number:
        return reduced(self.base + sum(coefficient for variable, coefficient in self.terms if truth[variable]))


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
        Of the formula; a WCNF file does not say.
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
        """What the formula asks."""
        return Objective.MINIMIZE if self.bound is None else Objective.DECIDE

    def parameters_of(self, truth: Integers) -> Parameters:
        """The parameters in an assignment: 0 or 1 per variable, shape (variables + 1,), index 0 unused."""
        return Parameters(
            {edge: form.value(truth) for edge, form in self.weights.items()},
            {neuron: form.value(truth) for neuron, form in self.biases.items()},
        )

    def loss_of(self, cost: int) -> Number:
        """The loss, given the weight of the soft clauses that do not hold."""
        return reduced(Fraction(self.constant + cost, self.denominator))


def variable_map(
    cnf: Cnf,
    weights: Mapping[Edge, ParameterCode],
    biases: Mapping[str, ParameterCode],
    *,
    instance_sha256: str,
    bound: Number | None,
    encoding: str,
) -> VariableMap:
    """The map of a Cnf, given how parameters stand in the Model that it comes from.

    Parameters
    ----------
    bound
        Of the question, when deciding; None when minimising.
    """
    deciding = bound is not None
    return VariableMap(
        instance_sha256=instance_sha256,
        bound=bound,
        encoding=encoding,
        variables=cnf.variables,
        constant=0 if deciding else cnf.constant,
        denominator=1 if deciding else cnf.denominator,
        weights={edge: _form(cnf, code) for edge, code in weights.items()},
        biases={neuron: _form(cnf, code) for neuron, code in biases.items()},
    )


def _form(cnf: Cnf, code: ParameterCode) -> Form:
    """The Cnf's values put for the Model's variables in a parameter's code."""
    steps: Iterable[tuple[int, Number]]
    if code.variable:  # equally spaced
        steps = [(code.variable, code.values[1] - code.values[0])]
    else:
        heights = (above - below for below, above in pairwise(code.values))
        steps = zip(code.literals.tolist(), heights, strict=True)
    base = code.values[0]
    terms: dict[int, Number] = {}
    for variable, step in steps:
        base += step * int(cnf.bases[variable])
        own = slice(cnf.values.offsets[variable], cnf.values.offsets[variable + 1])
        for name, times in zip(cnf.values.variables[own].tolist(), cnf.values.coefficients[own].tolist(), strict=True):
            terms[name] = terms.get(name, 0) + step * times
    return Form(reduced(base), tuple((name, reduced(terms[name])) for name in sorted(terms) if terms[name]))


def map_lines(variables: VariableMap) -> list[str]:
    """The map as comments, without the leading ``c``."""
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


def read_map(path: str) -> VariableMap:
    """The map in the comments at the head of a DIMACS file; other comments around it do not matter.

    '-' is standard input, packed files are unpacked; the clauses are not read.

    Raises
    ------
    InputError
        If the file cannot be read or holds no map, and, with the line, if the map is damaged.
    """
    try:
        return _Reader(_comments(path)).map()
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def _comments(path: str) -> Iterator[tuple[int, str]]:
    """Number and text of the comments before the first clause."""
    for number, line in enumerate(lines_of(path), 1):
        word, _, rest = line.strip().partition(" ")
        if word == "c":
            yield number, rest.strip()
        elif word not in ("", "p"):
            return


class _Reader:
    """Goes through a map comment by comment."""

    def __init__(self, comments: Iterator[tuple[int, str]]) -> None:
        self._comments = comments
        self._number, self._text = 0, ""
        self._largest = 0

    def map(self) -> VariableMap:
        starts = (comment for comment in self._comments if comment[1].startswith("qnnt-map/"))
        self._number, self._text = next(starts, (0, ""))
        if not self._number:
            raise InputError(f"no variable map (comments that begin with 'c {FORMAT}') before the first clause")
        if self._text != FORMAT:
            raise self._wrong(f"{shown(self._text)} is unknown; expected {FORMAT}")
        (sha256,) = self._field("instance", r"([0-9a-f]{64}|unknown)")
        (objective,) = self._field("objective", r"(decide|minimize)")
        deciding = objective == Objective.DECIDE
        bound = self._number_of(*self._field("bound", r"(.+)")) if deciding else None
        (encoding,) = self._field("encoding", r"(.+)")
        self._largest = int(*self._field("variables", r"([0-9]{1,18})"))
        loss = r"= \((-?[0-9]{1,4000}) \+ cost\) / ([1-9][0-9]{0,3999})"
        constant, denominator = (0, 1) if deciding else map(int, self._field("loss", loss))
        weights: dict[Edge, Form] = {}
        biases: dict[str, Form] = {}
        for word, name, form in self._parameters():
            start, arrow, end = name.partition("->")
            if bool(arrow) != (word == "weight"):
                raise self._wrong(f"{shown(name)} names no {word}")
            if (start, end) in weights or name in biases:
                raise self._wrong(f"duplicate {word} {shown(name)}")
            if arrow:
                weights[start, end] = form
            else:
                biases[name] = form
        return VariableMap(
            "" if sha256 == "unknown" else sha256,
            bound,
            encoding,
            self._largest,
            constant,
            denominator,
            weights,
            biases,
        )

    def _parameters(self) -> Iterator[tuple[str, str, Form]]:
        while self._advance() != END:
            word, _, rest = self._text.partition(" ")
            if word not in ("weight", "bias") or not rest.startswith('"'):
                raise self._wrong(f"expected a weight, a bias or '{END}', got {shown(self._text)}")
            try:
                name, length = json.JSONDecoder().raw_decode(rest)
            except json.JSONDecodeError as error:
                raise self._wrong(f"damaged name: {error.msg}") from None
            if not rest.startswith(" = ", length):
                raise self._wrong(f"expected ' = ' and a form after the name, got {shown(rest[length:])}")
            yield word, name, self._form(rest[length + 3 :])

    def _form(self, text: str) -> Form:
        base, *products = text.split(" + ")
        terms: dict[int, Number] = {}
        for product in products:
            match = _TERM.match(product)
            if match is None:
                raise self._wrong(f"expected a term such as 1/2*7, got {shown(product)}")
            variable = int(match[2])
            if variable > self._largest or variable in terms:
                problem = "occurs twice" if variable in terms else f"is beyond the {self._largest} of the formula"
                raise self._wrong(f"variable {variable} {problem}")
            terms[variable] = self._number_of(match[1])
        return Form(self._number_of(base), tuple(terms.items()))

    def _number_of(self, text: str) -> Number:
        try:
            return to_number(text, bounded=False)  # differences of what instances hold may be longer
        except InputError as error:
            raise self._wrong(error.problem) from None

    def _field(self, word: str, pattern: str) -> tuple[str, ...]:
        """The groups of the pattern in the next line, after this word."""
        match = re.fullmatch(f"{word} {pattern}", self._advance())
        if match is None:
            raise self._wrong(f"expected '{word} ...', got {shown(self._text)}")
        return match.groups()

    def _advance(self) -> str:
        try:
            self._number, self._text = next(self._comments)
        except StopIteration:
            raise self._wrong(f"the variable map is cut off: no comment '{END}' follows") from None
        return self._text

    def _wrong(self, problem: str) -> InputError:
        return InputError(f"line {self._number}: {problem}")
