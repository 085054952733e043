"""What a comparison of four draws takes beside one of them: all of them new, with one changed, and on the page.

`python -m benchmarks.comparison` takes a minute. On the page a comparison of four is drawn with other keys, three of
them anew, beside a press on the slider of a draw: from the key that was pressed to the last frame. Without the page,
times are those of the computation, of one key as they are pinned, in wall-clock and processor time.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median

from playwright.sync_api import Page

from benchmarks.browser import ROOT, chromium_page, served
from benchmarks.latency import EXPLORER, choose_variance_scaling, drag, open_page, painted
from benchmarks.report import limited, load, machine, say
from initviz.compare import Comparer, Comparison
from initviz.compare.question import ComparisonQuestion
from initviz.study import Study

SHAPE = (256, 256)
NAMES = ("he_normal", "glorot_uniform", "lecun_normal", "truncated_normal")
PINNED = "?v=1&look=Compare" + "".join(f"&pin=initializer={name}%26seed={seed}" for seed, name in enumerate(NAMES))
"""Address of a page that compares them."""
FOUR = 2.0
"""How many times as long as one draw four may take."""


def asked(names: tuple[str, ...], seeds: tuple[int, ...]) -> ComparisonQuestion:
    """The question of a comparison of these initializers, drawn with these seeds."""
    return Comparison(*(Study(name, shape=SHAPE, seed=seed) for name, seed in zip(names, seeds, strict=True))).question


def answered(comparer: Comparer, question: ComparisonQuestion) -> tuple[float, float]:
    """Seconds that the last answer takes: in all, and of the processor."""
    began = time.perf_counter(), time.process_time()
    *_, _ = comparer(question, lambda share: None)
    return time.perf_counter() - began[0], time.process_time() - began[1]


def main() -> None:
    """Measure in a process whose OpenBLAS has one thread, as that of a shared server, and print what it says."""
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", "from benchmarks.comparison import measure; measure()"]
    say(subprocess.run(command, cwd=ROOT, env=alone, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip())
    measure_pages()


def switch_keys(page: Page, times: int) -> list[float]:
    """Milliseconds from each choice of other keys to the last frame it caused."""
    found = []
    for place in range(times):
        page.get_by_role("combobox", name="keys").click()
        keys = re.compile(f"^{('same', 'independent')[place % 2]}$")
        page.locator("li").filter(has_text=keys).press("Enter")
        painted(page)
        found.append(page.evaluate("painted - pressed"))
    return found


def measure_pages(rounds: int = 3, presses: int = 18) -> None:
    """Print the medians of a page with one draw and of one that compares four, which take turns."""
    with served(EXPLORER, "--warm") as url, chromium_page() as one:
        four = one.context.browser.new_page(viewport=one.viewport_size)
        for page, query in ((one, ""), (four, PINNED)):
            page.bring_to_front()
            open_page(page, url + query)
        one.bring_to_front()
        choose_variance_scaling(one)
        drags: list[float] = []
        switches: list[float] = []
        for _ in range(rounds):
            one.bring_to_front()
            drags += drag(one, "scale", presses + 2)[2:]
            four.bring_to_front()
            switches += switch_keys(four, presses + 2)[2:]
    ratio = median(switches) / median(drags)
    say(f"\n  on the page: a press on one draw {median(drags):.0f} ms, other keys of a comparison of four "
        f"{median(switches):.0f} ms   {limited(ratio, FOUR, 'x')}")  # fmt: skip


def measure(repetitions: int = 40) -> None:
    """Print medians and ratios. All take turns, each with seeds that nobody had before."""
    say(f"\nA comparison of four draws of {SHAPE[0]} x {SHAPE[1]} beside one\n{machine()}\n  {load()}\n")
    seeds, kept = count(), Comparer()

    def one() -> tuple[float, float]:
        return answered(Comparer(), asked(NAMES[:1], (next(seeds),)))

    def four() -> tuple[float, float]:
        return answered(Comparer(), asked(NAMES, (next(seeds),) * 4))

    def changed() -> tuple[float, float]:
        return answered(kept, asked(NAMES, (0, 0, 0, next(seeds))))

    rows: dict[str, Callable[[], tuple[float, float]]] = {
        "one draw": one, "four new draws": four, "four, of which one is new": changed,
    }  # fmt: skip
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
    for _ in range(3 + repetitions):  # of which the first compile
        for name, run in rows.items():
            times[name].append(run())
    medians = {name: [median(column) for column in zip(*found[3:], strict=True)] for name, found in times.items()}
    say(f"  {'':26} {'wall-clock':>11} {'processor':>11}")
    for name, (wall, processor) in medians.items():
        ratio = processor / medians["one draw"][1]
        verdict = "" if name == "one draw" else f"   {limited(ratio, FOUR, 'x')} of one, of the processor"
        say(f"  {name:26} {1e3 * wall:8.1f} ms {1e3 * processor:8.1f} ms{verdict}")


if __name__ == "__main__":
    main()
