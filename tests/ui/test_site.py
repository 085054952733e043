"""The site is built without a warning, has every public name, and opens from its folder with nothing wrong on it."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from lessons import NOTEBOOKS
from sphinx.util.inventory import InventoryFile

import initviz
from initviz.study.presets import PRESETS

pytestmark = pytest.mark.site
ROOT = Path(__file__).parents[2]
PUBLIC = {
    f"{module.__name__}.{name}"
    for module in [initviz, *(import_module(each.name) for each in walk_packages(initviz.__path__, "initviz."))]
    for name in getattr(module, "__all__", ())
}
ROOMS = {each.name: import_module(each.name) for each in walk_packages(initviz.__path__, "initviz.") if each.ispkg}
WITHOUT_PUBLIC_NAMES = {
    f"initviz.{name}" for name in ("answers", "command", "explorer", "fans", "live", "matrices", "settings", "views")
}
LARGEST = 3e6
"""Bytes of a lesson."""
SEEN = """() => ({
  headings: [...document.querySelectorAll("h1")].filter(each => each.checkVisibility()).length,
  broken: [...document.images].filter(each => each.complete && !each.naturalWidth).map(each => each.src),
  links: [...document.querySelectorAll("a[href]")].map(each => each.href),
  ids: [...document.querySelectorAll("[id]")].map(each => each.id),
})"""
FINDS = """async () => {
  const {violations} = await axe.run(document, {preload: false, resultTypes: ["violations"]})
  const grave = violations.filter(({impact}) => ["serious", "critical"].includes(impact))
  const where = each => each.html.slice(0, 200) + each.failureSummary
  return grave.map(({id, impact, nodes}) => `${impact} ${id}: ${nodes.map(where)}`)
}"""


@pytest.fixture(scope="module")
def site(executed, tmp_path_factory):
    """The folder of the site, built as `nox -s docs` does but from the notebooks that the tests have executed."""
    notebooks, built = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("site") / "html"
    for path in NOTEBOOKS:
        nbformat.write(executed(path), notebooks / path.name)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(built)]
    environment = os.environ | {"INITVIZ_EXECUTED": str(notebooks), "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return built


@pytest.fixture(scope="module")
def pages(site):
    """All pages, by their path in the folder."""
    return {
        path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html")) if "_static" not in str(path)
    }


def test_every_public_name_is_in_the_reference(site):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", os.path.join)
    assert PUBLIC - {name for kind, names in inventory.items() if kind.startswith("py:") for name in names} == set()


def test_every_room_has_public_names_and_a_page_or_neither(pages):
    assert {name for name, room in ROOMS.items() if not hasattr(room, "__all__")} == WITHOUT_PUBLIC_NAMES
    said = {f"initviz.{Path(name).stem}" for name in pages if name.startswith("api/")} - {"initviz.index"}
    assert said - {"initviz.initviz"} == ROOMS.keys() - WITHOUT_PUBLIC_NAMES


def test_every_lesson_is_there_and_small(pages):
    assert {f"lessons/{path.stem}.html" for path in NOTEBOOKS} <= set(pages)
    assert {name: path.stat().st_size for name, path in pages.items() if path.stat().st_size > LARGEST} == {}


def test_every_page_is_there_as_markdown_and_listed(site, pages):
    listed = (site / "llms.txt").read_text()
    assert "&#" not in listed
    written = [name for name in pages if name not in ("genindex.html", "py-modindex.html", "search.html")]
    for name in written:
        assert (site / f"{name}.md").read_text().startswith("# ")
        assert f"]({name}.md)" in listed
    assert all(preset.question in (site / "llms-full.txt").read_text() for preset in PRESETS.values())


def test_every_page_opens_from_the_folder_without_a_network(site, pages, page):
    wrong, asked, targets, links = [], set(), {}, {}
    page.on("request", lambda request: asked.add(request.url))
    page.on("console", lambda message: message.type == "error" and wrong.append((page.url, message.text)))
    page.on("pageerror", lambda error: wrong.append((page.url, str(error))))
    for name, path in pages.items():
        page.goto(path.as_uri())
        seen = page.evaluate(SEEN)
        targets[path], links[path] = {"", *seen["ids"]}, seen["links"]
        wrong += [(name, f"{seen['headings']} h1")] * (seen["headings"] != 1)
        wrong += [(name, f"no picture at {each}") for each in seen["broken"]]
    assert [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")] == []
    for path, hrefs in links.items():
        for link in map(urlsplit, hrefs):
            target = Path(unquote(link.path))
            there = target.is_file() and (target not in targets or unquote(link.fragment) in targets[target])
            wrong += [(path.name, f"no {link.geturl()}")] * (link.scheme == "file" and not there)
    assert wrong == []


def test_the_gallery_opens_the_explorer_in_the_state_of_each_preset(pages, page):
    page.goto(pages["gallery.html"].as_uri())
    for preset in PRESETS.values():
        heading = page.get_by_role("heading", name=preset.title)
        links = page.locator("section").filter(has=heading).last.locator("a", has_text="Open it in the explorer")
        link = urlsplit(links.get_attribute("href"))
        assert (link.netloc, link.path) == ("localhost:5006", "/explorer")
        assert f"?{link.query}" == preset.link


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["index.html", "gallery.html", "api/networks.html", "comparison.html", "lessons/08_edge_of_chaos.html"]
)
def test_axe_finds_nothing_serious(pages, page, name, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # else colors change slowly
    page.goto(pages[name].as_uri())
    page.evaluate(AXE_FILE_PATH.read_text())
    assert page.evaluate(FINDS) == []
