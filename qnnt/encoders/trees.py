"""In which order the terms of a sum are counted: the shapes of counting trees.

* `totalizer`: leaves are runs; a balanced tree over the *blocks* of variables (one block per edge of the
  network), the same for all sums that share blocks, so that samples which agree on some edges share
  their subtrees;
* `gte`: leaves are single literals by increasing weight, a balanced tree, as in the paper;
* `seqcounter`: runs, added one after the other from the first;
* `bdd`: single literals by increasing weight, added one after the other, so that the last decides first.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.leaves import Implications, Leaves, Weighted, runs, singles
from qnnt.encoders.model import Integers
from qnnt.encoders.unary import Forest


def block_tree(forest: Forest, sums: Weighted, known: Implications, block: Integers) -> Integers:
    """The root of each row, by balanced trees within blocks, then over blocks.

    Parameters
    ----------
    block
        The block of each variable.
    """
    leaves = runs(sums, known)
    nodes = forest.add_leaves(leaves)
    first = np.abs(leaves.literals[leaves.offsets[:-1]])
    ranks = _ranks(leaves.rows, block[first])
    order = np.lexsort((ranks, leaves.rows))
    nodes, ranks = nodes[order], ranks[order]
    keys = leaves.rows[order] * (int(ranks.max(initial=0)) + 1) + ranks
    keys, nodes = _balanced(forest, keys, _within(keys), nodes)
    rows, ranks = np.divmod(keys, int(ranks.max(initial=0)) + 1)
    return _roots(len(sums), *_balanced(forest, rows, ranks, nodes))


def weight_tree(forest: Forest, sums: Weighted) -> Integers:
    """The root of each row, by a balanced tree over its literals in the order of their weights."""
    leaves = _by_weight(sums)
    return _roots(len(sums), *_balanced(forest, leaves.rows, _within(leaves.rows), forest.add_leaves(leaves)))


def run_chain(forest: Forest, sums: Weighted, known: Implications) -> Integers:
    """The root of each row, adding its runs one after the other."""
    leaves = runs(sums, known)
    return _roots(len(sums), *_sequential(forest, leaves.rows, forest.add_leaves(leaves)))


def weight_chain(forest: Forest, sums: Weighted) -> Integers:
    """The root of each row, adding its literals one after the other in the order of their weights."""
    leaves = _by_weight(sums)
    return _roots(len(sums), *_sequential(forest, leaves.rows, forest.add_leaves(leaves)))


def _by_weight(sums: Weighted) -> Leaves:
    order = np.lexsort((sums.weights, sums.rows))
    ordered = Weighted(sums.offsets, sums.literals[order], sums.weights[order], sums.shift)
    return singles(ordered)


def _balanced(forest: Forest, groups: Integers, places: Integers, nodes: Integers) -> tuple[Integers, Integers]:
    """Join neighbours at places 2i and 2i + 1 of a group until each group has one node."""
    while len(groups) and places.max() > 0:
        groups, places, nodes = _join(forest, groups, places >> 1, nodes)
    return groups, nodes


def _sequential(forest: Forest, groups: Integers, nodes: Integers) -> tuple[Integers, Integers]:
    """Join the first two nodes of each group until it has one."""
    places = _within(groups)
    while len(groups) and places.max() > 0:
        groups, places, nodes = _join(forest, groups, np.maximum(places - 1, 0), nodes)
    return groups, nodes


def _join(forest: Forest, groups: Integers, places: Integers, nodes: Integers) -> tuple[Integers, Integers, Integers]:
    """Add up neighbours with equal group and place; at most two are."""
    same = (groups[1:] == groups[:-1]) & (places[1:] == places[:-1])
    first = np.flatnonzero(same)
    nodes = nodes.copy()
    nodes[first] = forest.add_sums(nodes[first], nodes[first + 1])
    kept = np.concatenate((np.ones(1, bool), ~same))
    return groups[kept], places[kept], nodes[kept]


def _within(groups: Integers) -> Integers:
    """The place of each entry within its group; equal groups are neighbours."""
    starts = np.concatenate((np.ones(min(1, len(groups)), bool), groups[1:] != groups[:-1]))
    first = np.flatnonzero(starts)
    place: Integers = np.arange(len(groups)) - first[np.cumsum(starts) - 1]
    return place


def _roots(rows: int, groups: Integers, nodes: Integers) -> Integers:
    """The node of each row; -2 for rows without terms."""
    roots = np.full(rows, -2)
    roots[groups] = nodes
    return roots


def _ranks(rows: Integers, blocks: Integers) -> Integers:
    """Each block's place among the blocks of its family: rows that share blocks are of one family."""
    pairs = np.unique(np.stack([rows, blocks], axis=1), axis=0)
    lead = pairs[np.concatenate((np.ones(min(1, len(pairs)), bool), pairs[1:, 0] != pairs[:-1, 0]))]
    first = np.zeros(int(rows.max(initial=0)) + 1, np.int64)
    first[lead[:, 0]] = lead[:, 1]
    parent: dict[int, int] = {}

    def root(b: int) -> int:
        while parent.setdefault(b, b) != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        return b

    for a, b in np.unique(np.stack([first[pairs[:, 0]], pairs[:, 1]], axis=1), axis=0).tolist():
        parent[root(max(root(a), root(b)))] = min(root(a), root(b))
    families: dict[int, list[int]] = {}
    for b in np.unique(blocks).tolist():
        families.setdefault(root(b), []).append(b)
    rank = np.zeros(int(blocks.max(initial=0)) + 1, np.int64)
    for members in families.values():
        rank[members] = np.arange(len(members))
    return rank[blocks]
