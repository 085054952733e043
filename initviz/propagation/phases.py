"""Order and chaos: where gradients neither vanish nor explode (Poole et al. 2016, Schoenholz et al. 2017)."""

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from initviz.propagation.activations import Activation
from initviz.propagation.mean_field import LARGEST, NONE, SAME, depth_scale, next_q, of, variance
from initviz.propagation.quadrature import NotIntegrableError
from initviz.propagation.series import TERMS, TOLERANCE, polynomial, series
from initviz.wording import plain

SIZES = np.geomspace(1e-10, LARGEST, 221).tolist()
"""Variances q between which critical points are looked for."""
TABLE = np.geomspace(1e-12, LARGEST, 193)
"""Variances q of which a diagram knows the moments; between them it interpolates."""
USUAL = 1e4
"""Up to which q it knows them, unless a variance that is asked for is more than a hundredth of it."""
WEIGHT_VARIANCES, BIAS_VARIANCES = np.linspace(0.05, 4, 80), np.linspace(0, 1, 60)
"""The variances of weights and of biases of a diagram, unless others are asked for."""
MOST_POINTS = 100_000
"""Of a diagram, which takes some kilobytes for each of them while it is made."""
FINER = 8
"""How many times as many points a critical line has, so that it ends where the diagram does."""
BISECTIONS = 40
LINE_START, ABOVE_1 = 1e-9, 1e-10
"""Where a critical line begins, and by how much a growth there must be above 1 to be told from it."""
SMALL_SIGNAL = 1e-4
"""A variance at which it shows whether a small signal grows."""


def critical_weight_variance(function: Activation | str, bias_variance: float = 0.0) -> float:
    """The σ_w² at which gradients keep their size in very deep networks: χ = 1 at a q that is stable.

    As in Schoenholz et al. 2017, with biases; without any it is 1 / φ′(0)² for tanh and its like.

    >>> round(critical_weight_variance("tanh", 0.05), 6), critical_weight_variance("relu")
    (1.760955, 2.0)

    Args:
        function: an activation, its name, or an expression in x.
        bias_variance: σ_b².

    Raises:
        ValueError: there is none, as for relu with biases; with the fix.
    """
    function, bias_variance = of(function), variance("bias_variance", bias_variance)
    return critical_point(function, bias_variance)[0]


def critical_point(function: Activation, bias_variance: float) -> tuple[float, float]:
    """The critical σ_w² and the q there: 0 where the signal dies out slowly, or may have any size.

    Raises:
        ValueError: there is none.
    """
    moments = function.moments

    def excess(q: float) -> float:  # of the next q, at the σ_w² that is critical there, as a share of q
        try:
            return (moments.square(q) / moments.slope_square(q) + bias_variance) / q - 1
        except (NotIntegrableError, ZeroDivisionError):
            return math.nan

    weight_variance = 1 / moments.slope_square(NONE) if moments.slope_square(NONE) else math.inf
    if bias_variance == 0 and next_q(function, SMALL_SIGNAL, weight_variance, 0.0) <= SMALL_SIGNAL * (1 + SAME):
        return weight_variance, 0.0
    for (low, below), (high, above) in pairwise((q, excess(q)) for q in SIZES):
        if below < 0 < above or above < 0 < below:
            q = float(brentq(excess, low, high, xtol=1e-18, rtol=1e-14))
            weight_variance = 1 / moments.slope_square(q)
            if weight_variance * moments.growth(q) <= 1 + SAME:
                return weight_variance, q
    raise ValueError(
        f"{function.name} must have a stable critical point, got none at a bias variance of {plain(bias_variance)}: "
        "where gradients keep their size, the signal does not. Take another bias variance or activation."
    )


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """Fixed points over a grid: all arrays are (bias variances, weight variances)."""

    weight_variances: np.ndarray
    bias_variances: np.ndarray
    q: np.ndarray
    """0 where the signal dies out, infinite where it grows without bound."""
    chi: np.ndarray
    """Growth of gradients a layer; NaN without a fixed point."""
    c: np.ndarray
    """Correlation of two inputs far down: 1 in order, below in chaos; NaN without a signal, or not known."""
    depth_scale: np.ndarray
    """Layers in which the correlation gets a factor e nearer to c: infinite where it stays; NaN as c is."""
    critical_line: np.ndarray
    """Pairs (σ_w², σ_b²) where χ = 1 at a stable q, by q; none where there is no such line within the grid."""


def phase_diagram(
    function: Activation | str,
    weight_variances: npt.ArrayLike = WEIGHT_VARIANCES,
    bias_variances: npt.ArrayLike = BIAS_VARIANCES,
) -> PhaseDiagram:
    """Order and chaos of an activation over σ_w² and σ_b², in some tenths of a second (Poole et al. 2016).

    To about 1e-5 in q, χ and c; depth scales of chaos are some percent off where χ is within 0.1 or c within
    0.02 of 1.

    >>> found = phase_diagram("tanh", [1.0, 2.5], [0.05])
    >>> found.q.round(4), found.c.round(3)
    (array([[0.1936, 1.064 ]]), array([[1.   , 0.447]]))

    Args:
        function: an activation, its name, or an expression in x.
        weight_variances: values of σ_w².
        bias_variances: values of σ_b².

    Raises:
        ValueError: a variance is negative or not a number, there are none or too many, there is no such activation, or
            its slope has no finite mean square; with the fix.
    """
    function = of(function)
    function.moments.slope_square(1.0)  # or there are no gradients to tell of
    wide = np.array([variance("weight_variances", each) for each in np.ravel(weight_variances).tolist()])
    high = np.array([variance("bias_variances", each) for each in np.ravel(bias_variances).tolist()])
    if not wide.size or not high.size:
        raise ValueError("a diagram needs variances of weights and of biases, got none. Leave both out for a default.")
    if wide.size * high.size > MOST_POINTS:
        raise ValueError(
            f"a diagram has at most {MOST_POINTS:,} points, got {wide.size:,} × {high.size:,}. Take fewer variances."
        )
    table = table_of(function, USUAL if max(wide.max(), high.max()) <= USUAL / 100 else LARGEST)
    weight, bias = np.meshgrid(wide, high)
    q = table.fixed_q(weight, bias)
    signal = np.isfinite(q) & (q > 0)
    at = np.where(np.isinf(q), np.nan, np.maximum(q, TABLE[0]))
    with np.errstate(over="ignore"):
        chi = weight * table.slope_square(at)
    c = np.where(signal, 1.0, np.nan)
    chaos = signal & ((chi > 1 + SAME) | bool(function.jumps))  # a jump tears equal inputs apart
    c[chaos] = table.fixed_c(q[chaos], weight[chaos])
    growth = chi.copy()
    growth[chaos] = weight[chaos] * table.slope_product(q[chaos], c[chaos])
    scale = np.where(signal, depth_scale(growth), np.nan)
    return PhaseDiagram(wide, high, q, chi, c, scale, table.critical_line(wide.max(), high.max()))


class Table:
    """Moments of an activation at the variances of `TABLE` up to one, and between them by cubic splines in log q."""

    def __init__(self, function: Activation, largest: float):
        self.function, moments = function, function.moments
        rows = []
        with suppress(NotIntegrableError):  # of what grows too fast for large variances
            for q in TABLE[: np.searchsorted(TABLE, largest * (1 + SAME))].tolist():
                rows.append((moments.square(q), moments.slope_square(q), moments.growth(q)))
        self.known = np.log(TABLE[: len(rows)])
        squares, slopes, growths = np.transpose(rows)
        self._square = CubicSpline(self.known, np.log(np.maximum(squares, NONE)))
        self._slope_square = CubicSpline(self.known, np.log(np.maximum(slopes, NONE)))
        self._growth = CubicSpline(self.known, growths)

    def square(self, q: np.ndarray) -> np.ndarray:
        """E φ(u)²."""
        return np.exp(self._square(np.log(q)))

    def slope_square(self, q: np.ndarray) -> np.ndarray:
        """E φ′(u)²."""
        return np.exp(self._slope_square(np.log(q)))

    @cached_property
    def series(self) -> tuple[CubicSpline, np.ndarray]:
        """The coefficients of E φφ in the correlation, by log q; along the last axis. And their error at `known`."""
        found = [series(self.function, q, float(self.square(q))) for q in np.exp(self.known)]
        return CubicSpline(self.known, [each.coefficients for each in found]), np.array([each.error for each in found])

    def fixed_q(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """From q = 1 in the direction in which q moves there, to the first q that stays."""

        def excess(log_q: np.ndarray) -> np.ndarray:
            return np.log(weight * np.exp(self._square(log_q)) + bias) - log_q

        with np.errstate(divide="ignore", over="ignore"):
            signs = np.stack([np.sign(excess(np.full_like(weight, at))) for at in self.known])
            start = np.sign(excess(np.zeros_like(weight)) + 0.0)
            start[np.abs(excess(np.zeros_like(weight))) <= SAME] = 0
            above, below = (self.known > SAME)[:, None, None], (self.known < -SAME)[:, None, None]
            stays_above, stays_below = above & (signs <= 0), below & (signs >= 0)
            first = np.argmax(stays_above, axis=0)
            last = len(self.known) - 1 - np.argmax(stays_below[::-1], axis=0)
            low = np.where(start > 0, self.known[first - 1], self.known[last])
            high = np.where(start > 0, self.known[first], self.known[np.minimum(last + 1, len(self.known) - 1)])
            for _ in range(BISECTIONS):
                middle = (low + high) / 2
                up = excess(middle) > 0
                low, high = np.where(up, middle, low), np.where(up, high, middle)
        q = np.where(start == 0, 1.0, np.exp((low + high) / 2))
        q = np.where((start > 0) & ~stays_above.any(axis=0), np.inf, q)
        return np.where((start < 0) & ~stays_below.any(axis=0), 0.0, q)

    def fixed_c(self, q: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The correlation below 1 that stays, in chaos; NaN where the series does not know products there."""
        spline, errors = self.series
        coefficients = spline(np.log(q))
        low, high = np.zeros_like(q), np.full_like(q, 1 - 1e-9)
        for _ in range(BISECTIONS):
            c = (low + high) / 2
            up = weight * (polynomial(coefficients, c) - coefficients.sum(axis=-1)) + q * (1 - c) > 0
            low, high = np.where(up, c, low), np.where(up, high, c)
        c = np.where(low == 0, 0.0, (low + high) / 2)
        error = np.interp(np.log(q), self.known, errors) + coefficients[:, -1] * c**TERMS
        return np.where(error <= TOLERANCE * self.square(q), c, np.nan)

    def slope_product(self, q: np.ndarray, c: np.ndarray) -> np.ndarray:
        """E φ′(u₁) φ′(u₂): by a closed form where there is one, and what jumps would add by the series."""
        moments = self.function.moments
        if moments.in_closed_form and not self.function.jumps:
            return np.array([moments.slope_product(*each) for each in zip(q.tolist(), c.tolist(), strict=True)])
        coefficients = self.series[0](np.log(q))
        return polynomial(coefficients[:, 1:] * np.arange(1, coefficients.shape[-1]), c) / q

    def critical_line(self, widest: float, highest: float) -> np.ndarray:
        """Where χ = 1 at a q that is stable, as pairs of variances, up to these."""
        log_q = np.linspace(math.log(LINE_START), self.known[-1], FINER * len(self.known))
        q = np.exp(log_q)
        weight = 1 / self.slope_square(q)
        bias = q - weight * self.square(q)
        there = (weight * self._growth(log_q) <= 1 + ABOVE_1) & (bias >= -SAME) & (bias <= highest) & (weight <= widest)
        return np.column_stack([weight, np.maximum(bias, 0)])[there]


@lru_cache(maxsize=32)
def table_of(function: Activation, largest: float = USUAL) -> Table:
    """The moments of an activation up to a variance, made once."""
    return Table(function, largest)
