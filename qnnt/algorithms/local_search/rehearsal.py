"""Every compiled function of local search, called once with what it is called with in earnest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from qnnt.algorithms.local_search import tempering
from qnnt.algorithms.local_search.arrays import Arrays, arrays_of
from qnnt.algorithms.local_search.energies import Slope
from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.documents.construction import d_qnnt

KERNELS = "qnnt.algorithms.local_search.rehearsal:narrow"
"""What a search of an instance with small numbers needs."""
WIDE_KERNELS = "qnnt.algorithms.local_search.rehearsal:wide"
"""The same for numbers of more than 30 bits."""


def kernels_of(arrays: Arrays) -> tuple[str, ...]:
    """The rehearsals that a search of these arrays needs, for `qnnt.compilation`."""
    return (KERNELS,) if arrays.fixed.rows.dtype == np.int32 else (WIDE_KERNELS,)


def narrow() -> None:
    """Entries of 32 bits."""
    _walk(np.int32)


def wide() -> None:
    """Entries of 64 bits."""
    _walk(np.int64)


def _walk(kind: type[Any]) -> None:
    view = integer_view(d_qnnt(3, [1, 1, 1], [[1], [0]], [[0], [1]]))
    arrays = arrays_of(view, output_costs(view))
    fixed = arrays.fixed._replace(rows=arrays.fixed.rows.astype(kind), factors=arrays.fixed.factors.astype(kind))
    arrays = replace(arrays, fixed=fixed, tables=arrays.tables.astype(kind))
    tempering.Tempering(arrays, Slope.SOFT, 0).advance(tempering.RUNGS, -1)
