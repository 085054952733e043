"""All private doors of Panel, Bokeh and HoloViews that any page goes through, each with a public way around.

Tried on Panel 1.9 and 1.10, Bokeh 3.9 and 3.10 and HoloViews 1.23, later ones of which `pyproject.toml` does not admit.
Where a door is gone or has another shape, the slower public way is taken, and the log says so once.
`tests/live/test_internals.py` fails when a door changes, and shows that every way around works. What only a notebook
goes through is in `live/outputs.py` and `live/scripts.py`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import panel as pn
import param
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

DEBOUNCE = 1
"""Milliseconds that a change of a widget waits for more of them, instead of Panel's 50."""
SHAPES = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What a door raises that has another shape than it had."""


@cache
def missed(door: str, instead: str) -> None:
    """Say in the log, once, which door is gone and what is done instead."""
    logging.getLogger(__name__).warning("%s: not as it was in the versions tried. %s", door, instead)


@contextmanager
def held(document: Document) -> Iterator[list[DocumentPatchedEvent]]:
    """Send nothing of what changes meanwhile: it is in the list afterwards, for `send`.

    Panel (1.9, 1.10) writes past Bokeh's lock and forgets a change that comes while another is on its way, but leaves
    the writing of a held document to us. Around: `unhold`, with which Bokeh sends a message for each change.
    """
    patches: list[DocumentPatchedEvent] = []
    document.hold("combine")
    try:
        yield patches
    finally:
        manager = document.callbacks
        events = getattr(manager, "_held_events", None)
        if isinstance(events, list) and _connections(document) is not None:
            manager._held_events = []
            document.unhold()
            patches += [event for event in events if isinstance(event, DocumentPatchedEvent)]
            for event in events:
                if not isinstance(event, DocumentPatchedEvent):  # a callback that was asked for
                    manager.trigger_on_change(event)
        else:
            missed("Bokeh's held events and connections", "Every change of a page is a message of its own.")
            document.unhold()


async def send(document: Document, patches: list[DocumentPatchedEvent]) -> None:
    """Send patches to everybody who sees the page, as one message, and wait until it is written."""
    connections = _connections(document)
    if patches and connections:
        message = connections[0].protocol.create("PATCH-DOC", patches)
        for connection in connections:
            await connection._socket.send_message(message)


def _connections(document: Document) -> list | None:
    """The connections to the page; None where they cannot be found or written to."""
    try:
        connections = list(document.session_context.session._subscribed_connections)
        return connections if all(callable(each._socket.send_message) for each in connections) else None
    except SHAPES:
        return None


def at_once(widget):
    """The widget, whose changes wait no longer than `DEBOUNCE`: what comes too fast is merged by `Task` anyway.

    Around: none is needed, the changes come 50 ms later.
    """
    if isinstance(getattr(widget, "_debounce", None), int):
        widget._debounce = DEBOUNCE
    else:
        missed("Panel's debounce of widgets", "Changes of settings come as late as Panel sends them.")
    return widget


class Words(pn.pane.HTML):
    """HTML of which a change sends the text alone.

    Panel (1.9, 1.10: `pane/markup.py`, `_update`) derives everything else anew, too: a millisecond or two for each
    text, and for one that is not on the page, as the message for phones on a wide one, style sheets of a foreign host.
    Around: Panel's own update.
    """

    def _update(self, ref, model):
        try:
            model.text = self._transform_object(self.object)["object"]
        except SHAPES:
            missed("Panel's transformation of HTML", "Every text is sent with all its properties.")
            super()._update(ref, model)


class FreshHoloViews(pn.pane.HoloViews):
    """A pane whose pages open with what `fresh` returns then; nothing is drawn before that.

    Around: `live_figures` finds no figures, so that whoever changes them sets `object`, which every page follows.
    """

    opens_fresh = False
    """Whether Panel has asked for a model in the way tried: else its pages open with `object`."""

    def fresh(self):
        """The object for a page that opens now."""
        raise NotImplementedError

    def _get_model(self, *args, **kwargs):
        self.opens_fresh = True
        with param.discard_events(self):
            self.object = self.fresh()
        return super()._get_model(*args, **kwargs)


def live_figures(pane: FreshHoloViews) -> list[tuple[figure, list[ColumnDataSource]]] | None:
    """The figures of a pane on every page that shows it, with the sources of their layers in order.

    HoloViews' own update recomputes a figure, which takes about 100 ms; replacing its data takes about 1 ms. None
    where only Panel's own update reaches the page, by setting `object`: after a change of a door. Those of a page that
    is gone, which Bokeh has emptied and Panel not yet forgotten, are left out.
    """
    try:
        pn.state._views.keys()  # by which `one_message` reaches the outputs of a notebook
        found = [
            (plot.state, [part.handles["source"] for part in plot.subplots.values()])
            for plot, _ in pane._plots.values()
            if plot.state.renderers
        ]
    except SHAPES:
        found = None
    if found is None or (found and not pane.opens_fresh):
        missed("The plots behind a pane of HoloViews", "Every picture is drawn anew.")
        return None
    return found
