"""All private doors of Panel and Bokeh that the outputs of a notebook go through, each with a public way around.

Tried on the versions that `live/internals.py` names and pyviz_comms 3.0. Where a door is gone or has another shape, the
slower public way is taken, and the log says so once: `tests/live/test_outputs.py` shows it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import panel as pn
import param
from bokeh.document import Document
from panel.io.notebook import block_comm, push

from initviz.live.internals import SHAPES, missed
from initviz.live.scripts import WAIT, bundle_expected, code, in_marimo, inline_styles, is_output, make_whole


@contextmanager
def one_message() -> Iterator[None]:
    """Send every output of a notebook what changes meanwhile as one message; within another of these, as part of it.

    Panel (1.9, 1.10) sends one for every property, and none for what changes in a figure of Bokeh itself. Around: that
    is what happens, but for the figures, which `OwnFigures` leaves to Panel then.
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


def _outputs() -> list[tuple[Document, Any]] | None:
    """The document and the connection of everything that a notebook shows; None where they cannot be found."""
    try:
        return [(document, comm) for _, _, document, comm in pn.state._views.values() if is_output(comm)]
    except SHAPES:
        missed("The outputs that Panel shows in a notebook", "Every change is a message of its own.")
        return None


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
    failed = param.Callable(nothing, doc="Called when what was promised cannot be built.")
    displayed = param.Callable(nothing, doc="Called with the name of an output of a notebook and its connection.")
    cleared = param.Callable(nothing, doc="Called with the name of an output that is gone.")
    _rename = dict.fromkeys(("opened", "closed", "promised", "failed", "displayed", "cleared"))

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
        try:
            with bundle_expected(comm):
                model = super()._get_model(doc, root, parent, comm)
        except BaseException:
            self.failed()
            if page not in self._shown_in.values():
                self.closed(page)
            raise
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
            if is_output(comm) and getattr(root, "esm", "") == code():
                root.esm = WAIT
        return root

    pn.viewable.Renderable.get_root = get_root
    return True


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
