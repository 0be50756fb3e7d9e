"""Adapter: the layer-state search as a solver."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from qnnt.algorithms.states.deepening import Best, Minimum, Program
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.layer_states import LayerStates
from qnnt.algorithms.states.layers import layers_of
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.pattern_counts import log2_patterns
from qnnt.algorithms.states.trial import estimates
from qnnt.errors import UnsupportedError
from qnnt.solvers.state_programs import Plan, StateProgram, expectation, refusal_of


class DpLayers(StateProgram):
    """What each layer can reach, up to the order of its neurons, to the fixpoint of repeated layers."""

    def plan(self, view: IntegerView) -> Plan:
        layers = layers_of(view)
        if isinstance(layers, str):
            raise UnsupportedError(layers)
        patterns = log2_patterns(view)
        bound = max((_log2_multisets(patterns[layer[0]], len(layer)) for layer in layers.hidden), default=0.0)

        def on(part: IntegerView, classes: Classes, effort: Effort) -> Program:
            def program(limit: int) -> Best:
                return LayerStates(part, classes, layers, effort).minimum(limit)

            return program

        (estimate,) = estimates(view, {"layers": on}, {"layers": bound})
        searches: list[LayerStates] = []

        def search(
            classes: Classes, lower: int, upper: int, effort: Effort, on_bound: Callable[[int], None]
        ) -> Minimum:
            if lower > upper:
                return Minimum(None, None, lower)
            searches.append(LayerStates(view, classes, layers, effort))
            best = searches[-1].minimum(upper, lower)
            bound = best.excluded if best.loss is None else best.loss
            if bound is not None:
                on_bound(bound)
            return Minimum(best.patterns, best.loss, bound)

        def statistics() -> Mapping[str, Any]:
            return {"states_by_layer": searches[-1].reached} if searches else {}

        sizes = {"hidden_layers": len(layers.hidden), "repeated": sum(layers.repeats), **expectation(estimate)}
        return Plan(sizes, refusal_of(estimate), search, statistics)


def _log2_multisets(patterns: float, width: int) -> float:
    """The logarithm of C(2^patterns + width - 1, width)."""
    if patterns > 100:
        return patterns * width - math.lgamma(width + 1) / math.log(2)
    return math.log2(math.comb(round(2**patterns) + width - 1, width))
