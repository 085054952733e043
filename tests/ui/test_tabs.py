"""Closer looks in a real browser: every one reached by its tab, changed by its control, and what it shows is right."""

from functools import partial

import pytest
from driver import Driver
from playwright.sync_api import expect

from initviz import probes
from initviz.views import probes as views
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.spectrum import KINDS as SPECTRA


@pytest.fixture
def explorer(app):
    """A driver of a fresh page that shows the default study."""
    driver = Driver(app.page)
    driver.shows()
    return driver


def set_up(explorer, function="he_normal", shape="64, 48", **arguments):
    """Choose an initializer and a shape, and follow in the headless study."""
    explorer.type("shape", shape)
    explorer.study.shape = tuple(map(int, shape.split(",")))
    if function != explorer.study.function:
        explorer.choose("initializer", function)
        explorer.study.function = function
    for name, value in arguments.items():
        explorer.type_number(name, str(value))
        setattr(explorer.study.initializer, name, value)
    return explorer.shows()


def test_weights_and_singular_values_are_drawn_in_every_way(explorer):
    set_up(explorer)
    for kind in (*list(WEIGHTS)[1:], "density"):
        explorer.choose("weights as", f"{kind}")
        explorer.weights_as = kind
        explorer.shows()
    for kind in (*list(SPECTRA)[1:], "density"):
        explorer.choose("singular values as", f"{kind}")
        explorer.spectrum_as = kind
        explorer.shows()


OUTLIERS = {
    "uniform": ({"scale": 1.0}, "outlier of the mean: "),
    "truncated_normal": ({"lower": 0.0}, "outlier of the mean: "),
    "constant": ({"value": 0.25}, "rank one: 13.86"),
    "ones": ({}, "rank one: 55.43"),
}


@pytest.mark.slow(keeps=0)
def test_what_a_mean_does_to_the_spectrum_is_named(explorer):
    for function, (arguments, name) in OUTLIERS.items():
        shown = set_up(explorer, function, "64, 48", **arguments)
        assert any(label.startswith(name) for label in shown["spectrum"]["columns"][-1]["text"]), shown["spectrum"]
    shown = set_up(explorer, "truncated_normal", "64, 48", lower=-2.02)
    assert len(shown["spectrum"]["columns"][-1]["text"]) == 2  # too weak a mean for an outlier: the edges alone


@pytest.mark.slow(keeps=0)
def test_orthogonal_matrices_are_checked_by_their_deviation(explorer):
    for function, shape in (("orthogonal", "48, 30"), ("delta_orthogonal", "3, 3, 8, 12")):
        set_up(explorer, function, shape)
        table = explorer.page.get_by_role("table", name="Expected against observed")
        row = table.get_by_role("row").filter(has_text="deviation from orthogonal")
        expect(row.locator("td:nth-of-type(3)")).to_contain_text("✓ yes")


@pytest.mark.slow(keeps=0)
def test_the_draw_is_compared_with_jaxs(explorer):
    badge = explorer.page.locator("p").filter(has_text="jax.nn.initializers.he_normal (65,536 weights")
    expect(badge).to_contain_text(" ulp from ")
    set_up(explorer, "lecun_uniform", "20, 30")
    badge = explorer.page.locator("p").filter(has_text="identical to jax.nn.initializers.lecun_uniform (600")
    expect(badge).to_have_count(1)


@pytest.mark.slow(keeps=0)
def test_many_seeds(explorer):
    set_up(explorer, shape="40, 30")
    explorer.open("many seeds")
    seeds = partial(explorer.looks, view=lambda found: views.seeds(found, explorer.spectrum_as))
    seeds(probes.Seeds())
    explorer.press("draws", "ArrowRight")
    seeds(probes.Seeds(draws=33))
    explorer.type("draws", "12")
    seeds(probes.Seeds(draws=12))
    explorer.type("draws", "1")
    expect(explorer.alert).to_have_text("draws must be a whole number from 2 to 1000, got 1. Type for instance 32.")
    explorer.type("draws", "5")
    seeds(probes.Seeds(draws=5))
    explorer.type("seed", "8")
    explorer.study.seed = 8
    assert seeds(probes.Seeds(draws=5)).seeds == (8, 9, 10, 11, 12)


def test_long_work_shows_progress_and_stops(explorer):
    explorer.open("many seeds")
    explorer.looks(probes.Seeds(), lambda found: views.seeds(found, "density"))
    explorer.type("draws", "1000")
    stop = explorer.page.get_by_role("button", name="stop")
    stop.click()
    expect(explorer.alert).to_have_text("Stopped. Run it again, or change a setting.")
    expect(stop).to_have_count(0)
    expect(explorer.page.locator(".main-content").get_by_role("progressbar")).to_have_count(0)
    explorer.page.get_by_role("button", name="run again").click()
    expect(explorer.alert).to_have_count(0)
    stop.click()
    expect(explorer.alert).to_have_text("Stopped. Run it again, or change a setting.")
    explorer.type("draws", "4")
    explorer.looks(probes.Seeds(draws=4), lambda found: views.seeds(found, "density"))
    expect(explorer.alert).to_have_count(0)


@pytest.mark.slow(keeps=0)
def test_the_whole_spectrum_of_a_large_matrix(explorer):
    explorer.type("shape", "2200, 2100")
    explorer.study.shape = (2200, 2100)
    explorer.shows()
    explorer.open("whole spectrum")
    found = explorer.looks(probes.WholeSpectrum(), lambda found: views.whole(found, "density"))
    assert len(found.singular_values) == 2100


TITLES_FIT = """fewestLines => {
  const figures = [...Bokeh.documents[0]._all_models.values()].filter(each => each.name === "operator")
  const pen = document.createElement("canvas").getContext("2d")
  const fits = ({title, inner_width, min_border_top}) => {
    const lines = title.text.split("\\n")
    pen.font = `${title.text_font_style} 13.5px ${title.text_font}`
    return lines.length >= fewestLines && lines.every(line => pen.measureText(line).width <= inner_width)
      && (lines.length === 1 || min_border_top >= lines.length * 13.5)
  }
  return figures.length && figures.every(fits)
}"""


@pytest.mark.slow(keeps=0)
def test_the_convolution_operator(explorer):
    look = partial(explorer.looks, view=lambda found: views.convolution(found, "density"))
    for function in ("he_normal", "orthogonal", "delta_orthogonal"):
        explorer.open("this draw")
        set_up(explorer, function, "3, 3, 8, 12")
        explorer.open("as a convolution")
        look(probes.Convolution())
    explorer.type("input_size", "7")
    look(probes.Convolution(input_size=7))
    explorer.press("input_size", "ArrowRight")
    look(probes.Convolution(input_size=8))
    for width, fewest_lines in ((1400, 1), (360, 2)):
        explorer.page.set_viewport_size({"width": width, "height": 900})
        explorer.page.wait_for_function(TITLES_FIT, arg=fewest_lines)
    explorer.type("input_size", "0")
    expect(explorer.alert).to_contain_text("got")


def test_what_does_not_apply_is_not_offered_and_a_link_to_it_says_why(app, explorer):
    tab = partial(explorer.page.get_by_role, "tab")
    explorer.page.get_by_role("tab", name="Layer").click()
    expect(tab(name="as a convolution")).to_be_disabled()
    expect(tab(name="product of layers")).to_be_enabled()
    expect(tab(name="many seeds")).to_have_count(0)  # which stands in another room
    explorer.page.get_by_role("tab", name="Weights").click()
    expect(tab(name="whole spectrum")).to_be_disabled()
    app.page.goto(app.server.url + "?look=Convolution")
    expect(explorer.alert).to_contain_text("this view needs a convolution kernel")
    expect(tab(selected=True)).to_have_text(["Layer", "as a convolution"])
    explorer.type("shape", "3, 3, 8, 12")
    explorer.study.shape = (3, 3, 8, 12)
    explorer.looks(probes.Convolution(), lambda found: views.convolution(found, "density"))


def test_rooms_and_views_are_reached_by_keyboard(explorer):
    page, keyboard = explorer.page, explorer.page.keyboard
    page.get_by_role("tab", name="Weights").focus()
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    expect(page.get_by_role("tab", selected=True)).to_have_text(["Layer", "in this layer"])
    keyboard.press("Tab")
    keyboard.press("ArrowRight")  # over what is not offered
    keyboard.press("Enter")
    expect(page.get_by_role("tab", selected=True)).to_have_text(["Layer", "product of layers"])
    explorer.looks(probes.Depth(), views.depth)


@pytest.mark.slow(keeps=0)
def test_products_of_layers(explorer):
    set_up(explorer, shape="64, 64")
    explorer.open("product of layers")
    explorer.looks(probes.Depth(), views.depth)
    explorer.press("layers", "ArrowRight")
    explorer.looks(probes.Depth(layers=6), views.depth)
    explorer.open("this draw")
    set_up(explorer, "orthogonal", "32, 32")
    explorer.open("product of layers")
    explorer.type("layers", "40")
    found = explorer.looks(probes.Depth(layers=40), views.depth)
    assert found.law.points == ((1.0, 32),)


@pytest.mark.slow(keeps=0)
def test_dtypes(explorer):
    set_up(explorer, "lecun_uniform", "64, 64")
    explorer.open("precision")
    for dtype in ("bfloat16", "float8_e5m2", "float32"):
        if dtype != "bfloat16":
            explorer.page.get_by_role("combobox", name="dtype").last.click()
            explorer.page.get_by_role("menuitem", name=dtype, exact=True).click()
        explorer.looks(probes.Precision(dtype=dtype), views.precision)


@pytest.mark.slow(keeps=0)
def test_generators(explorer):
    set_up(explorer, "normal", "8, 6")
    explorer.open("random numbers")
    explorer.looks(probes.Randomness(), views.randomness)
    explorer.page.get_by_role("checkbox", name="jax_threefry_partitionable").click()
    explorer.study.partitionable = False
    explorer.looks(probes.Randomness(), views.randomness)
    explorer.choose("generator", "rbg")
    explorer.study.generator = "rbg"
    explorer.looks(probes.Randomness(), views.randomness)
    explorer.open("this draw")
    explorer.shows()


@pytest.mark.slow(keeps=0)
def test_tabs_turned_in_a_hurry_on_a_slow_machine_keep_their_pictures(explorer):
    slow = explorer.page.context.new_cdp_session(explorer.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 3})  # a plot may be measured before it has a layout
    explorer.type("shape", "3, 3, 8, 12")
    explorer.study.shape = (3, 3, 8, 12)
    for tab in (
        "as a convolution",
        "this draw",
        "product of layers",
        "this draw",
        "as a convolution",
        "this draw",
        "as a convolution",
    ):
        explorer.open(tab)
        explorer.page.wait_for_timeout(300)
    explorer.looks(probes.Convolution(), lambda found: views.convolution(found, "density"))
    explorer.open("this draw")
    explorer.shows()  # and `app` finds no error in the page


@pytest.mark.slow(keeps=0)
def test_a_tab_opened_before_the_page_is_ready_is_shown(app):
    driver = Driver(app.page)
    driver.open("product of layers")
    driver.looks(probes.Depth(), views.depth)


@pytest.mark.slow(keeps=0)
def test_what_changes_behind_a_tab_asks_nobody_else(explorer):
    explorer.open("product of layers")
    explorer.looks(probes.Depth(), views.depth)
    explorer.choose("initializer", "glorot_normal")
    explorer.study.function = "glorot_normal"
    explorer.looks(probes.Depth(), views.depth)
    explorer.type("shape", "30, 20")
    explorer.study.shape = (30, 20)
    explorer.looks(probes.Depth(), views.depth)
    explorer.open("this draw")
    explorer.shows()


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("width", [360, 420])
def test_a_phone_shows_the_titles_of_all_rooms(app, width):
    page = app.page
    page.set_viewport_size({"width": width, "height": 800})
    Driver(page).shows()
    tabs = page.get_by_role("tab")
    for place in range(tabs.count()):
        expect(tabs.nth(place)).to_be_in_viewport(ratio=1)
