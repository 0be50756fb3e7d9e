"""Slow and obvious checkers of DRUP and LRAT, to hold the fast ones against. They share no code with qnnt.proofs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

Clause = frozenset[int]
Step = tuple[int, list[str]]
"""A line's number and its tokens."""


class MalformedError(Exception):
    pass


def judge(formula: Sequence[Iterable[int]], proof: str) -> str:
    """One of "holds", "malformed", "line 7" (the first that is wrong), "no end"."""
    clauses = [frozenset(clause) for clause in formula]
    try:
        steps = _steps(proof)
        if steps and ("d" in steps[0][1][1:2] or steps[0][1].count("0") > 1):
            wrong = _lrat(clauses, [_lrat_step(step) for step in steps])
        else:
            wrong = _drup(clauses, [_drup_step(step) for step in steps])
    except MalformedError:
        return "malformed"
    return wrong


def propagated(clauses: Iterable[Clause], assumed: Iterable[int]) -> set[int] | None:
    """All literals that follow by unit propagation; None if there is a conflict."""
    true = set(assumed)
    if any(-literal in true for literal in true):
        return None
    known = -1
    while known != len(true):
        known = len(true)
        for clause in clauses:
            open_literals = [literal for literal in clause if -literal not in true]
            if not open_literals:
                return None
            if len(open_literals) == 1:
                true.add(open_literals[0])
    return true


def _steps(proof: str) -> list[Step]:
    lines = [(number, re.findall(r"[^ \t\r]+", line)) for number, line in enumerate(proof.split("\n"), 1)]
    steps = [(number, tokens) for number, tokens in lines if tokens and tokens[0] != "c"]
    for _, tokens in steps:
        for token in tokens:
            if not re.fullmatch(r"d|0|-?(?!0+$)[0-9]{1,18}", token):
                raise MalformedError(token)
    return steps


def _numbers(tokens: list[str]) -> list[int]:
    """Numbers other than 0 and a 0."""
    if "d" in tokens or tokens[-1:] != ["0"] or tokens.count("0") != 1:
        raise MalformedError(tokens)
    return [int(token) for token in tokens[:-1]]


def _drup_step(step: Step) -> tuple[int, bool, Clause]:
    line, tokens = step
    deletes = tokens[0] == "d"
    return line, deletes, frozenset(_numbers(tokens[deletes:]))


def _drup(formula: list[Clause], steps: list[tuple[int, bool, Clause]]) -> str:
    clauses = Counter(formula)
    facts = propagated(+clauses, [])
    for line, deletes, clause in steps:
        if facts is None:
            break
        if deletes:
            clauses[clause] = max(0, clauses[clause] - 1)
            continue
        if propagated(+clauses, facts | {-literal for literal in clause}) is not None:
            return f"line {line}"
        clauses[clause] += 1
        facts = propagated(+clauses, facts)
    return "holds" if facts is None else "no end"


def _lrat_step(step: Step) -> tuple[int, int, bool, list[int], list[int]]:
    line, tokens = step
    if tokens[0] in {"d", "0"} or tokens[0][0] == "-":
        raise MalformedError(tokens)
    if tokens[1:2] == ["d"]:
        ids = _numbers(tokens[2:])
        if any(number < 0 for number in ids):
            raise MalformedError(ids)
        return line, int(tokens[0]), True, [], ids
    middle = tokens.index("0", 1) + 1 if "0" in tokens else 0
    return line, int(tokens[0]), False, _numbers(tokens[1:middle]), _numbers(tokens[middle:])


def _lrat(formula: list[Clause], steps: list[tuple[int, int, bool, list[int], list[int]]]) -> str:
    if frozenset() in formula:
        return "holds"
    clauses = dict(enumerate(formula, 1))
    highest = len(formula)
    for line, number, deletes, literals, hints in steps:
        wrong = f"line {line}"
        if deletes:
            for hint in hints:
                if clauses.pop(hint, None) is None:
                    return wrong
            continue
        if number <= highest:
            return wrong
        true = {-literal for literal in literals}
        conflict = any(-literal in true for literal in true)
        for hint in hints:
            if conflict or hint not in clauses:
                return wrong
            open_literals = [literal for literal in clauses[hint] if -literal not in true]
            if len(open_literals) > 1 or true.intersection(open_literals):
                return wrong
            true.update(open_literals)
            conflict = not open_literals
        if not conflict:
            return wrong
        if not literals:
            return "holds"
        clauses[number] = frozenset(literals)
        highest = number
    return "no end"
