"""Elimination orders for the tree decomposition's dynamic program, and its program for each."""

from __future__ import annotations

from collections.abc import Sequence

from qnnt.algorithms.graphs.decomposition import NONE, TreeDecomposition, decompose, rerooted
from qnnt.algorithms.graphs.elimination import min_degree, min_fill
from qnnt.algorithms.graphs.nice_decomposition import nice
from qnnt.algorithms.states.fpt_program import Program, program
from qnnt.algorithms.states.integer_view import IntegerView


def orders(view: IntegerView) -> dict[str, list[int]]:
    """Orders of the neurons to choose from: two that keep bags small, and one that never guesses; without repeats."""
    graph = view.graph
    found = {
        "min-fill": min_fill(graph),
        "min-degree": min_degree(graph),
        "topological": list(range(len(view.neurons))),
    }
    names = {tuple(order): name for name, order in reversed(found.items())}
    return {name: order for name, order in found.items() if names[tuple(order)] == name}


def tree_of(view: IntegerView, order: Sequence[int]) -> TreeDecomposition:
    """The tree decomposition of an order.

    A topological order keeps its root, the last neuron's bag: every neuron then is final before it is read.
    Others get a root at the end of the tree, which saves a join, and there the one nearest to the outputs.
    """
    tree = decompose(view.graph, order)
    if list(order) == sorted(order):
        return tree
    near = [len(below) + (above != NONE) for below, above in zip(tree.children(), tree.parent, strict=True)]
    ends = [i for i, count in enumerate(near) if count <= 1]
    return rerooted(tree, max(ends, key=lambda i: max(tree.bags[i])))


def tree_program(view: IntegerView, order: Sequence[int], *, symmetry: bool = True) -> Program:
    """The program over the nice tree decomposition of an order."""
    return program(view, nice(tree_of(view, order)), symmetry=symmetry)
