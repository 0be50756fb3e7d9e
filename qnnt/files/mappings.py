"""Mapping files: the sidecar of an instance that was made from a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from qnnt.documents.fields import as_integer, as_list, as_object, as_text
from qnnt.errors import InputError
from qnnt.exact import LARGEST, shown
from qnnt.files.streams import STANDARD_INPUT
from qnnt.files.text import pretty, read_json, write_text
from qnnt.generation.columns import Bins, Categorical, Column, Kind, Numeric, Ordinal, Skip, Thermometer
from qnnt.generation.csv_table import number_of
from qnnt.generation.mapping import LabelCode, Labels, Missing, RowCounts, Split, TableMapping
from qnnt.instance import z_d

FORMAT = "qnnt-mapping/1"

_LONGEST_EDGE = 4000
_LARGEST_D = 1 << 20
_FIELDS = (
    "format",
    "source",
    "source_sha256",
    "target",
    "d",
    "missing",
    "inputs",
    "columns",
    "labels",
    "split",
    "rows",
)
_ROWS = ("total", "left_out", "training", "test", "unused")
_COLUMN_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.NUMERIC: ("bins", "edges", "values", "impute"),
    Kind.THERMOMETER: ("bins", "edges", "impute"),
    Kind.ORDINAL: ("levels", "values", "impute"),
    Kind.CATEGORICAL: ("levels",),
    Kind.SKIP: (),
}
E = TypeVar("E", bound=StrEnum)


def sidecar(instance_path: str, ending: str) -> str:
    """The path beside an instance file: ``dir/foo.json(.gz)`` gives ``dir/foo`` and the ending."""
    return instance_path.removesuffix(".gz").removesuffix(".json") + ending


def mapping_path(instance_path: str) -> str:
    """Where the mapping of an instance file is: ``foo.mapping`` beside ``foo.json``."""
    return sidecar(instance_path, ".mapping")


def load_mapping(path: str) -> TableMapping:
    """Read and validate a mapping file.

    Raises
    ------
    InputError
        One line: the file, the JSON path, what was expected.
    """
    document = read_json(path)
    try:
        return mapping_from(document)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def save_mapping(mapping: TableMapping, path: str) -> None:
    """Write a mapping file."""
    write_text(path, pretty(mapping_document(mapping)))


def mapping_document(mapping: TableMapping) -> dict[str, Any]:
    """The document that `mapping_from` reads back to an equal mapping."""
    return {
        "format": FORMAT,
        "source": mapping.source,
        "source_sha256": mapping.source_sha256,
        "target": mapping.target,
        "d": mapping.d,
        "missing": str(mapping.missing),
        "inputs": list(mapping.inputs),  # for readers: it follows from the columns
        "columns": [_column_document(column) for column in mapping.columns],
        "labels": {"code": str(mapping.labels.code), "classes": list(mapping.labels.classes)},
        "split": {"test": str(mapping.split.test), "seed": mapping.split.seed, "sample": mapping.split.sample},
        "rows": {key: getattr(mapping.rows, key) for key in _ROWS},
    }


def _column_document(column: Column) -> dict[str, Any]:
    document: dict[str, Any] = {"name": column.name, "kind": str(column.kind)}
    for key in _COLUMN_FIELDS[column.kind]:
        value = getattr(column, key)
        if key == "edges":
            value = [str(edge) for edge in value]
        document[key] = list(value) if isinstance(value, tuple) else value
    return document


def mapping_from(document: object) -> TableMapping:
    """Validate a document and build its mapping.

    Raises
    ------
    InputError
        With the path of the first mistake.
    """
    if isinstance(document, Mapping) and document.get("format") != FORMAT:
        raise InputError(f"expected {FORMAT!r}, got {shown(document.get('format'))}", "format")
    fields = as_object(document, "", _FIELDS, _FIELDS)
    d = as_integer(fields["d"], "d", 2, _LARGEST_D)
    missing = _one_of(Missing, fields["missing"], "missing")
    target = as_text(fields["target"], "target")
    columns = tuple(
        _column(entry, f"columns[{i}]", d, missing) for i, entry in enumerate(as_list(fields["columns"], "columns"))
    )
    seen = {target}
    for i, column in enumerate(columns):
        if column.name in seen:
            raise InputError(f"the column {shown(column.name)} is listed twice or the target", f"columns[{i}].name")
        seen.add(column.name)
    mapping = TableMapping(
        source=as_text(fields["source"], "source"),
        source_sha256=as_text(fields["source_sha256"], "source_sha256"),
        target=target,
        d=d,
        missing=missing,
        columns=columns,
        labels=_labels(fields["labels"], d),
        split=_split(fields["split"]),
        rows=_rows(fields["rows"]),
    )
    if _texts(fields["inputs"], "inputs") != mapping.inputs:
        raise InputError("the inputs are not those of the columns", "inputs")
    return mapping


def _column(entry: object, path: str, d: int, missing: Missing) -> Column:
    common = ("name", "kind")
    known = (*common, "bins", "edges", "values", "levels", "impute")
    kind = _one_of(Kind, as_object(entry, path, known, common)["kind"], f"{path}.kind")
    expected = (*common, *_COLUMN_FIELDS[kind])
    fields = as_object(entry, path, expected, expected)
    name = as_text(fields["name"], f"{path}.name")
    if kind is Kind.SKIP:
        return Skip(name)
    if kind is Kind.CATEGORICAL:
        return Categorical(name, _distinct(fields["levels"], f"{path}.levels"))
    if kind is Kind.ORDINAL:
        levels = _distinct(fields["levels"], f"{path}.levels")
        values = _values(fields["values"], f"{path}.values", d, len(levels))
        return Ordinal(name, levels, values, _impute(fields["impute"], f"{path}.impute", len(levels), missing))
    bins = _one_of(Bins, fields["bins"], f"{path}.bins")
    edges = _edges(fields["edges"], f"{path}.edges")
    impute = _impute(fields["impute"], f"{path}.impute", len(edges) + 1, missing)
    if kind is Kind.THERMOMETER:
        return Thermometer(name, bins, edges, impute)
    return Numeric(name, bins, edges, _values(fields["values"], f"{path}.values", d, len(edges) + 1), impute)


def _edges(value: object, path: str) -> tuple[Fraction, ...]:
    edges = []
    for i, text in enumerate(_texts(value, path)):
        edge = number_of(text, longest=_LONGEST_EDGE)
        if edge is None:
            raise InputError(f'expected a number as text, such as "3/2", got {shown(text)}', f"{path}[{i}]")
        edges.append(edge)
    if any(a >= b for a, b in pairwise(edges)):
        raise InputError("the cut points must be strictly increasing", path)
    return tuple(edges)


def _values(value: object, path: str, d: int, count: int) -> tuple[int, ...]:
    allowed = z_d(d)
    values = tuple(
        as_integer(entry, f"{path}[{i}]", allowed[0], allowed[-1]) for i, entry in enumerate(as_list(value, path))
    )
    if len(values) != count:
        raise InputError(f"expected {count} values, got {len(values)}", path)
    if any(a > b for a, b in pairwise(values)):
        raise InputError("the values must not decrease", path)
    return values


def _impute(value: object, path: str, count: int, missing: Missing) -> int | None:
    if missing is Missing.DROP:
        if value is not None:
            raise InputError("expected null, as rows with missing values are left out", path)
        return None
    return as_integer(value, path, 0, count - 1)


def _labels(value: object, d: int) -> Labels:
    fields = as_object(value, "labels", ("code", "classes"), ("code", "classes"))
    code = _one_of(LabelCode, fields["code"], "labels.code")
    classes = _distinct(fields["classes"], "labels.classes")
    if len(classes) < 2:
        raise InputError("expected at least two classes", "labels.classes")
    if code is LabelCode.INDEX and len(classes) > d // 2 + 1:
        raise InputError(f"{len(classes)} classes do not fit one output for d = {d}", "labels.classes")
    return Labels(code, classes)


def _split(value: object) -> Split:
    keys = ("test", "seed", "sample")
    fields = as_object(value, "split", keys, keys)
    test = number_of(as_text(fields["test"], "split.test"), longest=_LONGEST_EDGE)
    if test is None or not 0 <= test < 1:
        raise InputError(f"expected a fraction of at least 0 and below 1, got {shown(fields['test'])}", "split.test")
    sample = fields["sample"]
    return Split(
        test,
        as_integer(fields["seed"], "split.seed", 0, LARGEST),
        None if sample is None else as_integer(sample, "split.sample", 0, LARGEST),
    )


def _rows(value: object) -> RowCounts:
    fields = as_object(value, "rows", _ROWS, _ROWS)
    counts = {key: as_integer(fields[key], f"rows.{key}", 0, LARGEST) for key in _ROWS}
    if 2 * counts["total"] != sum(counts.values()):
        raise InputError("the parts do not sum up to the total", "rows")
    return RowCounts(**counts)


def _texts(value: object, path: str) -> tuple[str, ...]:
    return tuple(as_text(entry, f"{path}[{i}]") for i, entry in enumerate(as_list(value, path)))


def _distinct(value: object, path: str) -> tuple[str, ...]:
    texts = _texts(value, path)
    if len(set(texts)) < len(texts):
        raise InputError("the names must be distinct", path)
    return texts


def _one_of(words: type[E], value: object, path: str) -> E:
    if not isinstance(value, str) or value not in list(words):
        raise InputError(f"expected one of {', '.join(words)}, got {shown(value)}", path)
    return words(value)
