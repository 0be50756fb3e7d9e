"""PosSLP: what Lemma 3.5 claims of its instances, the counterexamples to its print, and values beyond all digits."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.errors import InputError, UnsupportedError
from qnnt.evaluation import outputs_at
from qnnt.instance import Instance, Parameters
from qnnt.reductions.making import Origin, decode, draw
from qnnt.reductions.registry import family
from qnnt.reductions.sources.source import Variant
from qnnt.reductions.sources.straight_line import Operation, Operator, Program, TameProgram, tame, values_of
from qnnt.result import Ending, Status

FORMS = [("pos-slp", "square"), ("pos-slp", "guard"), ("pos-slp-literal", "standard")]
WRONG_SIGN = [["-", 0, 0], ["-", 1, 0], ["*", 2, 2]]
"""0, -1, 1: the printed shift loses the sign, and computes -18."""
LOST_ZEROS = [["+", 0, 0], ["+", 1, 1], ["+", 2, 0], ["+", 3, 3], ["*", 0, 4], ["-", 5, 3]]
"""2, 4, 5, 10, 10, 5: the printed shift takes 10 for 1, and computes -4."""


def program(steps: list[list[Any]]) -> Program:
    return Program(tuple(Operation(Operator(operator), left, right) for operator, left, right in steps))


def only_parameters(instance: Instance) -> Parameters:
    """Of an instance without a choice."""
    return Parameters(
        {edge: value for edge, (value,) in instance.weights.items()}, {v: b for v, (b,) in instance.biases.items()}
    )


def computed(steps: Program, family_name: str, form: str) -> Any:
    instance = Origin(family(family_name), form, steps).made()
    (output,) = outputs_at(instance, only_parameters(instance), (1,))
    return output


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_restrictions(name: str, form: str) -> None:
    for seed in range(200):
        drawn = draw(family(name), list(Variant)[seed % 3], {"operations": 4 + seed % 20}, seed)
        assert isinstance(drawn.source, Program)
        instance = Origin(family(name), form, drawn.source).made()
        network = instance.network
        assert instance.settings == 1
        assert {value for values in instance.weights.values() for value in values} <= {1, -1}
        assert {value for values in instance.biases.values() for value in values} == {0}
        assert max(len(network.predecessors[v]) for v in network.neurons) <= 2
        assert len(network.neurons) <= 3 * len(drawn.source.operations)
        assert (network.inputs, len(network.outputs)) == (("a0",), 1)
        assert (instance.dataset.x, instance.dataset.y, instance.bound) == (((1,),), ((1,),), 1)
        names = {activation.name for activation in instance.activations.values()}
        digits = {"pos-slp": {"slp_shift_guard", "slp_mul_guard"}, "pos-slp-literal": {"slp_shift", "slp_mul"}}[name]
        assert names <= ({"identity", "polynomial"} if form == "square" else {"identity", *digits})


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_all_values_of_random_programs(name: str, form: str) -> None:
    """Each value that a program computes on the way is that of the network of the steps up to it."""
    for seed in range(100):
        drawn = draw(family(name), Variant.RANDOM, {"operations": 9}, seed)
        assert isinstance(drawn.source, Program)
        values = drawn.source.values()
        assert values is not None
        for length in range(1, 10):
            steps = type(drawn.source)(drawn.source.operations[:length])
            assert computed(steps, name, form) == values[length], (seed, length)


@pytest.mark.parametrize("steps", [WRONG_SIGN, LOST_ZEROS])
@pytest.mark.parametrize("form", ["square", "guard"])
def test_where_the_printed_lemma_is_wrong(steps: list[list[Any]], form: str) -> None:
    source = program(steps)
    values = source.values()
    assert values is not None
    assert values[-1] > 0
    assert computed(source, "pos-slp", form) == values[-1]
    with pytest.raises(InputError, match="the right operand must be 0, or positive and not divisible by 10"):
        TameProgram.from_document(source.document(), "")


def test_a_step_with_the_same_operand_twice() -> None:
    for operator, value in (("+", 4), ("-", 0), ("*", 4)):
        source = program([["+", 0, 0], [operator, 1, 1]])
        for form in ("square", "guard"):
            assert computed(source, "pos-slp", form) == value


def test_no_operations_and_unneeded_ones() -> None:
    assert computed(program([]), "pos-slp", "square") == 1
    source = program([["*", 0, 0], ["+", 0, 0], ["-", 2, 0]])  # the product is not needed
    instance = Origin(family("pos-slp"), "square", source).made()
    assert set(instance.network.neurons) == {"a2", "a2_again", "a3"}


def power_of_three(doublings: int) -> list[list[Any]]:
    """3^(2^doublings) - 1, then that minus itself plus 1."""
    steps: list[list[Any]] = [["+", 0, 0], ["+", 1, 0]]
    steps += [["*", i, i] for i in range(2, 2 + doublings)]
    return [*steps, ["-", len(steps), 0]]


def test_values_beyond_all_digits() -> None:
    """3^(2^200) - 1 is positive, by certified intervals on both sides; exactly it would fill no machine."""
    source = program(power_of_three(200))
    assert source.values() is None
    assert source.solve() is True
    origin = Origin(family("pos-slp"), "square", source)
    result = qnnt.solve(origin.made())
    assert result.status is Status.YES
    assert result.solution is not None
    assert not decode(origin, result.solution.parameters).complaint
    assert source.words(solution=True) == ["a_203 > 0"]
    negative = program([*power_of_three(200), ["-", 0, 0], ["-", 204, 203]])
    assert negative.solve() is None
    assert qnnt.solve(Origin(family("pos-slp"), "square", negative).made()).status is Status.NO


def test_never_a_guess() -> None:
    """Where intervals cannot tell either, the answer is unknown, and says at which neuron."""
    steps = power_of_three(60)
    last = len(steps)
    source = program([*steps, ["-", last, last], ["+", last + 1, 0]])
    with pytest.raises(UnsupportedError, match="bounds do not tell its sign"):
        source.solve()
    for form in ("square", "guard"):
        result = qnnt.solve(Origin(family("pos-slp"), form, source).made())
        assert (result.status, result.ending) == (Status.UNKNOWN, Ending.GAVE_UP)
        assert "neuron a" in result.note


def test_exact_values_and_bounds_agree() -> None:
    rng = random.Random(8)
    decided = 0
    for _ in range(400):
        source = draw(
            family("pos-slp"), Variant.RANDOM, {"operations": rng.randint(1, 14)}, rng.randrange(10**6)
        ).source
        assert isinstance(source, Program)
        values = source.values()
        assert values is not None
        for digits in (3, 60):
            low, high = source._bounds(digits)
            assert Fraction(low) <= values[-1] <= Fraction(high)
            decided += low > 0 or high <= 0
    assert decided > 600


def test_tame_programs_are_tame() -> None:
    for seed in range(60):
        source = draw(family("pos-slp-literal"), list(Variant)[seed % 3], {"operations": 12}, seed).source
        assert isinstance(source, TameProgram)
        values = values_of(source.operations)
        assert values is not None
        assert all(tame(values[s.right]) for s in source.operations if s.operator is Operator.TIMES)
        assert TameProgram.from_document(source.document(), "") == source


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "expected an object"),
        ("{}", "the key 'operations' is missing"),
        ('{"operations": [["+", 0]]}', "$.operations[0]: expected [OPERATOR, LEFT, RIGHT] with +, - or *"),
        ('{"operations": [["/", 0, 0]]}', "$.operations[0]: expected [OPERATOR, LEFT, RIGHT] with +, - or *"),
        ('{"operations": [["+", 0, 1]]}', "$.operations[0][2]: expected an integer of at most 0, got 1"),
        ('{"operations": [["+", 0, -1]]}', "$.operations[0][2]: expected an integer of at least 0, got -1"),
        ('{"operations": [[[], 0, 0]]}', "$.operations[0]: expected [OPERATOR, LEFT, RIGHT] with +, - or *"),
    ],
)
def test_complaints(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        Program.from_text(text, {})
    assert str(raised.value).startswith(complaint)
