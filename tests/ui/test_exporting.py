"""The menu of files in a real browser: each is saved under its name with what is on show, and needs no network."""

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from driver import PATIENCE, Driver
from playwright.sync_api import TimeoutError, expect
from test_axe import FINDS

from initviz.command.opening import query_of
from initviz.explorer.exporting import TITLES
from initviz.study import Study
from initviz.study.study import COMPARE, LAYER, NETWORK
from initviz.views.exports import EXPORTS

SETTINGS = "?v=1&initializer=glorot_uniform&layer=Dense&inputs=40&outputs=30&seed=3"
SETTINGS += "&looks.Seeds.draws=3&network.depth=4&network.width=16&looks.Convolution.input_size=6"
STEM = "initviz-glorot_uniform-40x30-float32-seed3"
KEPT_NONE = """() => {
  const carrier = [...Bokeh.documents[0]._all_models.values()].find(({tags}) => tags?.[0] === "initviz download")
  return carrier.tags.length === 1
}"""
"""Whether the page has nothing of a file any more: a moment after it is saved."""
APART = 200
"""Milliseconds between files: of an eleventh in one second Chromium makes nothing, and a page hears nothing of that."""
NAMED = """part => {
  const tools = [...Bokeh.documents[0]._all_models.values()].filter(({type}) => type === "SaveTool")
  return tools.some(({filename}) => filename?.includes(part))
}"""
"""Whether a save tool's file is named so: a moment after the picture is there."""


@pytest.fixture
def query():
    """A small layer and small looks."""
    return SETTINGS


@pytest.fixture
def explorer(app):
    """A page that shows a small layer."""
    driver = Driver(app.page, Study.from_link(SETTINGS))
    driver.shows()
    return driver


def take(page, title: str, folder: Path) -> Path:
    """Choose a file of the menu by keyboard; where it was saved."""
    page.wait_for_timeout(APART)
    page.get_by_role("button", name="export").press("Enter")
    try:
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("menuitem", name=title, exact=True).press("Enter")
    except TimeoutError:
        told = [page.get_by_role(role).all_inner_texts() for role in ("alert", "status", "menuitem")]
        pytest.fail(f"{title!r} is not saved; the page says: {told}", pytrace=False)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_every_file_is_saved_under_its_name_with_what_is_on_show(explorer, tmp_path):
    page, answer = explorer.page, explorer.study.answer()
    found = {name: take(page, export.title, tmp_path) for name, export in EXPORTS.items()}
    assert {path.name for path in found.values()} == {f"{STEM}-{export.suffix}" for export in EXPORTS.values()}
    assert query_of(str(found["study"]))[0] == explorer.study.to_link()
    with np.load(found["arrays"], allow_pickle=False) as file:
        np.testing.assert_array_equal(file["weights"], answer.weights)
    _, *rows = csv.reader(io.StringIO(found["weights"].read_text()))
    np.testing.assert_array_equal(np.array([float(row[-1]) for row in rows], np.float32), answer.weights.ravel())
    drawn: dict = {}
    exec(found["jax"].read_text(), drawn)
    np.testing.assert_array_max_ulp(np.asarray(drawn["weights"]), answer.weights, 4)
    page.wait_for_function(KEPT_NONE, timeout=PATIENCE)
    expect(explorer.alert).to_have_count(0)


@pytest.mark.slow(keeps=0)
def test_pictures_are_saved_as_svg_and_png(explorer, tmp_path):
    page = explorer.page
    svg = take(page, "picture “Weights”, as SVG", tmp_path)
    assert svg.name == f"{STEM}-weights.svg"
    assert ET.parse(svg).getroot().get("aria-label") == "Weights: 1,200 values, float32"
    png = take(page, "picture “Axes of the shape”, as PNG", tmp_path)
    assert png.name == f"{STEM}-fans.png"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png.read_bytes()[16:20]) == 3 * 440
    page.wait_for_function(NAMED, arg="seed3", timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator(".bk-tool-icon-save:visible, [title='Save']").first.click()
    assert download.value.suggested_filename == f"{STEM}-weights.png"
    explorer.type("seed", "4")
    explorer.study.seed = 4
    explorer.shows()
    page.wait_for_function(NAMED, arg="seed4", timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator(".bk-tool-icon-save:visible, [title='Save']").first.click()
    assert download.value.suggested_filename == f"{STEM[:-1]}4-weights.png"


def take_once_there(page, title: str, folder: Path) -> Path:
    """The same, once nothing of it is on its way any more."""
    saved = []
    page.on("download", lambda download: saved.append(download))
    for _ in range(60):
        page.get_by_role("button", name="export").press("Enter")
        page.get_by_role("menuitem", name=title, exact=True).press("Enter")
        page.wait_for_timeout(2000)
        if saved:
            saved[0].save_as(folder / saved[0].suggested_filename)
            return folder / saved[0].suggested_filename
    return pytest.fail("nothing is saved", pytrace=False)


def opens_without_a_network(context, path: Path, pictures: int) -> None:
    """A report opens from a file, whole, in light and dark, and asks for nothing."""
    asked, heard, report = [], [], context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.on("console", lambda message: heard.append(message.text))
    report.goto(path.as_uri())
    expect(report.get_by_role("heading", level=1)).to_contain_text("glorot_uniform()")
    assert report.locator("img").count() == pictures
    assert report.evaluate("[...document.images].every(image => image.naturalWidth)")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert heard == []
    report.evaluate(AXE_FILE_PATH.read_text())
    for scheme in ("light", "dark"):
        report.emulate_media(color_scheme=scheme)
        assert report.evaluate(FINDS) == []
    report.close()


def test_a_report_of_every_room_opens_from_a_file_without_a_network(explorer, tmp_path, context):
    page = explorer.page
    opens_without_a_network(context, take(page, EXPORTS["report"].title, tmp_path), 3)
    for name, pictures in {"Seeds": 2, LAYER: 0, "Randomness": 0, NETWORK: 8}.items():
        explorer.open(TITLES[name])
        path = take_once_there(page, EXPORTS["report"].title, tmp_path)
        assert name.lower() in path.name
        opens_without_a_network(context, path, pictures)
    page.get_by_role("button", name="pin", exact=True).click()
    page.get_by_role("tab", name=f"{COMPARE} (1)", exact=True).click()
    opens_without_a_network(context, take_once_there(page, EXPORTS["report"].title, tmp_path), 2)


@pytest.mark.slow(keeps=0)
def test_what_cannot_be_saved_is_said(explorer):
    explorer.type("shape", "2048, 1024")
    explorer.study.shape = (2048, 1024)
    explorer.shows()
    explorer.page.get_by_role("button", name="export").click()
    explorer.page.get_by_role("menuitem", name=EXPORTS["weights"].title, exact=True).click()
    expect(explorer.alert).to_contain_text("at most 1,048,576 weights are written into this file, got 2,097,152.")
    explorer.type("shape", "64, 32")
    explorer.study.shape = (64, 32)
    explorer.shows()  # without a message


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_open_menu(explorer, theme):
    page = explorer.page
    page.evaluate(AXE_FILE_PATH.read_text())
    if theme == "dark":
        page.get_by_role("button", name="Toggle theme").click()
    page.get_by_role("button", name="export").press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.wait_for_timeout(1000)
    assert page.evaluate(FINDS) == []
