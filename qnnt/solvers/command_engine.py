"""Foreign solvers by command line: a file is written, a command is run, its output read; as engines for SAT."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, write_dimacs
from qnnt.encoders.model import Integers, Rows, Sums
from qnnt.encoders.rows import flat
from qnnt.encoders.solver_output import Claim, SolverOutput, read_solver_output, truth_of
from qnnt.errors import InputError, SolverError, UnsupportedError

PLACE = "%s"
"""Stands for the input file in a command."""


def run_command(command: str, cnf: Cnf, form: DimacsForm) -> SolverOutput:
    """Write the formula, run the command on it, read what it prints; raises as `run_on_file` does."""
    return run_on_file(command, f"formula.{form.value}", lambda path: write_dimacs(cnf, [], path, form), cnf.variables)


def run_on_file(command: str, name: str, write: Callable[[str], None], variables: int) -> SolverOutput:
    """Have a file of this name written, run the command on it, read what it prints.

    Parameters
    ----------
    write
        Writes the file at a path.
    variables
        That the file speaks of.

    Raises
    ------
    InputError
        If the command cannot be run.
    SolverError
        If its output cannot be understood.
    """
    with tempfile.TemporaryDirectory(prefix="qnnt-") as folder:
        formula, printed = str(Path(folder) / name), Path(folder) / "output"
        write(formula)
        words = [word.replace(PLACE, formula) for word in shlex.split(command)]
        with printed.open("wb") as output:
            try:
                done = subprocess.run(words, stdout=output, stdin=subprocess.DEVNULL, check=False)
            except OSError as error:
                raise InputError(f"cannot run {words[0]}: {error.strerror}") from None
        try:
            return read_solver_output(str(printed), variables)
        except InputError as error:
            problem = f"{words[0]} (exit status {done.returncode}): {error.problem}"
            raise SolverError(problem) from None


def assignment(cnf: Cnf, output: SolverOutput) -> Integers:
    """The assignment that a solver printed, 0 or 1 per variable, held against the clauses.

    Raises
    ------
    SolverError
        If it breaks a clause, or is missing.
    """
    if output.literals is None:
        raise SolverError(f"the solver command says {output.claim}, but printed no assignment")
    truth = truth_of(output.literals, cnf.variables)
    broken = cnf.violated(truth)
    if broken is not None:
        clause = " ".join(map(str, broken.tolist()))
        raise SolverError(f"the solver command printed an assignment that breaks the clause {clause} 0")
    return truth


def check_command(command: str) -> None:
    """Complain about a command before anything is built.

    Raises
    ------
    InputError
        If it is empty, badly quoted, or has no place for the input file.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"solver command: {error}") from None
    if not any(PLACE in word for word in words[1:]):
        raise InputError(f"the solver command needs {PLACE} where the input file goes, such as 'kissat {PLACE}'")


class CommandEngine:
    """A foreign SAT solver: every question is a run of its own on all clauses and the assumptions."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._lengths: list[Integers] = []
        self._entries: list[Integers] = []
        self._truth: Integers = np.zeros(1, np.int64)
        self._runs = 0

    def add(self, clauses: Rows) -> None:
        self._lengths.append(clauses.lengths)
        self._entries.append(clauses.entries)

    def add_at_most(self, literals: Rows, most: Integers) -> None:
        raise UnsupportedError("DIMACS files hold no cardinality constraints")

    def prefer(self, literals: Sequence[int]) -> None:
        """Nothing: DIMACS files hold no preferences."""

    def solve(self, assumptions: Sequence[int] = (), conflicts: int | None = None) -> bool | None:
        self._runs += 1
        units = np.array(list(assumptions), np.int64)
        cnf = _formula(flat([*self._lengths, np.ones(len(units), np.int64)]), flat([*self._entries, units]))
        output = run_command(self._command, cnf, DimacsForm.CNF)
        if output.claim is Claim.UNSATISFIABLE:
            return False
        if output.claim is not Claim.SATISFIABLE:
            raise SolverError(f"the solver command ended with {output.claim}")
        self._truth = assignment(cnf, output)
        return True

    def truth(self, variables: int) -> Integers:
        truth = np.zeros(variables + 1, np.int64)
        known = min(variables + 1, len(self._truth))
        truth[:known] = self._truth[:known]
        return truth

    @property
    def statistics(self) -> Mapping[str, int]:
        return {"runs": self._runs}

    def close(self) -> None:
        """Nothing stays open."""


def _formula(lengths: Integers, entries: Integers) -> Cnf:
    """Clauses alone as a Cnf."""
    nothing = np.empty(0, np.int64)
    return Cnf(
        variables=int(np.abs(entries).max(initial=0)),
        clauses=Rows(np.concatenate(([0], np.cumsum(lengths))), entries),
        at_most=Rows(np.zeros(1, np.int64), nothing),
        most=nothing,
        soft=nothing,
        weights=nothing,
        constant=0,
        denominator=1,
        values=Sums(np.zeros(1, np.int64), nothing, nothing),
        bases=nothing,
        circuits={},
    )
