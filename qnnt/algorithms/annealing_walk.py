"""A walk over the settings of a network, one parameter at a time: what a local search is built on."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.annealing_kernel import BEST, COUNT, LOSS, MOVES, NOWHERE, UNDEFINED, Integers, place, walk
from qnnt.algorithms.annealing_tables import blank_state, fixed_of, largest_loss
from qnnt.algorithms.output_costs import OutputCosts
from qnnt.algorithms.states.integer_view import ConstantPiece, IntegerView, Neuron
from qnnt.evaluation import check_parameters
from qnnt.exact import Number
from qnnt.instance import Parameters
from qnnt.network import Edge


class Annealer:
    """A walk at temperatures that the caller sets; it starts at a random setting.

    Losses are numerators over the denominator of the costs. Equal calls on equal views with equal seeds do
    the same. Not for several threads at once; different ones run in parallel.

    Parameters
    ----------
    view
        Of an instance in general form.
    costs
        The tables of the loss of this view.

    Attributes
    ----------
    price
        What an undefined entry counts, as a numerator of the loss: more than any loss.
    temperature
        After the last run: to go on exactly where it ended.

    Raises
    ------
    UnsupportedError
        If the instance is too large, or its numbers could overflow.
    """

    def __init__(self, view: IntegerView, costs: OutputCosts, seed: int) -> None:
        self.view = view
        self._random = random.Random(seed)
        self._fixed = fixed_of(view, costs)
        self._state = blank_state(self._fixed, self._random.randrange(1, 2**64))
        self.price = float(largest_loss(costs) + 1)
        self.temperature = 0.0
        self.scatter()

    @property
    def loss(self) -> int:
        """The loss at present, undefined entries left out."""
        return int(self._state.totals[LOSS])

    @property
    def undefined(self) -> int:
        """Undefined entries at present: values of neurons, and losses of groups of outputs, at distinct inputs."""
        return int(self._state.totals[UNDEFINED])

    @property
    def best(self) -> int | None:
        """The least loss met so far without undefined entries; None if there was none."""
        found = int(self._state.totals[BEST])
        return None if found == NOWHERE else found

    @property
    def moves(self) -> int:
        """Moves tried so far."""
        return int(self._state.totals[MOVES])

    @property
    def partial(self) -> bool:
        """Whether some activation is undefined somewhere, or the loss."""
        return bool(self._fixed.partial or (self._fixed.cells < 0).any())

    @property
    def neighbours(self) -> int:
        """Settings that differ from a setting in one parameter."""
        return int((self._fixed.pieces[:, COUNT] - 1).sum())

    @property
    def energy(self) -> float:
        """What the walk lowers: the loss, plus more than any loss for each undefined entry."""
        return self.loss + self.price * self.undefined

    def run(self, moves: int, temperature: float, cooling: float = 1.0, enough: int = NOWHERE) -> int:
        """Try moves; a rise of the energy is accepted with probability exp(-rise / temperature).

        Parameters
        ----------
        moves
            How many; fewer once the least loss is `enough` or less, and none if no parameter has a choice.
        temperature
            In numerators of the loss; 0 refuses every rise, infinity none.
        cooling
            The temperature is multiplied by it before each move.

        Returns
        -------
        int
            How many were tried. One takes O(p) for the parameter's own neuron, with p distinct inputs, and
            downstream only what changes.
        """
        done, self.temperature = walk(
            self._fixed, self._state, int(moves), float(temperature), float(cooling), self.price, int(enough)
        )
        return done

    def scatter(self) -> None:
        """Go to a random setting."""
        counts = self._fixed.pieces[:, COUNT].tolist()
        self._go_to(np.array([self._random.randrange(count) for count in counts], np.int64))

    def return_to_best(self) -> None:
        """Go to the best setting so far, if there is one."""
        if self.best is not None:
            self._go_to(self._state.best)

    def move_to(self, parameters: Parameters) -> None:
        """Go to parameters of the view's instance.

        Raises
        ------
        CertificateError
            If a value is missing or outside its set.
        """
        check_parameters(self.view.instance, parameters)
        self._go_to(_choices(self.view, parameters))

    def present_parameters(self) -> Parameters:
        """The parameters at present; some activation or the loss may be undefined for them."""
        return _parameters(self.view, self._state.choice)

    def best_parameters(self) -> Parameters | None:
        """Parameters with the least loss so far; None if there are none without undefined entries."""
        return None if self.best is None else _parameters(self.view, self._state.best)

    def _go_to(self, choices: Integers) -> None:
        self._state.choice[:] = choices
        place(self._fixed, self._state)


def _parameters(view: IntegerView, choices: Integers) -> Parameters:
    """The values chosen."""
    weights: dict[Edge, Number] = {}
    biases: dict[str, Number] = {}
    chosen = iter(choices.tolist())
    for neuron in view.neurons:
        for piece in neuron.constants:
            value = piece.allowed[next(chosen)]
            if piece.key is None:
                biases[neuron.name] = value
            else:
                weights[piece.key, neuron.name] = value
        for edge in neuron.edges:
            weights[view.neurons[edge.source].name, neuron.name] = edge.allowed[next(chosen)]
    instance = view.instance
    return Parameters({edge: weights[edge] for edge in instance.weights}, {v: biases[v] for v in instance.biases})


def _choices(view: IntegerView, parameters: Parameters) -> Integers:
    """The number of each piece's value, or of one that contributes the same at all inputs."""
    found: list[int] = []
    for neuron in view.neurons:
        for piece in neuron.constants:
            key = piece.key
            value = parameters.biases[neuron.name] if key is None else parameters.weights[key, neuron.name]
            found.append(_row(view, neuron, piece, value))
        names = [view.neurons[edge.source].name for edge in neuron.edges]
        given = [parameters.weights[name, neuron.name] for name in names]
        found += [edge.allowed.index(value) for edge, value in zip(neuron.edges, given, strict=True)]
    return np.array(found, np.int64)


def _row(view: IntegerView, neuron: Neuron, piece: ConstantPiece, value: Number) -> int:
    if value in piece.allowed:
        return piece.allowed.index(value)
    place_of_input = None if piece.key is None else view.instance.network.inputs.index(piece.key)
    column = [1 if place_of_input is None else x[place_of_input] for x in view.inputs]
    row: npt.NDArray[np.int64] = np.array([int(value * x * neuron.unit) for x in column], np.int64)
    return int(np.flatnonzero((piece.choices == row).all(axis=1))[0])
