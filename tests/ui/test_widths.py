"""Small windows, a page at 200 %, and text alone at 200 %: in no room anything is wider than the window, or cut."""

import pytest
from driver import Driver

from initviz.explorer.rooms import ROOMS, USES
from initviz.study import Study

SETTINGS = "?v=1&initializer=glorot_uniform&layer=AttentionProjection&looks.Seeds.draws=4"
SETTINGS += "&network.depth=12&network.width=32&model.example=flax+layers+that+share+a+key"
SETTINGS += "&model.recipe=rules+of+your+own&model.rules=%22**/bias%22+%3D+%22ones%22"
WINDOWS = {  # CSS pixels, pixels of the screen for each, size of text as a share of the usual one
    "a small phone": (360, 740, 3, 1), "a page at 200 %": (700, 450, 2, 1), "text at 200 %": (1400, 900, 1, 2),
    "text at 200 % on a phone": (420, 800, 1, 2),
}  # fmt: skip
WRONG = """() => {
  const wrong = [], width = document.documentElement.clientWidth
  const name = (each, fault) => `${fault}: <${each.localName}> ${(each.innerText ?? "").trim().slice(0, 60)}`
  const look = (root, scrolls) => {
    for (const each of root.children) {
      const style = getComputedStyle(each), place = each.getBoundingClientRect()
      if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") continue
      const isOwn = [...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
      const isSeen = place.width > 1 && place.height > 1  // or it is for assistive software alone
      const isSaid = isOwn || ["BUTTON", "INPUT", "SELECT", "CANVAS"].includes(each.tagName)
      const isOutside = place.right > width + 1 || place.left < -1
      if (isSaid && isSeen && !scrolls && isOutside) wrong.push(name(each, "outside"))
      const isCut = each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 6
      const cuts = ["hidden", "clip"].includes(style.overflowX)
      if (isOwn && isSeen && each.clientWidth && cuts && isCut) wrong.push(name(each, "cut"))
      const inside = scrolls || ["auto", "scroll"].includes(style.overflowX) && place.right <= width + 1
      look(each, inside)
      if (each.shadowRoot) look(each.shadowRoot, inside)
    }
  }
  look(document.body, false)
  if (document.documentElement.scrollWidth > width) wrong.push("the page is wider than the window")
  return wrong
}"""
"""What is beside the window and in nothing that scrolls, and words that are cut; those of plots are a canvas's."""


@pytest.fixture
def query():
    """What pages open with: a layer with a verdict and its mend, a small network, and rules of a model."""
    return SETTINGS


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_wider_than_the_window_or_cut_in_any_room(app, window):
    page, explorer = app.page, Driver(app.page, Study.from_link(SETTINGS))
    explorer.shows()
    width, height, density, text = WINDOWS[window]
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setDeviceMetricsOverride",
                 {"width": width, "height": height, "deviceScaleFactor": density, "mobile": False})  # fmt: skip
    page.evaluate("size => document.documentElement.style.fontSize = size", f"{text:.0%}")
    found = {}
    for view in [title for views in ROOMS.values() for name, title in views.items() if name not in USES]:
        explorer.open(view)
        if view == "Compare":
            page.get_by_role("button", name="pin this and he_normal()").click()
            page.get_by_role("textbox", name="name 2").wait_for()
        found[view] = wrong(page)
    session.send("Emulation.clearDeviceMetricsOverride")
    assert {view: faults for view, faults in found.items() if faults} == {}


def wrong(page) -> list[str]:
    """What is wrong once the view has found its place."""
    for _ in range(10):
        page.wait_for_timeout(500)
        found = page.evaluate(WRONG)
        if not found:
            break
    return found
