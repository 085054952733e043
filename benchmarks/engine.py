"""What the engine saves: draws and summaries beside eager jax, jitted jax, NumPy and PyTorch, on the default device.

`python -m benchmarks.engine` prints five tables, the first once more for a processor of AVX2 alone where there is more.
Ratios are to the first row; a floor is the least that the ratio is meant to be, a limit the most that the first row may
take of another. Nothing is asserted: the figures are those of the machine named above the tables.
"""

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import count, islice

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.random import threefry2x32_p

from benchmarks.report import Contender, cpu_flags, load, machine, measure, print_table, say
from initviz import engine
from initviz.engine.cores import on_all_cores
from initviz.engine.kernels import CHUNK
from initviz.engine.summaries import JOB
from initviz.engine.summary import BINS
from initviz.initializers import he_normal
from initviz.matrices.svd import singular_values

EAGER_FLOOR, NUMPY_FLOOR, NEW_SHAPE_FLOOR = 6, 3.5, 4
BITS_LIMIT = 1.4  # times the random bits that every draw needs
MEMORY_LIMIT = 300  # MB above an idle process, however large the tensor
AVX2 = "--xla_cpu_max_isa=AVX2"
SCIPY_FLOOR = round(1 / 1.1, 2)  # no more than a tenth slower


def statistics(weights):
    """Histogram, mean and standard deviation, as one writes them in jax."""
    return jnp.histogram(weights, BINS)[0], weights.mean(), weights.std()


def summaries(side: int) -> list[Contender]:
    """Ways to draw side × side float32 values of he_normal and to get their histogram, mean and std."""
    shape, key, initializer = (side, side), jax.random.key(0), jax.nn.initializers.he_normal()
    ensemble = he_normal().plan(shape, "float32").ensemble
    std = (2 / side) ** 0.5
    generator = np.random.default_rng(0)

    @jax.jit
    def jitted(key):
        return statistics(initializer(key, shape, jnp.float32))

    def with_numpy():
        weights = generator.standard_normal(shape, np.float32) * np.float32(std)
        return np.histogram(weights, BINS)[0], weights.mean(), weights.std()

    return [
        Contender("initviz, engine.summarize", lambda: engine.summarize(ensemble, key, shape, np.float32)),
        Contender(
            "eager jax, he_normal + histogram + mean + std",
            lambda: jax.block_until_ready(statistics(initializer(key, shape, jnp.float32))),
            EAGER_FLOOR,
        ),
        Contender("jitted jax, the same in one jit", lambda: jax.block_until_ready(jitted(key))),
        Contender("NumPy, standard_normal (not truncated) + histogram + mean + std", with_numpy, NUMPY_FLOOR),
        *with_torch(shape),
    ]


def with_torch(shape: tuple[int, int]) -> list[Contender]:
    """The same in PyTorch, where it is installed."""
    if not find_spec("torch"):
        return []
    import torch

    def run():
        weights = torch.nn.init.kaiming_normal_(torch.empty(shape))
        return torch.histc(weights, BINS), weights.std(), weights.mean()

    return [Contender("PyTorch, kaiming_normal_ (not truncated) + histc + mean + std", run)]


def new_shapes(side: int, svd: bool) -> list[Contender]:
    """Ways to draw a he_normal matrix of a shape that the process has not seen, with or without singular values."""
    key, initializer = jax.random.key(0), jax.nn.initializers.he_normal()

    def by_initviz(shape):
        weights = engine.draw(he_normal().plan(shape, "float32").ensemble, key, shape, np.float32)
        return singular_values(weights) if svd else weights

    def by_eager(shape):
        weights = initializer(key, shape, jnp.float32)
        return jnp.linalg.svd(weights, compute_uv=False) if svd else weights

    by_jit = jax.jit(lambda key, shape: by_eager(shape), static_argnames="shape")
    task, jax_task = ("draw + singular_values", "he_normal + linalg.svd") if svd else ("draw", "he_normal")

    def contender(name, run, floor=None):
        return Contender(name, lambda: jax.block_until_ready(run(unseen(side))), floor)

    return [
        contender(f"initviz, {task}", by_initviz),
        contender(f"eager jax, {jax_task}", by_eager, NEW_SHAPE_FLOOR),
        contender(f"jitted jax, {jax_task}", lambda shape: by_jit(key, shape), NEW_SHAPE_FLOOR),
    ]


def decompositions(side: int) -> list[Contender]:
    """Ways to get all singular values of a side × side float32 matrix; that of jax is compiled by the warm-up."""
    from scipy import linalg

    matrix = np.random.default_rng(0).standard_normal((side, side), np.float32)
    return [
        Contender("initviz, svd.singular_values", lambda: singular_values(matrix)),
        Contender("SciPy, linalg.svdvals", lambda: linalg.svdvals(matrix), SCIPY_FLOOR),
        Contender("jax, linalg.svd", lambda: jax.block_until_ready(jnp.linalg.svd(matrix, compute_uv=False))),
    ]


_unseen = count(1)


def unseen(side: int) -> tuple[int, int]:
    """A shape a little below side × side that no call has returned before."""
    rows, columns = divmod(next(_unseen), max(side // 8, 2))
    return side - rows, side - columns


@jax.jit
def _bits(key_data, start, chunks):
    offsets = lax.iota(np.uint32, CHUNK)

    def chunk(i, state):
        counter = start + i.astype(np.uint32) * np.uint32(CHUNK) + offsets
        first, second = threefry2x32_p.bind(key_data[0], key_data[1], jnp.zeros_like(counter), counter)
        return state ^ first ^ second

    return lax.fori_loop(jnp.int32(0), chunks, chunk, jnp.zeros_like(offsets))


def bare_bits(size: int) -> Contender:
    """The random bits of `size` draws and nothing else, in the loops that `engine.summarize` runs."""
    key_data = jax.random.key_data(jax.random.key(0))
    chunks = -(-size // CHUNK)
    share = min(JOB // CHUNK, -(-chunks // (os.cpu_count() or 1)))

    def job(start):
        return np.asarray(_bits(key_data, np.uint32(start * CHUNK), np.int32(min(share, chunks - start))))

    return Contender(
        "bare threefry2x32 bits in the same loops",
        lambda: list(on_all_cores(job, range(0, chunks, share))),
        limit=BITS_LIMIT,
    )


def huge(side: int) -> None:
    """Time and peak memory of summaries of side × side weights in another process, beside the bare bits there."""
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.huge", str(side)], capture_output=True, text=True, check=True, timeout=900
    )
    seconds, bits, more = json.loads(found.stdout)
    size = side * side
    say(f"\n{size / 1e6:,.1f} M float32 values of every elementwise initializer, in a process of their own\n")
    say(f"  {'engine.summarize':24} {'time':>9}   of the bits")
    for name, time in seconds.items():
        say(f"  {name:24} {time:7.2f} s {time / bits:7.2f}x  <= {BITS_LIMIT}x")
    say(f"  {'bare threefry2x32 bits':24} {bits:7.2f} s {1:7.2f}x")
    say(f"  most memory above idle   {more:6.0f} MB  <= {MEMORY_LIMIT} MB; the tensor is {4 * size / 1e6:,.0f} MB")


def main(arguments=None) -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=4096, help="side of the large square matrix")
    parser.add_argument("--huge-side", type=int, default=32768, help="side of the matrix that fits no memory")
    parser.add_argument("--new-side", type=int, default=256, help="side of the matrices of unseen shapes")
    parser.add_argument("--svd-side", type=int, default=2048, help="side of the matrix that is decomposed")
    parser.add_argument("--draws-only", action="store_true", help="print the first table alone")
    parser.add_argument("--repetitions", type=int, default=9, help="how many times each row is measured")
    options = parser.parse_args(arguments)
    say(f"initviz engine on {jax.devices()[0]}\n{machine()}\n{load()}")
    size = options.side**2
    title = f"{size / 1e6:.1f} M he_normal float32 values: draw, {BINS}-bin histogram, mean, std"
    title += f"; vectors of {vectors()}"
    compare({title: [*summaries(options.side), bare_bits(size)]}, options.repetitions)
    if options.draws_only:
        return
    if vectors() == "AVX-512":
        with_avx2(options.side, options.repetitions)
    huge(options.huge_side)
    title = f"First call at a new shape just below {options.new_side} x {options.new_side}"
    with_svd, draws = new_shapes(options.new_side, svd=True), new_shapes(options.new_side, svd=False)
    compare({f"{title}: draw and singular values": with_svd, f"{title}: draw alone": draws}, options.repetitions)
    title = f"All singular values of a {options.svd_side} x {options.svd_side} matrix"
    compare({title: decompositions(options.svd_side)}, options.repetitions)


def vectors() -> str:
    """The widest vectors that jax uses on this CPU."""
    if AVX2 in os.environ.get("XLA_FLAGS", ""):
        return "AVX2"
    return next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in cpu_flags()), "the CPU")


def with_avx2(side: int, repetitions: int) -> None:
    """The first table in a process that does without AVX-512."""
    options = ["--side", str(side), "--repetitions", str(repetitions), "--draws-only"]
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine", *options], env=os.environ | {"XLA_FLAGS": AVX2},
        capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    say("\n" + found.stdout[found.stdout.index(f"{side * side / 1e6:.1f} M he_normal") :].rstrip())


def compare(tables: dict[str, list[Contender]], repetitions: int) -> None:
    """Measure all rows together, so that they are comparable across tables too, and print each table."""
    medians = iter(measure([row for rows in tables.values() for row in rows], repetitions))
    for title, rows in tables.items():
        print_table(title, rows, list(islice(medians, len(rows))))


if __name__ == "__main__":
    main()
