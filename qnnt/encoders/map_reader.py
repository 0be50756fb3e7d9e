"""Reading the variable map at the head of a model file, of any format; see `qnnt.encoders.variable_map`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain

from qnnt.encoders.variable_map import END, FORMAT, GOES_ON, Form, VariableMap
from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_number
from qnnt.files.streams import STANDARD_INPUT, lines_of
from qnnt.instance import Objective
from qnnt.network import Edge

_TERM = re.compile(r"([^*]+)\*([1-9][0-9]{0,17})\Z")


class ModelForm(StrEnum):
    """What a model file is, as far as answers to it are concerned, with what its comments begin with."""

    DIMACS = "c"
    PSEUDO_BOOLEAN = "* #variable="
    MPS = "*"
    LP = "\\"
    CP_SAT = "#"

    @property
    def comment(self) -> str:
        """The first character of comments."""
        return self[0]


def read_map(path: str) -> VariableMap:
    """The map at the head of a model file; see `read_head`."""
    return read_head(path)[1]


def read_head(path: str) -> tuple[ModelForm, VariableMap]:
    """What a model file is, and the map in the comments at its head; other comments around it do not matter.

    '-' is standard input, packed files are unpacked; the model itself is not read.

    Raises
    ------
    InputError
        If the file cannot be read or holds no map, and, with the line, if the map is damaged.
    """
    try:
        lines = ((number, line.rstrip("\r\n")) for number, line in enumerate(lines_of(path), 1))
        first = next((line for line in lines if line[1].strip()), (0, ""))
        form = next((form for form in ModelForm if first[1].startswith(form)), ModelForm.DIMACS)
        return form, _Reader(_joined(_comments(chain([first], lines), form)), form).map()
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def _comments(lines: Iterable[tuple[int, str]], form: ModelForm) -> Iterator[tuple[int, str]]:
    """Number and text of the comments before the model itself; one blank after their sign is not part of them."""
    for number, line in lines:
        word, _, rest = line.lstrip().partition(" ")
        if word == form.comment:
            yield number, rest
        elif word not in ("", "p") and not (form is not ModelForm.DIMACS and word.startswith(form.comment)):
            return


def _joined(comments: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The same with lines that go on in the next comment made one; without blanks around them."""
    number, whole = 0, ""
    for following, text in comments:
        if number and whole.strip() != END and text.startswith(GOES_ON):
            whole += text.removeprefix(GOES_ON)
            continue
        if number:
            yield number, whole.strip()
        number, whole = following, text
    if number:
        yield number, whole.strip()


class _Reader:
    """Goes through a map comment by comment."""

    def __init__(self, comments: Iterator[tuple[int, str]], form: ModelForm) -> None:
        self._comments = comments
        self._form_of_file = form
        self._number, self._text = 0, ""
        self._largest = 0

    def map(self) -> VariableMap:
        starts = (comment for comment in self._comments if comment[1].startswith("qnnt-map/"))
        self._number, self._text = next(starts, (0, ""))
        if not self._number:
            model = "the first clause" if self._form_of_file is ModelForm.DIMACS else "the model"
            sign = self._form_of_file.comment
            raise InputError(f"no variable map (comments that begin with '{sign} {FORMAT}') before {model}")
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
