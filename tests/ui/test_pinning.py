"""The room that compares in a real browser: what is pinned, named, colored, hidden, drawn with other keys."""

import re

import pytest
from driver import PATIENCE, Driver, figure
from playwright.sync_api import expect

from initviz.compare import Comparison
from initviz.explorer.rooms import ROOMS
from initviz.study import Study
from initviz.study.study import MODEL
from initviz.views.comparison import pictures

LEGEND = """name => [...Bokeh.documents[0]._all_models.values()].filter(m => m.type === "Figure" && m.name === name)
  .map(m => m.center.find(each => each.type === "Legend")).findLast(Boolean)"""  # the draw has a plot of this name, too
DRAWN = f"""name => ({LEGEND})(name).items.filter(item => item.renderers.every(each => each.visible))
  .map(item => item.label.value)"""
WHERE = f"""name => {{
  const view = Object.values(Bokeh.index)[0].owner.find_one(({LEGEND})(name))
  const canvas = view.plot_view.canvas_view.el.getBoundingClientRect(), box = view.bbox
  return {{x: canvas.x + box.left, y: canvas.y + box.top, width: box.width, height: box.height}}
}}"""


@pytest.fixture
def query():
    """Pages open with a small draw and a small network."""
    return "?v=1&shape=24,+16&network.depth=6&network.width=16"


@pytest.fixture
def room(app):
    """A page that has pinned nothing."""
    driver = Driver(app.page, Study.from_link("?v=1&shape=24,+16&network.depth=6&network.width=16"))
    driver.shows()
    return driver


def press(driver, name, exact=True):
    driver.page.get_by_role("button", name=name, exact=exact).click()


def opens(driver):
    driver.page.get_by_role("tab", name=re.compile("^Compare")).click()


def holds(driver, expected: Comparison) -> None:
    """Wait until the pictures are those of this comparison."""
    drawn = pictures(expected.answer(), expected.weights_as, expected.spectrum_as)
    driver.waits({each.name: figure(each) for each in drawn} | {"texts": []})


def is_drawn(driver, *names) -> None:
    """Wait until this is drawn of both pictures, and nothing else."""
    for name in ("weights", "spectrum"):
        driver.page.wait_for_function(
            f"([name, names]) => JSON.stringify(({DRAWN})(name)) === JSON.stringify(names)", arg=[name, list(names)],
            timeout=PATIENCE,
        )  # fmt: skip


def test_every_room_of_a_draw_pins_and_compare_shows_what_is_pinned(room):
    page, expected = room.page, Comparison()
    page.get_by_role("tab", name=MODEL).click()
    expect(page.get_by_role("heading", level=1, name="GPT-2")).to_be_visible()
    expect(page.get_by_role("button", name="pin", exact=True)).to_be_hidden()  # which shows no draw
    for seed, (title, views) in enumerate((title, views) for title, views in ROOMS.items() if title != MODEL):
        if seed:
            room.type("seed", str(seed))
            room.study.seed = seed
        page.get_by_role("tab", name=re.compile(f"^{title}")).click()
        room.study.look = next(iter(views))
        press(room, "pin")
        entry = expected.pin(room.study)
        expect(page.get_by_text(f"Pinned as {entry.name}: {seed + 1} of 6.")).to_be_visible()
        expect(page.get_by_role("button", name="✓ pinned")).to_be_visible()
        expect(page.get_by_role("tab", name=f"Compare ({seed + 1})")).to_be_visible()
    press(room, "✓ pinned")
    expect(page.get_by_text(f"This is pinned already, as {entry.name}.")).to_be_visible()
    opens(room)
    holds(room, expected)


def test_what_is_pinned_is_named_colored_hidden_and_removed(room):
    page, expected = room.page, Comparison()
    opens(room)
    expect(page.get_by_text("Nothing is pinned yet.", exact=True)).to_be_visible()
    press(room, "pin this and lecun_normal()")
    for name in ("he_normal", "lecun_normal"):
        expected.pin(Study(name, shape=(24, 16)))
    holds(room, expected)
    expect(page.get_by_text("lecun_normal() is he_normal() × 1/√2, entry by entry")).to_be_visible()
    field = page.get_by_label("name 2")
    field.fill("LeCun")
    field.press("Enter")
    expected.rename("lecun_normal()", "LeCun")
    room.choose("color 2", "green, dotted")
    expected.recolor("LeCun", 3)
    holds(room, expected)
    box = page.get_by_role("checkbox", name="LeCun (green, dotted)")
    box.focus()
    page.keyboard.press("Space")
    is_drawn(room, "he_normal()")
    page.keyboard.press("Space")
    is_drawn(room, "he_normal()", "LeCun")
    page.get_by_role("figure", name=re.compile("^Singular values: 2 draws")).scroll_into_view_if_needed()
    where = page.evaluate(WHERE, "spectrum")
    page.mouse.click(where["x"] + 15, where["y"] + where["height"] / 2)  # the first of two columns
    is_drawn(room, "LeCun")
    expect(page.get_by_role("checkbox", name="he_normal() (blue, solid)")).not_to_be_checked()
    press(room, "remove 1")
    expected.remove("he_normal()")
    holds(room, expected)


@pytest.mark.slow(keeps=0)
def test_keys_networks_and_trainings_are_compared(room):
    page, expected = room.page, Comparison()
    opens(room)
    press(room, "pin this and lecun_normal()")
    for name in ("he_normal", "lecun_normal"):
        room.study.function = name
        expected.pin(room.study)
    holds(room, expected)
    room.choose("keys", "independent")
    expected.keys = "independent"
    holds(room, expected)
    expect(page.get_by_text("entry by entry")).to_have_count(0)
    room.choose("compare", "networks")
    expected.look = "networks"
    holds(room, expected)
    room.choose("compare", "training")
    expected.param.update(look="training", steps=10)
    room.type_number("steps", "10")
    holds(room, expected)


def test_a_reload_keeps_what_is_pinned_and_going_back_does_not_undo_it(room):
    page = room.page
    press(room, "pin")
    room.type("seed", "1")
    room.study.seed = 1
    press(room, "pin")
    pins = "&pin=shape=24,%2B16%26network.depth=6%26network.width=16"
    expect(page).to_have_url(
        re.compile(re.escape(f"{pins}{pins.replace('%26network.d', '%26seed=1%26network.d')}") + "$")
    )
    page.reload()
    expect(page.get_by_role("tab", name="Compare (2)")).to_be_visible()
    page.wait_for_timeout(1500)  # what comes later is a step of its own
    opens(room)
    expect(page).to_have_url(re.compile("look=Compare"))
    press(room, "remove 1")
    expect(page.get_by_role("tab", name="Compare (1)")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("seed=1(?!.*look=Compare).*pin=name=.*seed=1"))
    expect(page.get_by_role("tab", name="Compare (1)")).to_be_visible()
