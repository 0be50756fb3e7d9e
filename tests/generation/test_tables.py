"""Tables as instances: kinds, bins, labels, missing values, splits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.errors import InputError
from qnnt.generation.choices import choices_from, layer_sizes
from qnnt.generation.columns import Bins, Categorical, Kind, Numeric, Ordinal, Skip, Thermometer
from qnnt.generation.csv_table import CsvTable
from qnnt.generation.learning import cut_points, in_order
from qnnt.generation.mapping import LabelCode, Missing
from qnnt.generation.tables import TableInstance, TableOptions, certain_conflicts, from_table


def table(text: str) -> CsvTable:
    lines = [tuple(line.split(",")) for line in text.split()]
    return CsvTable("t.csv", "0" * 64, lines[0], tuple(lines[1:]))


def column(cells: Sequence[str], *choices: str, **options: Any) -> TableInstance:
    """A table with one column v and labels that keep every row a sample of its own."""
    rows = tuple((cell, "ab"[i % 2]) for i, cell in enumerate(cells))
    made = CsvTable("t.csv", "0" * 64, ("v", "class"), rows)
    given_options = {"d": 3, "hidden": (), "columns": choices_from(choices, made.names)}
    return from_table(made, TableOptions(target="class", **{**given_options, **options}))


def inputs(made: TableInstance, *cells: str) -> list[tuple[int, ...]]:
    """The input values of cells under the mapping that was learned."""
    vectors = made.mapping.vectors(CsvTable("new.csv", "", ("v",), tuple((c,) for c in cells)), range(len(cells)))
    return [vectors[i] for i in range(len(cells))]


# --- numbers -------------------------------------------------------------------------------------


def test_few_distinct_numbers_are_their_own_bins_cut_midway() -> None:
    made = column(["0.1", "0.2", "0.2", "0.4"])
    assert made.mapping.columns == (
        Numeric("v", Bins.QUANTILE, (Fraction(3, 20), Fraction(3, 10)), (-1, 0, 1), impute=1),
    )
    assert inputs(made, "-9", "0.15", "0.1499999999999999999999999", "0.3", "7") == [(-1,), (0,), (-1,), (1,), (1,)]


def test_two_distinct_numbers_take_the_values_of_z_2_for_every_d() -> None:
    assert column(["5", "7", "7"], d=4).mapping.columns[0].encode("7") == (1,)
    assert column(["5", "7", "7"], d=4).mapping.columns[0].encode("5") == (0,)


def test_quantile_bins_keep_ties_together_and_use_every_bin() -> None:
    # Three quarters of the rows are 0: the cuts that are left go on behind them.
    counts = {Fraction(0): 9, Fraction(1): 1, Fraction(2): 1, Fraction(3): 1}
    assert cut_points(counts, 3, Bins.QUANTILE) == (Fraction(1, 2), Fraction(3, 2))
    even = {Fraction(i): 1 for i in range(8)}
    assert cut_points(even, 4, Bins.QUANTILE) == (Fraction(3, 2), Fraction(7, 2), Fraction(11, 2))
    # 5 rows in 2 bins: 2 below or 3 below are as near to 5/2; the lower cut wins.
    assert cut_points({Fraction(i): 1 for i in range(5)}, 2, Bins.QUANTILE) == (Fraction(3, 2),)


def test_uniform_bins_have_equal_width_and_a_cut_belongs_to_the_bin_above() -> None:
    made = column(["0", "0.1", "0.2", "1"], bins=Bins.UNIFORM)
    assert made.mapping.columns[0] == Numeric("v", Bins.UNIFORM, (Fraction(1, 3), Fraction(2, 3)), (-1, 0, 1), 0)
    assert inputs(made, "1/3", "0.333333333333333333", "2/3") == [(0,), (-1,), (1,)]


@given(
    st.dictionaries(st.fractions(min_value=-10, max_value=10), st.integers(1, 20), min_size=1, max_size=12),
    st.integers(2, 6),
    st.sampled_from(Bins),
)
def test_cut_points_increase_within_the_range_and_are_as_many_as_possible(
    counts: dict[Fraction, int], bins: int, rule: Bins
) -> None:
    cuts = cut_points(counts, bins, rule)
    assert list(cuts) == sorted(set(cuts))
    assert len(cuts) == min(bins, len(counts)) - 1
    assert all(min(counts) < cut < max(counts) for cut in cuts)


def test_thermometer_has_one_input_per_cut() -> None:
    made = column(["1", "2", "3", "4", "5"], "v=thermometer:5")
    assert made.mapping.inputs == ("v>=3/2", "v>=5/2", "v>=7/2", "v>=9/2")
    assert inputs(made, "1", "3", "99", "?") == [(0, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 1), (1, 1, 0, 0)]


def test_number_columns_can_be_thermometers_by_default() -> None:
    assert isinstance(column(["1", "2", "3"], numbers=Kind.THERMOMETER).mapping.columns[0], Thermometer)
    assert isinstance(column(["1", "x", "3"], numbers=Kind.THERMOMETER).mapping.columns[0], Categorical)


# --- levels --------------------------------------------------------------------------------------


def test_ordinal_levels_in_the_order_given() -> None:
    made = column(["mid", "low", "high"], "v=ordinal:low,mid,high")
    assert made.mapping.columns == (Ordinal("v", ("low", "mid", "high"), (-1, 0, 1), impute=1),)
    assert inputs(made, " low ", "high", "NA") == [(-1,), (1,), (0,)]


def test_more_levels_than_values_are_spread_evenly() -> None:
    made = column(["a", "b"], "v=ordinal:a,b,c,d,e,f")
    assert inputs(made, *"abcdef") == [(-1,), (-1,), (0,), (0,), (1,), (1,)]


def test_levels_with_commas_are_quoted() -> None:
    assert choices_from(['v=ordinal:"a,b",c'], ["v"])["v"].levels == ("a,b", "c")


def test_ranges_and_numbers_are_ordered_by_their_ends() -> None:
    made = column(["10-14", "5-9", "0-4", "9.5"], "v=ordinal", d=4)
    assert isinstance(made.mapping.columns[0], Ordinal)
    assert made.mapping.columns[0].levels == ("0-4", "5-9", "9.5", "10-14")


def test_levels_without_an_order_must_be_listed() -> None:
    with pytest.raises(InputError, match=r"t.csv: column v: 'x' is neither a number nor a range"):
        column(["x", "1"], "v=ordinal")


def test_an_unknown_ordinal_level_names_row_and_column() -> None:
    made = column(["1", "2", "3"], "v=ordinal")
    with pytest.raises(InputError, match=r"new.csv: row 2, column v: the level '4' is not among the column's 3 levels"):
        inputs(made, "1", "4")
    with pytest.raises(InputError, match=r"t.csv: row 3, column v: the level 'c'"):
        column(["a", "b", "c"], "v=ordinal:a,b")


def test_categorical_is_one_hot_and_zero_for_unknown_levels() -> None:
    made = column(["red", "blue", "red"])
    assert made.mapping.columns == (Categorical("v", ("blue", "red")),)
    assert made.mapping.inputs == ("v=blue", "v=red")
    assert inputs(made, "red", "blue", "green", "") == [(0, 1), (1, 0), (0, 0), (0, 0)]


def test_columns_with_one_value_are_skipped_unless_a_kind_is_given() -> None:
    made = from_table(table("u,v,class 1,5,a 2,5,b"), TableOptions("class", 3, ()))
    assert made.mapping.columns[1] == Skip("v")
    assert made.mapping.inputs == ("u",)
    assert column(["x", "x"], "v=categorical").mapping.inputs == ("v=x",)
    with pytest.raises(InputError, match="no inputs"):
        column(["5", "5"])


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("w=skip", "names no column"),
        ("v", "names no column"),
        ("v=wild", "column v: expected one of numeric, thermometer, ordinal, categorical, skip, got 'wild'"),
        ("v=skip:3", "takes nothing"),
        ("v=numeric:1", "expected 2 to 1000 bins"),
        ("v=numeric:x", "expected 2 to 1000 bins"),
        ("v=ordinal:a,a", "at least two distinct levels"),
        ("v=numeric:9", "9 bins do not fit the 3 values of Z_3"),
    ],
)
def test_bad_choices(choice: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        column(["1", "2"], choice)


def test_the_longest_column_name_is_meant() -> None:
    choices = choices_from(["a=b=skip", "a=numeric"], ["a", "a=b"])
    assert {name: choice.kind for name, choice in choices.items()} == {"a=b": Kind.SKIP, "a": Kind.NUMERIC}
    with pytest.raises(InputError, match="given twice"):
        choices_from(["a=skip", "a=skip"], ["a"])


def test_text_in_a_numeric_column_names_row_and_column() -> None:
    with pytest.raises(InputError, match=r"t.csv: row 2, column v: expected a number, got 'x'"):
        column(["1", "x", "2"], "v=numeric")


# --- missing values ------------------------------------------------------------------------------


def test_missing_numbers_take_the_lower_median_bin() -> None:
    made = column(["1", "1", "2", "3", "?", "NaN", " na ", ""])
    assert inputs(made, "?", "nan", "NA", "  ") == [(-1,)] * 4
    assert made.mapping.rows.left_out == 0


def test_rows_with_missing_values_can_be_dropped() -> None:
    rows = table("u,v,w,class 1,5,?,a 2,?,1,b 3,6,2,b 4,5,3,?")
    kept = from_table(rows, TableOptions("class", 3, ()))
    assert (kept.mapping.rows.training, kept.mapping.rows.left_out) == (3, 1)
    columns = choices_from(["w=skip"], rows.names)
    dropped = from_table(rows, TableOptions("class", 3, (), columns=columns, missing=Missing.DROP))
    assert (dropped.mapping.rows.training, dropped.mapping.rows.left_out) == (2, 2)
    assert list(dropped.mapping.vectors(rows, range(4))) == [0, 2, 3]


# --- labels --------------------------------------------------------------------------------------


def test_labels_are_an_index_where_it_fits_and_one_hot_otherwise() -> None:
    rows = table("v,class 1,10 2,9 3,9 4,11")
    index = from_table(rows, TableOptions("class", 4, (2,)))
    assert index.mapping.labels.classes == ("9", "10", "11")
    assert index.instance.dataset.y == ((1,), (0,), (0,), (2,))
    assert index.instance.network.layers == (1, 2, 1)
    onehot = from_table(rows, TableOptions("class", 3, (2, 2)))
    assert onehot.instance.dataset.y == ((0, 1, 0), (1, 0, 0), (0, 0, 1))
    assert onehot.instance.network.layers == (1, 2, 2, 3)
    assert onehot.mapping.labels.decode((0, 1, 0)) == "10"
    assert onehot.mapping.labels.decode((0, 1, 1)) is None
    assert index.mapping.labels.decode((-1,)) is None
    with pytest.raises(InputError, match="3 classes do not fit one output"):
        from_table(rows, TableOptions("class", 3, (), labels=LabelCode.INDEX))


def test_the_order_of_classes_can_be_given() -> None:
    rows = table("v,class 1,no 2,yes")
    made = from_table(rows, TableOptions("class", 2, (), classes=("yes", "no")))
    assert made.instance.dataset.y == ((1,), (0,))
    with pytest.raises(InputError, match="the class 'yes' of column class is not among those listed"):
        from_table(rows, TableOptions("class", 2, (), classes=("no", "maybe")))
    with pytest.raises(InputError, match="listed twice"):
        from_table(rows, TableOptions("class", 2, (), classes=("no", "no")))


def test_classes_are_sorted_as_numbers_or_as_text() -> None:
    assert in_order(["10", "9", "1.5"]) == ("1.5", "9", "10")
    assert in_order(["10", "9", "x"]) == ("10", "9", "x")


def test_equal_samples_are_merged() -> None:
    made = from_table(table("v,class 1,a 1,a 1,b 2,b 2,b"), TableOptions("class", 2, (), error_bound=1, name="n"))
    data = made.instance.dataset
    assert (data.x, data.y, data.weight) == (((0,), (0,), (1,)), ((0,), (1,), (1,)), (2, 1, 2))
    assert certain_conflicts(data) == 1
    assert (made.instance.bound, made.instance.name) == (1, "n")


# --- splits --------------------------------------------------------------------------------------


def test_bins_are_learned_on_training_rows_alone() -> None:
    rows = CsvTable("t.csv", "", ("v", "class"), tuple((str(i * i), "ab"[i % 2]) for i in range(40)))
    made = from_table(rows, TableOptions("class", 3, (), test=Fraction(1, 2)))
    training = [row for row in rows.rows if row not in made.test_rows]
    again = from_table(CsvTable("t.csv", "", rows.names, tuple(training)), TableOptions("class", 3, ()))
    assert made.mapping.columns == again.mapping.columns
    assert made.instance == again.instance


def test_held_out_levels_that_training_lacks_are_found_at_once() -> None:
    rows = CsvTable("t.csv", "", ("v", "class"), tuple((str(i), "ab"[i % 2]) for i in range(8)))
    columns = choices_from(["v=ordinal"], rows.names)
    with pytest.raises(InputError, match=r"t.csv: row \d, column v: the level"):
        from_table(rows, TableOptions("class", 3, (), columns=columns, test=Fraction(1, 2)))


# --- options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "label"}, "no column 'label'; columns: v, w, class"),
        ({"target": "v"}, "at least two classes in column v, got 1"),
        ({"d": 1}, "expected d of at least 2"),
        ({"test": Fraction(1)}, "expected a test fraction"),
        ({"seed": -1}, "expected a seed"),
        ({"error_bound": -1}, "error_bound"),
        ({"sample": 1}, r"expected 2 \(one per class\) to 2 training rows"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        from_table(table("v,w,class 1,1,a 1,2,b"), TableOptions(**{"target": "class", "d": 3, "hidden": (), **options}))
    assert str(caught.value).startswith("t.csv: ")


def test_hidden_layers() -> None:
    assert layer_sizes(["3", "2"]) == layer_sizes(["3,2"]) == (3, 2)
    assert layer_sizes(["none"]) == layer_sizes([""]) == layer_sizes([]) == ()
    for text in ("0", "3,", "x", "-1", "3,none"):
        with pytest.raises(InputError, match="sizes of hidden layers"):
            layer_sizes([text])
