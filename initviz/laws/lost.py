"""What a dtype cannot hold of a law: draws that come out 0, infinite or NaN in jax's own arithmetic."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

SAMPLED = 2**16
"""Most uniforms that are tried to find what is lost."""
RARE = 16
"""Of a sample: fewer are too few to tell a share."""
FAR = 8
"""Standard deviations that no draw of an uncut law is beyond."""
SINGLE_EXPONENT = -126
"""Least exponent of float32 and bfloat16: a CPU's arithmetic flushes what is smaller to 0, and does so in float64."""


@dataclass(frozen=True)
class Lost:
    """Shares of the weights that are not what the law says; false where there are none."""

    zeros: float = 0.0
    """Those that come out 0 though the law has none."""
    infinite: float = 0.0
    nan: float = 0.0
    endless: float = 0.0
    """Those that are finite, and nonsense: uniforms so near ±1 that they are rounded to it, where erf⁻¹ is infinite."""
    crushed: float = 0.0
    """Those whose spread is rounded away: it, or the variance that it is made from, is below the normal numbers."""
    astray: float = math.inf
    """Size from which on a weight is one of the endless."""

    def __bool__(self) -> bool:
        return any(self.shares)

    @property
    def shares(self) -> tuple[float, ...]:
        """All of them, in order."""
        return self.zeros, self.infinite, self.nan, self.endless, self.crushed

    @classmethod
    def of(cls, shares: Iterable[float], astray: float) -> Self:
        """With these shares, in order."""
        zeros, infinite, nan, endless, crushed = map(float, shares)
        return cls(zeros, infinite, nan, endless, crushed, astray)

    def seen(self, count: int, not_finite: int, largest: float) -> "Lost":
        """What of it is to be expected in these weights, which follow the law where it is nothing.

        Nothing is of what only `RARELY` one of so many weights is, and of what none of them is: which numbers are not
        finite, or far astray, is plain to see, and the others have the law.

        Args:
            count: how many weights there are.
            not_finite: how many of them are NaN or infinite: cast ones may all be, where drawn ones would not.
            largest: size of the largest of the others.
        """
        zeros, infinite, nan, endless, crushed = (share * (share * count > RARELY) for share in self.shares)
        if not not_finite:
            infinite = nan = 0.0
        if not not_finite and largest < self.astray:
            endless = 0.0
        return Lost(zeros, infinite, nan, endless, crushed, self.astray)

    def thinned(self, share: float) -> "Lost":
        """The same where only this share of the weights is drawn."""
        return Lost.of((share * each for each in self.shares), self.astray)


NOTHING_LOST = Lost()
RARELY = 1e-3
"""Weights to be expected in a draw that are so few that it is judged without them: there is none in 999 of 1000."""


def least(dtype: np.dtype) -> float:
    """The smallest positive number that arithmetic in a dtype keeps; rounding moves a small weight by as much."""
    info = jnp.finfo(dtype)
    return float(info.tiny if info.minexp <= SINGLE_EXPONENT else info.smallest_subnormal)


def strained(numbers: tuple[Any, ...], dtype: np.dtype) -> Any:
    """Whether a draw of this scale, or each of these scales, comes near the ends of a dtype, so that it is worth a look
    what becomes of it."""
    info = jnp.finfo(dtype)
    smallest, largest = np.min(numbers, axis=0), np.max(numbers, axis=0)
    return (smallest < least(dtype) * 2.0**info.nmant) | (largest * FAR > float(info.max))


def lost_values(values: ArrayLike, dtype: np.dtype) -> Lost:
    """What becomes of known values that are cast to a dtype."""
    values = np.asarray(values)
    if not (values.size and jnp.issubdtype(dtype, jnp.inexact) and np.isfinite(values).any()):
        return NOTHING_LOST
    with np.errstate(over="ignore", invalid="ignore"):
        return _shares(values.astype(dtype), np.isfinite(values), values != 0)


def _shares(drawn: np.ndarray, finite: np.ndarray, nonzero: np.ndarray) -> Lost:
    """Shares of what was `finite`, or not zero, and is no more."""
    parts = (drawn.real, drawn.imag) if np.iscomplexobj(drawn) else (drawn,)
    nan, infinite = (np.mean([test(part) & finite for part in parts]) for test in (np.isnan, np.isinf))
    return Lost(float(np.mean((drawn == 0) & nonzero)), float(infinite), float(nan))


def lost_of_law(law: Any, dtype: np.dtype) -> Lost:
    """What becomes of draws of independent weights.

    Nothing is lost but where the scale comes near the ends of the dtype, or a cut has no end or a dtype no infinity.
    """
    if jax.dtypes.canonicalize_dtype(dtype) != dtype:  # doubles, which jax draws nothing in while x64 is off
        return NOTHING_LOST
    law = jax.tree.map(float, law)  # jax numbers have no hash
    scale = float(law.scale)
    if near_the_ends(law.standard[0], scale, float(getattr(law.scale, "variance", scale)), dtype):
        return _tried(law, np.dtype(dtype))
    return NOTHING_LOST


def near_the_ends(unit: Any, scale: ArrayLike, made_from: ArrayLike, dtype: np.dtype) -> Any:
    """Whether something may be lost of a law of scale 1 at this scale, or at each of these.

    Args:
        unit: the law.
        scale: one or several.
        made_from: the numbers that they are made from.
        dtype: of the draws.
    """
    if unit.cut and (np.isinf(unit.cut).any() or jnp.finfo(dtype).bits < 16):  # which may have no infinity
        return np.ones(np.shape(scale), bool)
    scale = np.asarray(scale)
    farthest = max([1.0, *(abs(end) for end in unit.cut or () if np.isfinite(end))])
    with np.errstate(over="ignore"):
        near = strained((scale, made_from, scale * farthest), dtype) | (scale * unit.power**0.5 < least(dtype))
    return (scale > 0) & near


def _crushed(law: Any, dtype: np.dtype) -> bool:
    """Whether the spread has no digits, or the number that the weights are multiplied by, or made from, few."""
    info, number = jnp.finfo(dtype), float(getattr(law.scale, "variance", law.scale))
    off = abs(float(np.array(number).astype(dtype).real) - number) if number < float(info.tiny) else 0.0
    return 0 < law.power**0.5 < least(dtype) or off > 4 * float(info.eps) * number


@lru_cache(maxsize=256)
def _tried(law: Any, dtype: np.dtype) -> Lost:
    """Shares of an even sample of all uniforms; what is rare there is at the ends, where they are tried one by one."""
    count = 2.0 ** jnp.finfo(dtype).nmant
    even = _among(law, dtype, np.arange(min(count, SAMPLED)) / min(count, SAMPLED))
    if not even and _crushed(law, dtype):
        return Lost(crushed=1.0)
    if law.complex or count <= SAMPLED:
        return even
    near = np.arange(SAMPLED // 2) / count
    ends = _among(law, dtype, np.r_[near, 1 - 1 / count - near]).thinned(SAMPLED / count)
    shares = zip(even.shares, ends.shares, strict=True)
    return Lost.of((one if one * SAMPLED > RARE else other for one, other in shares), even.astray)


def _among(law: Any, dtype: np.dtype, uniforms: np.ndarray) -> Lost:
    """What these uniforms come to, beside what they come to at a scale of 1."""
    wide = np.complex128 if law.complex else np.float64
    drawn, unit = (each.at_uniforms(dtype, uniforms).astype(wide) for each in (law, law.standard[0]))
    far = float(jnp.finfo(dtype).max) / 2
    endless = (np.abs(unit) > far) & bool(float(law.scale))
    nonzero = (unit != 0) & bool(float(law.scale))
    found = _shares(np.where(endless & (drawn != 0), 1.0, drawn), np.ones(unit.shape, bool), nonzero)
    return replace(found, endless=float(endless.mean()), astray=far * float(law.scale) or math.inf)
