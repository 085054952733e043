"""What axe-core finds wrong with the page for those who see little or nothing: in any tab, nothing serious.

Short of that one thing is left: the two parts of panel-material-ui's accordion (0.16) are landmarks without names.
"""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from driver import Driver

from initviz.explorer.rooms import ROOMS, USES
from initviz.study import Study
from initviz.views.comparison import NUMBERS
from initviz.views.text import CODE, FOREIGN

SETTINGS = "?v=1&initializer=glorot_uniform&layer=AttentionProjection&looks.Seeds.draws=4"
SETTINGS += "&network.depth=12&network.width=32&model.example=flax+layers+that+share+a+key"
SETTINGS += "&model.recipe=rules+of+your+own&model.rules=%22**/bias%22+%3D+%22ones%22"
"""A layer with a fan that is wrong, so that there is a verdict, its mend, and a ✗; a small network; rules."""
WIDTHS = {"wide": (1400, 900), "phone": (420, 800)}
FINDS = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"]})
  const grave = violations.filter(({impact}) => ["serious", "critical"].includes(impact))
  const where = each => each.html.slice(0, 200) + each.failureSummary
  return grave.map(({id, impact, nodes}) => `${impact} ${id}: ${nodes.map(where)}`)
}"""


@pytest.fixture
def query(page, width):
    """Pages open with these settings, in a window of this width."""
    page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))
    return SETTINGS


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_tab(app, theme, width):
    page, explorer = app.page, Driver(app.page, Study.from_link(SETTINGS))
    explorer.shows()
    page.evaluate(AXE_FILE_PATH.read_text())
    if theme == "dark":
        page.get_by_role("button", name="Toggle theme").click()
    explorer.open("in this layer")
    for title in (CODE, FOREIGN):
        page.get_by_role("button", name=title).click()
    found = {}
    for tab in [title for views in ROOMS.values() for name, title in views.items() if name not in USES]:
        explorer.open(tab)
        found[tab] = finds(page)
    explorer.open("Compare")
    page.get_by_role("button", name="pin this and he_normal()").click()
    page.get_by_role("checkbox", name="he_normal").uncheck()
    page.get_by_role("table", name=NUMBERS).wait_for()
    found["two are compared"] = finds(page)
    assert not any(found.values()), found


def finds(page):
    """What axe finds, once colors stand: what a tab shows first changes them slowly, beside other work more so."""
    found = []
    for _ in range(10):
        page.wait_for_timeout(1000)
        found = page.evaluate(FINDS)
        if not found:
            break
    return found
