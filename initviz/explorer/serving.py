"""Updates of a served page: each runs on the event loop under the page's lock and arrives as one message."""

from collections.abc import Callable

import panel as pn
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent


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
        document.hold("combine")
        try:
            update()
        finally:
            events, document.callbacks._held_events = document.callbacks._held_events, []
            document.unhold()
            patches = [event for event in events if isinstance(event, DocumentPatchedEvent)]
            scheduled = [event for event in events if not isinstance(event, DocumentPatchedEvent)]
            for event in scheduled:  # callbacks that the update asked for
                document.callbacks.trigger_on_change(event)
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


def is_served() -> bool:
    """Whether there is a page here that a server shows to somebody."""
    return pn.state.curdoc is not None and pn.state.curdoc.session_context is not None


def at_once(widget):
    """The widget, whose changes no longer wait Panel's 50 ms: what comes too fast is merged by `Latest` anyway."""
    widget._debounce = 1  # ms
    return widget
