"""What the log says of connections that are gone."""

import asyncio
import logging

import pytest
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.protocol_handler import ProtocolHandler

import initviz.live.connection  # noqa: F401 - which keeps the log clean


class Session:
    """A session that breaks."""

    def subscribe(self, _connection) -> None:
        """Somebody is there."""

    def unsubscribe(self, _connection) -> None:
        """Nobody is there."""

    def patch(self, _message) -> None:
        """A fault of ours."""
        raise AssertionError("ours")


@pytest.fixture
def told(caplog):
    """What is logged of a message that arrives on a connection, left before or not."""

    def handle(left: bool) -> list[str]:
        caplog.clear()
        connection = ServerConnection(Protocol(), None, None, Session())
        if left:
            connection.detach_session()
        message = Protocol().create("PULL-DOC-REQ")
        handler = ProtocolHandler()
        handler._handlers["PULL-DOC-REQ"] = lambda message, connection: asyncio.to_thread(connection.session.patch, 1)
        with caplog.at_level(logging.ERROR, "bokeh.server.protocol_handler"):
            asyncio.run(handler.handle(message, connection))
        return [record.exc_text or str(record.exc_info[1]) for record in caplog.records]

    return handle


def test_nobody_is_told_of_messages_of_a_page_that_was_left(told):
    assert told(left=True) == []


def test_any_other_fault_is_told(told):
    assert len(told(left=False)) == 1


@pytest.mark.parametrize(("left", "count"), [(True, 0), (False, 1)])
def test_nobody_is_told_of_a_page_that_closes_twice(caplog, left, count):
    connection = ServerConnection(Protocol(), None, None, Session())
    if left:
        connection.detach_session()
    try:
        connection.session.patch(1)
    except AssertionError:
        logging.getLogger("tornado.application").exception("Uncaught exception GET /explorer/ws")
    assert len(caplog.records) == count
