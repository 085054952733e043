"""The versions that matter, without an import of what they are of."""

import platform
from collections.abc import Iterator
from importlib import metadata

import initviz

LIBRARIES = ("jax", "jaxlib", "flax", "numpy", "scipy", "panel", "panel-material-ui", "bokeh", "holoviews", "param")
"""What weights and pages depend on; flax is optional."""


def versions() -> str:
    """A line for initviz, for Python, and for each library that is installed."""
    return "".join(f"{name} {version}\n" for name, version in _versions())


def _versions() -> Iterator[tuple[str, str]]:
    yield "initviz", initviz.__version__
    yield "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"
