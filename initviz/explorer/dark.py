"""Whether a page is dark: as its user chose last, on any of its pages; before that, as the system is."""

import json

import panel as pn
from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.live.updates import served_page

NAME, COOKIE = "initviz theme", "initviz_theme"
"""Of what a browser keeps of that, and of what it tells a server: what its last page was."""
DARK = """(Bokeh, name, cookie) => {
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
  const tell = () => {
    document.documentElement.style.background = ""  // that of before the first paint
    document.cookie = `${cookie}=${page.dark_theme ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`
  }
  tell()
  theme.change.connect(() => {
    tell()
    kept(storage => storage.setItem(name, page.dark_theme ? "dark" : "light"))
  })
}"""
"""Opens a page in that theme, and keeps what is chosen."""
AT_ONCE = """(name, cookie, begun) => {
  let chosen = null
  try {
    chosen = localStorage.getItem(name)
  } catch {}
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  document.documentElement.style.background = dark ? "#121212" : "#ffffff"
  const told = `${cookie}=${dark ? "dark" : "light"}`
  const isTold = () => document.cookie.split("; ").includes(told)
  if (dark === begun || isTold()) return  // told, a server that begins otherwise would again
  document.cookie = `${told}; path=/; max-age=31536000; samesite=lax`
  if (isTold()) location.reload()
}"""
"""Before its first paint: has a page the ground of that theme, and asks once more for one that begins in the other."""


def is_dark() -> bool:
    """Whether the last page of this browser was dark, as it tells: what a new one begins as."""
    return served_page() is not None and pn.state.cookies.get(COOKIE) == "dark"


def remember_theme(document: Document | None) -> None:
    """Have a served page open in the theme that was chosen last; call it before the page is shown."""
    if document is not None:
        names = ", ".join(map(json.dumps, (NAME, COOKIE)))
        document.template_variables["initviz_ground"] = f"({AT_ONCE})({names}, {json.dumps(is_dark())})"
        document.js_on_event("document_ready", CustomJS(code=f"({DARK})(Bokeh, {names})"))
