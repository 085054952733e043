"""Somebody who clicks and types at random: nothing goes wrong on the page or in the server, and the page lives on.

`python -m pytest tests/ui/test_clicker.py --clicks 10000 --dice 3` goes on for longer than CI does, with other dice.
"""

import random

import pytest
from driver import PATIENCE, WEIGHTS, Driver
from playwright.sync_api import Error, Page, expect

from initviz.explorer.rooms import ROOMS
from initviz.study import Study

SOON = 1000  # ms for one action: what was there a moment ago may be gone, or lie under something else
CONTROLS = """() => {
  const roles = "button, summary, input, textarea, [role=tab], [role=slider], [role=combobox], [role=menuitem]"
    + ", [role=option], .bk-Figure"
  const found = []
  const walk = root => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) walk(element.shadowRoot)
      if (!element.matches(roles) || element.disabled || element.getAttribute("aria-disabled") === "true") continue
      const {width, height} = element.getBoundingClientRect()
      if (width && height && getComputedStyle(element).visibility === "visible") found.push(element)
    }
  }
  walk(document)
  const open = found.filter(element => element.matches("[role=option], [role=menuitem]"))
  window.controls = open.length ? open : found  // an open menu lies over all else
  const name = element => (element.getAttribute("aria-label") || element.getAttribute("aria-labelledby")
    || element.textContent || element.id || "").trim().slice(0, 30)
  return window.controls.map(element => {
    const kind = element.getAttribute("role") ?? (element.type || element.localName)
    return [element.matches(".bk-Figure") ? "figure" : kind, name(element)]
  })
}"""
"""Finds all that can be clicked or typed into, and says of each of what kind it is and its name."""
IN_SIGHT = """place => {
  const control = window.controls[place]
  control.scrollIntoView({block: "center", inline: "center", behavior: "instant"})
  const {left, right, top, bottom} = control.getBoundingClientRect()
  const [x, y] = [(left + right) / 2, (top + bottom) / 2]
  return x > 0 && x < innerWidth && y > 0 && y < innerHeight ? [x, y] : null
}"""
"""Brings a control into sight; where its middle is then, or null if it cannot be seen, as in a closed drawer."""
TEXTS = ("", "0", "-1", "1", "3", "7", "64", "1e99", "nan", "inf", "1/3", "3, 3, 8, 8", "16, 8", "5", "0.5", "x",
         "tanh(x)", "sin(", "relu", "1, 1/2, 1/3", "float8_e4m3fn", "__import__('os')", "[" * 50,
         "<img src=x onerror=alert(1)>", "9" * 40, "é😀\u202e", "%00&v=2", "{{7*7}}", "Robert'); --")  # fmt: skip
KEYS = ("ArrowRight", "ArrowLeft", "ArrowDown", "Home", "PageUp", "Enter", "Space", "Escape", "Tab", "n", "f", "?")
"""Not End: the largest draw takes seconds each time."""
WAYS = {"go_back": 3, "go_forward": 3, "reload": 1}
"""What the browser itself can be asked for, and how often in a hundred actions."""
SETTINGS = "?v=1&network.depth=8&network.width=32&shape=32,16"
"""A small network and a small draw: most of the time goes into clicks, not into answers."""

HEARD = """link => {
  const carrier = [...Bokeh.documents[0]._all_models.values()].find(({tags}) => tags?.[0] === "initviz address")
  if (carrier?.value.endsWith(link)) return true
  if (location.search !== link) history.pushState(null, "", location.pathname + link)  // what came before settled late
  dispatchEvent(new PopStateEvent("popstate"))
}"""
"""Whether the page has taken a link; until then it is told again, for a page that opens hears of nothing yet."""

LIVES = f"""() => ({WEIGHTS})().some(([title]) => title === "Weights: 24 values, float32")"""
"""Whether the draw that was asked for last is among the plots: what is pinned stays beside it."""


def act(page: Page, dice: random.Random) -> str:
    """Do one thing to the page; what it was."""
    way = dice.random() * 100
    for name, share in WAYS.items():
        way -= share
        if way < 0:
            getattr(page, name)(wait_until="commit")
            return name
    controls = page.evaluate(CONTROLS)
    place = dice.random()
    if not controls:  # the page opens anew
        page.wait_for_timeout(500)
        return "wait"
    place = int(place * len(controls))
    kind, name = controls[place]
    control = page.evaluate_handle(f"window.controls[{place}]").as_element()
    if kind in ("text", "number", "search", "textarea"):
        text = dice.choice(TEXTS)
        control.fill(text)
        control.press(dice.choice(("Enter", "Tab")))
        return f"type {text!r} into {name}"
    if kind in ("range", "slider") or dice.random() < 0.2:
        key = dice.choice(KEYS[:2] if kind in ("range", "slider") else KEYS)
        control.focus()
        page.keyboard.press(key)
        return f"{key} on {kind} {name}"
    if kind == "figure" and (box := control.bounding_box()):
        return drag(page, box, dice)
    where = page.evaluate(IN_SIGHT, place)
    if not where:
        return f"missed: {kind} {name} is out of sight"
    page.mouse.click(*where)  # whatever lies there now: as a hand does, which waits for nothing
    return f"click {kind} {name}"


def drag(page: Page, box: dict, dice: random.Random) -> str:
    """Draw the mouse over a plot, or turn its wheel there."""
    points = [(box["x"] + box["width"] * dice.random(), box["y"] + box["height"] * dice.random()) for _ in range(2)]
    page.mouse.move(*points[0])
    if dice.random() < 0.3:
        page.mouse.wheel(0, dice.choice((-200, 200)))
        return "wheel on a figure"
    page.mouse.down()
    page.mouse.move(*points[1], steps=3)
    page.mouse.up()
    return "drag in a figure"


def try_to_act(page: Page, dice: random.Random) -> str:
    """Do one thing to the page, or say that it could not be done."""
    try:
        return act(page, dice)
    except Error as error:
        return f"missed: {error.message.splitlines()[0][:80]}"


@pytest.fixture
def query():
    """Pages open with these settings."""
    return SETTINGS


def test_a_random_clicker_breaks_nothing(app, request):
    page, option = app.page, request.config.getoption
    count, seed = option("--clicks"), option("--dice")
    print(f"{count} actions by the dice of seed {seed}")
    Driver(page, Study.from_link(SETTINGS)).shows()
    page.on("download", lambda download: download.cancel())
    page.on("dialog", lambda dialog: app.problems.append(f"a dialog: {dialog.message}"))
    done = []
    for place in range(count):
        dice = random.Random(f"{seed}, {place}")  # an action of its own, whatever those before it have done
        if place % 8 == 0:  # so that every view is open for some time
            names = [name for views in ROOMS.values() for name in views]
            done.append(go_to(page, f"{SETTINGS}&look={names[place // 8 % len(names)]}"))
        page.set_default_timeout(SOON)
        done.append(try_to_act(page, dice))
        page.wait_for_timeout(dice.choice((0, 20, 100)))
        assert not app.problems, "\n".join([f"after {place} actions:", *app.problems, *done[-30:]])
    missed = [each for each in done if each.startswith("missed")]
    assert len(missed) < count / 2, missed[-50:]
    go_to(page, "?v=1&shape=6,+4&seed=5")
    print("the last of them:", *done[-25:], sep="\n")
    expect(page.get_by_role("heading", level=1)).to_contain_text("6 × 4", timeout=PATIENCE)
    page.wait_for_function(LIVES, timeout=PATIENCE)


def go_to(page: Page, link: str) -> str:
    """Have the page show what is at this link, as if a user had gone back there: in the same session."""
    page.wait_for_function("window.Bokeh?.documents[0]?.is_idle", timeout=PATIENCE)
    page.wait_for_function(HEARD, arg=link, polling=500, timeout=PATIENCE)
    return f"go to {link}"
