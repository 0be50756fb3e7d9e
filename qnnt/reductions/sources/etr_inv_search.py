"""Search for values of variables under sums x + y = z and products x * y = 1: backtracking with propagation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, reduced

MOST_NODES = 20_000

Domains = Mapping[str, frozenset[int]]
"""What is left of the values of each variable, all multiplied by the same number: their common denominator."""


def find_values(
    variables: Iterable[str],
    values: Sequence[Number],
    sums: Sequence[tuple[str, str, str]],
    products: Sequence[tuple[str, str]],
) -> dict[str, Number] | None:
    """A value for each variable, or None if there is none.

    Raises
    ------
    UnsupportedError
        After `MOST_NODES` nodes of the search.
    """
    unit = common_denominator(values)
    whole = frozenset(int(value * unit) for value in values)
    pending: list[Domains] = [dict.fromkeys(variables, whole)]
    nodes = 0
    while pending:
        nodes += 1
        if nodes > MOST_NODES:
            raise UnsupportedError(f"the search for values takes more than {MOST_NODES} nodes")
        domains = _propagated(pending.pop(), unit, sums, products)
        if domains is None:
            continue
        undecided = [name for name, domain in domains.items() if len(domain) > 1]
        if not undecided:
            return {name: reduced(Fraction(next(iter(domain)), unit)) for name, domain in domains.items()}
        chosen = min(undecided, key=lambda name: len(domains[name]))
        pending += [{**domains, chosen: frozenset([value])} for value in sorted(domains[chosen])]
    return None


def _propagated(
    domains: Domains, unit: int, sums: Sequence[tuple[str, str, str]], products: Sequence[tuple[str, str]]
) -> Domains | None:
    """The values that each constraint by itself supports, until nothing changes; None if a domain is empty.

    Once every domain has one value the constraints hold.
    """
    found = dict(domains)
    changed = True
    while changed:
        before = sum(map(len, found.values()))
        for x, y, z in sums:
            found[z] &= {a + b for a in found[x] for b in found[y]}
            found[x] &= {c - b for c in found[z] for b in found[y]}
            found[y] &= {c - a for c in found[z] for a in found[x]}
        for x, y in products:
            found[y] &= {unit * unit // a for a in found[x] if unit * unit % a == 0}
            found[x] &= {unit * unit // b for b in found[y] if unit * unit % b == 0}
        if not all(found.values()):
            return None
        changed = sum(map(len, found.values())) < before
    return found
