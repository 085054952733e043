"""What a press and a page cost the server, and how many visitors it serves, beside a minimal `pn.bind` app.

`python -m benchmarks.press` opens pages over websockets, without browsers. It moves a slider of both apps in turns,
once a second each, and counts the processor time of either server. Then more and more visitors press once a second,
until fewer than 95 % of the answers come within a second.
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

VISITORS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
"""How many are tried."""
MORE = 6
"""How many times the visitors of the minimal app ours has to serve."""
SECONDS = 15.0
"""For how long so many visitors press."""
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


async def served_in_time(url: str) -> int:
    """The most of `VISITORS` that get 95 % of their answers within a second; 0 if not even one."""
    most = 0
    for count in VISITORS:
        visitors, lesson = [await Visitor.open(url) for _ in range(count)], Lesson()
        await asyncio.gather(*(visitor.move(ROWS[0]) for visitor in visitors))
        start = time.monotonic() + 0.5
        await asyncio.gather(
            *(learn(visitor, lesson, start + place / count, start + SECONDS, 1.0, seed=place)
              for place, visitor in enumerate(visitors))
        )  # fmt: skip
        await asyncio.gather(*(visitor.close() for visitor in visitors))
        app, times = url.rpartition("/")[2], lesson.quiet
        times = times or [math.inf]  # nobody got an answer
        slowest = late(times) if len(times) > 1 else times[0]
        say(f"    {count:3} visitors of {app:9} median {median(times):6.3f} s, 95 % {slowest:6.3f} s")
        if lesson.errors or slowest > SLOWEST:
            break
        most = count
    return most


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
        say(f"\n  a press a second each, 95 % of the answers within {SLOWEST:g} s:")
        for visitor in pages.values():
            await visitor.close()
        few = await served_in_time(theirs)
        many = await served_in_time(ours)
        say(f"  initviz {many} visitors, pn.bind {few}; aimed at {MORE}x as many")


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
