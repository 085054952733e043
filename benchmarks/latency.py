"""Key press to last painted frame: the explorer beside a minimal `pn.bind` app, the cold start of each, and imports."""

import os
import subprocess
import sys
from statistics import median, quantiles

from playwright.sync_api import Page

from benchmarks.browser import ROOT, chromium_page, served
from benchmarks.report import Contender, machine, measure, say

EXPLORER = "apps/explorer.py"
MINIMAL = "benchmarks/minimal.py"
QUIET = 500  # milliseconds without a canvas call after which a page counts as painted
STARTED = 3000  # milliseconds that a browser is given to start itself, before it is asked for a page
FLOORS = {"scale": 6.0, "size of axis 0": 10.0}
MEDIAN, LATE = 110, 150
"""Most milliseconds from a key press to the last frame in the explorer: in half of the presses, in 95 % of them."""
FIRST = 2.5
"""Most seconds until the first plot of the explorer on a warmed server."""
IMPORT = 1.2
"""How much longer than jax alone initviz may take to import."""

# Notes when a key went down and when a canvas was last drawn on; every Bokeh frame saves the state of its canvas.
CLOCK = """
window.pressed = 0; window.painted = 0; window.first = 0;
addEventListener('keydown', () => { window.pressed = performance.now() }, true);
const save = CanvasRenderingContext2D.prototype.save;
CanvasRenderingContext2D.prototype.save = function () {
  window.painted = performance.now(); window.first ||= painted; return save.call(this)
};
"""


def painted(page: Page) -> None:
    """Wait until nothing has been drawn for a while."""
    page.wait_for_function(
        f"painted > pressed && performance.now() - painted > {QUIET}", timeout=60_000, polling=QUIET / 10
    )


def open_page(page: Page, url: str) -> tuple[float, float]:
    """Seconds from the request to the first plot, and to the last frame of all."""
    page.wait_for_timeout(STARTED)
    page.add_init_script(CLOCK)
    page.goto(url)
    page.wait_for_function("document.querySelector('.bk-Figure, canvas') || painted > 0", timeout=60_000)
    painted(page)
    return page.evaluate("first") / 1000, page.evaluate("painted") / 1000


def drag(page: Page, slider: str, presses: int) -> list[float]:
    """Milliseconds from each press of the right arrow key on a slider to the last frame it caused."""
    named = page.get_by_role("slider", name=slider)
    handle = named.first if named.count() else page.get_by_role("slider").nth(list(FLOORS).index(slider))
    handle.focus()  # Panel's plain sliders have no accessible name
    times = []
    for _ in range(presses):
        page.keyboard.press("ArrowRight")
        painted(page)
        times.append(page.evaluate("painted - pressed"))
    return times


def choose_variance_scaling(page: Page) -> None:
    """The initializer whose scale can be dragged, as in the minimal app."""
    page.get_by_role("combobox", name="initializer").click()
    page.locator('li[value="variance_scaling"]').click()
    page.get_by_role("slider", name="scale").wait_for()
    painted(page)


def main(presses: int = 18, rounds: int = 3) -> None:
    """Print medians and 95 % points of both apps for a scale drag and a shape drag, and their first paints.

    The apps take turns, so that a machine that slows down meanwhile does so for both. The scale slider has 60 steps to
    its end, and a press there paints nothing: (presses + 2) * rounds is at most 60.
    """
    say(f"\nKey press to last painted frame, three plots\n{machine()}\n")
    times = {name: {slider: [] for slider in FLOORS} for name in ("initviz", "pn.bind")}
    with served(EXPLORER, "--warm") as ours, served(MINIMAL, "--warm") as theirs, chromium_page() as page:
        pages = {"initviz": page, "pn.bind": page.context.browser.new_page(viewport=page.viewport_size)}
        for name, url in (("initviz", ours), ("pn.bind", theirs)):
            pages[name].bring_to_front()
            first, last = open_page(pages[name], url)
            limit = f" (<= {FIRST:g} s)" if name == "initviz" else ""
            say(f"  {name:8} first plot after {first:.2f} s{limit} on a warmed server, all of them after {last:.2f} s")
        choose_variance_scaling(page)
        for _ in range(rounds):
            for name, found in times.items():
                pages[name].bring_to_front()
                for slider in FLOORS:
                    found[slider] += drag(pages[name], slider, presses + 2)[2:]
    say(f"\n  {'':24} {'median':>9} {'95 %':>9}   ratio  limits")
    for slider, floor in FLOORS.items():
        ours = median(times["initviz"][slider])
        for name, found in times.items():
            middle, late = median(found[slider]), quantiles(found[slider], n=20)[-1]
            asked = f">= {floor:g}x" if name != "initviz" else f"<= {MEDIAN} ms, <= {LATE} ms"
            say(f"  {name:8} {slider:15} {middle:6.0f} ms {late:6.0f} ms  {middle / ours:5.2f}x  {asked}".rstrip())
    compare_imports()


def compare_imports(repetitions: int = 9) -> None:
    """Print how long a fresh Python takes to import the initializers and jax, in turns, and to start at all.

    `import initviz` alone loads neither.

    Both from compiled bytecode, which pip leaves and Python keeps of a checkout unless it is told not to.
    """
    kept = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}

    def fresh(code: str):
        return lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=kept)

    contenders = [Contender(code, fresh(code)) for code in ("import initviz.initializers", "import jax", "pass")]
    ours, theirs, nothing = measure(contenders, repetitions)
    say(f"\n  import initviz.initializers {ours - nothing:.2f} s, import jax {theirs - nothing:.2f} s: "
        f"{(ours - nothing) / (theirs - nothing):.2f}x (<= {IMPORT:g}x)")  # fmt: skip


if __name__ == "__main__":
    main()
