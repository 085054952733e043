"""A summary of a tensor that fits no memory: prints its seconds, those of its bare bits, and MB above an idle process.

`python -m benchmarks.huge SIDE` is started by `benchmarks.engine`, so that nothing else has used memory before.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

import jax
import numpy as np

from benchmarks.engine import bare_bits
from initviz import engine
from initviz.initializers import he_normal

STATUS = Path("/proc/self/status")


def peak() -> float:
    """Most memory this process ever held, in MB."""
    if STATUS.exists():  # on Linux, getrusage starts at the peak of the process that started this one
        return next(int(line.split()[1]) / 1e3 for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(side: int) -> None:
    """Compile on a small tensor, then measure."""

    def summarize(side):
        ensemble = he_normal().plan((side, side), "float32").ensemble
        return engine.summarize(ensemble, jax.random.key(0), (side, side), np.float32)

    summarize(256)
    bare_bits(256**2).run()
    idle, start = peak(), perf_counter()
    summary = summarize(side)
    middle = perf_counter()
    bare_bits(side**2).run()
    assert summary.count == side**2
    print(json.dumps([middle - start, perf_counter() - middle, peak() - idle]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
