"""Every broken encoder is found, and the instance that shows it becomes small enough to think about."""

from __future__ import annotations

import pytest

from qnnt.fuzzing.cases import Case, made
from qnnt.fuzzing.checking import check
from qnnt.fuzzing.findings import Finding, made_small
from qnnt.solvers.inline import InlineTask
from tests.fuzzing.broken_encoders import BROKEN, Break

MOST = 2000
SEED = 1


def found_by_fuzzing(seed: int) -> tuple[int, Finding]:
    """The number of the first instance that shows a defect again and again, and the shrunk finding."""
    for number in range(MOST):
        this = made(Case(seed, number))
        for failure in check(this.instance, this.plan, InlineTask).failures[:1]:
            finding = made_small(this, failure, InlineTask, lambda: False)
            if finding.confirmed:  # maplechrono, for one, does not do the same thing twice
                return number, finding
    raise AssertionError(f"not found within {MOST} instances")


@pytest.mark.parametrize("breaks", BROKEN, ids=lambda breaks: breaks.__name__)
def test_it_is_found_and_shrunk(breaks: Break) -> None:
    with pytest.MonkeyPatch.context() as patch:
        breaks(patch)
        number, finding = found_by_fuzzing(SEED)
        print(number, finding.attempts, finding.line)
        small = finding.instance
        assert len(small.dataset) <= 3
        assert len(small.network.edges) <= 6
    # the encoder is whole again, and answers otherwise
    this = made(finding.case)
    assert check(finding.instance, this.plan, InlineTask).failures == ()
    assert check(this.instance, this.plan, InlineTask).failures == ()
