"""What a solver's process used: processor time and memory."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts the largest resident memory."""


@dataclass(frozen=True)
class Usage:
    """Of a process and what it started.

    Attributes
    ----------
    cpu_seconds
        Of all threads, in user and kernel mode.
    peak_memory
        The largest resident memory of one process, in bytes; 0 where it cannot be told.
    """

    cpu_seconds: float = 0.0
    peak_memory: int = 0


NO_USAGE = Usage()
"""Nothing yet."""


def usage_of_this_process() -> Usage:
    """What this process and the ended ones that it started used."""
    both = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (one.ru_maxrss * _MAXRSS_UNIT for one in both)
    with contextlib.suppress(OSError):
        own = _peak_memory("self") or own  # the other number survives an exec: it may be that of who started us
    return Usage(sum(one.ru_utime + one.ru_stime for one in both), max(own, children))


def usage_of(pid: int) -> Usage:
    """What a running process, those below it and the ended ones that it started used so far.

    Without ``/proc`` that is the process's present memory alone.
    """
    if not Path("/proc/self").exists():
        return Usage(peak_memory=resident_memory(pid))
    usage = Usage()
    waiting = [pid]
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):  # it ended meanwhile
            own = _own_usage(process)
            usage = Usage(usage.cpu_seconds + own.cpu_seconds, max(usage.peak_memory, own.peak_memory))
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return usage


def _own_usage(pid: int) -> Usage:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), _peak_memory(pid))


def _peak_memory(pid: int | str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def resident_memory(pid: int) -> int:
    """Present resident memory of a process in bytes; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123 - read ten times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        pass
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(shown.stdout or 0) * 1024
