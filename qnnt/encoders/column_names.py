"""Names of columns that people can read: ``x1.h1_1.ge.1@5`` is the literal "the weight of x1->h1_1 is at least 1".

What comes before the last ``@`` is for people alone; the number behind it is the variable's, by which the
answers of solvers are read. Letters, digits and ``_ . @`` occur, which MPS and LP files allow and their
readers leave as they are; no name begins like a number, as digits, points, exponents, ``inf`` and ``nan`` do.
-1/2 is written ``m1_2``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qnnt.encoders.order import Encoding
from qnnt.encoders.weights import ParameterCode
from qnnt.exact import Number
from qnnt.network import edge_key

LONGEST = 60
"""Characters before the ``@``; LP readers take 255 in all."""

_NUMBERED = re.compile(r".*@([1-9][0-9]{0,17})", re.DOTALL)
_START = re.compile(r"(?!inf|nan|e)[a-z_]", re.IGNORECASE)
_OUTSIDE = re.compile(r"[^A-Za-z0-9_.]+")


def column_names(coded: Encoding, variables: int) -> list[str]:
    """A name for each of so many variables, indexed by variable; index 0 is unused.

    The first ones are the Model's; those beyond are parts of its constraints.
    """
    names = [""]
    for first, count, what in coded.model.blocks:
        names += _numbered(what, first, count)
    names += _numbered("part", len(names), variables + 1 - len(names))
    for what, code in _parameters(coded):
        for value, literal in zip(code.values[1:], code.literals.tolist(), strict=False):  # none, or one each
            names[literal] = f"{readable(f'{what} ge {_shown(value)}')}@{literal}"
        if code.variable:
            names[code.variable] = f"{readable(f'{what} index')}@{code.variable}"
    return names


def _parameters(coded: Encoding) -> Iterator[tuple[str, ParameterCode]]:
    yield from ((edge_key(edge), code) for edge, code in coded.weights.items())
    yield from ((f"bias of {neuron}", code) for neuron, code in coded.biases.items())


def _numbered(what: str, first: int, count: int) -> list[str]:
    text = readable(what)
    return [f"{text}@{variable}" for variable in range(first, first + count)]


def _shown(value: Number) -> str:
    return str(value).replace("-", "m").replace("/", "_")


def readable(what: str) -> str:
    """A description in the characters of names, cut at its front if it is long."""
    text = _OUTSIDE.sub("_", what.replace("->", ".").replace(" ", "."))[-LONGEST:]
    return text if _START.match(text) else f"_{text}"


def variable_of(name: str) -> int | None:
    """The number of the variable that a name stands for; None if it is none of ours."""
    match = _NUMBERED.fullmatch(name)
    return int(match[1]) if match else None
