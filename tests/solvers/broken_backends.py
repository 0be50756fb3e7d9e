"""Solvers that break in every way there is, and jobs for the workshop. Imported by its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qnnt.algorithms.enumeration import minimum, setting
from qnnt.evaluation import evaluate
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Limits, Raised, Report
from qnnt.solvers.entry import Entry
from qnnt.solvers.news import news_from

HERE = "tests.solvers.broken_backends"


class Broken(ABC):
    """What all of them share; `act` is what each does."""

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        return None

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        return self.act(instance, report)

    @abstractmethod
    def act(self, instance: Instance, report: Report) -> Answer: ...


def best(instance: Instance) -> Parameters:
    found = minimum(instance).parameters
    assert found is not None
    return found


def worst(instance: Instance) -> Parameters:
    return max((setting(instance, k) for k in range(instance.settings)), key=lambda p: evaluate(instance, p))


class Honest(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        return Answer(Status.OPTIMAL)


class HasNoRoom(Broken):
    """Not broken: it has no room, and says so."""

    def act(self, instance: Instance, report: Report) -> Answer:
        report(Raised(1))
        return Answer(Status.UNKNOWN, reason="more than 60 states at o1")


class NumericalOptimum(Broken):
    """Not broken: it computes in floating point, and says so."""

    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        return Answer(Status.OPTIMAL, numerical=True)


class NumericalBound(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        report(Raised(1, numerical=True))
        return Answer(Status.UNKNOWN, reason="row 3 is 1, outside 2..5")


class NumericalOptimumAtAnExactBound(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Raised(evaluate(instance, best(instance))))
        report(Found(best(instance)))
        return Answer(Status.OPTIMAL, numerical=True)


class NumericalNo(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.NO, numerical=True)


class NumericalYes(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        return Answer(Status.YES, numerical=True)


class NumericalInfeasible(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.INFEASIBLE, numerical=True)


class Proves(Broken):
    """Not broken: it finds nothing, but proves by what others found."""

    def act(self, instance: Instance, report: Report) -> Answer:
        while (news := news_from(report)).loss != evaluate(instance, best(instance)) or news.parameters is None:
            time.sleep(0.001)
        report(Found(news.parameters))
        return Answer(Status.OPTIMAL)


class FindsAndWaits(Broken):
    """Not broken: it finds the best solution, proves nothing, and goes on for long."""

    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        time.sleep(600)
        return Answer(Status.FEASIBLE)


class Sleeps(Broken):
    """Not broken, only slow."""

    def act(self, instance: Instance, report: Report) -> Answer:
        time.sleep(600)
        return Answer(Status.UNKNOWN)


class FindsWorse(Broken):
    """Not broken: it finds the worst solution at once, the best one in its third slice, and asks in between."""

    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        for _ in range(2):
            news_from(report)
        report(Found(best(instance)))
        return Answer(Status.FEASIBLE, reason="three slices are over")


class Exits(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        os._exit(3)


class Raises(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        raise RuntimeError("the first line\nthe second line")


class RunsOutOfMemory(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        raise MemoryError


class BoundIsAFloat(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Raised(0.5))  # type: ignore[arg-type]
        return Answer(Status.UNKNOWN)


class StopsInAMessage(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        line: Any = report
        connection = line._report._connection
        os.write(connection.fileno(), (1000).to_bytes(4, "big") + b"abc")
        os._exit(0)


class CannotBeSent(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.OPTIMAL, statistics={"function": lambda: None})


class FindsThenExits(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        os._exit(3)


class Hangs(Broken):
    """Says where it runs, and starts a process of its own."""

    def act(self, instance: Instance, report: Report) -> Answer:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(instance.name).write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)
        return Answer(Status.UNKNOWN)


class Swells(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        held = []
        for _ in range(200):
            held.append(bytearray(os.urandom(1 << 20)) * 8)
            time.sleep(0.02)
        return Answer(Status.OPTIMAL)


class OutsideTheSets(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        right = best(instance)
        report(Found(Parameters({edge: value + 1000 for edge, value in right.weights.items()}, right.biases)))
        return Answer(Status.OPTIMAL)


class OptimalWithoutSolution(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.OPTIMAL)


class OptimalButWorse(Broken):
    """Only a better solution from elsewhere can tell."""

    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        return Answer(Status.OPTIMAL)


class InfeasibleInSpiteOfItself(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        return Answer(Status.INFEASIBLE)


class BoundAboveTheLoss(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Raised(evaluate(instance, best(instance)) + 1))
        report(Found(best(instance)))
        return Answer(Status.OPTIMAL)


class LastBoundAboveTheLoss(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        return Answer(Status.OPTIMAL, lower_bound=evaluate(instance, best(instance)) + 1)


class YesBeyondTheBound(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        return Answer(Status.YES)


class YesWithoutSolution(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.YES)


class NoInSpiteOfItself(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(best(instance)))
        return Answer(Status.NO)


class No(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.NO)


class Infeasible(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        return Answer(Status.INFEASIBLE)


class GivesUp(Broken):
    def act(self, instance: Instance, report: Report) -> Answer:
        report(Found(worst(instance)))
        return Answer(Status.UNKNOWN)


class Declines(Broken):
    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        return "it is Monday"

    def act(self, instance: Instance, report: Report) -> Answer:
        raise AssertionError("it declined, and was asked all the same")


ENTRIES = {
    kind.__name__: Entry(
        kind.__name__, f"{HERE}:{kind.__name__}", "broken", preload=("tests.solvers.registered_broken_backends",)
    )
    for kind in Broken.__subclasses__()
}


# --- jobs for the workshop -----------------------------------------------------------------------

Send = Callable[[Any], None]


def double(argument: int, send: Send) -> int:
    return 2 * argument


def sleep_then_double(argument: float, send: Send) -> float:
    time.sleep(argument)
    return 2 * argument


def tell_and_sleep(argument: str, send: Send) -> None:
    Path(argument).write_text(str(os.getpid()))
    time.sleep(600)


def send_many(argument: int, send: Send) -> str:
    for number in range(argument):
        send(("number", number))
    return "done"


def send_large(argument: int, send: Send) -> str:
    send(bytes(argument))
    return "done"


def ask(argument: None, send: Send) -> int:
    parameters = news_from(send).parameters
    return 0 if parameters is None else len(parameters.weights)


def where_am_i(argument: None, send: Send) -> tuple[int, int, bool]:
    return os.getpid(), os.getpgid(0), "json.tool" in sys.modules
