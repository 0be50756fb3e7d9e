"""Brute force in integers of any size, for instances whose numbers pass 62 bits and whose settings are few.

Complexity: settings * distinct inputs * edges sums, of numbers whose bits can double at every layer. Losses that
are beyond `qnnt.bit_budget` are enclosed by `qnnt.enclosures`; where that leaves the answer open it is left
open. The definitions are those of `qnnt.activations` and `qnnt.losses`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qnnt.algorithms.enumeration import setting
from qnnt.bit_budget import check_sum, check_written
from qnnt.dyadic import Interval, order
from qnnt.enclosures import Unknown, certified_losses
from qnnt.errors import BudgetError, CertificateError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Parameters
from qnnt.simplification.samples import Labels, labels_by_input


@dataclass(frozen=True)
class Open:
    """A setting whose loss could not be computed: an interval that holds it, if there is one, and why."""

    loss: Interval | None
    reason: str

    def reaches_below(self, other: Open) -> bool:
        """Whether it may be smaller than all that the other one may be."""
        if self.loss is None or other.loss is None:
            return other.loss is not None
        return min(self.loss.low, other.loss.low, key=order) != other.loss.low

    def may_be_within(self, bound: Number) -> bool:
        """Whether the loss is not certain to be above the bound."""
        return self.loss is None or not self.loss.is_above(bound)

    def may_be_below(self, loss: Number) -> bool:
        """Whether the loss is not certain to be at least another one."""
        return loss > 0 and (self.loss is None or not self.loss.reaches(loss))


@dataclass(frozen=True)
class ExactMinimum:
    """The best of the settings whose loss is known, and of those whose loss is not.

    Attributes
    ----------
    parameters, loss
        None if there is none.
    open
        The setting that may be the best of those left open, by the lower end; None if there is none.
    """

    parameters: Parameters | None
    loss: Number | None
    open: Open | None

    def reason_against_no(self, bound: Number) -> str:
        """Why it is not certain that every loss is above the bound; empty if it is, as far as `loss` goes."""
        return self.open.reason if self.open is not None and self.open.may_be_within(bound) else ""

    @property
    def reason_against_optimal(self) -> str:
        """Why it is not certain that `loss` is the smallest, or that there is none; empty if it is."""
        if self.open is None:
            return ""
        return self.open.reason if self.loss is None or self.open.may_be_below(self.loss) else ""


def exact_minimum(
    instance: Instance,
    enough: Number | None = None,
    report: Callable[[Parameters, Number], None] | None = None,
) -> ExactMinimum:
    """The smallest loss over all settings, or the first loss <= enough; see `qnnt.algorithms.enumeration.minimum`."""
    groups = labels_by_input(instance.dataset)
    best: tuple[Parameters, Number] | None = None
    lowest: Open | None = None
    for number in range(instance.settings):
        parameters = setting(instance, number)
        found = _known_loss(instance, parameters, groups)
        if isinstance(found, Open):
            lowest = found if lowest is None or found.reaches_below(lowest) else lowest
        elif found is not None and (best is None or found < best[1]):
            best = parameters, found
            if report is not None:
                report(*best)
            if enough is not None and found <= enough:
                break
    parameters_found, loss = best or (None, None)
    return ExactMinimum(parameters_found, loss, lowest)


def _known_loss(
    instance: Instance, parameters: Parameters, groups: dict[tuple[Number, ...], dict[Labels, int]]
) -> Number | Open | None:
    """The loss, what is known of it, or None where it is undefined."""
    try:
        return _loss(instance, parameters, groups)
    except BudgetError as error:
        reason = str(error)
    enclosed: Interval | None = None
    try:
        for found in certified_losses(instance, parameters):
            if isinstance(found, Unknown):
                why = f"intervals end at {found.place}"
            elif isinstance(found, Interval):
                enclosed, why = found, "intervals leave the loss open"
            else:
                check_written(found)
                return found
    except CertificateError:
        return None
    except BudgetError:
        why = "the loss is too large to be written"
    return Open(enclosed, f"{reason}; {why}")


def _loss(
    instance: Instance, parameters: Parameters, groups: dict[tuple[Number, ...], dict[Labels, int]]
) -> Number | None:
    total: Number = 0
    for x, labels in groups.items():
        outputs = _outputs(instance, parameters, x)
        if outputs is None:
            return None
        for y, weight in labels.items():
            share = instance.loss.of_sample(outputs, y)
            if share is None:
                return None
            total = _sum(iter((total, weight * share)), "the loss")
    try:
        check_written(total)
    except BudgetError as error:
        raise error.of("the loss") from None
    return total


def _outputs(instance: Instance, parameters: Parameters, x: tuple[Number, ...]) -> list[Number] | None:
    network = instance.network
    values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
    for v in network.neurons:
        place = f"the value of neuron {v}"
        products = (parameters.weights[u, v] * values[u] for u in network.predecessors[v])
        total = _sum(products, place) + instance.bias_sign * parameters.biases[v]
        try:
            value = instance.activations[v].value(reduced(total))
        except BudgetError as error:
            raise error.of(place) from None
        if value is None:
            return None
        values[v] = value
    return [values[o] for o in network.outputs]


def _sum(numbers: Iterator[Number], place: str) -> Number:
    total: Number = 0
    for number in numbers:
        try:
            check_sum(total, number)
        except BudgetError as error:
            raise error.of(place) from None
        total += number
    return reduced(total)
