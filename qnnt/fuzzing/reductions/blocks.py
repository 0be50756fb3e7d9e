"""Parts of a list to leave out, as in delta debugging."""

from __future__ import annotations

from collections.abc import Iterator


def blocks(count: int) -> Iterator[range]:
    """Positions that cover a list of this length: all, halves, quarters, ..., single ones."""
    size = count
    while size > 0:
        for start in range(0, count, size):
            yield range(start, min(start + size, count))
        size = (size + 1) // 2 if size > 1 else 0
