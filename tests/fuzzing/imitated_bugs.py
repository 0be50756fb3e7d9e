"""What wrong solvers would do, told by brute force: predicates for shrinking, True where the bug shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from qnnt.activations import Activation, Clip, ReluD, Step, Table, Threshold
from qnnt.algorithms.enumeration import minimum
from qnnt.exact import Number, reduced
from qnnt.instance import Dataset, Instance
from qnnt.losses import Squared


def _loss(instance: Instance) -> Number | None:
    return minimum(instance).loss


def _with_rows(instance: Instance, kept: list[int]) -> Instance:
    data = instance.dataset
    return instance.derive(
        dataset=Dataset(
            tuple(data.x[i] for i in kept), tuple(data.y[i] for i in kept), tuple(data.weight[i] for i in kept)
        )
    )


def _optimal_pre_activations(instance: Instance) -> Iterator[Number]:
    best = minimum(instance).parameters
    if best is None:
        return
    network = instance.network
    for x in instance.dataset.x:
        values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
        for v in network.neurons:
            total = instance.bias_sign * best.biases[v]
            total += sum(values[u] * best.weights[u, v] for u in network.predecessors[v])
            yield reduced(total)
            value = instance.activations[v].value(reduced(total))
            assert value is not None
            values[v] = value


def reaches_two(instance: Instance) -> bool:
    """Some pre-activation is exactly 2 in the optimum."""
    return any(t == 2 for t in _optimal_pre_activations(instance))


def overflows_at_nine(instance: Instance) -> bool:
    """Some pre-activation is at least 9 in the optimum."""
    return any(t >= 9 for t in _optimal_pre_activations(instance))


def flips_biases(instance: Instance) -> bool:
    """Biases with the wrong sign change the optimum."""
    biases = {v: tuple(sorted(-value for value in values)) for v, values in instance.biases.items()}
    return _loss(instance.derive(biases=biases)) != _loss(instance)


def _one_later(activation: Activation) -> Activation:
    match activation:
        case Threshold():
            return Step((2,), (0, 1))  # the same on integers as t > 1
        case ReluD():
            return Clip(0, activation.top + 1)
        case Clip(low=low, high=high):
            return Clip(low, high + 1)
    return activation


def shifts_thresholds(instance: Instance) -> bool:
    """Jumps and plateaus that come 1 too late change the optimum."""
    activations = {v: _one_later(activation) for v, activation in instance.activations.items()}
    return _loss(instance.derive(activations=activations)) != _loss(instance)


def orders_neurons_that_differ(instance: Instance) -> bool:
    """Ordering the first weights of the first two hidden neurons, alike or not, changes the optimum."""
    network = instance.network
    if len(network.hidden) < 2 or not len(instance.dataset):
        return False
    first, second = network.hidden[:2]
    if not network.predecessors[first] or not network.predecessors[second]:
        return False
    edge, other = (network.predecessors[first][0], first), (network.predecessors[second][0], second)
    losses = []
    for weight in instance.weights[edge]:
        later = tuple(value for value in instance.weights[other] if value >= weight)
        if later:
            losses.append(_loss(instance.derive(weights={**instance.weights, edge: (weight,), other: later})))
    possible = [loss for loss in losses if loss is not None]
    return _loss(instance) is not None and min(possible, default=None) != _loss(instance)


def breaks_on_masked_squares(instance: Instance) -> bool:
    """There are a masked label and the squared loss."""
    return isinstance(instance.loss, Squared) and any(label is None for row in instance.dataset.y for label in row)


def breaks_on_rational_weights(instance: Instance) -> bool:
    """Some weight may be a true rational."""
    return any(value.denominator > 1 for values in instance.weights.values() for value in values)


def forgets_sample_weights(instance: Instance) -> bool:
    """The optimum changes if every sample counts once."""
    data = instance.dataset
    once = instance.derive(dataset=Dataset(data.x, data.y, (1,) * len(data)))
    return _loss(once) != _loss(instance)


@dataclass(frozen=True)
class _Total(Table):
    """A table that is 0 where it is undefined."""

    def value(self, t: Number) -> Number:
        return dict(self.entries).get(t, 0)


def completes_tables(instance: Instance) -> bool:
    """The optimum changes if tables are 0 where they are undefined."""
    total: Mapping[str, Activation] = {
        v: _Total(activation.entries) if isinstance(activation, Table) else activation
        for v, activation in instance.activations.items()
    }
    return total != instance.activations and _loss(instance.derive(activations=total)) != _loss(instance)


def trains_each_sample_alone(instance: Instance) -> bool:
    """The sum of the optima of single samples is not the optimum."""
    alone = [_loss(_with_rows(instance, [i])) for i in range(len(instance.dataset))]
    known = [loss for loss in alone if loss is not None]
    whole = _loss(instance)
    return whole is not None and len(known) == len(alone) and sum(known) != whole


def forgets_third_values(instance: Instance) -> bool:
    """The optimum changes if only the first two values of each set may be taken."""
    fewer = instance.derive(
        weights={edge: values[:2] for edge, values in instance.weights.items()},
        biases={v: values[:2] for v, values in instance.biases.items()},
    )
    return _loss(fewer) != _loss(instance)


def keeps_one_of_equal_inputs(instance: Instance) -> bool:
    """The optimum changes if only the last sample of each input counts."""
    last = {x: i for i, x in enumerate(instance.dataset.x)}
    return _loss(_with_rows(instance, sorted(last.values()))) != _loss(instance)


def forgets_skips(instance: Instance) -> bool:
    """The optimum changes without the edges that skip a level."""
    level = instance.network.level
    weights = {(u, v): values if level[v] == level[u] + 1 else (0,) for (u, v), values in instance.weights.items()}
    return _loss(instance.derive(weights=weights)) != _loss(instance)


def loses_the_exact_bound(instance: Instance) -> bool:
    """The bound is met exactly."""
    return instance.bound is not None and _loss(instance) == instance.bound


def rounds_the_bound_up(instance: Instance) -> bool:
    """The bound is missed by less than 1, or by 1."""
    loss = _loss(instance)
    return instance.bound is not None and loss is not None and instance.bound < loss <= instance.bound + 1


COMMON: tuple[Callable[[Instance], bool], ...] = (
    reaches_two,
    flips_biases,
    breaks_on_rational_weights,
    forgets_sample_weights,
    keeps_one_of_equal_inputs,
    loses_the_exact_bound,
    rounds_the_bound_up,
)
"""On one random tiny instance in ten or more."""
RARE: tuple[Callable[[Instance], bool], ...] = (
    shifts_thresholds,
    orders_neurons_that_differ,
    breaks_on_masked_squares,
    trains_each_sample_alone,
    forgets_third_values,
    overflows_at_nine,
    completes_tables,
    forgets_skips,
)
"""On fewer, or slower to tell."""
NEVER_LARGE = (completes_tables, keeps_one_of_equal_inputs, loses_the_exact_bound, rounds_the_bound_up)
"""They need what large instances of the tests do not have."""
