"""A notebook made ready for widgets: their scripts reach its page, and its file keeps a picture instead of them."""

import gzip
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

import bokeh
import panel as pn

from initviz.live.internals import DEBOUNCE
from initviz.live.mends import ECHO, OUTPUTS
from initviz.live.outputs import when_connected, wrap_roots
from initviz.live.scripts import bundle, bundle_apart, in_marimo, notebook_scripts
from initviz.live.updates import can_wait, update_page

LASTING = 1.0
"""Seconds after which a state is kept."""
LOADER = """%(html)s<script>(async () => {
  if (window.initvizLoads) return
  window.initvizLoads = true
  const text = async zipped => {
    const bytes = Uint8Array.from(atob(zipped), character => character.charCodeAt(0))
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
  }
  const find = () => [window.Bokeh, window.Bokeh?.versions?.get("%(version)s")].find(
    each => each?.version === "%(version)s" && each.Panel)
  const run = textContent => document.head.append(Object.assign(document.createElement("script"), {textContent}))
  try {
    if (!window.initvizMaterial) run(await text("%(bundle)s"))
    if (!find()) run(await text("%(scripts)s"))
    for (let tries = 0; tries < 500 && !find()?.Models?.["panel.models.comm_manager.CommManager"]; tries++) {
      await new Promise(wait => setTimeout(wait, 20))
    }
    const found = find()
    if (found) for (const mend of [%(mends)s]) mend(found)
  } finally {
    window.initvizLoads = false
  }
})()</script>"""
"""Loads what a page has not, however often it is run: a page that is loaded anew has nothing again."""
KEPT = """<style>.jp-OutputArea:has([data-root-id] > *) .initviz-kept {display: none}</style>
<div class="initviz-kept">%s</div>"""
"""What is seen while nothing live is beside it: until it is built, in a file that was opened, in a page loaded anew."""
STILL = """<div class="initviz-kept">%s</div>"""
"""What is seen of a widget where nothing will ever be live."""
HOW = """<p style="margin: 0.3rem 0; opacity: 0.8">As it was when last live. Run this cell to make it live again.</p>"""

_outputs: list[Any] = []  # that hold the scripts, until a widget is on the page
_readied: list[tuple] = []  # the last cell that loads them
_needed: list[tuple] = []  # the last cell that shows a widget


def kernel() -> Any:
    """IPython's shell in a kernel, whose page is a notebook; None elsewhere."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if hasattr(shell, "kernel") else None


def unattended() -> bool:
    """Whether the cell that runs is run by a program, such as nbconvert, and not from a page.

    A front end says with every cell whether somebody could be asked for input (Jupyter's messaging protocol, 5.0).
    """
    shell = kernel()
    return shell is not None and not shell.get_parent().get("content", {}).get("allow_stdin", True)


class Cell(pn.viewable.Viewer):
    """What can stand in a cell of a notebook: live on a page, and as HTML without scripts where a program runs it."""

    def still(self) -> str:
        """What is to be seen of it where nothing is live, whole, as HTML."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None):
        if unattended():
            return {"text/html": STILL % self.still()}, {}
        return super()._repr_mimebundle_(include, exclude)


def ready() -> None:
    """Set up Panel for widgets. Nothing is asked of a foreign host."""
    if kernel() is not None:
        _loader()
        return
    pn.extension("mathjax", inline=True)
    if in_marimo():
        bundle_apart()
        wrap_roots()


def load(for_sure: bool = True) -> None:
    """Have a notebook load what widgets need, once in every cell that shows one.

    When a widget is on the page, the scripts are taken out of their output again, so that the notebook's file stays
    small; and when the cell ends without one, where that was not sure.
    """
    shell = kernel()
    if shell is None or unattended() or not _loader():
        return
    cell = id(shell), shell.execution_count
    if cell not in _readied:
        _readied[:] = [cell]
        _outputs.append(_display(_loader()))
        if not for_sure:
            shell.events.register("post_run_cell", _forget_what_is_not_needed)
    if for_sure:
        _needed[:] = [cell]


def _forget_what_is_not_needed(_result) -> None:
    shell = kernel()
    shell.events.unregister("post_run_cell", _forget_what_is_not_needed)
    if _readied != _needed and _outputs:
        _outputs.pop().update({"text/html": ""}, raw=True)


def connected() -> None:
    """A widget is on the page, which therefore has the scripts."""
    while _outputs:
        _outputs.pop().update({"text/html": ""}, raw=True)


class Kept:
    """What a notebook keeps of a widget for the time in which it is not live: a picture of its last state.

    Args:
        html: what is to be seen, made anew for every state that lasts a second; None for nothing.
    """

    def __init__(self, html: Callable[[], str | None]):
        self._html = html
        self._outputs: dict[str, Any] = {}
        self._promised: Any = None
        self._due = 0.0
        self._waits = False

    def promise(self) -> None:
        """Make the page ready for an output, and show the picture until that is built."""
        load()
        if self._promised is None and kernel() is not None and _loader():
            html = self._html()
            self._promised = None if html is None else _display(KEPT % html)

    def withdraw(self) -> None:
        """The output that was promised could not be built: its picture stays, and the next one gets its own."""
        self._promised = None

    def display(self, name: str, comm: Any) -> None:
        """Keep the picture that was promised beside the output of this name, hidden while that is live."""
        if name in self._outputs or kernel() is None or not _loader():
            return
        when_connected(comm, connected)
        if self._promised is not None:
            self._outputs[name], self._promised = self._promised, None
            self.renew()

    def renew(self) -> None:
        """Keep the state of now, once it has lasted."""
        self._due = time.monotonic() + LASTING
        if self._outputs and not self._waits:
            self._waits = True
            update_page(self._rested, 1000 * LASTING)

    def forget(self, name: str) -> None:
        """The output of this name is gone."""
        self._outputs.pop(name, None)

    def _rested(self) -> None:
        left = self._due - time.monotonic()
        if left > 0 and can_wait():
            update_page(self._rested, 1000 * left)
            return
        self._waits = False
        html = KEPT % f"{self._html()}{HOW}"
        for output in self._outputs.values():
            output.update({"text/html": html}, raw=True)


def _display(html: str) -> Any:
    from IPython.display import display

    return display({"text/html": html}, raw=True, display_id=True)


@cache
def _loader() -> str:
    """HTML that loads the scripts; empty where the front end does it in its own way, or Panel has changed."""
    found = notebook_scripts()
    if found is None:
        return ""
    html, scripts = found
    wrap_roots()
    return LOADER % {
        "html": html,
        "version": bokeh.__version__.replace("rc", "-rc.").replace(".dev", "-dev."),  # as its scripts say it
        "mends": f"{OUTPUTS % {'debounce': DEBOUNCE}}, {ECHO}",
        "bundle": _zipped(bundle() if bundle_apart() else ""),
        "scripts": _zipped(scripts),
    }


def _zipped(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), 1)).decode()
