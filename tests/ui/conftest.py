"""A served explorer and a page on it that nothing may go wrong on: fixtures `server` and `app`."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chromium import chromium
from driver import PATIENCE
from labs import lab, opened  # noqa: F401 - fixtures
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
APP = Path("apps/explorer.py")  # from ROOT
HOST = "127.0.0.1"
NOTEBOOKS = ("test_jupyterlab", "test_lessons_in_jupyterlab", "test_marimo")
"""Files of tests that drive notebooks."""
TROUBLE = re.compile(r"^.*(WARNING|ERROR|CRITICAL|Traceback)[\s\S]*", re.MULTILINE)
HUNG_UP = re.compile(  # tornado's report of a write to a page that is being closed
    r"(^.*Task exception was never retrieved.*\n(future: .*\n)?)?^Traceback (?:(?!^Traceback)[\s\S])*?"
    r"StreamClosedError.*\s*During handling of the above exception, another exception occurred:\s*"
    r"Traceback (?:(?!^Traceback)[\s\S])*?WebSocketClosedError$",
    re.MULTILINE,
)
FORGET = "sessionStorage.isOpen ??= localStorage.clear() ?? true"
"""Lets a new page know nothing of what others have kept in the browser, until it is loaded anew."""


expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    """Marks every test below this directory `ui`, those of notebooks `lab`, too."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("ui")
            if item.path.stem in NOTEBOOKS:
                item.add_marker("lab")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    """The Chromium found, and switches that keep it working as root and silent on the network."""
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
    path = chromium(playwright.chromium.executable_path)
    return {**browser_type_launch_args, "executable_path": path, "args": switches}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """The window the page is designed for."""
    return {**browser_context_args, "viewport": {"width": 1400, "height": 900}}


@pytest.fixture(scope="session")
def context(browser, browser_context_args):
    """One window for the pages of all tests, so that a page finds the scripts of the one before."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@dataclass
class Server:
    """An app as users serve it: `panel serve` in a process of its own."""

    path: Path
    log_file: Path
    address: str = field(default_factory=lambda: free_address())
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.address}/{self.path.stem}"

    def log(self) -> str:
        """Everything it has printed so far."""
        return self.log_file.read_text()

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [sys.executable, "-m", "panel", "serve", str(self.path), "--port", self.address.partition(":")[2],
                   "--address", HOST, "--allow-websocket-origin", self.address]  # fmt: skip
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | self.environment,
            )  # fmt: skip
        wait_until_it_answers(self, self.process)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.send_signal(signal.SIGCONT)  # where it hangs
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_address() -> str:
    """A port that nobody has."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return f"{HOST}:{listener.getsockname()[1]}"


@contextmanager
def served(path: Path, log_file: Path, **environment: str):
    """An app, its path from ROOT, served and answering."""
    found = Server(path, log_file, environment=environment)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """A function that serves an app, its path from ROOT, with what is in its environment, until the tests end."""
    with ExitStack() as until_the_end:

        def serve_it(path: Path, **environment: str) -> Server:
            return until_the_end.enter_context(
                served(path, tmp_path_factory.mktemp("server") / "log.txt", **environment)
            )

        yield serve_it


@pytest.fixture(scope="session")
def server(serve):
    """The served explorer."""
    return serve(APP)


@pytest.fixture
def own_server(tmp_path, request):
    """The explorer served for one test, which may stop it and start it again, or give it an environment."""
    with served(APP, tmp_path / "log.txt", **getattr(request, "param", {})) as found:
        yield found


def wait_until_it_answers(server: Server, process: subprocess.Popen) -> None:
    """Return once the page answers; fail with the server's log if it ends or takes too long."""
    patience = PATIENCE / 1000
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(server.url, timeout=patience).close()
        except urllib.error.HTTPError as error:
            pytest.fail(f"{server.url} answered {error}; its log:\n{server.log()}", pytrace=False)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"no answer from {server.url} within {patience:g} s; its log:\n{server.log()}", pytrace=False)


@dataclass
class App:
    """A page on the served explorer and what happened on it. A test that provokes a problem takes it out again."""

    page: Page
    server: Server
    requests: list[str] = field(default_factory=list)
    """Every address asked for, websockets included."""
    warnings: list[str] = field(default_factory=list)
    """Warnings on the console."""
    problems: list[str] = field(default_factory=list)
    """Errors on the console and uncaught ones in the page; after the test also foreign requests and the server's."""

    def watch(self) -> None:
        """Start recording."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda websocket: self.requests.append(websocket.url))
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))

    def _hear(self, message) -> None:
        heard = {"error": self.problems, "warning": self.warnings}.get(message.type)
        if heard is not None:
            heard.append(f"{message.type} on the console: {message.text} ({message.location.get('url')})")


@pytest.fixture
def query():
    """What the address of a new page ends with; a module may have its own."""
    return ""


@pytest.fixture
def app(page, server, query):
    """A new page on the explorer, or what else the module's own `server` serves, closed after the test.

    The test fails if anything went wrong on it or in the server.
    """
    before = len(server.log())
    app = App(page, server)
    app.watch()
    page.add_init_script(FORGET)
    page.context.clear_cookies()
    page.goto(server.url + query)
    page.wait_for_function("window.Bokeh?.documents.length > 0")
    yield app
    page.close()
    app.problems += [f"request that left the machine: {url}" for url in app.requests if is_foreign(url)]
    app.problems += [
        f"in the server's log:\n{found[0]}"
        for found in [TROUBLE.search(HUNG_UP.sub("", server.log()[before:]))]
        if found
    ]
    if app.problems:
        pytest.fail("\n".join(app.problems), pytrace=False)


def is_foreign(url: str) -> bool:
    """Whether a request to this address leaves the loopback."""
    return urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != HOST
