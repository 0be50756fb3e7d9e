"""d-QNNT instances by columns: what each input, neuron and output holds over all samples."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qnnt.documents.construction import d_qnnt
from qnnt.instance import Instance, Parameters, z_d

Column = tuple[int, ...]
"""One value per sample."""


@dataclass(frozen=True)
class ColumnNetwork:
    """A network whose inputs and outputs are columns.

    Attributes
    ----------
    d
        Of the d-QNNT instance.
    inputs
        The values of each input.
    reads
        What each neuron reads.
    outputs
        The label of each output.
    """

    d: int
    inputs: Mapping[str, Column]
    reads: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, Column]

    def instance(self) -> Instance:
        """All labels have to be met: error bound 0."""
        network = {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "edges": [{"from": u, "to": v} for v, predecessors in self.reads.items() for u in predecessors],
        }
        return d_qnnt(
            self.d,
            network,
            list(zip(*self.inputs.values(), strict=True)),
            list(zip(*self.outputs.values(), strict=True)),
            error_bound=0,
        )

    def column_of(self, neuron: str, parameters: Parameters) -> Column:
        """What a neuron that reads only inputs answers."""
        read = self.reads[neuron]
        weights = [int(parameters.weights[u, neuron]) for u in read]
        return answer(self.d, [self.inputs[u] for u in read], weights, int(parameters.biases[neuron]))

    def parameters(self, hidden: Mapping[str, Column]) -> Parameters:
        """Parameters under which the hidden neurons answer these columns, and the outputs their labels."""
        known = {**self.inputs, **hidden}
        wanted = {**hidden, **self.outputs}
        weights, biases = {}, {}
        for v, read in self.reads.items():
            *chosen, biases[v] = setting(self.d, tuple(known[u] for u in read), wanted[v])
            weights.update({(u, v): weight for u, weight in zip(read, chosen, strict=True)})
        return Parameters(weights, biases)


def answer(d: int, columns: Sequence[Column], weights: Sequence[int], bias: int) -> Column:
    """What a neuron that reads at least one column answers."""
    sums = (sum(w * a for w, a in zip(weights, values, strict=True)) - bias for values in zip(*columns, strict=True))
    return tuple(min(max(0, t), d // 2) for t in sums)


@functools.cache
def settings(d: int, columns: tuple[Column, ...]) -> Mapping[Column, tuple[int, ...]]:
    """The columns that a neuron can answer, each with weights, then a bias, that do it."""
    found: dict[Column, tuple[int, ...]] = {}
    for *weights, bias in itertools.product(z_d(d), repeat=len(columns) + 1):
        found.setdefault(answer(d, columns, weights, bias), (*weights, bias))
    return found


def setting(d: int, columns: tuple[Column, ...], wanted: Column) -> tuple[int, ...]:
    """Weights, then a bias, under which a neuron that reads these columns answers the wanted one."""
    return settings(d, columns)[wanted]
