"""Seven real tables: small qnnt networks, proved or with their gap, beside logistic regression and an optimal tree.

Networks [k, 3, o] for d = 2, 3, 4: k inputs as `qnnt generate csv` makes them, three hidden neurons, and one output,
whose value is the number of the class; where Z_d has too few values for the classes, one output per class. For
each d all three methods get the same k inputs and the same rows: 30 percent held out with seed 0, or the test set
that comes with the table (MONK's problems). The tree (`optimal_tree.py`) has depth three and the fewest mistakes
that it can have on the training rows; its features ask whether an input lies above one of its values.

Finished runs are kept in a file, so that the script goes on where it stopped; another limit, solver or number of
threads makes other runs. Logistic regression needs scikit-learn: pip install 'qnnt[tables]'.

    python benchmarks/tables.py [--limit 60] [--threads 2] [--solver auto] [--tables NAME...] [--d 2 3 4]
                                [--runs results/tables.jsonl] [-o docs/tables.md]
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from make_suite_instances import DATA
from make_suite_instances import TABLES as COLUMNS
from optimal_tree import best_tree, thermometer

import qnnt
from qnnt.files.instances import sha256_of
from qnnt.generation.choices import choices_from
from qnnt.generation.csv_table import CsvTable, read_csv, value_of
from qnnt.generation.prediction import predict_table
from qnnt.generation.tables import TableInstance, TableOptions, from_table

HIDDEN = 3
HELD_OUT = Fraction(3, 10)
TESTS = {"monks-1": "monks1_test.csv", "monks-2": "monks2_test.csv"}
"""Test sets of their own."""
TITLES = {
    "breast-cancer-ljubljana": "breast-cancer (Ljubljana)",
    "monks-1": "monks-1",
    "monks-2": "monks-2",
    "tic-tac-toe": "tic-tac-toe",
    "haberman": "haberman",
    "balance-scale": "balance-scale",
    "ionosphere": "ionosphere",
}


@dataclass(frozen=True)
class Task:
    """A table with one d, split into training and test rows.

    Attributes
    ----------
    training, test
        Inputs, shape (rows, k), and classes as numbers, shape (rows,).
    held_out
        The test rows as a table.
    """

    name: str
    d: int
    made: TableInstance
    training: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    test: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    held_out: CsvTable


@dataclass(frozen=True)
class Run:
    """What qnnt found: accuracies are fractions of rows."""

    loss: str
    lower_bound: str
    optimal: bool
    seconds: float
    training: float
    test: float


@dataclass(frozen=True)
class Accuracy:
    """Fractions of rows that a method gets right."""

    training: float
    test: float


# --- the tables ----------------------------------------------------------------------------------


def task(name: str, d: int) -> Task:
    """Read a table, split it, and make its instance."""
    file, target, columns = COLUMNS[name]
    table = read_csv(str(DATA / file))
    options = TableOptions(
        target=target,
        d=d,
        hidden=(HIDDEN,),
        columns=choices_from(columns, table.names),
        test=Fraction(0) if name in TESTS else HELD_OUT,
        name=f"{name}-d{d}",
    )
    made = from_table(table, options)
    if name in TESTS:
        held_out, rows = read_csv(str(DATA / TESTS[name])), table.rows
    else:
        held_out = CsvTable(table.source, table.sha256, table.names, made.test_rows)
        rows = _without(table.rows, made.test_rows)
    training = CsvTable(table.source, table.sha256, table.names, rows)
    return Task(name, d, made, _vectors(training, made), _vectors(held_out, made), held_out)


def _without(rows: Sequence[tuple[str, ...]], dropped: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Equal rows are dropped as often as they occur among the dropped ones."""
    left = list(rows)
    for row in dropped:
        left.remove(row)
    return tuple(left)


def _vectors(table: CsvTable, made: TableInstance) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    mapping = made.mapping
    vectors = mapping.vectors(table, range(len(table.rows)))
    labels = [value_of(table.rows[i][table.positions[mapping.target]]) for i in vectors]
    numbers = [mapping.labels.classes.index(str(label)) for label in labels]
    return np.array(list(vectors.values()), np.int64), np.array(numbers, np.int64)


# --- the methods ---------------------------------------------------------------------------------


def trained(one: Task, solver: str, limit: float, threads: int) -> Run:
    """The network that qnnt finds within the limit."""
    instance = one.made.instance
    found = qnnt.solve(instance, solver=solver, time_limit=limit, threads=threads)
    if found.solution is None or found.loss is None:
        raise SystemExit(f"{instance.name}: no solution, {found.note}")
    predictions = predict_table(one.held_out, one.made.mapping, instance, found.solution.parameters)
    return Run(
        str(found.loss),
        str(found.lower_bound),
        found.status is qnnt.Status.OPTIMAL,
        found.seconds["total"],
        float(1 - Fraction(found.loss) / instance.dataset.total_weight),
        predictions.correct / predictions.labelled,
    )


def logistic_regression(one: Task) -> Accuracy:
    """Of scikit-learn, with its defaults, on inputs of mean 0 and variance 1."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        raise SystemExit("logistic regression needs scikit-learn: pip install 'qnnt[tables]'") from None
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as no convergence
        model.fit(*one.training)
    return Accuracy(float(model.score(*one.training)), float(model.score(*one.test)))


def optimal_tree(one: Task) -> Accuracy:
    """Depth three, the fewest mistakes on the training rows."""
    inputs, labels = one.training
    tree = best_tree(thermometer(inputs, inputs), labels, len(one.made.mapping.labels.classes))
    right = [(tree.predicted(thermometer(x, inputs)) == y).mean() for x, y in (one.training, one.test)]
    return Accuracy(float(right[0]), float(right[1]))


def commonest_class(one: Task) -> Accuracy:
    """What costs nothing: the commonest class of the training rows for everything."""
    commonest = np.bincount(one.training[1]).argmax()
    return Accuracy(float((one.training[1] == commonest).mean()), float((one.test[1] == commonest).mean()))


# --- runs that are kept --------------------------------------------------------------------------


class Kept:
    """Finished runs in a file, a line of JSON each; a line that was cut off does not count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._runs: dict[str, dict[str, Any]] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                document = json.loads(line)
            except json.JSONDecodeError:
                continue
            self._runs[document["key"]] = document["run"]

    def run(self, one: Task, solver: str, limit: float, threads: int) -> Run:
        """The run of a task: from the file, or made now and put there."""
        instance = sha256_of(one.made.instance)
        key = json.dumps([qnnt.__version__, one.name, one.d, instance, solver, limit, threads])
        if key not in self._runs:
            self._runs[key] = asdict(trained(one, solver, limit, threads))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a") as file:
                file.write("\n" * self._cut_off + json.dumps({"key": key, "run": self._runs[key]}) + "\n")
        return Run(**self._runs[key])

    @property
    def _cut_off(self) -> bool:
        """Whether the file ends within a line."""
        text = self._path.read_text() if self._path.exists() else ""
        return text != "" and not text.endswith("\n")


# --- the page ------------------------------------------------------------------------------------

PAGE = """# Real tables

Networks with three hidden neurons, trained exactly, beside logistic regression (scikit-learn, inputs scaled) and a
decision tree of depth three that has the fewest mistakes on the training rows (`benchmarks/optimal_tree.py`).
Made by

    {command}

with at most {limit:g} seconds per run, the start of its process included. Finished runs are kept in a file, so that
the script goes on where it stopped.

- **k** is the number of the network's inputs: a column of numbers is one input with at most d values (quantile bins),
  an ordered column one input, any other column one 0/1 input per level. For d = 2 every input is binary, so that k
  is the number of binarised features. The network is [k, 3, 1]; balance-scale, with three classes, has three outputs
  for d = 2 and 3, where one output has only two values.
- **Rows** are the same for all methods, and so are the k inputs: 30 percent are held out, stratified, with seed 0;
  MONK's problems come with test sets. The tree asks whether an input lies above one of its values.
- **Mistakes** are on the training rows; in brackets the lower bound where optimality is not proved.
- Accuracies in percent, on training and held-out rows. The last column is what the commonest class gets.

The tables are from the UCI Machine Learning Repository, CC BY 4.0: [examples/data](../examples/data/LICENSE.md).

"""
HEAD = (
    "table",
    "d",
    "k",
    "rows",
    "mistakes",
    "seconds",
    "qnnt",
    "logistic regression",
    "tree of depth 3",
    "commonest class",
)


def row(one: Task, run: Run) -> str:
    """A line of the table."""
    mistakes = run.loss if run.optimal else f"{run.loss} (>= {run.lower_bound})"
    others = (logistic_regression(one), optimal_tree(one))
    cells = [
        TITLES[one.name],
        str(one.d),
        str(len(one.made.mapping.inputs)),
        f"{len(one.training[0])} / {len(one.test[0])}",
        mistakes,
        f"{run.seconds:.1f}",
        *(_percent(each) for each in (Accuracy(run.training, run.test), *others)),
        f"{100 * commonest_class(one).test:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _percent(accuracy: Accuracy) -> str:
    return f"{100 * accuracy.training:.1f} / {100 * accuracy.test:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--solver", default="auto")
    parser.add_argument("--tables", nargs="+", default=list(TITLES), choices=list(TITLES), metavar="NAME")
    parser.add_argument("--d", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--runs", type=Path, default=Path("results/tables.jsonl"), help="where finished runs are kept")
    parser.add_argument("-o", "--output", type=Path, help="a file for the page; default: standard output")
    arguments = parser.parse_args()
    kept = Kept(arguments.runs)
    command = f"python benchmarks/tables.py --limit {arguments.limit:g} --threads {arguments.threads}"
    command += f" --solver {arguments.solver} -o docs/tables.md"
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    for name in arguments.tables:
        for d in arguments.d:
            one = task(name, d)
            run = kept.run(one, arguments.solver, arguments.limit, arguments.threads)
            lines.append(row(one, run))
    page = PAGE.format(command=command, limit=arguments.limit) + "\n".join(lines) + "\n"
    if arguments.output is None:
        print(page, end="")
    else:
        arguments.output.write_text(page)


if __name__ == "__main__":
    main()
