"""Merged partial sums mean the same as those that they stand for, however the pieces come together.

Everything rests on two properties. Canonical sums of two branches, added and made canonical, are those
of the whole: else a join would keep apart, or mix up, what it should not. And a canonical sum has with
every completion the pattern of each sum that it stands for; with a guess, it meets the guess or not.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.fpt_frames import Frame, choices_of, listed_choices
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.vectors import Integers, Matrix
from qnnt.errors import CertificateError
from qnnt.evaluation import activate
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS
from tests.algorithms.states.random_views import random_pattern, random_view, star_view, tuples

Flags = npt.NDArray[np.bool_]
MOST_PER_PIECE = 4


@dataclass(frozen=True)
class Case:
    """A neuron's frame, with some contributions of each of its pieces, the block first, each of shape (n, p)."""

    view: IntegerView
    frame: Frame
    pieces: list[Matrix]

    @property
    def everything(self) -> int:
        """All pieces, as bits."""
        return (1 << len(self.pieces)) - 1

    @property
    def p(self) -> int:
        return len(self.frame.base)


def plain(frame: Frame) -> Frame:
    """The same without any merging or pruning."""
    return Frame(frame.neuron, frame.kind, Effort(most=0), merge=False, prune=False)


def case_of(rng: random.Random, view: IntegerView, v: int) -> Case:
    frame = Frame(view.neurons[v], view.kind, Effort(most=0))
    pieces = [some(rng, plain(frame).block)]
    for i, edge in enumerate(frame.neuron.edges):
        patterns = np.array([random_pattern(rng, view.neurons[edge.source]) for _ in range(3)], view.kind)
        pieces.append(some(rng, frame.contributions(i, patterns).reshape(-1, len(frame.base))))
    return Case(view, frame, pieces)


def some(rng: random.Random, rows: Matrix) -> Matrix:
    return rows[sorted(rng.sample(range(len(rows)), min(len(rows), MOST_PER_PIECE)))]


def cases(activation: str, count: int) -> Iterator[Case]:
    """Mostly neurons that read several others."""
    rng = random.Random(f"frames {activation}")
    for i in range(count):
        view = star_view(rng, activation) if i % 4 else random_view(rng, [activation])
        v = max(range(len(view.neurons)), key=lambda v: len(view.neurons[v].edges))
        yield case_of(rng, view, v)


def splits(rng: random.Random, case: Case, parts: int) -> list[int]:
    """Each piece, as a bit, in one of several parts."""
    place = [rng.randrange(parts) for _ in case.pieces]
    return [sum(1 << i for i, q in enumerate(place) if q == part) for part in range(parts)]


def random_sums(rng: random.Random, case: Case, pieces: int, count: int) -> Matrix:
    """Sums of a contribution of each of the pieces."""
    total: Matrix = np.zeros((count, case.p), case.frame.kind)
    for i, rows in enumerate(case.pieces):
        if pieces >> i & 1:
            total = total + rows[[rng.randrange(len(rows)) for _ in range(count)]]
    return total


def all_sums(case: Case, pieces: int) -> Matrix:
    """Every choice of a contribution of each of the pieces; the distinct ones."""
    total: Matrix = np.zeros((1, case.p), case.frame.kind)
    for i, rows in enumerate(case.pieces):
        if pieces >> i & 1:
            total = np.unique((total[:, None, :] + rows[None, :, :]).reshape(-1, case.p), axis=0)
    return total


def random_guesses(rng: random.Random, case: Case, count: int) -> Matrix:
    """Half of them patterns that the neuron can have, half any values."""
    patterns, defined = case.frame.patterns(random_sums(rng, case, case.everything, count))
    anything = np.array([[rng.choice(case.frame.values) for _ in range(case.p)] for _ in range(count)], case.frame.kind)
    possible = np.isin(patterns, case.frame.values).all(axis=1) & defined
    chosen: Matrix = np.where((possible & (np.arange(count) % 2 == 0))[:, None], patterns, anything)
    return chosen


def can_guess(case: Case) -> bool:
    return len(case.frame.values) > 0


# --- the arithmetic ------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_final_sums_have_the_patterns_of_the_judge(activation: str) -> None:
    for case in cases(activation, 12):
        neuron = case.frame.neuron
        function = case.view.instance.activations[neuron.name]
        sums = all_sums(case, case.everything)
        patterns, defined = case.frame.patterns(sums)
        whole = (sums + case.frame.base).tolist()
        for row, pattern, known in zip(whole, patterns.tolist(), defined.tolist(), strict=True):
            expected: list[Number] | None
            try:
                expected = [activate(function, Fraction(t, neuron.unit)) for t in row]
            except CertificateError:
                expected = None
            assert known == (expected is not None)
            assert expected is None or [Fraction(value, neuron.runs.denominator) for value in pattern] == expected


def test_contributions_are_shifted_products() -> None:
    """With the base added, the pieces of any weights make the whole sum."""
    rng = random.Random("contributions")
    for _ in range(40):
        view = star_view(rng, "identity")
        neuron = view.neurons[-1]
        frame = Frame(neuron, view.kind, Effort(most=0))
        total = frame.base.astype(np.int64)
        expected = np.zeros(len(view.inputs), np.int64)
        for i, edge in enumerate(neuron.edges):
            pattern = np.array([random_pattern(rng, view.neurons[edge.source])], view.kind)
            k = rng.randrange(len(edge.factors))
            total = total + frame.contributions(i, pattern)[0, k]
            expected += edge.factors[k] * pattern[0].astype(np.int64)
        block = [(total + row).tolist() for row in plain(frame).block]
        constants = itertools.product(*(piece.choices for piece in neuron.constants))
        assert sorted(block) == sorted(map(list, {tuple((expected + sum(rows)).tolist()) for rows in constants}))


@pytest.mark.parametrize("activation", ["clip", "identity", "table"])
def test_missing_pieces_stay_in_their_range(activation: str) -> None:
    rng = random.Random(f"missing {activation}")
    for case in cases(activation, 30):
        frame = case.frame
        there, rest = splits(rng, case, 2)
        minus, plus = frame.missing(there)
        assert (minus >= 0).all()
        assert (plus >= 0).all()
        more = all_sums(case, rest)
        assert (-minus <= more).all()
        assert (more <= plus).all()
        before_minus, before_plus = frame.missing(0)
        assert (before_minus + frame.neuron.least == frame.base).all()
        assert (frame.neuron.greatest - before_plus == frame.base).all()
        assert frame.missing(case.everything)[0].tolist() == frame.missing(case.everything)[1].tolist() == [0] * case.p


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_merged_block_is_the_canonical_block(activation: str) -> None:
    for case in cases(activation, 15):
        canonical, _ = case.frame.settle(plain(case.frame).block, None, 1)
        assert set(tuples(case.frame.block)) == set(tuples(canonical))
        assert len(set(tuples(case.frame.block))) == len(case.frame.block)


# --- the congruence ------------------------------------------------------------------------------


def assert_same(one: tuple[Matrix, Flags], other: tuple[Matrix, Flags]) -> None:
    assert one[0].tolist() == other[0].tolist()
    assert one[1].tolist() == other[1].tolist()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_canonical_sums_join_to_canonical_sums(activation: str) -> None:
    rng = random.Random(f"join {activation}")
    for case in cases(activation, 30):
        settle = case.frame.settle
        for _ in range(5):
            left, right, _ = splits(rng, case, 3)
            s1, s2 = random_sums(rng, case, left, 12), random_sums(rng, case, right, 12)
            apart = settle(s1, None, left)[0] + settle(s2, None, right)[0]
            assert_same(settle(apart, None, left | right), settle(s1 + s2, None, left | right))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_canonical_sums_with_a_guess_join_to_canonical_sums(activation: str) -> None:
    """What is of use together is so apart; and then both ways lead to the same."""
    rng = random.Random(f"guessed join {activation}")
    for case in cases(activation, 30):
        settle = case.frame.settle
        if not can_guess(case):
            continue
        for _ in range(5):
            left, right, _ = splits(rng, case, 3)
            s1, s2 = random_sums(rng, case, left, 12), random_sums(rng, case, right, 12)
            guesses = random_guesses(rng, case, 12)
            (one, useful_one), (other, useful_other) = settle(s1, guesses, left), settle(s2, guesses, right)
            joined, useful = settle(s1 + s2, guesses, left | right)
            again, useful_again = settle(one + other, guesses, left | right)
            assert again.tolist() == joined.tolist()
            assert useful_again.tolist() == useful.tolist()
            assert (useful <= (useful_one & useful_other)).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_canonical_is_canonical(activation: str) -> None:
    rng = random.Random(f"again {activation}")
    for case in cases(activation, 20):
        pieces, _ = splits(rng, case, 2)
        sums = random_sums(rng, case, pieces, 20)
        once = case.frame.settle(sums, None, pieces)
        assert once[1].all()
        assert_same(case.frame.settle(once[0], None, pieces), once)
        if can_guess(case):
            guesses = random_guesses(rng, case, 20)
            guessed = case.frame.settle(sums, guesses, pieces)
            assert_same(case.frame.settle(guessed[0], guesses, pieces), guessed)


# --- what canonical sums stand for ---------------------------------------------------------------


def outcomes(case: Case, sums: Matrix, completions: Matrix) -> tuple[Matrix, Flags]:
    """The pattern of each sum with each completion, shape (sums, completions, p), and whether it is defined."""
    final = (sums[:, None, :] + completions[None, :, :]).reshape(-1, case.p)
    whole = final + case.frame.base
    assert (case.frame.neuron.least <= whole).all()
    assert (whole <= case.frame.neuron.greatest).all()
    patterns, defined = case.frame.patterns(final)
    shape = (len(sums), len(completions))
    return patterns.reshape(*shape, case.p), defined.reshape(shape)


def meets(case: Case, sums: Matrix, completions: Matrix, guesses: Matrix) -> Flags:
    """Whether each sum with each completion makes its guess true, shape (sums, completions)."""
    patterns, defined = outcomes(case, sums, completions)
    right: Flags = (patterns == guesses[:, None, :]).all(axis=2) & defined
    return right


def assert_function(keys: Matrix, values: Integers | Flags) -> int:
    """Equal keys have equal values; how many keys there are fewer than rows."""
    found: dict[bytes, bytes] = {}
    for key, value in zip(keys, values, strict=True):
        assert found.setdefault(key.tobytes(), value.tobytes()) == value.tobytes()
    return len(keys) - len(found)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sums_alike_have_the_same_patterns_with_all_completions(activation: str) -> None:
    rng = random.Random(f"sound {activation}")
    merged = 0
    for case in cases(activation, 30):
        for _ in range(3):
            there, rest = splits(rng, case, 2)
            sums, completions = all_sums(case, there), all_sums(case, rest)
            canonical, useful = case.frame.settle(sums, None, there)
            assert useful.all()
            patterns, defined = outcomes(case, sums, completions)
            both = np.concatenate([np.where(defined[:, :, None], patterns, 0), defined[:, :, None]], axis=2)
            merged += assert_function(canonical, both)
            stood, known = outcomes(case, canonical, completions)
            assert (known == defined).all()
            assert (stood == patterns)[defined].all()
    assert merged or activation in ("identity", "polynomial", "table", "leaky")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sums_alike_meet_a_guess_with_the_same_completions(activation: str) -> None:
    rng = random.Random(f"sound guess {activation}")
    merged = dropped = kept = 0
    for case in cases(activation, 30):
        if not can_guess(case):
            continue
        for _ in range(4):
            there, rest = splits(rng, case, 2)
            sums, completions = all_sums(case, there), all_sums(case, rest)
            guesses = np.repeat(random_guesses(rng, case, 1), len(sums), axis=0)
            canonical, useful = case.frame.settle(sums, guesses, there)
            right = meets(case, sums, completions, guesses)
            merged += assert_function(canonical[useful], right[useful])
            assert (meets(case, canonical[useful], completions, guesses[useful]) == right[useful]).all()
            assert not right[~useful].any()
            dropped, kept = dropped + int((~useful).sum()), kept + int(useful.sum())
    assert kept
    assert dropped or activation == "constant"
    assert merged or activation in ("identity", "polynomial", "table", "leaky")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_guess_for_sums_that_were_merged_before(activation: str) -> None:
    """A neuron is open first and guessed later, and a guess of one branch meets open sums of the other."""
    rng = random.Random(f"late guess {activation}")
    for case in cases(activation, 25):
        settle = case.frame.settle
        if not can_guess(case):
            continue
        for _ in range(4):
            left, right, rest = splits(rng, case, 3)
            s1, s2 = random_sums(rng, case, left, 10), random_sums(rng, case, right, 10)
            completions, guesses = all_sums(case, rest), random_guesses(rng, case, 10)
            wanted = meets(case, s1 + s2, completions, guesses)
            one, useful_one = settle(settle(s1, None, left)[0], guesses, left)
            other, useful_other = settle(s2, None, right)
            joined, useful = settle(one + other, guesses, left | right)
            useful &= useful_one & useful_other
            assert not wanted[~useful].any()
            assert (meets(case, joined[useful], completions, guesses[useful]) == wanted[useful]).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pieces_one_after_another_reach_exactly_what_is_possible(activation: str) -> None:
    """All distinct sums, settled after each piece; at the end all patterns, each with a guess if and only if met."""
    rng = random.Random(f"whole {activation}")
    for case in cases(activation, 15):
        frame = case.frame
        patterns, defined = frame.patterns(all_sums(case, case.everything))
        expected = set(tuples(patterns[defined]))
        order = rng.sample(range(len(case.pieces)), len(case.pieces))
        assert settled_patterns(case, order, None) == expected
        if not can_guess(case):
            continue
        for guess in random_guesses(rng, case, 6):
            assert settled_patterns(case, order, guess) == expected & {tuple(guess.tolist())}


def settled_patterns(case: Case, order: list[int], guess: Matrix | None) -> set[tuple[int, ...]]:
    sums: Matrix = np.zeros((1, case.p), case.frame.kind)
    pieces = 0
    for i in order:
        pieces |= 1 << i
        sums = (sums[:, None, :] + case.pieces[i][None, :, :]).reshape(-1, case.p)
        guesses = None if guess is None else np.repeat(guess[None, :], len(sums), axis=0)
        sums, useful = case.frame.settle(sums, guesses, pieces)
        sums = np.unique(sums[useful], axis=0)
    patterns, defined = case.frame.patterns(sums)
    found = patterns[defined]
    return set(tuples(found if guess is None else found[(found == guess).all(axis=1)]))


# --- without merging, without pruning ------------------------------------------------------------


def test_without_merging_sums_stay_and_without_pruning_all_are_kept() -> None:
    rng = random.Random("switches")
    for activation in ("clip", "sign", "step"):
        for case in cases(activation, 15):
            pieces, _ = splits(rng, case, 2)
            sums, guesses = random_sums(rng, case, pieces, 10), random_guesses(rng, case, 10)
            frame = case.frame
            unmerged, unpruned = (
                Frame(frame.neuron, frame.kind, Effort(most=0), merge=False),
                Frame(frame.neuron, frame.kind, Effort(most=0), prune=False),
            )
            merged, useful = frame.settle(sums, guesses, pieces)
            assert_same(unmerged.settle(sums, guesses, pieces), (sums, useful))
            assert_same(unpruned.settle(sums, guesses, pieces), (merged, np.ones(10, bool)))
            assert_same(unmerged.settle(sums, None, pieces), (sums, np.ones(10, bool)))


# --- guesses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_guessed_values_are_those_of_the_range(activation: str) -> None:
    rng = random.Random(f"guesses {activation}")
    for case in cases(activation, 15):
        frame = case.frame
        there, rest = splits(rng, case, 2)
        sums = random_sums(rng, case, there, 8)
        possible = frame.guesses(sums, there)
        assert possible.shape == (8, case.p, len(frame.values))
        minus, plus = frame.missing(there)
        for s, x in itertools.product(range(8), range(case.p)):
            low, high = int(sums[s, x] + frame.base[x] - minus[x]), int(sums[s, x] + frame.base[x] + plus[x])
            run = frame.neuron.runs.run_of(np.arange(low, high + 1))
            run = run[frame.neuron.runs.defined[run]]
            assert set(frame.values[possible[s, x]].tolist()) == set(frame.neuron.runs.values[run].tolist())
        canonical, _ = frame.settle(sums, None, there)
        completions = all_sums(case, rest)
        patterns, defined = outcomes(case, sums, completions)
        still = frame.guesses(canonical, there)
        for flags, row, known in zip(still, patterns, defined, strict=True):
            for pattern in row[known]:
                assert flags[np.arange(case.p), np.searchsorted(frame.values, pattern)].all()


def random_flags(rng: random.Random) -> Flags:
    rows, p, values = rng.randint(1, 4), rng.randint(0, 3), rng.randint(1, 3)
    return np.array([rng.random() < 0.6 for _ in range(rows * p * values)], bool).reshape(rows, p, values)


def ways(flags: Flags) -> list[tuple[int, tuple[int, ...]]]:
    """Row by row all ways to choose one flagged value per input."""
    return [
        (row, way)
        for row, here in enumerate(flags)
        for way in itertools.product(*(np.flatnonzero(values).tolist() for values in here))
    ]


def test_choices() -> None:
    rng = random.Random("choices")
    for _ in range(100):
        flags = random_flags(rng)
        row, chosen = choices_of(flags, Effort(10**6))
        assert row.tolist() == sorted(row.tolist())
        assert sorted(zip(row.tolist(), tuples(chosen), strict=True)) == sorted(ways(flags))
        values = flags.shape[2]
        listed = [way for way in itertools.product(range(values), repeat=flags.shape[1]) if rng.random() < 0.5]
        row, chosen = listed_choices(flags, np.array(listed, np.int64).reshape(len(listed), flags.shape[1]))
        assert row.tolist() == sorted(row.tolist())
        assert sorted(zip(row.tolist(), tuples(chosen), strict=True)) == [
            (r, way) for r, way in sorted(ways(flags)) if way in listed
        ]


def test_too_many_choices() -> None:
    flags = np.ones((2, 10, 3), bool)
    effort = Effort(1000)
    with pytest.raises(StateLimitError, match="more than 1000 states at a guess"):
        choices_of(flags, effort)
    assert effort.peak == 2 * 3**6
