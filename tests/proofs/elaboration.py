"""DRUP to LRAT by naive unit propagation. Deletions of its own, of clauses that are used no more."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

Clause = frozenset[int]


def elaborated(formula: Sequence[Iterable[int]], proof: str, rng: random.Random) -> str:
    """An LRAT proof; numbers have gaps, and a third of all clauses is deleted somewhere after the last use."""
    clauses = {number: frozenset(clause) for number, clause in enumerate(formula, 1)}
    additions: list[tuple[int, Clause, list[int]]] = []
    steps = [frozenset(map(int, line.split()[:-1])) for line in proof.splitlines() if not line.startswith("d")]
    for clause in [*steps, frozenset[int]()]:
        number = (additions[-1][0] if additions else len(formula)) + rng.choice([1, 1, 1, 2, 5])
        additions.append((number, clause, _hints(clauses, clause)))
        if not clause:
            break
        clauses[number] = clause
    return "".join(f"{line}\n" for line in _lines(additions, clauses, rng))


def _lines(
    additions: list[tuple[int, Clause, list[int]]], clauses: Mapping[int, Clause], rng: random.Random
) -> list[str]:
    last_use = {number: at for at, (_, _, hints) in enumerate(additions) for number in hints}
    origin = {number: at for at, (number, _, _) in enumerate(additions)}
    lines: list[str] = []
    waiting: dict[int, list[int]] = {}
    for number in clauses:
        if rng.random() < 0.3:
            earliest = max(last_use.get(number, 0), origin.get(number, 0))
            waiting.setdefault(rng.randint(earliest, len(additions)), []).append(number)
    for at, (number, clause, hints) in enumerate(additions):
        lines.append(" ".join(map(str, [number, *sorted(clause), 0, *hints, 0])))
        if at in waiting:
            lines.append(" ".join(map(str, [number, "d", *waiting[at], 0])))
    return lines


def _hints(clauses: Mapping[int, Clause], clause: Clause) -> list[int]:
    true = {-literal for literal in clause}
    if any(-literal in true for literal in true):
        return []
    found: list[tuple[int, int]] = []
    """The literals that followed, and from which clause."""
    while True:
        for number, row in clauses.items():
            left = [literal for literal in row if -literal not in true]
            if not left:
                return _needed(clauses, found, number)
            if len(left) == 1 and left[0] not in true:
                true.add(left[0])
                found.append((left[0], number))
                break
        else:
            raise AssertionError("no conflict")


def _needed(clauses: Mapping[int, Clause], found: list[tuple[int, int]], conflict: int) -> list[int]:
    hints = [conflict]
    wanted = {-literal for literal in clauses[conflict]}
    for literal, number in reversed(found):
        if literal in wanted:
            hints.append(number)
            wanted |= {-other for other in clauses[number]}
    return hints[::-1]
