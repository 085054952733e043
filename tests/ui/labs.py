"""Notebooks in a real JupyterLab, and what goes wrong on their pages: fixtures `lab` and `opened`."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from driver import PATIENCE, named
from playwright.sync_api import Locator, Page, expect

from benchmarks.notebook import IDLE, RUN, jupyterlab, notebook, open_notebook, run_cell

LOST = "Comm not found for comm id"
"""JupyterLab's word on what the kernel has sent to a page before it learns that this was left."""
OURS = re.compile(r"Traceback (?:(?!^Traceback)[\s\S])*?File .*/(initviz|panel|bokeh|holoviews)/[\w/]+\.py", re.M)
"""A traceback in a log that goes through what initviz runs."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address and folder of a JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder) as url:
        yield url, folder
    said = (folder / "lab.log").read_text()  # by kernels, too; Jupyter's server has tracebacks of its own under load
    assert not OURS.search(said), said


@dataclass
class Notebook:
    """A notebook open in JupyterLab, and what went wrong on its page."""

    page: Page
    path: Path
    url: str
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what goes wrong from now on."""
        note, page = self.problems.append, self.page
        page.on("pageerror", lambda error: note(f"error in the page: {error}"))
        page.on("console", lambda said: said.type == "error" and note(f"on the console: {said.text}"))
        page.on("request", lambda request: is_foreign(request.url) and note(f"asked {request.url}"))

    def cell(self, place: int) -> Locator:
        """A cell with its outputs."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place)

    def run(self, place: int) -> str:
        """Run a cell; the text it prints."""
        run_cell(self.page, place)
        return "".join(self.cell(place).locator("[data-mime-type='application/vnd.jupyter.stdout']").all_inner_texts())

    def run_all(self, last: int) -> None:
        """Run all cells, of which this is the last with code."""
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text("Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(self.cell(last).locator(".jp-InputPrompt")).to_have_text(RUN, timeout=PATIENCE)
        self.page.wait_for_function(IDLE)

    def runs(self, place: int, text: str) -> str:
        """Run a cell until it prints this text, as it will when the page has told of an output that is gone."""
        for _ in range(20):
            if self.run(place) == text:
                break
        return self.run(place)

    def slider(self, label: str, place: int) -> Locator:
        """A slider in the output of a cell."""
        return self.cell(place).get_by_role("slider", name=named(label)).first

    def kept(self, place: int) -> Locator:
        """The pictures that are kept for the time in which the widgets of a cell are not live."""
        return self.cell(place).locator(".initviz-kept img")

    def fits(self, place: int) -> None:
        """Nothing in the output of a cell is wider than its place."""
        output = self.cell(place).locator(".jp-OutputArea-output").last
        assert output.evaluate("element => element.scrollWidth - element.clientWidth") <= 0

    def reload(self) -> None:
        """Load the page anew, and wait for the kernel, which runs on."""
        self.page.reload()
        self.cell(0).wait_for()
        self.page.wait_for_function(IDLE)

    @contextmanager
    def another_tab(self) -> Iterator["Notebook"]:
        """The same notebook in another tab of the browser."""
        page = self.page.context.new_page()
        other = Notebook(page, self.path, self.url, self.problems)
        other.watch()
        open_notebook(page, self.url, self.path.name)
        yield other
        page.close()

    def saved(self) -> dict:
        """The notebook's file, saved now."""
        before = self.path.stat().st_mtime_ns
        self.cell(0).locator(".cm-content").click()  # or keys belong to the widget that has the focus
        self.page.keyboard.press("Control+s")
        for _ in range(PATIENCE // 100):
            if self.path.stat().st_mtime_ns != before:
                with suppress(json.JSONDecodeError):  # of a file that is being written
                    return json.loads(self.path.read_text())
            self.page.wait_for_timeout(100)
        raise TimeoutError(f"{self.path.name} must be saved, got no change of it. See the page.")

    def restart(self) -> None:
        """Restart its kernel."""
        self.page.evaluate("""async () => {
          const [kernel] = await (await fetch("/api/kernels")).json()
          const token = document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? ""
          const headers = {"X-XSRFToken": token}
          await fetch(`/api/kernels/${kernel.id}/restart`, {method: "POST", headers})
        }""")
        self.page.wait_for_function(IDLE)


@pytest.fixture
def opened(lab, page):
    """A function that opens a notebook of these cells, or this text. What goes wrong on its page fails the test."""
    url, folder = lab
    made = []

    def open_it(*cells: str, text: str = "") -> Notebook:
        path = folder / f"notebook-{len(list(folder.glob('*.ipynb')))}.ipynb"
        path.write_text(text or notebook(*cells))
        found = Notebook(page, path, url)
        made.append(found)
        found.watch()
        open_notebook(page, url, path.name)
        return found

    yield open_it
    for found in made:
        page.wait_for_function(IDLE)  # or the kernel's own log has how it was ended within a cell
        page.evaluate("""async () => {
          const headers = {"X-XSRFToken": document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? ""}
          for (const kernel of await (await fetch("/api/kernels")).json())
            await fetch(`/api/kernels/${kernel.id}`, {method: "DELETE", headers})
        }""")
        page.close()
        assert not found.problems


def is_foreign(url: str) -> bool:
    """Whether a request leaves this machine."""
    return url.startswith(("http", "ws")) and "//127.0.0.1" not in url
