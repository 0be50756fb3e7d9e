"""`qnnt.solve` and `qnnt.verify`: one door to all solvers."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable

from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError, InputError, SolverError, UnsupportedError
from qnnt.exact import Number, to_json_number, to_number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Solution, Status
from qnnt.solvers.backends import NO_PROOF, Limits
from qnnt.solvers.dispatch import enumerable, lockstep_plan, race_plan
from qnnt.solvers.lexicographic import then_sparsest
from qnnt.solvers.plan import Lane, Plan
from qnnt.solvers.questions import LossQuestion, Progress, Question
from qnnt.solvers.registry import PORTFOLIO, Configuration, configuration
from qnnt.solvers.search import Search
from qnnt.solvers.stopping import Stop
from qnnt.solvers.team import Team

AUTO = "auto"
"""Stands for the solvers that suit the instance."""


def solve(
    instance: Instance,
    *,
    solver: str = AUTO,
    encoding: str | None = None,
    objective: str | Objective | None = None,
    bound: Number | None = None,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    seed: int = 0,
    hint: Parameters | Solution | None = None,
    proof: str | None = None,
    solver_command: str | None = None,
    sparsify: bool = False,
    stop: Stop | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    log: str | None = None,
) -> Result:
    """Find parameters with the smallest loss, or decide whether the bound can be met; then, if asked, the sparsest.

    Parameters
    ----------
    solver, encoding
        Names as on the command line. `auto` enumerates small instances and gives the others to a portfolio (see
        `qnnt.solvers.dispatch`), to CP-SAT where an encoding is asked for, and to `sat` where a proof or a solver
        command is.
    objective
        "decide" or "minimize"; by default the instance's own: decide if it has a bound.
    bound
        Replaces the instance's bound.
    time_limit
        Seconds of wall clock for everything, encoding included.
    memory_limit
        Megabytes of the solver's process, or of all of a portfolio's together; None is no limit.
    threads
        Default: all cores.
    hint
        A solution to start from; it is verified, and is the first incumbent.
    proof
        A file to write a proof to, of "no", of infeasibility, or of the lower bound of an optimum; the
        clauses that it refutes go to a file of that name and ``.cnf``.
    solver_command
        A foreign SAT, MaxSAT or pseudo-Boolean solver's command line; ``%s`` stands for the input file.
    sparsify
        Whether to find, of all answers, one with the fewest non-zero weights: with the smallest loss, or
        with a loss within the bound. Solvers that build no model leave that to CP-SAT.
    stop
        Looked at several times a second; once set, the search ends and the best solution is returned.
    log
        A file for what the solver's process writes to standard error; by default it goes to the caller's.

    Returns
    -------
    Result
        Status, verified solution, proven lower bound.

    Raises
    ------
    InputError
        For options that make no sense, and `UnsupportedError` where the solver cannot take the instance.
    CertificateError
        If the hint is no solution of the instance.
    SolverError
        `CrashError` if the solver crashes before it found a solution, `FalseSolutionError` and
        `FalseClaimError` if what it says is refuted here.
    """
    start = time.monotonic()
    chosen = chosen_configuration(instance, solver, encoding, proof, solver_command)
    if solver_command is not None and seed:
        raise InputError("the seed does not reach a solver command: put it into the command")
    if sparsify and proof is not None:
        raise InputError("proofs are about the loss alone: ask for a proof without sparsify")
    loss = LossQuestion(instance, bound, asked_objective(instance, objective, bound))
    limits = limits_of(time_limit, memory_limit, threads, seed)

    def searched(chosen: Configuration, question: Question, first: Parameters | None, *, quiet: bool = False) -> Result:
        plan = plan_for(instance, chosen)
        before = time.monotonic() - start
        left = None if time_limit is None else max(0.01, time_limit - before)

        def tell(progress: Progress) -> None:
            if on_progress is not None and not quiet:
                on_progress(dataclasses.replace(progress, seconds=before + progress.seconds))

        own = dataclasses.replace(limits, seconds=left)
        if chosen.name == PORTFOLIO.name:
            team = Team(question, plan, own, memory_limit, tell, log)
            if first is not None:
                team.take_hint(first)
            result: Result = chosen.entry.create(**chosen.settings).run(team, stop)
            return result
        search = Search(question, chosen, own, memory_limit, tell, log)
        if first is not None:
            search.take_hint(first)
        return search.run(stop)

    first = hint.parameters if isinstance(hint, Solution) else hint
    if sparsify:
        counting = chosen if chosen.entry.encodings else configuration(_counter(instance), None)
        counting.entry.create(**counting.settings)  # complaints come before the search
        result = searched(chosen, loss, first)
        return then_sparsest(loss, result, counting.name, lambda fewest, found: searched(counting, fewest, found))
    if proof is None:
        return searched(chosen, loss, first)
    proving = chosen.with_option("proof", proof)
    proving.entry.create(**proving.settings)  # complaints come before the search
    if loss.asks is Objective.DECIDE:
        result = searched(proving, loss, first)
        return _with_proof(result, result, proof, loss.instance.bound) if result.status is Status.NO else result
    result = searched(chosen, loss, first)
    if result.status not in (Status.OPTIMAL, Status.INFEASIBLE):
        return result
    from qnnt.solvers.refutation import refuted_bound

    excluded = refuted_bound(instance, result.status, result.loss, None, result.model.get("loss_denominator"))
    try:
        refuted = searched(proving, LossQuestion(instance, excluded, Objective.DECIDE), None, quiet=True)
    except (UnsupportedError, SolverError) as error:  # the bound is a sum more to count, or memory ran out
        return dataclasses.replace(result, note=f"no proof: {error}")
    seconds = dict(result.seconds)
    seconds["proof"], seconds["total"] = refuted.seconds["total"], time.monotonic() - start
    seconds["cpu"] += refuted.seconds["cpu"]
    result = dataclasses.replace(result, seconds=seconds)
    if refuted.status is Status.NO:
        return _with_proof(result, refuted, proof, excluded)
    if refuted.status is Status.YES:
        raise SolverError(f"{chosen.name} says that {result.loss} is optimal, but then found {refuted.loss}")
    return dataclasses.replace(result, note=f"no proof: {refuted.note}")


def _with_proof(result: Result, refuted: Result, path: str, bound: Number | None) -> Result:
    """The result with the place of the proof that a refutation wrote, or why it could not."""
    if bound is None:
        raise ValueError("a proof is about a bound")
    if NO_PROOF in refuted.model:
        return dataclasses.replace(result, note=f"no proof: {refuted.model[NO_PROOF]}")
    written = {"file": path, "clauses": f"{path}.cnf", "bound": to_json_number(bound), "encoding": result.encoding}
    return dataclasses.replace(result, proof=written)


def verify(instance: Instance, parameters: Parameters, loss: Number | None = None) -> Number:
    """Check a claimed solution independently of all solvers; its recomputed loss.

    Raises
    ------
    CertificateError
        If a value is missing or outside its set, an activation or the loss is undefined, or the loss
        is not the claimed one.
    BudgetError
        If a value is too large, so that the loss stays unknown.
    """
    actual = judge(instance, parameters)
    if loss is not None and actual != loss:
        raise CertificateError(f"the loss is {actual}, not {loss} as claimed")
    return actual


def chosen_configuration(
    instance: Instance, solver: str, encoding: str | None = None, proof: str | None = None, command: str | None = None
) -> Configuration:
    """What a solver's name stands for with an instance.

    The `auto` rule: enumerate what takes no time, and instances without a choice; give the rest to a portfolio, but
    encodings to CP-SAT, proofs and commands to `sat`.

    Raises
    ------
    InputError
        For unknown names, and options that do not go together.
    """
    if solver == AUTO:
        solver = _automatic(instance, encoding, wants_sat=proof is not None or command is not None)
    chosen = configuration(solver, encoding)
    if proof == "-":
        raise InputError("a proof needs a file: the clauses go beside it")
    if proof is not None and "proof" not in chosen.entry.capabilities:
        raise InputError(f"the solver {chosen.name} writes no proofs: use --solver sat")
    if command is None:
        return chosen
    if "solver command" not in chosen.entry.capabilities:
        raise InputError(f"the solver {chosen.name} runs no commands: use --solver sat, maxsat or pb")
    from qnnt.solvers.command_engine import check_command

    check_command(command)
    named = solver.split(":")[1:]
    for kind in chosen.entry.replaced_by_command:
        if chosen.options[kind] in named:
            raise InputError(f"--solver-command takes the place of the {kind} {chosen.options[kind]}")
        chosen = chosen.without_option(kind)
    return chosen.with_option("command", command)


def _counter(instance: Instance) -> str:
    """Who counts non-zero weights for an algorithm, which has no model: CP-SAT, unless sums pass its 31 bits."""
    return "cpsat" if instance.dataset.total_weight < 2**31 else "sat"


def _automatic(instance: Instance, encoding: str | None, *, wants_sat: bool) -> str:
    if wants_sat:
        return "sat"
    if encoding not in (None, "auto"):
        return "cpsat"
    return "enumeration" if enumerable(instance) else PORTFOLIO.name


def plan_for(instance: Instance, chosen: Configuration) -> Plan:
    """The solvers that a configuration puts to work; one, unless it is a portfolio."""
    if chosen.name != PORTFOLIO.name:
        return Plan((Lane(chosen, 1.0, "asked for"),))
    return lockstep_plan(instance) if chosen.options["schedule"] == "lockstep" else race_plan(instance)


def asked_objective(instance: Instance, objective: str | Objective | None, bound: Number | None) -> Objective:
    """What is asked of an instance: its own question, unless there is an objective or a bound.

    Raises
    ------
    InputError
        For unknown objectives, negative bounds, and decisions without a bound.
    """
    if bound is not None and to_number(bound) < 0:
        raise InputError(f"expected a bound of at least 0, got {bound}")
    if objective is None:
        return instance.objective if bound is None else Objective.DECIDE
    if objective not in list(Objective):
        raise InputError(f"unknown objective {objective!r}: decide or minimize")
    if objective == Objective.DECIDE and bound is None and instance.bound is None:
        raise InputError("to decide, the instance needs a bound (error_bound or margin)")
    return Objective(objective)


def limits_of(time_limit: float | None, memory_limit: int | None, threads: int | None, seed: int) -> Limits:
    """The limits of a solver; all cores unless there is a number of threads.

    Raises
    ------
    InputError
        For limits that make no sense.
    """
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"the time limit must be positive, not {time_limit}")
    if memory_limit is not None and memory_limit < 1:
        raise InputError(f"the memory limit must be at least 1 MB, not {memory_limit}")
    if threads is not None and threads < 1:
        raise InputError(f"at least one thread is needed, not {threads}")
    if not 0 <= seed < 2**31:
        raise InputError(f"the seed must lie in 0..2^31 - 1, not {seed}")
    return Limits(time_limit, threads or cores(), seed)


def cores() -> int:
    """The cores that this process may use, where the system tells; else all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
