"""Runs as documents, one line each: what comparisons write down and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from qnnt.documents.fields import as_map
from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_json_number, to_number
from qnnt.files.results import result_document
from qnnt.instance import Objective
from qnnt.result import Incumbent, Result, Status
from qnnt.verdicts import Run, Verdict, apparent_verdict

FORMAT = "qnnt-run/1"
SECOND_DIGITS = 4
"""Of seconds, behind the point."""
LONGEST = 1e12
"""Seconds of a run; what is longer is no measurement."""

Word = TypeVar("Word", Objective, Status, Verdict)


def run_of(result: Result, instance: str, solver: str, seconds: float, log: str = "") -> Run:
    """The run that ended with a result.

    Parameters
    ----------
    instance, solver
        Their labels.
    seconds
        Wall clock of the whole run.
    log
        The end of what its process wrote to standard error.
    """
    bound = result.options.get("bound")
    document = result_document(result)
    return Run(
        instance=instance,
        sha256=result.instance_sha256,
        solver=solver,
        objective=result.objective,
        bound=None if bound is None else to_number(bound, bounded=False),
        apparent=apparent_verdict(result),
        problem=result.note,
        status=result.status,
        loss=result.loss,
        lower_bound=result.lower_bound,
        numerical=result.numerical,
        seconds=round(seconds, SECOND_DIGITS),
        incumbents=_incumbents(document),  # rounded as they are written: read back, a run is the same
        result=document,
        log=log,
    )


def run_document(run: Run) -> dict[str, Any]:
    """The document of a run; status, losses and bounds stand in its result."""
    return {
        "format": FORMAT,
        "instance": run.instance,
        "instance_sha256": run.sha256,
        "solver": run.solver,
        "objective": str(run.objective),
        "bound": None if run.bound is None else to_json_number(run.bound),
        "apparent": None if run.apparent is None else str(run.apparent),
        "problem": run.problem,
        "seconds": round(run.seconds, SECOND_DIGITS),
        "log": run.log,
        "result": None if run.result is None else dict(run.result),
    }


def run_from(document: object) -> Run:
    """The inverse of `run_document`.

    Raises
    ------
    InputError
        If it is no such document.
    """
    fields = as_map(document, "")
    if fields.get("format") != FORMAT:
        raise InputError(f"expected {FORMAT!r}, got {shown(fields.get('format'))}", "format")
    result = None if fields.get("result") is None else as_map(fields["result"], "result")
    known = {} if result is None else _known_by(result)
    apparent = fields.get("apparent")
    return Run(
        instance=_text(fields.get("instance"), "instance"),
        sha256=_text(fields.get("instance_sha256"), "instance_sha256"),
        solver=_text(fields.get("solver"), "solver"),
        objective=_word(Objective, fields.get("objective"), "objective"),
        bound=_number_or_none(fields.get("bound"), "bound"),
        apparent=None if apparent is None else _word(Verdict, apparent, "apparent"),
        problem=_text(fields.get("problem"), "problem"),
        seconds=_seconds(fields.get("seconds"), "seconds"),
        log=_text(fields.get("log"), "log"),
        result=result,
        **known,
    )


def _known_by(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": _word(Status, result.get("status"), "result.status"),
        "loss": _number_or_none(result.get("loss"), "result.loss"),
        "lower_bound": _number_or_none(result.get("lower_bound"), "result.lower_bound"),
        "incumbents": _incumbents(result),
        "numerical": _flag(result.get("numerical", False), "result.numerical"),
    }


def _incumbents(result: Mapping[str, Any]) -> tuple[Incumbent, ...]:
    moments = result.get("incumbents")
    if not isinstance(moments, list) or not all(isinstance(moment, list) and len(moment) == 3 for moment in moments):
        raise InputError("expected a list of [seconds, loss, lower bound]", "result.incumbents")
    return tuple(_incumbent(moment, f"result.incumbents[{i}]") for i, moment in enumerate(moments))


def _incumbent(moment: list[Any], path: str) -> Incumbent:
    seconds, loss, lower = moment
    known = _number_or_none(loss, f"{path}[1]")
    return Incumbent(_seconds(seconds, f"{path}[0]"), known, to_number(lower, f"{path}[2]", bounded=False))


def _number_or_none(value: object, path: str) -> Number | None:
    return None if value is None else to_number(value, path, bounded=False)


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"expected true or false, got {shown(value)}", path)
    return value


def _text(value: object, path: str) -> str:
    """Any string: labels are file names, which need not be text."""
    if not isinstance(value, str):
        raise InputError(f"expected a string, got {shown(value)}", path)
    return value


def _seconds(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
        raise InputError(f"expected seconds, got {shown(value)}", path)
    return float(value)


def _word(kind: type[Word], value: object, path: str) -> Word:
    if not isinstance(value, str) or value not in list(kind):
        raise InputError(f"expected one of {', '.join(kind)}, got {shown(value)}", path)
    return kind(value)
