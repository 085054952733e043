"""Weights of several scales, drawn and summarized in parts."""

import jax
import numpy as np
import pytest

from initviz import engine
from initviz.engine.summary import PIECE, Bins
from initviz.initializers import normal, variance_scaling

SHAPE = (3, 100, 2048)  # some pieces, none of which a slice is made of


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
@pytest.mark.parametrize("scale", [np.reshape([1, 0.5, 0], (3, 1, 1)), np.linspace(0, 1, 200)], ids=["slices", "last"])
def test_a_summary_in_parts_is_that_of_the_draw(scale, dtype, key):
    shape = SHAPE if scale.ndim > 1 else (3, 1024, 200)
    assert np.prod(shape) > PIECE
    ensemble = normal(scale).plan(shape, dtype).ensemble
    drawn, bins, shares = engine.draw(ensemble, key, shape, dtype), Bins.of(ensemble.marginal), []
    whole = engine.summarize_array(drawn, bins)
    parts = engine.summarize(ensemble, key, shape, dtype, bins, shares.append)
    assert (parts.count, parts.zeros, parts.minimum, parts.maximum) == (
        whole.count, whole.zeros, whole.minimum, whole.maximum
    )  # fmt: skip
    assert np.array_equal(parts.histogram, whole.histogram)
    assert (parts.mean, parts.std) == (pytest.approx(whole.mean, abs=1e-6), pytest.approx(whole.std, rel=1e-6))
    assert shares[-1] == 1
    assert len(shares) > 1


def test_single_weights_are_those_of_the_draw(key):
    ensemble = variance_scaling(np.reshape([1, 0.5, 2], (3, 1, 1)), "fan_in", "uniform").plan(SHAPE).ensemble
    drawn = np.asarray(engine.draw(ensemble, key, SHAPE, "float32")).ravel()
    positions = np.random.default_rng(0).integers(0, drawn.size, (7, 5))
    np.testing.assert_allclose(engine.draw_at(ensemble, key, positions, "float32"), drawn[positions], rtol=1e-6)


def test_0_is_in_no_two_bins():
    for scale in ([1, 0], [0, 0.001, 2]):
        bins = Bins.of(normal(np.reshape(scale, (-1, 1, 1))).plan((len(scale), 4, 4)).ensemble.marginal)
        assert -bins.low / bins.width % 1 == pytest.approx(0.5)


def test_other_generators_draw_it_whole():
    key, ensemble = jax.random.key(0, impl="rbg"), normal(np.reshape([1, 0.5, 2], (3, 1, 1))).plan((3, 4, 4)).ensemble
    assert engine.summarize(ensemble, key, (3, 4, 4), "float32").count == 48
