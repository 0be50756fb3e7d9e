from __future__ import annotations

import ast
from pathlib import Path

import pytest

import qnnt.proofs

FILES = sorted(Path(qnnt.proofs.__path__[0]).glob("*.py"))


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
            assert not names & foreign
