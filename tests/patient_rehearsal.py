"""Rehearsals for `tests/test_compilation.py`; nothing is compiled."""

from __future__ import annotations

import os
import time
from pathlib import Path


def wait_for_a_file() -> None:
    """Say that it has begun, and wait for the file that ends it, at most a minute."""
    go = Path(os.environ["REHEARSAL_FILE"])
    (go.parent / "begun").touch()
    end = time.monotonic() + 60
    while not go.exists() and time.monotonic() < end:
        time.sleep(0.02)


def other() -> None:
    """Nothing at all."""
