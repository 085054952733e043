"""Whether weights follow the law of a plan."""

import numpy as np
from oracles import SIGMAS, mean_deviation, variance_deviation
from scipy import stats


def same_law(weights, plan) -> bool:
    """Whether weights in the order here follow the law of a plan, by what is known of it."""
    ensemble = plan.ensemble
    assert weights.shape == plan.shape
    if ensemble.block:
        if ensemble.sparse:
            whole, weights = weights, weights[ensemble.centre]
            assert np.count_nonzero(whole) == np.count_nonzero(weights)
        matrix = np.moveaxis(weights, ensemble.block.column_axis, -1)
        singular = np.linalg.svd(matrix.reshape(-1, matrix.shape[-1]), compute_uv=False)
        return bool(np.allclose(singular, float(ensemble.block.scale), atol=1e-4))
    if np.ndim(getattr(ensemble, "value", 0.0)):
        return bool(np.all(weights == np.broadcast_to(ensemble.value, plan.shape)))
    marginal = ensemble.marginal
    if not marginal.std:
        return bool(np.allclose(weights, marginal.mean, rtol=1e-6))
    low, high = marginal.support
    outside = np.count_nonzero((weights < low - 1e-6 * abs(low)) | (weights > high + 1e-6 * abs(high)))
    return bool(
        outside <= 1 + weights.size // 10_000  # Keras on PyTorch lets one in 200,000 pass its cut
        and mean_deviation(marginal, weights) < SIGMAS
        and variance_deviation(marginal, weights) < SIGMAS
        and stats.kstest(weights.ravel(), marginal.cdf).pvalue > 1e-6
    )
