"""What is known of all cubes together, and what is to be asked next.

Nothing that a solver says counts before it was held against what is known: solutions are judged on the original
instance, and must lie in their cube; no claim may contradict a verified solution.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from qnnt.array_evaluation import judge
from qnnt.conquest.granularity import just_above, just_below
from qnnt.conquest.orders import Reply
from qnnt.conquest.splitting import Cube, Split
from qnnt.errors import CertificateError, FalseClaimError, FalseSolutionError
from qnnt.evaluation import LookUp, go_on
from qnnt.exact import LARGEST, Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Ending, Status
from qnnt.simplification.steps import Simplified


@dataclass(frozen=True)
class Asked:
    """The question about the whole.

    Attributes
    ----------
    original
        The instance as it was given, with the bound that is asked for.
    general
        Its general form, which is split.
    denominator
        Of all losses; None if it is not known.
    floor
        No loss is smaller: known before any search.
    """

    original: Instance
    objective: Objective
    general: Simplified
    denominator: int | None
    floor: Number

    def answers(self, loss: Number | None) -> bool:
        """Whether a solution of this loss settles the question, whatever is known of the cubes."""
        if loss is None:
            return False
        if self.objective is Objective.MINIMIZE:
            return loss <= self.floor
        return self.original.bound is not None and loss <= self.original.bound


@dataclass(frozen=True)
class Demand:
    """What to ask of a cube, given what is known: the smallest loss, or one within a bound."""

    objective: Objective
    bound: Number | None = None


class Fate(Enum):
    """What became of a cube."""

    REFUTED = auto()
    """It holds nothing better than what was known."""
    SOLVED = auto()
    """Its own best solution is known, or it answers a decision with yes."""
    OPEN = auto()


@dataclass
class _Record:
    """What is known of one cube.

    Attributes
    ----------
    bound
        No loss in it is smaller.
    excluded
        Proved: nothing in it is admissible, or within the bound of a decision.
    least
        The least verified loss in it.
    numerical
        Whether bound or exclusion rest on floating-point arithmetic.
    ending, note
        Why its solver ended without an answer, if it did.
    """

    bound: Number
    excluded: bool = False
    least: Number | None = None
    numerical: bool = False
    ending: Ending = Ending.ANSWERED
    note: str = ""


class Ledger:
    """The state of a conquest."""

    def __init__(self, asked: Asked, split: Split, cubes: Iterable[Cube], solver: str) -> None:
        self.asked = asked
        self._split = split
        self._solver = solver
        self._waiting = deque(cubes)
        self._records = {cube: _Record(asked.floor) for cube in self._waiting}
        self.best: Parameters | None = None
        self.loss: Number | None = None
        self._exploring = True
        self._only_minimizes = False

    # --- what is next ----------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether the question is answered already, whatever is left to do."""
        return self.asked.answers(self.loss)

    @property
    def waiting(self) -> int:
        """How many cubes are to be asked."""
        return 0 if self.settled else len(self._waiting)

    def take(self) -> Cube:
        """The next cube to ask."""
        return self._waiting.popleft()

    def put_back(self, cube: Cube) -> None:
        """It is to be asked (once more), before others."""
        self._waiting.appendleft(cube)

    def demand(self) -> Demand:
        """What to ask of any cube now.

        For the smallest loss, until a first reply (or a hint) has brought a good solution, which those of a whole
        cube mostly are. Then for anything better than the best that is known, so that most cubes only have to be
        refuted.
        """
        if self.asked.objective is Objective.DECIDE:
            return Demand(Objective.DECIDE, self.asked.original.bound)
        denominator = self.asked.denominator
        if self.loss is None or denominator is None or self._exploring or self._only_minimizes:
            return Demand(Objective.MINIMIZE)
        bound = just_below(self.loss, denominator)
        fits = max(bound.numerator, bound.denominator) <= LARGEST
        return Demand(Objective.DECIDE, bound) if fits else Demand(Objective.MINIMIZE)

    def minimize_from_now_on(self) -> None:
        """Ask for no more decisions: the solver cannot take them, as the sum of all losses may be too large for it."""
        self._only_minimizes = True

    # --- what comes in ---------------------------------------------------------------------------

    def start_from(self, parameters: Parameters, look_up: LookUp = go_on, *, good: bool = True) -> None:
        """Parameters of the original that are known already.

        Parameters
        ----------
        good
            Whether there is reason to expect little better.

        Raises
        ------
        CertificateError
            If they are no solution.
        """
        loss = judge(self.asked.original, parameters, look_up)
        self._exploring = not good
        record = self._records[self._split.cube_of(self.asked.general.project(parameters))]
        self._keep(record, parameters, loss)

    def hear(self, cube: Cube, demand: Demand, reply: Reply) -> None:
        """A reply about a cube.

        Raises
        ------
        FalseSolutionError
            If a solution is not what it says, not in the cube, or missing.
        FalseClaimError
            If a claim contradicts a verified solution, or does not answer what was asked.
        """
        record = self._records[cube]
        self._exploring = False
        if reply.parameters is not None:
            self._accept(cube, record, reply, reply.parameters)
        self._check_answer(demand, reply)
        match reply.status:
            case Status.NO if self.asked.objective is Objective.MINIMIZE:
                self._raise(record, self._above(demand), numerical=reply.numerical)
            case Status.NO | Status.INFEASIBLE:
                record.excluded = True
                record.numerical |= reply.numerical
            case Status.YES if self.asked.objective is Objective.MINIMIZE:
                self.put_back(cube)  # there may be something even better
            case _ if reply.lower_bound is not None:
                self._raise(record, reply.lower_bound, numerical=reply.numerical)
        if not reply.status.answered:
            record.ending, record.note = reply.ending, reply.note
        self._check_record(cube, record)

    def _accept(self, cube: Cube, record: _Record, reply: Reply, parameters: Parameters) -> None:
        try:
            restored = self.asked.general.restore(parameters)
            loss = judge(self.asked.original, restored)
        except (CertificateError, KeyError) as error:
            raise FalseSolutionError(f"{self._solver} returned a wrong solution: {error}") from None
        if not self._split.holds(cube, parameters):
            raise FalseSolutionError(f"{self._solver} returned a solution outside of its cube")
        if loss != reply.loss:
            raise FalseSolutionError(f"{self._solver} says that the loss is {reply.loss}, but it is {loss}")
        self._keep(record, restored, loss)

    def _keep(self, record: _Record, parameters: Parameters, loss: Number) -> None:
        if record.least is None or loss < record.least:
            record.least = loss
        if self.loss is None or loss < self.loss:
            self.best, self.loss = parameters, loss

    def _check_answer(self, demand: Demand, reply: Reply) -> None:
        status, loss, bound = reply.status, reply.loss, demand.bound
        if status.answered and (status in (Status.YES, Status.NO)) != (demand.objective is Objective.DECIDE):
            raise FalseClaimError(f"{self._solver} says {status}, which is no answer to {demand.objective}")
        if status is Status.YES and (loss is None or bound is None or loss > bound):
            raise FalseSolutionError(f"{self._solver} says yes to the bound {bound}, but the loss is {loss}")
        if status is Status.OPTIMAL and (loss is None or loss != reply.lower_bound):
            raise FalseSolutionError(f"{self._solver} says optimal, with the loss {loss} and {reply.lower_bound}")

    def _raise(self, record: _Record, bound: Number, *, numerical: bool) -> None:
        if bound > record.bound:
            record.bound = bound
            record.numerical |= numerical

    def _above(self, demand: Demand) -> Number:
        """The least loss that a refuted bound leaves."""
        if demand.bound is None or self.asked.denominator is None:
            raise ValueError("only decisions are refuted")
        return just_above(demand.bound, self.asked.denominator)

    def _check_record(self, cube: Cube, record: _Record) -> None:
        """A claim about a cube, against the solutions in it."""
        least = record.least
        if least is None:
            return
        if record.excluded and (self.asked.objective is Objective.MINIMIZE or self.asked.answers(least)):
            raise FalseClaimError(f"{self._solver} excludes the cube {cube}, but the loss {least} was verified in it")
        if record.bound > least:
            claim = f"{self._solver} claims the lower bound {record.bound} of the cube {cube}"
            raise FalseClaimError(f"{claim}, but the loss {least} was verified in it")

    # --- what is known ---------------------------------------------------------------------------

    def count(self, fate: Fate) -> int:
        """How many cubes met it."""
        return sum(self._fate(record) is fate for record in self._records.values())

    def _fate(self, record: _Record) -> Fate:
        if record.excluded:
            return Fate.REFUTED
        if self.asked.objective is Objective.DECIDE:
            return Fate.SOLVED if self.asked.answers(record.least) else Fate.OPEN
        if self.loss is None or record.bound < self.loss:
            return Fate.OPEN
        return Fate.SOLVED if record.least == record.bound else Fate.REFUTED

    @property
    def lower_bound(self) -> Number:
        """No parameters have a smaller loss."""
        bounds = [record.bound for record in self._records.values() if not record.excluded]
        if self.asked.objective is Objective.DECIDE:
            return self.asked.floor
        return min(bounds if self.loss is None else [*bounds, self.loss], default=self.asked.floor)

    @property
    def status(self) -> Status:
        """What all that is known amounts to."""
        minimizes = self.asked.objective is Objective.MINIMIZE
        if self.settled:
            return Status.OPTIMAL if minimizes else Status.YES
        if self.count(Fate.OPEN):
            return Status.UNKNOWN if self.loss is None else Status.FEASIBLE
        if not minimizes:
            return Status.NO
        return Status.INFEASIBLE if self.loss is None else Status.OPTIMAL

    @property
    def numerical(self) -> bool:
        """Whether the lower bound, or that there is no solution, rests on floating-point arithmetic."""
        raised = self.status in (Status.NO, Status.INFEASIBLE) or self.lower_bound > self.asked.floor
        return raised and any(record.numerical for record in self._records.values())

    @property
    def failures(self) -> list[tuple[Ending, str]]:
        """Why solvers of open cubes ended without an answer, where that was no wish from here."""
        wished = (Ending.ANSWERED, Ending.TIME, Ending.INTERRUPTED)
        found = [record for record in self._records.values() if self._fate(record) is Fate.OPEN]
        return [(record.ending, record.note) for record in found if record.ending not in wished]
