"""What a dtype of few values does to the entries of a draw, which is no fault of the initializer."""

from dataclasses import dataclass
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks.base import eps_of
from initviz.laws.base import Law

FINE = 16
"""Mantissa bits from which on a dtype's values are so many that its draws follow the exact law."""


@dataclass(frozen=True)
class Grain:
    """How far statistics of a standard law may be off: its mean, its standard deviation and any probability."""

    mean: float
    std: float
    share: float


def grain_of(unit: Law, dtype) -> Grain | None:
    """The grain of a dtype of few values; None of one with enough of them, and of complex ones, which have enough.

    jax draws a bfloat16 weight from 128 uniforms and rounds the scale several times; other frameworks round a weight
    of single precision. Both are within: the moments are those of jax's values, and a value stands for those within
    two steps of the uniforms or of the dtype.
    """
    if unit.complex or jnp.finfo(dtype).nmant >= FINE:
        return None
    return _grain(unit, np.dtype(dtype))


@lru_cache(maxsize=64)
def _grain(unit: Law, dtype) -> Grain:
    values, eps = unit.attainable(dtype).astype(float), eps_of(dtype)
    values = values[np.isfinite(values)]
    mean = float(values.mean()) if values.size else unit.mean
    std = float(((values - unit.mean) ** 2).mean() ** 0.5) if values.size else unit.std
    return Grain(
        abs(mean - unit.mean) + 2 * eps * abs(unit.mean),
        abs(std - unit.std) + 2 * eps * unit.std,
        2 * 2.0 ** -jnp.finfo(dtype).nmant + 2 * eps,
    )
