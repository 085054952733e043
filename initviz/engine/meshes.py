"""Summaries by several devices of one or several processes: each takes its range of a draw, jax gathers the parts."""

from collections.abc import Iterator
from functools import partial

import jax
import numpy as np
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from initviz.engine.kernels import Statistics, chunk_on, rounded, statistics, summary_of, wide_dtype
from initviz.engine.summary import Bins, Summary
from initviz.laws.base import Law


@partial(jax.jit, static_argnames=("dtype", "mesh", "chunk"))
def _by_all(
    law: Law,
    key_data: jax.Array,
    high: jax.Array,
    low: jax.Array,
    counts: jax.Array,
    bins: jax.Array,
    dtype: np.dtype,
    mesh: Mesh,
    chunk: int,
) -> Statistics:
    """Statistics of one range per device, stacked; every device has all of them."""

    def share(
        law: Law, key_data: jax.Array, high: jax.Array, low: jax.Array, counts: jax.Array, bins: jax.Array
    ) -> Statistics:
        key, device = jax.random.wrap_key_data(key_data, impl="threefry2x32"), lax.axis_index(mesh.axis_names)
        mine = statistics(law, key, high[device], low[device], counts[device], bins, dtype, chunk)
        return lax.all_gather(mine, mesh.axis_names)

    # Not `check_vma`: it wants the loop's first state, equal on all devices, marked as one that will differ.
    every = PartitionSpec()
    mapped = jax.shard_map(share, mesh=mesh, in_specs=every, out_specs=every, check_vma=False)
    return mapped(law, key_data, high, low, counts, bins)


def on_mesh(
    law: Law, key: jax.Array, size: int, dtype: np.dtype, bins: Bins, mesh: Mesh, most: int
) -> Iterator[tuple[float, Summary]]:
    """Finished share and summary of the first `size` draws, in rounds of at most `most` draws per device.

    Only NumPy goes in: in several processes jax takes it as the same on all of them.
    """
    devices, chunk = mesh.devices.size, chunk_on(mesh.devices.flat[0].platform)
    step = min(max(most // chunk, 1), -(-size // (devices * chunk)) or 1) * chunk
    law, key_data = jax.tree.map(np.asarray, law), np.asarray(jax.random.key_data(key))
    numbers = rounded(bins, wide_dtype(dtype))
    for begin in range(0, size, devices * step):
        starts = np.arange(devices, dtype=np.uint64) * np.uint64(step) + np.uint64(begin)
        counts = np.clip(size - starts.astype(np.int64), 0, step).astype(np.uint32)
        high, low = (starts >> np.uint64(32)).astype(np.uint32), starts.astype(np.uint32)
        found = [np.asarray(part) for part in _by_all(law, key_data, high, low, counts, numbers, dtype, mesh, chunk)]
        parts = (summary_of(bins, [part[device] for part in found]) for device in range(devices))
        yield min(1.0, (begin + devices * step) / size), sum(parts, Summary.empty(bins))
