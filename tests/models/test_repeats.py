"""Weights repeat as often as the rounding to their dtype explains, and far more often where they were drawn in it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tensors import tensor

from initviz.initializers import glorot_uniform, he_normal, lecun_normal, normal
from initviz.models.repeats import expected_repeats, repeats
from initviz.models.seen import see
from initviz.models.tensor import Role

LAWS = [lecun_normal(), normal(0.02), glorot_uniform(), he_normal()]


def chance(initializer, weights):
    seen = see(tensor(shape=weights.shape, weights=np.asarray(weights)), Role("Dense", (0,), (1,)))
    (check,) = repeats(initializer.plan(weights.shape).ensemble.marginal, seen.precision, seen)
    return check.probability


@pytest.mark.parametrize("initializer", LAWS, ids=str)
@pytest.mark.parametrize("size", [16, 64, 256])
def test_what_was_drawn_in_few_digits_is_told_from_what_was_cast(initializer, size):
    key, shape = jax.random.key(size), (size, size)
    drawn = initializer(key, shape, jnp.bfloat16)
    assert chance(initializer, drawn) < 1e-6
    assert chance(initializer, drawn.astype(jnp.float32)) < 1e-6
    wide = initializer(key, shape, jnp.float32)
    assert chance(initializer, wide) > 0.01
    assert chance(initializer, wide.astype(jnp.bfloat16)) > 0.01
    assert chance(initializer, wide.astype(jnp.bfloat16).astype(jnp.float32)) > 0.01


@pytest.mark.parametrize("initializer", LAWS, ids=str)
def test_the_expected_number_is_that_of_a_simulation(initializer):
    marginal = initializer.plan((48, 64)).ensemble.marginal
    draws = np.asarray(
        initializer(
            jax.random.key(2),
            (48, 64 * 200),
            np.float32,
        )
    ).reshape(200, -1)
    scaled = draws * (marginal.std / draws.std())  # fans of one draw alone
    counts = [row.size - np.unique(row.astype(jnp.bfloat16)).size for row in scaled]
    error = np.std(counts) / len(counts) ** 0.5
    expected = expected_repeats(marginal, np.dtype(jnp.bfloat16), scaled.shape[1])
    assert np.mean(counts) == pytest.approx(expected, abs=5 * error + 0.003 * expected)
    assert np.var(counts) < 1.2 * expected  # Poisson's variance is enough
