"""The house: each room imports only from those below it, and the package loads nothing before it is needed."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import initviz

ROOT = Path(initviz.__file__).parent
FLOORS = [
    ["wording"],
    ["fans", "matrices", "spectra", "laws", "propagation"],
    ["engine"],
    ["settings", "initializers"],
    ["networks", "layers", "checks", "models", "answers", "probes", "study", "compare"],
    ["views"],
    ["live"],
    ["widgets", "explorer"],
    ["command", "testing", "__main__"],
]
"""From the ground up; a room imports from the floors below its own, and on its own floor from those named before it."""
ORDER = [name for names in FLOORS for name in names]
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


def room_of(path: Path) -> str:
    """The module or subpackage of initviz that a file belongs to."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """Modules and subpackages of initviz that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("initviz.")}


def test_every_room_has_its_place():
    assert sorted({room_of(path) for path in MODULES}) == sorted(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_imports_only_from_its_own_room_and_those_below(path):
    assert all(ORDER.index(name) <= ORDER.index(room_of(path)) for name in imported(path)), imported(path)


HEAVY = {"param": "settings", "holoviews": "views", "panel": "live", "panel_material_ui": "live", "bokeh": "views"}
"""The first room that may import a library."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_lower_floors_know_no_plotting_library(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None) or ""]
        for name in names:
            first = HEAVY.get(name.split(".")[0])
            assert first is None or FLOOR[room_of(path)] >= FLOOR[first], name


DOORS = {ROOT / "live" / name for name in ("internals.py", "outputs.py", "scripts.py")}
"""The modules that may touch what Panel, Bokeh, HoloViews and param do not promise: of any page, and of notebooks."""


def private(tree: ast.AST, context: type) -> list[ast.Attribute]:
    """Attributes with one leading underscore that a module reads, or sets."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, context)]
    return [node for node in found if node.attr.startswith("_") and not node.attr.startswith("__")]


def own_names(tree: ast.AST) -> set[str]:
    """What a module defines itself: methods and attributes of its classes, and what they set on themselves."""
    names = {node.attr for node in private(tree, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_private_doors_are_in_their_modules(path):
    """Every private attribute that is read is one that the same module defines, and none is set on another's object.

    What overrides a private method of a library counts as ours, if nothing else of the library is touched.
    """
    tree = ast.parse(path.read_text())
    if path not in DOORS:
        assert {node.attr for node in private(tree, ast.Load)} <= own_names(tree)
        assert {ast.unparse(node.value) for node in private(tree, ast.Store)} <= {"self", "cls"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_jax_keeps_for_extensions_is_used_in_one_module(path):
    modules = {node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}
    assert path == ROOT / "engine" / "extend.py" or not {name for name in modules if name.startswith("jax.extend")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_engine_compiles(path):
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    asks_jax_itself = path == ROOT / "probes" / "randomness.py"
    assert room_of(path) == "engine" or asks_jax_itself or "jit" not in names


def test_importing_the_package_loads_not_even_jax():
    code = "import sys, initviz; print([name for name in ('jax', 'numpy', 'param') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["initviz.initializers", "initviz.study", "initviz.engine"])
def test_importing_the_package_loads_no_plotting_library_and_no_scipy_stats(module):
    unwanted = ["panel", "panel_material_ui", "holoviews", "bokeh", "scipy.stats", "flax", "matplotlib", "pandas"]
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_editors_are_told_where_the_lazy_names_are():
    tree = ast.parse((ROOT / "__init__.py").read_text())
    told = [
        {alias.name: statement.module for statement in node.body for alias in statement.names}
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    assert told == [initviz._HOMES | {"initializers": "initviz"}]
    assert sorted(initviz.__all__) == sorted([*initviz._HOMES, "initializers"])
    assert set(initviz.__all__) <= set(dir(initviz))
    for name, home in initviz._HOMES.items():
        assert getattr(initviz, name) is getattr(import_module(home), name)


def test_submodules_are_there_when_asked_for():
    code = "import initviz; print(initviz.engine.summarize.__name__)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "summarize"
    with pytest.raises(AttributeError, match="module 'initviz' has no attribute 'nothing'"):
        initviz.nothing  # noqa: B018 - asked for
