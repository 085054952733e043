"""First plot on a warmed server: the explorer beside a minimal `pn.bind` app, in a browser that has neither of them.

`python -m benchmarks.opening` opens both in turns, each time in a new window with nothing kept from earlier ones, so
that scripts are loaded and read anew: as for somebody who comes for the first time, except for the network.
"""

import argparse
import os
from statistics import median

from playwright.sync_api import Browser

from benchmarks.browser import chromium_page, served
from benchmarks.latency import CLOCK, EXPLORER, MINIMAL
from benchmarks.report import limited, machine, say

FIRST = 1.5
"""How many times as long as in the minimal app the first plot may take."""
SETTLES = 2_000
"""Milliseconds that a page stays open then, until neither it nor its server has anything left to do."""
QUIET = 400
"""Milliseconds without a canvas call after which a page counts as painted."""


def open_once(browser: Browser, url: str) -> tuple[float, float]:
    """Seconds from the request to the first plot, and to the last frame, in a new window."""
    window = browser.new_context(viewport={"width": 1400, "height": 900})
    page = window.new_page()
    page.add_init_script(CLOCK)
    page.goto(url)
    page.wait_for_function(f"first && performance.now() - painted > {QUIET}", timeout=60_000)
    first, last = page.evaluate("[first, painted]")
    page.wait_for_timeout(SETTLES)
    window.close()
    return first / 1000, last / 1000


def main(arguments=None) -> None:
    """Measure and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=9, help="how often each is opened")
    options = parser.parse_args(arguments)
    say(f"\nFirst plot on a warmed server, in a browser that has nothing of it\n{machine()}\n"
        f"  load before: {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    times: dict[str, list[tuple[float, float]]] = {"initviz": [], "pn.bind": []}
    with served(EXPLORER, "--warm") as ours, served(MINIMAL, "--warm") as theirs, chromium_page() as page:
        for _ in range(1 + options.pages):  # the first of each is not counted: the browser itself starts
            for name, url in (("initviz", ours), ("pn.bind", theirs)):
                times[name].append(open_once(page.context.browser, url))
    say(f"  {'':8} {'first plot':>11} {'last frame':>11}")
    medians = {}
    for name, found in times.items():
        medians[name], last = (median(column) for column in zip(*found[1:], strict=True))
        say(f"  {name:8} {medians[name]:9.2f} s {last:9.2f} s")
    say(f"  initviz takes {limited(medians['initviz'] / medians['pn.bind'], FIRST, 'x')} of pn.bind\n"
        f"  load after: {os.getloadavg()[0]:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
