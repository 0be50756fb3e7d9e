"""What the plots are drawn from."""

from __future__ import annotations

from qnnt.benchmarking.report.cactus import Curve, curve_of
from qnnt.benchmarking.report.heat_map import Cell, heat_map_of
from qnnt.benchmarking.report.outcomes import Outcomes
from qnnt.benchmarking.report.scatter import scatter_of
from tests.benchmarking.report.columns import case, column


def test_cactus_curve() -> None:
    found = curve_of(column(3.0, "l", 0.5, None, "u", 1.0), 10.0)
    assert found == Curve((0.5, 0.5, 1.0, 3.0, 10.0), (0, 1, 2, 3, 3))


def test_cactus_curves_of_nothing_and_of_late_or_timeless_answers() -> None:
    assert curve_of(column("l"), 10.0) == Curve((10.0,), (0,))
    assert curve_of(column(10.2), 10.0) == Curve((10.2, 10.2, 10.2), (0, 1, 1))
    assert curve_of(column(0.0), 1.0) == Curve((0.001, 0.001, 1.0), (0, 1, 1))


def test_scatter() -> None:
    cases = (case("a", "y"), case("b", "x"), case("c", "y"))
    found = scatter_of(Outcomes(cases, {"sat": column(1.0, "l", None), "cpsat": column("u", "f", 0.0)}))
    assert found.labels == ("a", "b", "c")
    assert found.families == (0, 1, 0)
    assert found.scores == ((1.0, 20.0, None), (20.0, 20.0, 0.001))
    assert found.kinds == ("sl-", "ufs")


def test_heat_map() -> None:
    cases = (
        case(d=3, width=4, samples=10),
        case(d=3, width=4, samples=10),
        case(d=3, width=4, samples=9),
        case(d=2, width=30, samples=10),
    )
    found = heat_map_of(Outcomes(cases, {"sat": column(1.0, "l", "u", None), "cpsat": column(2.0, 4.0, 3.0, "u")}))
    assert found.rows == ("2 × 30", "3 × 4")
    assert found.columns == ("9", "10")
    sat, cpsat, best = found.cells
    assert sat == ((None, None), (Cell(0, 0, 1, None), Cell(2, 1, 0, 10.5)))
    assert cpsat == ((None, Cell(0, 0, 1, None)), (Cell(1, 1, 0, 3.0), Cell(2, 2, 0, 3.0)))
    assert best == ((None, Cell(1, 0, 0, 20.0)), (Cell(1, 1, 0, 3.0), Cell(2, 2, 0, 2.5)))


def test_many_sizes_are_told_in_ranges() -> None:
    sizes = [0, 1, 2, 3, 4, 7, 8, 1000, 2**62]
    cases = tuple(case(samples=size) for size in sizes)
    found = heat_map_of(Outcomes(cases, {"sat": column(*map(float, range(9)))}))
    assert found.columns == ("0", "1", "2–3", "4–7", "8–15", "512–1023", f"{2**62}–{2**63 - 1}")
    cells = [cell for cell in found.cells[0][0] if cell is not None]
    assert [cell.taken for cell in cells] == [1, 1, 2, 2, 1, 1, 1]


def test_eight_sizes_are_told_one_by_one() -> None:
    cases = tuple(case(samples=3 * size) for size in range(8))
    assert heat_map_of(Outcomes(cases, {})).columns == ("0", "3", "6", "9", "12", "15", "18", "21")


def test_networks_without_d_and_unknown_sizes() -> None:
    cases = (case(d=None), case(d=3, width=None, samples=None))
    found = heat_map_of(Outcomes(cases, {"sat": column(1.0, 2.0)}))
    assert found.rows == ("D-NNT × 4", "3 × ?")
    assert found.columns == ("?", "10")


def test_heat_map_of_nothing() -> None:
    found = heat_map_of(Outcomes((), {"sat": ()}))
    assert (found.rows, found.columns, found.cells) == ((), (), ((), ()))
