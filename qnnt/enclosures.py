"""What is certain of a loss whose numbers are too large to be computed: the network over intervals.

The judge's second resort, for values beyond `qnnt.bit_budget`: every value is a short exact number, or a
`qnnt.dyadic.Interval` that holds it. A threshold of 3^(2^200) - 1 is certain after 200 squarings of short
mantissas. Never a guess: what the intervals leave open is an interval of losses, or unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qnnt.activations import (
    Activation,
    Clip,
    Constant,
    Identity,
    Leaky,
    Polynomial,
    Relu,
    ReluD,
    Sign,
    Step,
    Threshold,
)
from qnnt.dyadic import ZERO, Arithmetic, Enclosure, Interval
from qnnt.errors import CertificateError
from qnnt.evaluation import LookUp, activate, go_on, sample_loss
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Label, Linf, Loss, Mismatch, Positive, Squared

PRECISIONS = (192, 1536, 12288)
"""Bits of mantissas, tried in turn; also of the exact numbers that are kept."""


@dataclass(frozen=True)
class Unknown:
    """Intervals say nothing of the loss: `place` is where they end."""

    place: str


def certified_losses(
    instance: Instance, parameters: Parameters, look_up: LookUp = go_on
) -> Iterator[Enclosure | Unknown]:
    """What intervals say of the loss, with growing precision.

    Raises
    ------
    CertificateError
        If an activation or the loss is undefined at a sample.
    """
    for precision in PRECISIONS:
        yield certified_loss(instance, parameters, Arithmetic(precision), look_up)


def certified_loss(
    instance: Instance, parameters: Parameters, arithmetic: Arithmetic, look_up: LookUp = go_on
) -> Enclosure | Unknown:
    """The loss, or an interval that holds it. The other parameters are those of `certified_losses`."""
    seen: dict[tuple[Number, ...], list[Enclosure] | Unknown] = {}
    total: Enclosure = 0
    data = instance.dataset
    for x, y, weight in zip(data.x, data.y, data.weight, strict=True):
        if x not in seen:
            seen[x] = outputs_within(instance, parameters, x, arithmetic, look_up)
        outputs = seen[x]
        if isinstance(outputs, Unknown):
            return outputs
        share = _sample_loss(instance.loss, outputs, y, arithmetic)
        if share is None:
            return Unknown(f"the loss {instance.loss.name}")
        total = arithmetic.sum(total, arithmetic.product(weight, share))
    return total


def outputs_within(
    instance: Instance, parameters: Parameters, x: Sequence[Number], arithmetic: Arithmetic, look_up: LookUp = go_on
) -> list[Enclosure] | Unknown:
    """Enclosures of the network's outputs at one input vector.

    Raises
    ------
    CertificateError
        If an activation is undefined there.
    """
    network = instance.network
    values: dict[str, Enclosure] = dict(zip(network.inputs, x, strict=True))
    for neuron in network.neurons:
        look_up()
        total: Enclosure = instance.bias_sign * parameters.biases[neuron]
        for u in network.predecessors[neuron]:
            total = arithmetic.sum(total, arithmetic.product(values[u], parameters.weights[u, neuron]))
        try:
            value = _activated(instance.activations[neuron], total, arithmetic)
        except CertificateError as error:
            raise CertificateError(f"neuron {neuron}: {error}") from None
        if value is None:
            return Unknown(f"the {instance.activations[neuron].name} of neuron {neuron}")
        values[neuron] = value
    return [values[o] for o in network.outputs]


def _activated(activation: Activation, t: Enclosure, arithmetic: Arithmetic) -> Enclosure | None:
    """The activation's values on an enclosure; None where that is no use, such as for digits of an interval."""
    if isinstance(activation, Polynomial):
        total: Enclosure = 0
        for i, c in enumerate(activation.coefficients):
            if c:
                total = arithmetic.sum(total, arithmetic.product(c, arithmetic.power(t, i)))
        return total
    if not isinstance(t, Interval):
        return arithmetic.held(activate(activation, t))
    match activation:
        case Identity():
            return t
        case Relu():
            return arithmetic.clipped(t, 0)
        case ReluD(d=d):
            return arithmetic.clipped(t, 0, d // 2)  # ceil((d-1)/2)
        case Clip(low=low, high=high):
            return arithmetic.clipped(t, low, high)
        case Threshold():
            return 1 if t.is_above(0) else 0 if t.stays_within(0) else arithmetic.hull([0, 1])
        case Sign():
            return 1 if t.reaches(0) else -1 if t.is_below(0) else arithmetic.hull([-1, 1])
        case Leaky(negative=negative, positive=positive):
            if t.reaches(0) or t.stays_within(0):
                return arithmetic.product(t, positive if t.reaches(0) else negative)
            sides = (negative, Interval(t.low, ZERO)), (positive, Interval(ZERO, t.high))
            return arithmetic.hull([arithmetic.product(slope, side) for slope, side in sides])
        case Constant(constant=constant):
            return constant
        case Step(breaks=breaks, values=values):
            first = sum(t.reaches(b) for b in breaks)
            last = sum(not t.is_below(b) for b in breaks)
            return arithmetic.hull(values[first : last + 1])
    return None


def _sample_loss(
    loss: Loss, outputs: Sequence[Enclosure], labels: Sequence[Label], arithmetic: Arithmetic
) -> Enclosure | None:
    """The loss of one sample; None where intervals say nothing of it."""
    known = [0 if isinstance(output, Interval) else output for output in outputs]
    rest = [None if isinstance(output, Interval) else label for output, label in zip(outputs, labels, strict=True)]
    exact = sample_loss(loss, known, rest)
    open_pairs = [
        (j, output, label)
        for j, (output, label) in enumerate(zip(outputs, labels, strict=True))
        if isinstance(output, Interval) and label is not None
    ]
    shares = [_share(loss, j, output, label, arithmetic) for j, output, label in open_pairs]
    found = [share for share in shares if share is not None]
    if len(found) < len(shares):
        return None
    if isinstance(loss, Mismatch | Linf):
        return arithmetic.maximum([exact, *found])
    return _summed([exact, *found], arithmetic)


def _summed(values: Iterable[Enclosure], arithmetic: Arithmetic) -> Enclosure:
    total: Enclosure = 0
    for value in values:
        total = arithmetic.sum(total, value)
    return total


def _share(loss: Loss, position: int, output: Interval, label: Number, arithmetic: Arithmetic) -> Enclosure | None:
    """What one output costs; losses of whole vectors are the largest of these."""
    match loss:
        case Mismatch() | Hamming():
            return arithmetic.hull([0, 1]) if output.contains(label) else 1
        case Accept(sets=sets):
            accepted = dict(sets)
            if label not in accepted:
                raise CertificateError(f"the loss has no accepted values for label {label}")
            return arithmetic.hull([0, 1]) if any(map(output.contains, accepted[label][position])) else 1
        case Positive():
            costs = [0] if output.contains(label) else []
            costs += [] if output.stays_within(0) else [1]
            return arithmetic.hull(costs + ([] if output.is_above(0) else [2]))
        case Absolute() | Linf():
            gap = arithmetic.sum(output, -label)
            return arithmetic.maximum([0, gap, arithmetic.product(gap, -1)])
        case Squared():
            return arithmetic.power(arithmetic.sum(output, -label), 2)
        case Hinge(margin=margin):
            return arithmetic.maximum([0, arithmetic.sum(margin, arithmetic.product(output, -label))])
    return None
