"""What few values do to the entries of a draw, which is no fault of the initializer: of its dtype, or of a far cut."""

import math
from dataclasses import dataclass
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks.base import eps_of
from initviz.laws.base import Law
from initviz.laws.mixture import Mixture

FINE = 2**16
"""Values from which on they are so many that draws follow the exact law."""


@dataclass(frozen=True)
class Grain:
    """How far statistics of a standard law may be off: its mean, its standard deviation and any probability."""

    mean: float
    std: float
    share: float
    ends: tuple[float, float]
    """Smallest and largest value of a draw."""


def grain_of(unit: Law | Mixture, dtype) -> Grain | None:
    """The grain of a law that a dtype gives few values; None of one with enough of them, and of complex ones.

    jax draws a bfloat16 weight from 128 uniforms and rounds the scale several times; other frameworks round a weight
    of single precision. Both are within: the moments are those of jax's values, and a value stands for those within
    two steps of the uniforms or of the dtype. Cut at 4 and 6, a float32 weight is drawn from 1063 uniforms, of which
    the last gives the cut.
    """
    if not few(unit, dtype):
        return None
    return _of_all(unit, np.dtype(dtype)) if isinstance(unit, Mixture) else _grain(unit, np.dtype(dtype))


def few(law: Law | Mixture, dtype) -> bool:
    """Whether a dtype gives a law so few values that it shows; of complex ones it is not known."""
    return not law.complex and law.distinct(np.dtype(dtype)) < FINE


def _of_all(mixture: Mixture, dtype) -> Grain:
    """The grain of weights of several scales: each has that of scale 1, as many times as large."""
    one, scales, shares = _grain(mixture.one, dtype), np.array(mixture.scales), np.array(mixture.shares)
    off = one.std + one.mean if mixture.one.mean else one.std  # a mean that is off widens what is apart from another's
    low, high = one.ends
    ends = float(low * scales[-1 if low < 0 else 0]), float(high * scales[-1 if high > 0 else 0])
    return Grain(float(shares @ scales) * one.mean, float(shares @ scales**2) ** 0.5 * off, one.share, ends)


@lru_cache(maxsize=64)
def _grain(unit: Law, dtype) -> Grain:
    values, eps = unit.attainable(dtype, FINE).astype(float), eps_of(dtype)
    values = values[np.isfinite(values)]
    mean = float(values.mean()) if values.size else unit.mean
    std = float(((values - unit.mean) ** 2).mean() ** 0.5) if values.size else unit.std
    off_mean, off_std = abs(mean - unit.mean) + 2 * eps * abs(unit.mean), abs(std - unit.std) + 2 * eps * unit.std
    if off_mean > unit.std:  # all weights may be one number, beside the mean
        off_std = max(unit.std, math.hypot(unit.std + off_std, off_mean) - unit.std)
    return Grain(
        off_mean,
        off_std,
        max(2 * 2.0 ** -jnp.finfo(dtype).nmant + 2 * eps, _distance(unit, values)),
        (float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))),
    )


def _distance(unit: Law, values: np.ndarray) -> float:
    """Largest distance of the distribution function of equally likely values from that of the law."""
    found, counts = np.unique(values, return_counts=True)
    share = np.cumsum(counts) / max(values.size, 1)
    exact = unit.cdf(found)
    apart = np.abs(np.r_[share - exact, share - counts / max(values.size, 1) - exact])
    return float(apart.max(initial=0.0))
