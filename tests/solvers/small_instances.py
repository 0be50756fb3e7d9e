"""Instances with known answers that tests of formulas and of their refutations share."""

from __future__ import annotations

from typing import Any

from qnnt.documents.construction import d_nnt
from qnnt.generation.families import random_labels
from qnnt.instance import Instance

LABELS = random_labels(3, [2, 2, 1], 9, 3)
"""Whose best loss is 1."""
NEVER = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation={"type": "table", "values": [[7, 1]]})
"""Whose activation is never defined."""


def line(**changes: Any) -> Instance:
    """w * x + b through (1, 3), (2, 5), (0, 1/2), with weights 2, 3 and 1."""
    options: dict[str, Any] = {"weights": [0, "1/2", 2], "bias": [0, "1/3"], "activation": "identity"}
    options |= {"loss": "absolute", "weight": [2, 3, 1]}
    return d_nnt([1, 1], [[1], [2], [0]], [[3], [5], ["1/2"]], **{**options, **changes})
