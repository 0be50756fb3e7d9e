"""A d-QNNT instance from a CSV table: columns become inputs, classes become outputs, rows become samples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from qnnt.errors import InputError
from qnnt.exact import LARGEST, shown
from qnnt.generation.choices import Choice
from qnnt.generation.columns import Bins, Column, Kind, Skip
from qnnt.generation.csv_table import CsvTable
from qnnt.generation.learning import automatic, in_order, learn
from qnnt.generation.mapping import LabelCode, Labels, Missing, RowCounts, Split, TableMapping
from qnnt.generation.splitting import Parts, split_rows
from qnnt.instance import Dataset, Instance


@dataclass(frozen=True)
class TableOptions:
    """What to make of a table.

    Attributes
    ----------
    target
        The column of the labels.
    d
        Weights, biases and data lie in Z_d.
    hidden
        Sizes of the hidden layers; may be empty.
    bins
        How cut points of numbers are learned.
    numbers
        The kind of a number column that `columns` does not name: numeric or thermometer.
    columns
        Choices for single columns. Any other is `numbers` if all its values are numbers, else
        categorical; it is skipped if the training rows show at most one value in it.
    labels
        The code of the classes; "auto" is index if it fits Z_d, else onehot.
    classes
        Their order; empty: sorted, as numbers if all of them are.
    test
        The fraction of rows held out, 0 <= test < 1, stratified by class.
    sample
        Keep this many training rows, stratified by class; None keeps all.
    """

    target: str
    d: int
    hidden: tuple[int, ...]
    bins: Bins = Bins.QUANTILE
    numbers: Literal[Kind.NUMERIC, Kind.THERMOMETER] = Kind.NUMERIC
    columns: Mapping[str, Choice] = field(default_factory=dict)
    missing: Missing = Missing.IMPUTE
    labels: LabelCode | Literal["auto"] = "auto"
    classes: tuple[str, ...] = ()
    test: Fraction = Fraction(0)
    seed: int = 0
    sample: int | None = None
    error_bound: int | None = None
    name: str = ""


@dataclass(frozen=True)
class TableInstance:
    """An instance made from a table, its mapping, and the rows that were held out, as they were read."""

    instance: Instance
    mapping: TableMapping
    test_rows: tuple[tuple[str, ...], ...]


def from_table(table: CsvTable, options: TableOptions) -> TableInstance:
    """Make the instance; the same table and options always give the same one.

    Equal samples are merged: their number is the sample's weight.

    Raises
    ------
    InputError
        One line naming the file: no such column, fewer than two classes, a cell that does not fit
        its kind, too many classes for one output, or an option out of its range.
    """
    try:
        return _from_table(table, options)
    except InputError as error:
        raise error.within(table.source) from None


def certain_conflicts(data: Dataset) -> int:
    """The weight of samples that no network can match: equal inputs with a label other than the commonest."""
    labels: defaultdict[object, Counter[object]] = defaultdict(Counter)
    for x, y, weight in zip(data.x, data.y, data.weight, strict=True):
        labels[x][y] += weight
    return sum(count.total() - max(count.values()) for count in labels.values())


def _from_table(table: CsvTable, options: TableOptions) -> TableInstance:
    from qnnt.documents.construction import d_qnnt

    _check(table, options)
    classes_of_rows = table.cells(options.target)
    usable = _usable_rows(table, options, classes_of_rows)
    labels = _labels({str(classes_of_rows[i]) for i in usable}, options)
    parts = split_rows(
        {c: [i for i in usable if classes_of_rows[i] == c] for c in labels.classes},
        options.test,
        options.seed,
        options.sample,
    )
    mapping = TableMapping(
        source=table.source,
        source_sha256=table.sha256,
        target=options.target,
        d=options.d,
        missing=options.missing,
        columns=tuple(
            _column(name, table.cells(name), parts.training, options) for name in table.names if name != options.target
        ),
        labels=labels,
        split=Split(options.test, options.seed, options.sample),
        rows=_counts(table, parts),
    )
    if not mapping.inputs:
        raise InputError("no inputs: every column is skipped or has one value in all training rows")
    # Held-out rows are encoded as well: a cell that does not fit is better found now than at prediction.
    mapping.vectors(table, parts.test)
    vectors = mapping.vectors(table, parts.training)
    samples = Counter((vectors[i], labels.vectors[str(classes_of_rows[i])]) for i in parts.training)
    instance = d_qnnt(
        options.d,
        (len(mapping.inputs), *options.hidden, labels.outputs),
        [x for x, _ in samples],
        [y for _, y in samples],
        weight=list(samples.values()) if len(samples) < len(parts.training) else None,
        error_bound=options.error_bound,
        name=options.name or table.source.removesuffix(".csv"),
    )
    return TableInstance(instance, mapping, tuple(table.rows[i] for i in parts.test))


def _check(table: CsvTable, options: TableOptions) -> None:
    if options.d < 2:
        raise InputError(f"expected d of at least 2, got {options.d}")
    if options.target not in table.positions:
        raise InputError(f"no column {shown(options.target)}; columns: {', '.join(table.names)}")
    if options.target in options.columns:
        raise InputError(f"the column {shown(options.target)} is the target and cannot have a kind")
    for name in options.columns:
        if name not in table.positions:
            raise InputError(f"no column {shown(name)}; columns: {', '.join(table.names)}")
    if not 0 <= options.test < 1:
        raise InputError(f"expected a test fraction of at least 0 and below 1, got {options.test}")
    if not 0 <= options.seed <= LARGEST:
        raise InputError(f"expected a seed from 0 to 2^62, got {shown(options.seed)}")


def _usable_rows(table: CsvTable, options: TableOptions, labels: Sequence[str | None]) -> list[int]:
    """The rows with a label and, if the others are dropped, with every value of the columns not skipped."""
    needed = [
        table.cells(name)
        for name in table.names
        if options.missing is Missing.DROP
        and name != options.target
        and not (name in options.columns and options.columns[name].kind is Kind.SKIP)
    ]
    return [
        i for i, label in enumerate(labels) if label is not None and all(column[i] is not None for column in needed)
    ]


def _labels(found: set[str], options: TableOptions) -> Labels:
    classes = options.classes or in_order(found)
    if len(set(classes)) < len(classes):
        raise InputError("a class is listed twice")
    unlisted = sorted(found - set(classes))
    if unlisted:
        raise InputError(f"the class {shown(unlisted[0])} of column {options.target} is not among those listed")
    if len(found) < 2:
        raise InputError(f"expected at least two classes in column {options.target}, got {len(found)}")
    largest = options.d // 2  # outputs range over 0..ceil((d-1)/2)
    fits = len(classes) <= largest + 1
    if options.labels == "auto":
        return Labels(LabelCode.INDEX if fits else LabelCode.ONEHOT, classes)
    if options.labels is LabelCode.INDEX and not fits:
        raise InputError(
            f"{len(classes)} classes do not fit one output in 0..{largest} for d = {options.d}: use onehot labels"
        )
    return Labels(options.labels, classes)


def _column(name: str, cells: Sequence[str | None], training: Sequence[int], options: TableOptions) -> Column:
    shown_to_training = [cells[i] for i in training]
    choice = options.columns.get(name)
    if choice is None:
        if len({cell for cell in shown_to_training if cell is not None}) < 2:
            return Skip(name)
        choice = Choice(automatic(cells, options.numbers))
    impute = options.missing is Missing.IMPUTE
    return learn(name, choice, shown_to_training, d=options.d, bins=options.bins, impute=impute)


def _counts(table: CsvTable, parts: Parts) -> RowCounts:
    sizes = {"training": len(parts.training), "test": len(parts.test), "unused": len(parts.unused)}
    return RowCounts(total=len(table.rows), left_out=len(table.rows) - sum(sizes.values()), **sizes)
