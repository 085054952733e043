"""Key press to last painted frame in a real JupyterLab, beside the served page in the same run.

`python -m benchmarks.notebook` opens a notebook in JupyterLab in a headless Chromium, runs its cells in a fresh kernel,
and presses the right arrow key on sliders of the explorer and of a lone histogram.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Locator, Page, expect

from benchmarks.browser import HOST, ROOT, chromium_page, served, wait_for
from benchmarks.latency import CLOCK, EXPLORER, choose_variance_scaling, drag, open_page, painted
from benchmarks.report import machine, say

SLIDER = "scale"
ARGUMENTS = 'scale=1.0, mode="fan_in", distribution="truncated_normal"'
CELLS = {
    "import panel": "import panel as pn\npn.extension(inline=True)\npn.Column()",
    "explorer": f'import initviz\nexplorer = initviz.explore("variance_scaling", {ARGUMENTS})\nexplorer',
    "histogram": "from initviz import Study, widgets\n"
                 f'study = Study("variance_scaling", {ARGUMENTS})\n'
                 'pn.Column(widgets.controls(study, "scale"), widgets.histogram(study))',
}  # fmt: skip
"""Cells of a notebook. The second needs nothing, so that it can be the first of a fresh kernel; the third the first."""
FIRST = 1.5
"""How many times as long as an empty Panel app the first explorer of a fresh kernel may take."""
FIRSTS = 3
"""How often a fresh kernel is started for each."""
RUN = re.compile(r"\[\d+\]:")
"""The prompt of a cell that has been run."""
IDLE = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
READY = f"{IDLE} && /[|] Idle/.test(document.querySelector('#jp-bottom-panel').innerText)"
"""Once the page knows its kernel, too: before, a cell is forgotten, or a dialog asks which kernel is to run it."""
LIMITS = {"explorer": 2.0, "histogram": 1.5}
"""How many times as long as on the served page a press may take."""


def notebook(*cells: str) -> str:
    """The text of a notebook of these cells."""
    made = [{"cell_type": "code", "id": f"cell-{place}", "metadata": {}, "execution_count": None, "outputs": [],
             "source": cell} for place, cell in enumerate(cells)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Address of a JupyterLab that shows this folder."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ip={HOST}", f"--port={port}",
               f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=", "--ServerApp.password=",
               "--ServerApp.log_level=ERROR"]  # fmt: skip
    page_config = folder / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data"),
        "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "",
    }  # fmt: skip
    log = (folder / "lab.log").open("w")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(f"{HOST}:{port}", process)
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait(20)


def open_notebook(page: Page, url: str, name: str) -> None:
    """Open a notebook whose kernel is ready."""
    page.goto(f"{url}/lab/workspaces/{Path(name).stem}/tree/{name}")  # without what was open before
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(READY, timeout=120_000)


def run_cell(page: Page, place: int) -> float:
    """Run a cell; seconds until it has ended."""
    cell = page.locator(".jp-Notebook .jp-Cell").nth(place)
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    for _ in range(5):  # a page that is still busy with itself forgets keys, and a kernel that starts what it was asked
        cell.locator(".cm-content").click()
        start = time.monotonic()
        page.keyboard.press("Control+Enter")
        with suppress(AssertionError):
            expect(prompt).not_to_have_text(before, timeout=5_000)
            expect(prompt).not_to_have_text("[*]:", timeout=120_000)
            if prompt.inner_text() != before and RUN.fullmatch(prompt.inner_text()):
                break
    page.wait_for_function(IDLE, timeout=60_000)
    return time.monotonic() - start


def row(name: str, times: list[float], beside: float, limit: str) -> str:
    """Median and 95 % of presses, and the ratio of the median to another."""
    middle, late = median(times), quantiles(times, n=20)[-1]
    return f"  {name:28} {middle:6.0f} ms {late:6.0f} ms  {middle / beside:5.2f}x  {limit}".rstrip()


@contextmanager
def fresh(*cells: str) -> Iterator[Page]:
    """A notebook of these cells in JupyterLab, its kernel just started."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "cells.ipynb").write_text(notebook(*cells))
        with jupyterlab(Path(folder)) as url, chromium_page() as page:
            page.add_init_script(CLOCK)
            open_notebook(page, url, "cells.ipynb")
            yield page


def shown(page: Page, place: int, there: Callable[[Locator], Locator]) -> float:
    """Run a cell; seconds until what this finds in it is there."""
    took, start = run_cell(page, place), time.monotonic()
    there(page.locator(".jp-Notebook .jp-Cell").nth(place)).first.wait_for(state="attached", timeout=60_000)
    return took + time.monotonic() - start


PICTURE = """() => {
  const look = () => {
    if (document.querySelector(".initviz-kept img")?.complete) window.pictureSince = Date.now()
    else setTimeout(look, 10)
  }
  look()
}"""
"""Notes when the picture of an explorer is on the page."""


def app(cell: Locator) -> Locator:
    """What an empty Panel app is, too."""
    return cell.locator("[data-root-id]")


def slider(cell: Locator) -> Locator:
    """The slider that is dragged."""
    return cell.get_by_role("slider", name=SLIDER)


def main(presses: int = 20) -> None:
    """Print the times of first widgets, and of presses on one slider: on the served page and in a notebook."""
    say(f"\nA first explorer, and key press to last painted frame, in JupyterLab\n{machine()}\n")
    with served(EXPLORER, "--warm") as url, chromium_page() as page:
        open_page(page, url)
        choose_variance_scaling(page)
        there = drag(page, SLIDER, presses + 2)[2:]
    empty, picture, first, found = [], [], [], {}
    for _ in range(FIRSTS):
        with fresh(CELLS["import panel"], CELLS["histogram"]) as page:
            empty.append(shown(page, 0, app))
            if "histogram" not in found:
                shown(page, 1, slider)
                painted(page)
                found["histogram"] = drag(page, SLIDER, presses + 2)[2:]
        with fresh(CELLS["explorer"]) as page:
            page.evaluate(PICTURE)
            start = time.time()
            first.append(shown(page, 0, slider))
            picture.append(page.evaluate("window.pictureSince") / 1000 - start)
            if "explorer" not in found:
                painted(page)
                found["explorer"] = drag(page, SLIDER, presses + 2)[2:]
    say(f"  {'in a fresh kernel':28} {'median':>9} {'longest':>9}   ratio  limit")
    say(f"  {'import panel, an empty app':28} {median(empty):7.2f} s {max(empty):7.2f} s")
    for what, times, limit in (
        ("an explorer: its picture", picture, ""),
        ("an explorer: live", first, f"<= {FIRST:g}x"),
    ):
        ratio = median(times) / median(empty)
        say(f"  {what:28} {median(times):7.2f} s {max(times):7.2f} s  {ratio:5.2f}x  {limit}".rstrip())
    say(f"\n  {'a press':28} {'median':>9} {'95 %':>9}   ratio  limit")
    say(row("the served page", there, median(there), ""))
    for name, limit in LIMITS.items():
        say(row(f"JupyterLab, {name}", found[name], median(there), f"<= {limit:g}x"))


if __name__ == "__main__":
    main()
