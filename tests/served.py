"""A page as Bokeh's own session serves it, with a socket that keeps its messages: no server and no browser."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from contextvars import copy_context
from types import SimpleNamespace
from weakref import ref

import panel as pn
from bokeh.document import Document
from bokeh.document.callbacks import DocumentCallbackManager
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession
from tornado.ioloop import IOLoop


class Socket(list):
    """The messages a browser was sent."""

    async def send_message(self, message):
        self.append([event["new"] for event in message.content["events"]])


class Context(SimpleNamespace):
    """What Bokeh knows of a session from its document."""

    def __init__(self, session):
        super().__init__(session=session, destroyed=False)


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


def on(document: Document, function: Callable):
    """What a function returns in a callback of that page."""

    def run():
        pn.state.curdoc = document
        return function()

    return copy_context().run(run)
