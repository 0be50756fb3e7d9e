from __future__ import annotations

import pytest

from qnnt.benchmarking.report.scores import Contribution, Score, contribution_of, ranking, score_of
from tests.benchmarking.report.columns import column, outcomes


def test_par2() -> None:
    """What is refused counts as little as what was not tried."""
    score = score_of(column(1.0, 3.0, "l", "u", "f", None), None)
    assert score == Score(
        cases=5, solved=2, at_limit=1, unsupported=1, failed=1, par2=(1 + 3 + 20 * 2) / 4, ratio=None, compared=0
    )


def test_all_refused() -> None:
    assert score_of(column("u", "u"), column(1.0, 1.0)) == Score(2, 0, 0, 2, 0, None, None, 0)


def test_no_cases() -> None:
    assert score_of(column(None), column(1.0)) == Score(0, 0, 0, 0, 0, None, None, 0)
    assert score_of((), ()) == Score(0, 0, 0, 0, 0, None, None, 0)


def test_ratios_count_where_both_take_the_case() -> None:
    """4 / 1, 20 / 5 and 1 / 16: their geometric mean is 1."""
    own = column(4.0, "l", 1.0, "u", 7.0, None, 3.0)
    yardstick = column(1.0, 5.0, 16.0, 1.0, "u", 1.0, None)
    score = score_of(own, yardstick)
    assert score.ratio == pytest.approx(1.0)
    assert score.compared == 3
    assert score_of(yardstick, yardstick).ratio == 1.0


def test_times_of_zero_have_ratios() -> None:
    assert score_of(column(0.0), column(0.002)).ratio == pytest.approx(0.5)


def test_contributions() -> None:
    found = outcomes(sat=column(1.0, 4.0, "l", 2.0), cpsat=column(3.0, 2.0, "l", "u"), third=column(5.0, 2.0, "l", "l"))
    # together 1, 2, 20, 2; without sat 3, 2, 20, 20
    assert contribution_of("sat", found) == Contribution(alone_best=2, solved=1, par2=(2 + 18) / 4)
    # cpsat and the third are equally good on the second case: neither is missed
    assert contribution_of("cpsat", found) == Contribution(0, 0, 0.0)
    assert contribution_of("third", found) == Contribution(0, 0, 0.0)


def test_what_others_refuse_counts_in_the_virtual_best_solver() -> None:
    """Without sat nobody solves the second case: its 2 seconds become 20 and do not vanish."""
    found = outcomes(sat=column(3.0, 2.0, "u", 1.0), cpsat=column(1.0, "u", "u", 1.0))
    assert contribution_of("sat", found) == Contribution(1, 1, (20 - 2) / 4)
    assert score_of(found.virtual_best(), None).par2 == (1 + 2 + 20 + 1) / 4


def test_the_only_setup_contributes_everything() -> None:
    assert contribution_of("sat", outcomes(sat=column(1.0, "l"))) == Contribution(1, 1, (20 - 1) / 2)


def test_contribution_without_cases() -> None:
    assert contribution_of("sat", outcomes(sat=())) == Contribution(0, 0, None)


def test_ranking() -> None:
    columns = [column("l", 1.0), column(2.0, 2.0), column(None, None), column(1.0, 2.0)]
    assert ranking([score_of(one, None) for one in columns]) == [3, 1, 0, 2]
