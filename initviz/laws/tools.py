"""How the heavy steps of a draw are done."""

from dataclasses import dataclass
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec
from jax.typing import ArrayLike

from initviz.laws.base import Law

Weights = np.ndarray | jax.Array
"""An array on the host, or wherever jax has it."""


class Tools(Protocol):
    """How the heavy steps of a draw are done. `JAX` traces anywhere; the engine has tools that never recompile."""

    def iid(self, law: Law, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype) -> Weights:
        """Independent draws of a law."""

    def orthonormal(self, gaussian: Weights) -> Weights:
        """Q with orthonormal columns from a tall Gaussian matrix, columns signed so that Q is Haar distributed."""

    def full(self, shape: tuple[int, ...], value: ArrayLike, dtype: np.dtype) -> Weights:
        """An array of one value."""

    def numbers(self, value: ArrayLike, dtype: np.dtype) -> Weights:
        """A number in a dtype."""


@dataclass(frozen=True)
class JaxTools:
    """Plain jax: works under jit, vmap and any sharding."""

    out_sharding: NamedSharding | PartitionSpec | None = None

    def iid(self, law: Law, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype) -> jax.Array:
        """Draws from `jax.random.uniform`, hence equal to those of `jax.nn.initializers`."""

        def uniform(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
            return jax.random.uniform(key, shape, dtype, low, high, out_sharding=self.out_sharding)

        return law.draw(uniform, key, dtype)

    def orthonormal(self, gaussian: Weights) -> jax.Array:
        """QR with the signs of R's diagonal moved into Q (Mezzadri 2007)."""
        q, r = jnp.linalg.qr(gaussian)
        return q * jnp.expand_dims(jnp.sign(jnp.diagonal(r)), -2)

    def full(self, shape: tuple[int, ...], value: ArrayLike, dtype: np.dtype) -> jax.Array:
        """`jax.numpy.full`."""
        return jnp.full(shape, value, dtype, out_sharding=self.out_sharding)

    def numbers(self, value: ArrayLike, dtype: np.dtype) -> jax.Array:
        """`jax.numpy.asarray`."""
        return jnp.asarray(value, dtype)


JAX = JaxTools()
