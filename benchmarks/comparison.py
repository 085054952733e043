"""What a comparison of four draws takes beside one of them: all of them new, and with one changed.

`python -m benchmarks.comparison` takes some seconds. All are of one key, as they are pinned; times are those of the
computation alone, in wall-clock and processor time, without a page.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median

from benchmarks.browser import ROOT
from benchmarks.report import limited, load, machine, say
from initviz.compare import Comparer, Comparison
from initviz.compare.question import ComparisonQuestion
from initviz.study import Study

SHAPE = (256, 256)
NAMES = ("he_normal", "glorot_uniform", "lecun_normal", "truncated_normal")
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
