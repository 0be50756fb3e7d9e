"""Pseudo-Boolean files as an independent reader sees them, and as bytes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from qnnt.encoders import opb
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.milp import to_program
from qnnt.encoders.model import Integers, Sums, offsets_of
from qnnt.encoders.opb import PbForm, constant_beside, opb_blocks, write_opb
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import InputError, UnsupportedError
from tests.encoders.circuit_check import array
from tests.encoders.program_check import points
from tests.encoders.random_models import boolean_model, random_model

SEEDS = [pytest.param(seed, marks=[] if seed < 15 else pytest.mark.full) for seed in range(150)]
NONE = np.empty(0, np.int64)
Row = tuple[Mapping[int, int], int, int]
"""Coefficients by variable, and what the row is at least and at most."""


def program_of(
    variables: int,
    rows: Sequence[Row] = (),
    costs: Mapping[int, int] | None = None,
    *,
    fixed: Mapping[int, int] | None = None,
    constant: int = 0,
) -> IntegerProgram:
    """Over Booleans; variable 1 is the constant 1."""
    lower, upper = np.zeros(variables + 1, np.int64), np.ones(variables + 1, np.int64)
    for variable, value in {1: 1, **(fixed or {})}.items():
        lower[variable] = upper[variable] = value
    weights = np.zeros(variables + 1, np.int64)
    for variable, cost in (costs or {}).items():
        weights[variable] = cost
    return IntegerProgram(
        lower=lower,
        upper=upper,
        rows=Sums(
            offsets_of(np.array([len(terms) for terms, _, _ in rows], np.int64)),
            np.array([variable for terms, _, _ in rows for variable in terms], np.int64),
            np.array([number for terms, _, _ in rows for number in terms.values()], np.int64),
        ),
        at_least=np.array([least for _, least, _ in rows], np.int64),
        at_most=np.array([most for _, _, most in rows], np.int64),
        costs=weights,
        constant=constant,
        denominator=1,
        values=Sums(np.zeros(variables + 2, np.int64), NONE, NONE),
        bases=np.zeros(variables + 1, np.int64),
    )


def text_of(program: IntegerProgram, form: PbForm = PbForm.OPB, header: Sequence[str] = ()) -> str:
    return "".join(opb_blocks(program, header, form))


SMALL = program_of(
    5,
    [
        ({2: 1, 3: -2, 4: 1}, 0, OPEN),
        ({2: 1, 3: 1}, -OPEN, 1),
        ({3: 3, 4: 2, 5: -1}, -1, 4),
        ({4: 1, 5: 1}, 1, 1),
    ],
    {2: 3, 4: -1},
    fixed={5: 0},
    constant=7,
)
ROWS = """\
+1 x1 = 1 ;
+1 x5 = 0 ;
+1 x2 -2 x3 +1 x4 >= 0 ;
-1 x2 -1 x3 >= -1 ;
+3 x3 +2 x4 -1 x5 >= -1 ;
-3 x3 -2 x4 +1 x5 >= -4 ;
+1 x4 +1 x5 = 1 ;
"""


def test_every_kind_of_row() -> None:
    assert text_of(SMALL) == f"* #variable= 5 #constraint= 7\nmin: +3 x2 -1 x4 ;\n{ROWS}"
    assert constant_beside(SMALL, PbForm.OPB) == 7


def test_costs_as_soft_constraints() -> None:
    head = "* #variable= 5 #constraint= 9 #soft= 2 mincost= 1 maxcost= 3 sumcost= 4\nsoft: 5 ;\n"
    assert text_of(SMALL, PbForm.WBO) == f"{head}[3] -1 x2 >= 0 ;\n[1] +1 x4 >= 1 ;\n{ROWS}"
    assert constant_beside(SMALL, PbForm.WBO) == 6


def test_comments() -> None:
    """One alone is followed by an empty one."""
    assert text_of(program_of(1), header=["a\nb ä", "", "c"]).splitlines()[1:-1] == ["* a", "* b ä", "*", "* c"]
    assert text_of(program_of(1), header=["a"]) == "* #variable= 1 #constraint= 1\n* a\n*\n+1 x1 = 1 ;\n"


def test_hardly_anything() -> None:
    assert text_of(program_of(1)) == "* #variable= 1 #constraint= 1\n+1 x1 = 1 ;\n"
    assert text_of(program_of(3, constant=4)) == "* #variable= 3 #constraint= 1\n+1 x1 = 1 ;\n"
    never = program_of(2, [({1: 1}, 2, OPEN)], {1: -2})
    assert text_of(never) == "* #variable= 2 #constraint= 2\nmin: -2 x1 ;\n+1 x1 = 1 ;\n+1 x1 >= 2 ;\n"


def test_what_cannot_be_written() -> None:
    """Said at the call, before the first block."""
    builder = ModelBuilder()
    builder.integers(array(0), array(2), "number")
    with pytest.raises(ValueError, match="0 or 1"):
        opb_blocks(to_program(builder.build()), [], PbForm.OPB)
    with pytest.raises(UnsupportedError, match="nothing to minimise"):
        opb_blocks(program_of(3, constant=4), [], PbForm.WBO)
    half = 2**61
    for large in (
        program_of(3, [({2: half, 3: -half}, 0, OPEN)]),
        program_of(3, costs={2: half, 3: -half}),
        program_of(3, [({2: 1}, -2 * half + 1, 1)]),
    ):
        for form in PbForm:
            with pytest.raises(UnsupportedError, match=r"up to 4\.6e\+18"):
                opb_blocks(large, [], form)


def test_numbers_of_sixty_bits() -> None:
    most = 2**60
    text = text_of(program_of(3, [({2: most, 3: -most + 1}, 1 - most, most)], {2: most, 3: -most}))
    assert f"min: +{most} x2 -{most} x3 ;\n" in text
    assert text.endswith(f"+{most} x2 -{most - 1} x3 >= {1 - most} ;\n-{most} x2 +{most - 1} x3 >= -{most} ;\n")


def read(text: str) -> tuple[IntegerProgram, dict[int, int], list[tuple[int, Row]]]:
    """What a file says, counts included: the rows, the objective, and the soft constraints with their costs."""
    head, *lines = [line for line in text.splitlines() if line != "*" and not line.startswith("* c")]
    counts = dict(zip(head.split()[1::2], map(int, head.split()[2::2]), strict=True))
    objective: dict[int, int] = {}
    hard: list[Row] = []
    soft: list[tuple[int, Row]] = []
    top = 0
    for line in lines:
        if (found := re.fullmatch(r"soft: (\d+) ;", line)) is not None:
            top = int(found[1])
            continue
        found = re.fullmatch(r"(?:(min: )|\[(\d+)\] )?((?:[+-]\d+ x[1-9]\d* )+)(?:(>?=) (-?\d+) )?;", line)
        assert found is not None, line
        words = found[3].split()
        terms = {int(name[1:]): int(number) for number, name in zip(words[::2], words[1::2], strict=True)}
        assert len(terms) == len(words) // 2
        if found[1]:
            assert not objective
            assert found[4] is None
            objective = terms
            continue
        row = terms, int(found[5]), int(found[5]) if found[4] == "=" else OPEN
        if found[2]:
            soft.append((int(found[2]), row))
        else:
            hard.append(row)
    assert counts["#constraint="] == len(hard) + len(soft)
    if soft:
        costs = [cost for cost, _ in soft]
        assert (counts["#soft="], counts["mincost="]) == (len(soft), min(costs))
        assert (counts["maxcost="], counts["sumcost="]) == (max(costs), sum(costs))
        assert top == sum(costs) + 1
    free = program_of(counts["#variable="], hard)
    free.lower[1] = 0  # only its row says that it is 1
    return free, objective, soft


def value(terms: Mapping[int, int], point: Integers) -> int:
    return sum(number * int(point[variable]) for variable, number in terms.items())


@pytest.mark.parametrize("make", [random_model, boolean_model])
@pytest.mark.parametrize("seed", SEEDS)
def test_another_reader(seed: int, make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same points at the same costs, in blocks of any size."""
    assert callable(make)
    program = to_boolean_program(make(seed))
    expected = {tuple(point.tolist()): program.cost_of(point) for point in points(program)}
    whole = text_of(program, header=["c"])
    for form in PbForm if program.minimises else (PbForm.OPB,):
        again, objective, soft = read(text_of(program, form, header=["c"]))
        assert again.variables == program.variables
        found = {}
        for point in points(again):
            paid = sum(cost for cost, (terms, least, _) in soft if value(terms, point) < least)
            found[tuple(point.tolist())] = constant_beside(program, form) + value(objective, point) + paid
        assert found == expected
    for size in (1, 2, 7, 50):
        monkeypatch.setattr(opb, "BLOCK", size)
        assert text_of(program, header=["c"]) == whole


def test_random_models_have_rows_of_every_kind() -> None:
    texts = [text_of(to_boolean_program(random_model(seed))) for seed in range(15)]
    for pattern in (r"^min: .*-", r"^-.*>= -", r"^\+.*>= ", r"^\S+ \S+ \S+ \S+ .*= ", r"^\S*[2-9]\d* x"):
        assert any(re.search(pattern, text, re.MULTILINE) for text in texts)


def test_files(tmp_path: Path) -> None:
    expected = f"* #variable= 5 #constraint= 7\n* \\udc80\n* b\nmin: +3 x2 -1 x4 ;\n{ROWS}".encode()
    for name in ("small.opb", "small.opb.gz"):
        write_opb(SMALL, ["\udc80", "b"], str(tmp_path / name), PbForm.OPB)
    assert (tmp_path / "small.opb").read_bytes() == expected
    assert gzip.decompress((tmp_path / "small.opb.gz").read_bytes()) == expected
    with pytest.raises(InputError, match="cannot write"):
        write_opb(SMALL, [], str(tmp_path / "absent" / "small.opb"), PbForm.OPB)
    with pytest.raises(UnsupportedError):
        write_opb(program_of(2), [], str(tmp_path / "new.wbo"), PbForm.WBO)
    assert not (tmp_path / "new.wbo").exists()
