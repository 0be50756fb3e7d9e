"""What ties an instance to the table it was made from: how cells become inputs and classes become outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from qnnt.errors import InputError
from qnnt.exact import Number, shown
from qnnt.generation.columns import Column, Kind
from qnnt.generation.csv_table import CsvTable, value_of
from qnnt.instance import Instance


class Missing(StrEnum):
    """What is done with a row that misses a value; a row without a label is always left out."""

    IMPUTE = "impute"
    """Numbers and ordinal levels: the median of the training rows. Categorical: all inputs 0."""
    DROP = "drop"
    """The row is left out."""


class LabelCode(StrEnum):
    """How a class becomes an output vector."""

    INDEX = "index"
    """One output; class i is the value i."""
    ONEHOT = "onehot"
    """One output in {0,1} per class."""


@dataclass(frozen=True)
class Labels:
    """The classes, in order, and their code. An output vector that is no code is no class."""

    code: LabelCode
    classes: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return 1 if self.code is LabelCode.INDEX else len(self.classes)

    @cached_property
    def vectors(self) -> dict[str, tuple[int, ...]]:
        """The output vector of each class."""
        if self.code is LabelCode.INDEX:
            return {name: (i,) for i, name in enumerate(self.classes)}
        return {name: tuple(int(other == name) for other in self.classes) for name in self.classes}

    @cached_property
    def _names(self) -> dict[tuple[Number, ...], str]:
        return {vector: name for name, vector in self.vectors.items()}

    def decode(self, outputs: Sequence[Number]) -> str | None:
        """The class of an output vector, or None."""
        return self._names.get(tuple(outputs))


@dataclass(frozen=True)
class Split:
    """How rows were shared out: the fraction held out, the seed, the number of training rows asked for."""

    test: Fraction
    seed: int
    sample: int | None


@dataclass(frozen=True)
class RowCounts:
    """Where the table's rows went; the other four sum up to `total`."""

    total: int
    left_out: int
    training: int
    test: int
    unused: int


@dataclass(frozen=True)
class TableMapping:
    """From rows of a table to input vectors in Z_d^inputs, and from output vectors back to classes.

    Attributes
    ----------
    source, source_sha256
        Base name and digest of the CSV file.
    target
        The column of the labels; not among `columns`.
    columns
        In the table's order; the inputs of the network are theirs, one column after the other.
    """

    source: str
    source_sha256: str
    target: str
    d: int
    missing: Missing
    columns: tuple[Column, ...]
    labels: Labels
    split: Split
    rows: RowCounts

    @property
    def inputs(self) -> tuple[str, ...]:
        """What each input of the network says, in words."""
        return tuple(name for column in self.columns for name in column.inputs)

    @property
    def used(self) -> tuple[Column, ...]:
        """The columns that a table must have."""
        return tuple(column for column in self.columns if column.kind is not Kind.SKIP)

    def vectors(self, table: CsvTable, rows: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """The input vectors of these rows of a table, counted from 0, without those that are left out.

        Raises
        ------
        InputError
            If a column is missing, or a cell does not fit; it names row and column.
        """
        absent = [column.name for column in self.used if column.name not in table.positions]
        if absent:
            raise InputError(f"no column {shown(absent[0])}; columns: {', '.join(table.names)}", source=table.source)
        places = [(column, table.positions[column.name]) for column in self.used]
        vectors: dict[int, tuple[int, ...]] = {}
        for i in rows:
            cells = [(column, value_of(table.rows[i][place])) for column, place in places]
            if self.missing is Missing.DROP and any(cell is None for _, cell in cells):
                continue
            vector: list[int] = []
            for column, cell in cells:
                try:
                    vector += column.encode(cell)
                except InputError as error:
                    problem = f"row {i + 1}, column {column.name}: {error.problem}"
                    raise InputError(problem, source=table.source) from None
            vectors[i] = tuple(vector)
        return vectors

    def check_fits(self, instance: Instance) -> None:
        """Raise an InputError unless the instance has this mapping's d, inputs and outputs."""
        if instance.d != self.d:
            raise InputError(f"the mapping is for d = {self.d}, the instance has d = {instance.d}")
        for what, mine, theirs in (
            ("inputs", len(self.inputs), len(instance.network.inputs)),
            ("outputs", self.labels.outputs, len(instance.network.outputs)),
        ):
            if mine != theirs:
                raise InputError(f"the mapping gives {mine} {what}, the instance has {theirs}")
