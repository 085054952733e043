"""What is seen of weights, without a word on what they should be: a draw of ours and an array of the user's alike."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np

from initviz import engine
from initviz.checks.arrays import as_array
from initviz.engine.summary import Bins, Summary
from initviz.initializers.plan import Plan
from initviz.laws.by_value import ByValue
from initviz.laws.ensembles import Ensemble
from initviz.matrices.svd import singular_values
from initviz.matrices.unfolding import Unfolding, unfold, within
from initviz.spectra import Spectrum
from initviz.wording import quoted

SPECTRUM_BUDGET = 2048**3
"""rows × columns × min(rows, columns) up to which all singular values are computed: 0.9 s measured on one 2026 core."""
WHOLE = 2**22
"""Most weights of a draw that are held in memory; larger draws are summarized without being made."""


@dataclass(frozen=True, eq=False)
class Observation(ByValue):
    """What is seen of weights of one tensor. Several are comparable where `summary.bins` are equal."""

    shape: tuple[int, ...]
    dtype: np.dtype
    summary: Summary
    unfolding: Unfolding | None
    """How the tensor is flattened for its singular values; None below two axes or without weights."""
    singular_values: np.ndarray
    """Descending, of the matrix that `unfolding` describes; empty where `no_spectrum` says why."""
    no_spectrum: str = ""
    weights: Any = field(default=None, repr=False)
    """The weights themselves, where they are in memory."""

    __hash__ = None  # it may hold all weights

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the matrix whose singular values were computed; 0 × 0 without one."""
        return self.unfolding.size if len(self.singular_values) else (0, 0)


def observe(
    weights: Any, bins: Bins | None = None, unfolding: Unfolding | None = None, precise: bool = False
) -> Observation:
    """What there is to see of an array: moments, extremes, histogram and singular values.

    >>> import numpy as np
    >>> observed = observe(np.arange(12.0).reshape(4, 3))
    >>> observed.summary.mean, observed.singular_values.round(2).tolist()
    (5.5, [22.45, 1.46, 0.0])

    Args:
        weights: of any shape and dtype: NumPy, jax, or what has `__array__`. Computed in double precision where jax
            would round them, in single precision where they are narrower.
        bins: of the histogram, for instance `Bins.union` of those of several arrays; over the values by default.
        unfolding: how the matrix is made of the tensor; by default the last axis runs across, all others down.
        precise: whether singular values are computed in double precision, whatever the dtype.

    Raises:
        TypeError: the weights are no array of numbers, or the bins none; the message says what to pass instead.
    """
    array = as_array(weights)
    if not isinstance(bins, Bins | None):
        raise TypeError(
            f"bins must be Bins, got {quoted(bins)}. Leave them out, or pass those of another observation: "
            "observed.summary.bins."
        )
    if unfolding is None and array.ndim > 1 and array.size:
        unfolding = unfold(array.shape, (array.ndim - 1,))
    summary = engine.summarize_array(array, bins or Bins.covering(array))
    return _observation(array.shape, array.dtype, summary, unfolding, partial(_matrix, array), precise, array)


def observe_draw(
    plan: Plan, key, bins: Bins | None = None, progress: Callable[[float], None] | None = None
) -> Observation:
    """The same of the draw of a plan with that key; in parts, without making it, where it has more than `WHOLE`.

    Args:
        plan: what is drawn.
        key: jax PRNG key.
        bins: of the histogram; by default over the support of the law.
        progress: called with the finished share of a draw made in parts.

    Raises:
        engine.Cancelled: `progress` raised it, as it may raise anything else.
    """
    ensemble, precise = plan.ensemble, not_varying(plan)
    if plan.size > WHOLE and engine.made_in_parts(ensemble, key):
        summary = engine.summarize(ensemble, key, plan.shape, plan.dtype, bins or Bins.of(ensemble.marginal), progress)

        def matrix(unfolding):
            return engine.draw_at(ensemble, key, unfolding.positions(), plan.dtype)

        return _observation(plan.shape, plan.dtype, summary, plan.unfolding, matrix, precise)
    drawn = engine.draw(ensemble, key, plan.shape, plan.dtype)
    summary = engine.summarize_array(drawn, bins or Bins.fitting(ensemble.marginal, drawn))
    return _observation(plan.shape, plan.dtype, summary, plan.unfolding, partial(_matrix, drawn), precise, drawn)


def _observation(shape, dtype, summary, unfolding, matrix_of: Callable, precise: bool, weights=None) -> Observation:
    unfolding, why = unfolding and within(unfolding, SPECTRUM_BUDGET), _no_spectrum(shape, summary)
    values = np.zeros(0, np.float32)
    if not why:
        matrix = matrix_of(unfolding)
        values = singular_values(_widest(matrix) if precise or np.dtype(dtype).kind in "biu" else matrix)
        if not np.isfinite(values).all():  # those of weights that single precision just holds
            values = singular_values(_widest(matrix))
        if not np.isfinite(values).all():
            why, values = "The weights are so large that their singular values are infinite.", values[:0]
    return Observation(tuple(shape), np.dtype(dtype), summary, unfolding, values, why, weights)


def _no_spectrum(shape: tuple[int, ...], summary: Summary) -> str:
    if not math.prod(shape):
        return "No weights, so no singular values."
    if len(shape) < 2:
        return "Fewer than two axes, so no matrix and no singular values."
    if summary.not_finite:
        return f"{summary.not_finite:,} of the weights are NaN or infinite, so there are no singular values."
    return ""


def _matrix(weights, unfolding: Unfolding):
    """The matrix of a tensor; of a large one only what is looked at is copied."""
    if unfolding.block is None or not isinstance(weights, np.ndarray):
        return unfolding.matrix(weights)
    return weights[np.unravel_index(unfolding.positions(), weights.shape)]


def _widest(matrix) -> np.ndarray:
    """In double precision: singular values that do not vary are checked to the rounding of the draw, not of LAPACK."""
    matrix = np.asarray(matrix)
    return matrix.astype(np.complex128 if np.iscomplexobj(matrix) else np.float64)


def matrix_ensemble(ensemble: Ensemble, unfolding: Unfolding | None) -> Ensemble:
    """What the matrix that a tensor is flattened to is drawn from: the first slice along what is left out."""
    return ensemble.first(unfolding.batch if unfolding else ())


@lru_cache(maxsize=16)  # its tables, which take milliseconds, are kept with it
def expected_spectrum(ensemble: Ensemble, size: tuple[int, int]) -> Spectrum | None:
    """The law of the singular values of a matrix of that size; None without a law or without a matrix."""
    return ensemble.spectrum(*size) if all(size) else None


def not_varying(plan: Plan) -> bool:
    """Whether the singular values of a draw are the same in every one, so that they are worth double precision."""
    size = within(plan.unfolding, SPECTRUM_BUDGET).size if plan.unfolding else (0, 0)
    spectrum = expected_spectrum(matrix_ensemble(plan.ensemble, plan.unfolding), size)
    return spectrum is not None and not spectrum.bulk_count
