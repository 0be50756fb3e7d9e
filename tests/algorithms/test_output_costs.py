"""Tables of losses against the evaluator's definition, on random instances."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from qnnt.algorithms.output_costs import UNDEFINED, letters, output_costs
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError
from qnnt.evaluation import activate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Parameters
from qnnt.simplification.pipeline import simplify


def loss_by_tables(view: IntegerView, parameters: Parameters) -> Number | None:
    """The sum of the entries at the outputs that the parameters give; None where one is undefined."""
    costs = output_costs(view)
    network = view.instance.network
    total = 0
    for i, x in enumerate(view.inputs):
        values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
        letter: dict[int, int] = {}
        for neuron in view.neurons:
            v = neuron.name
            terms = [parameters.weights[u, v] * values[u] for u in network.predecessors[v]]
            t = parameters.biases[v] + sum(terms)
            run = int(neuron.runs.run_of(np.array([int(t * neuron.unit)]))[0])
            image = Fraction(int(neuron.runs.values[run]), neuron.runs.denominator)
            defined = bool(neuron.runs.defined[run])
            if defined:
                assert image == activate(view.instance.activations[v], t)
            if v in network.outputs:
                j = network.outputs.index(v)
                letter[j] = int(letters(view, costs, j)[run])
            elif not defined:
                return None
            values[v] = image
        for group in costs.groups:
            place = 0
            for j in group.outputs:
                place = place * len(costs.alphabets[j]) + letter[j]
            cost = int(group.costs[i, place])
            if cost == UNDEFINED:
                return None
            total += cost
    return Fraction(total, costs.denominator)


@pytest.mark.parametrize("block", range(20))
def test_tables_say_what_the_evaluator_says(block: int) -> None:
    undefined = 0
    for seed in range(20):
        rng = random.Random(f"output costs {block} {seed}")
        instance = simplify(random_instance(rng)).instance
        if not len(instance.dataset):
            continue
        view = integer_view(instance)
        least = Fraction(output_costs(view).least, output_costs(view).denominator)
        for _ in range(4):
            parameters = random_parameters(rng, instance)
            found = loss_by_tables(view, parameters)
            if found is None:
                undefined += 1
                with pytest.raises(CertificateError):
                    judge(instance, parameters)
            else:
                assert found == judge(instance, parameters)
                assert found >= least
    assert undefined < 40
