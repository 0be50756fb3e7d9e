"""Coordinate descent: one parameter after the other gets its best value, from random starts. A solver of qnnt.

What qnnt needs to find it is `ENTRY`, and the entry point in pyproject.toml. It proves nothing, except that a
loss of 0 is optimal, and says so. Processes, limits of memory and the check of its solutions come with qnnt.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.network import Edge
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Limits, Report
from qnnt.solvers.entry import Entry

PATIENCE = 30
"""Starts in a row without a better loss after which it gives up."""

ENTRY = Entry(
    "coordinate-descent",
    "coordinate_descent:CoordinateDescent",
    "one parameter after the other gets its best value, from random starts; proves nothing above a loss of 0",
    packages=(("qnnt-coordinate-descent", "coordinate_descent"),),  # so that results tell its version
    preload=("coordinate_descent",),
    capabilities=("decide", "minimize", "hint", "incumbents", "any loss"),
)


class CoordinateDescent:
    """The solver: a `qnnt.solvers.backends.Algorithm`."""

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        """Why it cannot take an instance: there is no such reason, any network, activation and loss will do."""
        return None

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """What `qnnt info` tells: how many settings a pass over all parameters evaluates."""
        return {"settings_per_pass": sum(len(values) - 1 for _, values in value_sets(instance))}

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        """Walk until the loss is small enough, the time is up, or start after start finds nothing better."""
        deadline = math.inf if limits.seconds is None else time.monotonic() + limits.seconds
        decides = objective is Objective.DECIDE
        enough = instance.bound if decides and instance.bound is not None else 0
        best: Number | float = math.inf
        best_start = -1
        statistics: dict[str, int] = {}
        reason = ""  # a reached limit needs none
        for count, step in enumerate(walk(instance, hint, random.Random(limits.seed)), 1):
            statistics = {"settings": count, "starts": step.start + 1}
            if step.loss < best:
                best, best_start = step.loss, step.start
                report(Found(step.parameters))
            if best <= enough:
                return Answer(Status.YES if decides else Status.OPTIMAL, statistics=statistics)
            if step.start > best_start + PATIENCE:
                reason = f"{PATIENCE} starts in a row found nothing better"
                break
            if time.monotonic() > deadline:
                break
        return Answer(Status.UNKNOWN if best == math.inf else Status.FEASIBLE, statistics=statistics, reason=reason)


@dataclass(frozen=True)
class Step:
    """Parameters met in the descent with number `start`; the loss is infinite where it is undefined."""

    start: int
    parameters: Parameters
    loss: Number | float


def walk(instance: Instance, hint: Parameters | None, rng: random.Random) -> Iterator[Step]:
    """Descent after descent, without end: all that is met. The first starts from the hint, the others anywhere.

    Among equally good values chance decides. So a descent also crosses plains, such as those where the loss is
    undefined; it ends with the first pass over all parameters that gains nothing.
    """
    for start in itertools.count():
        parameters = hint if hint is not None and start == 0 else anywhere(instance, rng)
        here = Step(start, parameters, loss_of(instance, parameters))
        yield here
        before: Number | float | None = None
        while before is None or here.loss < before:
            before = here.loss
            sets = value_sets(instance)
            for name, values in rng.sample(sets, len(sets)):
                met = [here]
                for value in values:
                    parameters = changed(here.parameters, name, value)
                    if parameters != here.parameters:
                        met.append(Step(start, parameters, loss_of(instance, parameters)))
                        yield met[-1]
                least = min(step.loss for step in met)
                here = rng.choice([step for step in met if step.loss == least])


def value_sets(instance: Instance) -> list[tuple[Edge | str, tuple[Number, ...]]]:
    """What may be chosen: a weight's values with its edge, a bias's values with its neuron."""
    return [*instance.weights.items(), *instance.biases.items()]


def anywhere(instance: Instance, rng: random.Random) -> Parameters:
    """A random value from every set."""
    return Parameters(
        {edge: rng.choice(values) for edge, values in instance.weights.items()},
        {neuron: rng.choice(values) for neuron, values in instance.biases.items()},
    )


def changed(parameters: Parameters, name: Edge | str, value: Number) -> Parameters:
    """The same with another value of one weight or bias."""
    if isinstance(name, tuple):
        return Parameters({**parameters.weights, name: value}, parameters.biases)
    return Parameters(parameters.weights, {**parameters.biases, name: value})


def loss_of(instance: Instance, parameters: Parameters) -> Number | float:
    """The exact loss; infinite where an activation or the loss is undefined, as tables may be partial."""
    try:
        return judge(instance, parameters)
    except CertificateError:
        return math.inf
