"""What several solvers of one question tell each other, in the middle of their work.

Whoever runs a solver hands it one function to report to. Where others work on the same question, that function
is an `Exchange` too: it knows the best solution and the best bound of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from qnnt.exact import Number
from qnnt.instance import Parameters


@dataclass(frozen=True)
class News:
    """What is known of a question by now, and was verified.

    Attributes
    ----------
    parameters, loss
        The best solution, in terms of the instance as it was given; None if there is none.
    lower_bound
        No parameters have a smaller loss; exact.
    """

    parameters: Parameters | None = None
    loss: Number | None = None
    lower_bound: Number = 0


NO_NEWS = News()
"""Of a solver that works alone."""


@dataclass(frozen=True)
class Asking:
    """A solver's message: it wants `News`, and waits for them. In lockstep they come once all others ask, too."""


@runtime_checkable
class Exchange(Protocol):
    """A way to report that brings news back."""

    def __call__(self, message: Any) -> None: ...

    def news(self) -> News:
        """The latest news. May wait for others to come as far."""
        ...


def news_from(report: Callable[[Any], None]) -> News:
    """What others know by now.

    A solver asks at points of its own work (so many conflicts, so many moves), never by the clock: where all wait for
    each other there, equal work gives equal answers.
    """
    return report.news() if isinstance(report, Exchange) else NO_NEWS


@dataclass(frozen=True)
class ModelNews:
    """The same in terms of a Model.

    Attributes
    ----------
    hint
        (variable, value) pairs of the best solution.
    upper, lower
        Its objective, and the bound: numerators. None if there is no solution.
    """

    hint: Sequence[tuple[int, int]] = ()
    upper: int | None = None
    lower: int = 0


NO_MODEL_NEWS = ModelNews()


@runtime_checkable
class ModelExchange(Protocol):
    """A way for backends to report that brings news back."""

    def __call__(self, message: Any) -> None: ...

    def model_news(self) -> ModelNews:
        """The latest news; see `Exchange`."""
        ...


def model_news_from(report: Callable[[Any], None]) -> ModelNews:
    """What others know by now; see `news_from`."""
    return report.model_news() if isinstance(report, ModelExchange) else NO_MODEL_NEWS
