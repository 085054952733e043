"""Audits of models: how often models as declared fail, planted faults, and a large file beside NumPy.

`python -m benchmarks.audits [MODELS] [FAULTS] [WEIGHTS]`: models of each kind, models with each fault, and weights in
the file, which is written to a folder for temporary files and removed.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.browser import ROOT
from benchmarks.report import machine, say
from initviz.models import audit
from initviz.models.files import tensors_in

sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "models"))
from test_auditing import FAULTS, KINDS

ALLOWED = 18
"""Of 1,000 models at 1 %: more fail once in 145 times."""
SLOWER = 1.5
"""How many times as long as reading and NumPy's mean and std an audit may take."""
LARGEST = 2**26
"""Weights of the largest tensor in the file."""


def alarms(models: int) -> None:
    """How many models fail that are as declared."""
    say(f"\nModels as declared that fail at alpha = 0.01 (of 1,000 at most {ALLOWED})\n")
    for kind, (make, recipe) in KINDS.items():
        failed = sum(not audit(make(10_000 + seed), recipe) for seed in range(models))
        say(f"  {kind:12} {failed:4} of {models}")


def faults(models: int) -> None:
    """How many of planted faults are found, and named, at three sizes together."""
    say("\nPlanted faults in models of width 32, 64 and 128: found (>= 99 %), the cause named (>= 95 %)\n")
    for name, (plant, words) in FAULTS.items():
        found = named = total = 0
        for width in (32, 64, 128):
            for seed in range(100, 100 + models):
                result = audit(*plant(seed, width))
                total += 1
                found += bool(result.failed)
                named += bool(result.failed) and all(words in row.cause for row in result.failed)
        say(f"  {name:24} found {found:4} of {total}, named {named:4}")


def write_model(path: Path, weights: int) -> None:
    """A safetensors file of so many weights in single precision, drawn with a standard deviation of 0.02."""
    shapes = [(8192, LARGEST // 8192)] * (weights // LARGEST)
    header, end = {}, 0
    for place, shape in enumerate(shapes):
        size = 4 * shape[0] * shape[1]
        header[f"h.{place}.weight"] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    head = json.dumps(header).encode()
    generator = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for shape in shapes:
            file.write((0.02 * generator.standard_normal(shape, np.float32)).tobytes())


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    start = perf_counter()
    run()
    return perf_counter() - start


def large_file(weights: int, rounds: int = 3) -> None:
    """An audit beside reading each tensor and computing mean and std of it with NumPy, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        write_model(path, weights)
        tensors = tensors_in(path)

        def by_numpy() -> None:
            for tensor in tensors:
                array = tensor.read()
                array.mean()
                array.std()

        def by_audit() -> None:
            assert audit(tensors_in(path), {"**": "normal(0.02)"})

        by_numpy()
        times = [(timed(by_audit), timed(by_numpy)) for _ in range(rounds)]
    ours, theirs = (sorted(column)[rounds // 2] for column in zip(*times, strict=True))
    say(f"\nA file of {weights:,} weights: audited in {ours:.2f} s, read with NumPy's mean and std in {theirs:.2f} s: "
        f"{ours / theirs:.2f}x (<= {SLOWER:g}x)")  # fmt: skip


def main(models: int = 1000, each: int = 100, weights: int = 1_300_000_000) -> None:
    """All of it."""
    say(f"\nAudits of models\n{machine()}")
    large_file(weights)
    alarms(models)
    faults(each)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
