"""A class on one served explorer: how soon it answers everyone, and what it keeps of those who left.

`python -m benchmarks.classroom` opens sessions over websockets, without browsers, and moves a slider in each. In every
other block of time one more session asks for a 2048 × 2048 spectrum again and again. Then sessions are opened and
closed.
"""

import argparse
import asyncio
import json
import math
import os
import random
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from benchmarks.browser import served
from benchmarks.report import machine, say
from benchmarks.visitor import FIELD, Visitor

APP = "apps/explorer.py"
ROWS = range(64, 1025)
"""Where the slider is moved to."""
LARGE = (2048, 2047)
"""Sides of the matrices that the neighbour decomposes, in turn."""
BLOCK = 10.0
"""Seconds with the neighbour, and as many without it."""
LIFETIME = 300
"""Milliseconds until the server ends a session that nobody is connected to."""
SLOWEST, SLOWDOWN, GROWTH = 1.0, 1.5, 1.1
"""Limits: 95 % of the answers within seconds; how much a neighbour and closed sessions may add to them, to memory."""
WARM = 20
"""Sessions opened and closed before memory is compared with what it was."""


@contextmanager
def counted_server(log: Path, *options: str) -> Iterator[str]:
    """Address of the explorer, served as the README says, with `/counts` beside it."""
    with served(APP, "--warm", "--plugins", "benchmarks.counts", "--log-file", str(log),
                "--check-unused-sessions", str(LIFETIME), "--unused-session-lifetime", str(LIFETIME),
                *options) as url:  # fmt: skip
        yield url


async def counts(url: str) -> dict:
    """What the server holds now; see `benchmarks.counts`."""
    address = url.rpartition("/")[0] + "/counts"
    return await asyncio.to_thread(lambda: json.load(urllib.request.urlopen(address, timeout=60)))


@dataclass
class Lesson:
    """What happened in the sessions of a class."""

    quiet: list[float] = field(default_factory=list)
    """Seconds to the answers that came while no neighbour was at work."""
    beside: list[float] = field(default_factory=list)
    """Those of the answers that came while one was."""
    errors: list[str] = field(default_factory=list)
    lost: int = 0
    """Sessions whose figures did not show the last value, on the page or on the server."""
    spectra: int = 0
    """Large spectra that the neighbour got."""
    at_work: bool = False


async def learn(visitor: Visitor, lesson: Lesson, start: float, end: float, every: float, seed: int) -> None:
    """Move the slider of one session, every so many seconds."""
    choose, rows = random.Random(seed), visitor.shown
    for turn in count():
        begin = start + turn * every
        if begin > end or time.monotonic() > end:
            break
        await asyncio.sleep(begin - time.monotonic())
        rows = choose.choice([other for other in ROWS if other != visitor.shown])
        beside = lesson.at_work
        try:
            seconds = await visitor.move(rows)
        except (TimeoutError, ConnectionError) as failure:
            lesson.errors.append(f"{type(failure).__name__} {failure}")
            break
        (lesson.beside if beside or lesson.at_work else lesson.quiet).append(seconds)
    lesson.lost += rows != visitor.shown


async def check(visitor: Visitor, lesson: Lesson) -> None:
    """Whether a page opened now would show what this one does; asked when nobody waits for an answer any more."""
    shown = visitor.shown
    try:
        await visitor.pull()
    except (TimeoutError, ConnectionError) as failure:
        lesson.errors.append(f"{type(failure).__name__} {failure}")
    lesson.errors += visitor.errors
    lesson.lost += shown != visitor.shown


async def disturb(visitor: Visitor, lesson: Lesson, start: float, end: float) -> None:
    """Ask for one large spectrum after the other, in every other block of time."""
    for block in count(1, 2):
        begin = start + block * BLOCK
        if begin >= end:
            return
        await asyncio.sleep(begin - time.monotonic())
        lesson.at_work = True
        while time.monotonic() < min(begin + BLOCK, end):
            side = LARGE[lesson.spectra % 2]
            await visitor.set(FIELD, "value", f"{side}, {side}")
            async with asyncio.timeout(120):
                await visitor.until(lambda side=side: visitor.shown == side)
            lesson.spectra += 1
        lesson.at_work = False


async def teach(url: str, sessions: int, seconds: float, every: float) -> tuple[Lesson, float]:
    """A class for so many seconds without the neighbour and as many with it; and the share of a core it took."""
    lesson = Lesson()
    *visitors, neighbour = [await Visitor.open(url) for _ in range(sessions + 1)]
    await asyncio.gather(*(visitor.move(ROWS[0]) for visitor in visitors))  # what is compiled and imported once
    before, start = (await counts(url))["cpu"], time.monotonic() + 0.5
    end = start + 2 * seconds
    await asyncio.gather(
        *(learn(visitor, lesson, start + every * place / sessions, end, every, seed=place)
          for place, visitor in enumerate(visitors)),
        disturb(neighbour, lesson, start, end),
    )  # fmt: skip
    used = ((await counts(url))["cpu"] - before) / (time.monotonic() - start)
    for visitor in visitors:
        await check(visitor, lesson)
    lesson.errors += neighbour.errors
    await asyncio.gather(*(visitor.close() for visitor in (*visitors, neighbour)))
    return lesson, used


async def come_and_go(url: str, sessions: int, rows: int = 100) -> None:
    """Open a session, move its slider, close it, again and again, two at a time."""
    for _ in range(0, sessions, 2):
        pair = await asyncio.gather(*(Visitor.open(url) for _ in range(2)))
        await asyncio.gather(*(visitor.move(rows) for visitor in pair))
        await asyncio.gather(*(visitor.close() for visitor in pair))


async def settled(url: str, patience: float = 30.0) -> dict:
    """What the server holds once it holds no less any more."""
    deadline, found = time.monotonic() + patience, await counts(url)
    for _ in iter(lambda: time.monotonic() < deadline, False):
        await asyncio.sleep(4 * LIFETIME / 1000)
        before, found = found, await counts(url)
        if found["Document"] >= before["Document"]:
            break
    return found


def late(times: list[float]) -> float:
    """The 95 % point."""
    return quantiles(times, n=20)[-1] if len(times) > 1 else math.nan


def row(name: str, times: list[float]) -> str:
    """Median, 95 % point and longest of some answer times."""
    middle, longest = median(times or [math.nan]), max(times, default=math.nan)
    return f"  {name:30} {len(times):6} {middle:9.3f} s {late(times):9.3f} s {longest:9.3f} s"


def print_lesson(lesson: Lesson, used: float) -> None:
    """Answer times with and without the neighbour, beside the limits."""
    say(f"\n  {'':30} {'answers':>6} {'median':>9} {'95 %':>11} {'longest':>11}")
    say(row("alone", lesson.quiet))
    say(row(f"beside {lesson.spectra} spectra of {LARGE[0]}²", lesson.beside))
    say(f"\n  95 % alone                    {late(lesson.quiet):6.3f} s   <= {SLOWEST:g} s")
    say(f"  95 % beside a large spectrum  {late(lesson.beside) / late(lesson.quiet):6.2f} x   <= {SLOWDOWN:g} x")
    say(f"  errors {len(lesson.errors)}, last values lost {lesson.lost}, {used:.2f} cores used by the server")
    for error in lesson.errors[:5]:
        say(f"    {error[:200]}")


async def measure(options) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        if options.sessions:
            with counted_server(log) as url:
                lesson, used = await teach(url, options.sessions, 60 * options.minutes, options.every)
                print_lesson(lesson, used)
        if options.opened:
            with counted_server(log) as url:  # one that has held no class, which leaves more room in memory
                await come_and_go(url, WARM)
                before = await settled(url)
                await come_and_go(url, options.opened)
                after = await settled(url)
                say(f"\n  {options.opened} sessions opened and closed: before, after, ratio (<= {GROWTH:g})")
                for name in ("Document", "Explorer", "resident"):
                    say(f"  {name:10} {before[name]:13,} {after[name]:13,} {after[name] / before[name]:6.2f}")
        said = log.read_text().strip()
        say(f"\n  the server's log: {said[-2000:] or 'empty'}")


def main(arguments=None) -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=40, help="how many learn at the same time")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long, alone and again beside the neighbour")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between the moves of one slider")
    parser.add_argument("--opened", type=int, default=300, help="how many sessions are opened and closed")
    options = parser.parse_args(arguments)
    say(f"\nA class of {options.sessions}\n{machine()}\n  load before: {os.getloadavg()[0]:.1f}")
    asyncio.run(measure(options))
    say(f"  load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
