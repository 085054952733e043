"""What is clicked in HTML of ours, told to the server: a button in a table has no widget of its own."""

import json
from collections.abc import Callable
from functools import partial

import panel as pn
from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.live.updates import update_page

TELL = """(Bokeh, name) => document.addEventListener(name, event => {
  const carrier = [...Bokeh.documents[0]._all_models.values()].find(({tags}) => tags?.[0] === name)
  if (!carrier) return
  carrier.value = `${performance.now()} ${event.detail}`  // another value each time, or nobody would hear of it
  for (const each of event.composedPath()) each.scrollTop = 0  // what is opened is read from its beginning
})"""


def follow_asked(document: Document | None, event: str) -> None:
    """Have a served page tell the details of an event of this name; call it before the page is shown."""
    if document is not None:
        document.js_on_event("document_ready", CustomJS(code=f"({TELL})(Bokeh, {json.dumps(event)})"))


class Asked:
    """Hears an event on the page that shows its `layout`, which shows nothing.

    Args:
        event: its name.
        heard: called with its detail, a text.
    """

    def __init__(self, event: str, heard: Callable[[str], object]):
        self.layout = pn.widgets.TextInput(visible=False, tags=[event])
        self.layout.param.watch(
            lambda told: update_page(partial(heard, told.new.partition(" ")[2])), "value"
        )  # fmt: skip
