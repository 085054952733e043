"""`initviz`: the explorer on this machine, or for several people."""

import errno
import signal
import socket
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Callable
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import panel as pn

from initviz.command.opening import query_of
from initviz.command.refusal import RefusedError
from initviz.explorer.page import page
from initviz.live.uploads import limit_uploads
from initviz.models.places import open_folder
from initviz.settings.choices import limit_weights

NAME = "explorer"
"""Of the page in its address, as that of apps/explorer.py."""
PORT, TRIED = 5006, 20
"""The port by default, and how many from there on are tried."""
EVERYWHERE = ("", "0.0.0.0", "::")
"""Addresses that stand for all networks."""
FULL = (
    "<h1 style='font-size: 1.15rem'>initviz is full</h1><p>This server shows no more than {most} at once. "
    "Load this page again in a minute.</p>"
)


def serve(asked: Namespace) -> int:
    """Serve the explorer until Ctrl-C or an end from outside; the exit status.

    Raises:
        RefusedError: it cannot be served like this; the message says what to do.
    """
    query, notices = query_of(asked.opening) if asked.opening else ("", ())
    for notice in notices:
        print(f"initviz: {notice}", file=sys.stderr)
    if asked.max_weights is not None:
        limit_weights(asked.max_weights)
    if asked.max_upload is not None:
        limit_uploads(asked.max_upload * 10**6)
    try:
        open_folder(asked.models)
    except ValueError as refusal:
        raise RefusedError(str(refusal)) from None
    port = free_port(asked.address, asked.port)
    try:
        server = pn.io.server.get_server(
            {NAME: _limited(_page, asked.max_sessions)}, port=port, address=asked.address or None,
            websocket_origin=[*origins(asked.address, port), *map(origin, asked.allow_origin)], title="initviz",
            warm=asked.warm,
        )  # fmt: skip
    except OSError as error:  # somebody was faster
        raise _unbound(asked.address, port, error) from None
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    address = f"http://{_written(asked.address)}:{port}/{NAME}{query}"
    _say(asked, address)
    if not asked.no_browser:
        server.io_loop.add_callback(Thread(target=_open, args=(address,), daemon=True).start)
    server.start()
    server.io_loop.start()
    return 0


def _page() -> pn.viewable.Viewable:
    pn.extension("mathjax")
    return page()


def free_port(address: str, wanted: int | None) -> int:
    """The port that was asked for, else the first free one from 5006 on.

    Raises:
        RefusedError: it is taken, or nobody may listen there.
    """
    for port in range(PORT, PORT + TRIED) if wanted is None else [wanted]:
        try:
            return _bound(address, port)
        except OSError as error:
            if wanted is not None or error.errno != errno.EADDRINUSE:
                raise _unbound(address, port, error) from None
    raise RefusedError(f"the ports from {PORT} to {PORT + TRIED - 1} are taken. Name another by --port, or 0 for any.")


def _bound(address: str, port: int) -> int:
    """The port itself, or for 0 a free one, if one can listen there."""
    from tornado.netutil import bind_sockets

    sockets = bind_sockets(port, address or None)
    try:
        return sockets[0].getsockname()[1]
    finally:
        for each in sockets:
            each.close()


def _unbound(address: str, port: int, error: OSError) -> RefusedError:
    if error.errno == errno.EADDRINUSE:
        return RefusedError(f"port {port} is taken. Leave --port out for the next free one, or name another.")
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return RefusedError(f"--address must be an address of this machine, got {address}. Use localhost or 0.0.0.0.")
    return RefusedError(f"nothing can listen on {address} port {port}: {error.strerror or error}. Name another port.")


def origins(address: str, port: int) -> list[str]:
    """Where a browser on this machine may have got the page from: all names of this machine, and the address itself."""
    names = dict.fromkeys(["localhost", "127.0.0.1", _written(address)])
    return [f"{name}:{port}" for name in names]


def origin(typed: str) -> str:
    """Host and port as Bokeh (3.9) compares them, whether a whole address was typed or not; it takes 80 for no port.

    >>> origin("https://Explorer.example/page"), origin("10.0.0.1:5006"), origin("explorer.example")
    ('explorer.example', '10.0.0.1:5006', 'explorer.example')

    Raises:
        RefusedError: it is no host, or a port that is no number.
    """
    host = urlsplit(typed if "://" in typed else f"//{typed}").netloc.lower()
    name, separated, port = host.partition(":")
    if not name or "[" in name or (separated and not port.isdigit()):
        raise RefusedError(
            f"--allow-origin must be a host, with a port or without, got {typed!r}. Write for instance 10.0.0.1:5006."
        )
    return name if port in ("80", "443") and "://" in typed else host


def _written(address: str) -> str:
    """An address as it stands in a link; of IPv6 a name, since Bokeh (3.9) allows no such origin."""
    return "localhost" if address in EVERYWHERE or ":" in address else address


def _limited(opened: Callable[[], Any], most: int | None) -> Callable[[], Any]:
    """The page for so many sessions at once; whoever comes then is told to come again."""
    here: set[str] = set()

    def visited() -> Any:
        context = pn.state.curdoc.session_context if pn.state.curdoc else None
        if most is None or context is None:
            return opened()
        if len(here) >= most:
            return pn.pane.HTML(FULL.format(most=most))
        name = context.id
        here.add(name)
        pn.state.on_session_destroyed(lambda _: here.discard(name))
        return opened()

    return visited


def _say(asked: Namespace, address: str) -> None:
    print(f"The explorer is at {address} (Ctrl-C ends it)", flush=True)
    if asked.address in EVERYWHERE and not asked.allow_origin:
        print("Others see an empty page until --allow-origin says what address they type.", file=sys.stderr)


def _open(address: str) -> None:
    if not webbrowser.open(address):
        print("No browser was found: open the address in one.", file=sys.stderr)
