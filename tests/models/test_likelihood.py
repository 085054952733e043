"""Likelihoods are SciPy's, of sufficient statistics alone; checks of a part agree with those of all weights."""

import jax
import numpy as np
import pytest
from tensors import tensor

from initviz.initializers import he_normal, lecun_uniform, normal, orthogonal, truncated_normal, uniform, zeros
from initviz.models.likelihood import checks_of, log_likelihood, plan_for, probability
from initviz.models.seen import moments_of, see
from initviz.models.tensor import Role

DENSE = Role("Dense", (0,), (1,))


@pytest.mark.parametrize("initializer", [
    normal(0.3), truncated_normal(0.3), truncated_normal(0.1, lower=0.0), lecun_uniform(), uniform(0.4), he_normal(),
], ids=str)  # fmt: skip
def test_the_likelihood_is_that_of_every_weight(initializer):
    weights = np.asarray(initializer(jax.random.key(0), (40, 30), np.float32))
    marginal = initializer.plan(weights.shape).ensemble.marginal
    expected = np.log(marginal.pdf(weights.astype(float))).sum()
    assert log_likelihood(marginal, moments_of(weights), weights.dtype) == pytest.approx(expected, rel=1e-5)


def test_weights_outside_the_support_are_impossible():
    marginal = lecun_uniform().plan((40, 30)).ensemble.marginal
    outside = moments_of(np.array([0.1, 2 * marginal.support[1]]))
    assert log_likelihood(marginal, outside, np.dtype(np.float32)) == -np.inf


def seen_of(weights):
    return see(tensor(shape=weights.shape, weights=weights), DENSE)


@pytest.mark.parametrize("initializer", [normal(0.02), he_normal(), lecun_uniform()], ids=str)
def test_a_large_tensor_is_judged_by_all_of_its_moments(initializer):
    weights = np.asarray(initializer(jax.random.key(1), (1500, 700), np.float32))
    seen = seen_of(weights)
    plan = plan_for(initializer, weights.shape, seen)
    assert seen.in_part
    assert probability(checks_of(plan, seen)) > 0.01
    off = seen_of(np.float32(1.004) * weights)  # 4 times the standard error of all, and 1 of the part
    std = next(check for check in checks_of(plan, off) if check.name.startswith("std"))
    assert std.within is False


def test_large_constants_and_orthogonal_matrices_are_judged_by_their_size():
    for initializer in (zeros, orthogonal()):
        weights = np.asarray(initializer(jax.random.key(0), (700, 300), np.float32))
        seen = seen_of(weights)
        plan = plan_for(initializer, weights.shape, seen)
        assert seen.in_part
        assert probability(checks_of(plan, seen)) == 1
        assert probability(checks_of(plan, seen_of(weights + np.float32(0.01)))) == 0
