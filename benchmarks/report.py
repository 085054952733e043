"""How the benchmarks measure and report: interleaved repetitions, medians, ratios, and the machine they ran on."""

import os
import platform
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter

RESULTS = Path(__file__).parent / "RESULTS.md"
said: list[str] = []
"""Everything the benchmarks printed, in order."""
PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "torch", "panel", "bokeh", "holoviews", "panel-material-ui")


def say(text: str) -> None:
    """Print, and keep for `write_results`."""
    print(text, flush=True)
    said.append(text)


def write_results(path: Path = RESULTS) -> None:
    """Everything said so far as a page."""
    text = "\n".join(said).strip()
    path.write_text(f"# Results\n\n`python -m benchmarks` wrote this page.\n\n```text\n{text}\n```\n")


@dataclass(frozen=True)
class Contender:
    """One way of doing a task: `run()` returns when its result is there."""

    name: str
    run: Callable[[], object]
    floor: float | None = None
    """How many times slower than the first contender it has to be; None where nothing is asked."""
    limit: float | None = None
    """How many times slower than it the first contender may be; None where nothing is asked."""


def measure(contenders: Sequence[Contender], repetitions: int) -> list[float]:
    """Median seconds of each contender after one warm-up; every repetition runs all of them in a new random order."""
    shuffle = random.Random(0).sample
    seconds: list[list[float]] = [[] for _ in contenders]
    for _ in range(1 + repetitions):
        for place in shuffle(range(len(contenders)), len(contenders)):
            start = perf_counter()
            contenders[place].run()
            seconds[place].append(perf_counter() - start)
    return [median(times[1:]) for times in seconds]


def print_table(title: str, contenders: Sequence[Contender], medians: Sequence[float]) -> None:
    """Median, ratio to the first contender and floor of each, under a title."""
    say(f"\n{title}\n")
    width = max(len(contender.name) for contender in contenders)
    say(f"  {'':{width}}  {'median':>10}  {'ratio':>7}  floor")
    for contender, seconds in zip(contenders, medians, strict=True):
        row = f"  {contender.name:{width}}  {seconds * 1e3:7.1f} ms  {seconds / medians[0]:6.2f}x  "
        say((row + asked(contender, medians[0] / seconds)).rstrip())


def asked(contender: Contender, first: float) -> str:
    """What is asked of a row's ratio; where the first contender has a limit, its own ratio to the row, too."""
    if contender.limit:
        return f"the first takes {first:.2f}x of it, <= {contender.limit:g}x"
    return f">= {contender.floor:g}x" if contender.floor else ""


def limited(value: float, limit: float, unit: str, least: bool = False) -> str:
    """A figure beside the most, or the least, that is asked of it, and whether that is met."""
    met = value >= limit if least else value <= limit
    return f"{value:.3g}{unit} ({'>=' if least else '<='} {limit:g}{unit}: {'met' if met else 'NOT met'})"


def machine() -> str:
    """The machine and the versions in two lines: CPU model, cores, system; Python and the packages installed."""
    return f"{_cpu()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}\n" + ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {found}" for name in PACKAGES if (found := _version(name)))]
    )


def load() -> str:
    """How many processes wanted a core in the last minute: figures taken on a busy machine are comparable as ratios."""
    return f"load {os.getloadavg()[0]:.1f} before the first measurement" if hasattr(os, "getloadavg") else ""


def _cpu() -> str:
    return _cpuinfo("model name") or platform.processor() or f"unknown {sys.platform} processor"


def cpu_flags() -> list[str]:
    """What the processor can do, as Linux names it; nothing elsewhere."""
    return _cpuinfo("flags").split()


def _cpuinfo(name: str) -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
