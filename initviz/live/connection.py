"""A served page whose server is gone: it says so, holds its settings still, and opens again with them afterwards."""

import json
import logging
import traceback

from bokeh.document import Document
from bokeh.models import CustomJS

LOST = (
    "The server is gone. What you see is its last answer. Nothing can be set until it is back; "
    "then this page opens again by itself, with your settings."
)
SILENT = "The server has not answered for 10 seconds. What you see is its last answer; what you change now waits."

WATCH = """(Bokeh, lost, silent) => {
  const page = Bokeh.documents[0]
  const own = [...document.scripts].find(script => script.src.startsWith(location.origin))?.src
    ?? new URL("static/js/bokeh.min.js", location.href).href  // where all else comes from elsewhere
  const after = time => new Promise(then => setTimeout(then, time))
  const answers = async () => {
    try {
      return (await fetch(own, {method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10_000)})).status < 500
    } catch {
      return false
    }
  }
  const banner = Object.assign(document.createElement("div"), {role: "alert"})
  Object.assign(banner.style, {
    position: "fixed", zIndex: 10_000, bottom: 0, left: 0, right: 0, padding: "0.9rem 1.2rem", textAlign: "center",
    font: "600 1rem/1.4 system-ui, sans-serif", color: "#ffffff", background: "#8a3a00", display: "none",
  })
  document.body.append(banner)
  const say = text => {
    banner.style.display = text ? "block" : "none"
    banner.textContent = text
  }
  const hold = () => {
    for (const {data} of page._all_models.values()) {
      const {disabled, variant} = data?.attributes ?? {}
      if (typeof disabled === "boolean") data.setv({disabled: true}, {sync: false})
      if (Array.isArray(disabled)) data.setv({disabled: [...Array(99).keys()]}, {sync: false})  // tabs
      if (variant === "indeterminate") data.setv({variant: "determinate"}, {sync: false})  // a bar that would run on
    }
  }
  let isLost = false
  page.on_event("connection_lost", async () => {
    if (isLost) return
    isLost = true
    hold()
    say(lost)
    do await after(1000)
    while (!await answers())
    location.reload()  // its address has the settings
  })
  const look = async () => {
    if (isLost) return
    const heard = document.hidden || await answers()
    if (!isLost) say(heard ? "" : silent)
    setTimeout(look, heard ? 10_000 : 1000)
  }
  setTimeout(look, 10_000)
}"""
"""Watches the connection. Bokeh (3.9, 3.10) says when it is lost and no more; that a server hangs nobody says."""


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Whether a record of Bokeh's server is no message of a page that was left since.

    Bokeh (3.9, 3.10: `ServerConnection.session`) handles what has arrived of it, finds that it has no session any more,
    and logs an error with its traceback for each message. Tornado logs the same where such a connection closes twice.
    """
    _, failure, place = record.exc_info or (None, None, None)
    last = traceback.extract_tb(place)[-1:]
    return not (isinstance(failure, AssertionError) and [each.name for each in last] == ["session"])


for _name in ("bokeh.server.protocol_handler", "tornado.application"):
    logging.getLogger(_name).addFilter(is_worth_telling)


def watch_connection(document: Document | None) -> None:
    """Have a served page watch its connection; call it before the page is shown."""
    if document is not None:
        words = ", ".join(map(json.dumps, (LOST, SILENT)))
        document.js_on_event("document_ready", CustomJS(code=f"({WATCH})(Bokeh, {words})"))
