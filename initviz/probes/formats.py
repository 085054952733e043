"""What a small float can hold, counted from all of its bit patterns."""

from dataclasses import dataclass
from functools import cache

import jax.numpy as jnp
import numpy as np

from initviz.wording import plain


@dataclass(frozen=True)
class Format:
    """The finite numbers of a dtype, and what becomes of others."""

    count: int
    """How many different ones; 0 and −0 are one."""
    low: float
    high: float
    least: float
    """The smallest above 0."""
    zero: bool
    """Whether 0 is among them."""
    beyond: float
    """What a number far above the largest becomes: infinity, NaN, or the largest."""

    @property
    def text(self) -> str:
        """All of it in a sentence, less the name."""
        became = "NaN" if np.isnan(self.beyond) else "infinite" if np.isinf(self.beyond) else plain(self.beyond, 6)
        missing = "" if self.zero else ", none of them 0 or negative: those become NaN"
        return (
            f"has {self.count:,} finite numbers, from {plain(self.low, 3)} to {plain(self.high, 3)}{missing}; "
            f"the smallest above 0 is {plain(self.least, 3)}, and what is too large becomes {became}."
        )


@cache
def format_of(dtype: str) -> Format:
    """The format of a float of at most 8 bits, or of 16.

    >>> format_of("float4_e2m1fn").count, format_of("float8_e4m3fn").high
    (15, 448.0)
    """
    bits = jnp.finfo(dtype).bits
    codes = np.arange(2**bits, dtype="uint8" if bits <= 8 else "uint16")
    values = codes.view(jnp.dtype(dtype)).astype(float)
    values = np.unique(values[np.isfinite(values)])
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = float(np.array(2 * values[-1]).astype(jnp.dtype(dtype)).astype(float))
    return Format(
        len(values),
        float(values[0]),
        float(values[-1]),
        float(values[values > 0][0]),
        bool((values == 0).any()),
        beyond,
    )
