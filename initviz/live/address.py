"""The settings of a page in its address: kept there, and taken from it where a user goes back or forward."""

import json
from collections.abc import Callable
from functools import partial

import panel as pn
from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.live.updates import update_page
from initviz.study.links import COMPARED, PIN

NAME = "initviz address"
"""Of what a page and its server tell one another addresses by."""
PAUSE = 1000
"""Milliseconds without a change after which the next one is a step to go back to: a drag is one step."""
FOLLOW = """(Bokeh, name, pause, names) => {
  const carrier = [...Bokeh.documents[0]._all_models.values()].find(({tags}) => tags?.[0] === name)
  let changed = null, asked = 0
  const bare = search => search === "?v=1" ? "" : search
  const beside = new RegExp(`&(${names})[.=][^&]*`, "g")
  const study = search => bare(search).replace(beside, "")
  const keep = () => {
    const [, kept, heard] = carrier.tags, now = performance.now()
    if (kept === null || heard !== asked) return  // or it is from before the user went on, and would undo that
    const [search, part] = kept.split("#"), hash = part ? `#${part}` : ""
    const isOther = bare(study(search)) + hash !== bare(study(location.search)) + location.hash
    const isStep = isOther && changed !== null && now - changed > pause
    changed ??= 0  // what the page opened with is no step
    if (bare(search) + hash === bare(location.search) + location.hash) return
    history[isStep ? "pushState" : "replaceState"](history.state, "", location.pathname + bare(search) + hash)
    if (isOther) changed = now
  }
  carrier.properties.tags.change.connect(keep)
  addEventListener("popstate", () => {
    changed = performance.now()
    carrier.value = `${++asked} ${location.search}`  // another value each time, or nobody would hear of it
  })
  keep()
}"""
"""Keeps the address of a page. Panel's own way (1.9, 1.10: `Location`) makes a step of every change, and hears of none
when a user goes back."""


def follow_address(document: Document | None) -> None:
    """Have a served page keep its address; call it before the page is shown."""
    if document is not None:
        words = ", ".join(map(json.dumps, (NAME, PAUSE, f"{PIN}|{COMPARED}")))
        document.js_on_event("document_ready", CustomJS(code=f"({FOLLOW})(Bokeh, {words})"))


class Address:
    """The query of the address of a page: `layout`, which shows nothing.

    Args:
        asked: called with the query of an address that a user went back or forward to.
    """

    def __init__(self, asked: Callable[[str], object]):
        self.layout = pn.widgets.TextInput(visible=False, tags=[NAME, None, 0])
        self._asked, self._heard = asked, 0
        self.layout.param.watch(self._ask, "value")

    def _ask(self, event) -> None:
        number, _, query = event.new.partition(" ")
        self._asked(query)
        update_page(partial(self._hear, int(number)))  # behind what that does to the page

    def _hear(self, number: int) -> None:
        self._heard = number

    def keep(self, query: str | None) -> None:
        """Have this query in the address, or leave it; call it inside `update_page`.

        Behind # it may say what it does not hold: a step to go back from, which leads to nothing else.
        """
        kept = [NAME, query, self._heard]
        if self.layout.tags != kept:
            self.layout.tags = kept


def opened() -> str:
    """The query of the address that the page is opened with; nothing where none is served."""
    return pn.state.location.search if pn.state.location else ""
