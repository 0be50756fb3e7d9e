"""The random two-layer instances reach every feature that they are there for."""

from __future__ import annotations

import random
from collections import Counter

from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.pseudo_polynomial.stages import additive_view
from qnnt.fuzzing.two_layers import MOST_SETTINGS, random_two_layer
from qnnt.simplification.pipeline import simplify


def test_the_random_instances_have_every_feature() -> None:
    found: Counter[str] = Counter()
    for seed in range(600):
        instance = random_two_layer(random.Random(f"two layers {seed}"))
        network, data = instance.network, instance.dataset
        assert instance.settings <= MOST_SETTINGS
        hidden = [v for v in network.neurons if v not in network.outputs]
        found[f"hidden {len(hidden)}"] += 1
        found[f"inputs {len(network.inputs)}"] += 1
        found[f"outputs {len(network.outputs)}"] += 1
        found[f"samples {len(data)}"] += 1
        found[f"loss {instance.loss.name}"] += 1
        found[str(instance.problem)] += 1
        for v in network.neurons:
            role = "output" if v in network.outputs else "hidden"
            found[f"{role} {instance.activations[v].name}"] += 1
        sets = [*instance.weights.values(), *instance.biases.values()]
        found["negative"] += any(value < 0 for values in sets for value in values)
        found["rational"] += any(value.denominator > 1 for values in sets for value in values)
        found["skip edge"] += bool(hidden) and any(
            u in network.inputs and v in network.outputs for u, v in network.edges
        )
        found["missing edge"] += any((u, h) not in network.edges for h in hidden for u in network.inputs)
        found["an output reads another"] += any(u in network.outputs for u, _ in network.edges)
        found["interchangeable"] += bool(interchangeable(instance))
        found["mixed activations"] += len({instance.activations[h] for h in hidden}) > 1
        found["free output weights"] += any(len(instance.weights[e]) > 1 for e in network.edges if e[0] in hidden)
        found["free output bias"] += any(len(instance.biases[o]) > 1 for o in network.outputs)
        found["conflict"] += len(set(data.x)) < len(set(zip(data.x, data.y, strict=True)))
        found["mask"] += any(None in y for y in data.y)
        found["weights"] += max(data.weight, default=1) > 1
        view = additive_view(simplify(instance).instance)
        found["infeasible"] += not view.feasible
        found["shared stage"] += any(len(stage.members) > 1 for stage in view.stages)
        found["choices"] += len(view.stages) > 2
        best = minimum(instance).loss
        found["positive optimum"] += best is not None and best > 0
    expected = [
        *(f"hidden {k}" for k in range(5)),
        *(f"inputs {k}" for k in range(1, 4)),
        *(f"outputs {k}" for k in (1, 2)),
        *(f"samples {k}" for k in range(5)),
        *(
            f"loss {name}"
            for name in ("mismatch", "absolute", "squared", "hinge", "table", "hamming", "linf", "accept", "positive")
        ),
        *(f"{role} {name}" for role in ("hidden", "output") for name in ("relu", "identity", "threshold", "sign")),
        *(f"{role} {name}" for role in ("hidden", "output") for name in ("relu_d", "clip", "polynomial", "table")),
        *(f"{role} {name}" for role in ("hidden", "output") for name in ("step", "leaky", "constant")),
        *("d-nnt", "d-qnnt", "negative", "rational", "skip edge", "missing edge", "an output reads another"),
        *("interchangeable", "mixed activations", "free output weights", "free output bias", "conflict", "mask"),
        *("weights", "infeasible", "shared stage", "choices", "positive optimum"),
    ]
    assert {name: found[name] for name in expected if found[name] < 5} == {}
