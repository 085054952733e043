"""Whether a page is dark: as its user chose last, on any of its pages; before that, as the system is."""

import json

from bokeh.document import Document
from bokeh.models import CustomJS

NAME = "initviz theme"
"""Of what a browser keeps of that."""
DARK = """(Bokeh, name) => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const page = models.map(({data}) => data).find(data => data?.attributes && "sidebar_open" in data.attributes)
  const theme = page?.properties.dark_theme
  if (!theme) return
  const kept = change => {
    try {
      return change(localStorage)
    } catch {
      return null  // where a browser is told to keep nothing
    }
  }
  const chosen = kept(storage => storage.getItem(name))
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  if (page.dark_theme !== dark) page.setv({dark_theme: dark})
  theme.change.connect(() => kept(storage => storage.setItem(name, page.dark_theme ? "dark" : "light")))
}"""
"""Opens a page in that theme, and keeps what is chosen."""


def remember_theme(document: Document | None) -> None:
    """Have a served page open in the theme that was chosen last; call it before the page is shown."""
    if document is not None:
        document.js_on_event("document_ready", CustomJS(code=f"({DARK})(Bokeh, {json.dumps(NAME)})"))
