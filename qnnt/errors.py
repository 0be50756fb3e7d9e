"""The exception tree, split by who is at fault.

::

    QnntError
    ├── InputError          the instance, the result, the table or an option is wrong: mend it
    │   └── UnsupportedError    the input is right, but this solver or encoding cannot take it
    ├── CertificateError    a claimed solution does not hold: it is not what it says
    ├── BudgetError         a value is too large to be computed or written: nobody's fault
    ├── StateLimitError     a dynamic program ran out of room (`qnnt.algorithms.states.effort`): an answer, in the end
    └── SolverError         a solver broke
        ├── CrashError          it raised, died or ran out of memory before it found anything
        ├── FalseSolutionError  it returned a solution that fails its check, or none where it claims to have one
        └── FalseClaimError     it claims a bound or an answer that a verified solution refutes

Status is not an exception: an infeasible instance or a reached limit is an answer (`qnnt.Status`).
"""

from __future__ import annotations


class QnntError(Exception):
    """Root of everything that qnnt raises on purpose; its text is one line."""


class InputError(QnntError):
    """Bad input.

    Parameters
    ----------
    problem
        What was expected and what was found.
    path
        Where, as a JSON path below the document's root: ``data.x[3][1]``; empty for the whole.
    source
        The file, if there is one.
    """

    def __init__(self, problem: str, path: str = "", source: str = "") -> None:
        self.problem = problem
        self.path = path
        self.source = source
        super().__init__(problem, path, source)

    def __str__(self) -> str:
        separator = "" if self.path.startswith("[") else "."
        place = f"${separator}{self.path}" if self.path else ""
        return ": ".join(part for part in (self.source, place, self.problem) if part)

    def within(self, source: str) -> InputError:
        """The same error, naming the file it came from."""
        return type(self)(self.problem, self.path, source)


class UnsupportedError(InputError):
    """The input is legal, but outside what the chosen solver or encoding can do; says why."""


class CertificateError(QnntError):
    """A claimed solution fails its check: wrong loss, a value outside its set, something missing."""


class BudgetError(QnntError):
    """A value of a deep network is too large: what is asked stays unknown.

    Parameters
    ----------
    bits
        How many bits it would have, predicted before it is computed.
    most
        How many it may have.
    place
        What it is a value of; empty where that is not known yet.
    """

    def __init__(self, bits: int, most: int, place: str = "") -> None:
        self.bits = bits
        self.most = most
        self.place = place
        super().__init__(bits, most, place)

    def __str__(self) -> str:
        return f"{self.place or 'a value'} could have {self.bits} bits: too large, the limit is {self.most}"

    def of(self, place: str) -> BudgetError:
        """The same error, naming what the value is of; a place that is known already stays."""
        return type(self)(self.bits, self.most, self.place or place)


class SolverError(QnntError):
    """A solver process crashed, or gave an answer that failed its check."""


class CrashError(SolverError):
    """A solver raised, died or ran out of memory before it found anything."""


class FalseSolutionError(SolverError):
    """A solver returned a solution that the evaluator rejects, or none where it claims to have one."""


class FalseClaimError(SolverError):
    """A solver claims a bound or an answer that a verified solution refutes, or no answer to the question."""
