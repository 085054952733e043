"""Updates of a served page: each runs on the event loop under the page's lock and arrives as one message."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import isawaitable

import panel as pn
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.server.callbacks import NextTickCallback
from panel.io.state import set_curdoc

SCRIPTS = 0.15
"""Seconds that a browser is given to ask for the scripts of a page, before the server is busy filling it."""


def update_page(update: Callable[[], object], delay: int = 0, document: Document | None = None) -> None:
    """Run an update of the served page on the event loop, after `delay` milliseconds; at once where none is served.

    In a thread, say which `document` the page is.

    Panel (1.9, 1.10) writes updates past Bokeh's lock and forgets one that comes while another is on its way: its
    formulas or message then stay old until the next change. On a held document it leaves the writing to us. And it
    forgets (1.9) changes of a page that the browser has not rendered yet: they wait until it has.
    """
    document = document or pn.state.curdoc
    if document is None or not document.session_context:
        update()
        return

    async def locked() -> None:
        try:
            with _held(document) as patches:
                update()
        finally:
            connections = list(document.session_context.session._subscribed_connections)
            if patches and connections:
                message = connections[0].protocol.create("PATCH-DOC", patches)
                for connection in connections:
                    await connection._socket.send_message(message)

    def schedule() -> None:
        if delay:
            document.add_timeout_callback(locked, delay)
        else:
            document.add_next_tick_callback(locked)

    if document is pn.state.curdoc and not pn.state.loaded:
        pn.state.onload(schedule)
    else:
        schedule()


def fill_page(fill: Callable[[], object]) -> None:
    """Fill a new page while the browser loads its scripts; at once where none is served.

    Bokeh's lock is held from the start, so that the browser's request for the document waits until all of it is there.
    """
    if not is_served():
        fill()
        return
    document, fill = pn.state.curdoc, cache(fill)

    async def locked() -> None:
        await asyncio.sleep(SCRIPTS)
        with set_curdoc(document), _held(document):  # nobody has read the document, so nobody needs the changes
            fill()
            for scheduled in document.session_callbacks:
                if isinstance(scheduled, NextTickCallback):  # Panel's changes of models, before a page is connected
                    result = scheduled.callback()
                    if isawaitable(result):
                        await result

    document.add_next_tick_callback(locked)
    pn.state.onload(fill)  # with `--warm` there is neither a browser nor an event loop


@contextmanager
def _held(document: Document) -> Iterator[list[DocumentPatchedEvent]]:
    """Send nothing of what changes meanwhile; it is in the list afterwards."""
    patches = []
    document.hold("combine")
    try:
        yield patches
    finally:
        events, document.callbacks._held_events = document.callbacks._held_events, []
        document.unhold()
        patches += [event for event in events if isinstance(event, DocumentPatchedEvent)]
        for event in events:
            if not isinstance(event, DocumentPatchedEvent):  # a callback that was asked for
                document.callbacks.trigger_on_change(event)


def is_served() -> bool:
    """Whether there is a page here that a server shows to somebody."""
    return pn.state.curdoc is not None and pn.state.curdoc.session_context is not None


def at_once(widget):
    """The widget, whose changes no longer wait Panel's 50 ms: what comes too fast is merged by `Latest` anyway."""
    widget._debounce = 1  # ms
    return widget
