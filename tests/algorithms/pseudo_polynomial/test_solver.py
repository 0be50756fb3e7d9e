"""The dynamic program over sums as a solver: options, refusals, hints, and what it reports."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.pseudo_polynomial import fingerprints
from qnnt.algorithms.pseudo_polynomial import plan as planning
from qnnt.algorithms.pseudo_polynomial import search as searching
from qnnt.algorithms.pseudo_polynomial.fingerprints import SameFingerprintError
from qnnt.algorithms.pseudo_polynomial.plan import METHODS
from qnnt.algorithms.pseudo_polynomial.sumsets import ENGINES
from qnnt.array_evaluation import judge
from qnnt.exact import Number
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers import dp_pseudo
from qnnt.solvers.backends import Answer, Encoded, Event, Found, Limits, Raised
from qnnt.solvers.dp_pseudo import DpPseudo

INSTANCES = [*range(40), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(40, 3000))]


def asked(
    instance: Instance,
    solver: DpPseudo | None = None,
    objective: Objective = Objective.MINIMIZE,
    hint: Parameters | None = None,
) -> tuple[Answer, list[Event]]:
    events: list[Event] = []
    solver = solver or DpPseudo()
    assert solver.unsupported(instance, objective) is None
    return solver.solve(instance, objective, hint, Limits(), events.append), events


def last_found(instance: Instance, events: list[Event]) -> Number | None:
    """The loss of the last solution; each is better than the one before."""
    losses = [judge(instance, event.parameters) for event in events if isinstance(event, Found)]
    assert losses == sorted(losses, reverse=True)
    return losses[-1] if losses else None


def solver_of(seed: int) -> DpPseudo:
    """All options in turn; engines without room for the sums are left out."""
    return DpPseudo(METHODS[seed % len(METHODS)], ("mixed", "sparse", "wide")[seed % 3])


@pytest.mark.parametrize("seed", INSTANCES)
def test_it_finds_what_enumeration_finds(seed: int) -> None:
    instance = random_two_layer(random.Random(f"two layers {seed}"))
    best = minimum(instance)
    answer, events = asked(instance, solver_of(seed))
    if best.loss is None or best.parameters is None:
        assert answer.status is Status.INFEASIBLE
        assert asked(instance.derive(bound=10**6), objective=Objective.DECIDE)[0].status is Status.NO
        return
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, best.loss)
    assert last_found(instance, events) == best.loss
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert bounds == sorted(bounds)
    assert all(bound <= best.loss for bound in bounds)
    for bound in (best.loss, best.loss + 1, best.loss - Fraction(1, 1000), best.loss - 1):
        if bound < 0:
            continue
        bounded = instance.derive(bound=bound)
        answer, events = asked(bounded, solver_of(seed // 7), Objective.DECIDE)
        assert answer.status is (Status.YES if bound >= best.loss else Status.NO)
        found = last_found(instance, events)
        assert found is None if bound < best.loss else found is not None and found <= bound
        assert answer.lower_bound is None or answer.lower_bound <= best.loss
    answer, events = asked(instance, solver_of(seed // 5), hint=best.parameters)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, best.loss)
    assert last_found(instance, events) == best.loss


def without_beam(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every search takes growing limits, with no first solution to help it."""
    monkeypatch.setattr(planning, "SMALL", -1.0)

    def lost(*_: Any) -> None:
        return None

    monkeypatch.setattr(searching, "by_beam", lost)


def raised(events: list[Event]) -> list[Number]:
    """The bounds that were reported."""
    return [event.lower_bound for event in events if isinstance(event, Raised)]


BLOCK = 100
BLOCKS = [pytest.param(block, marks=[] if block < 3 else [pytest.mark.full]) for block in range(30)]


@pytest.mark.parametrize("block", BLOCKS)
def test_bounds_on_the_way_are_proven(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs whose limit is too small raise the bound, which never passes the optimum."""
    without_beam(monkeypatch)
    rose = 0
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = random_two_layer(random.Random(f"two layers {seed}"))
        optimal = minimum(instance)
        best = optimal.loss
        solver = DpPseudo("plain", ("mixed", "sparse", "wide")[seed % 3])
        answer, events = asked(instance, solver)
        bounds = raised(events)
        assert bounds == sorted(bounds)
        if best is None:
            assert answer.status is Status.INFEASIBLE
            continue
        assert (answer.status, last_found(instance, events)) == (Status.OPTIMAL, best)
        assert all(bound <= best for bound in bounds)
        rose += len(set(bounds)) > 1
        if len(set(bounds)) > 1:  # each was known before anything was found
            (found,) = [event for event in events if isinstance(event, Found)]
            assert events.index(found) == len(events) - 1
        _, events = asked(instance.derive(bound=best), solver, Objective.DECIDE)
        assert all(bound <= best for bound in raised(events))
        _, events = asked(instance, solver, hint=optimal.parameters)
        assert all(bound <= best for bound in raised(events))
    assert rose >= 5


def test_bounds_stay_below_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample alone could be met, both never: there is no loss to be bounded, and 2 + 4 would be the largest."""
    without_beam(monkeypatch)
    table = {"type": "table", "values": [[1, 1], [2, 2]]}
    instance = qnnt.d_nnt(
        [1, 1], [[1], [-1]], [[3], [5]], weights=[-2, -1, 1, 2], bias=[0], activation=table, loss="absolute"
    )
    answer, events = asked(instance, DpPseudo("plain"))
    assert answer.status is Status.INFEASIBLE
    assert raised(events)[0] == 1 + 3
    assert all(bound <= 2 + 4 for bound in raised(events))


def relus(k: int, samples: int, seed: int, loss: str = "absolute") -> Instance:
    """Alike ReLU neurons with weights -1, 0, 1, on data that they do not fit."""
    rng = random.Random(f"relus {k} {samples} {seed}")
    hidden, inputs = [f"h{i}" for i in range(k)], ["x1", "x2"]
    edges: list[dict[str, Any]] = [
        {"from": x, "to": h, "weights": [-1, 0, 1]} for x, h in itertools.product(inputs, hidden)
    ]
    edges += [{"from": h, "to": "o", "weights": [-1, 1]} for h in hidden]
    network = {"inputs": inputs, "outputs": ["o"], "edges": edges, "neurons": {"o": {"activation": "identity"}}}
    x = [[rng.randint(-20, 20) for _ in inputs] for _ in range(samples)]
    y = [[rng.randint(-60, 60)] for _ in range(samples)]
    return qnnt.d_nnt(network, x, y, weights=[0], bias=[0], activation="relu", loss=loss)


@pytest.mark.parametrize("loss", ["absolute", "squared", "mismatch"])
def test_all_options_agree_beyond_enumeration(loss: str) -> None:
    for seed in range(2):
        instance = relus(5, 3, seed, loss)
        found = set()
        for method, engine in itertools.product(METHODS, ENGINES):
            if DpPseudo(method, engine).unsupported(instance, Objective.MINIMIZE) is None:
                answer, events = asked(instance, DpPseudo(method, engine))
                assert answer.status is Status.OPTIMAL
                found.add((last_found(instance, events), answer.lower_bound))
        assert len(found) == 1


def test_what_it_reports() -> None:
    instance = relus(12, 2, 0)
    answer, events = asked(instance)
    assert isinstance(events[0], Encoded)
    assert events[0].sizes == DpPseudo().expected(instance)
    assert {"method", "engine", "states_expected", "box_log2"} <= set(events[0].sizes)
    assert isinstance(events[1], Raised)
    assert answer.statistics["transitions"] > 0


# --- nothing to search for -------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [[], [[0, 1]]])
def test_nothing_to_learn(samples: list[list[int]]) -> None:
    instance = qnnt.d_qnnt(3, [2, 2, 1], samples, [[None]] * len(samples))
    answer, events = asked(instance)
    assert (answer.status, last_found(instance, events)) == (Status.OPTIMAL, 0)
    assert asked(instance.derive(bound=0), objective=Objective.DECIDE)[0].status is Status.YES


def test_one_choice_everywhere() -> None:
    instance = qnnt.d_nnt([1, 2, 1], [[2]], [[5]], weights=[1], bias=[0], activation="relu", loss="squared")
    answer, events = asked(instance)
    assert (answer.status, last_found(instance, events)) == (Status.OPTIMAL, 1)
    for bound, status in ((1, Status.YES), (Fraction(1, 2), Status.NO)):
        assert asked(instance.derive(bound=bound), objective=Objective.DECIDE)[0].status is status


@pytest.mark.parametrize("where", ["h", "o"])
def test_parameters_that_a_table_forbids(where: str) -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "o"}],
        "neurons": {where: {"activation": {"type": "table", "values": [[7, 1]]}}},
    }
    instance = qnnt.d_nnt(network, [[1]], [[1]], weights=[0, 1], bias=[0], activation="identity", loss="mismatch")
    assert asked(instance)[0].status is Status.INFEASIBLE
    assert asked(instance.derive(bound=5), objective=Objective.DECIDE)[0].status is Status.NO


# --- refusals and limits ---------------------------------------------------------------------------


def test_deep_networks_are_refused() -> None:
    reason = DpPseudo().unsupported(qnnt.d_qnnt(2, [1, 1, 1, 1], [[1]], [[1]]), Objective.MINIMIZE)
    assert reason is not None
    assert "more than two layers" in reason


def test_too_many_sums_are_refused_before_the_start() -> None:
    reason = DpPseudo().unsupported(relus(200, 12, 0), Objective.MINIMIZE)
    assert reason is not None
    assert "sums expected, room is for 2^24.8" in reason


def test_an_engine_without_room_is_refused() -> None:
    instance = qnnt.d_nnt([1, 1], [[1]], [[3]], weights=[0, 2**40, 3], bias=[0], activation="identity", loss="squared")
    for engine in ("mark", "bitset", "fft"):
        reason = DpPseudo(engine=engine).unsupported(instance, Objective.MINIMIZE)
        assert reason is not None
        assert reason.startswith(f"the engine {engine} has room for ")


def test_too_many_sums_on_the_way_leave_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = relus(12, 3, 0)
    solver = DpPseudo(method="plain", engine="sparse")
    assert solver.unsupported(instance, Objective.MINIMIZE) is None
    monkeypatch.setattr(dp_pseudo, "MOST_STATES", 10)
    events: list[Event] = []
    answer = solver.solve(instance, Objective.MINIMIZE, None, Limits(), events.append)
    assert answer.status is Status.UNKNOWN
    assert answer.reason.startswith("more than 10 states at step ")
    assert answer.lower_bound is not None


def test_losses_that_need_too_many_bits_are_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two coordinates with squares beyond 62 bits: nothing is claimed."""
    instance = qnnt.d_nnt(
        [1, 1], [[1], [2]], [[2**50], [-(2**50)]], weights=[0, 2**45], bias=[0], activation="identity", loss="squared"
    )
    best = 2 * 2**100
    for method in ("auto", "plain"):
        answer, events = asked(instance, DpPseudo(method))
        assert answer.status is Status.UNKNOWN
        assert answer.reason == "losses beyond 60 bits"
        assert last_found(instance, events) is None
        assert all(bound <= best for bound in raised(events))
        assert answer.lower_bound is not None
        assert answer.lower_bound <= best
        without_beam(monkeypatch)


def test_equal_fingerprints_start_the_search_again(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = relus(5, 3, 0)
    wanted = asked(instance)[0].lower_bound
    tried: list[int] = []
    drawn = fingerprints.multipliers

    def broken(limbs: int, attempt: int) -> Any:
        tried.append(attempt)
        return drawn(limbs, attempt)

    def collide(*arguments: Any, **named: Any) -> Any:
        if max(tried) < 2:
            raise SameFingerprintError("two keys with one fingerprint")
        return original(*arguments, **named)

    original = searching.by_halves
    monkeypatch.setattr("qnnt.algorithms.pseudo_polynomial.problem.multipliers", broken)
    monkeypatch.setattr(searching, "by_halves", collide)
    answer, events = asked(instance, DpPseudo("scan", "wide"))
    assert (answer.lower_bound, last_found(instance, events)) == (wanted, wanted)
    assert max(tried) == 2
