"""A visitor of the served explorer without a browser: Bokeh's own protocol over a websocket, on the loopback."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

SLIDER = "size of axis 0"
FIELD = "shape"
TABS = "Tabs"
SHOWN = re.compile(r"Singular values: [^\"]*? of a ([\d,]+) \\u00d7")
"""The title of the plot of the singular values, in the text of a message: how many rows their matrix has."""
LARGEST_MESSAGE = 2**30
PATIENCE = 60.0
"""Seconds after which an answer that has not come counts as lost."""


class Visitor:
    """One session: `shown` is the rows of the matrix in its newest picture, `errors` what the server refused."""

    def __init__(self, websocket: WebSocketClientConnection):
        self._websocket = websocket
        self._number = count(1)
        self._arrived = asyncio.Condition()
        self._replies: dict[str, str] = {}
        self._welcome = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._models: dict[str, dict] = {}
        self._senders: dict[str, str] = {}
        self.shown = 0
        self.news = 0
        """Messages that changed the page so far."""
        self.errors: list[str] = []

    @classmethod
    async def open(cls, url: str) -> "Visitor":
        """Ask for the page, connect to its session and read the document, as a browser does."""
        page = await AsyncHTTPClient(max_clients=400).fetch(url, request_timeout=PATIENCE, connect_timeout=PATIENCE)
        token = re.search(r'"token":"([^"]+)"', page.body.decode())[1]
        place = urlsplit(url)
        request = HTTPRequest(f"ws://{place.netloc}{place.path}/ws", headers={"Origin": f"http://{place.netloc}"},
                              connect_timeout=PATIENCE)  # fmt: skip
        websocket = await websocket_connect(request, subprotocols=["bokeh", token], max_message_size=LARGEST_MESSAGE)
        visitor = cls(websocket)
        async with asyncio.timeout(PATIENCE):
            await visitor._welcome.wait()  # it takes no message before
        document = await visitor.pull()
        visitor._know(document)
        ready = {"type": "event", "name": "document_ready", "values": {"type": "map"}}
        await visitor._change({"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": ready})
        async with asyncio.timeout(PATIENCE):
            await visitor.until(lambda: SLIDER in visitor._models)
        return visitor

    def _know(self, document: dict) -> None:
        self._models, self._senders = {}, {}
        self._add(document)

    def _add(self, part: dict) -> None:
        self._models |= {named(found): found for found in data_models(part)}
        self._senders |= dict(senders(part))

    async def open_tab(self, tab: str, label: str) -> None:
        """Open a tab, and know its widgets once one of this label is there."""
        (tabs,) = (name for name in self._models if name.startswith(TABS))
        names = self._models[tabs]["attributes"]["_names"]
        await self.set(tabs, "active", names.index(tab))
        async with asyncio.timeout(PATIENCE):
            while label not in self._models:
                await asyncio.sleep(0.2)
                self._know(await self.pull())

    @property
    def labels(self) -> list[str]:
        """Of the widgets that the page had when it, or a tab of it, was opened."""
        return list(self._models)

    async def pull(self) -> dict:
        """The document as the server has it now."""
        reply = await self._ask("PULL-DOC-REQ", {})
        rows = SHOWN.findall(reply)
        self.shown = int(rows[-1].replace(",", ""))
        return json.loads(reply)["doc"]

    async def move(self, rows: int) -> float:
        """Seconds from moving the slider of the first axis until the new picture is there.

        Raises:
            TimeoutError: it did not come.
        """
        started = time.perf_counter()
        for attribute in ("value", "value_throttled"):  # a key press sends both
            await self.set(SLIDER, attribute, rows)
        async with asyncio.timeout(PATIENCE):
            await self.until(lambda: self.shown == rows)
        return time.perf_counter() - started

    async def set(self, label: str, attribute: str, value) -> None:
        """Change what a widget holds; return once the server has taken it."""
        model = {"id": self._models[label]["id"]}
        await self._change({"kind": "ModelChanged", "model": model, "attr": attribute, "new": value})

    async def click(self, label: str) -> None:
        """Press a button."""
        entries = [
            ["model", {"id": self._senders[self._models[label]["id"]]}],
            ["node", "click"],
            ["data", {"type": "map"}],
        ]
        event = {"type": "event", "name": "dom_event", "values": {"type": "map", "entries": entries}}
        await self._change({"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event})

    async def until(self, condition) -> None:
        """Wait until what has arrived fulfils a condition."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: condition() or self._reader.done())
        if self._reader.done() and not condition():
            raise ConnectionError(f"the server must keep the session open, got it closed: {self.errors or 'no word'}.")

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        self._websocket.close()
        await self._reader

    async def _change(self, event: dict) -> None:
        await self._ask("PATCH-DOC", {"events": [event]})

    async def _ask(self, kind: str, content: dict) -> str:
        """The text of the server's reply to a message."""
        name = str(next(self._number))
        for part in ({"msgid": name, "msgtype": kind}, {}, content):
            await self._websocket.write_message(json.dumps(part))
        async with asyncio.timeout(PATIENCE):
            await self.until(lambda: name in self._replies)
        return self._replies.pop(name)

    async def _read(self) -> None:
        async for header, content in self._messages():
            if "reqid" in header:
                self._replies[header["reqid"]] = content
            if header["msgtype"] == "ACK":
                self._welcome.set()
            if header["msgtype"] == "ERROR":
                self.errors.append(content)
            if header["msgtype"] == "PATCH-DOC":
                self.news += 1
                if SLIDER not in self._models:  # the settings come after the first plots
                    self._add(json.loads(content))
                if rows := SHOWN.findall(content):
                    self.shown = int(rows[-1].replace(",", ""))
            async with self._arrived:
                self._arrived.notify_all()
        async with self._arrived:
            self._arrived.notify_all()

    async def _messages(self) -> AsyncIterator[tuple[dict, str]]:
        """Header and content of each message until the connection ends, which it may do within a message."""
        header, parts = {}, []
        while (part := await self._websocket.read_message()) is not None:
            header = header if parts else json.loads(part)
            parts.append(part)
            if len(parts) == 3 + 2 * header.get("num_buffers", 0):  # header, metadata, content, buffers
                yield header, parts[2]
                parts = []


def named(model: dict) -> str:
    """The label of a widget of Material, the title of one of Bokeh, or the name of the tabs."""
    attributes = model["attributes"]
    return attributes.get("label") or attributes.get("title") or model["name"]


def senders(part) -> Iterator[tuple[str, str]]:
    """Of the models that hold data of Panel's components their names, and those of the models that send its events."""
    if isinstance(part, dict):
        data = part.get("attributes", {}).get("data")
        if isinstance(data, dict) and "id" in data:
            yield data["id"], part["id"]
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from senders(inner)


def data_models(part) -> Iterator[dict]:
    """Every model of a document in JSON that has a label, and the tabs: what a browser can set."""
    if isinstance(part, dict):
        attributes = part.get("attributes", {})
        labelled = any(isinstance(attributes.get(name), str) for name in ("label", "title"))
        if part.get("type") == "object" and (labelled or part.get("name", "").startswith(TABS)):
            yield part
        for inner in part.values():
            yield from data_models(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from data_models(inner)
