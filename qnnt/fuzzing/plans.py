"""Which solvers a fuzzed instance goes through: at least two that share as little as possible."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qnnt.algorithms.enumeration import sums_needed
from qnnt.errors import InputError
from qnnt.exact import Number, common_denominator
from qnnt.instance import Instance
from qnnt.solvers.entry import Entry
from qnnt.solvers.registry import configuration, entry_of, solver_names

REFERENCE = "enumeration"
"""Shares nothing with any other solver."""
MOST_SUMS = 3_000_000
"""Sums of an instance up to which brute force is the reference: some tens of milliseconds."""
UNARY = 500
"""Magnitude of numbers up to which every encoding is drawn; above it, those that need not count to it."""
COMPACT = ("adder", "order", "integer")
"""What copes with large numbers, besides the default."""
BORROWED = ("pysat-", "pindakaas")
"""Circuits of other packages: a hundred times slower to write than ours."""
SMALL = 4
"""Largest number, and most neurons and inputs, with which these are drawn."""
COUNTED = ("mismatch", "hamming")
"""Losses with which these are drawn: others are long sums."""
TRIES = 4
"""Configurations that are tried for one that exists."""


Suited = Callable[[str], bool]
"""Whether an encoding is quick for an instance."""


class Asked(StrEnum):
    """What solvers are asked besides the smallest loss."""

    NOTHING = "nothing"
    AT_OPTIMUM = "at the optimum"
    """Whether the smallest loss can be met: yes."""
    BELOW_OPTIMUM = "below the optimum"
    """Whether less can be met: no."""
    FROM_HINT = "from a hint"
    """The smallest loss once more, from random parameters on."""
    CUT_SHORT = "cut short"
    """The smallest loss once more, with next to no time: what is known by then has to hold."""


FURTHER = tuple(asked for asked in Asked if asked is not Asked.NOTHING)
"""All there is to ask besides the smallest loss."""


@dataclass(frozen=True)
class Plan:
    """What is done with an instance.

    Attributes
    ----------
    solvers
        Configurations that all minimise. Those that cannot take the instance are passed over.
    spare
        Takes their place where fewer than two could.
    asked
        Further questions.
    seed
        Of all solvers, and of the hint.
    askees
        How many solvers are asked these: the last ones that minimised without a failure.
    """

    solvers: tuple[str, ...]
    spare: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    seed: int = 0
    askees: int = 1


def drawn_plan(rng: random.Random, instance: Instance) -> Plan:
    """Brute force where that takes no time, a solver with a model, and one without."""
    models, algorithms = _installed(tuple(solver_names()))
    suited = _suited(instance)
    modelled = _any_of(rng, models, suited)
    direct = tuple(_any_of(rng, [entry], suited) for entry in rng.sample(algorithms, min(2, len(algorithms))))
    brute = (REFERENCE,) if sums_needed(instance) <= MOST_SUMS else ()
    order = (modelled, *direct) if rng.random() < 0.5 else (*direct, modelled)
    asked = rng.choice([(), *((each,) for each in FURTHER)])
    return Plan((*brute, *order), _others(rng, models, modelled, suited), asked, rng.randrange(1000))


def plan_of_all(seed: int) -> Plan:
    """Every installed solver as it is by default; each is asked everything."""
    models, algorithms = _installed(tuple(solver_names()))
    solvers = (REFERENCE, *(entry.name for entry in (*algorithms, *models)))
    return Plan(solvers, (), FURTHER, seed, len(solvers))


@functools.cache
def _installed(names: tuple[str, ...]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Of these, the solvers that build a model, and the others besides the reference."""
    entries = [entry for entry in map(entry_of, names) if not entry.missing and entry.name != REFERENCE]
    return [entry for entry in entries if entry.encodings], [entry for entry in entries if not entry.encodings]


def _suited(instance: Instance) -> Suited:
    """Which encodings can be written for the instance in a moment."""
    largest = magnitude(instance)
    size = max(largest, len(instance.network.neurons), len(instance.network.inputs))
    counts_samples = instance.loss.name in COUNTED

    def suited(encoding: str) -> bool:
        if encoding in COMPACT:
            return True
        if encoding.startswith(BORROWED):
            return counts_samples and size <= SMALL
        return largest <= UNARY

    return suited


def magnitude(instance: Instance) -> int:
    """The largest numerator among weights, biases and inputs, once all have one denominator."""
    sets = (*instance.weights.values(), *instance.biases.values(), *instance.dataset.x)
    values: list[Number] = [value for numbers in sets for value in numbers]
    return common_denominator(values) * max((-(-abs(v.numerator) // v.denominator) for v in values), default=0)


def _others(rng: random.Random, entries: Sequence[Entry], taken: str, suited: Suited) -> tuple[str, ...]:
    name = taken.partition(":")[0]
    return tuple(_any_of(rng, [entry], suited) for entry in entries if entry.name != name)


def _any_of(rng: random.Random, entries: Sequence[Entry], suited: Suited) -> str:
    """A configuration of one of these solvers: every choice is the default half the time."""
    entry = rng.choice(entries)
    encodings = [name for name in entry.encodings[1:] if suited(name)]
    for _ in range(TRIES):
        names = [rng.choice(values[1:]) for values in entry.options.values() if len(values) > 1 and rng.random() < 0.5]
        if encodings and rng.random() < 0.5:
            names.append(rng.choice(encodings))
        name = ":".join([entry.name, *names])
        if _exists(name):
            return name
    return entry.name


@functools.cache
def _exists(name: str) -> bool:
    """Whether its choices go together, and all that it needs is there."""
    try:
        chosen = configuration(name, None)
        chosen.entry.create(**chosen.settings)
    except InputError:
        return False
    return True
