"""Cubes by brute force: disjoint, as many as announced, and of every orbit of settings at least one is in them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

import qnnt
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.conquest.splitting import split
from qnnt.documents.reader import FORMAT, instance_from
from qnnt.errors import InputError
from qnnt.fuzzing.tiny import all_parameters, random_instance
from qnnt.instance import Instance, Parameters, Problem
from qnnt.simplification.general_form import general_form

X = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
Y = [[0], [1], [1], [0]]


def alike(rng: random.Random) -> Instance:
    """Hidden neurons of one or two classes, one above the other; few settings."""
    sets = [[0, 1], [-1, 1], [-1, 0, 1], ["1/2", 2, 3]]
    first, free = rng.choice([[1], *sets]), rng.choice(sets[:2])
    hidden = [f"h{i}" for i in range(rng.choice([2, 2, 3]))]
    edges = [{"from": "x1", "to": h, "weights": first} for h in hidden]
    if rng.random() < 0.4:
        deep, middle = ["g1", "g2"], rng.choice([[1], [0, 1]])
        edges += [{"from": h, "to": g, "weights": middle} for h in hidden for g in deep]
        edges += [{"from": g, "to": "o", "weights": rng.choice([[1], [1], free])} for g in deep]
    else:
        last = rng.choice([[1], free])
        edges += [{"from": h, "to": "o", "weights": rng.choice([last, last, last, [1]])} for h in hidden]
    edges.append({"from": "x2", "to": "o", "weights": free})
    samples = rng.sample([[0, 0], [1, 0], [0, 1], [2, -1]], rng.choice([0, 1, 3, 3]))
    document = {
        "format": FORMAT,
        "problem": "d-nnt",
        "network": {"inputs": ["x1", "x2"], "outputs": ["o"], "edges": edges},
        "defaults": {"bias": rng.choice([[0], [0, 1]]), "weights": [1], "activation": "relu"},
        "data": {"x": samples, "y": [[rng.choice([0, 1, None])] for _ in samples]},
        "loss": "absolute",
    }
    return instance_from(document)


def tiny(seed: int) -> Instance:
    rng = random.Random(f"cubes {seed}")
    if seed % 2:
        return alike(rng)
    if seed % 4:
        return random_instance(rng, most_settings=300)
    return random_instance(rng, problem=Problem.D_QNNT, layered=True, most_settings=300)


def arrangements(instance: Instance, parameters: Parameters) -> Iterator[Parameters]:
    """What all permutations of interchangeable neurons make of parameters."""
    classes = interchangeable(instance)
    for orders in itertools.product(*map(itertools.permutations, classes)):
        renamed: Mapping[str, str] = {
            v: w for members, order in zip(classes, orders, strict=True) for v, w in zip(members, order, strict=True)
        }
        yield Parameters(
            {(renamed.get(u, u), renamed.get(v, v)): value for (u, v), value in parameters.weights.items()},
            {renamed.get(v, v): value for v, value in parameters.biases.items()},
        )


def test_every_orbit_is_represented_and_no_setting_is_in_two_cubes() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(120):
        instance = general_form(tiny(seed)).instance
        if instance.settings > 400:
            continue
        halves = split(instance, random.Random(seed).choice([2, 3, 5, 20, 1000]))
        cubes = list(halves.cubes())
        assert len(set(cubes)) == len(cubes) == len(halves)
        inside = {cube: halves.restricted(cube) for cube in cubes}
        symmetric = bool(interchangeable(instance)) and len(cubes) > 1
        kinds["symmetric" if symmetric else "split" if len(cubes) > 1 else "whole"] += 1
        held = 0
        for parameters in all_parameters(instance):
            own = halves.cube_of(parameters)
            held += halves.holds(own, parameters)
            assert own in inside
            assert any(halves.holds(own, other) for other in arrangements(instance, parameters))
        sizes = [part.settings for part in inside.values()]
        assert min(sizes) >= 1
        assert sum(sizes) == held  # each setting in its own cube, and in no other
        if not interchangeable(instance):
            assert held == instance.settings
    assert min(kinds["symmetric"], kinds["split"], kinds["whole"]) >= 10


def test_a_cube_holds_what_its_instance_allows() -> None:
    for seed in range(40):
        instance = general_form(tiny(seed)).instance
        halves = split(instance, 6)
        for cube in itertools.islice(halves.cubes(), 8):
            part = halves.restricted(cube)
            for parameters in itertools.islice(all_parameters(instance), 100):
                allowed = all(parameters.weights[e] in part.weights[e] for e in part.weights)
                allowed &= all(parameters.biases[v] in part.biases[v] for v in part.biases)
                assert halves.holds(cube, parameters) is allowed


def test_as_many_as_wanted_or_as_there_can_be() -> None:
    instance = general_form(qnnt.d_qnnt(3, [3, 2, 1], X, Y)).instance
    assert [len(split(instance, n)) for n in (1, 2, 3, 4, 7, 11)] == [1, 3, 3, 6, 10, 15]
    assert len(split(instance, 1000)) >= 1000
    two = qnnt.d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="relu")
    assert len(split(two, 10**9)) == 2


def test_first_layer_weights_on_inputs_that_vary_come_first() -> None:
    x = [[0, 1, 1], [0, 0, 1], [0, 1, -1]]
    instance = general_form(qnnt.d_qnnt(3, [3, 2, 1], x, Y[:3])).instance
    (group,) = split(instance, 20).groups
    assert group.members == ("h1_1", "h1_2")
    assert [(slot.other, slot.samples) for slot in group.slots[:2]] == [("x3", 3), ("x2", 2)]
    assert "x1" not in {slot.other for slot in group.slots}  # always 0


def test_where_there_is_nothing_to_split_there_is_one_cube() -> None:
    one = qnnt.d_nnt([2, 2, 1], [[1, 0]], [[1]], weights=[1], bias=[0], activation="relu")
    empty = general_form(qnnt.d_qnnt(3, [2, 2, 1], [], [])).instance
    for instance in (one, empty):
        halves = split(instance, 100)
        assert (len(halves), list(halves.cubes())) == (1, [()])
        assert halves.restricted(()).weights == instance.weights


def test_fewer_than_one_cube_is_bad_input() -> None:
    with pytest.raises(InputError, match="at least one cube is needed, not 0"):
        split(general_form(qnnt.d_qnnt(3, [3, 2, 1], X, Y)).instance, 0)
