"""Updates of a served page: each runs on the event loop under the page's lock and arrives as one message."""

import asyncio
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import cache
from inspect import isawaitable

import panel as pn
from bokeh.document import Document
from bokeh.server.callbacks import NextTickCallback
from panel.io.resources import LOCAL_DIST

from initviz.live.internals import held, send
from initviz.live.outputs import one_message

SCRIPTS = 0.15
"""Seconds that a browser is given to ask for the scripts of a page, before the server is busy filling it."""
WAITS = 400
"""How often, at most, it is given that time on a server too busy to have begun with the page: for a minute."""

SETTLES, APART = 1.0, 0.1
"""Seconds until nothing follows a page that was opened, and between jobs that others may have to wait for."""


def update_page(update: Callable[[], object], delay: float = 0, document: Document | None = None) -> None:
    """Run an update of the served page on the event loop, after `delay` milliseconds.

    Where none is served it runs at once, or after the delay where an event loop runs, as in a notebook.

    In a thread, or for another page than that of the callback that runs, say which `document` the page is. Changes of
    a page that the browser has not rendered yet, which Panel (1.9) would forget, wait until it has.
    """
    document = document or pn.state.curdoc
    if document is None or not document.session_context:
        if delay and event_loop_runs():
            asyncio.get_running_loop().call_later(delay / 1000, update_page, update)
            return
        with one_message():
            update()
        return

    async def locked() -> None:
        patches = []
        try:
            with held(document) as patches:
                update()
        finally:
            await send(document, patches)

    def schedule() -> None:
        if delay:
            document.add_timeout_callback(locked, delay)
        else:
            document.add_next_tick_callback(locked)

    def once_rendered() -> None:
        pn.state.curdoc = document
        if pn.state.loaded:
            schedule()
        else:
            pn.state.onload(schedule)

    copy_context().run(once_rendered)


def on_page(document: Document | None, update: Callable[[], object]) -> None:
    """Run an update of a page: now, where a callback of that page runs or none is served, else under its lock."""
    if document is None or document is pn.state.curdoc:
        update()
    else:
        update_page(update, document=document)


def fill_page(fill: Callable[[], object]) -> None:
    """Fill a new page while the browser loads its scripts; at once where none is served.

    Bokeh's lock is held from the start, so that the browser's request for the document waits until all of it is there.
    """
    document = served_page()
    if document is None:
        fill()
        return
    fill = cache(fill)
    if getattr(document.session_context.request, "path", "").endswith("/ws"):
        # The page waited so long for its websocket that the session was given up; this one takes its place, and Panel,
        # which says with a page where its style sheets are, writes none any more.
        document.template_variables.setdefault("dist_url", LOCAL_DIST)

    async def locked() -> None:
        for _ in range(WAITS):  # before Panel has said where its style sheets are, it takes those of a foreign host
            await asyncio.sleep(SCRIPTS)
            if "dist_url" in document.template_variables:
                break
        pn.state.curdoc = document
        with held(document):  # nobody has read the document, so nobody needs the changes
            fill()
            for scheduled in document.session_callbacks:
                if isinstance(scheduled, NextTickCallback):  # Panel's changes of models, before a page is connected
                    result = scheduled.callback()
                    if isawaitable(result):
                        await result

    document.add_next_tick_callback(locked)
    pn.state.onload(fill)  # with `--warm` there is neither a browser nor an event loop


def in_quiet(jobs: Iterable[Callable[[], object]]) -> None:
    """Do what the next page waits for no more, one after the other, once this one is there; at once without a loop."""
    for place, job in enumerate(jobs):
        if event_loop_runs():
            asyncio.get_running_loop().call_later(SETTLES + APART * place, job)
        else:
            job()


def event_loop_runs() -> bool:
    """Whether this is called on an event loop, which can call back later."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def can_wait() -> bool:
    """Whether an update can be run later: a page is served, or an event loop runs."""
    return served_page() is not None or event_loop_runs()


def served_page() -> Document | None:
    """The page that a server shows to somebody, and of which a callback runs here; None elsewhere."""
    document = pn.state.curdoc
    return document if document is not None and document.session_context is not None else None
