"""What scatter plots of any two setups are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from qnnt.benchmarking.report.outcomes import SHORTEST, Kind, Outcomes

CODES = {Kind.SOLVED: "s", Kind.LIMIT: "l", Kind.UNSUPPORTED: "u", Kind.FAILED: "f", None: "-"}


@dataclass(frozen=True)
class Scatter:
    """Per case its label and family, and per setup what came of it.

    Attributes
    ----------
    families
        Positions among the families.
    scores
        Per setup and case, in seconds; None where it was not tried.
    kinds
        Per setup a letter for each case: solved, at a limit, unsupported, failed, - not tried.
    """

    labels: tuple[str, ...]
    families: tuple[int, ...]
    scores: tuple[tuple[float | None, ...], ...]
    kinds: tuple[str, ...]


def scatter_of(outcomes: Outcomes) -> Scatter:
    """The vectors of a recording; a program pairs two of them."""
    place = {family: i for i, family in enumerate(outcomes.families)}
    columns = outcomes.columns.values()
    return Scatter(
        tuple(case.label for case in outcomes.cases),
        tuple(place[case.family] for case in outcomes.cases),
        tuple(tuple(None if one is None else max(one.score, SHORTEST) for one in column) for column in columns),
        tuple("".join(CODES[None if one is None else one.kind] for one in column) for column in columns),
    )
