"""The three dynamic programs over states, held against brute force over all parameter settings.

A sample runs by default; `pytest --full` runs 5,000 instances.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache

import pytest

from qnnt.algorithms import enumeration
from qnnt.algorithms.graphs.decomposition import flaw
from qnnt.algorithms.graphs.nice_decomposition import nice, nice_flaw
from qnnt.algorithms.states.deepening import Minimum, Program, minimum
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.fpt import TreeProgram
from qnnt.algorithms.states.frontier import Frontier, sweeps
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.layer_states import LayerStates
from qnnt.algorithms.states.layers import layers_of
from qnnt.algorithms.states.mismatches import Classes, classes_of
from qnnt.algorithms.states.prunings import Prunings
from qnnt.algorithms.states.tree_orders import orders, tree_of, tree_program
from qnnt.algorithms.states.witness import parameters_of
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import Simplified
from tests.algorithms.states.state_instances import branching, tiny_instance

BLOCK = 25
SAMPLE = 4
ALL = 5000 // BLOCK
ROOM = 200_000
"""States that a run without prunings may hold; it is skipped, and counted, where that is too few."""

BLOCKS = [pytest.param(b, marks=[] if b < SAMPLE else [pytest.mark.full]) for b in range(ALL)]
ON_AND_OFF = (
    Prunings(),
    Prunings(merging=False, ranges=False, dominance=False, symmetry=False, reach=False),
    Prunings(merging=False),
    Prunings(ranges=False),
    Prunings(dominance=False),
    Prunings(symmetry=False),
    Prunings(reach=False),
)


class Case:
    """An instance, ready for the dynamic programs, with its smallest loss by brute force."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.simplified: Simplified = simplify(instance)
        self.view: IntegerView = integer_view(self.simplified.instance)
        self.classes: Classes = classes_of(self.view)
        self.best: Number | None = enumeration.minimum(instance).loss

    def solved(self, run: Program) -> Minimum:
        """The minimum by repeated runs, with every claim on the way checked."""
        lower = int(certain_loss(self.simplified.instance))
        bounds: list[int] = []
        found = minimum(run, lower, self.classes.total, bounds.append)
        assert bounds == sorted(set(bounds))
        assert all(self.best is None or bound <= self.best for bound in bounds)
        return found

    def assert_right(self, found: Minimum) -> None:
        """The optimum is right and the witness has it."""
        assert found.loss == self.best
        if found.patterns is not None:
            parameters = self.simplified.restore(parameters_of(self.view, found.patterns))
            assert evaluate(self.instance, parameters) == self.best

    def assert_decides(self, run: Program) -> None:
        """Yes at the optimum, no below it; both with the limit alone."""
        if self.best is None:
            assert run(self.classes.total).loss is None
            return
        assert run(int(self.best)).loss == self.best
        if self.best:
            below = run(int(self.best) - 1)
            assert below.loss is None
            assert below.excluded is not None
            assert below.excluded <= self.best


@lru_cache(maxsize=BLOCK)
def case_of(seed: int) -> Case | None:
    """None where simplification leaves no samples."""
    instance = tiny_instance(seed)
    return Case(instance) if len(simplify(instance).instance.dataset) else None


def cases(block: int) -> Iterator[Case]:
    found = [case_of(seed) for seed in range(BLOCK * block, BLOCK * (block + 1))]
    return (case for case in found if case is not None)


@pytest.mark.parametrize("block", BLOCKS)
def test_frontier(block: int) -> None:
    for case in cases(block):
        for order in sweeps(case.view).values():
            assert sorted(order) == list(range(len(case.view.neurons)))
            for dominance in (True, False):
                for symmetry in (True, False):
                    prunings = Prunings(dominance=dominance, symmetry=symmetry)
                    run = Frontier(case.view, case.classes, order, Effort(10**7), prunings)
                    case.assert_right(case.solved(run))
        case.assert_decides(Frontier(case.view, case.classes, order, Effort(10**7)))


@pytest.mark.parametrize("block", BLOCKS)
def test_layer_states(block: int) -> None:
    taken = 0
    for case in cases(block):
        layers = layers_of(case.view)
        if isinstance(layers, str):
            continue
        taken += 1
        search = LayerStates(case.view, case.classes, layers, Effort(10**7))
        best = search.minimum(case.classes.total)
        case.assert_right(Minimum(best.patterns, best.loss, best.loss))
        case.assert_decides(
            lambda limit, case=case, layers=layers: LayerStates(case.view, case.classes, layers, Effort(10**7)).minimum(
                limit
            )
        )
    assert taken >= BLOCK // 5


@pytest.mark.parametrize("block", BLOCKS)
def test_tree_program(block: int) -> None:
    skipped = runs = 0
    for case in cases(block):
        shuffled = list(range(len(case.view.neurons)))
        random.Random(block).shuffle(shuffled)
        for name, order in {**orders(case.view), "shuffled": shuffled}.items():
            tree = tree_of(case.view, order)
            assert flaw(tree, case.view.graph) is None
            assert nice_flaw(nice(tree), case.view.graph) is None
            for prunings in ON_AND_OFF:
                steps = tree_program(case.view, order, symmetry=prunings.symmetry)
                assert name != "topological" or not steps.guesses
                runs += 1
                try:
                    case.assert_right(case.solved(TreeProgram(case.view, case.classes, steps, Effort(ROOM), prunings)))
                except StateLimitError:
                    skipped += 1
        case.assert_decides(TreeProgram(case.view, case.classes, tree_program(case.view, order), Effort(10**7)))
    assert skipped <= runs // 50


def test_joins_and_guesses_are_exercised() -> None:
    """Branching networks, too large to enumerate, against the sweep, which knows neither."""
    effort = Effort(10**7)
    conflicts = 0
    for seed in range(40):
        rng = random.Random(f"branching {seed}")
        view = integer_view(simplify(branching(rng)).instance)
        classes = classes_of(view)
        swept = minimum(
            Frontier(view, classes, sweeps(view)["listed"], Effort(10**7)), 0, classes.total, lambda _: None
        )
        conflicts += swept.loss != 0
        shuffled = rng.sample(range(len(view.neurons)), len(view.neurons))
        for order in (orders(view)["min-fill"], shuffled):
            prunings = Prunings(*(rng.random() < 0.8 for _ in range(4)))
            run = TreeProgram(view, classes, tree_program(view, order, symmetry=prunings.symmetry), effort, prunings)
            found = minimum(run, 0, classes.total, lambda _: None)
            assert found.loss == swept.loss
            assert found.patterns is not None
            assert evaluate(view.instance, parameters_of(view, found.patterns)) == found.loss
    assert conflicts >= 20
    assert effort.joins >= 40
    assert effort.guessed >= 300
