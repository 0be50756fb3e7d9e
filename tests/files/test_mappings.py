"""Mapping files: there and back, and one clear line for each mistake."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from qnnt.errors import InputError
from qnnt.files.mappings import load_mapping, mapping_document, mapping_from, mapping_path, save_mapping, sidecar
from qnnt.generation.columns import Bins, Categorical, Numeric, Ordinal, Skip, Thermometer
from qnnt.generation.mapping import LabelCode, Labels, Missing, RowCounts, Split, TableMapping

MAPPING = TableMapping(
    source="t.csv",
    source_sha256="0" * 64,
    target="class",
    d=4,
    missing=Missing.IMPUTE,
    columns=(
        Numeric("age", Bins.QUANTILE, (Fraction(3, 2), Fraction(10**30)), (-1, 0, 1), 1),
        Thermometer("dose", Bins.UNIFORM, (Fraction(-1, 3), Fraction(0)), 2),
        Ordinal("size", ("small", "large"), (0, 1), 0),
        Categorical("colour", ("red", "grün")),
        Skip("id"),
    ),
    labels=Labels(LabelCode.INDEX, ("no", "yes")),
    split=Split(Fraction(3, 10), 7, 20),
    rows=RowCounts(total=40, left_out=1, training=20, test=11, unused=8),
)
COLUMNS = ("numeric", "thermometer", "ordinal", "categorical", "skip")


def test_files_hold_equal_mappings(tmp_path: Path) -> None:
    path = tmp_path / "t.mapping"
    save_mapping(MAPPING, str(path))
    assert load_mapping(str(path)) == MAPPING
    assert json.loads(path.read_text())["columns"][0]["edges"] == ["3/2", "1" + "0" * 30]


def test_mappings_that_drop_rows_impute_nothing() -> None:
    mapping = TableMapping(
        **{
            **{key: getattr(MAPPING, key) for key in MAPPING.__dataclass_fields__},
            "missing": Missing.DROP,
            "columns": (Numeric("age", Bins.QUANTILE, (), (0,), None), Ordinal("size", ("a",), (0,), None)),
            "split": Split(Fraction(0), 0, None),
        }
    )
    assert mapping_from(mapping_document(mapping)) == mapping


def test_sidecars_lie_beside_the_instance() -> None:
    assert mapping_path("dir/foo.json") == "dir/foo.mapping"
    assert mapping_path("foo.json.gz") == "foo.mapping"
    assert sidecar("dir/foo", ".test.csv") == "dir/foo.test.csv"


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("format",), "qnnt-instance/1", "$.format: expected 'qnnt-mapping/1', got 'qnnt-instance/1'"),
        (("d",), 1, "$.d: expected an integer of at least 2, got 1"),
        (("d",), None, "$.d: expected an integer, got null"),
        (("missing",), "guess", "$.missing: expected one of impute, drop, got 'guess'"),
        (("missing",), "drop", "$.columns[0].impute: expected null"),
        (("target",), "size", "$.columns[2].name: the column 'size' is listed twice or the target"),
        (("inputs",), ["age"], "$.inputs: the inputs are not those of the columns"),
        (("columns",), {}, "$.columns: expected a list"),
        (("columns", 0, "kind"), "magic", "$.columns[0].kind: expected one of numeric, thermometer"),
        (("columns", 0, "kind"), [], "$.columns[0].kind: expected one of numeric, thermometer"),
        (("columns", 0, "levels"), [], "$.columns[0]: unknown key 'levels'"),
        (("columns", 0, "name"), 5, "$.columns[0].name: expected a string, got 5"),
        (("columns", 0, "bins"), "odd", "$.columns[0].bins: expected one of quantile, uniform, got 'odd'"),
        (("columns", 0, "edges", 0), 1, "$.columns[0].edges[0]: expected a string, got 1"),
        (("columns", 0, "edges", 0), "x", "$.columns[0].edges[0]: expected a number as text"),
        (("columns", 0, "edges"), ["2", "2"], "$.columns[0].edges: the cut points must be strictly increasing"),
        (("columns", 0, "values"), [0, 1], "$.columns[0].values: expected 3 values, got 2"),
        (("columns", 0, "values"), [1, 0, 2], "$.columns[0].values: the values must not decrease"),
        (("columns", 0, "values", 2), 3, "$.columns[0].values[2]: expected an integer of at most 2, got 3"),
        (("columns", 0, "impute"), 3, "$.columns[0].impute: expected an integer of at most 2, got 3"),
        (("columns", 1, "impute"), None, "$.columns[1].impute: expected an integer, got null"),
        (("columns", 2, "levels"), ["a", "a"], "$.columns[2].levels: the names must be distinct"),
        (("columns", 3, "levels", 0), None, "$.columns[3].levels[0]: expected a string, got null"),
        (("labels", "code"), "auto", "$.labels.code: expected one of index, onehot, got 'auto'"),
        (("labels", "classes"), ["a"], "$.labels.classes: expected at least two classes"),
        (("labels", "classes"), ["a", "b", "c", "d"], "$.labels.classes: 4 classes do not fit one output for d = 4"),
        (("split", "test"), "1", "$.split.test: expected a fraction"),
        (("split", "seed"), -1, "$.split.seed: expected an integer of at least 0, got -1"),
        (("split", "sample"), "5", "$.split.sample: expected an integer, got '5'"),
        (("rows", "unused"), 9, "$.rows: the parts do not sum up to the total"),
    ],
)
def test_mistakes_name_their_place(tmp_path: Path, place: tuple[str | int, ...], value: object, message: str) -> None:
    document: Any = copy.deepcopy(mapping_document(MAPPING))
    body = document
    for key in place[:-1]:
        body = body[key]
    body[place[-1]] = value
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        load_mapping(str(path))
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_every_member_is_required_and_no_other_allowed() -> None:
    document = mapping_document(MAPPING)
    for key in document.keys() - {"format"}:
        with pytest.raises(InputError, match=f"the key '{key}' is missing"):
            mapping_from({k: v for k, v in document.items() if k != key})
    with pytest.raises(InputError, match="unknown key 'extra'"):
        mapping_from({**document, "extra": 1})
    for i, kind in enumerate(COLUMNS):
        column = document["columns"][i]
        assert column["kind"] == kind
        for key in column:
            broken = copy.deepcopy(document)
            del broken["columns"][i][key]
            with pytest.raises(InputError, match=rf"columns\[{i}\]: the key '{key}' is missing"):
                mapping_from(broken)


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_other_documents(document: object) -> None:
    with pytest.raises(InputError, match="expected an object"):
        mapping_from(document)
