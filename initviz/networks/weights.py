"""Standardized weights of networks, kept: another scale, bias, activation or factor draws none anew."""

import math
import time
import weakref
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock

import jax
import numpy as np

from initviz.engine.cores import in_force
from initviz.engine.passes import fill, layer_keys, room
from initviz.laws.ensembles import Ensemble
from initviz.networks.network import DEEPEST

BUDGET = 2**30
"""Bytes that all weights that are kept may take; those of a network that takes more are not kept."""
MOST_KEPT = 256
"""Networks whose weights are kept."""
GRACE = 10
"""Milliseconds for which memory is waited for: to have as much anew takes up to a second."""


@dataclass(eq=False)
class _Kept:
    """Weights of the first layers of a network, more of which are drawn when they are asked for."""

    memory: np.ndarray
    most: int
    """Of layers that the memory ever had, of this network or another: as many have pages."""
    layers: int = 0
    """How many are drawn."""
    users: list[weakref.ref[np.ndarray]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def lent(self) -> np.ndarray:
        """The memory, for as long as somebody has what this returns."""
        found = self.memory.view()
        self.users = [user for user in self.users if user() is not None] + [weakref.ref(found)]
        return found

    @property
    def size(self) -> int:
        """Bytes of its pages."""
        return self.most * self.memory[0].nbytes

    @property
    def free(self) -> bool:
        """Whether nobody has the memory."""
        return all(user() is None for user in self.users)

    def given_back(self) -> bool:
        """Whether nobody has it any more, some milliseconds from now.

        jax lets go of what it was given a while after the results are there, and only while it is called.
        """
        for _ in range(GRACE):
            if self.free:
                return True
            jax.device_put(np.int32(0))
            time.sleep(0.001)
        return self.free


_kept: dict[Hashable, _Kept] = {}
"""By what they are of, those used last at the end."""
_lock = Lock()


def weights_of(ensemble: Ensemble, key: jax.Array, depth: int, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of `depth` layers, (DEEPEST, inputs, width) in float32, of which those beyond are not set.

    All axes of the shape but the last are inputs. To be read as long as this array, not a part of it, is held: then its
    memory may serve other networks, as pages that are new take longer than what is drawn into them.
    """
    flags = str(jax.random.key_impl(key)), in_force("jax_threefry_partitionable"), in_force("jax_default_device")
    name = (ensemble, shape, np.asarray(jax.random.key_data(key)).tobytes(), flags)
    with _lock:
        kept = _kept.pop(name, None)
        most = max(depth, kept.most if kept else 0)
        memory = _make_room(most, shape)
        if kept is None:
            kept = _Kept(room(DEEPEST, shape) if memory is None else memory, most)
        kept.most = most
        if kept.size <= BUDGET:
            _kept[name] = kept
        found = kept.lent()
    with kept.lock:
        if kept.layers < depth:
            fill(kept.memory, ensemble, list(layer_keys(key, DEEPEST))[kept.layers : depth], kept.layers, shape)
            kept.layers = depth
    return found


def _make_room(layers: int, shape: tuple[int, ...]) -> np.ndarray | None:
    """Forget what was not used for longest; the memory of one of this shape that nobody reads, if there was any.

    None that had more layers: it would keep their pages.
    """
    found, size = None, layers * math.prod(shape) * 4
    while _kept and (len(_kept) >= MOST_KEPT or sum(kept.size for kept in _kept.values()) + size > BUDGET):
        kept = _kept.pop(next(iter(_kept)))
        alike = kept.memory.shape == (DEEPEST, math.prod(shape[:-1]), shape[-1])
        if alike and kept.most <= layers and kept.given_back():
            found = kept.memory
    return found
