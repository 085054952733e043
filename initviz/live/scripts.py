"""What a page needs that shows widgets of a notebook: scripts, the code of Material widgets, style sheets.

All of it is private to Panel and panel-material-ui, each door with a public way around. Tried on the versions that
`live/internals.py` names, and marimo 0.25. Where a door is gone or has another shape, the slower public way is taken,
and the log says so once: `tests/live/test_scripts.py` shows it.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import bokeh.io.notebook
import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import UIElement
from panel.io.notebook import patch_inline_stylesheets
from pyviz_comms import Comm

from initviz.live.internals import SHAPES, missed


def is_output(comm: Any) -> bool:
    """Whether a connection is to an output of a notebook, and not the stand-in with which Panel writes a file."""
    return comm is not None and type(comm) is not Comm


def inline_styles(root: Model) -> None:
    """Put style sheets of Panel's host into the model itself and those below it: what comes later asks for them, too.

    Panel (1.9, 1.10) does so with what a cell of Jupyter shows, and with nothing else. Around: none is needed, the page
    asks a foreign host for them.
    """
    for model in root.select({"type": UIElement}):
        patch_inline_stylesheets(model)


def notebook_scripts() -> tuple[str, str] | None:
    """Set up Panel in a kernel; the HTML and the JavaScript that it would put into the notebook, once each.

    Panel (1.9, 1.10) publishes the scripts once for itself and once for HoloViews, under two names each: 20 MB in the
    file. None where a front end is not Jupyter's own, for which Panel has done all, or where it publishes otherwise.
    """
    from IPython.utils.capture import capture_output

    loaded = getattr(pn.extension, "_loaded", False)
    with capture_output(stdout=False, stderr=False) as own:
        pn.extension("mathjax", inline=True)
    if loaded:  # by somebody else, to whose scripts this adds what is missing
        own.show()
    if pn.config.comms == "default":
        with suppress(ImportError, *SHAPES), capture_output(stdout=False, stderr=False) as captured:
            from panel.io.notebook import load_notebook

            load_notebook(inline=True, enable_mathjax=True)
        published = [output.data for output in captured.outputs]
        html, scripts = ([data[kind] for data in published if kind in data]
                         for kind in ("text/html", "application/javascript"))  # fmt: skip
        if html and scripts:
            return "\n".join(html), "\n".join(scripts)
        missed("The scripts that Panel publishes", "They stay in the notebook's file.")
    own.show()
    return None


def serve_preview(document: Document | None) -> None:
    """Have a page that Jupyter's server previews load the code of Material widgets from there.

    Panel (1.9, 1.10) tells such a page of no server, and panel-material-ui (0.16) then asks a foreign host. Around: it
    does.
    """
    context = document and document.session_context
    if context is not None and getattr(context, "server_context", True) is None:
        try:
            context._server_context = SimpleNamespace(sessions=[context])
            context.server_context.sessions  # noqa: B018 - or it is kept under another name
        except SHAPES:
            missed("The server of a preview", "The page asks a foreign host for the code of Material widgets.")


WAIT = """while (!window.initvizMaterial) await new Promise(wait => setTimeout(wait, 5))
export default (await window.initvizMaterial).default"""
"""Module of a Material widget that takes its code from the bundle, once the page has it."""


@cache
def code() -> str:
    """That of all Material widgets, as Panel brings it with each of them."""
    return (files("panel_material_ui") / "dist" / "panel-material-ui.bundle.js").read_text()


@cache
def bundle() -> str:
    """JavaScript that brings the code of all Material widgets to a page."""
    module = f'new Blob([{json.dumps(code())}], {{type: "text/javascript"}})'
    return f"window.initvizMaterial ??= import(URL.createObjectURL({module}));\n"


@cache
def bundle_apart() -> bool:
    """Have Material widgets wait for `bundle`, where it is expected, instead of bringing it along; whether they do.

    Panel (1.9, 1.10) sends the whole bundle, 1.4 MB, with each of them. Around: that is what happens.
    """
    base = next((each for each in pmui.Button.__mro__ if each.__name__ == "MaterialComponent"), None)
    given = getattr(base, "__dict__", {}).get("_render_esm")
    if not isinstance(given, classmethod):
        missed("The bundle of Material widgets", "Each of them brings it into the notebook.")
        return False

    def render(cls, compiled=True, server=False):
        wait = _expected and not server and compiled != "compiling" and cls._esm_base is not None
        return WAIT if wait else given.__func__(cls, compiled, server)

    base._render_esm = classmethod(render)
    return True


def in_marimo() -> bool:
    """Whether a notebook of marimo runs here, which loads Panel's scripts in its own way."""
    marimo = sys.modules.get("marimo")
    found = marimo is not None and marimo.running_in_notebook()
    if found and not hasattr(bokeh.io.notebook, "curstate"):
        missed("What marimo (0.25) needs of Bokeh", "It shows nothing of Panel: python -m pip install 'panel<1.10'.")
    return found


@contextmanager
def bundle_expected(comm: Any = True) -> Iterator[None]:
    """Where models of widgets are made for a page that has the bundle, or gets it; not without a connection to one."""
    if not is_output(comm):
        yield
        return
    _expected.append(True)
    try:
        yield
    finally:
        _expected.pop()


_expected: list[bool] = []


def make_whole(model: Model, comm: Any) -> None:
    """Let a model for a notebook or a file ask nothing of other hosts, and have the code of its widgets."""
    if comm is not None:
        inline_styles(model)
    if is_output(comm) and in_marimo():
        bring_bundle(model)


def bring_bundle(root: Model) -> None:
    """Have one of the Material widgets in a model bring the bundle for all, where no loader does."""
    code_of = {model: model.esm for model in root.select({"type": UIElement}) if hasattr(model, "esm")}
    waiting = [model for model, its in code_of.items() if its == WAIT]
    if waiting and bundle() + WAIT not in code_of.values():
        waiting[0].update(esm=bundle() + WAIT, bundle="initviz-material")
