"""Widgets in a real marimo: drawn, and dragged across cells."""

import socket
import subprocess
import sys
from pathlib import Path

import bokeh.io.notebook
import pytest
from driver import PATIENCE, named, shows_weights
from playwright.sync_api import expect

from benchmarks.browser import HOST, ROOT, wait_for
from initviz.study import Study

pytest.importorskip("marimo")
# marimo 0.25 imports `curstate` from where Bokeh 3.10 has it no more, and unpacks what Panel 1.10 returns in another
# shape: it shows no Panel app there at all, which initviz cannot mend. `in_marimo` says which version to install.
BREAKS = not hasattr(bokeh.io.notebook, "curstate")
pytestmark = pytest.mark.xfail(
    BREAKS, reason="marimo 0.25 shows nothing of Panel 1.10, with initviz or without", strict=True
)
SHOWN = 30_000 if BREAKS else PATIENCE  # ms; where nothing is shown nobody need wait for long


@pytest.fixture
def notebook(page):
    """A page of marimo on which the cells have run, and what was asked of other machines."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "--quiet", "run", str(Path("tests/ui/apps/widgets_in_marimo.py")),
               "--headless", "--no-token", "--host", HOST, "--port", str(port)]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    foreign, errors = [], []
    page.on("request", lambda request: f"//{HOST}" not in request.url and foreign.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        wait_for(f"{HOST}:{port}", process)
        page.goto(f"http://{HOST}:{port}")
        yield page
    finally:
        page.close()
        process.terminate()
        process.wait(20)
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
    assert errors == []


def test_a_slider_in_one_cell_moves_the_picture_in_another(notebook):
    slider = notebook.get_by_role("slider", name=named("scale"))
    expect(slider).to_be_visible(timeout=SHOWN)
    shows_weights(notebook, study(1.0))
    slider.focus()
    for _ in range(2):
        notebook.keyboard.press("ArrowRight")
    shows_weights(notebook, study(1.1))


def study(scale: float) -> Study:
    """The study of the notebook."""
    return Study("variance_scaling", scale=scale, mode="fan_in", distribution="normal")
