"""The parts of a lesson: what is asked, tried, checked and solved in it."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from kernels import execute
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SOLVED = re.compile(r"<details><summary>Solution</summary>\n\n```python\n(.+?)\n```\n.*</details>", re.DOTALL)


def exercise(lesson: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The attempt that a reader edits, and the cell that checks it: the last two with code."""
    return [cell for cell in lesson.cells if cell.cell_type == "code"][-2:]


def solution(lesson: nbformat.NotebookNode) -> str:
    """The code that stands folded under *Solution*."""
    (found,) = [found[1] for cell in lesson.cells if (found := SOLVED.search(cell.source))]
    return found


def run(path: Path) -> tuple[nbformat.NotebookNode, str]:
    """The notebook at this path after its run, and what the check of a lesson says of its solution."""
    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    if path in LESSONS:
        sources = solution(notebook), exercise(notebook)[1].source
        notebook.cells = [*cells, *map(nbformat.v4.new_code_cell, sources)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.fspath(ROOT))
        execute(notebook, path.parent, NotebookClient)
    added = notebook.cells[len(cells) :]
    notebook.cells = cells
    return notebook, "".join(map(printed, added))


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell has printed."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
