"""Random d-QNNT instances: the families that measurements speak of.

* random: distinct inputs uniform in Z_d, every label uniform in {0..A} with A = ceil((d-1)/2);
* planted: inputs uniform with repetition, labels of a network with uniform random parameters (of 40
  draws the one with most distinct label vectors), so that loss 0 is possible;
* flipped: planted, then each sample's whole label is redrawn uniformly with a given probability.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from qnnt.array_evaluation import applies, outputs_of
from qnnt.documents.construction import d_qnnt
from qnnt.errors import InputError
from qnnt.evaluation import outputs_at
from qnnt.instance import Instance, Parameters, z_d

DRAWS = 40


def random_labels(
    d: int, layers: Sequence[int], samples: int, seed: int, *, error_bound: int | None = None
) -> Instance:
    """The family "random".

    Raises
    ------
    InputError
        If there are fewer than `samples` distinct inputs.
    """
    _check(d, samples)
    rng = random.Random(seed)
    values = z_d(d)
    if samples > d ** layers[0]:
        raise InputError(f"there are only {d ** layers[0]} distinct inputs, fewer than {samples} samples")
    inputs: dict[tuple[int, ...], None] = {}
    while len(inputs) < samples:
        inputs[tuple(rng.choices(values, k=layers[0]))] = None
    labels = [[rng.randint(0, d // 2) for _ in range(layers[-1])] for _ in inputs]
    return _instance(d, layers, list(inputs), labels, "random", seed, error_bound)


def planted_labels(
    d: int, layers: Sequence[int], samples: int, seed: int, *, flip: float = 0.0, error_bound: int | None = None
) -> Instance:
    """The family "planted", or "flipped" where flip > 0 (the probability of redrawing a label)."""
    _check(d, samples)
    rng = random.Random(seed)
    values = z_d(d)
    inputs = [tuple(rng.choices(values, k=layers[0])) for _ in range(samples)]
    blank = d_qnnt(d, layers, inputs, [[0] * layers[-1]] * samples)
    best: list[tuple[int, ...]] = []
    for _ in range(DRAWS):
        parameters = Parameters(
            {edge: rng.choice(allowed) for edge, allowed in blank.weights.items()},
            {neuron: rng.choice(allowed) for neuron, allowed in blank.biases.items()},
        )
        labels = _labels(blank, parameters)
        if not best or len(set(labels)) > len(set(best)):
            best = labels
    flipped = [
        [rng.randint(0, d // 2) for _ in range(layers[-1])] if rng.random() < flip else list(label) for label in best
    ]
    return _instance(d, layers, inputs, flipped, "flipped" if flip else "planted", seed, error_bound)


def _labels(instance: Instance, parameters: Parameters) -> list[tuple[int, ...]]:
    """The output vectors of an instance's inputs, all at once where 64 bits hold what comes up on the way."""
    inputs = instance.dataset.x
    if not inputs or not applies(instance, parameters):
        return [tuple(map(int, outputs_at(instance, parameters, x))) for x in inputs]
    import numpy as np

    return [tuple(row) for row in outputs_of(instance, parameters, np.array(inputs, dtype=np.int64)).tolist()]


def _check(d: int, samples: int) -> None:
    if d < 2:
        raise InputError(f"d must be at least 2, not {d}")
    if samples < 0:
        raise InputError(f"the number of samples must be at least 0, not {samples}")


def _instance(
    d: int,
    layers: Sequence[int],
    inputs: Sequence[Sequence[int]],
    labels: Sequence[Sequence[int]],
    family: str,
    seed: int,
    error_bound: int | None,
) -> Instance:
    name = f"{family}-d{d}-{'x'.join(map(str, layers))}-n{len(inputs)}-s{seed}"
    return d_qnnt(d, layers, inputs, labels, name=name, error_bound=error_bound)
