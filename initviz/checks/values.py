"""The singular values of a draw against their law."""

from collections.abc import Callable

import numpy as np

from initviz.checks.base import UNLIKELY, Check, eps_of, exact, floor_of, judged, orthogonal_limit, p_text, unjudged
from initviz.checks.grain import grain_of
from initviz.checks.sampling import TAILS, standard
from initviz.laws.ensembles import Ensemble
from initviz.spectra import Expected, Spectrum

SCORES = np.linspace(-6, 6, 193)
"""Normal scores at which the quantiles of an extreme singular value are tabulated."""


def value_checks(
    ensemble: Ensemble, dtype, spectrum: Spectrum | None, size: tuple[int, int], singular_values: np.ndarray
) -> tuple[Check, ...]:
    """The largest and smallest singular value, and for an orthogonal draw ‖WᵀW - s²I‖ / s² in units of eps.

    The latter needs singular values that were computed in a wider dtype than the draw, as `observe` can.
    """
    if not len(singular_values):
        return ()
    # The weights were rounded to their dtype, the singular values to theirs.
    rounding = eps_of(dtype) * orthogonal_limit(ensemble) + float(np.finfo(singular_values.dtype).eps) * max(size)
    slack = rounding * float(singular_values[0])
    if not ensemble.independent and ensemble.marginal:
        slack += floor_of(dtype, max(map(abs, ensemble.marginal.support))) * (size[0] * size[1]) ** 0.5
    excuse = slack + _grain(ensemble, dtype, size, float(singular_values[0]))
    checks = tuple(
        _value_check(f"{name} singular value", spectrum and getattr(spectrum, name), slack, excuse, float(observed))
        for name, observed in (("largest", singular_values[0]), ("smallest", singular_values[-1]))
    )
    if not ensemble.block or spectrum is None or spectrum.bulk_count:
        return checks
    values = np.repeat(*zip(*spectrum.points, strict=True))
    scale = values[0] or 1.0
    deviation = float(np.abs((singular_values / scale) ** 2 - (values / scale) ** 2).max()) / eps_of(dtype)
    limit = orthogonal_limit(ensemble)
    return *checks, exact("deviation from orthogonal", 0.0, 0.0, limit, deviation, "in eps")


def _grain(ensemble: Ensemble, dtype, size: tuple[int, int], largest: float) -> float:
    """How far a dtype of few values may move a singular value: by the mean it shifts and the spread it changes."""
    if ensemble.law is None or not ensemble.law.power:
        return 0.0
    unit, scale = standard(ensemble.law)
    grain = grain_of(unit, dtype)
    return scale * grain.mean * (size[0] * size[1]) ** 0.5 + grain.std / unit.std * largest if grain else 0.0


def _value_check(name: str, expected: Expected | None, slack: float, excuse: float, observed: float) -> Check:
    from scipy import special

    if expected is None:
        return unjudged(name, observed)
    if not expected.sd:
        return exact(name, expected.mean, max(expected.mean - slack, 0.0), expected.mean + slack, observed)
    quantile: Callable = expected.quantile or (lambda p: expected.mean + special.ndtri(p) * expected.sd)
    low, high = (float(x) for x in quantile(np.array(TAILS)))
    inside, table = np.clip(observed, low, high), quantile(special.ndtr(SCORES))

    def chance(room: float) -> float:
        """Of the value within `room` of the observed one that is nearest to the range."""
        score = np.interp(observed + np.clip(inside - observed, -room, room), table, SCORES)
        least = UNLIKELY if abs(inside - observed) <= room else 0.0  # at an end of the range, which is in a table
        return max(float(2 * special.ndtr(-abs(score))), least)

    probability, excused = chance(slack), chance(excuse) if excuse > slack else None
    low, high = max(low - slack, 0.0), high + slack
    return judged(name, expected.mean, low, high, observed, probability, p_text(probability), excused)
