"""Recordings as files: JSON lines, the heading first, then one measurement per line.

Written line by line and synchronised: whatever happens to the writer, the measurements whose lines are whole are
there.
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from qnnt.benchmarking.measurement import Commit, Heading, Measurement, Recording
from qnnt.documents.fields import as_integer, as_list, as_map, as_object, as_text, below
from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_json_number, to_number
from qnnt.files.line_log import LineLog, open_line_log, read_line_log
from qnnt.instance import Objective
from qnnt.result import Incumbent, Status
from qnnt.verdicts import Verdict

HEADING = "qnnt-recording/1"
MEASUREMENT = "qnnt-measurement/1"
DIGITS = 6
"""Of seconds, behind the point."""
LONGEST = 1e12
"""Seconds; what is longer is no measurement."""

_COMMIT = re.compile("[0-9a-fA-F]{7,64}")
_START = '{"format": "qnnt-'
_HEADING_KEYS = tuple(each.name for each in dataclasses.fields(Heading))
_KEYS = tuple(each.name for each in dataclasses.fields(Measurement) if each.name != "answered_by")
"""What must be there. Versions read each other's recordings: what was added later may be missing, and what later
versions add is passed over.
"""

Word = TypeVar("Word", Objective, Status, Verdict)
Line = Heading | Measurement


class RecordingLog:
    """A recording that is being written; see `open_recording`."""

    def __init__(self, log: LineLog[Line], recording: Recording) -> None:
        self._log = log
        self.recording = recording
        self.empty = not recording.measurements

    def append(self, measurement: Measurement) -> None:
        """Write one more measurement; it is on the disk when this returns."""
        self._log.append(measurement_document(measurement))
        self.empty = False


@contextmanager
def open_recording(path: str, heading: Heading) -> Iterator[RecordingLog]:
    """Open a recording for appending; it is begun with this heading if there is none.

    Where an error comes before the first measurement, no recording stays.

    Raises
    ------
    InputError
        If it cannot be opened, another process is writing to it, or the file holds something else.
    """
    with open_line_log(path, _START, "measurements", line_from) as log:
        if not log.known:
            log.append(heading_document(heading))
        writing = RecordingLog(log, _recording(log.known or [heading], path))
        try:
            yield writing
        except Exception:
            if writing.empty:
                os.unlink(path)  # noqa: PTH108 - paths are strings here
            raise


def read_recording(path: str) -> Recording:
    """The recording in a file; an incomplete last line is passed over.

    Raises
    ------
    InputError
        If it cannot be read, or is no recording; names file, line and key.
    """
    return _recording(read_line_log(path, line_from), path)


def _recording(lines: Sequence[Line], path: str) -> Recording:
    if not lines or not isinstance(lines[0], Heading):
        raise InputError(f"expected a recording, which begins with a line of the format {HEADING}", source=path)
    measurements: dict[str, Measurement] = {}
    for number, line in enumerate(lines[1:], 2):
        if not isinstance(line, Measurement):
            raise InputError("a second heading", source=f"{path}, line {number}")
        if measurements.setdefault(line.key, line) is not line:
            raise InputError("the same trial was measured before", source=f"{path}, line {number}")
    return Recording(lines[0], tuple(measurements.values()), path)


def line_from(document: object) -> Line:
    """What a line stands for.

    Raises
    ------
    InputError
        If it is no line of a recording; names the key.
    """
    fields = as_map(document, "")
    if fields.get("format") == HEADING:
        return _heading_from(fields)
    if fields.get("format") == MEASUREMENT:
        return _measurement_from(fields)
    raise InputError(f"expected {HEADING!r} or {MEASUREMENT!r}, got {shown(fields.get('format'))}", "format")


# --- headings ------------------------------------------------------------------------------------


def heading_document(heading: Heading) -> dict[str, Any]:
    """The first line."""
    return {"format": HEADING, **dataclasses.asdict(heading)}


def _heading_from(fields: Mapping[str, Any]) -> Heading:
    as_object(fields, "", fields, _HEADING_KEYS)
    commit, yardstick = fields["commit"], fields["yardstick"]
    return Heading(
        suite=as_text(fields["suite"], "suite"),
        suite_sha256=as_text(fields["suite_sha256"], "suite_sha256"),
        description=as_text(fields["description"], "description"),
        yardstick=None if yardstick is None else as_text(yardstick, "yardstick"),
        setups=_texts(fields["setups"], "setups"),
        planned=as_integer(fields["planned"], "planned", 0),
        started=as_text(fields["started"], "started"),
        commit=None if commit is None else _commit_from(commit),
        machine=_machine(fields["machine"]),
        versions=_texts(fields["versions"], "versions"),
        jobs=as_integer(fields["jobs"], "jobs", 1),
    )


def _commit_from(value: object) -> Commit:
    fields = as_object(value, "commit", ("id", "date", "changes"), ("id", "date", "changes"))
    words = {name: as_text(entry, f"commit.{name}") for name, entry in fields.items()}
    if _COMMIT.fullmatch(words["id"]) is None:  # files are named for it
        raise InputError(f"expected 7 to 64 hexadecimal digits, got {shown(words['id'])}", "commit.id")
    return Commit(**words)


def _machine(value: object) -> Mapping[str, Any]:
    fields = as_map(value, "machine")
    as_text(fields.get("id"), "machine.id")
    for name, entry in fields.items():
        if not isinstance(entry, str):
            as_integer(entry, below("machine", name))
    return fields


def _texts(value: object, path: str) -> Mapping[str, str]:
    return {name: as_text(entry, below(path, name)) for name, entry in as_map(value, path).items()}


# --- measurements --------------------------------------------------------------------------------


def measurement_document(measurement: Measurement) -> dict[str, Any]:
    """A line below the heading."""
    exact = ("bound", "loss", "lower_bound")
    fields = {each.name: getattr(measurement, each.name) for each in dataclasses.fields(measurement)}
    return {
        "format": MEASUREMENT,
        **fields,
        **{name: None if fields[name] is None else to_json_number(fields[name]) for name in exact},
        "seconds": {name: round(value, DIGITS) for name, value in measurement.seconds.items()},
        "incumbents": [
            [
                round(i.seconds, DIGITS),
                None if i.loss is None else to_json_number(i.loss),
                to_json_number(i.lower_bound),
            ]
            for i in measurement.incumbents
        ],
    }


def _measurement_from(fields: Mapping[str, Any]) -> Measurement:
    as_object(fields, "", fields, _KEYS)
    features = as_map(fields["features"], "features")
    seconds = as_map(fields["seconds"], "seconds")
    if "wall" not in seconds:
        raise InputError("the key 'wall' is missing", "seconds")
    memory, apparent, status = fields["memory_limit"], fields["apparent"], fields["status"]
    if not isinstance(fields["numerical"], bool):
        raise InputError(f"expected true or false, got {shown(fields['numerical'])}", "numerical")
    return Measurement(
        instance=_label(fields["instance"], "instance"),
        sha256=as_text(fields["sha256"], "sha256"),
        family=as_text(fields["family"], "family"),
        setup=as_text(fields["setup"], "setup"),
        solver=as_text(fields["solver"], "solver"),
        answered_by=None if fields.get("answered_by") is None else as_text(fields["answered_by"], "answered_by"),
        machine=as_text(fields["machine"], "machine"),
        problem=_label(fields["problem"], "problem"),
        bound=_exact(fields["bound"], "bound"),
        loss=_exact(fields["loss"], "loss"),
        lower_bound=_exact(fields["lower_bound"], "lower_bound"),
        features={
            name: None if value is None else as_integer(value, below("features", name), 0)
            for name, value in features.items()
        },
        threads=as_integer(fields["threads"], "threads", 1),
        seed=as_integer(fields["seed"], "seed", 0),
        repetition=as_integer(fields["repetition"], "repetition", 0),
        time_limit=_amount(fields["time_limit"], "time_limit"),
        memory_limit=None if memory is None else as_integer(memory, "memory_limit", 1),
        objective=_word(Objective, fields["objective"], "objective"),
        apparent=None if apparent is None else _word(Verdict, apparent, "apparent"),
        status=None if status is None else _word(Status, status, "status"),
        numerical=fields["numerical"],
        seconds={name: _amount(value, below("seconds", name)) for name, value in seconds.items()},
        peak_memory=as_integer(fields["peak_memory"], "peak_memory", 0),
        sizes={
            name: as_integer(value, below("sizes", name), 0) for name, value in as_map(fields["sizes"], "sizes").items()
        },
        counters={
            name: _amount(value, below("counters", name), None)
            for name, value in as_map(fields["counters"], "counters").items()
        },
        incumbents=tuple(
            _incumbent(moment, f"incumbents[{i}]")
            for i, moment in enumerate(as_list(fields["incumbents"], "incumbents"))
        ),
    )


def _label(value: object, path: str) -> str:
    """Any string: labels may be file names, which need not be text."""
    if not isinstance(value, str):
        raise InputError(f"expected a string, got {shown(value)}", path)
    return value


def _exact(value: object, path: str) -> Number | None:
    return None if value is None else to_number(value, path, bounded=False)


def _incumbent(moment: object, path: str) -> Incumbent:
    entries = as_list(moment, path)
    if len(entries) != 3:
        raise InputError("expected [seconds, loss, lower bound]", path)
    lower = to_number(entries[2], f"{path}[2]", bounded=False)
    return Incumbent(_amount(entries[0], f"{path}[0]"), _exact(entries[1], f"{path}[1]"), lower)


def _amount(value: object, path: str, most: float | None = LONGEST) -> float:
    """A measured number of at least 0: integers stay integers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InputError(f"expected a number of at least 0, got {shown(value)}", path)
    if most is not None and value > most:
        raise InputError(f"expected at most {most:.0e}, got {shown(value)}", path)
    return value


def _word(kind: type[Word], value: object, path: str) -> Word:
    if not isinstance(value, str) or value not in list(kind):
        raise InputError(f"expected one of {', '.join(kind)}, got {shown(value)}", path)
    return kind(value)
