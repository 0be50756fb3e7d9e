r"""Hitting set becomes the training of a binary network with k + 1 inputs and no hidden layer (Theorem 3).

Inputs s_1 .. s_k, one for each element that may be chosen, and z; an output for each set, which reads
them all. The label of an element says which sets it is in; elements with the same label are merged.
Samples: z alone with all labels 1; all s_i together with all labels 1; and every s_i alone with the label of
every element.

Why it works: the samples of one s_i alone have different labels, so at most one of them is right. The bound
asks for one each and for the first two. The first sample makes all biases 0, so the weights of s_i
are the label of an element: the element that s_i chooses. The second sample asks that the chosen elements
hit each set. With k = 1 the second sample has the same input as the third kind, and asks for an
element in all sets.

An element in no set is an element as any other: its label is all 0. An empty set gives an output that no
element answers, and no solution on either side.

The hardness is in the number of inputs k + 1 alone: the numbers of outputs and of wrong samples grow, as they
must, since bounding either of them as well makes the problem easy (Theorems 5 and 6).

Size: k + 1 inputs, m outputs, (k + 1) m edges, k u + 2 samples of which k (u - 1) may be wrong, for m sets and
u different elements.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.documents.construction import d_qnnt
from qnnt.errors import InputError
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.hitting_set import Hitters, HittingSet

Membership = tuple[int, ...]
"""For each set, whether the element is in it."""


class HittingSetReduction(Reduction[HittingSet, Hitters]):
    """Theorem 3."""

    theorem: ClassVar[str] = "Theorem 3: W[2]-hard in alpha = k + 1 for d = 2 and no hidden layer"
    source: ClassVar[type[HittingSet]] = HittingSet

    def numbers(self, source: HittingSet, form: str) -> int:
        return (source.k + 1 + len(source.sets)) * (source.k * source.elements + 2)

    def to_instance(self, source: HittingSet, form: str) -> Instance:
        """The instance: all samples but k + 2 may be wrong."""
        for what, number in (("element", source.elements), ("set", len(source.sets)), ("element to choose", source.k)):
            if number < 1:
                raise InputError(f"Theorem 3 expects at least one {what}, got {number}")
        k, m = source.k, len(source.sets)
        inputs = [*(slot(i) for i in range(1, k + 1)), "z"]
        outputs = [set_output(j) for j in range(1, m + 1)]
        network = {
            "inputs": inputs,
            "outputs": outputs,
            "edges": [{"from": u, "to": o} for o in outputs for u in inputs],
        }
        x, y = [[0] * k + [1], [1] * k + [0]], [[1] * m, [1] * m]
        labels = distinct_elements(source)
        for i in range(k):
            for label in labels:
                x.append([int(i == place) for place in range(k)] + [0])
                y.append(list(label))
        return d_qnnt(2, network, x, y, error_bound=k * (len(labels) - 1))

    def to_source_solution(self, source: HittingSet, form: str, parameters: Parameters) -> Hitters:
        """The elements that the slots choose: those labelled with what the network answers to each slot alone."""
        chosen = distinct_elements(source)
        outputs = [set_output(j) for j in range(1, len(source.sets) + 1)]
        hitters = set()
        for i in range(1, source.k + 1):
            answer = tuple(int(parameters.weights[slot(i), o] - parameters.biases[o] > 0) for o in outputs)
            hitters.add(chosen[answer])
        return tuple(sorted(hitters))

    def from_source_solution(self, source: HittingSet, form: str, solution: Hitters) -> Parameters:
        """Slots hold the elements, the first one fills what is left; an output reads z and its set's elements."""
        hitters = [*solution, *([solution[0]] * (source.k - len(solution)))]
        weights = {}
        for j, members in enumerate(source.sets, 1):
            for i, element in enumerate(hitters, 1):
                weights[slot(i), set_output(j)] = int(element in members)
            weights["z", set_output(j)] = 1
        return Parameters(weights, {set_output(j): 0 for j in range(1, len(source.sets) + 1)})


def distinct_elements(source: HittingSet) -> dict[Membership, int]:
    """The first element of each membership."""
    contents = [frozenset(members) for members in source.sets]
    found: dict[Membership, int] = {}
    for element in range(1, source.elements + 1):
        found.setdefault(tuple(int(element in members) for members in contents), element)
    return found


def slot(i: int) -> str:
    """The input that chooses an element."""
    return f"s{i}"


def set_output(j: int) -> str:
    """The output of a set."""
    return f"o{j}"


REDUCTION = HittingSetReduction()
