"""The order encoding of networks: everything is a sum of literals.

Formula
    A parameter is ``v_0 + sum gap * u_s`` with order literals u_s; a neuron's value is
    ``g_0 + sum jump * [S >= t]`` over the t where its activation changes on the bounds of its
    pre-activation S; products of both are AND literals. No multiplication, maximum or minimum is
    left: only sums of literals and their thresholds.
Source
    An instance of D-NNT (see `qnnt.simplification.general_form`), any DAG, activation and loss.
Target
    A `Model`: thresholds, clauses; integers, linears and products where literals would be too many.
Size
    Per weight of k values k - 1 literals; per neuron and view one literal per change of the
    activation; per edge beyond the first layer (k - 1) * (distinct literals of the value) ANDs.
Symmetry
    See `qnnt.encoders.symmetry`.
Reference
    Order encoding: Tamura, Taga, Kitagawa, Banbara, Compiling finite linear CSP into SAT,
    Constraints 14, 2009.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from qnnt.activations import Identity
from qnnt.encoders.affine import Affine, Steps, constant_affine, forbid
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.cells import Cell, relevant_cells, relevant_values, value_cells
from qnnt.encoders.integers import piecewise_variable, polynomial_powers
from qnnt.encoders.model import FALSE, LARGEST, Integers, Model, Sums
from qnnt.encoders.monotone import never_falls, weights_are_positive
from qnnt.encoders.objective import add_losses, bound_losses
from qnnt.encoders.products import product
from qnnt.encoders.sparsity import count_nonzeros
from qnnt.encoders.switches import SWITCHES, Switches
from qnnt.encoders.symmetry import break_symmetry, canonical
from qnnt.encoders.weights import ParameterCode, parameter_code
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters, Problem
from qnnt.losses import Linf
from qnnt.network import Edge, edge_key


@dataclass(frozen=True)
class Encoding:
    """A model with the way back to parameters.

    Attributes
    ----------
    weights, biases
        How each parameter stands in the model.
    """

    instance: Instance
    model: Model
    weights: Mapping[Edge, ParameterCode]
    biases: Mapping[str, ParameterCode]

    def decode(self, assignment: Integers) -> Parameters:
        """The parameters of an assignment, an array of values indexed by variable."""
        return Parameters(
            {edge: code.value_at(assignment) for edge, code in self.weights.items()},
            {neuron: code.value_at(assignment) for neuron, code in self.biases.items()},
        )

    def hint(self, parameters: Parameters) -> list[tuple[int, int]]:
        """The (variable, value) pairs of parameters, moved to where symmetry breaking wants them."""
        moved = canonical(self.instance, parameters)
        pairs = [pair for edge, code in self.weights.items() for pair in code.assignment_of(moved.weights[edge])]
        for neuron, code in self.biases.items():
            pairs += code.assignment_of(moved.biases[neuron])
        return pairs

    @property
    def parameter_sizes(self) -> dict[str, int]:
        """How many parameters are fixed, order coded and integer coded."""
        codes = [*self.weights.values(), *self.biases.values()]
        return {
            "fixed": sum(len(code.values) == 1 for code in codes),
            "order": sum(len(code.literals) > 0 for code in codes),
            "integer": sum(code.variable > 0 for code in codes),
        }


def encode(instance: Instance, objective: Objective, *, encoding: str = "auto", symmetry: bool = True) -> Encoding:
    """Compile an instance.

    Parameters
    ----------
    objective
        With `DECIDE` the instance's bound becomes a constraint and nothing is minimised.
    encoding
        A name of `SWITCHES`: where bounded integers take over from literals.
    symmetry
        Whether interchangeable neurons are ordered.

    Raises
    ------
    UnsupportedError
        If numbers could pass 60 bits, or a function is too large for every representation.
    """
    walk = _walked(instance, encoding, symmetry=symmetry)
    if objective is Objective.DECIDE:
        bound_losses(walk.builder, instance)
    return Encoding(instance, walk.builder.build(), walk.weights, walk.biases)


def encode_sparsest(instance: Instance, *, besides: int = 0, encoding: str = "auto", symmetry: bool = True) -> Encoding:
    """Compile the search for the fewest non-zero weights within the instance's bound, which is a constraint.

    Parameters
    ----------
    besides
        Non-zero weights that count, but are not in this instance.
    encoding, symmetry
        See `encode`, which raises the same.
    """
    walk = _walked(instance, encoding, symmetry=symmetry)
    bound_losses(walk.builder, instance)
    count_nonzeros(walk.builder, walk.weights.values())
    walk.builder.add_constant_to_objective(besides, 1)
    return Encoding(instance, walk.builder.build(), walk.weights, walk.biases)


def _walked(instance: Instance, encoding: str, *, symmetry: bool) -> _Walk:
    """The network, with the loss as the objective."""
    if instance.problem is not Problem.D_NNT:
        raise ValueError("encoders take D-NNT instances: bring d-QNNT into general form first")
    walk = _Walk(instance, SWITCHES[encoding])
    if len(instance.dataset):
        for neuron in instance.network.neurons:
            walk.encode_neuron(neuron)
        add_losses(walk.builder, instance, walk.xs, walk.views, walk.steps, walk.affines, monotone=walk.monotone)
    if symmetry:
        break_symmetry(walk.builder, instance, walk.weights, walk.biases)
    return walk


@dataclass(frozen=True)
class _PreActivation:
    """Row r is ``(sums[r] + constant[r]) / denominator``, within low[r]..high[r] before division."""

    sums: Sums
    constant: Integers
    low: Integers
    high: Integers
    denominator: int
    integral: bool


class _Walk:
    """The state of one walk through the network: what is known of each input and neuron so far."""

    def __init__(self, instance: Instance, switches: Switches) -> None:
        self.instance = instance
        self.switches = switches
        self.builder = ModelBuilder()
        self.weights = {
            edge: parameter_code(self.builder, values, switches.parameter, edge_key(edge))
            for edge, values in instance.weights.items()
        }
        self.biases = {
            neuron: parameter_code(self.builder, values, switches.parameter, f"bias of {neuron}")
            for neuron, values in instance.biases.items()
        }
        self.xs = list(dict.fromkeys(instance.dataset.x))
        self.views: dict[str, Integers] = {}
        self.affines: dict[str, Affine] = {}
        self.steps: dict[str, Steps] = {}
        self.chains: dict[str, Steps] = {}
        self._variables: dict[str, Integers] = {}
        self.monotone = weights_are_positive(instance)
        for j, name in enumerate(instance.network.inputs):
            self._encode_input(name, [x[j] for x in self.xs])

    def _encode_input(self, name: str, column: list[Number]) -> None:
        distinct = {value: i for i, value in enumerate(dict.fromkeys(column))}
        self.views[name] = np.array([distinct[value] for value in column], np.int64)
        self.affines[name] = constant_affine(list(distinct))

    def encode_neuron(self, neuron: str) -> None:
        """The neuron's pre-activation, then its value in the forms that its readers need."""
        network, instance = self.instance.network, self.instance
        total = self._pre_activation(neuron)
        low, high, grid = int(total.low.min()), int(total.high.max()), total.denominator
        activation = instance.activations[neuron]
        self.monotone = self.monotone and never_falls(activation, low, high, grid)
        is_output = neuron in network.outputs
        feeds = bool(network.successors[neuron])
        cells = value_cells(activation, low, high, grid, self.switches.value + 1)
        if is_output:
            position = network.outputs.index(neuron)
            relevant = relevant_values(instance.loss, {y[position] for y in instance.dataset.y}, position)
            loss_cells = cells if relevant is None else relevant_cells(activation, low, high, grid, relevant)
            if loss_cells is not None:
                self.steps[neuron] = self._steps(total, loss_cells, neuron)
        if feeds or neuron not in self.steps or isinstance(instance.loss, Linf):
            self.affines[neuron] = self._affine(neuron, total, cells)

    def _pre_activation(self, neuron: str) -> _PreActivation:
        before = self.instance.network.predecessors[neuron]
        self.views[neuron], representatives = _joint_view([self.views[u] for u in before], len(self.xs))
        parts = []
        for u in before:
            code = self.weights[u, neuron]
            what = edge_key((u, neuron))
            variables = partial(self._variable, u)
            times = product(
                self.builder,
                code,
                self.affines[u],
                self.chains.get(u),
                variables,
                self.switches.pair,
                self.switches.table,
                what,
            )
            parts.append(times.rows(self.views[u][representatives]))
        one = constant_affine([1])
        bias = product(self.builder, self.biases[neuron], one, None, lambda: np.empty(0, np.int64), 0, 0, neuron)
        parts.append(bias.rows(np.zeros(len(representatives), np.int64)))
        return self._total(parts, neuron)

    def _total(self, parts: list[Affine], neuron: str) -> _PreActivation:
        denominator = math.lcm(*(part.denominator for part in parts))
        factors = [denominator // part.denominator for part in parts]
        magnitude = sum(
            f * max(int(np.abs(part.low).max()), int(np.abs(part.high).max()))
            for f, part in zip(factors, parts, strict=True)
        )
        if max(magnitude, denominator) > LARGEST:
            raise UnsupportedError(f"the pre-activation of {neuron} could need more than 60 bits")
        literals = np.concatenate([part.literals for part in parts], axis=1)
        coefficients = np.concatenate([f * part.coefficients for f, part in zip(factors, parts, strict=True)], axis=1)
        sums, folded = self.builder.sums(literals, coefficients)
        constant = folded + sum(f * part.constant for f, part in zip(factors, parts, strict=True))
        sum_low, sum_high = self.builder.bounds_of(sums)
        corner_low = sum(f * part.low for f, part in zip(factors, parts, strict=True))
        corner_high = sum(f * part.high for f, part in zip(factors, parts, strict=True))
        return _PreActivation(
            sums,
            constant,
            np.maximum(corner_low, sum_low + constant),
            np.minimum(corner_high, sum_high + constant),
            denominator,
            any(part.integral for part in parts),
        )

    def _steps(self, total: _PreActivation, cells: list[Cell], neuron: str) -> Steps:
        """Thresholds at the cells' starts; forbidden cells are excluded by clauses."""
        starts = np.array([start for start, _ in cells[1:]], np.int64)
        literals = self.builder.at_least(
            total.sums,
            starts[None, :] - total.constant[:, None],
            total.low - total.constant,
            total.high - total.constant,
            f"{neuron} at least",
        )
        steps = Steps(literals, tuple(value for _, value in cells))
        forbid(self.builder, steps)
        return steps

    def _affine(self, neuron: str, total: _PreActivation, cells: list[Cell] | None) -> Affine:
        """The value as a linear form: thresholds, the sum itself (identity), or a new integer."""
        activation = self.instance.activations[neuron]
        if isinstance(activation, Identity):
            widest = int(total.sums.lengths.max(initial=0))
            if total.integral or cells is None or widest < len(cells):
                return _passed_through(total)
        if cells is not None:
            self.chains[neuron] = self._steps(total, cells, neuron)
            return self.chains[neuron].affine()
        inner = self._as_variables(_passed_through(total), f"{neuron} pre-activation")
        if activation.piecewise_linear:
            return piecewise_variable(self.builder, activation, inner, total.low, total.high, total.denominator, neuron)
        return polynomial_powers(self.builder, activation, inner, total.low, total.high, total.denominator, neuron)

    def _variable(self, neuron: str) -> Integers:
        """One variable per row that equals the numerator of the neuron's value."""
        if neuron not in self._variables:
            self._variables[neuron] = self._as_variables(self.affines[neuron], f"{neuron} value")
        return self._variables[neuron]

    def _as_variables(self, value: Affine, what: str) -> Integers:
        single = value.terms == 1 and not value.constant.any() and (value.coefficients == 1).all()
        if single and (value.literals > 1).all():
            return value.literals[:, 0]
        variables = self.builder.integers(value.low, value.high, what)
        literals = np.concatenate([value.literals, variables[:, None]], axis=1)
        minus = np.full((len(variables), 1), -1)
        sums, folded = self.builder.sums(literals, np.concatenate([value.coefficients, minus], axis=1))
        self.builder.equal(sums, -(value.constant + folded))
        return variables


def _joint_view(views: list[Integers], samples: int) -> tuple[Integers, Integers]:
    """Which inputs agree in all views: a view number per input, and one input per view."""
    if not views:
        return np.zeros(samples, np.int64), np.zeros(1, np.int64)
    _, first, back = np.unique(np.stack(views, axis=1), axis=0, return_index=True, return_inverse=True)
    return back.reshape(-1), first


def _passed_through(total: _PreActivation) -> Affine:
    """The pre-activation itself as a linear form, rows padded to equal width."""
    sums, lengths = total.sums, total.sums.lengths
    width = int(lengths.max(initial=0))
    literals = np.full((len(sums), width), FALSE, np.int64)
    coefficients = np.zeros((len(sums), width), np.int64)
    filled = np.arange(width)[None, :] < lengths[:, None]
    literals[filled] = sums.variables
    coefficients[filled] = sums.coefficients
    return Affine(total.constant, literals, coefficients, total.low, total.high, total.denominator, total.integral)
