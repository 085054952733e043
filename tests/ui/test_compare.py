"""Several draws in one picture in a real browser: both with their laws, a legend that hides them, and a third one."""

from pathlib import Path

import pytest
from driver import Driver, figure
from playwright.sync_api import expect

from initviz.study import Study
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum

NAMES = ("he_normal", "glorot_uniform", "orthogonal")
LEGENDS = """name => [...Bokeh.documents[0]._all_models.values()].find(m => m.name === name).center
  .filter(m => m.type === "Legend")[0]"""
SHOWN = f"""name => ({LEGENDS})(name).items.map(item => [item.label.value, item.renderers.map(each => each.visible)])"""
WHERE = f"""name => {{
  const legend = ({LEGENDS})(name)
  const view = Object.values(Bokeh.index)[0].owner.find_one(legend)
  const canvas = view.plot_view.canvas_view.el.getBoundingClientRect(), box = view.bbox
  return {{x: canvas.x + box.left, y: canvas.y + box.top, width: box.width, height: box.height}}
}}"""


@pytest.fixture(scope="module")
def server(serve):
    """The app of two draws in two plots."""
    return serve(Path("tests/ui/apps/compare.py"))


@pytest.fixture
def compared(app):
    """A driver of a page that compares the first two."""
    driver = Driver(app.page)
    holds(driver, NAMES[:2])
    return driver


def holds(driver: Driver, names, weights_as="density", spectrum_as="density") -> None:
    """Wait until both plots show draws of these."""
    answers = [Study(name, shape=(64, 48)).answer() for name in names]
    pictures = (
        histogram(*answers, names=names, kind=weights_as),
        spectrum(*answers, names=names, kind=spectrum_as),
    )
    driver.waits({picture.name: figure(picture) for picture in pictures} | {"texts": []})


def test_two_draws_are_compared_in_every_way(compared):
    for kind in (*list(WEIGHTS)[1:], "density"):
        compared.page.get_by_role("button", name=kind, exact=True).first.click()
        holds(compared, NAMES[:2], weights_as=kind)
    for kind in list(SPECTRA)[1:]:
        compared.page.get_by_role("button", name=kind, exact=True).last.click()
        holds(compared, NAMES[:2], spectrum_as=kind)


@pytest.mark.slow(keeps=0)
def test_a_third_draw_joins_and_one_is_left_alone(compared):
    third = compared.page.get_by_role("checkbox", name="orthogonal")
    third.check()
    holds(compared, NAMES)
    third.uncheck()
    compared.page.get_by_role("checkbox", name="he_normal").uncheck()
    holds(compared, NAMES[1:2])


@pytest.mark.slow(keeps=0)
def test_a_click_on_a_name_hides_its_draw_and_its_law(compared):
    page = compared.page
    for name in ("weights", "spectrum"):
        expect(page.locator(".bk-Figure")).to_have_count(2)
        assert [label for label, _ in page.evaluate(SHOWN, name)] == list(NAMES[:2])
        where = page.evaluate(WHERE, name)
        page.mouse.click(where["x"] + 15, where["y"] + where["height"] / 2)  # the first of two columns
        page.wait_for_function(f"name => ({SHOWN})(name)[0][1].every(visible => !visible)", arg=name)
        assert all(page.evaluate(SHOWN, name)[1][1])
