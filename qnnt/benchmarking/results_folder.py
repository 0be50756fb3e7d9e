"""A folder of results: recordings, one file each."""

from __future__ import annotations

import os
from collections.abc import Iterator

from qnnt.benchmarking.measurement import Heading, Recording
from qnnt.benchmarking.recording_file import read_recording
from qnnt.errors import InputError

ENDING = ".jsonl"


def place_of_new(folder: str, heading: Heading) -> str:
    """A file that is not there yet, named for suite, moment and code."""
    moment = heading.started.replace("-", "").replace(":", "")
    code = heading.commit.id[:10] if heading.commit is not None else heading.versions.get("qnnt", "unknown")
    stem = os.path.join(folder, f"{heading.suite}-{moment}-{code}")  # noqa: PTH118
    places = (f"{stem}{suffix}{ENDING}" for suffix in ("", *(f"-{i}" for i in range(2, 1000))))
    return next(place for place in places if not os.path.lexists(place))


def unfinished(folder: str, heading: Heading) -> str | None:
    """The newest recording in the folder that can be continued: the same in all but the moment, and not whole."""
    for recording in reversed(list(recordings_in(folder))):
        if _continues(recording.heading, heading) and recording.missing:
            return recording.source
    return None


def _continues(old: Heading, new: Heading) -> bool:
    return all(
        getattr(old, name) == getattr(new, name)
        for name in ("suite", "suite_sha256", "planned", "commit", "machine", "versions", "jobs")
    )


def recordings_in(folder: str) -> Iterator[Recording]:
    """The recordings of a folder, the oldest first.

    Raises
    ------
    InputError
        If the folder cannot be read, or a file in it is no recording.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(ENDING))  # noqa: PTH208
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"cannot read: {reason}", source=folder) from None
    paths = [os.path.join(folder, name) for name in names]  # noqa: PTH118
    found = [read_recording(path) for path in paths if _begun(path)]
    yield from sorted(found, key=lambda recording: (recording.heading.started, len(recording.source)))  # -2 after none


def _begun(path: str) -> bool:
    """Whether its first line is whole: its writer may have been killed before that."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.readline().endswith(b"\n")
    except OSError:
        return True  # which reading it tells


def files_behind(source: str) -> list[str]:
    """The files that are read where a file, a folder or ``FOLDER@COMMIT`` is named; what cannot be read has none."""
    folder, at, _ = source.rpartition("@")
    place = folder if at and not os.path.lexists(source) else source
    if not os.path.isdir(place):  # noqa: PTH112
        return [place]
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(ENDING))  # noqa: PTH208
    except OSError:
        return []  # reading it complains
    return [os.path.join(place, name) for name in names]  # noqa: PTH118


def recordings_of(source: str) -> list[Recording]:
    """The recordings of a file or a folder, the oldest first.

    Raises
    ------
    InputError
        If there are none.
    """
    if not os.path.isdir(source):  # noqa: PTH112
        return [read_recording(source)]
    found = list(recordings_in(source))
    if not found:
        raise InputError(f"holds no recordings (*{ENDING})", source=source)
    return found


def recording_of(source: str) -> Recording:
    """One recording: a file; the newest of a folder; or ``FOLDER@COMMIT``, the newest of a commit in a folder.

    Raises
    ------
    InputError
        If there is none.
    """
    folder, at, commit = source.rpartition("@")
    if at and not os.path.lexists(source):
        found = [one for one in recordings_of(folder) if _is_of(one, commit)]
        if not found:
            raise InputError(f"holds no recording of the commit {commit}", source=folder)
        return found[-1]
    return recordings_of(source)[-1]


def _is_of(recording: Recording, commit: str) -> bool:
    """A commit is named by the first letters of its id; with a + behind, with changes; else without."""
    own = recording.heading.commit
    if own is None or len(commit.rstrip("+")) < 4:
        return False
    return own.id.startswith(commit.rstrip("+")) and bool(own.changes) == commit.endswith("+")
