r"""D-NNT becomes C-NNT: a network with real weights that fits only as the discrete one does (Theorem 1.2).

The network stays as it is, and all its weights and biases may be any real numbers. A vertex *c*, constant 0,
reads an input; for every weight and bias of the discrete instance a *snap vertex* reads c and rounds its own
bias to the nearest value of the parameter's finite set: a step function with its breaks at the midpoints. So
its value is a setting of the parameter, and the same at every sample. All vertices but the inputs are
outputs. The label of a sample says that c should be 1, which never holds, and holds the sample itself.

The loss of a sample is 1 + L(outputs, y) if the outputs are a *trace* of the discrete network: c is 0, each
snap vertex is in its set, and every neuron v has the value act_v(sum w u + b), where w and b are the values
of snap vertices and u are the values of the neurons before. Else it is 1 + gamma + n. The margin is gamma + n.

Why it works: the setting of a discrete solution, put on the real edges and on the biases of the snap
vertices, has the discrete loss plus n. A loss within gamma + n needs a trace at every sample, as L >= 0; along
the network, a trace is what the discrete network computes with the settings of the snap vertices, whatever the
real weights are. The loss looks at one neuron and those before it at a time and never runs a network.

Repair: the paper leaves the proof to a version that we do not have; construction and proof are our own.
With sample weights n is their sum. In a d-QNNT instance biases are subtracted: in the real network they are
added, so the real bias is minus the setting. Masked labels stay masked in L. Where an activation or L is
undefined the outputs count as no trace. Discrete outputs may have out-edges, and here all do.

Size: one vertex and edge for each parameter and for c; the same samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from qnnt.activations import Activation, Constant, Step
from qnnt.errors import InputError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance
from qnnt.network import Edge, Network


@dataclass(frozen=True)
class Continuous:
    """The C-NNT instance of a discrete one; build it with `continuous_of`.

    Attributes
    ----------
    discrete
        What it was made from; it has a bound.
    network
        The discrete one, and the further vertices; its outputs are all vertices but the inputs.
    constant
        The vertex c.
    weight_vertices, bias_vertices
        The snap vertex of each discrete weight and bias.
    activations
        Of all vertices but the inputs.
    """

    discrete: Instance
    network: Network
    constant: str
    weight_vertices: Mapping[Edge, str]
    bias_vertices: Mapping[str, str]
    activations: Mapping[str, Activation]

    @cached_property
    def margin(self) -> Number:
        """The bound on the loss: that of the discrete instance, and 1 for each sample."""
        assert self.discrete.bound is not None
        return reduced(self.discrete.bound + self.discrete.dataset.total_weight)

    @property
    def loss_of_no_trace(self) -> Number:
        """Of a sample of weight 1: more than the margin."""
        return self.margin + 1


def continuous_of(discrete: Instance) -> Continuous:
    """The C-NNT instance of a discrete instance.

    Raises
    ------
    InputError
        If the instance has no bound.
    """
    if discrete.bound is None:
        raise InputError("the instance has no bound, which the real one is made from")
    taken = {*discrete.network.inputs, *discrete.network.neurons}
    constant = _fresh("c", taken)
    places: list[Edge | str] = [*discrete.network.edges, *discrete.network.neurons]
    names = {place: _fresh(f"q{i}", taken) for i, place in enumerate(places, 1)}
    weight_vertices = {edge: names[edge] for edge in discrete.network.edges}
    bias_vertices = {neuron: names[neuron] for neuron in discrete.network.neurons}
    snapped = {names[edge]: discrete.weights[edge] for edge in weight_vertices}
    snapped |= {names[neuron]: discrete.biases[neuron] for neuron in bias_vertices}
    edges = [*discrete.network.edges, (discrete.network.inputs[0], constant), *((constant, name) for name in snapped)]
    activations: dict[str, Activation] = {**discrete.activations, constant: Constant(0)}
    activations |= {name: snapping(values) for name, values in snapped.items()}
    outputs = [*discrete.network.neurons, constant, *snapped]
    network = Network.from_edges(discrete.network.inputs, outputs, edges)
    return Continuous(discrete, network, constant, weight_vertices, bias_vertices, activations)


def snapping(values: tuple[Number, ...]) -> Step:
    """To the nearest of increasing values; halfway to the greater one."""
    return Step(tuple(reduced(Fraction(low + high) / 2) for low, high in pairwise(values)), values)


def _fresh(name: str, taken: set[str]) -> str:
    """The name, with primes until nobody else has it."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name
