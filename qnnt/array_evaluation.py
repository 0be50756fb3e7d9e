"""The judge for integer instances, vectorised: the same outputs and losses as `qnnt.evaluation`.

All samples at once in 64-bit integers. A magnitude bound is computed first in Python integers;
instances that could overflow, or that hold rationals, are refused rather than wrapped around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qnnt.dyadic import Interval
from qnnt.enclosures import Unknown, certified_losses
from qnnt.errors import BudgetError, CertificateError
from qnnt.evaluation import LookUp, activate, check_parameters, evaluate, go_on, sample_loss, written_loss
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]

LARGEST = 2**62
WIDEST_TABLE = 1 << 16
MANY_PRODUCTS = 200_000
"""Products of weight and value from which the array path is worth its start-up."""


def judge(instance: Instance, parameters: Parameters, look_up: LookUp = go_on) -> Number:
    """The verdict on a claimed solution: its loss, after checking that every value is in its set.

    Exact either way; large integer instances go through NumPy. Where values are too large to be computed, the
    loss may still be certain: see `qnnt.enclosures`.

    Raises
    ------
    CertificateError
        If a value is missing or outside its set, or an activation or the loss is undefined.
    BudgetError
        If a value is too large, and intervals leave the loss open.
    """
    check_parameters(instance, parameters)
    products = len(instance.dataset) * len(instance.network.edges)
    if products >= MANY_PRODUCTS and applies(instance, parameters):
        return evaluate_array(instance, parameters)
    try:
        return evaluate(instance, parameters, look_up)
    except BudgetError:
        for found in certified_losses(instance, parameters, look_up):
            if not isinstance(found, Interval | Unknown):
                return written_loss(found)
        raise


def applies(instance: Instance, parameters: Parameters) -> bool:
    """Whether every number on the way is an integer that is certain to fit 64 bits."""
    if not all(isinstance(v, int) for x in instance.dataset.x for v in x):
        return False
    if not all(isinstance(v, int) for v in (*parameters.weights.values(), *parameters.biases.values())):
        return False
    return _ranges(instance, parameters) is not None


def _ranges(instance: Instance, parameters: Parameters) -> dict[str, tuple[int, int]] | None:
    """Interval of each neuron's pre-activation over the data; None if a table or 64 bits overflow."""
    network = instance.network
    columns = list(zip(*instance.dataset.x, strict=True)) or [(0,)] * len(network.inputs)
    value = {u: (int(min(c)), int(max(c))) for u, c in zip(network.inputs, columns, strict=True)}
    found: dict[str, tuple[int, int]] = {}
    for v in network.neurons:
        low = high = int(instance.bias_sign * parameters.biases[v])
        size = abs(low)  # of any partial sum
        for u in network.predecessors[v]:
            weight = int(parameters.weights[u, v])
            a, b = sorted((weight * value[u][0], weight * value[u][1]))
            low, high, size = low + a, high + b, size + max(-a, b)
        if size > LARGEST or high - low >= WIDEST_TABLE:
            return None
        try:
            images = [activate(instance.activations[v], t) for t in range(low, high + 1)]
        except (BudgetError, CertificateError):  # such as a partial table: the exact judge says where
            return None
        if not all(isinstance(image, int) for image in images):
            return None
        found[v] = (low, high)
        value[v] = (int(min(images)), int(max(images)))
        if max(-value[v][0], value[v][1]) > LARGEST:
            return None
    return found


def outputs_of(instance: Instance, parameters: Parameters, x: Integers) -> Integers:
    """Output vectors, shape (n, outputs), of integer input vectors, shape (n, inputs).

    `applies` must hold for these inputs.
    """
    import numpy as np

    network = instance.network
    values: dict[str, Any] = {u: x[:, j] for j, u in enumerate(network.inputs)}
    for v in network.neurons:
        bias = int(instance.bias_sign * parameters.biases[v])
        total = np.full(len(x), bias, dtype=np.int64)
        for u in network.predecessors[v]:
            total += int(parameters.weights[u, v]) * values[u]
        if len(x):
            low = int(total.min())
            image = [activate(instance.activations[v], t) for t in range(low, int(total.max()) + 1)]
            total = np.array(image, dtype=np.int64)[total - low]
        values[v] = total
    return np.stack([values[o] for o in network.outputs], axis=1)


def evaluate_array(instance: Instance, parameters: Parameters) -> Number:
    """The loss on the whole dataset; equal to `qnnt.evaluation.evaluate` where `applies` holds."""
    import numpy as np

    data = instance.dataset
    x = np.array(data.x, dtype=np.int64).reshape(len(data), len(instance.network.inputs))
    outputs = outputs_of(instance, parameters, x)
    total: Number = 0
    seen: dict[Any, Number] = {}
    for row, y, weight in zip(map(tuple, outputs.tolist()), data.y, data.weight, strict=True):
        if (row, y) not in seen:
            seen[row, y] = sample_loss(instance.loss, row, y)
        total += weight * seen[row, y]
    return total
