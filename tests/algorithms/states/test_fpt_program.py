"""The steps of the tree decomposition's program: each piece once, guesses only where needed, sorts only where sound."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from qnnt.algorithms.graphs.decomposition import decompose
from qnnt.algorithms.graphs.nice_decomposition import nice
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.states.fpt_program import Act, Mode, Program, Progress, Step, joined_progress, program
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.tree_orders import orders, tree_program
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.simplification.pipeline import simplify
from tests.algorithms.states.random_views import random_view, star_view
from tests.algorithms.states.state_instances import tiny_instance


def graph_view(rng: random.Random, neurons: int) -> IntegerView:
    """A random network, not always connected, all neurons with the same sets."""
    density = rng.choice([0.1, 0.2, 0.4])
    ends = [(f"h{a}", f"h{b}") for b in range(neurons) for a in range(b) if rng.random() < density]
    tails, heads = {u for u, _ in ends}, {v for _, v in ends}
    names = [f"h{v}" for v in range(neurons)]
    outputs = [v for v in names if v not in tails or rng.random() < 0.1]
    ends += [("x", v) for v in names if v not in heads]
    return binary_view(ends, outputs)


def binary_view(ends: list[tuple[str, str]], outputs: list[str]) -> IntegerView:
    """One input x."""
    network = {"inputs": ["x"], "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in ends]}
    y = [[0] * len(outputs)]
    return integer_view(d_nnt(network, [[1]], y, weights=[0, 1], bias=[0], activation="threshold"))


def layered_view(sizes: list[int]) -> IntegerView:
    instance = d_qnnt(2, sizes, [[1] * sizes[0]], [[1] * sizes[-1]])
    return integer_view(simplify(instance).instance)


def comb_view(rng: random.Random) -> IntegerView:
    """Interchangeable neurons with a common reader, and further branches on either side."""
    twins = [f"t{i}" for i in range(rng.randint(2, 4))]
    ends = [("x", "a"), *(("a", v) for v in twins), *((v, "o") for v in twins)]
    for i in range(rng.randint(0, 3)):
        ends += [(rng.choice(["a", "x"]), f"b{i}"), (f"b{i}", f"c{i}"), (f"c{i}", "o")]
    if rng.random() < 0.5:
        ends += [(v, "q") for v in twins]
        return binary_view(ends, ["o", "q"])
    return binary_view(ends, ["o"])


def random_views(rng: random.Random, count: int) -> Iterator[IntegerView]:
    makers = [
        lambda: random_view(rng),
        lambda: star_view(rng, "clip"),
        lambda: graph_view(rng, rng.randint(1, 14)),
        lambda: layered_view([1, *rng.choice([[2, 2], [3, 2], [2, 3, 2], [3], [4, 4]]), rng.choice([1, 2])]),
        lambda: comb_view(rng),
    ]
    for i in range(count):
        yield makers[i % len(makers)]()
        if i % 5 == 0:
            instance = simplify(tiny_instance(i)).instance
            if len(instance.dataset):
                yield integer_view(instance)


def random_orders(rng: random.Random, view: IntegerView) -> list[list[int]]:
    every = list(range(len(view.neurons)))
    return [*orders(view).values(), rng.sample(every, len(every)), rng.sample(every, len(every))]


# --- a machine that follows the steps ------------------------------------------------------------


@dataclass
class Bag:
    """What a table knows: per neuron its pieces and whether its pattern was guessed; and who was sorted below."""

    pieces: dict[int, int] = field(default_factory=dict)
    guessed: set[int] = field(default_factory=set)
    sorted: set[int] = field(default_factory=set)


class Machine:
    """Follows the steps and checks each of them."""

    def __init__(self, view: IntegerView) -> None:
        self.view = view
        self.stack: list[Bag] = []
        self.placed: Counter[tuple[int, int]] = Counter()
        self.done: Counter[Act] = Counter()
        self.forgotten: Counter[int] = Counter()
        names = {neuron.name: v for v, neuron in enumerate(view.neurons)}
        self.classes = [{names[v] for v in members} for members in interchangeable(view.instance)]

    def is_final(self, bag: Bag, v: int) -> bool:
        return bag.pieces[v] == (2 << len(self.view.neurons[v].edges)) - 1

    def place(self, bag: Bag, v: int, piece: int) -> None:
        assert not bag.pieces[v] >> piece & 1
        bag.pieces[v] |= 1 << piece
        self.placed[v, piece] += 1

    def run(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            self.done[step.act] += 1
            if step.act is Act.LEAF:
                self.stack.append(Bag())
            elif step.act is Act.JOIN:
                self.join(self.stack.pop(), self.stack.pop())
            elif step.act is Act.SORT:
                self.sort(self.stack[-1], step.members)
            else:
                self.change(self.stack[-1], step)
        (root,) = self.stack
        assert not root.pieces

    def change(self, bag: Bag, step: Step) -> None:
        v = step.vertex
        if step.act is Act.INTRODUCE:
            assert v not in bag.pieces
            bag.pieces[v] = 0
        elif step.act is Act.BLOCK:
            self.place(bag, v, 0)
        elif step.act is Act.EDGE:
            source = self.view.neurons[v].edges[step.edge].source
            assert source in bag.guessed or self.is_final(bag, source)
            self.place(bag, v, step.edge + 1)
        elif step.act is Act.GUESS:
            assert v not in bag.guessed
            assert not self.is_final(bag, v)
            assert self.placed[v, 0]
            bag.guessed.add(v)
        else:
            assert step.act is Act.FORGET
            assert self.is_final(bag, v)
            assert all(self.placed[t, i + 1] for t, i in self.out_edges(v))
            self.forgotten[v] += 1
            del bag.pieces[v]
            bag.guessed.discard(v)

    def out_edges(self, v: int) -> list[tuple[int, int]]:
        """Who reads v, and with which of its edges."""
        return [(t, i) for t, n in enumerate(self.view.neurons) for i, edge in enumerate(n.edges) if edge.source == v]

    def join(self, one: Bag, other: Bag) -> None:
        """No neuron that was sorted in a branch is in the bag of the join."""
        assert one.pieces.keys() == other.pieces.keys()
        assert all(not one.pieces[v] & other.pieces[v] for v in one.pieces)
        assert not (one.sorted | other.sorted) & one.pieces.keys()
        together = {v: one.pieces[v] | other.pieces[v] for v in one.pieces}
        self.stack.append(Bag(together, one.guessed | other.guessed, one.sorted | other.sorted))

    def sort(self, bag: Bag, members: tuple[int, ...]) -> None:
        """The members are alike in the network, in what they have, and in what was read of them."""
        assert len(set(members)) == len(members) >= 2
        assert any(set(members) <= members_of_class for members_of_class in self.classes)
        assert len({bag.pieces[v] for v in members}) == 1
        assert len({v in bag.guessed for v in members}) == 1
        read = [{t for t, i in self.out_edges(v) if self.placed[t, i + 1]} for v in members]
        assert all(readers == read[0] for readers in read)
        bag.sorted.update(members)


def followed(view: IntegerView, steps: Program) -> Machine:
    """Runs a program; in the end every piece is in once, and every neuron was forgotten once."""
    machine = Machine(view)
    machine.run(steps.steps)
    pieces = {(v, i) for v, neuron in enumerate(view.neurons) for i in range(len(neuron.edges) + 1)}
    assert machine.placed == Counter(pieces)
    assert machine.forgotten == Counter(range(len(view.neurons)))
    assert (steps.guesses, steps.joins) == (machine.done[Act.GUESS], machine.done[Act.JOIN])
    return machine


@pytest.mark.parametrize("block", range(4))
def test_programs_place_every_piece_once(block: int) -> None:
    rng = random.Random(f"programs {block}")
    done: Counter[Act] = Counter()
    for view in random_views(rng, 50):
        for order in random_orders(rng, view):
            done += followed(view, tree_program(view, order)).done
            done += followed(view, program(view, nice(decompose(view.graph, order)))).done
    assert all(done[act] >= 20 for act in Act), done


def test_topological_orders_need_no_guess() -> None:
    rng = random.Random("topological")
    joins = 0
    for view in random_views(rng, 200):
        steps = tree_program(view, list(range(len(view.neurons))))
        assert steps.guesses == 0
        joins += steps.joins
    assert joins >= 20


@pytest.mark.parametrize(
    ("ends", "outputs"),
    [
        ([("x", "a"), ("a", "b"), ("b", "c"), ("a", "o"), ("b", "o"), ("c", "o")], ["o"]),
        ([("x", "a"), ("x", "b"), ("a", "c"), ("b", "d"), ("c", "o"), ("d", "q")], ["o", "q"]),
        ([("x", "a"), ("a", "b"), ("x", "c"), ("c", "d"), ("x", "e")], ["b", "d", "e"]),
    ],
)
def test_topological_orders_of_hand_made_networks(ends: list[tuple[str, str]], outputs: list[str]) -> None:
    """The last bag within the first, and several components."""
    view = binary_view(ends, outputs)
    steps = tree_program(view, list(range(len(view.neurons))))
    followed(view, steps)
    assert steps.guesses == 0


def test_the_order_against_the_edges_guesses_each_neuron_of_a_path_but_the_last() -> None:
    ends = [("x", "h0"), *((f"h{i}", f"h{i + 1}") for i in range(5))]
    view = binary_view(ends, ["h5"])
    steps = program(view, nice(decompose(view.graph, [5, 4, 3, 2, 1, 0])))
    machine = followed(view, steps)
    assert steps.joins == 0
    assert steps.guesses == sum(step.act is Act.GUESS and step.vertex != 5 for step in steps.steps) >= 3
    assert not machine.classes


def test_without_symmetry_only_the_sorts_are_missing() -> None:
    rng = random.Random("symmetry")
    sorts = 0
    for view in random_views(rng, 50):
        for order in random_orders(rng, view):
            steps, plain = tree_program(view, order), tree_program(view, order, symmetry=False)
            assert [step for step in steps.steps if step.act is not Act.SORT] == list(plain.steps)
            sorts += len(steps.steps) - len(plain.steps)
    assert sorts >= 20


@pytest.mark.parametrize("width", [2, 3])
def test_twins_that_meet_in_a_bag_are_sorted(width: int) -> None:
    view = layered_view([1, width, width, 1])
    steps = tree_program(view, list(range(2 * width + 1)))
    followed(view, steps)
    assert any(step.members == tuple(range(width, 2 * width)) for step in steps.steps)


def test_neurons_without_pieces_are_not_sorted() -> None:
    rng = random.Random("pieces")
    for view in random_views(rng, 40):
        (order, *_) = random_orders(rng, view)
        seen: set[int] = set()
        for step in tree_program(view, order).steps:
            assert step.act is not Act.SORT or seen.issuperset(step.members)
            if step.act in (Act.BLOCK, Act.EDGE):
                seen.add(step.vertex)


# --- progress ------------------------------------------------------------------------------------


def test_progress_is_final_with_the_last_piece() -> None:
    progress = Progress()
    assert progress == Progress(0, Mode.OPEN)
    assert progress.with_pieces(1, 2) == Progress(1, Mode.OPEN)
    assert progress.with_pieces(1, 2).with_pieces(4, 2) == Progress(5, Mode.OPEN)
    assert progress.with_pieces(5, 2).with_pieces(2, 2) == Progress(7, Mode.FINAL)
    assert Progress(5, Mode.GUESSED).with_pieces(2, 2) == Progress(7, Mode.FINAL)
    assert Progress(1, Mode.GUESSED).with_pieces(2, 2) == Progress(3, Mode.GUESSED)
    assert progress.with_pieces(1, 0) == Progress(1, Mode.FINAL)


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ((1, Mode.OPEN), (2, Mode.OPEN), (3, Mode.OPEN)),
        ((1, Mode.OPEN), (2, Mode.GUESSED), (3, Mode.GUESSED)),
        ((0, Mode.GUESSED), (0, Mode.GUESSED), (0, Mode.GUESSED)),
        ((7, Mode.FINAL), (0, Mode.GUESSED), (7, Mode.FINAL)),
        ((7, Mode.FINAL), (0, Mode.OPEN), (7, Mode.FINAL)),
        ((5, Mode.GUESSED), (2, Mode.GUESSED), (7, Mode.FINAL)),
        ((3, Mode.OPEN), (4, Mode.OPEN), (7, Mode.FINAL)),
    ],
)
def test_what_two_branches_know_together(
    one: tuple[int, Mode], other: tuple[int, Mode], joined: tuple[int, Mode]
) -> None:
    assert joined_progress(Progress(*one), Progress(*other), 2) == Progress(*joined)
    assert joined_progress(Progress(*other), Progress(*one), 2) == Progress(*joined)
