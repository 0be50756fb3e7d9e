"""Whether processes are still there, for the tests of those that kill them."""

from __future__ import annotations

import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def gone(*pids: int) -> bool:
    """Whether all end within a few seconds."""
    end = time.monotonic() + PATIENCE
    while any(alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def pids_in(file: Path, count: int) -> list[int]:
    """The numbers in a file, as soon as they are all there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        numbers = file.read_text().split() if file.exists() else []
        if len(numbers) == count:
            return [int(number) for number in numbers]
        time.sleep(0.02)
    raise TimeoutError(f"{file} does not hold {count} numbers")


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found
