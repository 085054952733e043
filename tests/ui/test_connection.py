"""A server that stops, hangs and comes back: the page in a real browser says so, and opens again with its settings."""

import re
import signal
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from driver import PATIENCE, Driver
from playwright.sync_api import expect

from initviz import probes
from initviz.live.connection import LOST, SILENT
from initviz.views import probes as views


@pytest.fixture
def visited(page, own_server):
    """A driver of a page on a server of its own, and that server. Nothing else may be asked for anything."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(own_server.url)
    yield Driver(page), own_server
    assert [url for url in asked if not is_of(own_server, url)] == []


def is_of(server, url: str) -> bool:
    """Whether it is asked of this server, or of nobody."""
    return url.startswith((f"http://{server.address}/", "data:", "blob:"))


def test_a_page_says_that_its_server_is_gone_and_comes_back_with_its_settings(visited):
    explorer, server = visited
    page = explorer.page
    explorer.shows()
    explorer.type("shape", "64, 32")
    explorer.study.shape = (64, 32)
    explorer.choose("initializer", "orthogonal")
    explorer.study.function = "orthogonal"
    explorer.shows()
    explorer.open("product of layers")
    explorer.type("layers", "9")
    explorer.looks(probes.Depth(layers=9), views.depth)
    server.stop()
    expect(explorer.alert).to_have_text(LOST, timeout=5000)
    expect(explorer.slider("size of axis 0")).to_be_disabled()
    expect(explorer.textbox("shape")).to_be_disabled()
    expect(explorer.combobox("initializer")).to_be_disabled()
    expect(page.get_by_role("button", name="new sample")).to_be_disabled()
    expect(page.get_by_role("tab", name="Weights")).to_be_disabled()
    with page.expect_navigation(timeout=PATIENCE):
        server.start()
    explorer.looks(probes.Depth(layers=9), views.depth)
    expect(explorer.alert).to_have_count(0)
    expect(explorer.slider("size of axis 0")).to_be_enabled()
    explorer.open("this draw")
    explorer.shows()
    assert "Traceback" not in server.log()


@pytest.mark.slow(keeps=0)
def test_a_page_says_that_its_server_hangs(visited):
    explorer, server = visited
    explorer.shows()
    server.process.send_signal(signal.SIGSTOP)
    expect(explorer.alert).to_have_text(SILENT, timeout=60_000)
    server.process.send_signal(signal.SIGCONT)
    expect(explorer.alert).to_have_count(0)
    explorer.type("shape", "30, 20")
    explorer.study.shape = (30, 20)
    explorer.shows()


ELSEWHERE = {
    r"/bokeh/release/(bokeh[a-z-]*?)-\d[^/]*?(\.min\.js)": ("bokeh.server", r"static/js/\1\2"),
    r"/panel/[^/]+/dist/(.*)": ("panel", r"dist/\1"),
    r"/panel-material-ui/[^/]+/(.*)": ("panel_material_ui", r"dist/\1"),
}
"""Paths of what a page loads from the hosts of Bokeh and Panel; the package that has the same, and where in it."""


def installed(url: str) -> Path:
    """The file that is installed of what a page would load from elsewhere."""
    path = unquote(urlsplit(url).path)
    pattern, (package, file) = next((pattern, each) for pattern, each in ELSEWHERE.items() if re.match(pattern, path))
    return Path(str(files(package) / re.sub(pattern, file, path)))


@pytest.mark.slow(keeps=0)
@pytest.mark.parametrize("own_server", [{"BOKEH_RESOURCES": "cdn"}], indirect=True)
def test_a_page_whose_scripts_come_from_elsewhere_watches_its_server(page, own_server):
    foreign, heads = [], []

    def instead(route):
        foreign.append(route.request.url)
        route.fulfill(path=installed(route.request.url))

    page.route(lambda url: not is_of(own_server, url), instead)
    page.on("request", lambda request: request.method == "HEAD" and heads.append(request.url))
    page.goto(own_server.url)
    explorer = Driver(page)
    explorer.shows()
    assert any("/bokeh-" in url for url in foreign), foreign
    explorer.type("shape", "64, 32")
    explorer.study.shape = (64, 32)
    explorer.shows()
    own_server.stop()
    expect(explorer.alert).to_have_text(LOST, timeout=5000)
    with page.expect_navigation(timeout=PATIENCE):
        own_server.start()
    explorer.shows()
    assert {is_of(own_server, url) and urlsplit(url).path for url in heads} == {"/static/js/bokeh.min.js"}
    assert "Traceback" not in own_server.log()
