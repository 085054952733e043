"""Exported lessons: what a notebook run by a program keeps of widgets, in nbconvert's own style, without a network."""

import nbformat
import pytest
from nbconvert import HTMLExporter

from initviz import widgets
from initviz.study import Study

CUT = """() => [...document.querySelectorAll("table.initviz :is(th, td)")]
  .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""
ROWS = "() => [...document.images].map(each => Math.round(each.getBoundingClientRect().top))"
WIDE = "() => Math.max(...[...document.images].map(each => each.getBoundingClientRect().right)) - innerWidth"


def export(html: str) -> str:
    """A notebook of one cell that has shown this, as nbconvert writes it."""
    output = nbformat.v4.new_output("execute_result", {"text/html": html}, execution_count=1)
    cell = nbformat.v4.new_code_cell("widget", outputs=[output], execution_count=1)
    return HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


@pytest.fixture
def opened(page):
    """A function that opens what a widget leaves in an exported notebook, in a window so wide."""
    page.route("http*://**", lambda route: route.abort())  # nbconvert asks for MathJax and RequireJS

    def open_(widget, width: int):
        page.set_viewport_size({"width": width, "height": 800})
        page.set_content(export(widget.still()))
        return page

    return open_


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("width", [1100, 1400])
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("precision", {"shape": (16, 8), "dtype": "float8_e4m3b11fnuz"}),
        ("network", {"activation": "tanh", "width": 4, "depth": 3, "seeds": 2}),
        ("checks", {"shape": (16, 8)}),
        ("layer", {"layer": "AttentionProjection"}),
    ],
)
def test_words_of_a_table_keep_to_their_columns(opened, name, settings, width):
    page = opened(getattr(widgets, name)("he_normal", **settings), width)
    assert page.locator("table.initviz").count() > 0
    assert page.evaluate(CUT) == []


def test_two_pictures_stand_side_by_side_in_a_text_column_and_fit_a_phone(opened):
    widget = widgets.precision("normal", shape=(16, 8), dtype="float16")
    left, right = opened(widget, 850).evaluate(ROWS)
    assert left == right
    page = opened(widget, 380)
    upper, lower = page.evaluate(ROWS)
    assert upper < lower
    assert page.evaluate(WIDE) <= 0


def test_formulas_need_no_script(opened):
    words = opened(widgets.formula("he_normal", shape=(64, 32)), 1100).locator("ol").inner_text()
    assert "variance: σ² = s / n = 2 / 64 = 0.03125" in words
    assert "\\" not in words


def test_nothing_is_said_of_what_cannot_be_clicked(opened):
    study = Study("he_normal", shape=(8, 4))
    words = opened(widgets.compare(study, Study("lecun_normal", shape=(8, 4))), 1100).locator("body").inner_text()
    assert "Numbers side by side" in words
    assert "clicked" not in words
