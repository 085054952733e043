"""How well laws fit the weights of a tensor, and how likely weights are that an initializer is said to have drawn."""

import math
from dataclasses import replace
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks import Check, Observation, judge
from initviz.checks.base import exact
from initviz.checks.entries import STD, moment_checks
from initviz.checks.observation import not_varying
from initviz.checks.sampling import standard
from initviz.checks.weights import observe_by
from initviz.engine.summaries import summarize_array
from initviz.engine.summary import Bins
from initviz.initializers.base import Initializer, law_steps
from initviz.initializers.plan import Plan
from initviz.laws.base import Law
from initviz.laws.marginals import Marginal
from initviz.models.repeats import repeats, zeros
from initviz.models.seen import Moments, Seen

IN_SUMS = 1e-5
"""How far sums of single precision over all weights may be off, as a share."""


def plan_for(initializer: Initializer, shape: tuple[int, ...], seen: Seen) -> Plan:
    """How the initializer would have drawn the tensor, in the precision that it shows.

    Raises:
        TypeError, ValueError, IndexError: it cannot draw this shape.
    """
    plan = initializer.plan(shape, "complex64" if seen.observation.dtype.kind == "c" else "float32")
    return replace(plan, dtype=seen.precision if initializer.dtype is None else initializer.dtype)


def plan_of_law(name: str, law: Law, tensor_shape: tuple[int, ...], seen: Seen) -> Plan:
    """A plan that ends in independent weights of a law, for a tensor of this shape."""
    free = ("free",) * len(tensor_shape)
    unfolding = None if seen.in_part else seen.observation.unfolding
    return Plan(name, tensor_shape, seen.precision, law_steps(law, tensor_shape), free, unfolding)


def checks_of(plan: Plan, seen: Seen, in_dtype: bool = False) -> tuple[Check, ...]:
    """Every check of a tensor against a plan; of one that is observed in part, its moments are still those of all.

    What is said to be drawn in the plan's dtype may repeat as often as that dtype makes it.
    """
    found = checks_of_law(plan, seen)
    if in_dtype:
        return found
    varies = plan.ensemble.independent and plan.ensemble.marginal.std and not seen.moments.not_finite
    if not varies:
        return found
    marginal = plan.ensemble.marginal
    return *found, *repeats(marginal, seen.precision, seen), *zeros(marginal, seen.precision, seen)


def checks_of_law(plan: Plan, seen: Seen) -> tuple[Check, ...]:
    """The same, however often weights repeat."""
    if not seen.in_part:
        part = np.asarray(seen.observation.weights)
        return judge(plan, observe_by(plan, part) if _by_other_matrix(plan, seen) else _in_bins_of(plan, seen))
    ensemble, moments = plan.ensemble, seen.moments
    if ensemble.independent and ensemble.law is not None and ensemble.law.power and not moments.not_finite:
        of_part = judge(
            replace(plan, shape=seen.observation.shape, unfolding=seen.observation.unfolding), _in_bins_of(plan, seen)
        )
        dtype = max(plan.dtype, seen.observation.dtype, key=lambda each: float(jnp.finfo(each).eps))
        of_all = moment_checks(ensemble, dtype, moments.count, observed(moments, ensemble.marginal.mean))
        kept = {check.name for check in of_all}
        return *of_all, *(check for check in of_part if check.name not in kept)
    return _checks_of_sizes(plan, moments)


def _in_bins_of(plan: Plan, seen: Seen) -> Observation:
    """The same observation in bins that the law chooses, not the weights: only those are as random as is assumed."""
    part = np.asarray(seen.observation.weights)
    if not part.size:
        return seen.observation
    bins = Bins.fitting(plan.ensemble.marginal, part).reaching(seen.observation.summary.bins)
    return replace(seen.observation, summary=summarize_array(part, bins))


def _by_other_matrix(plan: Plan, seen: Seen) -> bool:
    """Whether the plan flattens the tensor to another matrix, or its singular values do not vary."""
    return plan.unfolding != seen.observation.unfolding or not_varying(plan)


def _checks_of_sizes(plan: Plan, moments: Moments) -> tuple[Check, ...]:
    """Of large constants and orthogonal matrices, whose mean square is certain."""
    marginal = plan.ensemble.marginal
    if marginal is None or moments.not_finite:
        return (exact("NaN or infinite", 0.0, 0.0, 0.0, float(moments.not_finite)),)
    size = (marginal.std**2 + marginal.mean**2) ** 0.5
    found = moments.power**0.5
    room = size * (IN_SUMS + 10 * float(jnp.finfo(plan.dtype).eps))
    of_size = exact("root mean square", size, size - room, size + room, found)
    if marginal.std:
        return (of_size,)
    return of_size, *(exact(name, marginal.mean, marginal.mean - room, marginal.mean + room, value)
                      for name, value in (("min", moments.minimum), ("max", moments.maximum)))  # fmt: skip


def observed(moments: Moments, mean: float) -> dict[str, float]:
    """What is checked of moments, the spread around the mean of the law."""
    around = moments.power - 2 * mean * moments.mean + mean**2
    return {"mean": moments.mean, STD: max(around, 0.0) ** 0.5, "min": moments.minimum, "max": moments.maximum}


def probability(checks: tuple[Check, ...]) -> float | None:
    """A bound on how likely the most unusual of the checks is in a correct draw (Bonferroni); None without a test."""
    tested = [check.chance for check in checks if check.chance is not None]
    return min(1.0, len(tested) * min(tested)) if tested else None


def log_likelihood(marginal: Marginal, moments: Moments, dtype: np.dtype) -> float:
    """The logarithm of the density of all weights; -∞ where some are outside its support, by more than rounding.

    The density has to be exp(a - b w²) where it is not 0, as those of normal, truncated and uniform laws are, so that
    mean square and extremes are all there is to know.
    """
    unit, scale = standard(marginal)
    if not moments.count or not scale or unit.distribution is None or unit.atoms:
        return -math.inf
    low, high = unit.support
    room = 4 * float(jnp.finfo(dtype).eps) * moments.largest
    if moments.minimum < low * scale - room or moments.maximum > high * scale + room:
        return -math.inf
    at, falls = _density(unit)
    return moments.count * (at - math.log(scale) - falls * moments.power / scale / scale)


@lru_cache(maxsize=64)
def _density(unit: Marginal) -> tuple[float, float]:
    """a and b of a density exp(a - b w²)."""
    places = np.array([unit.mean, unit.mean + 0.5 * unit.std])
    at = np.log(unit.pdf(places))
    falls = (at[0] - at[1]) / (places[1] ** 2 - places[0] ** 2)
    return float(at[0] + falls * places[0] ** 2), float(falls)
