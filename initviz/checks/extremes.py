"""The smallest and the largest of many entries against their law."""

from dataclasses import dataclass
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks.attained import Attained
from initviz.checks.base import Check, judged, p_text
from initviz.checks.grain import Grain
from initviz.checks.sampling import TAILS
from initviz.laws.base import Law
from initviz.laws.marginals import Marginal

ENDLESS = (-np.inf, np.inf)
NOTICED = 0.01
"""Weights in units of the number of uniforms a dtype has, from which on the uniforms may end before the tails do."""


def reach_of(unit: Law, dtype, count: int) -> tuple[float, float]:
    """Smallest and largest draw of a standard law that a dtype's uniforms allow; endless where that cannot show."""
    if unit.complex or count * 2.0 ** -jnp.finfo(dtype).nmant <= NOTICED:
        return ENDLESS
    return _reach(unit, dtype)


def step_of(unit: Law, dtype) -> float:
    """How far the uniforms of a dtype move a weight of a law that ends at both sides, at most; 0 of others."""
    low, high = unit.support
    return float(high - low) * 2.0 ** -jnp.finfo(dtype).nmant if np.isfinite(high - low) else 0.0


@lru_cache(maxsize=64)
def _reach(unit: Law, dtype) -> tuple[float, float]:
    return unit.reach(dtype)


@lru_cache(maxsize=256)
def _extreme_quantiles(unit: Marginal, count: int, dependent: bool) -> np.ndarray:
    """(low, median, high) of the smallest and of the largest of `count` entries of a law: array (2, 3).

    F(max)^count is uniform for independent entries. Of dependent ones the outer end is a union bound, true of any; the
    inner end is that of independent ones: coordinates of a sphere, the parts of a complex weight of uniform phase and
    log-concave modulus are negatively dependent, so that all of them are small together less often (Joag-Dev &
    Proschan 1983); for the columns of an orthogonal matrix simulation says the same.
    """
    from scipy import special

    inner, median, outer = -special.expm1(np.log([TAILS[0], 0.5, TAILS[1]]) / count)  # tail probabilities of one entry
    if dependent:
        outer = TAILS[0] / count
    smallest, largest = unit.ends(np.array([outer, median, inner]))
    return np.stack([smallest, largest[::-1]])


@dataclass(frozen=True)
class Extreme:
    """The smallest (`side` -1) or the largest (+1) of `count` entries: where it should lie."""

    side: int
    count: int
    inner: float
    median: float
    outer: float
    dependent: bool
    zeros: bool
    """Whether there are zeros beside the entries: no minimum above them, no maximum below."""
    reach: float
    """Where the draws of the dtype end."""

    def bounded(self, x: float) -> float:
        """A place that zeros and the end of the dtype leave."""
        x = self.side * max(self.side * x, 0.0) if self.zeros else x
        return self.side * min(self.side * x, self.side * self.reach)

    def range(self, eps: float, step: float) -> tuple[float, float]:
        """The range, with room for rounding. Draws of other generators may lie beyond the end of the dtype's own."""
        inner, outer = self.bounded(self.inner), self.side * max(self.side * self.outer, 0.0 if self.zeros else -np.inf)
        low, high = sorted((inner, outer))
        return low - eps * abs(low) - step, high + eps * abs(high) + step

    def probability(self, x: float, tail: float, eps: float, share: float = 0.0) -> float:
        """How likely one as far in or out as x is, where one entry is so with a probability of `tail` ± `share`."""
        none_beyond, one_beyond = self._none_beyond(tail - share), 1 - self._none_beyond(tail + share)
        if self.dependent:
            one_beyond = min(1.0, self.count * tail)
        if self.side * self.outer > self.side * self.reach and abs(x - self.reach) <= eps * abs(x):
            return 1.0  # where the dtype ends: none can lie farther out
        if self.zeros and x == 0:  # none farther in
            one_beyond = 1.0
        return min(1.0, 2 * min(none_beyond, one_beyond))

    def _none_beyond(self, tail: float) -> float:
        return float(np.exp(self.count * np.log1p(-max(tail, 0.0)))) if tail < 1 else 0.0


def extremes(
    unit: Marginal, scale: float, count: int, eps: float, observed: dict[str, float], dependent: bool,
    *, zeros=False, reach=ENDLESS, step=0.0, grain: Grain | None = None, attained: Attained | None = None,
    typical: float | None = None,
) -> tuple[Check, ...]:  # fmt: skip
    """Min and max of `count` entries of `scale` times a law.

    Args:
        unit: the law of scale 1.
        scale: in units of the weights.
        count: number of entries.
        eps: relative rounding of an entry.
        observed: "min" and "max".
        dependent: whether the entries depend on each other.
        zeros: whether there are zeros beside them.
        reach: where the draws of the dtype end, in units of the scale.
        step: how far uniforms are rounded down, in units of the scale.
        grain: of a dtype of few values.
        attained: those values.
        typical: median of the largest, and but for the sign of the smallest, in units of the scale, where it is known
            of dependent entries.
    """
    ranges = scale * _extreme_quantiles(unit, count, dependent)
    if typical is not None:
        ranges[:, 1] = -scale * typical, scale * typical
    found = np.array([observed["min"], observed["max"]])
    # The numbers that may have been rounded to these and are nearest to the ranges.
    room = eps * np.abs(found) + scale * step
    nearest = found + np.clip(np.clip(found, ranges[:, 0], ranges[:, 2]) - found, -room, room)
    tails = unit.tails(nearest / scale)
    checks = []
    for name, side, (low, median, high), x, tail, end in zip(
        ("min", "max"), (-1, 1), ranges, found, (tails[0, 0], tails[1, 1]), reach, strict=True
    ):
        inner, outer = (low, high) if side > 0 else (high, low)
        extreme = Extreme(side, count, inner, median, outer, dependent, zeros, scale * end)
        probability = extreme.probability(x, tail, eps)
        excused = None
        if grain and side * x <= side * scale * grain.ends[(side + 1) // 2] + 2 * eps * abs(x):
            excused = extreme.probability(x, tail, eps, grain.share)
        if attained:
            excused = max(excused or 0.0, attained.of_end(side, float(x), count))
        low, high = map(float, extreme.range(eps, scale * step))
        checks.append(
            judged(name, float(extreme.bounded(median)), low, high, float(x), probability, p_text(probability), excused)
        )
    return tuple(checks)
