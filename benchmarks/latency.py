"""Key press to last painted frame: the explorer beside a minimal `pn.bind` app, and the cold start of each."""

from statistics import median, quantiles

from playwright.sync_api import Page

from benchmarks.browser import chromium_page, served
from benchmarks.report import machine

EXPLORER = "apps/explorer.py"
MINIMAL = "benchmarks/minimal.py"
QUIET = 500  # milliseconds without a canvas call after which a page counts as painted
FLOORS = {"scale": 5.0, "size of axis 0": 8.0}

# Notes when a key went down and when a canvas was last drawn on; every Bokeh frame saves the state of its canvas.
CLOCK = """
window.pressed = 0; window.painted = 0;
addEventListener('keydown', () => { window.pressed = performance.now() }, true);
const save = CanvasRenderingContext2D.prototype.save;
CanvasRenderingContext2D.prototype.save = function () { window.painted = performance.now(); return save.call(this) };
"""


def painted(page: Page) -> None:
    """Wait until nothing has been drawn for a while."""
    page.wait_for_function(f"painted > pressed && performance.now() - painted > {QUIET}", timeout=60_000)


def open_page(page: Page, url: str) -> float:
    """Seconds from the request to the last frame of the first plots."""
    page.add_init_script(CLOCK)
    page.goto(url)
    page.wait_for_function("document.querySelector('.bk-Figure, canvas') || painted > 0", timeout=60_000)
    painted(page)
    return page.evaluate("painted") / 1000


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


def main(presses: int = 20) -> None:
    """Print medians and 95 % points of both apps for a scale drag and a shape drag, and their first paints."""
    print(f"\nKey press to last painted frame, three plots\n{machine()}\n")
    times: dict[str, dict[str, list[float]]] = {}
    for name, app, options in (("initviz", EXPLORER, ("--warm",)), ("pn.bind", MINIMAL, ("--warm",))):
        with served(app, *options) as url, chromium_page() as page:
            first = open_page(page, url)
            print(f"  {name:8} first plots painted after {first:.2f} s on a warmed server")
            if app == EXPLORER:
                choose_variance_scaling(page)
            times[name] = {slider: drag(page, slider, presses + 2)[2:] for slider in FLOORS}
    print(f"\n  {'':24} {'median':>9} {'95 %':>9}   ratio  floor")
    for slider, floor in FLOORS.items():
        ours = median(times["initviz"][slider])
        for name, found in times.items():
            middle, late = median(found[slider]), quantiles(found[slider], n=20)[-1]
            asked = f">= {floor:g}x" if name != "initviz" else ""
            print(f"  {name:8} {slider:15} {middle:6.0f} ms {late:6.0f} ms  {middle / ours:5.2f}x  {asked}".rstrip())


if __name__ == "__main__":
    main()
