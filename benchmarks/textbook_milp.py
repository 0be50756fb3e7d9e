"""The yardstick: the mixed-integer program that a user would write for an instance, by textbook rules.

One indicator per value of each weight and bias; pre-activations as linear forms, with interval bounds of their
own per neuron and distinct input; activations as continuous variables, tied to the pre-activation by big-M rows
with binary phases, the M from those bounds; a value times a weight as one continuous variable per value of the
weight, by McCormick's four rows each, or by the sum row, which is the hull of one weight with one activation;
mismatches by big-M on |output - label|, absolute and hinge losses as epigraphs. It shares no code with the
package's encoders. Run as a script on an instance file:

    python benchmarks/textbook_milp.py FILE [--products each|sum] [--time-limit 60]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from qnnt import Instance, load
from qnnt.activations import Activation, Clip, Identity, Relu, ReluD, Threshold
from qnnt.exact import Number
from qnnt.losses import Absolute, Hinge, Label, Mismatch

INFINITE = highspy.kHighsInf
Terms = list[tuple[int, float]]
"""(column, coefficient) pairs; a column may occur more than once."""


@dataclass
class Milp:
    """Columns and rows, to be minimised; `add_column` and `add_row` extend them."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integral: list[bool] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    constant: float = 0.0
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def add_column(self, low: float, high: float, *, integral: bool, cost: float = 0.0) -> int:
        self.lower.append(low)
        self.upper.append(high)
        self.integral.append(integral)
        self.cost.append(cost)
        return len(self.lower) - 1

    def add_binary(self, cost: float = 0.0) -> int:
        return self.add_column(0, 1, integral=True, cost=cost)

    def add_continuous(self, low: float, high: float, cost: float = 0.0) -> int:
        return self.add_column(low, high, integral=False, cost=cost)

    def add_row(self, terms: Terms, low: float, high: float) -> None:
        total: dict[int, float] = {}
        for column, coefficient in terms:
            total[column] = total.get(column, 0.0) + coefficient
        self.rows.append(({column: c for column, c in total.items() if c}, low, high))

    def highs(self, time_limit: float) -> highspy.Highs:
        """A HiGHS object that holds this program."""
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.lower), len(self.rows)
        program.col_cost_, program.offset_ = np.array(self.cost), self.constant
        program.col_lower_, program.col_upper_ = np.array(self.lower, float), np.array(self.upper, float)
        program.row_lower_ = np.array([low for _, low, _ in self.rows], float)
        program.row_upper_ = np.array([high for _, _, high in self.rows], float)
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        program.integrality_ = [kinds[integral] for integral in self.integral]
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = program.num_col_, program.num_row_
        matrix.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in self.rows)])
        matrix.index_ = np.array([column for terms, _, _ in self.rows for column in terms], np.int32)
        matrix.value_ = np.array([c for terms, _, _ in self.rows for c in terms.values()], float)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("time_limit", time_limit)
        if solver.passModel(program) == highspy.HighsStatus.kError:
            raise ValueError("HiGHS refuses the program")
        return solver


@dataclass(frozen=True)
class Value:
    """A linear form and its range."""

    terms: Terms
    constant: float
    low: float
    high: float

    def plus(self, other: Value) -> Value:
        return Value(
            self.terms + other.terms, self.constant + other.constant, self.low + other.low, self.high + other.high
        )


def known(number: float) -> Value:
    return Value([], number, number, number)


@dataclass(frozen=True)
class Choice:
    """A weight or bias: its values and an indicator for each."""

    values: tuple[float, ...]
    indicators: tuple[int, ...]

    def times(self, factor: float) -> Value:
        """The parameter times a known number."""
        products = [value * factor for value in self.values]
        return Value(list(zip(self.indicators, products, strict=True)), 0.0, min(products), max(products))


Products = Callable[[Milp, Choice, int, Value], list[int]]
"""Adds the columns ``indicator * activation``, one per indicator; the activation is one column with a range."""


def mccormick_each(milp: Milp, choice: Choice, column: int, value: Value) -> list[int]:
    """Four rows for each pair of an indicator and the activation."""
    found = []
    low, high = value.low, value.high
    for indicator in choice.indicators:
        product = milp.add_continuous(min(0, low), max(0, high))
        milp.add_row([(product, 1), (indicator, -low)], 0, INFINITE)
        milp.add_row([(product, 1), (indicator, -high)], -INFINITE, 0)
        milp.add_row([(product, 1), (column, -1), (indicator, -high)], -high, INFINITE)
        milp.add_row([(product, 1), (column, -1), (indicator, -low)], -INFINITE, -low)
        found.append(product)
    return found


def with_sum_row(milp: Milp, choice: Choice, column: int, value: Value) -> list[int]:
    """Two rows for each pair, and one for all: the products add up to the activation."""
    found = []
    for indicator in choice.indicators:
        product = milp.add_continuous(min(0, value.low), max(0, value.high))
        milp.add_row([(product, 1), (indicator, -value.low)], 0, INFINITE)
        milp.add_row([(product, 1), (indicator, -value.high)], -INFINITE, 0)
        found.append(product)
    milp.add_row([*((product, 1.0) for product in found), (column, -1.0)], 0, 0)
    return found


PRODUCTS: dict[str, Products] = {"each": mccormick_each, "sum": with_sum_row}


def textbook(instance: Instance, products: Products) -> Milp:
    """The program; only for whole weights, biases and inputs, and for the activations and losses named here."""
    numbers = [n for values in (*instance.weights.values(), *instance.biases.values()) for n in values]
    if any(n.denominator != 1 for n in [*numbers, *(n for x in instance.dataset.x for n in x)]):
        raise ValueError("the textbook program is for whole numbers")
    milp = Milp()
    weights = {edge: _choice(milp, values) for edge, values in instance.weights.items()}
    biases = {v: _choice(milp, values) for v, values in instance.biases.items()}
    network, data = instance.network, instance.dataset
    outputs: dict[tuple[Number, ...], list[Value]] = {}
    for x in dict.fromkeys(data.x):
        value = {name: known(float(number)) for name, number in zip(network.inputs, x, strict=True)}
        for v in network.neurons:
            total = biases[v].times(instance.bias_sign)
            for u in network.predecessors[v]:
                total = total.plus(_weighted(milp, weights[u, v], value[u], products))
            value[v] = _activated(milp, instance.activations[v], total)
        outputs[x] = [value[o] for o in network.outputs]
    for x, y, importance in zip(data.x, data.y, data.weight, strict=True):
        _add_loss(milp, instance, outputs[x], y, float(importance))
    return milp


def _choice(milp: Milp, values: Sequence[Number]) -> Choice:
    indicators = tuple(milp.add_binary() for _ in values)
    milp.add_row([(indicator, 1.0) for indicator in indicators], 1, 1)
    return Choice(tuple(map(float, values)), indicators)


def _weighted(milp: Milp, choice: Choice, value: Value, products: Products) -> Value:
    if value.low == value.high:
        return choice.times(value.low)
    ends = [weight * end for weight in choice.values for end in (value.low, value.high)]
    if len(choice.values) == 1:
        weight = choice.values[0]
        return Value([(c, weight * a) for c, a in value.terms], weight * value.constant, min(ends), max(ends))
    columns = products(milp, choice, _as_column(milp, value), value)
    return Value(list(zip(columns, choice.values, strict=True)), 0.0, min(ends), max(ends))


def _as_column(milp: Milp, value: Value) -> int:
    if len(value.terms) == 1 and value.terms[0][1] == 1 and not value.constant:
        return value.terms[0][0]
    column = milp.add_continuous(value.low, value.high)
    milp.add_row([(column, -1.0), *value.terms], -value.constant, -value.constant)
    return column


def _activated(milp: Milp, activation: Activation, total: Value) -> Value:
    match activation:
        case Identity():
            return total
        case Relu():
            return _clipped(milp, total, 0.0, max(total.high, 0.0))
        case ReluD():
            return _clipped(milp, total, 0.0, float(activation.top))
        case Clip(low=low, high=high):
            return _clipped(milp, total, float(low), float(high))
        case Threshold():
            return _positive(milp, total)
        case _:
            raise ValueError(f"no textbook rows for the activation {activation.name}")


def _clipped(milp: Milp, total: Value, low: float, high: float) -> Value:
    """``min(max(low, total), high)`` as a column, with a phase for each bend that the range reaches."""
    if total.high <= low or total.low >= high:
        return known(low if total.high <= low else high)
    if low <= total.low and total.high <= high:
        return total
    least, most = max(low, total.low), min(high, total.high)
    column = milp.add_continuous(least, most)
    apart: Terms = [(column, 1.0), *((c, -a) for c, a in total.terms)]
    phases: list[int] = []
    rising, falling = list[tuple[int, float]](), list[tuple[int, float]]()
    if total.low < low:
        phases.append(lifted := milp.add_binary())
        rising = [(lifted, low - total.low)]
        milp.add_row([(column, 1.0), (lifted, low - most)], -INFINITE, low)
    if total.high > high:
        phases.append(full := milp.add_binary())
        falling = [(full, total.high - high)]
        milp.add_row([(column, 1.0), (full, least - high)], least, INFINITE)
    milp.add_row([*apart, *rising], -INFINITE, total.constant + (low - total.low if rising else 0.0))
    milp.add_row([*apart, *falling], total.constant, INFINITE)
    if len(phases) == 2:
        milp.add_row([(phases[0], 1.0), (phases[1], -1.0)], 0, INFINITE)
    return Value([(column, 1.0)], 0.0, least, most)


def _positive(milp: Milp, total: Value) -> Value:
    """1 where the total, a whole number, is at least 1; else 0."""
    if total.high < 1 or total.low >= 1:
        return known(float(total.low >= 1))
    phase = milp.add_binary()
    milp.add_row([*total.terms, (phase, total.low - 1)], total.low - total.constant, INFINITE)
    milp.add_row([*total.terms, (phase, -total.high)], -INFINITE, -total.constant)
    return Value([(phase, 1.0)], 0.0, 0.0, 1.0)


def _add_loss(milp: Milp, instance: Instance, outputs: list[Value], labels: tuple[Label, ...], cost: float) -> None:
    pairs = [(output, float(y)) for output, y in zip(outputs, labels, strict=True) if y is not None]
    match instance.loss:
        case Mismatch():
            _add_mismatch(milp, pairs, cost)
        case Absolute():
            for output, label in pairs:
                reach = max(0.0, output.high - label, label - output.low)
                error = milp.add_continuous(0, reach, cost)
                milp.add_row([(error, 1.0), *((c, -a) for c, a in output.terms)], output.constant - label, INFINITE)
                milp.add_row([(error, 1.0), *output.terms], label - output.constant, INFINITE)
        case Hinge(margin=margin):
            for output, label in pairs:
                gaps = [float(margin) - label * end for end in (output.low, output.high)]
                error = milp.add_continuous(0, max(0.0, *gaps), cost)
                least = float(margin) - label * output.constant
                milp.add_row([(error, 1.0), *((c, label * a) for c, a in output.terms)], least, INFINITE)
        case _:
            raise ValueError(f"no textbook rows for the loss {instance.loss.name}")


def _add_mismatch(milp: Milp, pairs: list[tuple[Value, float]], cost: float) -> None:
    """One binary that lets the outputs differ from their labels."""
    if any(not output.low <= label <= output.high for output, label in pairs):
        milp.constant += cost
        return
    wrong = milp.add_binary(cost)
    for output, label in pairs:
        room = label - output.constant
        milp.add_row([*output.terms, (wrong, label - output.high)], -INFINITE, room)
        milp.add_row([*output.terms, (wrong, label - output.low)], room, INFINITE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--products", choices=list(PRODUCTS), default="sum")
    parser.add_argument("--time-limit", type=float, default=60.0)
    arguments = parser.parse_args()
    solver = textbook(load(arguments.file), PRODUCTS[arguments.products]).highs(arguments.time_limit)
    solver.setOptionValue("presolve", "off")  # in 1.14.0 it loses optima of programs with continuous columns
    solver.run()
    status, info = solver.modelStatusToString(solver.getModelStatus()), solver.getInfo()
    print(f"{status}, loss {info.objective_function_value:g}, bound {info.mip_dual_bound:g}")


if __name__ == "__main__":
    main()
