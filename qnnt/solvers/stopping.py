"""What can call a search off."""

from __future__ import annotations

from typing import Protocol


class Stop(Protocol):
    """Something that can say that the user wants an end, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""
        ...
