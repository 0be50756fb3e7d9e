"""Recordings made up for tests: all is as in a solved trial of one second but for what a test changes.

>>> recording(measurement(), measurement(instance="b", seconds=times(cpu=2.0)), yardstick="plain")
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qnnt.benchmarking.measurement import Commit, Heading, Measurement, Recording
from qnnt.instance import Objective
from qnnt.result import Incumbent, Status
from qnnt.verdicts import Verdict

MACHINE = "0123456789ab"


def measurement(**changes: Any) -> Measurement:
    """A solved trial of the instance "a" by the setup "sat"; the digest goes with the name of the instance."""
    name = changes.get("instance", "a")
    usual = Measurement(
        instance="a",
        sha256=hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest(),
        family="random",
        features={"d": 3, "inputs": 3, "outputs": 2, "width": 3, "depth": 2, "samples": 12, "weights": 15},
        setup="sat",
        solver="sat",
        answered_by="sat",
        threads=1,
        seed=0,
        repetition=0,
        time_limit=10.0,
        memory_limit=None,
        objective=Objective.MINIMIZE,
        bound=None,
        apparent=None,
        problem="",
        status=Status.OPTIMAL,
        loss=3,
        lower_bound=3,
        numerical=False,
        seconds=times(),
        peak_memory=40,
        sizes={"booleans": 200, "clauses": 2000},
        counters={"conflicts": 5000, "propagations": 200_000},
        incumbents=(Incumbent(0.2, 5, 0), Incumbent(0.9, 3, 3)),
        machine=MACHINE,
    )
    return dataclasses.replace(usual, **changes)


def times(**changes: float) -> dict[str, float]:
    """Seconds of a trial."""
    return {"wall": 1.0, "cpu": 0.95, "encode": 0.1, "encode_cpu": 0.09, "solve": 0.9, **changes}


def unsolved(**changes: Any) -> Measurement:
    """A trial that met its time limit."""
    ended = {"status": Status.FEASIBLE, "loss": 4, "lower_bound": 1, "problem": "time limit", "incumbents": ()}
    return measurement(**{**ended, "seconds": times(wall=10.0, cpu=9.9, solve=9.9), **changes})


def without_result(apparent: Verdict, **changes: Any) -> Measurement:
    """A trial that was refused, or broke: only its wall clock is known."""
    nothing: dict[str, Any] = {
        "apparent": apparent,
        "problem": "why",
        "answered_by": None,
        "status": None,
        "loss": None,
        "lower_bound": None,
        "seconds": {"wall": 0.1},
        "peak_memory": 0,
        "sizes": {},
        "counters": {},
        "incumbents": (),
    }
    return measurement(**{**nothing, **changes})


def recording(*measurements: Measurement, source: str = "", **heading: Any) -> Recording:
    """A recording of these measurements; it is complete unless `planned` says otherwise."""
    usual = Heading(
        suite="made-up",
        suite_sha256="5" * 64,
        description="for tests",
        yardstick=None,
        setups={one.setup: one.solver for one in measurements},
        planned=len(measurements),
        started="2026-11-20T12:00:00Z",
        commit=Commit("c" * 40, "2026-11-20T11:00:00Z"),
        machine={"id": MACHINE, "cpu": "a processor", "cores": 2, "memory_mb": 8000, "system": "Linux 6"},
        versions={"python": "3.11.7", "qnnt": "0.1.0"},
        jobs=1,
    )
    return Recording(dataclasses.replace(usual, **heading), measurements, source)


def scaled(one: Measurement, factors: Mapping[str, float]) -> Measurement:
    """The same with some of its seconds and counters multiplied; what is added to a part is added to the whole."""
    seconds = {name: value * factors.get(name, 1.0) for name, value in one.seconds.items()}
    for part, whole in (("encode", "wall"), ("encode_cpu", "cpu")):
        if part in factors and part in seconds:
            seconds[whole] += seconds[part] - one.seconds[part]
    counters = {name: value * factors.get(name, 1) for name, value in one.counters.items()}
    return dataclasses.replace(one, seconds=seconds, counters=counters)


def noisy_suite(
    seed: int,
    *,
    setups: Sequence[str] = ("sat", "cpsat", "plain"),
    families: Iterable[str] = ("random", "planted"),
    instances: int = 5,
    repetitions: int = 3,
    noise: float = 0.05,
) -> tuple[Measurement, ...]:
    """A suite measured on a machine with other things to do.

    The amounts of work depend on the names alone; every trial takes longer by a random factor with a long tail,
    `noise` on average, its own for processor and wall clock.
    """
    disturbance = random.Random(seed)
    found: list[Measurement] = []
    for family in families:
        for number in range(instances):
            for setup in setups:
                work = random.Random(f"{family} {number} {setup}")
                encode, solve, conflicts = work.uniform(0.02, 0.2), work.uniform(0.05, 2.0), work.randint(500, 50_000)
                for repetition in range(repetitions):
                    slow = 1 + disturbance.expovariate(1 / noise) if noise else 1.0
                    waiting = 1 + disturbance.expovariate(1 / noise) if noise else 1.0
                    spent = {"encode_cpu": encode * slow, "cpu": (encode + solve) * slow}
                    seconds = {
                        **spent,
                        "encode": spent["encode_cpu"] * waiting,
                        "wall": spent["cpu"] * waiting,
                        "solve": solve * slow * waiting,
                    }
                    found.append(
                        measurement(
                            instance=f"{family}-{number}",
                            family=family,
                            setup=setup,
                            solver=setup,
                            repetition=repetition,
                            seconds=seconds,
                            counters={"conflicts": conflicts},
                        )
                    )
    return tuple(found)
