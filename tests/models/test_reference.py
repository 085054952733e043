"""The law that a tensor is looked at beside: the declared one, else the likely one, else a normal one of its spread."""

import jax
import numpy as np
import pytest

from initviz.checks import check
from initviz.initializers import he_normal, normal, variance_scaling
from initviz.models import audit
from initviz.models.reference import reference

KEY = jax.random.key(0)


def of(model, recipe=None, path="kernel"):
    """What a tensor of a model is looked at beside."""
    found = audit(model, recipe)
    return reference(found, found[path])


def test_it_is_what_is_declared_whatever_the_weights_are():
    for recipe in ("lecun_normal", "normal(0.02)", "orthogonal"):
        law = of({"kernel": he_normal()(KEY, (32, 16))}, {"**/kernel": recipe})
        assert repr(law).partition("(")[0] == recipe.partition("(")[0]
    assert repr(of({"kernel": np.ones((32, 16))}, {"**/kernel": "normal(0.02)"})) == "normal(stddev=0.02)"


def test_without_a_rule_it_is_what_the_weights_look_like():
    assert repr(of({"kernel": he_normal()(KEY, (64, 64))})) == "he_normal()"
    for recipe in (None, {"**/kernel": "zeros"}):
        assert repr(of({"kernel": np.ones((8, 8)), "bias": np.zeros(3)}, recipe, "bias")) == "zeros()"


def test_of_what_nothing_known_has_drawn_it_is_a_normal_law_of_its_spread():
    trained = np.random.default_rng(0).standard_t(2, (64, 64)).astype("f4")
    found = audit({"kernel": trained})
    assert not found["kernel"].likely.laws
    assert repr(reference(found, found["kernel"])) == repr(normal(found["kernel"].seen.moments.std))
    assert reference(found, found["kernel"]).stddev == pytest.approx(trained.std(), rel=1e-4)


@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal"])
def test_where_a_law_of_no_known_spread_fits_it_is_that_one(distribution):
    weights = variance_scaling(3.3, "fan_in", distribution)(KEY, (64, 32))
    law = of({"kernel": weights})
    assert (law.distribution, law.mode) == (distribution, "fan_in")
    assert law.scale == pytest.approx(3.3, rel=0.01)
    assert check(weights, law)


def test_of_no_weights_at_all_it_is_none_too():
    assert repr(of({"kernel": np.zeros((0, 4))})) == "normal(stddev=0.0)"
