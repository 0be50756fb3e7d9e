"""``qnnt predict``: a trained network on the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from qnnt.files.results import Claim
    from qnnt.generation.prediction import Predictions


def predict_command(
    result: Annotated[str, typer.Argument(metavar="RESULT.json", help="Result of `qnnt solve` with a solution.")],
    table_file: Annotated[
        str, typer.Argument(metavar="NEW.csv", help="Table with the same columns; the target column may be absent.")
    ],
    instance: Annotated[
        str | None, typer.Option(metavar="FILE.json", help="The instance; default: the one the result names.")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(metavar="FILE.json", help="Default: FILE.mapping beside the instance FILE.json.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="OUT.csv", help="Write the predictions here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print predictions and counts as JSON on stdout.")] = False,
) -> None:
    """Predict the class of each row of a table.

    Prints a CSV table row,prediction (and label,correct if the table has the target column) on stdout,
    rows counted from 1; `?` is an output that is no class. The accuracy goes to stderr.
    """
    from qnnt.errors import CertificateError, InputError
    from qnnt.evaluation import check_parameters
    from qnnt.files.instances import load, sha256_of
    from qnnt.files.mappings import load_mapping, mapping_path
    from qnnt.files.results import load_claim
    from qnnt.files.streams import STANDARD_INPUT
    from qnnt.files.text import pretty, write_text
    from qnnt.generation.csv_table import read_csv
    from qnnt.generation.prediction import predict_table

    claim = load_claim(result)
    if claim.parameters is None:
        raise InputError(f"the result holds no solution (status {claim.status})", source=result)
    instance_file = instance or _instance_file(claim, result)
    trained = load(instance_file)
    if claim.instance_sha256 and claim.instance_sha256 != sha256_of(trained):
        raise CertificateError(f"{result}: the result is of another instance than {instance_file} (instance_sha256)")
    check_parameters(trained, claim.parameters)
    columns = load_mapping(mapping or mapping_path(instance_file))
    predictions = predict_table(read_csv(table_file), columns, trained, claim.parameters)
    if as_json:
        typer.echo(pretty(_document(predictions)), nl=False)
    if output is not None or not as_json:
        write_text(output or STANDARD_INPUT, _csv(predictions))
    if predictions.left_out:
        typer.echo(f"left out: {len(predictions.left_out)} rows with missing values", err=True)
    if predictions.accuracy is not None:
        counted = f"{predictions.correct} of {predictions.labelled}"
        typer.echo(f"accuracy {predictions.accuracy:.4g} ({counted})", err=True)


def _instance_file(claim: Claim, result: str) -> str:
    """The instance that the result names: from the working directory, else from the result's folder."""
    from qnnt.errors import InputError

    if claim.instance_file in {"", "-"}:
        raise InputError("the result names no instance file: give --instance FILE", source=result)
    named = Path(claim.instance_file)
    for place in (named, Path(result).parent / named):
        if place.is_file():
            return str(place)
    raise InputError(f"the instance {claim.instance_file} is not there: give --instance FILE", source=result)


def _csv(predictions: Predictions) -> str:
    from qnnt.generation.csv_table import csv_text
    from qnnt.generation.prediction import NO_CLASS

    names = ("row", "prediction", "label", "correct")
    rows = [
        (row.row, row.predicted or NO_CLASS, row.label or "", "" if row.correct is None else int(row.correct))
        for row in predictions.rows
    ]
    width = len(names) if predictions.has_labels else 2
    return csv_text(names[:width], [row[:width] for row in rows])


def _document(predictions: Predictions) -> dict[str, Any]:
    from qnnt.exact import to_json_number

    document: dict[str, Any] = {
        "rows": [
            {"row": row.row, "prediction": row.predicted, "outputs": [to_json_number(value) for value in row.outputs]}
            | ({"label": row.label, "correct": row.correct} if predictions.has_labels else {})
            for row in predictions.rows
        ],
        "left_out": list(predictions.left_out),
    }
    if predictions.has_labels:
        document["accuracy"] = predictions.accuracy
        document["correct"] = predictions.correct
        document["labelled"] = predictions.labelled
        document["confusion"] = [
            {"label": label, "prediction": predicted, "rows": count}
            for (label, predicted), count in predictions.confusion.items()
        ]
    return document
