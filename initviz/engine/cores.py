"""Devices, and jobs shared by the cores of a CPU."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import jax
import numpy as np

from initviz.laws.base import cpu

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def devices() -> list[jax.Device]:
    """Every device jax lists for this process, accelerators first, the CPUs last."""
    found = jax.local_devices()
    with suppress(RuntimeError):  # JAX_PLATFORMS may leave the CPU out
        found = [*found, *jax.local_devices(backend="cpu")]
    return sorted(dict.fromkeys(found), key=lambda device: (device.platform == "cpu", device.id))


def in_force(setting: str) -> Any:
    """What a setting of jax, such as jax_default_device, is in this thread; jax declares no types for them."""
    return getattr(jax.config, setting)


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="initviz")


def on_all_cores(job: Callable[[Piece], Result], pieces: Sequence[Piece]) -> Iterator[Result]:
    """Results of `job(piece)` in order, computed on all cores by device and flag in force here; stops early if left."""
    if len(pieces) < 2:
        yield from map(job, pieces)
        return
    device, partitionable = in_force("jax_default_device"), in_force("jax_threefry_partitionable")

    def on_device(piece: Piece) -> Result:
        with jax.default_device(device), jax.threefry_partitionable(partitionable):
            return job(piece)

    # No more in flight than there are cores, so that one session's long summary leaves room for the others'.
    waiting = iter(pieces)
    pending: deque[Future[Result]] = deque()
    try:
        for piece in islice(waiting, os.cpu_count() or 1):
            pending.append(_workers().submit(on_device, piece))
        while pending:
            result = pending.popleft().result()
            pending.extend(_workers().submit(on_device, piece) for piece in islice(waiting, 1))
            yield result
    finally:
        for future in pending:
            future.cancel()


def platform_of(key: jax.Array) -> str:
    """The platform that a draw from this key runs on."""
    return (in_force("jax_default_device") or next(iter(key.devices()))).platform


def on_cpu(key: jax.Array) -> bool:
    """Whether a draw from this key runs on a CPU."""
    return platform_of(key) == "cpu"


def compiler_options(platform: str) -> dict[str, Any] | None:
    """For CPUs with the widest vectors they have, where XLA prefers half of AVX-512: faster, the same numbers."""
    return {"xla_cpu_prefer_vector_width": 512} if platform == "cpu" else None


def able(key: jax.Array, dtype: np.dtype) -> AbstractContextManager[Any]:
    """A device that can draw this dtype: the one in force; of floats of 8 bits and less a CPU.

    jax (0.11) on a GPU refuses erf of them.
    """
    alone = dtype.itemsize == 1 and not on_cpu(key)
    return jax.default_device(cpu()) if alone else nullcontext()
