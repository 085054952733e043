"""The network lab in a real browser: every control moves what depends on it, the dot is dragged, the mend applied."""

import pytest
from driver import PATIENCE, SHOWS, Driver, figure
from playwright.sync_api import expect

from initviz.networks.answer import NetworkAnswer
from initviz.networks.recipes import RECIPES
from initviz.networks.trial import train_trial
from initviz.study import Study
from initviz.study.study import NETWORK
from initviz.views.network_words import title
from initviz.views.picture import Picture
from initviz.widgets.networks import NO_RECIPE, here, pictures_of
from initviz.widgets.trials import pictures_of_training

PLACE = """([weight, bias]) => {
  const views = []
  const walk = view => {
    views.push(view)
    for (const child of view.child_views ?? []) walk(child)
  }
  for (const root of Bokeh.index.roots) walk(root)
  const view = views.find(({model}) => model.type === "Figure" && model.name === "phases")
  view.el.scrollIntoView({block: "center"})
  const {x, y} = view.el.getBoundingClientRect()
  return [x + view.frame.x_scale.compute(weight), y + view.frame.y_scale.compute(bias)]
}"""
"""Where a point of the phase diagram is in the window."""


SMALL = "?network.depth=12&network.width=32"


@pytest.fixture
def query():
    """Pages open with a small network, and none has to compute a large one."""
    return SMALL


@pytest.fixture
def explorer(app):
    """A driver of a page that shows a small network."""
    driver = Driver(app.page, Study.from_link(SMALL))
    driver.shows()
    driver.open(NETWORK)
    shows(driver)
    return driver


def seen(picture: Picture) -> dict:
    """What the page must hold of a picture; of cells no more than its words."""
    expected = figure(picture)
    for columns, series in zip(expected["columns"], picture.series, strict=True):
        if series.mark == "cells":
            columns.clear()
    return expected


def shows(driver: Driver) -> NetworkAnswer:
    """Wait until the page shows all pictures of the headless network."""
    answer = driver.study.network.answer()
    expected = {picture.name: seen(picture) for picture in pictures_of(answer, here(answer.network))}
    driver.page.wait_for_function(SHOWS, arg={**expected, "texts": []}, timeout=PATIENCE)
    expect(driver.page.get_by_role("heading", name=title(answer.network), exact=True)).to_be_visible(timeout=PATIENCE)
    return answer


def test_every_control_moves_every_plot(explorer):
    network = explorer.study.network
    for name, value in {"bias_std": 0.25, "depth": 9, "width": 48, "seeds": 3}.items():
        explorer.type_number(name, str(value))
        setattr(network, name, value)
        shows(explorer)
    expect(explorer.textbox("branch")).to_have_count(0)  # which would do nothing
    explorer.type_number("input_std", "0.7")
    network.input_std = 0.7
    for name, value in {"residual": "other", "norm": "RMS norm before", "inputs": "digits"}.items():
        explorer.choose(name, value)
        setattr(network, name, value)
        shows(explorer)
    explorer.type_number("branch", "0.4")
    network.branch = 0.4
    shows(explorer)
    explorer.unfold("lsuv")
    explorer.page.get_by_role("checkbox", name="lsuv").click()
    network.lsuv = True
    shows(explorer)
    explorer.page.get_by_role("checkbox", name="lsuv").click()
    network.lsuv = False
    explorer.choose("kind", "conv circular")
    network.kind = "conv circular"
    shows(explorer)
    explorer.type("activation", "tanh(2 * x)")
    network.activation = "tanh(2 * x)"
    shows(explorer)
    explorer.choose("initializer", "glorot_normal")
    explorer.study.function = "glorot_normal"
    shows(explorer)


@pytest.mark.slow(keeps=0)
def test_the_dot_is_dragged(explorer):
    explorer.type("activation", "tanh")
    explorer.study.network.activation = "tanh"
    before = shows(explorer).network
    page, mouse = explorer.page, explorer.page.mouse
    start = page.evaluate(PLACE, [before.weight_variance, before.bias_variance])
    end = page.evaluate(PLACE, [2.6, 0.4])
    mouse.move(*start)
    mouse.down()
    for step in range(1, 11):
        mouse.move(*(a + (b - a) * step / 10 for a, b in zip(start, end, strict=True)))
    mouse.up()
    assert page.evaluate(PLACE, [2.6, 0.4]) == pytest.approx(end, abs=2), "pictures move under the hand"
    field = explorer.textbox("bias_std")
    arrived = "field => Math.abs(field.value - 0.632) < 0.02"
    page.wait_for_function(arrived, arg=field.element_handle(), timeout=PATIENCE)
    scale = float(explorer.textbox("scale").input_value())
    assert scale == pytest.approx(2.6, abs=0.05)
    explorer.study.function = "variance_scaling"
    explorer.study.initializer.scale = scale
    explorer.study.network.bias_std = float(field.input_value())
    shows(explorer)


@pytest.mark.slow(keeps=0)
def test_the_mend_is_applied(explorer):
    explorer.type("activation", "tanh")
    explorer.study.network.activation = "tanh"
    explorer.type_number("depth", "40")
    explorer.study.network.depth = 40
    answer = shows(explorer)
    explorer.page.get_by_role("button", name="apply the mend").click()
    explorer.study.network.take(answer.verdict.mend.network)
    mended = answer.verdict.mend.network
    assert shows(explorer).network.weight_variance == pytest.approx(mended.weight_variance)
    expect(explorer.page.get_by_role("button", name="apply the mend")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.slow(keeps=0)
def test_a_recipe_sets_everything_and_says_what_it_is(explorer):
    recipe = RECIPES["orthogonal"]
    explorer.choose("recipe", recipe.title)
    network = explorer.study.network
    network.take(recipe.start(network.depth, network.width))
    expect(explorer.page.get_by_text(recipe.source)).to_be_visible(timeout=PATIENCE)
    assert shows(explorer).verdict.steady
    explorer.type_number("bias_std", "0.5")
    network.bias_std = 0.5
    shows(explorer)
    expect(explorer.combobox("recipe")).to_contain_text(NO_RECIPE, timeout=PATIENCE)


@pytest.mark.slow(keeps=0)
def test_what_is_no_activation_is_refused_once_and_the_pictures_stay(explorer):
    for text in ("__import__('os')", "x.__class__", "log(x)", "relu(", "y + 1", "x ** 10 ** 10"):
        explorer.type("activation", text)
        expect(explorer.alert).to_have_count(1, timeout=PATIENCE)
        expect(explorer.alert).to_contain_text("activation", timeout=PATIENCE)
        shows(explorer)
    explorer.type("activation", "sin(x)")
    explorer.study.network.activation = "sin(x)"
    shows(explorer)
    expect(explorer.alert).to_have_count(0, timeout=PATIENCE)


def shown_of(picture: str) -> str:
    """A script that reads the title of a figure."""
    return f"""() => [...Bokeh.documents[0]._all_models.values()]
      .find(({{type, name}}) => type === "Figure" && name === "{picture}")?.title.text"""


def test_training_streams_stops_and_rewinds(explorer):
    page, network = explorer.page, explorer.study.network
    explorer.type("steps", "10000")
    explorer.choose("beside 2", RECIPES["keras"].title)  # which is there: none is trained twice
    expect(explorer.combobox("beside 2")).to_contain_text("none")
    explorer.choose("beside 1", RECIPES["he"].title)
    page.get_by_role("button", name="train", exact=True).click()
    page.wait_for_function(f"/^Loss after [1-9]/.test(({shown_of('loss')})())", timeout=PATIENCE)
    page.get_by_role("button", name="stop").locator("visible=true").click()
    expect(page.get_by_role("button", name="run again")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="rewind").click()
    page.wait_for_function(f"({shown_of('loss')})().startsWith('Loss after 0 ')", timeout=PATIENCE)
    explorer.type("steps", "20")
    network.trial.param.update(beside=("he",), steps=20)
    network.trial.begin(network.question)
    *_, found = train_trial(network.trial.question, lambda share: None)
    expected = {picture.name: figure(picture) for picture in pictures_of_training(found, network.trial.question)}
    for _ in range(2):  # from the same weights, to the last bit
        page.get_by_role("button", name="train", exact=True).click()
        page.wait_for_function(SHOWS, arg={**expected, "texts": []}, timeout=PATIENCE)
        page.get_by_role("button", name="rewind").click()
        page.wait_for_function(f"({shown_of('loss')})().startsWith('Loss after 0 ')", timeout=PATIENCE)
