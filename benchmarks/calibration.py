"""How often each check fails in correct draws: `python -m benchmarks.calibration`, some minutes for 1000 draws a cell.

A check at 99 % should fail in 1 %; some are bounds, which fail less often. The draws are those of the initializers.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import jax
import numpy as np

from initviz import engine
from initviz.checks import COVERAGE, judge, observe
from initviz.checks.judgement import Judged
from initviz.checks.observation import not_varying
from initviz.engine.summary import Bins
from initviz.initializers import Initializer, glorot_uniform, he_normal, normal, orthogonal, truncated_normal, uniform

FAMILIES: dict[str, Initializer] = {
    "normal": normal(0.5),
    "he_normal": he_normal(),
    "glorot_uniform": glorot_uniform(),
    "uniform": uniform(1.0),
    "cut at -1 and 3": truncated_normal(1.0, lower=-1.0, upper=3.0),
    "cut at 0": truncated_normal(1.0, lower=0.0, upper=np.inf),
    "cut at 4 and 6": truncated_normal(1.0, lower=4.0, upper=6.0),
    "orthogonal": orthogonal(),
}
SIZES = ((1, 1), (7, 1), (2, 2), (4, 4), (16, 4), (16, 16), (1000, 1), (400, 4), (40, 30), (64, 64), (200, 100))
DTYPES = ("float32", "bfloat16", "float16", "complex64")
SIGMAS = 4
"""Standard errors above which a rate is marked."""
WHOLE = "draw as a whole"


def false_alarms(initializer: Initializer, shape: tuple[int, ...], dtype: str, draws: int, seed: int = 0) -> Counter:
    """How many correct draws fail each check, and as a whole; 0 for a check that none fails."""
    plan = initializer.plan(shape, dtype)
    ensemble, found = plan.ensemble, Counter()
    for weights in _draws(plan, draws, seed):
        bins = Bins.fitting(ensemble.marginal, weights)
        observation = observe(weights, bins, plan.unfolding, not_varying(plan))
        judged = Judged(plan, observation, judge(plan, observation))
        found.update({check.name: check.within is False for check in judged.checks if check.within is not None})
        found[WHOLE] += not judged.likely
    return found


def _draws(plan, draws: int, seed: int) -> np.ndarray:
    key = jax.random.key(seed)
    if plan.ensemble.independent:  # independent draws are one larger draw
        return np.asarray(engine.draw(plan.ensemble, key, (draws, *plan.shape), plan.dtype))
    sample = jax.jit(jax.vmap(lambda key: plan.ensemble.sample(key, plan.shape, plan.dtype)))
    return np.asarray(sample(jax.random.split(key, draws)))


def most(draws: int, sigmas: float = SIGMAS) -> float:
    """The largest number of failures that chance explains, of a check that fails in 1 % of draws."""
    expected = draws * (1 - COVERAGE)
    return expected + sigmas * (expected * COVERAGE) ** 0.5


def cells(dtypes=DTYPES) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Every family, size and dtype there is: some initializers draw no complex weights, some none of half precision."""
    for dtype in dtypes:
        for shape in SIZES:
            for name, initializer in FAMILIES.items():
                with suppress(TypeError, ValueError, NotImplementedError):
                    initializer.plan(shape, dtype)
                    yield name, shape, dtype


def main(arguments: list[str] | None = None) -> None:
    """Print a line for each cell: the share of draws that fail each check, marked where it is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="draws of each cell")
    draws = parser.parse_args(arguments).draws
    total = Counter()
    for seed, (name, shape, dtype) in enumerate(cells()):  # one key would give all families the same uniforms
        found = false_alarms(FAMILIES[name], shape, dtype, draws, seed)
        rates = ", ".join(
            f"{check} {count / draws:.1%}" + " (!)" * (count > most(draws)) for check, count in found.items()
        )
        print(f"{dtype} {' × '.join(map(str, shape))} {name}: {rates}", flush=True)
        total.update({"cells": 1, **{check: count > most(draws) for check, count in found.items()}})
    print("Cells with too many false alarms:", {check: count for check, count in total.items() if check != "cells"},
          f"of {total['cells']} cells of {draws} draws each.")  # fmt: skip


if __name__ == "__main__":
    main()
