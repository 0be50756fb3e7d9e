"""Which labels are met, and what that says of the loss, against loops over output vectors; sets inside others."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from qnnt.algorithms.states import mismatches
from qnnt.algorithms.states.integer_view import LARGEST, IntegerView, integer_view
from qnnt.algorithms.states.live_sets import distinct_sets, undominated
from qnnt.algorithms.states.mismatches import Classes, Words, classes_of, pack, unpack
from qnnt.algorithms.states.vectors import Matrix
from qnnt.documents.construction import d_nnt
from qnnt.errors import UnsupportedError
from qnnt.evaluation import sample_loss
from qnnt.exact import Number
from qnnt.losses import Label

Flags = npt.NDArray[np.bool_]
LabelSets = list[tuple[int, tuple[Label, ...], int]]
"""Each class in order: its input's number, its labels, its weight."""

LABELS: tuple[Label, ...] = (0, 1, 2, Fraction(1, 2), Fraction(1, 3), -7)
"""The outputs have halves from 0 to 2: not all of these."""


def labelled_view(
    rng: random.Random,
    *,
    outputs: int | None = None,
    samples: int | None = None,
    points: int = 4,
    masked: float | None = None,
    weights: tuple[int, ...] = (1, 1, 2, 5),
) -> IntegerView:
    """Few distinct inputs, so that labels exclude each other; an output's values are 0, 1/2, ..., 2."""
    outputs = outputs or rng.choice([1, 2, 2, 3])
    samples = samples or rng.randint(1, 14)
    masked = rng.choice([0.0, 0.0, 0.3, 0.6]) if masked is None else masked
    x = [[rng.randrange(points)] for _ in range(samples)]
    y = [[None if rng.random() < masked else str(rng.choice(LABELS)) for _ in range(outputs)] for _ in x]
    clip = {"type": "clip", "low": 0, "high": 2}
    weight = [rng.choice(weights) for _ in x]
    halves = ["0", "1/2", "1"]
    return integer_view(d_nnt([1, outputs], x, y, weights=halves, bias=halves, activation=clip, weight=weight))


def classes_in_order(view: IntegerView) -> LabelSets:
    return [(i, y, weight) for i, labels in enumerate(view.labels) for y, weight in labels.items()]


def random_patterns(rng: random.Random, view: IntegerView, count: int) -> Matrix:
    """Values in halves, as numerators."""
    values = [rng.choices(range(5), k=len(view.inputs)) for _ in range(count)]
    return np.array(values, view.kind).reshape(count, len(view.inputs))


def random_live(rng: random.Random, count: int, rows: int) -> Flags:
    density = rng.choice([0.2, 0.5, 0.9, 1.0])
    return np.array([[rng.random() < density for _ in range(count)] for _ in range(rows)], bool).reshape(rows, count)


# --- met labels and the loss ---------------------------------------------------------------------


def test_met_classes_are_those_whose_label_the_pattern_has() -> None:
    rng = random.Random("met")
    for _ in range(60):
        view = labelled_view(rng)
        classes = classes_of(view)
        patterns = random_patterns(rng, view, rng.randint(0, 5))
        for j, o in enumerate(view.outputs):
            denominator = view.neurons[o].runs.denominator
            assert denominator == 2
            found = unpack(classes.met(j, patterns), classes.count)
            for flags, pattern in zip(found.tolist(), patterns.tolist(), strict=True):
                values = [Fraction(value, denominator) for value in pattern]
                assert flags == [y[j] is None or y[j] == values[i] for i, y, _ in classes_in_order(view)]


def test_loss_is_that_of_the_judge() -> None:
    rng = random.Random("loss")
    for _ in range(60):
        view = labelled_view(rng)
        classes, data = classes_of(view), view.instance.dataset
        patterns = [random_patterns(rng, view, 4) for _ in view.outputs]
        live = np.repeat(classes.all_live, 4, axis=0)
        for j, rows in enumerate(patterns):
            live = live & classes.met(j, rows)
        expected = []
        for row in range(4):
            outputs = {x: tuple(Fraction(int(rows[row, i]), 2) for rows in patterns) for i, x in enumerate(view.inputs)}
            expected.append(
                sum(
                    weight * sample_loss(view.instance.loss, outputs[x], y)
                    for x, y, weight in zip(data.x, data.y, data.weight, strict=True)
                )
            )
        assert classes.loss(live).tolist() == expected
        assert classes.total == data.total_weight


def least_by_a_loop(view: IntegerView, live: list[bool]) -> int:
    """The smallest loss of all output vectors, each input on its own, if only live classes can be met."""
    won = 0
    groups = [(i, y, weight, flag) for (i, y, weight), flag in zip(classes_in_order(view), live, strict=True)]
    for i in range(len(view.inputs)):
        here = [(y, weight) for at, y, weight, flag in groups if at == i and flag]
        columns = [
            {label for label in column if label is not None} for column in zip(*(y for y, _ in here), strict=True)
        ]
        vectors = itertools.product(*(column or {Fraction(0)} for column in columns))
        won += max(sum(weight for y, weight in here if agrees(y, vector)) for vector in vectors)
    return view.instance.dataset.total_weight - won


def agrees(labels: tuple[Label, ...], vector: tuple[Number, ...]) -> bool:
    return all(label is None or label == value for label, value in zip(labels, vector, strict=True))


def least_losses(rng: random.Random, view: IntegerView, classes: Classes) -> list[tuple[int, int]]:
    """For random live sets the bound, and the loss of the best completion."""
    live = random_live(rng, classes.count, 4)
    bounds = classes.least_loss(pack(live)).tolist()
    return [(bound, least_by_a_loop(view, flags)) for bound, flags in zip(bounds, live.tolist(), strict=True)]


@pytest.mark.parametrize("masked", [0.0, 0.3, 0.7])
def test_least_loss_is_that_of_the_best_completion(masked: float) -> None:
    rng = random.Random(f"least {masked}")
    for _ in range(60):
        view = labelled_view(rng, masked=masked)
        for bound, best in least_losses(rng, view, classes_of(view)):
            assert bound == best


@pytest.mark.parametrize("most", [1, 3])
def test_least_loss_is_no_more_with_too_many_vectors(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(mismatches, "MOST_VECTORS", most)
    rng = random.Random(f"fallback {most}")
    exact = 0
    pairs = []
    for _ in range(80):
        view = labelled_view(rng, outputs=rng.choice([1, 2, 3]), points=2, masked=0.3)
        pairs += least_losses(rng, view, classes_of(view))
    for bound, best in pairs:
        assert 0 <= bound <= best
        exact += bound == best
    assert len(pairs) // 2 <= exact < len(pairs)


def test_least_loss_of_a_live_set_that_shrinks_only_rises() -> None:
    rng = random.Random("shrinks")
    for _ in range(40):
        view = labelled_view(rng)
        classes = classes_of(view)
        live = pack(random_live(rng, classes.count, 3))
        smaller = live & pack(random_live(rng, classes.count, 3))
        assert (classes.least_loss(smaller) >= classes.least_loss(live)).all()
        assert (classes.loss(live) <= classes.loss(smaller)).all()
        assert (classes.least_loss(live) >= classes.loss(live)).all()


@pytest.mark.parametrize("masked", [0.0, 0.4])
def test_large_weights_are_added_exactly(masked: float) -> None:
    rng = random.Random(f"large {masked}")
    for _ in range(20):
        view = labelled_view(rng, points=2, masked=masked, weights=(2**53 + 1, 2**55 - 1, 1))
        for bound, best in least_losses(rng, view, classes_of(view)):
            assert bound == best


def test_floating_point_and_integers_bound_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("exact")
    view = labelled_view(rng, outputs=2, samples=40, masked=0.4)
    classes = classes_of(view)
    live = pack(random_live(rng, classes.count, 20))
    fast = classes.least_loss(live).tolist()
    monkeypatch.setattr(mismatches, "EXACT", 0)
    assert classes.least_loss(live).tolist() == fast


def weighted_view(weight: list[int]) -> IntegerView:
    labels = [[0], [1]]
    return integer_view(d_nnt([1, 1], [[0], [0]], labels, weights=[0], bias=[0], activation="sign", weight=weight))


def test_too_large_weights_are_refused() -> None:
    assert classes_of(weighted_view([LARGEST - 1, 1])).total == LARGEST
    with pytest.raises(UnsupportedError, match="the weights of the samples could need more than 60 bits"):
        classes_of(weighted_view([LARGEST, 1]))


@pytest.mark.parametrize("masked", [0.0, 0.3])
def test_several_words(monkeypatch: pytest.MonkeyPatch, masked: float) -> None:
    rng = random.Random(f"words {masked}")
    view = labelled_view(rng, outputs=2, samples=300, points=40, masked=masked)
    classes = classes_of(view)
    assert classes.count > 128
    assert classes.all_live.shape == (1, -(-classes.count // 64))
    pairs = least_losses(rng, view, classes)
    assert [bound for bound, _ in pairs] == [best for _, best in pairs]
    patterns = random_patterns(rng, view, 9)
    met = classes.met(1, patterns)
    values = (classes.least_loss(met).tolist(), classes.loss(met).tolist())
    monkeypatch.setattr(mismatches, "MOST_CELLS", 1)  # each row on its own
    assert (classes.met(1, patterns) == met).all()
    assert (classes.least_loss(met).tolist(), classes.loss(met).tolist()) == values


def test_without_classes_nothing_is_lost() -> None:
    view = integer_view(d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation="relu"))
    classes = classes_of(view)
    assert (classes.count, classes.total) == (0, 0)
    live = np.repeat(classes.all_live, 3, axis=0)
    assert classes.least_loss(live).tolist() == classes.loss(live).tolist() == [0, 0, 0]
    assert (classes.met(0, np.zeros((3, 0), view.kind)) == live).all()


def test_samples_without_labels_are_always_met() -> None:
    table = {"type": "table", "values": [[0, 0], [1, 1]]}
    y: list[list[object]] = [[None, None], [0, None], [None, None]]
    view = integer_view(d_nnt([1, 2], [[0], [0], [1]], y, weights=[0, 1], bias=[0], activation=table))
    classes = classes_of(view)
    assert classes.count == 3
    met = classes.met(0, np.array([[1, 0]])) & classes.met(1, np.array([[1, 1]]))
    assert classes.loss(met).tolist() == classes.least_loss(met).tolist() == [1]


def test_classes_of_some_inputs() -> None:
    rng = random.Random("some")
    for _ in range(30):
        view = labelled_view(rng)
        part = view.limited_to(sorted(rng.sample(range(len(view.inputs)), rng.randint(1, len(view.inputs)))))
        classes = classes_of(part)
        assert classes.total == sum(sum(labels.values()) for labels in part.labels)
        live = random_live(rng, classes.count, 3)
        whole = view.instance.dataset.total_weight
        for bound, flags in zip(classes.least_loss(pack(live)).tolist(), live.tolist(), strict=True):
            assert bound == least_by_a_loop(part, flags) - whole + classes.total


# --- bit sets ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 7, 8, 63, 64, 65, 128, 200])
def test_pack_and_unpack(count: int) -> None:
    rng = random.Random(count)
    live = random_live(rng, count, 5)
    words = pack(live)
    assert words.shape == (5, max(1, -(-count // 64)))
    assert (unpack(words, count) == live).all()
    assert np.bitwise_count(words).sum() == live.sum()
    for c in range(count):
        (place,) = np.flatnonzero(pack(np.arange(count)[None, :] == c)[0])
        assert place == c // 64


def test_pack_keeps_inclusion() -> None:
    rng = random.Random("inclusion")
    one, other = random_live(rng, 100, 30), random_live(rng, 100, 30)
    assert (unpack(pack(one) & pack(other), 100) == (one & other)).all()
    assert pack(np.zeros((0, 70), bool)).shape == (0, 2)


@pytest.mark.parametrize("words", [1, 2, 5])
def test_distinct_sets(words: int) -> None:
    rng = random.Random(words)
    for _ in range(30):
        pool = random_words(rng, 4, words)
        rows = pool[[rng.randrange(4) for _ in range(rng.randint(0, 20))]]
        kept, number = distinct_sets(rows)
        assert (kept[number] == rows).all()
        assert len({row.tobytes() for row in kept}) == len(kept)
        assert set(number.tolist()) == set(range(len(kept)))


def random_words(rng: random.Random, rows: int, words: int) -> Words:
    """Also with the highest bit, which is no sign."""
    return np.array(
        [[rng.choice([0, 1, 2**63, 2**64 - 1, rng.getrandbits(64)]) for _ in range(words)] for _ in range(rows)],
        np.uint64,
    )


def random_groups(rng: random.Random) -> tuple[npt.NDArray[np.int64], Words]:
    """Groups in any order, their names also large or negative; subsets are frequent."""
    rows, count = rng.randint(0, 30), rng.choice([3, 5, 70, 130])
    names = [rng.randint(-(2**62), 2**62) for _ in range(rng.randint(1, 4))]
    live = random_live(rng, count, rows)
    for i in range(1, rows):
        if rng.random() < 0.6:
            live[i] = live[rng.randrange(i)] & random_live(rng, count, 1)[0]
    return np.array([rng.choice(names) for _ in range(rows)], np.int64), pack(live)


def inside(one: Words, other: Words) -> bool:
    return not bool((one & ~other).any())


@pytest.mark.parametrize("rounds", [0, 1, 2, 12])
def test_dropped_sets_lie_in_kept_ones_of_their_group(rounds: int) -> None:
    rng = random.Random(f"undominated {rounds}")
    dropped = 0
    for _ in range(80):
        groups, live = random_groups(rng)
        keep = undominated(groups, live, rounds)
        for i in np.flatnonzero(~keep).tolist():
            dropped += 1
            assert any(keep[j] and groups[i] == groups[j] and inside(live[i], live[j]) for j in range(len(live)))
    assert (dropped > 0) == (rounds > 0)


def test_with_enough_rounds_exactly_the_maximal_sets_stay() -> None:
    rng = random.Random("maximal")
    for _ in range(80):
        groups, live = random_groups(rng)
        kept = np.flatnonzero(undominated(groups, live, 30)).tolist()
        for i in range(len(live)):
            strictly = [
                j
                for j in range(len(live))
                if groups[i] == groups[j] and inside(live[i], live[j]) and not inside(live[j], live[i])
            ]
            equal = [j for j in range(len(live)) if groups[i] == groups[j] and (live[i] == live[j]).all()]
            assert sum(j in kept for j in equal) == (0 if strictly else 1)
