"""Adapter: the dynamic program over a tree decomposition as a solver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from qnnt.algorithms.states.deepening import Minimum, minimum
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.fpt import TreeProgram, can_guess
from qnnt.algorithms.states.fpt_program import Program
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.tree_orders import orders, tree_of, tree_program
from qnnt.algorithms.states.trial import estimates
from qnnt.solvers.state_programs import Plan, StateProgram, expectation, refusal_of


class DpFpt(StateProgram):
    """Theorems 5 and 6 over a tree decomposition, in the elimination order that trials recommend."""

    def plan(self, view: IntegerView) -> Plan:
        choices = orders(view)
        programs = {name: tree_program(view, order) for name, order in choices.items()}
        programs = {name: program for name, program in programs.items() if can_guess(view, program)}
        setups = {name: partial(_on, program=program) for name, program in programs.items()}
        best = estimates(view, setups, dict.fromkeys(setups, view.log2_settings))[0]
        chosen = programs[best.name]
        efforts: list[Effort] = []

        def search(
            classes: Classes, lower: int, upper: int, effort: Effort, on_bound: Callable[[int], None]
        ) -> Minimum:
            efforts.append(effort)
            return minimum(setups[best.name](view, classes, effort), lower, upper, on_bound)

        def statistics() -> Mapping[str, Any]:
            return {"states_guessed": efforts[-1].guessed}

        sizes = {
            "order": best.name,
            "width": tree_of(view, choices[best.name]).width,
            "joins": chosen.joins,
            "guesses": chosen.guesses,
            **expectation(best),
        }
        return Plan(sizes, refusal_of(best), search, statistics)


def _on(view: IntegerView, classes: Classes, effort: Effort, *, program: Program) -> TreeProgram:
    return TreeProgram(view, classes, program, effort)
