"""What is asked of sums: the form between a Model's thresholds and linears and what states them.

Circuits (`qnnt.encoders.counting`) state requests as clauses, `qnnt.encoders.program_rows` as linear rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.encoders.model import Integers, Sums

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Requests:
    """What is asked of sums over Boolean variables, or bounded integers.

    Request i is about ``sums[rows[i]] >= at_least[i]``, call it c: ``c -> literals[i]`` where `up` holds,
    ``literals[i] -> c`` where `down` holds. Each sum is known to lie within `low` and `high`.
    """

    sums: Sums
    low: Integers
    high: Integers
    rows: Integers
    at_least: Integers
    literals: Integers
    up: Mask
    down: Mask

    def of(self, rows: Integers | int) -> Requests:
        """The requests about some of the rows; the sums stay."""
        chosen = np.isin(self.rows, rows)
        return Requests(
            self.sums,
            self.low,
            self.high,
            self.rows[chosen],
            self.at_least[chosen],
            self.literals[chosen],
            self.up[chosen],
            self.down[chosen],
        )
