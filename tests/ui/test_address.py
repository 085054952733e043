"""The address of a page has its settings: a reload, a link, and the browser's back and forward open with them."""

import re

import pytest
from driver import Driver
from playwright.sync_api import expect

from initviz import probes
from initviz.explorer.scenes import OTHER
from initviz.study import Study
from initviz.study.presets import PRESETS
from initviz.views import probes as views


class Held:
    """A connection whose server is heard late: what it says is kept while it `holds`."""

    def __init__(self):
        self.holds, self.messages = False, []

    def follow(self, page) -> None:
        """Stand between a page and its server."""
        self._page, server = page, page.connect_to_server()
        server.on_message(self._heard)

    def _heard(self, message) -> None:
        self.messages.append(message)
        if not self.holds:
            self.release()

    def release(self) -> None:
        """Let all be heard that was kept."""
        self.holds = False
        while self.messages:
            self._page.send(self.messages.pop(0))


@pytest.fixture
def explorer(app):
    """A page that was just opened."""
    driver = Driver(app.page)
    driver.shows()
    return driver


def has(explorer: Driver, link: str) -> None:
    """Wait until the address of the page is this link."""
    expect(explorer.page).to_have_url(re.compile(rf"/explorer{re.escape(link)}$"))


def test_the_address_follows_the_settings_and_is_followed(explorer):
    page, length = explorer.page, explorer.page.evaluate("history.length")
    has(explorer, "")
    explorer.type("shape", "64, 32")
    explorer.study.shape = (64, 32)
    explorer.shows()
    has(explorer, "?v=1&shape=64,+32")
    page.wait_for_timeout(1500)  # what comes later is a step of its own
    explorer.open("product of layers")
    explorer.type("layers", "9")
    explorer.looks(probes.Depth(layers=9), views.depth)
    has(explorer, "?v=1&shape=64,+32&look=Depth&looks.Depth.layers=9")
    assert page.evaluate("history.length") <= length + 4  # where two clicks take more than a second
    page.reload()
    explorer.looks(probes.Depth(layers=9), views.depth)
    has(explorer, "?v=1&shape=64,+32&look=Depth&looks.Depth.layers=9")
    while "look=" in page.url:
        page.go_back()
    has(explorer, "?v=1&shape=64,+32")
    expect(page.get_by_role("tab", selected=True)).to_have_text(["Weights", "this draw"])
    explorer.shows()
    page.go_back()
    explorer.study.shape = Study().shape
    explorer.shows()
    page.go_forward()
    explorer.study.shape = (64, 32)
    explorer.shows()


def test_who_goes_on_before_the_page_answers_is_not_taken_back(explorer):
    page, held = explorer.page, Held()
    page.route_web_socket(re.compile("/ws"), held.follow)
    page.reload()
    explorer.shows()
    for size in (64, 48, 40):
        explorer.type("shape", f"{size}, 32")
        has(explorer, f"?v=1&shape={size},+32")
        page.wait_for_timeout(1500)  # what comes later is a step of its own
    length = page.evaluate("history.length")
    held.holds = True
    page.go_back()
    while not any("shape=48" in str(each) for each in held.messages):
        page.wait_for_timeout(50)
    page.go_back()
    has(explorer, "?v=1&shape=64,+32")
    page.wait_for_timeout(1500)
    held.release()  # an answer to the first step, long after the second
    for size in (64, 48, 40):
        explorer.study.shape = (size, 32)
        explorer.shows()
        has(explorer, f"?v=1&shape={size},+32")
        assert page.evaluate("history.length") == length
        if size != 40:
            page.go_forward()


@pytest.mark.slow(keeps=0)
def test_a_drag_is_one_step(explorer):
    page, length = explorer.page, explorer.page.evaluate("history.length")
    explorer.press("size of axis 0", *["ArrowRight"] * 12)
    page.wait_for_function("location.search.includes('shape=')")
    page.wait_for_timeout(1500)
    assert page.evaluate("history.length") == length + 1


def test_what_cannot_be_read_of_a_link_is_told_and_the_rest_shown(app, explorer):
    app.page.goto(app.server.url + "?v=1&seed=x&shape=8,+4&foo=1&bar=1&baz=1")
    explorer.study.shape = (8, 4)
    explorer.holds()
    expect(explorer.alert).to_contain_text("seed must be a whole number from 0 to 4294967295, got 'x'.")
    expect(explorer.alert).to_contain_text("a link must have settings of a study, got 'foo', 'bar', 'baz'.")
    has(explorer, "?v=1&shape=8,+4")
    explorer.type("seed", "1")
    explorer.study.seed = 1
    explorer.shows()  # without a message


@pytest.mark.slow(keeps=0)
def test_a_link_is_copied(explorer, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    explorer.type("shape", "64, 32")
    has(explorer, "?v=1&shape=64,+32")
    share = explorer.page.get_by_role("button", name="share")
    share.click()
    expect(explorer.page.get_by_role("button", name="copied")).to_be_visible()
    link = explorer.page.evaluate("navigator.clipboard.readText()")
    assert link == explorer.page.url
    assert Study.from_link(link).shape == (64, 32)


def test_a_preset_is_opened_by_keyboard_and_answers_when_asked(explorer):
    page, preset = explorer.page, PRESETS["truncated"]
    page.get_by_role("button", name="presets").press("Enter")
    page.get_by_role("menuitem", name=preset.title).press("Enter")
    explorer.study = preset.study
    has(explorer, preset.link)
    answer = page.get_by_text(preset.answer)
    expect(page.get_by_text(preset.predict)).to_be_visible()
    expect(answer).not_to_be_visible()
    told = page.get_by_text("Standard deviation 0.88")  # which would answer it
    expect(told).not_to_be_visible()
    page.get_by_role("button", name="reveal").press("Enter")
    expect(answer).to_be_visible()
    expect(told).to_be_visible()
    explorer.shows()
    page.reload()  # as everybody sees who is sent the link
    expect(page.get_by_text(preset.predict)).to_be_visible()
    expect(answer).not_to_be_visible()
    page.get_by_role("button", name="close", exact=True).press("Enter")
    expect(told).to_be_visible()
    expect(answer).not_to_be_visible()
    explorer.shows()


@pytest.mark.slow(keeps=0)
def test_a_preset_keeps_nothing_back_at_other_settings_than_its_own(explorer):
    page, preset = explorer.page, PRESETS["large"]
    page.get_by_role("button", name="presets").click()
    page.get_by_role("menuitem", name=preset.title).click()
    mend, other = page.get_by_role("button", name="apply the mend"), page.get_by_text(OTHER)
    signal = page.get_by_role("figure", name="Signal by layer", exact=True)
    expect(signal).to_be_visible()
    expect(mend).not_to_be_visible()
    expect(other).to_have_count(0)
    explorer.type_number("depth", "20")
    expect(other).to_be_visible()
    expect(page.get_by_role("figure", name="Signal by layer: ×")).to_be_visible()
    expect(mend).to_be_visible()
    explorer.type_number("depth", "50")
    expect(signal).to_be_visible()
    expect(mend).not_to_be_visible()
    expect(other).to_have_count(0)
