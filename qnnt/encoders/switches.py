"""Where the order encoding stops and bounded integers begin: a size estimate per weight, sum and product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """Largest number of literals before a bounded integer takes over.

    Attributes
    ----------
    parameter
        Order literals of one weight or bias.
    pair
        AND literals of one weight times one neuron's value.
    value
        Thresholds of one neuron's value.
    """

    parameter: int
    pair: int
    value: int


SWITCHES: Mapping[str, Switches] = {
    "auto": Switches(parameter=64, pair=64, value=64),
    "order": Switches(parameter=1 << 12, pair=1 << 12, value=1 << 12),
    "integer": Switches(parameter=1, pair=1, value=1),
}
"""By the name of the encoding. `order` and `integer` are the ends, `auto` chooses by size."""
