"""``qnnt generate csv``: an instance from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def csv_command(
    table_file: Annotated[str, typer.Argument(metavar="DATA.csv", help="Table with a header row.")],
    target: Annotated[str, typer.Option(help="Column of the labels.")],
    d: Annotated[int, typer.Option("--d", help="Weights, biases and data lie in Z_d.")],
    hidden: Annotated[
        list[str], typer.Option(help="Size of a hidden layer, repeated; or 3,2; or none.", metavar="SIZES")
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.json",
            help="Instance; FILE.mapping and FILE.test.csv go beside it. '-': the instance alone, on stdout.",
        ),
    ],
    bins: Annotated[str, typer.Option(help="Cut points of numbers: quantile or uniform.")] = "quantile",
    thermometer: Annotated[
        bool, typer.Option("--thermometer", help="Numbers as one 0/1 input per cut point, not as one input.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=KIND",
            help="numeric[:BINS], thermometer[:BINS], ordinal[:LEVEL,LEVEL,...], categorical or skip; "
            "default: numeric if all values are numbers, else categorical.",
        ),
    ] = None,
    missing: Annotated[str, typer.Option(help="Missing values: impute (the median) or drop (the row).")] = "impute",
    labels: Annotated[str, typer.Option(help="Code of the classes: auto, index or onehot.")] = "auto",
    classes: Annotated[str, typer.Option(help="The classes in order, as A,B,...; default: sorted.")] = "",
    test: Annotated[str, typer.Option(help="Fraction of rows to hold out, such as 0.3 or 1/3.")] = "0",
    seed: Annotated[int, typer.Option(help="Of the split.")] = 0,
    rows: Annotated[int | None, typer.Option(help="Keep only this many training rows, stratified.")] = None,
    error_bound: Annotated[int | None, typer.Option(help="Mismatches that the instance allows.")] = None,
    name: Annotated[str, typer.Option(help="Name of the instance; default: that of the table.")] = "",
) -> None:
    """Make a d-QNNT instance from a CSV table.

    Columns of numbers are cut into at most d bins, other columns get one 0/1 input per level; the cut
    points and levels are learned on the training rows alone and written to FILE.mapping, which
    `qnnt predict` applies to new tables. Missing values: empty, ?, nan, NA.
    """
    from qnnt.documents.writer import document_of
    from qnnt.errors import InputError
    from qnnt.files.instances import save
    from qnnt.files.mappings import mapping_path, save_mapping, sidecar
    from qnnt.files.streams import STANDARD_INPUT
    from qnnt.files.text import write_text
    from qnnt.generation.choices import choices_from, class_names, fraction, layer_sizes, word
    from qnnt.generation.columns import Bins, Kind
    from qnnt.generation.csv_table import csv_text, read_csv
    from qnnt.generation.mapping import LabelCode, Missing
    from qnnt.generation.tables import TableOptions, certain_conflicts, from_table

    table = read_csv(table_file)
    made = from_table(
        table,
        TableOptions(
            target=target,
            d=d,
            hidden=layer_sizes(hidden),
            bins=word(Bins, bins, "--bins"),
            numbers=Kind.THERMOMETER if thermometer else Kind.NUMERIC,
            columns=choices_from(column or [], table.names),
            missing=word(Missing, missing, "--missing"),
            labels="auto" if labels == "auto" else word(LabelCode, labels, "--labels", "auto"),
            classes=class_names(classes),
            test=fraction(test),
            seed=seed,
            sample=rows,
            error_bound=error_bound,
            name=name,
        ),
    )
    mapping = made.mapping
    test_path = sidecar(output, ".test.csv")
    if output == STANDARD_INPUT:
        save(made.instance, output)
    else:
        for path in (output, mapping_path(output), test_path):
            if Path(path).resolve() == Path(table_file).resolve():
                raise InputError("the output would replace the table", source=path)
        save_mapping(mapping, mapping_path(output))
        if made.test_rows:
            write_text(test_path, csv_text(table.names, made.test_rows))
        save(made.instance, output)

    counts = mapping.rows
    skipped = [entry.name for entry in mapping.columns if entry.kind is Kind.SKIP]
    data = made.instance.dataset
    layers = "-".join(map(str, document_of(made.instance)["network"]["layers"]))
    parts = {"for training": counts.training, "held out": counts.test}
    parts |= {"left out": counts.left_out, "unused": counts.unused}
    summary = [
        "rows: " + ", ".join(f"{count} {part}" for part, count in parts.items()),
        f"inputs: {len(mapping.inputs)}, network {layers}, d = {d}"
        + (f"; skipped: {', '.join(skipped)}" if skipped else ""),
        f"distinct inputs: {len(set(data.x))}, certain conflicts: {certain_conflicts(data)}",
    ]
    if output == STANDARD_INPUT:
        summary.append("no mapping is written: it goes beside a file (-o FILE.json)")
    for line in summary:
        typer.echo(line, err=True)
