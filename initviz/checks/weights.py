"""Weights that somebody has, judged by the initializer they are said to come from."""

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from initviz.checks.arrays import as_array
from initviz.checks.judgement import Judgement, judge
from initviz.checks.observation import Observation, not_varying, observe
from initviz.engine.summary import Bins
from initviz.initializers.base import Initializer
from initviz.initializers.plan import Plan
from initviz.initializers.resolve import resolve

SINGLE = {np.dtype(np.float64): np.float32, np.dtype(np.complex128): np.complex64}
"""Double precision -> the single one."""


def check(weights: Any, initializer: Initializer | str, dtype: Any = None) -> Judgement:
    """Whether weights look as if this initializer had drawn them: false where, as a whole, that is unlikely at 99 %.

    >>> import jax
    >>> from initviz.initializers import he_normal, zeros
    >>> weights = he_normal()(jax.random.key(0), (256, 256))
    >>> bool(check(weights, he_normal())), bool(check(1.5 * weights, he_normal()))
    (True, False)
    >>> print(check([0.0, 0.5], zeros))
    zeros() · 2 · float64: unlikely as a whole: fewer than 1 draw in 10,000 is as far off.
    ✗ mean                       expected 0, found 0.25: fewer than 1 draw in 10,000
    ✗ std around the law's mean  expected 0, found 0.3536: fewer than 1 draw in 10,000
    ✓ min                        expected 0, found 0
    ✗ max                        expected 0, found 0.5: fewer than 1 draw in 10,000

    The law counts fans on the axes as jax does: transpose a weight of PyTorch's `nn.Linear`, whose outputs come first,
    and move the axes of a convolution's to (height, width, inputs, outputs).

    Args:
        weights: one array of any shape and dtype: NumPy, jax, or what has `__array__`.
        initializer: what they are said to be drawn by, such as `he_normal()`, or its name.
        dtype: dtype they were drawn in, if they were cast since; else their own precision counts, which is that of
            float32 where doubles hold nothing more.

    Raises:
        TypeError: the weights are no array of numbers, or the initializer is none; the message says what to pass.
        ValueError, IndexError: the initializer cannot draw this shape.
    """
    array = as_array(weights)
    plan = plan_of(resolve(initializer), array, dtype)
    observation = observe_by(plan, array)
    return Judgement(plan, observation, judge(plan, observation))


def plan_of(initializer: Initializer, array: np.ndarray, dtype: Any = None) -> Plan:
    """How an array would have been drawn. Without a dtype, that of the array, which may be one that jax cannot draw.

    Raises:
        TypeError, ValueError, IndexError: the initializer cannot draw this shape, or not in this dtype.
    """
    try:
        any_dtype = "complex64" if np.iscomplexobj(array) else "float32"
        plan = initializer.plan(array.shape, any_dtype if dtype is None else dtype)
    except (TypeError, ValueError, IndexError) as refusal:
        if array.ndim > 1:
            raise
        raise ValueError(
            f"{initializer} cannot be asked about weights of shape {array.shape}: {refusal} "
            "For a bias pass for instance zeros, normal(stddev) or uniform(scale)."
        ) from None
    return plan if dtype is not None else replace(plan, dtype=precision_of(array))


def precision_of(array: np.ndarray) -> np.dtype:
    """The dtype whose rounding an array shows: its own, or single precision where doubles hold nothing more."""
    if array.dtype in SINGLE:
        with np.errstate(over="ignore"):
            single = array.astype(SINGLE[array.dtype])
        return single.dtype if np.array_equal(single, array, equal_nan=True) else array.dtype
    return array.dtype if jnp.issubdtype(array.dtype, jnp.inexact) else np.dtype(np.float64)


def observe_by(plan: Plan, array: np.ndarray) -> Observation:
    """The observation of an array in the unfolding of a plan, and in bins that suit its law and the array."""
    bins = Bins.fitting(plan.ensemble.marginal, array).reaching(Bins.covering(array))
    return observe(array, bins, plan.unfolding, not_varying(plan))
