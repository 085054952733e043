"""Every lesson has its parts in order, a check that knows right from wrong, and pictures without a kernel."""

import re
from pathlib import Path

import nbformat
import pytest
from lessons import LESSONS, exercise, printed
from nbconvert import HTMLExporter

PARTS = [
    "Predict",
    "Look",
    "Measure",
    "Theory",
    "What goes wrong in real code",
    "Exercise",
    "Solution",
    "What to take away",
]
LONGEST, WIDEST, LARGEST = 15, 100, 3e6
"""Lines of a cell with code, characters of such a line, bytes of a lesson as HTML."""
STOPS = 7
NUMBERED = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == kind]


@NUMBERED
def test_its_parts_are_those_of_every_lesson(path):
    words = "\n".join(cell.source for cell in cells(path, "markdown"))
    assert re.findall(r"^## (.+)$", words, re.MULTILINE) == PARTS
    assert len(re.findall(r"^# .+\?$", words, re.MULTILINE)) == 1


@NUMBERED
def test_its_cells_are_short(path):
    long = [cell.source for cell in cells(path, "code") if len(cell.source.splitlines()) > LONGEST]
    wide = [line for cell in cells(path, "code") for line in cell.source.splitlines() if len(line) > WIDEST]
    assert (long, wide) == ([], [])


@NUMBERED
def test_its_check_knows_the_solution_from_the_attempt(path, solved):
    lesson, said = solved(path)
    attempt, check = exercise(lesson)
    assert "# your turn" in attempt.source
    told = printed(check)
    assert told
    assert not told.startswith("Right")
    assert said.startswith("Right")


@NUMBERED
def test_its_export_is_small_and_slides_over_pictures(path, executed):
    html, _ = HTMLExporter().from_notebook_node(executed(path))
    assert len(html.encode()) < LARGEST
    sliders = [part.count("<div data-stop=") for part in html.split('<div class="initviz-stops">')[1:]]
    assert max(sliders) >= STOPS
    assert html.count("<img") >= STOPS


@NUMBERED
def test_it_leads_to_the_next(path):
    *_, last = cells(path, "markdown")
    assert path == LESSONS[-1] or f"]({int(path.name[:2]) + 1:02}_" in last.source
