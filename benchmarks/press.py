"""What a press and a page cost the server, and how many visitors it serves, beside a minimal `pn.bind` app.

`python -m benchmarks.press` opens pages over websockets, without browsers. It moves a slider of both apps in turns,
once a second each, and counts the processor time of either server. Then visitors press every few seconds, and become
more until fewer than 95 % of the answers come within a second.
"""

import argparse
import asyncio
import json
import math
import os
import random
import time
import urllib.request
from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks.browser import served
from benchmarks.classroom import APP, ROWS, SLOWEST, Lesson, late, learn
from benchmarks.latency import MINIMAL
from benchmarks.report import machine, say
from benchmarks.visitor import Visitor

EVERY = 4.0
"""Seconds between the presses of one visitor: with one a second, the minimal app does not even serve one in time."""
MORE = 6
"""How many times the visitors of the minimal app ours has to serve."""
STEPS = (0, *sorted({round(1.25**step) for step in range(30)}))
"""How many are tried: from a guess upwards while they are served in time, or downwards until they are."""
SECONDS = 20.0
"""For how long so many visitors press."""
TRIES = 2
"""How often so many have to be too many: another process may have had the machine for a moment."""
SETTLES = 2.5
"""Seconds until nothing follows a page that was opened."""


async def used(url: str) -> float:
    """Seconds of processor time that the server at an address has taken so far."""
    address = url.rpartition("/")[0] + "/cpu"
    return await asyncio.to_thread(lambda: json.load(urllib.request.urlopen(address, timeout=60)))


async def cost(url: str, act: Callable[[], Awaitable], settles: float = 0) -> float:
    """Seconds of the server that something takes which is done here."""
    before = await used(url)
    await act()
    await asyncio.sleep(settles)
    return await used(url) - before


async def presses(visitors: dict[str, Visitor], count: int) -> dict[str, float]:
    """Seconds of each server for a press, where all are pressed once a second."""

    async def press(visitor: Visitor, wait: float, seed: int) -> None:
        choose, start = random.Random(seed), time.monotonic() + wait
        for turn in range(count):
            await asyncio.sleep(start + turn - time.monotonic())
            await visitor.move(choose.choice([rows for rows in ROWS if rows != visitor.shown]))

    async def total(url: str, visitor: Visitor, wait: float, seed: int) -> float:
        return await cost(url, lambda: press(visitor, wait, seed), SETTLES) / count

    found = await asyncio.gather(
        *(total(url, visitor, place / len(visitors), place) for place, (url, visitor) in enumerate(visitors.items()))
    )
    return dict(zip(visitors, found, strict=True))


async def served_in_time(url: str, guess: float) -> int:
    """The most visitors that get 95 % of their answers within a second, found in steps; 0 if not even one does."""
    visitors: list[Visitor] = []
    most, too_many = 0, len(STEPS)  # places of those that are known to be served in time, and not to be
    place = min(range(1, len(STEPS)), key=lambda place: abs(STEPS[place] - guess))
    while most < place < too_many:
        if await are_in_time(url, visitors, STEPS[place]):
            most, place = place, place + 1
        else:
            too_many, place = place, place - 1
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    return STEPS[most]


async def are_in_time(url: str, visitors: list[Visitor], count: int) -> bool:
    """Whether so many visitors get their answers in time: those that are there, fewer of them, or more."""
    while len(visitors) > count:
        await visitors.pop().close()
    while len(visitors) < count:
        visitors.append(await Visitor.open(url))
        await visitors[-1].move(ROWS[0])
    for _ in range(TRIES):
        if await press_together(url, visitors):
            return True
    return False


async def press_together(url: str, visitors: list[Visitor]) -> bool:
    """Whether all of them get their answers in time, while they press in turns."""
    lesson, start = Lesson(), time.monotonic() + 0.5
    await asyncio.gather(
        *(learn(visitor, lesson, start + EVERY * place / len(visitors), start + SECONDS, EVERY, seed=place)
          for place, visitor in enumerate(visitors))
    )  # fmt: skip
    times = lesson.quiet or [math.inf]  # nobody got an answer
    slowest = late(times) if len(times) > 1 else times[0]
    say(f"    {len(visitors):3} visitors of {url.rpartition('/')[2]:9} median {median(times):6.3f} s, "
        f"95 % {slowest:6.3f} s")  # fmt: skip
    return not lesson.errors and slowest <= SLOWEST


async def measure(ours: str, theirs: str, options) -> None:
    """Print what both apps take."""
    opened: dict[str, list[float]] = {ours: [], theirs: []}
    pages: dict[str, Visitor] = {}

    async def open_page(url: str) -> None:
        pages[url] = await Visitor.open(url)

    for _ in range(2 + options.pages):  # of which the first two import and compile
        for url, times in opened.items():
            if url in pages:
                await pages[url].close()
                await asyncio.sleep(0.5)
            times.append(await cost(url, lambda url=url: open_page(url), SETTLES))
    await presses(pages, 5)
    found = await presses(pages, options.presses)
    say(f"\n  {'processor time of the server':28} {'initviz':>9} {'pn.bind':>9}   ratio")
    for name, first, second in (
        ("a page", *(median(times[2:]) for times in opened.values())),
        ("a press, one a second", found[ours], found[theirs]),
    ):
        say(f"  {name:28} {1e3 * first:6.0f} ms {1e3 * second:6.0f} ms   1/{second / first:.1f}")
    if options.visitors:
        say(f"\n  a press every {EVERY:g} s each, 95 % of the answers within {SLOWEST:g} s:")
        for visitor in pages.values():
            await visitor.close()
        few, many = [await served_in_time(url, EVERY / found[url] / 2) for url in (theirs, ours)]
        say(f"  initviz {many} visitors, pn.bind {few}: {many / few if few else math.inf:.1f}x (>= {MORE}x)")


def main(arguments=None) -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=40, help="how often each slider is moved")
    parser.add_argument("--pages", type=int, default=5, help="how many pages of each are opened")
    parser.add_argument("--visitors", action=argparse.BooleanOptionalAction, default=True, help="whether to crowd them")
    options = parser.parse_args(arguments)
    say(f"\nA press and a page\n{machine()}\n  load before: {os.getloadavg()[0]:.1f}")
    plugin = ("--warm", "--plugins", "benchmarks.counts")
    with served(APP, *plugin) as ours, served(MINIMAL, *plugin) as theirs:
        asyncio.run(measure(ours, theirs, options))
    say(f"  load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
