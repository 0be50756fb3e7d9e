from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import qnnt
from qnnt.compiled import compiled, set_bits

FILES = [path for path in sorted(Path(qnnt.__path__[0]).rglob("*.py")) if "@compiled" in path.read_text()]


def test_there_are_compiled_functions() -> None:
    assert len(FILES) >= 4


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_compiled_functions_use_their_own_file_only(path: Path) -> None:
    """What is cached on disk is not renewed when another file changes."""
    tree = ast.parse(path.read_text())
    foreign = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qnnt")
        for alias in node.names
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(ast.unparse(d) == "compiled" for d in function.decorator_list):
            names = {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}
            assert not names & (foreign - {"set_bits"})


@compiled
def _bits_of(words: np.ndarray) -> int:
    total = 0
    for word in words:
        total += set_bits(word)
    return total


def test_set_bits() -> None:
    words = np.array([0, 1, 2**64 - 1, 2**63, 0b1011], np.uint64)
    assert _bits_of(words) == 0 + 1 + 64 + 1 + 3
