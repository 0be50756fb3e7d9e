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
    table
        Entries of the table of one weight and one neuron's value, up to which their product gets order
        literals of its own; beyond, it is a sum of ANDs.
    """

    parameter: int
    pair: int
    value: int
    table: int = 0


SWITCHES: Mapping[str, Switches] = {
    "auto": Switches(parameter=8, pair=16, value=8),
    "order": Switches(parameter=1 << 12, pair=1 << 12, value=1 << 12),
    "integer": Switches(parameter=1, pair=1, value=1),
    "cnf": Switches(parameter=32, pair=400, value=128, table=400),
}
"""By the name of the encoding. `order` and `integer` are the ends, `auto` chooses by size, all for CP-SAT; `cnf`
is for clauses, where integers are binary digits and literals win for longer, and order literals of products
take half the clauses; in CP-SAT they are slower than ANDs (d=5 [3,3,2] random: 31 s against 6).

Measured with CP-SAT: literals win up to d = 5 (d=5 [6,5,2] planted: 8 s against over 25), integers from
d = 8 on (d=16 [3,3,1] flipped: 1 s against 17) and for unclipped ReLU; identities like literals.
"""
