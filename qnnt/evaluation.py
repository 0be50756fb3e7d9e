"""The judge: what an instance means, written down once more, plainly.

Nothing here is shared with encoders or exact algorithms, not even the definitions of activations and
losses: a mistake there must not be able to hide. All arithmetic is on integers and Fractions.
`qnnt.array_evaluation` holds the same for integer instances in NumPy, tested equal to this.

Values that `qnnt.bit_budget` finds too large are not computed: what `qnnt.enclosures` says of those goes
through `qnnt.array_evaluation.judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from operator import mul

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
    Table,
    Threshold,
)
from qnnt.bit_budget import bits_of, check_power, check_product, check_sum, check_written
from qnnt.digit_activations import SlpMul, SlpMulGuard, SlpShift, SlpShiftGuard
from qnnt.errors import BudgetError, CertificateError
from qnnt.exact import Number, shown
from qnnt.instance import Instance, Parameters
from qnnt.judged_digits import digits_behind_the_point, shifted
from qnnt.losses import (
    Absolute,
    Accept,
    Hamming,
    Hinge,
    Label,
    Linf,
    Loss,
    Mismatch,
    Positive,
    Squared,
    TableLoss,
)
from qnnt.network import edge_key

GROWING = frozenset({Polynomial, SlpShift, SlpShiftGuard, SlpMul, SlpMulGuard})
"""Activations behind which numbers can be large."""
LookUp = Callable[[], None]
"""Called before each neuron of an evaluation, which may take long; what it raises ends that."""
LARGE = 1000
"""Bits from which on sums and powers take a look at the budget first."""


def activate(activation: Activation, t: Number) -> Number:
    """The activation's value at t.

    Raises
    ------
    CertificateError
        Where it is undefined (a table without an entry for t, digits where there are none).
    BudgetError
        Where the value is too large.
    """
    match activation:
        case Identity():
            return t
        case Relu():
            return max(0, t)
        case ReluD(d=d):
            top = (d - 1 + 1) // 2  # ceil((d-1)/2)
            return 0 if t < 0 else min(t, top)
        case Clip(low=low, high=high):
            return low if t < low else min(t, high)
        case Threshold():
            return 1 if t > 0 else 0
        case Sign():
            return -1 if t < 0 else 1
        case Leaky(negative=negative, positive=positive):
            return t * negative if t < 0 else t * positive
        case Constant(constant=constant):
            return constant
        case Step(breaks=breaks, values=values):
            chosen = values[0]
            for b, value in zip(breaks, values[1:], strict=True):
                if t >= b:
                    chosen = value
            return chosen
        case Polynomial(coefficients=coefficients):
            if len(coefficients) * bits_of(t) > LARGE:
                check_power(t, max((i for i, c in enumerate(coefficients) if c), default=0))
            return sum((c * t**i for i, c in enumerate(coefficients) if c), 0)
        case Table(entries=entries):
            listed = dict(entries)
            if t not in listed:
                raise CertificateError(f"the pre-activation {_short(t)} is outside the activation table")
            return listed[t]
        case SlpShift():
            if t.denominator > 1 or t < 0 or (t > 0 and t % 10 == 0):
                raise CertificateError(f"{activation.name} is undefined at the pre-activation {_short(t)}")
            return shifted(t.numerator, 0)
        case SlpShiftGuard():
            if t.denominator > 1:
                raise CertificateError(f"{activation.name} is undefined at the pre-activation {_short(t)}")
            return shifted(t.numerator, 1) if t >= 0 else shifted(-t.numerator, 2)
        case SlpMul() | SlpMulGuard():
            whole = t.numerator // t.denominator
            digits = digits_behind_the_point(t - whole)
            if isinstance(activation, SlpMulGuard) and digits is not None:
                digits = {1: digits // 10, 2: -(digits // 10)}.get(digits % 10)
            if digits is None:
                raise CertificateError(f"{activation.name} is undefined at the pre-activation {_short(t)}")
            check_product(whole, digits)
            return whole * digits
    raise TypeError(f"unknown activation {activation!r}")


def sample_loss(loss: Loss, outputs: Sequence[Number], labels: Sequence[Label]) -> Number:
    """The loss of one sample with weight 1.

    Raises
    ------
    CertificateError
        Where it is undefined (a loss table without an entry for this output and label).
    BudgetError
        Where it is too large.
    """
    pairs = [(o, y) for o, y in zip(outputs, labels, strict=True) if y is not None]
    match loss:
        case Mismatch():
            return 0 if all(o == y for o, y in pairs) else 1
        case Hamming():
            return sum(1 for o, y in pairs if o != y)
        case Absolute():
            return sum((o - y if o > y else y - o for o, y in pairs), 0)
        case Positive():
            return sum(0 if o == y else 1 if o > 0 else 2 for o, y in pairs)
        case Squared():
            for o, y in pairs:
                check_power(o - y, 2)
            return sum(((o - y) * (o - y) for o, y in pairs), 0)
        case Linf():
            return max([0, *(o - y if o > y else y - o for o, y in pairs)])
        case Hinge(margin=margin):
            return sum((margin - y * o for o, y in pairs if margin - y * o > 0), 0)
        case TableLoss(entries=entries):
            listed = {(o, y): value for o, y, value in entries}
            for pair in pairs:
                if pair not in listed:
                    output, label = map(_short, pair)
                    raise CertificateError(f"the loss table has no entry for output {output} and label {label}")
            return sum((listed[pair] for pair in pairs), 0)
        case Accept(sets=sets):
            accepted = dict(sets)
            for _, y in pairs:
                if y not in accepted:
                    raise CertificateError(f"the loss has no accepted values for label {y}")
            return sum(1 for j, y in enumerate(labels) if y is not None and outputs[j] not in accepted[y][j])
    raise TypeError(f"unknown loss {loss!r}")


def go_on() -> None:
    """The `LookUp` of whoever has time."""


def outputs_at(
    instance: Instance, parameters: Parameters, x: Sequence[Number], look_up: LookUp = go_on
) -> tuple[Number, ...]:
    """The network's output vector at one input vector.

    Raises
    ------
    CertificateError
        If an activation is undefined there.
    BudgetError
        If a value is too large; names the neuron and the bits.
    """
    network = instance.network
    values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
    large = False
    for neuron in network.neurons:
        look_up()
        bias = parameters.biases[neuron]
        before = network.predecessors[neuron]
        activation = instance.activations[neuron]
        try:
            products = map(mul, (values[u] for u in before), (parameters.weights[u, neuron] for u in before))
            total = _checked_sum(products) if large else sum(products, 0)
            total = total - bias if instance.d is not None else total + bias
            values[neuron] = activate(activation, total)
        except CertificateError as error:
            raise CertificateError(f"neuron {neuron} at x = {_vector(x)}: {error}") from None
        except BudgetError as error:
            raise error.of(f"the value of neuron {neuron} at x = {_vector(x)}") from None
        large = large or (type(activation) in GROWING and bits_of(values[neuron]) > LARGE)
    return tuple(_whole(values[o]) for o in network.outputs)


def _checked_sum(values: Iterable[Number]) -> Number:
    total: Number = 0
    for value in values:
        check_sum(total, value)
        total += value
    return total


def evaluate(instance: Instance, parameters: Parameters, look_up: LookUp = go_on) -> Number:
    """The loss of the parameters on the whole dataset, recomputed exactly.

    Each distinct input vector is propagated once.

    Raises
    ------
    CertificateError
        If an activation or the loss is undefined at a sample.
    BudgetError
        If a value is too large, or the loss too large to be written.
    """
    seen: dict[tuple[Number, ...], tuple[Number, ...]] = {}
    total: Number = 0
    data = instance.dataset
    for x, y, weight in zip(data.x, data.y, data.weight, strict=True):
        if x not in seen:
            seen[x] = outputs_at(instance, parameters, x, look_up)
        try:
            share = sample_loss(instance.loss, seen[x], y)
            check_sum(total, share)
        except BudgetError as error:
            raise error.of(f"the loss at x = {_vector(x)}") from None
        total += weight * share
    return written_loss(_whole(total))


def written_loss(loss: Number) -> Number:
    """The loss, which can be written to a file.

    Raises
    ------
    BudgetError
        If it is too large for that.
    """
    try:
        check_written(loss)
    except BudgetError as error:
        raise error.of("the loss") from None
    return loss


def _whole(value: Number) -> Number:
    """An int where the value is one, as everywhere outside."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def check_parameters(instance: Instance, parameters: Parameters) -> None:
    """Every edge and neuron has a value from its set, and nothing else has one.

    Raises
    ------
    CertificateError
        Names the first parameter that is missing, unknown, or outside its set.
    """
    for edge, allowed in instance.weights.items():
        if edge not in parameters.weights:
            raise CertificateError(f"the weight of {edge_key(edge)} is missing")
        if parameters.weights[edge] not in allowed:
            raise CertificateError(
                f"the weight {parameters.weights[edge]} of {edge_key(edge)} is not in its set {_set(allowed)}"
            )
    for neuron, allowed in instance.biases.items():
        if neuron not in parameters.biases:
            raise CertificateError(f"the bias of {neuron} is missing")
        if parameters.biases[neuron] not in allowed:
            raise CertificateError(
                f"the bias {parameters.biases[neuron]} of {neuron} is not in its set {_set(allowed)}"
            )
    for edge in parameters.weights:
        if edge not in instance.weights:
            raise CertificateError(f"the network has no edge {edge_key(edge)}")
    for neuron in parameters.biases:
        if neuron not in instance.biases:
            raise CertificateError(f"the network has no neuron {neuron}")


def _short(value: Number) -> str:
    """A value in words: numbers beyond some thousands of digits cannot even be printed."""
    bits = bits_of(value)
    return str(value) if bits <= 200 else f"of {bits} bits"


def _vector(values: Sequence[Number]) -> str:
    return shown("(" + ", ".join(map(str, values)) + ")").strip("'")


def _set(values: Sequence[Number]) -> str:
    if len(values) > 8:
        return f"{{{values[0]}, ..., {values[-1]}}} of {len(values)} values"
    return "{" + ", ".join(map(str, values)) + "}"
