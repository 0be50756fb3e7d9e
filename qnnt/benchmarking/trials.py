"""The trials of a suite, in the order in which they run."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from qnnt.benchmarking.suite import Group, Setup, Suite, relative_sources
from qnnt.documents.fields import below
from qnnt.errors import InputError, QnntError
from qnnt.files.text import compact
from qnnt.instance import Instance
from qnnt.solvers.facade import asked_objective, chosen_configuration
from qnnt.solvers.instance_sets import Named, instances_of
from qnnt.solvers.registry import configuration
from qnnt.solvers.runner import Pair, Terms


@dataclass(frozen=True)
class Trial:
    """One setup on one instance, once."""

    named: Named
    family: str
    setup: Setup
    terms: Terms
    repetition: int

    @property
    def key(self) -> str:
        """What its measurement is known by within a recording."""
        return key_of(self.named.sha256, self.setup.name, self.repetition)

    @property
    def pair(self) -> Pair:
        """What the runner makes of it."""
        chosen = chosen_configuration(self.named.instance, self.setup.solver)
        return Pair(self.named, self.setup.solver, chosen, self.terms)


def key_of(sha256: str, setup: str, repetition: int) -> str:
    """What a measurement is known by within a recording."""
    return compact([sha256, setup, repetition])


def trials_of(suite: Suite) -> list[Trial]:
    """All trials of a suite.

    Repetitions are the outermost order, so that what disturbs the machine for a while does not disturb all
    repetitions of one trial; then instances; setups, and the yardstick among them, take turns.

    Raises
    ------
    InputError
        If solvers are unknown, packages are missing, instances cannot be made, or the same instance meets the
        same setup twice.
    """
    for setup in suite.setups.values():
        if setup.solver != "auto":
            with _told_of(suite, below(below("setups", setup.name), "solver")):
                _check(setup.solver)  # complaints come before the first run
    planned: dict[tuple[str, str], str] = {}
    trials: list[Trial] = []
    for i, group in enumerate(suite.groups):
        with _told_of(suite, f"groups[{i}]"):
            named = _instances(group, suite)
            for one in named:
                asked_objective(one.instance, group.objective, None)
                for name in group.setups:
                    if (one.sha256, name) in planned:
                        problem = f"{one.label} meets the setup {name} twice: first as {planned[one.sha256, name]}"
                        raise InputError(problem)
                    planned[one.sha256, name] = one.label
        trials += [
            Trial(one, group.family, suite.setups[name], _terms(group, suite.setups[name]), repetition)
            for one in named
            for name in group.setups
            for repetition in range(group.repetitions)
        ]
    return sorted(trials, key=lambda trial: trial.repetition)  # stable: instances and setups stay in their order


def _check(solver: str) -> None:
    chosen = configuration(solver, None)
    try:
        chosen.entry.create(**chosen.settings)
    except QnntError:
        raise
    except Exception as error:  # noqa: BLE001 - solvers of other distributions may break in any way
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"the solver {solver} cannot be made: {words}") from None


@contextmanager
def _told_of(suite: Suite, path: str) -> Iterator[None]:
    """Complaints name the suite and the key, whatever they are about."""
    try:
        yield
    except InputError as error:
        raise type(error)(str(error), path, f"the suite {suite.name}") from None


def _terms(group: Group, setup: Setup) -> Terms:
    return Terms(group.objective, None, group.time_limit, group.memory_limit, setup.threads, setup.seed)


def _instances(group: Group, suite: Suite) -> list[Named]:
    """Labels are the same on every machine: files are named from the suite's folder on."""
    found = instances_of(relative_sources(group.instances, suite.folder))
    prefix = f"{suite.folder}{os.sep}"
    return [dataclasses.replace(one, label=one.label.removeprefix(prefix)) for one in found]


def features_of(instance: Instance) -> Mapping[str, int | None]:
    """What reports sort instances by; the words are those of `qnnt info`. d is None for D-NNT."""
    network = instance.network
    return {
        "d": instance.d,
        "inputs": len(network.inputs),
        "outputs": len(network.outputs),
        "width": network.width,
        "depth": network.depth,
        "samples": len(instance.dataset),
        "weights": len(network.edges),
    }
