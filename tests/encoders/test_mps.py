"""MPS files: every reader finds the optimum that enumeration finds."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from qnnt.encoders.milp import to_program
from qnnt.encoders.mps import BLOCK, mps_blocks, write_mps
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import IntegerProgram
from qnnt.errors import UnsupportedError
from tests.encoders.milp_readers import (
    DEGENERATE,
    by_hand,
    highs,
    highs_on,
    least_cost,
    model_builder_on_mps,
    names_of,
    scip,
    scip_columns,
)
from tests.encoders.random_models import boolean_model, random_model

DEFAULT_SEEDS = 30
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(300)]


def written(program: IntegerProgram, folder: Path) -> Path:
    path = folder / "p.mps"
    write_mps(program, names_of(program), ["qnnt-map/1", 'weight "a b" = 1'], str(path))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_readers_agree_with_enumeration(seed: int, tmp_path: Path) -> None:
    model = random_model(seed) if seed % 2 else boolean_model(seed)
    for lowering in (to_program, to_boolean_program):
        program = lowering(model)
        path = written(program, tmp_path)
        expected = least_cost(model, program)
        assert highs(path) == scip(path) == model_builder_on_mps(path) == expected


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_programs(name: str, tmp_path: Path) -> None:
    program, expected = DEGENERATE[name]
    path = written(program, tmp_path)
    assert highs(path) == scip(path) == model_builder_on_mps(path) == expected


def test_text() -> None:
    program = by_hand([(0, 1), (-3, 4), (2, 9)], [({2: 1, 3: -2, 4: 1}, -1, 5), ({3: 1}, 0, 0)], {3: 6})
    assert "".join(mps_blocks(program, names_of(program), ["one", ""])).splitlines() == [
        "* one",
        "*",
        "NAME qnnt FREE",
        "ROWS",
        " N obj",
        " G r1",
        " E r2",
        "COLUMNS",
        " M1 'MARKER' 'INTORG'",
        " x@1 obj 0",
        " x@2 r1 1",
        " x@3 obj 6",
        " x@3 r1 -2 r2 1",
        " x@4 r1 1",
        " M2 'MARKER' 'INTEND'",
        "RHS",
        " RHS r1 -1",
        "RANGES",
        " RNG r1 6",
        "BOUNDS",
        " FX BND x@1 1",
        " BV BND x@2",
        " LO BND x@3 -3",
        " UP BND x@3 4",
        " LO BND x@4 2",
        " UP BND x@4 9",
        "ENDATA",
    ]


def test_every_block_is_whole(tmp_path: Path) -> None:
    """More terms than a block holds, in one column and in many."""
    rng = np.random.default_rng(1)
    count = BLOCK + 10
    rows = [({2: 1, int(v): 1}, 0, None) for v in rng.integers(3, 5000, count)]
    program = by_hand([(0, 1)] * 4999, rows, dict.fromkeys(range(2, 5001), 1))
    lp = highs_on(written(program, tmp_path)).getLp()
    assert (lp.num_col_, lp.num_row_, len(lp.a_matrix_.value_)) == (5000, count, 2 * count)
    assert lp.col_names_ == names_of(program)[1:]
    order = np.argsort(program.rows.variables, kind="stable")
    assert lp.a_matrix_.index_ == np.repeat(np.arange(count), 2)[order].tolist()
    assert set(lp.a_matrix_.value_) == {1.0}
    assert len(set(lp.row_names_)) == count


def test_bounds_and_types_are_as_given(tmp_path: Path) -> None:
    domains = [(0, 1), (-1, 1), (0, 0), (1, 1), (-9, -9), (0, 2), (1, 2), (-7, -2), (-2, 0), (0, 2**50)]
    program = by_hand(domains, [({2: 1, 5: 1}, 0, None)], {3: 1})
    path = written(program, tmp_path)
    lp = highs_on(path).getLp()
    assert list(zip(lp.col_lower_, lp.col_upper_, strict=True)) == [(1, 1), *domains]
    assert {str(kind) for kind in lp.integrality_} == {"HighsVarType.kInteger"}
    assert scip_columns(path) == dict(zip(names_of(program)[1:], [(1, 1), *domains], strict=True))


@pytest.mark.parametrize(
    "program",
    [
        by_hand([(0, 2**53 + 1)], [], {}),
        by_hand([(-(2**53) - 1, 0)], [], {}),
        by_hand([(0, 2**30)], [({2: 2**24}, 1, None)], {}),
        by_hand([(0, 1)], [({2: 1}, 2**54, None)], {}),
        by_hand([(0, 2**52)], [], {2: 4}),
        by_hand([(0, 2**60)], [], {2: 4}),
    ],
)
def test_numbers_that_floats_would_round(program: IntegerProgram, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"numbers beyond 2\^53"):
        mps_blocks(program, names_of(program), [])
    with pytest.raises(UnsupportedError):
        written(program, tmp_path)
    assert not list(tmp_path.iterdir())


def test_packed_files_hold_the_same(tmp_path: Path) -> None:
    program, _ = DEGENERATE["a long row"]
    text = "".join(mps_blocks(program, names_of(program), []))
    write_mps(program, names_of(program), [], str(tmp_path / "p.mps.gz"))
    assert gzip.decompress((tmp_path / "p.mps.gz").read_bytes()).decode() == text
