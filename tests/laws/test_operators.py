"""Laws of convolutions with few channels, strides, groups and transposes, against kernels drawn by jax."""

import math

import jax
import numpy as np
import pytest

from initviz.initializers import delta_orthogonal, he_normal, normal, orthogonal, uniform, variance_scaling
from initviz.matrices.convolutions import convolution_spectrum
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import EXACT, LIMIT

BACK = Sliding((2,), transposed=True)
CASES = {
    "one input": (normal(1.0), (3, 3, 1, 8), PLAIN),
    "one output": (he_normal(), (3, 3, 8, 1), PLAIN),
    "one of each": (normal(1.0), (5, 1, 1), PLAIN),
    "three colours": (he_normal(), (3, 3, 3, 16), PLAIN),
    "a mean": (uniform(1.0), (3, 3, 2, 2), PLAIN),
    "a mean and one input": (uniform(1.0), (3, 3, 1, 8), PLAIN),
    "complex": (variance_scaling(1.0, "fan_in", "uniform"), (3, 2, 4), PLAIN),
    "stride": (he_normal(), (3, 3, 3, 8), Sliding((2,))),
    "stride and a mean": (uniform(1.0), (4, 4, 2, 3), Sliding((2,))),
    "stride of many channels": (he_normal(), (3, 20, 30), Sliding((2,))),
    "stride beyond the taps": (he_normal(), (2, 4, 3), Sliding((4,))),
    "dilation": (normal(1.0), (3, 2, 4), Sliding(dilation=(2,))),
    "depthwise": (he_normal(), (3, 3, 1, 16), Sliding(groups=16)),
    "transposed": (he_normal(), (4, 4, 3, 2), BACK),
    "orthogonal": (orthogonal(), (3, 3, 2, 4), PLAIN),
    "orthogonal by inputs": (orthogonal(column_axis=-2), (3, 3, 4, 2), Sliding((2,))),
    "orthogonal, wide": (orthogonal(), (2, 3, 4), PLAIN),
    "orthogonal, stride": (orthogonal(), (3, 3, 2, 4), Sliding((2,))),
    "orthogonal, transposed": (orthogonal(), (4, 4, 3, 2), BACK),
    "orthogonal, depthwise": (orthogonal(), (3, 3, 1, 16), Sliding(groups=16)),
    "delta-orthogonal, groups": (delta_orthogonal(), (3, 2, 8), Sliding(groups=4)),
    "delta-orthogonal, stride": (delta_orthogonal(), (3, 2, 8), Sliding((2,), padding="SAME")),
}
DRAWS = 200


@pytest.mark.slow(keeps=3)
@pytest.mark.parametrize("name", CASES)
def test_the_pooled_values_of_many_kernels_follow_the_law(name):
    initializer, shape, sliding = CASES[name]
    ensemble = initializer.plan(shape, "complex64" if name == "complex" else "float32").ensemble
    sizes = (8,) if len(shape) == 3 else (4, 4)
    law = ensemble.operator_spectrum(shape, sizes, sliding)
    dtype = np.dtype("complex64" if name == "complex" else "float32")
    kernels = jax.vmap(lambda key: ensemble.sample(key, shape, dtype))(jax.random.split(jax.random.key(5), DRAWS))
    values = np.array([convolution_spectrum(kernel, sizes, None, sliding) for kernel in np.asarray(kernels)])
    assert law.count == values.shape[1]
    assert law.holds != LIMIT
    pooled = np.sort(values, axis=None)
    rounding = 1e-5 * pooled[-1]
    below = np.searchsorted(pooled, pooled - rounding, side="left") / pooled.size
    at_most = np.searchsorted(pooled, pooled + rounding, side="right") / pooled.size
    distance = max(np.max(below - law.cdf(pooled)), np.max(law.cdf(pooled - rounding) - at_most))
    shares = (values[:, :, None] <= np.quantile(pooled, np.linspace(0.02, 0.98, 25))).mean(1)  # of each kernel
    error = shares.std(0).max() * DRAWS**-0.5
    if law.holds != EXACT:
        error = math.hypot(error, 0.5 * law.parts[0][0].sample.values.size ** -0.5)
    assert distance < 4 * error + rounding


def test_a_law_with_few_channels_says_where_it_comes_from_and_is_simulated_once():
    ensemble = normal(1.0).plan((3, 3, 1, 8), "float32").ensemble
    one, other = (normal(scale).plan((3, 3, 1, 8), "float32").ensemble for scale in (1.0, 3.0))
    law = ensemble.operator_spectrum((3, 3, 1, 8), (8, 8))
    assert law.holds == "simulated from 32,768 matrices"
    samples = [each.operator_spectrum((3, 3, 1, 8), (8, 8)).parts[0][0].sample for each in (one, other)]
    assert samples[0] is samples[1]
    assert law.reach[0] < 3 * 8**0.5 < law.reach[1]
    assert ensemble.operator_spectrum((3, 3, 1, 8), (8, 8), Sliding(padding="SAME")) is None


def test_patches_side_by_side_are_the_flattened_kernel():
    law = orthogonal().plan((4, 4, 3, 20), "float32").ensemble.operator_spectrum((4, 4, 3, 20), (8, 8), Sliding((4,)))
    assert law.points == ((1.0, 80),)
    assert law.holds == EXACT
