"""Which solvers work on a question, and how its cores are shared among them."""

from __future__ import annotations

from dataclasses import dataclass

from qnnt.solvers.registry import Configuration


@dataclass(frozen=True)
class Lane:
    """A solver's place in a plan.

    Attributes
    ----------
    weight
        Its share of the time, relative to the others'.
    why
        What speaks for it, in words.
    after
        Seconds from the start before it joins, unless a core is free.
    head_start
        Seconds that it works before its share counts.
    all_cores
        Whether it works with as many threads as there are cores, and then alone.
    """

    configuration: Configuration
    weight: float
    why: str
    after: float = 0.0
    head_start: float = 0.0
    all_cores: bool = False

    @property
    def name(self) -> str:
        """The solver with the options that are not its defaults."""
        entry, options = self.configuration.entry, self.configuration.options
        others = [options[kind] for kind, names in entry.options.items() if options.get(kind, names[0]) != names[0]]
        return ":".join([entry.name, *others])


@dataclass(frozen=True)
class LeftOut:
    """A solver that takes no part, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Plan:
    """The solvers for one question, the most promising first."""

    lanes: tuple[Lane, ...]
    left_out: tuple[LeftOut, ...] = ()
