"""The shape of the repository and of the package: links, floors, public names, light imports."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import qnnt

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "qnnt"

FLOORS = [
    ["errors", "compiled"],
    ["exact", "proofs", "bit_budget", "compilation"],
    ["network", "activations", "losses", "dyadic"],
    ["instance", "digit_activations", "judged_digits"],
    ["evaluation", "documents"],
    ["enclosures", "result"],
    ["array_evaluation"],
    ["verdicts"],
    ["generation"],
    ["files"],
    ["reports"],
    ["simplification"],
    ["algorithms", "reductions"],
    ["structure"],
    ["regimes"],
    ["encoders"],
    ["solvers"],
    ["clusters"],
    ["conquest"],
    ["benchmarking", "fuzzing"],
    ["cli"],
    ["__main__"],
]
"""From the ground up; a module imports from lower floors, or from its own folder without circles."""

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def _unit(module: str) -> str:
    return module.split(".")[1]


def _floor(module: str) -> int:
    return next(i for i, floor in enumerate(FLOORS) if _unit(module) in floor)


def _imports(path: Path) -> set[str]:
    """All qnnt modules that a file imports anywhere, also inside functions and for type checking."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name for name in found if name in MODULES and name != "qnnt"}


@pytest.mark.parametrize("module", [name for name in MODULES if name != "qnnt"])
def test_imports_go_down(module: str) -> None:
    for imported in _imports(MODULES[module]):
        if _unit(imported) != _unit(module):
            assert _floor(imported) < _floor(module), f"{module} imports {imported} from its own or a higher floor"


def test_no_import_circles() -> None:
    graph = {module: _imports(path) - {module} for module, path in MODULES.items() if module != "qnnt"}
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)


def test_every_module_has_a_floor() -> None:
    assert {_unit(module) for module in MODULES if module != "qnnt"} == {unit for floor in FLOORS for unit in floor}


@pytest.mark.parametrize("name", ["encoders", "solvers", "cli"])
def test_top_level_links(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert link.resolve() == (PACKAGE / name).resolve()
    assert not link.readlink().is_absolute()


def test_wheel_holds_one_package(tmp_path: Path) -> None:
    source = tmp_path / "source"  # setuptools leaves its build folder where it builds
    shutil.copytree(PACKAGE, source / "qnnt", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"qnnt"}
    assert {"qnnt/py.typed", "qnnt/files/instance.schema.json", "qnnt/files/result.schema.json"} <= set(names)
    assert {"qnnt/benchmarking/suites/smoke.toml", "qnnt/benchmarking/suites/instances/deep-4.json.gz"} <= set(names)
    assert {f"qnnt/benchmarking/report/page.{ending}" for ending in ("html", "css", "js")} <= set(names)


def test_public_names() -> None:
    assert list(qnnt.__all__) == sorted(qnnt.__all__)
    assert set(qnnt.__all__) == set(qnnt._HOMES)
    for name in qnnt.__all__:
        assert getattr(qnnt, name).__name__ == name
        assert name in dir(qnnt)
        assert f"qnnt.{name}" not in MODULES, "a public name must not be a module"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        qnnt.nonsense  # noqa: B018


def test_type_checkers_see_the_public_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported == qnnt._HOMES


@pytest.mark.parametrize("program", ["import qnnt", "import qnnt.cli.main"])
def test_imports_are_light(program: str) -> None:
    heavy = ["numba", "numpy", "ortools", "rich", "pysat", "multiprocessing"]
    code = f"{program}; import sys; print([m for m in {heavy!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_the_linter_reads_every_module() -> None:
    """An exclusion by folder name would drop qnnt/encoders together with the link encoders."""
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    assert {str(path) for path in MODULES.values()} <= set(shown)
