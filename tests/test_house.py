"""The house: each layer imports only from the layers above it, and the package loads nothing before it is needed."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import initviz

ROOT = Path(initviz.__file__).parent
LAYERS = [
    [
        "latex",
        "fans",
        "marginals",
        "laws",
        "complex_laws",
        "matrices",
        "lapack",
        "spectra",
        "ensembles",
        "summary",
        "contractions",
        "sampling",
        "bands",
        "activations",
        "meanfield",
    ],
    ["engine"],
    ["plan", "initializers"],
    ["settings", "answers", "study", "probes", "layers", "advice", "propagation", "export", "audit"],
    ["views"],
    ["explorer"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


def layer_of(path: Path) -> str:
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


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_imports_only_from_its_own_layer_and_those_above(path):
    assert layer_of(path) in LEVEL, "a new module needs a place among the layers"
    assert all(LEVEL[name] <= LEVEL[layer_of(path)] for name in imported(path)), imported(path)


def test_imports_are_acyclic():
    graph = {layer_of(path): set() for path in MODULES}
    for path in MODULES:
        graph[layer_of(path)] |= imported(path) - {layer_of(path)}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError


HEAVY = {"param": 1, "panel": 5, "panel_material_ui": 5, "holoviews": 5, "bokeh": 5}  # least level that may import them


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_lower_layers_know_no_plotting_library(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None) or ""]
        for name in names:
            least = HEAVY.get(name.split(".")[0], 0)
            # views take data and make HoloViews elements; param is for initializers and the study
            assert LEVEL[layer_of(path)] >= min(least, LEVEL["views"])


@pytest.mark.parametrize("module", ["initviz", "initviz.engine"])
def test_importing_the_package_loads_no_plotting_library_and_no_scipy_stats(module):
    unwanted = ["panel", "panel_material_ui", "holoviews", "bokeh", "scipy.stats", "flax", "matplotlib", "pandas"]
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_submodules_are_there_when_asked_for():
    code = "import initviz; print(initviz.engine.summarize.__name__)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "summarize"
    with pytest.raises(AttributeError, match="module 'initviz' has no attribute 'nothing'"):
        initviz.nothing  # noqa: B018 - asked for
