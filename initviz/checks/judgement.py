"""Judgement: what theory says of weights beside what was seen of them, each check by itself and all together."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from initviz.checks import words
from initviz.checks.base import STD, UNLIKELY, Check, eps_of, exact, rounding_of, untested
from initviz.checks.confidence_bands import cdf_reach, histogram_band, resolution
from initviz.checks.entries import entry_checks, lost_in
from initviz.checks.observation import Observation, expected_spectrum, matrix_ensemble
from initviz.checks.values import value_checks
from initviz.engine.summary import Summary
from initviz.initializers.plan import Plan
from initviz.laws.ensembles import Ensemble
from initviz.laws.lost import Lost
from initviz.matrices.unfolding import Unfolding
from initviz.spectra import Rank, Spectrum, ranks


def judge(plan: Plan, observation: Observation) -> tuple[Check, ...]:
    """Checks of the entries, then of the singular values; none of no weights.

    >>> from initviz.checks import observe
    >>> from initviz.initializers import ones
    >>> judge(ones.plan((2, 2)), observe([[1.0, 1.0], [1.0, 1.0]]))[0].within
    True

    Raises:
        TypeError: the first is no plan, or the second no observation.
        ValueError: the plan is for another shape.
    """
    if not (isinstance(plan, Plan) and isinstance(observation, Observation)):
        raise TypeError(
            f"judge needs a plan, then an observation, got {type(plan).__name__} and {type(observation).__name__}. "
            "Write judge(he_normal().plan(weights.shape), observe(weights))."
        )
    if plan.shape != observation.shape:
        raise ValueError(
            f"the plan must be for the shape of the weights, {observation.shape}, got one for {plan.shape}. "
            f"Ask the initializer for plan({observation.shape})."
        )
    ensemble, dtype = plan.ensemble, max(plan.dtype, observation.dtype, key=eps_of)
    of_matrix = matrix_ensemble(ensemble, observation.unfolding)
    spectrum = expected_spectrum(of_matrix, observation.size)
    with np.errstate(over="ignore", invalid="ignore"):  # of what is far from anything expected
        further = (
            *_pattern_checks(ensemble, dtype, observation),
            *value_checks(of_matrix, dtype, spectrum, observation.size, observation.singular_values),
        )
        of_entries = entry_checks(ensemble, dtype, observation.summary)
    lost = lost_in(ensemble, dtype, observation.summary)
    return *of_entries, *(map(untested, further) if lost else further)


def _pattern_checks(ensemble: Ensemble, dtype, observation: Observation) -> tuple[Check, ...]:
    """Of constants that differ from place to place, or are not finite, and so have no mean: how far each is off."""
    value, known = getattr(ensemble, "value", None), ensemble.marginal is not None and not ensemble.not_finite
    if value is None or known or observation.weights is None or not math.prod(observation.shape):
        return ()
    value, weights = np.asarray(value), np.asarray(observation.weights)
    wide = np.complex128 if np.iscomplexobj(value) or np.iscomplexobj(weights) else np.float64
    value, weights = value.astype(wide), weights.astype(wide)
    alike = (weights == value) | (np.isnan(weights) & np.isnan(value))
    distances, sizes = (
        np.where(alike, 0.0, np.nan_to_num(np.abs(weights - value), nan=np.inf, posinf=np.inf)),
        np.abs(value),
    )
    room = rounding_of(dtype, float(sizes[np.isfinite(sizes)].max(initial=0.0)))
    return (exact("farthest from its value", 0.0, 0.0, room, float(distances.max())),)


@dataclass(frozen=True, eq=False, repr=False)
class Judged:
    """Weights and their theory: the plan, the observation and the checks. Prints itself in a terminal and a notebook.

    Compared by identity, and always true: `likely` is the verdict. Everything that views show of weights is an
    attribute here.
    """

    plan: Plan
    observation: Observation
    checks: tuple[Check, ...]

    @property
    def summary(self) -> Summary:
        """Count, moments, extremes and histogram."""
        return self.observation.summary

    @property
    def unfolding(self) -> Unfolding | None:
        """How the tensor is flattened for its singular values."""
        return self.observation.unfolding

    @property
    def singular_values(self) -> np.ndarray:
        """Descending, of the matrix that `unfolding` describes; empty where `no_spectrum` says why."""
        return self.observation.singular_values

    @property
    def no_spectrum(self) -> str:
        """Why there are no singular values; empty where there are."""
        return self.observation.no_spectrum

    @property
    def spectrum(self) -> Spectrum | None:
        """The law of the singular values; None without one."""
        return expected_spectrum(self.of_matrix, self.observation.size)

    @property
    def of_matrix(self) -> Ensemble:
        """What the matrix of the singular values is drawn from."""
        return matrix_ensemble(self.plan.ensemble, self.unfolding)

    @cached_property
    def band(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Lowest and highest count of each bin of `summary.coarse()` in 99 % of draws; None without a valid band."""
        if not self.summary.count:
            return None
        coarse = self.summary.coarse()[0]
        return histogram_band(self.plan.ensemble, coarse, self.summary.count, resolution(self.plan.dtype))

    @cached_property
    def reach(self) -> float | None:
        """Largest distance of the distribution functions of draw and law in 99 % of draws; None without a valid one."""
        return cdf_reach(self.plan.ensemble, self.summary.count) if self.summary.count else None

    @cached_property
    def ranks(self) -> dict[str, Rank]:
        """Condition number and ranks of the spectrum, observed and expected; none without a spectrum."""
        return ranks(self.singular_values, self.spectrum)

    @property
    def lost(self) -> Lost:
        """What the dtype cannot hold of the law; where that is anything, no check is tested."""
        return lost_in(self.plan.ensemble, self.coarser, self.summary)

    @property
    def coarser(self) -> np.dtype:
        """The dtype with fewer digits, of the plan's and that of the weights."""
        return max(self.plan.dtype, self.observation.dtype, key=eps_of)

    @property
    def probability(self) -> float:
        """A bound on how likely the most unusual of all checks is in a correct draw; 1 where none was tested.

        The least of the probabilities times their number, which holds however the checks depend on each other
        (Bonferroni), so that of correct draws at most 1 % are below 1 %. In a dtype of few values, where a large draw
        does not follow the exact law and single checks show it, that is taken as given.
        """
        tested = [check.chance for check in self.checks if check.chance is not None]
        return min(1.0, len(tested) * min(tested)) if tested else 1.0

    @property
    def likely(self) -> bool:
        """Whether the draw as a whole is among the 99 % that are least unusual, or there is nothing to tell."""
        return self.probability >= UNLIKELY

    @property
    def too_few(self) -> bool:
        """Whether there are so few weights that twice the standard deviation would pass."""
        std = next((check for check in self.checks if check.name == STD), None)
        return std is not None and self.plan.ensemble.independent and std.high > 2 * std.expected

    def __str__(self):
        return words.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return words.html(self)


class Judgement(Judged):
    """What `check` returns: false where the draw as a whole is unlikely."""

    def __bool__(self):
        return self.likely
