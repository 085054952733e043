"""The explorer in a real browser: every control, and that what is shown is what a headless study answers."""

import re
from ast import literal_eval

import pytest
from driver import Driver
from playwright.sync_api import expect

from initviz import Study
from initviz.initializers import CLASSES, PerSlice, knobs
from initviz.layers import Stack


@pytest.fixture
def explorer(app):
    """A driver of a fresh page that shows the default study."""
    driver = Driver(app.page)
    driver.shows()
    return driver


AXES = {
    "in_axis": ("0", "(0, 2)"),
    "out_axis": ("(2, 3)", "-1"),
    "batch_axis": ("1", "()"),
    "column_axis": ("-2", "-1"),
}
WALK = sorted(CLASSES, key=lambda name: name != CLASSES[name].function)  # aliases last: every step changes the page


def test_every_initializer_and_every_argument_of_it(explorer):
    assert len(WALK) == 21
    assert explorer.page.get_by_role("heading", level=1).count() == 1
    explorer.type("shape", "3, 4, 24, 32")
    explorer.study.shape = (3, 4, 24, 32)
    before, seen = explorer.shows(), set()
    for name in WALK:
        if name != explorer.study.function:
            explorer.choose("initializer", name)
            explorer.study.function = name
            expect(explorer.combobox("initializer")).to_have_text(re.compile(rf"^{name}( \(alias of \w+\))?$"))
        before = explorer.shows()
        for argument in [each for each in explorer.study.initializer.arguments if each not in seen]:
            seen.add(argument)
            for value in change(explorer, argument):
                setattr(explorer.study.initializer, argument, value)
                after = explorer.holds()
                assert after["texts"] != before["texts"]
                if isinstance(explorer.study.initializer.param[argument], knobs.Scalar | knobs.Value):
                    assert after["weights"] != before["weights"]
                    assert after["spectrum"] != before["spectrum"]
                before = after


def change(explorer, argument):
    """Change an argument by its widget, in every way it has; yields each new value."""
    initializer = explorer.study.initializer
    parameter, value = initializer.param[argument], getattr(initializer, argument)
    match parameter:
        case knobs.Choice():
            for option in parameter.objects:
                if option != value:
                    explorer.choose(argument, option)
                    yield option
        case knobs.Axes():
            text = next(text for text in AXES[argument] if literal_eval(text) != value)
            explorer.type(argument, text)
            yield literal_eval(text)
        case knobs.Scalar() | knobs.Value():
            explorer.press(argument, "ArrowRight")
            yield round(value + parameter.step, 10)
        case _:
            assert argument == "dtype"  # the study has it, and its own test


@pytest.mark.slow(keeps=0)
def test_a_list_of_scales_for_the_layers_of_a_stack(explorer):
    explorer.study = Study("variance_scaling", layer=Stack(depth=3, inputs=64, outputs=48), batch_axis=0)
    explorer.page.goto(explorer.page.url + explorer.study.to_link())
    explorer.shows()
    explorer.type_number("scale", "1, 1/2, 1/3")
    explorer.study.initializer.scale = PerSlice(1, 1 / 2, 1 / 3)
    expect(explorer.number("scale")).to_have_value(re.compile(r"1, (0\.5|1/2), "))
    shown = explorer.shows()
    assert any("mixture" in text for text in shown["texts"])
    explorer.type_number("scale", "1, 1/2")
    expect(explorer.alert).to_have_text(
        "scale must be one number, or as many as the stacked axis is long, 3 (axis 0), got 2 numbers. "
        "Give each slice its number, or change the size of the axis."
    )
    assert explorer.still_shows()
    expect(explorer.number("scale")).to_have_value(re.compile("1, "))
    explorer.type("depth", "2")  # which is one way out
    explorer.study.layer.depth = 2
    explorer.study.initializer.scale = PerSlice(1, 1 / 2)
    explorer.shows()
    explorer.type_number("scale", "1, x")
    expect(explorer.alert).to_have_text("scale must be a number of at least 0, got '1, x'. Type for instance 1.")
    explorer.type_number("scale", "[1, 0.25]")
    explorer.study.initializer.scale = PerSlice(1, 1 / 4)
    explorer.shows()
    explorer.press("scale", "ArrowRight")
    explorer.study.initializer.scale = 1.05
    explorer.shows()
    expect(explorer.number("scale")).to_have_value("1.05")


@pytest.mark.slow(keeps=0)
def test_an_axis_typed_changes_roles_and_fans(explorer):
    explorer.type("shape", "12, 20, 30")
    explorer.study.shape = (12, 20, 30)
    words = explorer.shows()["fans"]["columns"][-1]["text"]
    words = [word.replace("\n", " ") for word in words]
    assert words == ["axis 0: receptive field", "axis 1: input", "axis 2: output"]
    explorer.type("in_axis", "0")
    explorer.study.initializer.in_axis = 0
    words = explorer.shows()["fans"]["columns"][-1]["text"]
    words = [word.replace("\n", " ") for word in words]
    assert words == ["axis 0: input", "axis 1: receptive field", "axis 2: output"]
    expect(explorer.status.locator("p")).to_have_text(
        "Spectrum: flattened to 240 × 30: rows axes 0, 1, columns axis 2."
    )


def test_shape_dtype_seed_and_device(explorer):
    study = explorer.study
    for shape in [(30, 20), (5, 12, 16), (3, 3, 8, 16), (2, 3, 2, 5, 7)]:
        explorer.type("shape", ", ".join(map(str, shape)))
        study.shape = shape
        explorer.shows()
        expect(explorer.page.get_by_role("slider")).to_have_count(len(shape))
        for axis, size in enumerate(shape):
            expect(explorer.slider(f"size of axis {axis}")).to_have_value(str(size))
        explorer.press("size of axis 1", "ArrowRight", "ArrowRight")
        study.shape = (shape[0], shape[1] + 2, *shape[2:])
        explorer.shows()
        expect(explorer.textbox("shape")).to_have_value(", ".join(map(str, study.shape)))
    for dtype in ("bfloat16", "float16", "float8_e5m2", "complex64", "float32"):
        explorer.choose("dtype", dtype)
        study.dtype = dtype
        explorer.shows()
    drawn = explorer.shows()["weights"]
    explorer.page.get_by_role("button", name="new sample").click()
    study.seed = 1
    assert explorer.shows()["weights"] != drawn
    expect(explorer.textbox("seed")).to_have_value("1")
    explorer.type("seed", "0")
    study.seed = 0
    assert explorer.shows()["weights"] == drawn
    explorer.combobox("device").click()
    expect(explorer.page.get_by_role("listbox", name="device").locator("li")).to_have_text([study.device])
    explorer.page.keyboard.press("Escape")


@pytest.mark.slow(keeps=0)
def test_a_new_initializer_keeps_shape_seed_and_shared_arguments(explorer):
    study = explorer.study
    explorer.type("shape", "20, 30, 40")
    explorer.type("seed", "7")
    explorer.type("in_axis", "(0, 1)")
    study.shape, study.seed, study.initializer.in_axis = (20, 30, 40), 7, (0, 1)
    explorer.shows()
    explorer.choose("initializer", "glorot_uniform")
    study.function = "glorot_uniform"
    explorer.shows()
    for label, text in {"shape": "20, 30, 40", "seed": "7", "in_axis": "(0, 1)", "out_axis": "-1"}.items():
        expect(explorer.textbox(label)).to_have_value(text)
    assert study.initializer.in_axis == (0, 1)


@pytest.mark.slow(keeps=0)
def test_float8_warns_and_has_a_designed_empty_spectrum(explorer):
    explorer.choose("dtype", "float8_e4m3fn")
    explorer.study.dtype = "float8_e4m3fn"
    shown = explorer.shows()
    warning, why = explorer.status.locator("p").all_inner_texts()
    assert warning == (
        "jax draws float8_e4m3fn from only 8 equally likely values (8 of them NaN): the exact law does not hold. "
        "Draw in float32 and cast the weights to avoid it."
    )
    assert why == "65,536 of the weights are NaN or infinite, so there are no singular values."
    assert shown["spectrum"]["title"] == "Singular values: none"
    assert not any(shown["spectrum"]["columns"][0]["top"])


@pytest.mark.slow(keeps=0)
def test_a_large_matrix_shows_a_block(explorer):
    explorer.type("shape", "2100, 2100")
    explorer.study.shape = (2100, 2100)
    explorer.shows()
    expect(explorer.status.locator("p")).to_have_text("Spectrum: leading 2048 × 2048 block of 2100 × 2100.")


SHAPE_WORDS = "shape must be whole numbers separated by commas, got {!r}. Type for instance 3, 3, 64, 128."
SHAPE_RANK = "shape must have 2 to 5 axes, got {} in {}. Type for instance 256, 256."
SEED = "seed must be a whole number from 0 to 4294967295, got {}. Type for instance 0."
AXIS = "{} must be whole numbers from -99 to 99, got {!r}. Type for instance -2, or (0, 1), or ()."
REFUSED = {
    ("shape", "-3, 4"): "shape must have every element be nonnegative, got (-3, 4) (negative dimensions are not "
    "allowed). Use sizes of at least 1.",
    ("shape", "abc"): SHAPE_WORDS.format("abc"),
    ("shape", "2.5, 3"): SHAPE_WORDS.format("2.5, 3"),
    ("shape", "3"): SHAPE_RANK.format(1, (3,)),
    ("shape", ""): SHAPE_RANK.format(0, ()),
    ("shape", "1, 2, 3, 4, 5, 6"): SHAPE_RANK.format(6, (1, 2, 3, 4, 5, 6)),
    ("shape", "100000, 100000"): "shape must hold at most 4,294,967,296 weights, got 10,000,000,000 in "
    "(100000, 100000). Make an axis smaller.",
    ("in_axis", "7"): "in_axis = 7: tuple index out of range for a shape with 2 axes. Choose from -2 to 1.",
    ("in_axis", "x"): AXIS.format("in_axis", "x"),
    ("out_axis", "1.5"): AXIS.format("out_axis", "1.5"),
    ("seed", "-1"): SEED.format(-1),
    ("seed", ""): SEED.format("''"),
    ("seed", "1e3"): SEED.format("'1e3'"),
}


def test_refused_text_leaves_the_last_good_plots(explorer):
    good = {"shape": "256, 256", "in_axis": "-2", "out_axis": "-1", "seed": "0"}
    for (label, text), message in REFUSED.items():
        explorer.type(label, text)
        expect(explorer.alert.locator("p")).to_have_text(message)
        assert explorer.still_shows()
        explorer.waits_until_dimmed()
        explorer.type(label, good[label])
        explorer.shows()  # without a message
        explorer.waits_until_dimmed(False)


@pytest.mark.slow(keeps=0)
def test_refused_combinations_leave_the_last_good_plots(explorer):
    study = explorer.study
    explorer.choose("initializer", "orthogonal")
    study.function = "orthogonal"
    explorer.shows()
    explorer.choose("dtype", "bfloat16")
    expect(explorer.alert.locator("p")).to_have_text(
        "qr does not accept dtype bfloat16 (Unsupported dtype bfloat16): an orthogonal matrix needs a QR "
        "decomposition, which has no half-precision form. Draw in float32, then cast."
    )
    assert explorer.still_shows()
    explorer.waits_until_dimmed()
    explorer.choose("dtype", "float32")
    explorer.shows()
    explorer.waits_until_dimmed(False)
    explorer.type("shape", "3, 3, 8, 4")
    study.shape = (3, 3, 8, 4)
    explorer.shows()
    explorer.choose("initializer", "delta_orthogonal")
    expect(explorer.alert.locator("p")).to_have_text(
        "`fan_in` must be less or equal than `fan_out`. Got 8 inputs and 4 outputs. "
        "Use at least as many outputs (the last axis) as inputs."
    )
    assert explorer.still_shows()
    explorer.type("shape", "3, 3, 4, 8")
    study.shape, study.function = (3, 3, 4, 8), "delta_orthogonal"
    explorer.shows()
    explorer.choose("initializer", "truncated_normal")
    study.function = "truncated_normal"
    explorer.shows()
    explorer.type_number("lower", "3")
    expect(explorer.alert.locator("p")).to_have_text(
        "lower must be less than upper, got lower = 3.0 and upper = 2.0. Pass for instance lower=-2.0, upper=2.0."
    )
    assert explorer.still_shows()
    explorer.type_number("lower", "-1")
    study.initializer.lower = -1.0
    explorer.shows()
    for refused in ("-1", "x"):
        explorer.type_number("stddev", refused)
        expect(explorer.alert.locator("p")).to_have_count(1)
        assert explorer.still_shows()
    for accepted in ("0.5", "0.7"):
        explorer.type_number("stddev", accepted)
        study.initializer.stddev = float(accepted)
        explorer.shows()
    explorer.type("shape", "0, 5")
    study.shape = (0, 5)
    explorer.shows()
    expect(explorer.page.get_by_text("No finite weights, nothing to check.")).to_be_visible()


BRIGHT = """dark => {
  const brightness = colour => {
    const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d")
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    return context.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((a, b) => a + b) / 3
  }
  const figures = [...Bokeh.documents[0]._all_models.values()].filter(m => m.type === "Figure")
  const all = [getComputedStyle(document.body).backgroundColor, ...figures.map(f => f.background_fill_color)]
  return figures.length === 3 && all.every(colour => dark ? brightness(colour) < 60 : brightness(colour) > 200)
}"""


@pytest.mark.slow(keeps=0)
def test_the_theme_takes_the_plots_along(explorer):
    page = explorer.page
    toggle = page.get_by_role("button", name="Toggle theme")
    page.wait_for_function(BRIGHT, arg=False)
    toggle.click()
    page.wait_for_function(BRIGHT, arg=True)
    explorer.choose("initializer", "uniform")
    explorer.study.function = "uniform"
    explorer.shows()
    page.wait_for_function(BRIGHT, arg=True)
    toggle.click()
    page.wait_for_function(BRIGHT, arg=False)


OPENED = """() => {
  setInterval(() => {
    const found = [...document.querySelectorAll("body *")].map(each => each.shadowRoot?.querySelector(".sidebar"))
    if (found.some(sheet => sheet?.checkVisibility())) window.sheetWasOpen = true
  }, 20)
}"""
ON_TOP = """element => {  // of what is painted amid its last cell, whether it is a part of it
  const box = element.getBoundingClientRect()
  const [x, y] = [box.x + Math.min(box.width, 20) / 2, box.y + box.height / 2]
  let found = document.elementFromPoint(x, y)
  for (let next; (next = found?.shadowRoot?.elementFromPoint(x, y)) && next !== found;) found = next
  return element.contains(found)
}"""


def test_a_phone_has_a_sheet_of_settings_that_covers_nothing(app):
    page = app.page
    page.set_viewport_size({"width": 360, "height": 800})
    page.add_init_script(f"({OPENED})()")
    page.reload()
    explorer = Driver(page)
    explorer.shows()
    assert not page.evaluate("window.sheetWasOpen")
    expect(page.locator(".bk-Figure")).to_have_count(3)
    last = page.get_by_role("table", name="Expected against observed").get_by_role("row").last.get_by_role("rowheader")
    overflow = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    for width in (360, 420, 601, 700):
        page.set_viewport_size({"width": width, "height": 800})
        for figure in page.locator(".bk-Figure").all():
            figure.scroll_into_view_if_needed()
            box = figure.bounding_box()
            assert box["width"] > 250
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        for button in ("Open drawer", "Close drawer"):
            last.scroll_into_view_if_needed()
            assert last.evaluate(ON_TOP)
            assert page.evaluate(overflow) == 0
            page.get_by_role("button", name=button).click()
            sheet = page.locator(".sidebar")
            if button.startswith("Open"):
                expect(explorer.combobox("initializer")).to_be_in_viewport()
                page.wait_for_function("sheet => sheet.getBoundingClientRect().x === 0", arg=sheet.element_handle())
                content = page.locator(".main-content").bounding_box()
                assert content["y"] + content["height"] <= sheet.bounding_box()["y"]
            else:
                expect(sheet).not_to_be_in_viewport()
    page.get_by_role("button", name="Open drawer").click()
    explorer.type("shape", "3, 3, 16, 32")
    explorer.study.shape = (3, 3, 16, 32)
    explorer.shows()
    page.set_viewport_size({"width": 1400, "height": 900})
    expect(page.locator(".sidebar")).to_be_in_viewport(ratio=0.9)
    assert page.locator(".main-content").bounding_box()["x"] >= 330


@pytest.mark.slow(keeps=0)
def test_a_phone_shows_how_far_the_draw_is_though_its_settings_are_away(app):
    explorer, page = Driver(app.page), app.page
    explorer.shows()
    bar = page.get_by_role("progressbar", name="how far the work is")
    buttons = {label: page.get_by_role("button", name=label, exact=True) for label in ("stop", "run again")}
    explorer.type("shape", "60000, 60000")
    page.set_viewport_size({"width": 420, "height": 800})
    for element in (bar, buttons["stop"]):
        expect(element).to_be_in_viewport(ratio=1)
    page.get_by_role("table", name="Expected against observed").get_by_role("row").last.scroll_into_view_if_needed()
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    expect(buttons["stop"]).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Open drawer").click()
    expect(explorer.combobox("initializer")).to_be_in_viewport()
    expect(buttons["stop"]).to_have_count(1)
    page.get_by_role("button", name="Close drawer").click()
    buttons["stop"].click()
    expect(bar).to_have_count(0)
    for width in (420, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        expect(buttons["run again"]).to_have_count(1)
        expect(buttons["run again"]).to_be_in_viewport(ratio=1)
    buttons["run again"].click()
    expect(bar).to_have_count(1)
    explorer.type("shape", "20, 10")
    explorer.study.shape = (20, 10)
    explorer.shows()
    expect(bar).to_have_count(0)
    expect(buttons["run again"]).to_have_count(0)


FOCUSED = """() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const root = element.getRootNode()
  const by = element.getAttribute("aria-labelledby")?.split(" ").map(id => root.getElementById(id)?.textContent) ?? []
  const labels = [...element.labels ?? []].map(label => label.textContent)
  return [element.getAttribute("aria-label"), ...by, ...labels, element.textContent].join(" ")
}"""


def test_the_keyboard_reaches_every_control_by_name(explorer):
    explorer.choose("initializer", "truncated_normal")
    explorer.study.function = "truncated_normal"
    explorer.shows()
    controls = ["initializer", "stddev", "lower", "upper", "layer", "shape", "size of axis 0", "size of axis 1",
                "advanced", "dtype", "device", "seed", "new sample"]  # fmt: skip
    reached = tabbed(explorer)
    assert not any("dtype" in text for text in reached)  # folded away
    explorer.unfold("dtype")
    reached = tabbed(explorer)
    order = [next((i for i, text in enumerate(reached) if name in text), None) for name in controls]
    assert None not in order, (controls, reached)
    assert order == sorted(order)


def tabbed(explorer):
    """What the tab key reaches, from the bar of the page to the end of the settings."""
    explorer.page.get_by_role("button", name="Toggle theme").focus()
    reached = []
    while "new sample" not in "".join(reached) and len(reached) < 40:
        explorer.page.keyboard.press("Tab")
        reached.append(explorer.page.evaluate(FOCUSED))
    return reached


TITLE = """() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element.title
}"""


@pytest.mark.slow(keeps=0)
def test_a_toolbar_is_one_stop_of_the_tab_key_with_arrows_in_it(explorer):
    keyboard = explorer.page.keyboard
    explorer.page.get_by_role("tab", name="this draw").focus()
    titles = []
    while not titles or "weights as" not in explorer.page.evaluate(FOCUSED):
        keyboard.press("Tab")
        titles.append(explorer.page.evaluate(TITLE))
        assert len(titles) < 12, titles
    assert [title for title in titles if title] == ["Pan", "Pan"]
    while explorer.page.evaluate(TITLE) != "Pan":
        keyboard.press("Shift+Tab")
    for key, title in {"ArrowUp": "Reset", "ArrowDown": "Pan", "ArrowRight": "Box Zoom", "ArrowLeft": "Pan"}.items():
        keyboard.press(key)
        assert explorer.page.evaluate(TITLE).startswith(title)


@pytest.mark.slow(keeps=0)
def test_menus_are_opened_by_keyboard(explorer):
    menu, options = explorer.combobox("initializer"), explorer.page.get_by_role("listbox")
    for key in ("Enter", "ArrowDown", "ArrowUp", " "):
        menu.focus()
        explorer.page.keyboard.press(key)
        expect(options).to_be_visible()
        explorer.page.keyboard.press("Escape")
        expect(options).to_have_count(0)
    menu.focus()
    explorer.page.keyboard.press("Enter")
    expect(options).to_be_visible()
    explorer.page.keyboard.press("ArrowDown")
    chosen = explorer.page.locator("li:focus").text_content()
    explorer.page.keyboard.press("Enter")
    expect(menu).to_have_text(chosen)
    explorer.study.function = chosen.split()[0]
    explorer.shows()


@pytest.mark.slow(keeps=0)
def test_the_script_of_the_widgets_is_loaded_once_and_early(explorer):
    """By the address that Panel asks for, or it would be loaded and run twice."""
    loaded = explorer.page.evaluate(
        """() => performance.getEntriesByType("resource").map(({name, startTime}) => [name, startTime])
          .filter(([name]) => /(panel-material-ui.bundle|panel.min).js/.test(name))"""
    )
    (material, begun), (panel, after) = sorted(loaded)
    assert "panel-material-ui.bundle.js" in material
    assert "panel.min.js" in panel
    assert begun <= after


def test_a_second_session_is_separate(explorer, browser, browser_context_args):
    other = browser.new_context(**browser_context_args).new_page()
    other.goto(explorer.page.url)
    second = Driver(other)
    second.shows()
    explorer.type("shape", "20, 30")
    explorer.study.shape = (20, 30)
    explorer.shows()
    second.choose("initializer", "uniform")
    second.study.function = "uniform"
    second.shows()
    assert explorer.still_shows()
    other.context.close()


def test_many_quick_keys_end_in_the_result_of_the_last(explorer):
    explorer.press("size of axis 0", *["ArrowRight"] * 15)
    explorer.study.shape = (271, 256)
    explorer.shows()
    explorer.press("size of axis 0", *["ArrowRight", "ArrowLeft"] * 4, "ArrowLeft")
    explorer.study.shape = (270, 256)
    explorer.shows()
    expect(explorer.textbox("shape")).to_have_value("270, 256")


@pytest.mark.slow(keeps=0)
def test_keys_draw_anew_and_present_but_not_in_a_field(explorer):
    page, seed = explorer.page, explorer.textbox("seed")
    seed.press("End")
    page.keyboard.press("n")
    expect(seed).to_have_value("0n")
    page.keyboard.press("Backspace")
    page.get_by_role("tab", name="Weights").focus()
    page.keyboard.press("n")
    explorer.study.seed = 1
    explorer.shows()
    plot = page.locator(".bk-Figure").nth(1)
    before = plot.bounding_box()["height"]
    page.keyboard.press("f")
    expect(seed).not_to_be_visible()
    page.wait_for_function("([plot, before]) => plot.clientHeight > 1.3 * before", arg=[plot.element_handle(), before])
    page.get_by_role("button", name="present").click()
    expect(seed).to_be_visible()
    page.wait_for_function("([plot, before]) => plot.clientHeight === before", arg=[plot.element_handle(), before])
    explorer.shows()


def test_what_matters_is_above_the_fold(explorer):
    page = explorer.page
    page.set_viewport_size({"width": 1400, "height": 900})
    said = page.get_by_role("heading", name="Expected against observed")
    for shown in (said, page.get_by_role("button", name="new sample"), page.get_by_role("button", name="advanced")):
        expect(shown).to_be_in_viewport(ratio=1)
    explorer.choose("layer", "Convolution")  # which has many settings
    explorer.unfold("dtype")
    explorer.combobox("device").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="new sample")).to_be_in_viewport(ratio=1)
