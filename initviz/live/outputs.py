"""All private doors of Panel and Bokeh that the outputs of a notebook go through, each with a public way around.

Tried on the versions that `live/internals.py` names, pyviz_comms 3.0 and marimo 0.25. Where a door is gone or has
another shape, the slower public way is taken, and the log says so once: `tests/live/test_outputs.py` shows it.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from importlib.resources import files
from typing import Any

import bokeh.io.notebook
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import UIElement
from panel.io.notebook import block_comm, patch_inline_stylesheets, push
from pyviz_comms import Comm

from initviz.live.internals import SHAPES, missed


@contextmanager
def one_message() -> Iterator[None]:
    """Send every output of a notebook what changes meanwhile as one message; within another of these, as part of it.

    Panel (1.9, 1.10) sends one for every property, and none for what changes in a figure of Bokeh itself. Around: that
    is what happens, but for the figures, which `live_figures` leaves to Panel then.
    """
    if _waiting or _outputs() is None:
        yield
        return
    _waiting.append(True)
    try:
        with block_comm(), nullcontext() if in_marimo() else bundle_expected():
            yield
    finally:
        _waiting.clear()
        for document, comm in _outputs() or ():
            if not getattr(comm, "awaited", False):
                _push(document, comm)


_waiting: list[bool] = []


def _push(document: Document, comm: Any) -> None:
    """Send an output what has changed in it; the log has why that cannot be done, and others get theirs."""
    events = getattr(document.callbacks, "_held_events", ())
    if any(getattr(event, "attr", "") in ("children", "stylesheets") for event in events):
        for root in document.roots:
            inline_styles(root)
    try:
        push(document, comm, binary=False)  # as one message, not two more for each array
    except Exception:  # of a model that somebody else has put into a notebook
        logging.getLogger(__name__).exception("an output of the notebook cannot be brought up to date")


def inline_styles(root: Model) -> None:
    """Put style sheets of Panel's host into the model itself and those below it: what comes later asks for them, too.

    Panel (1.9, 1.10) does so with what a cell of Jupyter shows, and with nothing else. Around: none is needed, the page
    asks a foreign host for them.
    """
    for model in root.select({"type": UIElement}):
        patch_inline_stylesheets(model)


def _outputs() -> list[tuple[Document, Any]] | None:
    """The document and the connection of everything that a notebook shows; None where they cannot be found."""
    try:
        return [(document, comm) for _, _, document, comm in pn.state._views.values() if is_output(comm)]
    except SHAPES:
        missed("The outputs that Panel shows in a notebook", "Every change is a message of its own.")
        return None


def is_output(comm: Any) -> bool:
    """Whether a connection is to an output of a notebook, and not the stand-in with which Panel writes a file."""
    return comm is not None and type(comm) is not Comm


def nothing(*_args) -> None:
    """What is done by default."""


class Watched(pn.Column):
    """A column that says where it is shown: on pages that are served, and in outputs of a notebook.

    Panel makes a model of it for everything that shows it, and cleans up when that is closed or cleared, but not after
    it has written a file, which is shown no longer than that takes. Around: it counts as shown as long as there is the
    column.
    """

    built = 0
    """How many models of such columns there have been."""

    opened = param.Callable(nothing, doc="Called with a page before it is first shown there, or None for a notebook.")
    closed = param.Callable(nothing, doc="Called with that page, or None, when nothing shows it there any more.")
    promised = param.Callable(nothing, doc="Called before an output of a notebook is built.")
    displayed = param.Callable(nothing, doc="Called with the name of an output of a notebook and its connection.")
    cleared = param.Callable(nothing, doc="Called with the name of an output that is gone.")
    _rename = {"opened": None, "closed": None, "promised": None, "displayed": None, "cleared": None}

    def __init__(self, *panes, **params):
        super().__init__(*panes, **params)
        self._shown_in: dict[str, Document | None] = {}
        if not (callable(getattr(pn.Column, "_get_model", None)) and callable(getattr(pn.Column, "_cleanup", None))):
            missed("The models that Panel makes of a column", "What is not shown is kept up to date, too.")
            self.opened(None)

    def _get_model(self, doc, root=None, parent=None, comm=None):
        page = doc if doc is not None and doc.session_context else None
        if page not in self._shown_in.values():
            self.opened(page)
        if is_output(comm):
            self.promised()
        with bundle_expected(comm):
            model = super()._get_model(doc, root, parent, comm)
        name = (root or model).ref["id"]
        if comm is None or is_output(comm):
            self._shown_in[name] = page
        elif page not in self._shown_in.values():
            self.closed(page)
        make_whole(model, comm)
        if is_output(comm):
            self.displayed(name, comm)
        Watched.built += 1
        return model

    def _cleanup(self, root=None):
        super()._cleanup(root)
        if root is not None and root.ref["id"] in self._shown_in:
            name = root.ref["id"]
            page = self._shown_in.pop(name)
            self.cleared(name)
            if page not in self._shown_in.values():
                self.closed(page)


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


@cache
def wrap_roots() -> bool:
    """Let what Panel puts around an output that holds a widget be like the widget; whether that is possible.

    Panel (1.9, 1.10) wraps an output of a notebook for its theme, and the wrapper brings the whole bundle. Around: it
    does, 1.8 MB in the file, and asks the page's host for style sheets.
    """
    given = getattr(pn.viewable.Renderable, "get_root", None)
    if not callable(given):
        missed("The roots that Panel builds", "What wraps a widget brings the bundle once more.")
        return False

    def get_root(self, doc=None, comm=None, preprocess=True):
        before = Watched.built
        root = given(self, doc, comm, preprocess)
        if Watched.built > before and comm is not None:
            make_whole(root, comm)
            if is_output(comm) and getattr(root, "esm", "") == _code():
                root.esm = WAIT
        return root

    pn.viewable.Renderable.get_root = get_root
    return True


WAIT = """while (!window.initvizMaterial) await new Promise(wait => setTimeout(wait, 5))
export default (await window.initvizMaterial).default"""
"""Module of a Material widget that takes its code from the bundle, once the page has it."""


@cache
def _code() -> str:
    return (files("panel_material_ui") / "dist" / "panel-material-ui.bundle.js").read_text()


@cache
def bundle() -> str:
    """JavaScript that brings the code of all Material widgets to a page."""
    module = f'new Blob([{json.dumps(_code())}], {{type: "text/javascript"}})'
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


def make_whole(model: Model, comm: Any) -> None:
    """Let a model for a notebook or a file ask nothing of other hosts, and have the code of its widgets."""
    if comm is not None:
        inline_styles(model)
    if is_output(comm) and in_marimo():
        bring_bundle(model)


_expected: list[bool] = []


def bring_bundle(root: Model) -> None:
    """Have one of the Material widgets in a model bring the bundle for all, where no loader does."""
    waiting = [model for model in root.select({"type": UIElement}) if getattr(model, "esm", "") == WAIT]
    if waiting:
        waiting[0].update(esm=bundle() + WAIT, bundle="initviz-material")


def when_connected(comm: Any, then: Callable[[], None]) -> None:
    """Call once the page of a notebook has connected to what is shown there, and send what has changed until then.

    Panel (1.9, 1.10) opens its own connection then; until that it asks for each change ten times a second, and may send
    a later one first. An output that is live already, to which a widget is added, has connected. Around: it is never
    called.
    """
    if getattr(comm, "_comm", None) is not None:
        then()
        return
    init = getattr(comm, "init", None)
    if callable(init):

        def opened(*args, **kwargs):
            then()
            found = init(*args, **kwargs)
            comm.awaited = False
            for document, other in _outputs() or ():
                if other is comm:
                    _push(document, comm)
            return found

        comm.init, comm.awaited = opened, True
    else:
        missed("The connection of an output", "The scripts stay in the notebook's file.")
