"""The one place that knows numba: `compiled` turns a loop over flat arrays into machine code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba.extending import intrinsic

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def compiled(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Compile at the first call, and keep the machine code on disk for later runs.

    What is kept is thrown away when the file of the *called* function changes, and no other. A compiled
    function must therefore use compiled functions and constants of its own file only (and `set_bits`): it
    would go on with the old ones.
    Without any folder to write to, every run compiles anew.
    """
    try:
        machine_code = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no locator available
        machine_code = numba.njit(nogil=True)(function)
    return cast("Callable[Parameters, Answer]", machine_code)


@compiled
def _nothing() -> None:
    """Its place on disk is every compiled function's."""


def cache_folder() -> Path | None:
    """Where machine code is kept; None if no folder takes it."""
    folder = _nothing.stats.cache_path  # type: ignore[attr-defined]
    if folder is None:
        return None
    with contextlib.suppress(OSError):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder)
    return None


def _set_bits(_context: Any, word: Any) -> Any:
    if word != numba.types.uint64:
        return None

    def generate(_context: Any, builder: Any, _signature: Any, words: Any) -> Any:
        return builder.ctpop(words[0])

    return numba.types.int64(numba.types.uint64), generate


set_bits = cast("Callable[[np.uint64], int]", intrinsic(_set_bits))
"""How many bits of a 64-bit word are set; for compiled functions only."""
