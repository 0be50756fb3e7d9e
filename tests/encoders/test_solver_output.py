"""What foreign solvers print: every dialect, and every way to be damaged."""

from __future__ import annotations

import gzip
import io
import random
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from qnnt.encoders.solver_output import Claim, read_solver_output, truth_of
from qnnt.errors import InputError

SAT, UNSAT, OPTIMUM, UNKNOWN, UNSUPPORTED = Claim


@pytest.mark.parametrize(
    ("text", "variables", "claim", "literals", "cost"),
    [
        ("s UNSATISFIABLE\n", 3, UNSAT, None, None),
        ("c hello\ns UNKNOWN\n", 3, UNKNOWN, None, None),
        ("s SATISFIABLE\n", 3, SAT, None, None),
        ("s  SATISFIABLE \r\nv 1 -2\t3 0\r\n", 3, SAT, [1, -2, 3], None),
        ("s SATISFIABLE\nv 3 -2 \nv 1\nv 0\n", 3, SAT, [1, -2, 3], None),
        ("v 3 -2 1 0\ns SATISFIABLE", 3, SAT, [1, -2, 3], None),
        ("s SATISFIABLE\nv -2 0\n", 3, SAT, [-2], None),
        ("s SATISFIABLE\nv -2 -2 0\n", 3, SAT, [-2], None),
        ("s SATISFIABLE\nv 0\n", 3, SAT, [], None),
        ("s SATISFIABLE\nv\nv 0\n", 3, SAT, [], None),
        ("s SATISFIABLE\nv\n", 0, SAT, [], None),
        ("s SATISFIABLE\nv 10\nv 0\n", 10, SAT, [10], None),
        # without the 0, but with all variables
        ("s SATISFIABLE\nv 1 -2 3", 3, SAT, [1, -2, 3], None),
        # MaxSAT: the last o line counts; full lines without 0
        ("o 9\no 4\ns OPTIMUM FOUND\nv 1 -2 -3 0\n", 3, OPTIMUM, [1, -2, -3], 4),
        ("o 4\ns OPTIMUM FOUND\nv 1 -2\n", 3, OPTIMUM, [1, -2], 4),
        ("s OPTIMUM FOUND\nv 1 -2\n", 3, OPTIMUM, [1, -2], None),
        ("o 4\ns SATISFIABLE\nv 1\nv -2\n", 3, SAT, [1, -2], 4),
        ("o 18446744073709551615\ns UNKNOWN\n", 3, UNKNOWN, None, 2**64 - 1),
        ("o 4\ns UNKNOWN\nv 1 -2 3 0\n", 3, UNKNOWN, [1, -2, 3], 4),
        # one digit per variable
        ("o 4\ns OPTIMUM FOUND\nv 010\n", 3, OPTIMUM, [-1, 2, -3], 4),
        ("s SATISFIABLE\nv 10\n", 10, SAT, [1, -2], None),
        ("s SATISFIABLE\nv 00\n", 3, SAT, [-1, -2], None),
        ("s SATISFIABLE\nv 1\n", 1, SAT, [1], None),
        ("s SATISFIABLE\nv 0\n", 1, SAT, [], None),
        ("s SATISFIABLE\nv 010", 3, SAT, [-1, 2, -3], None),
        # an assignment after each cost
        ("o 9\nv 011\no 4\nv 010\ns OPTIMUM FOUND\nv 010\n", 3, OPTIMUM, [-1, 2, -3], 4),
        ("o 9\nv 011\nv 010\ns SATISFIABLE\n", 3, SAT, [-1, 2, -3], 9),
        ("o 9\nv 1 2\nv 3\no 4\nv -1 2 \nv -3\ns OPTIMUM FOUND\n", 3, OPTIMUM, [-1, 2, -3], 4),
        ("o 4\nv -1 2 3 0\ns OPTIMUM FOUND\nv -1 2 3 0\n", 3, OPTIMUM, [-1, 2, 3], 4),
        ("o 9\nv 011\no 4\ns UNKNOWN\n", 3, UNKNOWN, [-1, 2, 3], 4),
        # pseudo-Boolean: no 0, and some leave out what occurs nowhere
        ("s UNSUPPORTED\n", 3, UNSUPPORTED, None, None),
        ("c x\no 3\ns OPTIMUM FOUND\nv x1 -x2 x3 \n", 3, OPTIMUM, [1, -2, 3], 3),
        ("o -3\nv -x10 x1\nv x2\ns SATISFIABLE\n", 10, SAT, [1, 2, -10], -3),
        ("s SATISFIABLE\nv x1 -x3\n", 3, SAT, [1, -3], None),
        ("s OPTIMUM FOUND\nv x1 -x3\n", 3, OPTIMUM, [1, -3], None),
        ("s SATISFIABLE\nv x1 -x2\nv x3", 3, SAT, [1, -2, 3], None),
        ("s SATISFIABLE\nv -x2\nv 0\n", 3, SAT, [-2], None),
        # talk
        ("WARNING: v 1\n\n[x] 12\ns UNSATISFIABLE\nreal 0.1\nSAT\n", 3, UNSAT, None, None),
        # MiniSat's files
        ("SAT\n1 -2 3 0\n", 3, SAT, [1, -2, 3], None),
        ("SAT\n 1 -2 \n3\n\n0\n", 3, SAT, [1, -2, 3], None),
        ("SAT\n10 0\n", 10, SAT, [10], None),
        ("SAT\n0\n", 0, SAT, [], None),
        ("c talk\nUNSAT\n", 3, UNSAT, None, None),
        ("INDET\n", 3, UNKNOWN, None, None),
    ],
)
def test_dialects(
    text: str, variables: int, claim: Claim, literals: list[int] | None, cost: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes(text.encode())
    output = read_solver_output(str(path), variables)
    assert output.claim is claim
    assert (None if output.literals is None else output.literals.tolist()) == literals
    assert output.cost == cost


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no status line, such as 's SATISFIABLE'"),
        ("p cnf 3 0\n", "no status line, such as 's SATISFIABLE'"),
        ("v 1 2 3 0\n", "no status line, such as 's SATISFIABLE'"),
        ("s\n", "line 1: expected one of SATISFIABLE, UNSATISFIABLE, OPTIMUM FOUND, UNKNOWN, UNSUPPORTED, got ''"),
        (
            "c\ns SAT\n",
            "line 2: expected one of SATISFIABLE, UNSATISFIABLE, OPTIMUM FOUND, UNKNOWN, UNSUPPORTED, got 'SAT'",
        ),
        ("s SATISFIABLE\ns SATISFIABLE\n", "line 2: a second status line"),
        ("s UNSATISFIABLE\nv 1 0\n", "line 2: an assignment, though the formula is said to be unsatisfiable"),
        ("UNSAT\n1 0\n", "line 2: an assignment, though the formula is said to be unsatisfiable"),
        ("s SATISFIABLE\nv 1 -2\nv 2 0\n", "line 3: variable 2 both holds and does not"),
        ("s SATISFIABLE\nv 1 x 3 0\n", "line 2: expected a literal, got 'x'"),
        ("s SATISFIABLE\nv 1 2.0 0\n", "line 2: expected a literal, got '2.0'"),
        ("s SATISFIABLE\nv 1 +2 0\n", "line 2: expected a literal, got '+2'"),
        ("s SATISFIABLE\nv 1 ٣ 0\n", "line 2: expected a literal, got '٣'"),
        ("s SATISFIABLE\nv 1 - 0\n", "line 2: expected a literal, got '-'"),
        ("s SATISFIABLE\nv 012\n", "line 2: literal 12; the formula has 3 variables"),
        (f"s SATISFIABLE\nv {'9' * 5000} 0\n", f"line 2: expected a literal, got '{'9' * 56}..."),
        ("s SATISFIABLE\nv 1 0\nv 2 0\n", "line 3: more values after the 0 that ends the assignment"),
        ("s SATISFIABLE\nv 1 0 2\n", "line 2: more values after the 0 that ends the assignment"),
        ("s SATISFIABLE\nv 1 2\nv -4 0\n", "line 3: literal -4; the formula has 3 variables"),
        ("s SATISFIABLE\nv 0101\n", "line 2: values of 4 variables; the formula has 3"),
        ("s SATISFIABLE\nv 1\nv 2 -\n", "line 3: expected a literal, got '-'"),
        ("s SATISFIABLE\nv 1 2\n", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("s SATISFIABLE\nv\n", "line 2: the assignment is cut off: it has 0 of 3 variables and no end"),
        ("s OPTIMUM FOUND\nv 1 2", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("s OPTIMUM FOUND\nv 01", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("SAT\n1 -2\n", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("s SATISFIABLE\nv x1 -x2", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("o 3\ns OPTIMUM FOUND\nv x1\nv -x2", "line 4: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("SAT\nx1 -x2\n", "line 2: the assignment is cut off: it has 2 of 3 variables and no end"),
        ("s SATISFIABLE\nv x1 x2 -x1\n", "line 2: variable 1 both holds and does not"),
        ("s SATISFIABLE\nv x1 x4\n", "line 2: literal 4; the formula has 3 variables"),
        ("s SATISFIABLE\nv x1 x0\n", "line 2: expected a literal, got 'x0'"),
        ("s SATISFIABLE\nv x1 2 x3\n", "line 2: expected a literal, got '2'"),
        ("s SATISFIABLE\nv x1 x\n", "line 2: expected a literal, got 'x'"),
        ("s SATISFIABLE\nv x1 ~x2\n", "line 2: expected a literal, got '~x2'"),
        ("s SATISFIABLE\nv 1 x2\n", "line 2: expected a literal, got 'x2'"),
        ("s UNSATISFIABLE\nv x1\n", "line 2: an assignment, though the formula is said to be unsatisfiable"),
        ("SAT\n1 -2 v 0\n", "line 2: expected a literal, got 'v'"),
        ("o 1.5\n", "line 1: expected a cost, got '1.5'"),
        ("o\n", "line 1: expected a cost, got ''"),
    ],
)
def test_damage(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes(text.encode())
    with pytest.raises(InputError, match=f"^{re.escape(f'{path}: {problem}')}$"):
        read_solver_output(str(path), 3)


def test_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed or not, from a file or from standard input, and with a name that is no UTF-8."""
    data = b"c by M\xfcller\ns SATISFIABLE\nv 1 -2 0\n"
    for packed in (data, gzip.compress(data)):
        (tmp_path / "out").write_bytes(packed)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(packed)))
        for path in (str(tmp_path / "out"), "-"):
            literals = read_solver_output(path, 2).literals
            assert literals is not None
            assert literals.tolist() == [1, -2]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"o x\n")))
    with pytest.raises(InputError, match=r"^standard input: line 1: expected a cost, got 'x'$"):
        read_solver_output("-", 2)
    with pytest.raises(InputError, match="absent: cannot read: no such file"):
        read_solver_output(str(tmp_path / "absent"), 2)


@pytest.mark.parametrize("seed", range(10))
def test_any_assignment_in_every_form(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    variables = rng.randint(1, 300)
    truth = [rng.randint(0, 1) for _ in range(variables)]
    words = [str(name if value else -name) for name, value in enumerate(truth, 1)]
    rng.shuffle(words)
    named = [f"-x{word[1:]}" if word.startswith("-") else f"x{word}" for word in words]
    cut = rng.randint(0, variables)
    several = "".join(f"v {' '.join(part)}\n" for part in (words[:cut], [*words[cut:], "0"]))
    for text in (
        f"s SATISFIABLE\n{several}",
        f"SAT\n{' '.join(words)} 0\n",
        f"o 1\ns OPTIMUM FOUND\nv {''.join(map(str, truth))}\n",
        f"o 1\ns OPTIMUM FOUND\nv {' '.join(words)}\n",
        f"s SATISFIABLE\nv {' '.join(named)}\n",
    ):
        (tmp_path / "out").write_text(text)
        literals = read_solver_output(str(tmp_path / "out"), variables).literals
        assert literals is not None
        assert truth_of(literals, variables).tolist() == [0, *truth]


def test_truth() -> None:
    assert truth_of(np.array([3, -1]), 4).tolist() == [0, 0, 0, 1, 0]
    assert truth_of(np.empty(0, np.int64), 0).tolist() == [0]
    with pytest.raises(InputError, match="literal -5 is beyond the 4 variables of the formula"):
        truth_of(np.array([1, -5]), 4)
