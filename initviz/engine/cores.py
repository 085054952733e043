"""Devices, and jobs shared by the cores of a CPU."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any

import jax


def devices() -> list:
    """Every device jax lists for this process, accelerators first, the CPUs last."""
    found = jax.local_devices()
    with suppress(RuntimeError):  # JAX_PLATFORMS may leave the CPU out
        found = [*found, *jax.local_devices(backend="cpu")]
    return sorted(dict.fromkeys(found), key=lambda device: (device.platform == "cpu", device.id))


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="initviz")


def on_all_cores(job: Callable[[Any], Any], pieces: Sequence):
    """Results of `job(piece)` in order, computed on all cores by device and flag in force here; stops early if left."""
    if len(pieces) < 2:
        yield from map(job, pieces)
        return
    device, partitionable = jax.config.jax_default_device, jax.config.jax_threefry_partitionable  # of this thread

    def on_device(piece):
        with jax.default_device(device), jax.threefry_partitionable(partitionable):
            return job(piece)

    # No more in flight than there are cores, so that one session's long summary leaves room for the others'.
    waiting, pending = iter(pieces), deque()
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


def platform_of(key) -> str:
    """The platform that a draw from this key runs on."""
    return (jax.config.jax_default_device or next(iter(key.devices()))).platform


def on_cpu(key) -> bool:
    """Whether a draw from this key runs on a CPU."""
    return platform_of(key) == "cpu"
