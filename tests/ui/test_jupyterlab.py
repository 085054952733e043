"""Widgets in a real JupyterLab: drawn, dragged, read back, saved small, and what a restart or a reload leaves."""

import json
from pathlib import Path

from driver import PATIENCE, named, shows_weights
from labs import LOST, Notebook
from playwright.sync_api import expect

from benchmarks.notebook import IDLE
from initviz.study import Study

SETTINGS = 'scale=1.0, mode="fan_in", distribution="normal"'
EXPLORER = f'import initviz\nexplorer = initviz.explore("variance_scaling", {SETTINGS})\nexplorer'
READ = "print(explorer.study.function, explorer.study.shape, explorer.result.plan.initializer)"
APP = Path(__file__).parents[2] / "apps" / "explorer.py"
LARGEST_FILE = 3_000_000
"""Bytes of a saved notebook with an explorer."""


def test_an_explorer_is_drawn_dragged_read_back_and_saved_small(opened):
    found = opened(EXPLORER, READ)
    found.run(0)
    slider = found.slider("scale", 0)
    slider.focus()
    for _ in range(3):
        found.page.keyboard.press("ArrowRight")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("scale=1.15")
    expect(found.kept(0).first).to_be_hidden()
    found.cell(0).get_by_role("combobox", name=named("initializer")).click()
    found.page.locator("li").filter(has_text="delta_orthogonal").click()
    expect(found.cell(0).get_by_role("alert").first).to_contain_text("Delta orthogonal")
    found.cell(0).get_by_role("textbox", name=named("shape")).fill("3, 3, 8, 12")
    found.page.keyboard.press("Enter")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text(
        "delta_orthogonal(scale=1.15) · 3 × 3 × 8 × 12"
    )
    expect(found.slider("scale", 0)).to_be_visible()
    found.fits(0)
    assert found.run(1).startswith("delta_orthogonal (3, 3, 8, 12) delta_orthogonal(scale=1.15)")
    expect(found.kept(0).first).to_have_attribute("alt", "Weights: 864 values, float32")
    found.saved()
    assert found.path.stat().st_size < LARGEST_FILE
    assert "delta_orthogonal(scale=1.15) · 3 × 3 × 8 × 12" in found.path.read_text()


def test_a_page_loaded_anew_shows_the_last_picture_until_the_cell_is_run_again(opened):
    found = opened(EXPLORER, "import panel\nprint(len(panel.state._views), len(explorer.feed._looking))")
    found.run(0)
    found.slider("scale", 0).focus()
    found.page.keyboard.press("ArrowRight")
    expect(found.kept(0).first).to_be_attached()
    expect(found.cell(0).locator(".initviz-kept h2")).to_contain_text("scale=1.05")
    left = f"{int(found.run(1).split()[0]) - 1} 0\n"
    found.saved()
    found.reload()
    expect(found.kept(0)).to_have_count(3)
    expect(found.kept(0).first).to_be_visible()
    expect(found.cell(0)).to_contain_text("Run this cell to make it live again.")
    assert found.runs(1, left) == left
    found.page.wait_for_timeout(6_000)  # for 5 s Panel's part of the file waits for scripts, and fails if they come
    found.run(0)
    expect(found.slider("scale", 0)).to_be_visible()
    expect(found.kept(0).first).to_be_hidden()
    found.saved()
    with found.another_tab() as other:
        expect(other.kept(0).first).to_be_visible()
    found.slider("scale", 0).focus()
    found.page.keyboard.press("ArrowRight")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("scale=1.05")
    found.problems[:] = [each for each in found.problems if LOST not in each]  # of the page before, or the other tab


def test_a_kernel_busy_with_another_cell_shows_the_last_value_afterwards(opened):
    found = opened(EXPLORER, "import time\ntime.sleep(4)")
    found.run(0)
    expect(found.slider("scale", 0)).to_be_visible()
    found.cell(1).locator(".cm-content").click()
    found.page.keyboard.press("Control+Enter")
    expect(found.cell(1).locator(".jp-InputPrompt")).to_contain_text("*")
    found.slider("scale", 0).focus()
    for _ in range(6):
        found.page.keyboard.press("ArrowRight")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("scale=1.3,")
    found.page.keyboard.press("ArrowLeft")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("scale=1.25,")


def test_a_restarted_kernel_draws_again(opened):
    found = opened(EXPLORER, READ)
    found.run(0)
    expect(found.slider("scale", 0)).to_be_visible()
    found.restart()
    found.run(0)
    found.slider("scale", 0).focus()
    found.page.keyboard.press("ArrowRight")
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("scale=1.05")


def test_widgets_of_one_study_move_together_across_cells(opened):
    found = opened(
        f'from initviz import Study, widgets\nstudy = Study("variance_scaling", {SETTINGS})\n'
        'widgets.controls(study, "scale")',
        "picture = widgets.histogram(study)\npicture",
        "print(picture.result.plan.initializer.scale if hasattr(picture.result.plan.initializer, 'scale') else "
        "picture.study.initializer.scale)",
    )
    found.run(0)
    found.run(1)
    found.slider("scale", 0).focus()
    for _ in range(2):
        found.page.keyboard.press("ArrowRight")
    shows_weights(found.page, Study("variance_scaling", scale=1.1, mode="fan_in", distribution="normal"))
    assert found.run(2) == "1.1\n"


def test_a_widget_added_to_a_live_output_leaves_it_live(opened):
    found = opened(
        f'import panel as pn\nfrom initviz import Study, widgets\nstudy = Study("variance_scaling", {SETTINGS})\n'
        'row = pn.Column(widgets.controls(study, "scale"))\nrow',
        "row.append(widgets.histogram(study))",
    )
    found.run(0)
    expect(found.slider("scale", 0)).to_be_visible()
    found.run(1)
    found.slider("scale", 0).focus()
    for _ in range(2):
        found.page.keyboard.press("ArrowRight")
    shows_weights(found.page, Study("variance_scaling", scale=1.1, mode="fan_in", distribution="normal"))


MOVES = """
import asyncio
import panel

async def move():
    while not any(comm and comm._comm for *_, comm in panel.state._views.values()):
        await asyncio.sleep(0.001)
    for step in range(100):
        study.initializer.scale = 1 + step / 100
        await asyncio.sleep(0.01)

moving = asyncio.ensure_future(move())
picture
"""
"""A cell whose output is changed from when the kernel may first send something to it."""


def test_what_changes_while_its_output_is_built_is_shown(opened):
    study = Study("variance_scaling", scale=5.0, mode="fan_in", distribution="normal")
    found = opened(
        f'from initviz import Study, widgets\nstudy = Study("variance_scaling", {SETTINGS})\n'
        "picture = widgets.histogram(study)",
        MOVES,
        "await moving\nstudy.initializer.scale = 5.0",
    )
    for place in range(3):
        found.run(place)
    shows_weights(found.page, study)


def test_an_explorer_shown_twice_moves_in_both_places_and_a_cell_run_twice_leaves_nothing(opened):
    found = opened(EXPLORER, "explorer", "import panel\nprint(len(panel.state._views), len(explorer.feed._looking))")
    found.run(0)
    found.run(1)
    found.slider("scale", 0).focus()
    found.page.keyboard.press("ArrowRight")
    for place in (0, 1):
        expect(found.cell(place).get_by_role("heading", level=1).last).to_contain_text("scale=1.05")
    before = found.run(2)
    found.run(1)
    expect(found.slider("scale", 1)).to_be_visible()
    assert found.runs(2, before) == before
    views, looking = map(int, before.split())
    for place, left in (1, f"{views - 1} {looking}\n"), (0, f"{views - 2} 0\n"):
        found.cell(place).locator(".cm-content").click()
        found.cell(place).locator(".cm-content").click(button="right")
        found.page.get_by_role("menuitem", name="Clear Cell Output").click()
        assert found.runs(2, left) == left


def test_all_cells_run_at_once_leave_nothing_of_an_earlier_state(opened):
    found = opened(
        'import initviz\nexplorer = initviz.explore("he_normal", shape=(3, 3, 64, 128))\nexplorer',
        "explorer.study.function = 'orthogonal'",
        "unseen = initviz.widgets.formula('zeros')\nexplorer.study.shape = (64, 256)",
    )
    found.run_all(2)
    expect(found.cell(0).get_by_role("heading", level=1).last).to_contain_text("orthogonal() · 64 × 256")
    expect(found.cell(0)).to_contain_text("How it came about")
    expect(found.cell(0).locator("li").filter(has_text="matrix").last).to_be_visible()
    found.page.wait_for_function(IDLE)
    assert sum(len(json.dumps(cell["outputs"])) for cell in found.saved()["cells"][1:]) < 1000


def test_a_tab_opened_in_one_of_two_places_asks_for_nothing(opened):
    found = opened(EXPLORER, "explorer")
    found.run(0)
    found.run(1)
    for tab in ("Layer", "product of layers", "Weights", "many seeds", "this draw"):
        found.cell(1).get_by_role("tab", name=tab).click()
        expect(found.cell(0).get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(found.cell(0).locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    found.page.wait_for_function(IDLE)
    assert found.cell(0).locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_a_network_has_titles_of_several_lines_and_no_word_of_trouble(opened):
    found = opened('import initviz\nw = initviz.widgets.network("glorot_normal", depth=12, width=32, seeds=2)\nw')
    found.run(0)
    expect(found.slider("depth", 0)).to_be_visible()
    found.page.wait_for_function(
        """() => Bokeh.documents.some(document => [...document._all_models.values()]
      .some(({type, title}) => type === "Figure" && title.text.includes("\\n")))""",
        timeout=PATIENCE,
    )  # which is told to the kernel
    found.page.wait_for_timeout(2000)
    expect(found.cell(0)).not_to_contain_text("Traceback")


def test_the_servers_preview_of_the_app_is_live_and_asks_nobody_else(lab, page):
    url, folder = lab
    (folder / "explorer.py").write_text(APP.read_text())
    seen = Notebook(page, folder, url)
    seen.watch()
    page.goto(f"{url}/panel-preview/render/explorer.py")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("seed 0", timeout=PATIENCE)
    page.get_by_role("button", name="new sample").click()
    expect(heading).to_contain_text("seed 1", timeout=PATIENCE)
    page.locator("canvas").first.wait_for()
    page.goto("about:blank")
    assert not seen.problems
