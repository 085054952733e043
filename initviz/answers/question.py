"""A question about weights, as plain frozen data: compared by value, and answered in a thread."""

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from initviz import engine
from initviz.checks.arrays import as_array
from initviz.checks.observation import WHOLE
from initviz.initializers import CLASSES, Initializer
from initviz.laws.by_value import ByValue
from initviz.layers import LayerQuestion
from initviz.settings.choices import device_name

QUICK = 2**18
"""Most weights of an answer that takes no longer than some hundredths of a second, such as 512 × 512."""


@dataclass(frozen=True, eq=False)
class Given:
    """Weights that somebody brings, read-only; equal to others of the same name, dtype, shape and numbers."""

    array: np.ndarray
    name: str = ""
    """What they are, where that is known."""

    @classmethod
    def of(cls, weights: Any, name: str = ""):
        """A copy of up to `WHOLE` weights; more are looked at where they are, and should be left as they are.

        Raises:
            TypeError: they are no array of numbers; the message says what to pass instead.
        """
        array = as_array(weights)
        array = array.copy() if array.size <= WHOLE else array.view()
        array.flags.writeable = False
        return cls(array, name)

    def __eq__(self, other):
        if not isinstance(other, Given):
            return NotImplemented
        mine, others = self.array, other.array
        if self.name != other.name:
            return False
        return mine is others or (mine.dtype == others.dtype and np.array_equal(mine, others, equal_nan=True))

    def __hash__(self):
        return hash((self.array.shape, str(self.array.dtype)))


@dataclass(frozen=True, eq=False)
class Question(ByValue):
    """What is asked: a function with its arguments, a layer, a dtype, a seed, a device and a generator."""

    function: str
    arguments: tuple[tuple[str, Any], ...]
    layer: LayerQuestion
    dtype: str
    seed: int
    device: str
    generator: str = "threefry2x32"
    """Name of the PRNG implementation."""
    partitionable: bool = True
    """`jax_threefry_partitionable`, on since jax 0.5.0: a weight depends on the key and its position alone."""
    weights: Given | None = field(default=None, repr=False)
    """Weights to be judged instead of drawn ones; then the dtype, the seed and the device do not matter."""

    @property
    def key(self):
        """The key the weights are drawn from; use it within `in_force`."""
        return jax.random.key(self.seed, impl=self.generator)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights; ValueError for a layer that cannot be."""
        return self.weights.array.shape if self.weights else self.layer.kernel

    @property
    def is_quick(self) -> bool:
        """Whether it has no more than `QUICK` weights, or a layer that cannot be."""
        try:
            return math.prod(self.shape) <= QUICK
        except ValueError:
            return True

    @contextmanager
    def in_force(self):
        """Draw on the device and with the flag asked for, in this thread alone: other sessions keep theirs."""
        with jax.default_device(_device(self.device)), jax.threefry_partitionable(self.partitionable):
            yield

    @property
    def initializer(self) -> Initializer:
        """The initializer asked about, its numbers for slices along the axis that the layer keeps apart.

        Raises:
            ValueError: the layer has no such axis, or another number of slices.
        """
        chosen, layer = CLASSES[self.function](**dict(self.arguments)), self.layer.layer
        apart = layer.contraction().axes("batch") if layer.sums and layer.kernel == self.shape else ()
        return chosen.over(self.shape, apart or None)


def _device(name: str):
    return {device_name(device): device for device in engine.devices()}[name]
