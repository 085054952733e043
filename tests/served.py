"""A page as Bokeh's own session serves it, with a socket that keeps its messages: no server and no browser."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from weakref import ref

import panel as pn
from bokeh.document import Document
from bokeh.document.callbacks import DocumentCallbackManager
from bokeh.io import doc
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession
from tornado.ioloop import IOLoop


class Socket(list):
    """The messages a browser was sent."""

    ws_connection, at_once = True, False

    def set_nodelay(self, value):
        self.at_once = value

    async def send_message(self, message):
        self.append([event["new"] for event in message.content["events"]])


class Context(SimpleNamespace):
    """What Bokeh knows of a session from its document."""

    def __init__(self, session):
        super().__init__(session=session, destroyed=False, request=SimpleNamespace(arguments={}))


@asynccontextmanager
async def page(*roots, connection=ServerConnection, manager=DocumentCallbackManager):
    """A document that one browser sees through Bokeh's own session: the document and the messages."""
    document, socket = Document(), Socket()
    for root in roots:
        document.add_root(root)
    document.callbacks.__class__ = manager
    document.callbacks._held_events = []
    session = ServerSession("page", document, IOLoop.current())
    context = Context(session)
    document._session_context = ref(context)
    pn.state._loaded[document] = True
    connection(Protocol(), socket, None, session)
    yield document, socket
    stack = doc._PATCHED_CURDOCS  # of Bokeh 3.10 in a context variable
    assert not getattr(stack, "get", lambda: stack)(), "a callback has raised: Bokeh leaves its page on this stack"


def on(document: Document, function: Callable[[], object]) -> None:
    """Run a function in a callback of that page, under its lock, as what comes from a browser does.

    A coroutine: other callbacks run in a thread from Bokeh 3.10 on.
    """

    async def callback() -> None:
        pn.state.curdoc = document
        function()

    document.add_next_tick_callback(callback)
