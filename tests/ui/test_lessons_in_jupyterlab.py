"""Lessons in a real JupyterLab, as a reader works through them: predict, look, slide, read back, begin anew."""

from dataclasses import dataclass

import nbformat
import pytest
from labs import Notebook
from lessons_shown import KEPT, NOTEBOOKS, OVER, place_of, shows_over
from playwright.sync_api import expect

STDERR = "[data-mime-type='application/vnd.jupyter.stderr']"


@dataclass
class Lesson:
    """A lesson, what is done in it, and what is to be seen then."""

    name: str
    setting: str
    """What the slider of the picture sets."""
    read: str
    """Code for what that is now."""
    start: str
    keys: tuple[str, ...]
    """Pressed on the slider."""
    end: str
    title: str
    """Of a picture then, which it does not have before."""
    over: str
    """How the title of the picture with the prediction over it begins."""


LESSONS = [
    Lesson("02_fans", "heads", "study.layer.heads", "4", ("ArrowRight",), "8",
           "Weights: 2 draws", "Weights: 2 draws"),
    Lesson("05_spectra", "shape", "study.shape", "(128, 128)", ("ArrowLeft", "ArrowLeft"), "(128, 64)",
           "Singular values: 64 of a 128 × 64 matrix", "Singular values"),
    Lesson("08_edge_of_chaos", "scale", "study.initializer.scale", "1.0", ("ArrowRight",) * 3, "1.15",
           "Gradient by layer: × 0.786 a layer back", "Correlation of two inputs"),
    Lesson("11_is_my_model_initialized", "rules", "projections.study.rules", '"**/c_proj/kernel" = "normal(0.0041)"',
           ("ArrowRight",) * 5, '"**/c_proj/kernel" = "normal(0.02)"',
           "Spread by layer: 0 of 24 tensors not as declared", "Spread by layer"),
]  # fmt: skip
TITLES = """() => Bokeh.documents.flatMap(document => [...document._all_models.values()])
  .filter(model => model.type === "Figure").map(figure => figure.title.text.replaceAll("\\n", " "))"""


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_is_predicted_slid_read_back_and_begun_anew(opened, lesson):
    notebook = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4)
    asked, looked = place_of(notebook, "widgets.predict("), place_of(notebook, "widgets.slide(")
    read = looked + 1
    notebook.cells.insert(read, nbformat.v4.new_code_cell(f"print(guess.value, {lesson.read})"))
    code = [place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    found = opened(text=nbformat.writes(notebook))
    found.run_all(code[-1])
    expect(found.slider(lesson.setting, looked)).to_be_visible()
    found.fits(asked)
    found.fits(looked)
    assert found.page.evaluate(OVER) == []

    found.cell(asked).get_by_role("slider").focus()
    for _ in range(3):
        found.page.keyboard.press("ArrowRight")
    found.cell(asked).get_by_role("button", name="keep my prediction").click()
    kept = KEPT.search(found.cell(asked).get_by_text(KEPT).first.text_content())[1]
    shows_over(found.page, lesson.over, kept)
    slide(found, lesson, looked)
    shows_over(found.page, lesson.over, kept)
    assert found.run(read) == f"{kept} {lesson.end}\n"

    found.restart()
    for place in code[: code.index(read)]:
        found.run(place)
    assert found.run(read) == f"None {lesson.start}\n"
    assert found.page.evaluate(OVER) == []
    slide(found, lesson, looked)
    assert found.run(read) == f"None {lesson.end}\n"
    assert found.page.locator(STDERR).count() == 0


def slide(found: Notebook, lesson: Lesson, place: int) -> None:
    """Move the slider of a lesson in this cell, and wait for its picture."""
    before = found.page.evaluate(TITLES)
    assert lesson.title not in before
    found.slider(lesson.setting, place).focus()
    for key in lesson.keys:
        found.page.keyboard.press(key)
    found.page.wait_for_function(f"title => ({TITLES})().includes(title)", arg=lesson.title)
