"""Summaries of tensors that fit no memory: prints the seconds of each, those of the bare bits, and MB above idle.

`python -m benchmarks.huge SIDE` is started by `benchmarks.engine`, so that nothing else has used memory before.
"""

import json
import math
import resource
import sys
from pathlib import Path
from time import perf_counter

import jax
import numpy as np

from benchmarks.engine import bare_bits
from initviz import engine
from initviz.engine.counting import LEAST
from initviz.initializers import CLASSES
from initviz.laws.ensembles import Constant, Iid

LEAST_SIDE = math.isqrt(LEAST)
STATUS = Path("/proc/self/status")


def peak() -> float:
    """Most memory this process ever held, in MB."""
    if STATUS.exists():  # on Linux, getrusage starts at the peak of the process that started this one
        return next(int(line.split()[1]) / 1e3 for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def elementwise() -> list[str]:
    """Every initializer whose weights are drawn one by one, or not at all; without aliases."""
    plans = {name: CLASSES[name]().plan((4, 4, 4), "float32") for name in CLASSES if name == CLASSES[name].function}
    return [name for name, plan in plans.items() if isinstance(plan.ensemble, Iid | Constant)]


def main(side: int) -> None:
    """Compile on a small tensor, then measure."""

    def summarize(name, side):
        start = perf_counter()
        ensemble = CLASSES[name]().plan((side, side), "float32").ensemble
        summary = engine.summarize(ensemble, jax.random.key(0), (side, side), np.float32)
        assert summary.count == side**2
        return perf_counter() - start

    def bits(side):
        start = perf_counter()
        bare_bits(side**2).run()
        return perf_counter() - start

    for name in elementwise():
        summarize(name, 256)
        summarize(name, LEAST_SIDE)  # large draws are counted, see `initviz.engine.counting`
    bits(256)
    idle, before = peak(), bits(side)
    seconds = {name: summarize(name, side) for name in elementwise()}
    print(json.dumps([seconds, min(before, bits(side)), peak() - idle]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
