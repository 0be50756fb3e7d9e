"""How large a random instance may be, so that brute force answers it in milliseconds."""

from __future__ import annotations

import random

MOST_SUMS = 1_000_000
"""Settings times samples times edges of any instance."""
MOST_SETTINGS = 200_000
"""Settings of any instance."""
USUAL_SUMS = (1_000, 5_000, 20_000, 20_000, 60_000, 60_000, 200_000)
"""What most instances are kept to."""


def sums_allowed(rng: random.Random) -> int:
    """The most settings times samples times edges that an instance may have: it varies."""
    return MOST_SUMS if rng.random() < 0.01 else rng.choice(USUAL_SUMS)


def settings_allowed(rng: random.Random, samples: int, edges: int) -> int:
    """The most settings that an instance of this size may have: it varies, and is at least 8."""
    return max(8, min(MOST_SETTINGS, sums_allowed(rng) // (max(1, samples) * max(1, edges))))
