"""Every notebook runs from top to bottom in a fresh kernel of this interpreter, and is committed without outputs."""

from pathlib import Path

import nbformat
import pytest
from kernels import execute
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_runs(path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    executed = execute(nbformat.read(path, as_version=4), path.parent, NotebookClient)
    assert [cell.execution_count for cell in executed] == list(range(1, len(executed) + 1))
    assert any("data" in output for cell in executed for output in cell.outputs)
    assert [output.text for cell in executed for output in cell.outputs if output.get("name") == "stderr"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_is_committed_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
