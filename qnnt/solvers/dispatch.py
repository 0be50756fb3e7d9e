"""Which solvers `auto` gives an instance to, in which order: by cheap estimates, before any model is built.

Each solver has a rule that says whether it takes part, and why; the numbers that decide are in `thresholds`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable

from qnnt.algorithms.enumeration import sums_needed
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.estimates import IMMENSE, Estimates
from qnnt.solvers.plan import Lane, LeftOut, Plan
from qnnt.solvers.registry import configuration
from qnnt.solvers.thresholds import Thresholds, thresholds

FIRST, BELOW, LARGE, SECOND, OTHERS = 6.0, 5.9, 5.0, 2.0, 0.5
"""Shares of the time: of the most promising prover, of bounds from below (two cores are one for each), of local search
on large networks, of the next ones, and of others."""
CP_SAT_REACH = 2**31
"""CP-SAT refuses sums that can pass this."""

Rule = Callable[[Estimates, Thresholds], Lane | LeftOut]


def enumerable(instance: Instance) -> bool:
    """Whether all settings are tried in less time than a solver takes to start, or there is only one."""
    return instance.settings == 1 or sums_needed(instance) <= thresholds().enumeration_sums


def why_enumerable(instance: Instance) -> str:
    """The same in words, for an instance that is."""
    if instance.settings == 1:
        return "there is only one setting"
    return f"sums of all settings: {sums_needed(instance):,}, at most {thresholds().enumeration_sums:,}"


def race_plan(instance: Instance, at: Thresholds | None = None) -> Plan:
    """The solvers that race for an answer.

    Parameters
    ----------
    at
        Other thresholds than those in use.
    """
    return _planned(RULES, Estimates(simplify(instance).instance), at or thresholds())


def lockstep_plan(instance: Instance) -> Plan:
    """The solvers that work in lockstep: those that ask for news at points of their own work."""
    return _planned(IN_LOCKSTEP, Estimates(simplify(instance).instance), thresholds())


def _planned(rules: Iterable[Rule], found: Estimates, at: Thresholds) -> Plan:
    """One prover is first: of several that could be, the one whose rule comes first."""
    lanes: list[Lane] = []
    left_out: list[LeftOut] = []
    for rule in rules:
        decided = rule(found, at)
        if isinstance(decided, LeftOut):
            left_out.append(decided)
        elif decided.weight == FIRST and any(lane.weight == FIRST for lane in lanes):
            lanes.append(dataclasses.replace(decided, weight=SECOND))
        else:
            lanes.append(decided)
    if not any(lane.configuration.entry.proves for lane in lanes):  # nobody would prove anything
        lanes.append(_lane("sat", FIRST, "nobody else proves anything, however large the circuits"))
        left_out = [one for one in left_out if one.name != "sat"]
    return Plan(tuple(sorted(lanes, key=lambda lane: -lane.weight)), tuple(left_out))


# --- the rules ---------------------------------------------------------------------------------------


def _patterns(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    bits = found.pattern_bits
    if found.hidden_layers != 1:
        return LeftOut("patterns", f"{found.hidden_layers} hidden layers, not 1")
    decided = _by_bits("patterns", "choices of patterns", bits, at.first.pattern_bits, at.most.pattern_bits, at)
    if isinstance(decided, LeftOut) or decided.weight < FIRST or bits <= at.first.thread_bits:
        return decided
    return dataclasses.replace(decided, all_cores=True, head_start=at.alone.all_cores)


def _dp_frontier(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    if not found.mismatch:
        return LeftOut("dp-frontier", f"the loss is {found.instance.loss.name}, not mismatch")
    if found.hidden_layers < 2:
        return LeftOut("dp-frontier", f"hidden layers: {found.hidden_layers}, fewer than 2")
    what = "patterns of live neurons"
    return _by_bits("dp-frontier", what, found.live_bits, at.first.live_bits, at.most.live_bits, at)


def _dp_layers(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    decided = _dp_frontier(found, at)
    if isinstance(decided, LeftOut):
        return LeftOut("dp-layers", decided.why)
    if found.alike < 2:
        return LeftOut("dp-layers", "no alike neurons")
    return dataclasses.replace(decided, configuration=configuration("dp-layers", None))


def _dp_pseudo(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    if found.hidden_layers > 1:
        return LeftOut("dp-pseudo", f"{found.hidden_layers} hidden layers, more than 1")
    if found.inputs > at.most.pseudo_inputs:
        return LeftOut("dp-pseudo", f"distinct inputs: {found.inputs}, more than {at.most.pseudo_inputs}")
    first = found.inputs <= at.first.pseudo_inputs and not found.mismatch
    how = f"distinct inputs: {found.inputs}, at most {at.first.pseudo_inputs if first else at.most.pseudo_inputs}"
    if first:
        return _lane("dp-pseudo", FIRST, how, head_start=at.alone.prover)
    return _lane("dp-pseudo", OTHERS, how, after=at.after.others)


def _row_count(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    if found.hidden_layers != 1:
        return LeftOut("row-count", f"{found.hidden_layers} hidden layers, not 1")
    if found.row_bits > at.first.row_bits:
        return LeftOut("row-count", f"rows of alike neurons: 2^{found.row_bits:.0f}, more than 2^{at.first.row_bits:g}")
    if found.alike < at.first.row_alike:
        return LeftOut("row-count", f"alike neurons: {found.alike}, fewer than {at.first.row_alike}")
    why = f"alike neurons: {found.alike}, at least {at.first.row_alike}, with 2^{found.row_bits:.1f} rows"
    return _lane("row-count", SECOND, why, head_start=at.alone.prover)


def _sat(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    alone = 0.0 if _takes_all_cores(found, at) else at.alone.prover
    return _by_circuits("sat", FIRST, found, at, head_start=alone)


def _maxsat(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    weight = SECOND if _algorithm_first(found, at) else BELOW
    return _by_circuits("maxsat", weight, found, at, after=at.after.maxsat)


def _sampling(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    many = f"distinct inputs: {found.inputs}"
    if found.inputs < at.first.sampling_inputs:
        return LeftOut("sampling", f"{many}, fewer than {at.first.sampling_inputs}")
    return _lane("sampling", SECOND, f"{many}, at least {at.first.sampling_inputs}", after=at.after.maxsat)


def _cpsat(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    if found.reach >= CP_SAT_REACH:
        return LeftOut("cpsat", f"sums up to {_magnitude(found)}, which pass 2^31")
    if found.circuit_bits > at.most.circuit_bits:
        return _lane("cpsat", FIRST, f"2^{found.circuit_bits:.1f} literals are too many for circuits")
    why = f"sums up to {_magnitude(found)}, below 2^31"
    if not found.mismatch:
        why += f"; the loss is {found.instance.loss.name}"
    return _lane("cpsat", OTHERS if found.mismatch else SECOND, why, after=at.after.cpsat)


def _local_search(found: Estimates, at: Thresholds) -> Lane | LeftOut:
    bits = sum(math.log2(len(values)) for values in found.sets)
    why = f"first solutions among 2^{bits:.0f} settings"
    if _algorithm_first(found, at):
        return _lane("local-search", SECOND, why, after=at.after.cpsat)
    if found.pattern_bits >= at.first.search_bits:
        why += f"; choices of patterns: 2^{found.pattern_bits:.0f}, at least 2^{at.first.search_bits:g}"
        return _lane("local-search", LARGE, why, head_start=at.alone.local_search)
    if found.pattern_bits <= at.first.quick_bits:
        return _lane("local-search", OTHERS, why, head_start=at.alone.quick_search)
    return _lane("local-search", SECOND, why, head_start=at.alone.local_search)


SPECIAL: tuple[Rule, ...] = (_dp_frontier, _dp_layers, _dp_pseudo, _patterns, _row_count)
"""Of algorithms for instances of certain shapes."""
RULES: tuple[Rule, ...] = (
    *SPECIAL,
    _sat,
    _maxsat,
    _sampling,
    _cpsat,
    _local_search,
)
"""Of a race; among several that want to be first the first one is."""
IN_LOCKSTEP: tuple[Rule, ...] = (
    lambda found, at: _variant("local-search:compiled", _local_search(found, at)),
    _sat,
    lambda found, at: _variant("cpsat:sliced", _cpsat(found, at)),
)


def _variant(name: str, decided: Lane | LeftOut) -> Lane | LeftOut:
    """The same place for a variant of the solver that does not look at the clock."""
    if isinstance(decided, LeftOut):
        return decided
    return dataclasses.replace(decided, configuration=configuration(name, None))


def _algorithm_first(found: Estimates, at: Thresholds) -> bool:
    """Whether an algorithm for instances of this shape is to be first."""
    decided = (rule(found, at) for rule in SPECIAL)
    return any(isinstance(each, Lane) and each.weight == FIRST for each in decided)


def _takes_all_cores(found: Estimates, at: Thresholds) -> bool:
    decided = _patterns(found, at)
    return isinstance(decided, Lane) and decided.all_cores


def _by_bits(name: str, what: str, bits: float, first: float, most: float, at: Thresholds) -> Lane | LeftOut:
    """First, among the others, or out."""
    if bits > most:
        return LeftOut(name, f"{what}: 2^{bits:.0f}, more than 2^{most:g}")
    if bits <= first:
        return _lane(name, FIRST, f"{what}: 2^{bits:.1f}, at most 2^{first:g}", head_start=at.alone.prover)
    return _lane(name, OTHERS, f"{what}: 2^{bits:.1f}, at most 2^{most:g}", after=at.after.others)


def _by_circuits(
    name: str, weight: float, found: Estimates, at: Thresholds, *, after: float = 0.0, head_start: float = 0.0
) -> Lane | LeftOut:
    bits = found.circuit_bits
    if bits > at.most.circuit_bits:
        return LeftOut(name, f"literals of counting circuits: 2^{bits:.1f}, more than 2^{at.most.circuit_bits:g}")
    why = f"literals of counting circuits: 2^{bits:.1f}, at most 2^{at.most.circuit_bits:g}"
    return _lane(name, weight, why, after=after, head_start=head_start)


def _lane(name: str, weight: float, why: str, *, after: float = 0.0, head_start: float = 0.0) -> Lane:
    return Lane(configuration(name, None), weight, why, after, head_start)


def _magnitude(found: Estimates) -> str:
    return "immense numbers" if found.reach >= IMMENSE else f"{float(found.reach):.2g}"
