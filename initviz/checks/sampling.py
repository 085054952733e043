"""Laws of statistics of N independent weights: their mean, and their mean square distance from the law's mean.

Both are averages of N independent copies of one variable, and both laws are given in standard units: mean 0, variance
1. Normal weights have the normal and the χ² law exactly. Other laws are convolved numerically below `EXACT` copies,
where a normal approximation alarms too often (4σ twenty times as often, for the squares of 16 normal weights); from
there on a gamma law with the right skewness (Pearson 1895) stands in: 0.945 to 1.007 of a tail of 0.5 % at 256 copies,
for uniform laws to normal ones cut at 2 and 10 standard deviations.
"""

from functools import lru_cache

import numpy as np

from initviz.checks.sums import POINTS, Copy, Gamma, Several, Tabulated, spread_of, sum_law
from initviz.laws.marginals import Marginal
from initviz.laws.mixture import Mixture

COVERAGE = 0.99
"""Probability that a statistic of a fresh draw lies in its range, if the theory holds."""
TAILS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
_NEGLIGIBLE = 1e-12  # probability left out at either end of one copy


@lru_cache(maxsize=256)
def _first(law: Marginal) -> Marginal:
    """The first law seen that equals this one: it has computed its moments already."""
    return law


def standard(marginal: Marginal) -> tuple[Marginal, float]:
    """The law of weight / scale, the same object for every scale, and the scale in units of the weights.

    What takes SciPy milliseconds is computed once for it, and not again while a scale is dragged.
    """
    unit, scale = marginal.standard
    return _first(unit), scale


@lru_cache(maxsize=64)
def _value(unit: Marginal) -> Copy:
    """One weight in standard units. (Re + Im) / √2 of a complex one of uniform phase has the law of its real part."""
    low, high = (unit.quantile(np.array([_NEGLIGIBLE, 1 - _NEGLIGIBLE])) - unit.mean) / unit.std
    grid = np.linspace(low, high, POINTS // 2)  # a table, since SciPy's distribution functions are slow
    table = unit.cdf(unit.mean + unit.std * grid)
    return Copy(lambda z: np.interp(z, grid, table, left=0.0, right=1.0), 0.0, float(low), float(high))


@lru_cache(maxsize=64)
def _square(unit: Marginal) -> Copy:
    """((w - mean) / std)² of a real weight, |w|² / E|w|² of a complex one: mean 1."""
    if unit.complex:
        modulus_squared = unit.modulus_squared
        power = modulus_squared.mean()
        high = float(modulus_squared.isf(_NEGLIGIBLE)) / power
        return Copy(lambda y: modulus_squared.cdf(y * power), 1.0, 0.0, high)

    value = _value(unit)

    def cdf(y):
        reach = np.sqrt(np.maximum(y, 0))
        return value.cdf(reach) - value.cdf(-reach)

    return Copy(cdf, 1.0, 0.0, max(value.low**2, value.high**2))


def _copies(marginal: Marginal, count: int) -> int:
    return count // 2 if marginal.complex else count


@lru_cache(maxsize=64)
def _values(unit: Marginal, count: int) -> Several:
    """Distances of weights from the mean of all of them, in units of their standard deviation."""
    if not isinstance(unit, Mixture):
        return ((_value(unit), _copies(unit, count)),)
    return tuple((copy, times) for copy, _, times in _apart(unit, count))


@lru_cache(maxsize=64)
def _squares(unit: Marginal, count: int) -> Several:
    """Their squares: mean 1 over all."""
    if not isinstance(unit, Mixture):
        return ((_square(unit), _copies(unit, count)),)
    if not unit.one.mean:
        return tuple((_square(unit.one).moved(widened**2), times) for _, widened, times in _apart(unit, count))
    return tuple((_squared(copy), times) for copy, _, times in _apart(unit, count))


def _apart(unit: Mixture, count: int) -> list[tuple[Copy, float, int]]:
    """A weight of each scale, its standard deviation in units of that of all, and how many there are of it.

    Weights of scale 0, which do not vary, are not among them where they lie at the mean; beside it they are a leap
    that is too small to matter.
    """
    found, value = [], _value(unit.one)
    drawn = [(scale, share) for scale, share in unit.parts if scale]
    for (scale, _), times in zip(drawn, _times([share for _, share in drawn], _copies(unit, count)), strict=True):
        widened, shift = scale * unit.one.std / unit.std, (scale * unit.one.mean - unit.mean) / unit.std
        if times:
            found.append((value.moved(widened, shift), widened, times))
    return found


def _times(shares: list[float], count: int) -> list[int]:
    """How many of so many have each share, at least one of all: rounded in sum, so that where there are fewer than
    shares, some weights being no number, they come from all over the scales."""
    until = np.cumsum([0.0, *shares])
    until *= max(1, round(until[-1] * count)) / until[-1]
    return np.diff(np.rint(until)).astype(int).tolist()


def _squared(copy: Copy) -> Copy:
    """The square of a variable."""
    cdf = copy.cdf

    def of_square(y):
        reach = np.sqrt(np.maximum(y, 0))
        return cdf(reach) - cdf(-reach)

    mean = copy.mean**2 + copy.shape[0] ** 2
    return Copy(of_square, mean, 0.0, max(copy.low**2, copy.high**2))


def mean_law(marginal: Marginal, count: int) -> Gamma | Tabulated:
    """The law of √N (sample mean - mean) / std for N = count independent weights.

    Of complex weights the parts are pooled and `count` is that of parts: n weights give 2n, whose mean is that of n
    copies of a part, divided by √2. Of a mixture there are as many weights of each scale as its share says, so that the
    mean varies less than that of weights of one law.
    """
    if marginal.gaussian or (isinstance(marginal, Mixture) and marginal.one.gaussian):
        return Gamma(0.0)
    return sum_law(_values(standard(marginal)[0], count))


def mean_error(marginal: Marginal, count: int) -> float:
    """Standard deviation of √N (sample mean - mean) / std: 1, but of a mixture whose laws have other means less."""
    if not isinstance(marginal, Mixture) or not marginal.one.mean:
        return 1.0
    return spread_of(_values(standard(marginal)[0], count)) / _copies(marginal, count) ** 0.5


def square_law(marginal: Marginal, count: int) -> Gamma | Tabulated:
    """The law of (mean of (w - mean)² / variance - 1) / `square_error` for `count` independent weights.

    Of complex weights the parts are pooled and `count` is that of parts; the mean of their squares is that of |w|² / 2.
    For normal weights it is χ² with `count` degrees of freedom, shifted and scaled.
    """
    if marginal.gaussian:
        return Gamma((8 / count) ** 0.5)
    return sum_law(_squares(standard(marginal)[0], count))


def square_error(marginal: Marginal, count: int) -> float:
    """Standard deviation of (mean of (w - mean)²) / variance: √((κ - 1) / N) with kurtosis κ for N real weights.

    Half of it is the relative standard error of a sample's standard deviation.
    """
    if marginal.gaussian:
        return (2 / count) ** 0.5
    return spread_of(_squares(standard(marginal)[0], count)) / _copies(marginal, count)
