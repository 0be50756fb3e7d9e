"""A trained network on the rows of a table: classes, and how many of them are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from qnnt.evaluation import outputs_at
from qnnt.exact import Number
from qnnt.generation.csv_table import CsvTable, value_of
from qnnt.generation.mapping import TableMapping
from qnnt.instance import Instance, Parameters

NO_CLASS = "?"
"""How a prediction without a class is written."""


@dataclass(frozen=True)
class Prediction:
    """One row's.

    Attributes
    ----------
    row
        Counted from 1, without the header.
    predicted
        None if the output vector is no class's code.
    outputs
        The network's output vector.
    label
        What the table says; None if it has no target column or misses the value.
    """

    row: int
    predicted: str | None
    outputs: tuple[Number, ...]
    label: str | None

    @property
    def correct(self) -> bool | None:
        """Whether the label was predicted; None without a label."""
        return None if self.label is None else self.predicted == self.label


@dataclass(frozen=True)
class Predictions:
    """All rows of a table but those that the mapping's missing rule leaves out."""

    rows: tuple[Prediction, ...]
    left_out: tuple[int, ...]
    has_labels: bool

    @cached_property
    def labelled(self) -> int:
        """How many rows have a label."""
        return sum(row.label is not None for row in self.rows)

    @cached_property
    def correct(self) -> int:
        """How many of them were predicted."""
        return sum(row.correct is True for row in self.rows)

    @property
    def accuracy(self) -> float | None:
        """The fraction of labelled rows that were predicted; None if there is none."""
        return self.correct / self.labelled if self.labelled else None

    @cached_property
    def confusion(self) -> Mapping[tuple[str, str | None], int]:
        """How often each (label, prediction) occurs."""
        return Counter((row.label, row.predicted) for row in self.rows if row.label is not None)


def predict_table(table: CsvTable, mapping: TableMapping, instance: Instance, parameters: Parameters) -> Predictions:
    """Predict a class for each row.

    Parameters
    ----------
    table
        Has the mapping's columns, in any order; the target column may be absent.
    parameters
        Checked for this instance (`qnnt.evaluation.check_parameters`).

    Raises
    ------
    InputError
        If the mapping does not fit the instance, a column is missing, or a cell does not fit.
    """
    mapping.check_fits(instance)
    vectors = mapping.vectors(table, range(len(table.rows)))
    outputs = {x: outputs_at(instance, parameters, x) for x in set(vectors.values())}
    target = table.positions.get(mapping.target)
    rows = tuple(
        Prediction(
            row=i + 1,
            predicted=mapping.labels.decode(outputs[x]),
            outputs=outputs[x],
            label=None if target is None else value_of(table.rows[i][target]),
        )
        for i, x in vectors.items()
    )
    left_out = tuple(i + 1 for i in range(len(table.rows)) if i not in vectors)
    return Predictions(rows, left_out, target is not None)
