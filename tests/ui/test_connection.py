"""A server that stops, hangs and comes back: the page in a real browser says so, and opens again with its settings."""

import signal

import pytest
from driver import PATIENCE, Driver
from playwright.sync_api import expect

from initviz import probes
from initviz.live.connection import LOST, PARAMETER, SILENT
from initviz.views import probes as views


@pytest.fixture
def visited(page, own_server):
    """A driver of a page on a server of its own, and that server."""
    page.goto(own_server.url)
    return Driver(page), own_server


def test_a_page_says_that_its_server_is_gone_and_comes_back_with_its_settings(visited):
    explorer, server = visited
    page = explorer.page
    explorer.shows()
    explorer.type("shape", "64, 32")
    explorer.study.shape = (64, 32)
    explorer.choose("initializer", "orthogonal")
    explorer.study.function = "orthogonal"
    explorer.shows()
    explorer.open("Depth")
    explorer.type("layers", "9")
    explorer.looks(probes.Depth(layers=9), views.depth)
    server.stop()
    expect(explorer.alert).to_have_text(LOST, timeout=5000)
    expect(explorer.slider("size of axis 0")).to_be_disabled()
    expect(explorer.textbox("shape")).to_be_disabled()
    expect(explorer.combobox("initializer")).to_be_disabled()
    expect(page.get_by_role("button", name="new sample")).to_be_disabled()
    expect(page.get_by_role("tab", name="Draw")).to_be_disabled()
    with page.expect_navigation(timeout=PATIENCE):
        server.start()
    explorer.looks(probes.Depth(layers=9), views.depth)
    expect(explorer.alert).to_have_count(0)
    expect(explorer.slider("size of axis 0")).to_be_enabled()
    assert PARAMETER not in page.url
    explorer.open("Draw")
    explorer.shows()
    assert "Traceback" not in server.log()


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


def test_an_address_that_cannot_be_read_is_told_and_leaves_the_default(app):
    Driver(app.page).shows()  # a page is left once it is whole
    app.page.goto(app.server.url + '?study={"version": 1, "seed": "x", "layer": {"shape": "8, 4"}}')
    explorer = Driver(app.page)
    explorer.study.shape = (8, 4)
    explorer.holds()
    expect(explorer.alert).to_have_text(
        "seed must be a whole number from 0 to 4294967295, got 'x'. Type for instance 0."
    )
    explorer.type("seed", "1")
    explorer.study.seed = 1
    explorer.shows()  # without a message
    app.page.goto(app.server.url + "?study=abc")
    Driver(app.page).holds()
    expect(explorer.alert).to_contain_text("settings must be JSON, got 'abc'")
