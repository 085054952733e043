"""Recipes: every one builds, draws what its formula says, and has numbers to judge; and their recorded numbers."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from oracles import refused
from recorded import NUMBERS

from initviz.networks import RECIPES, Network, jacobian_values, judge, measure, predict
from initviz.networks.drawing import drawn
from initviz.networks.scales import deepnorm_scales, fixup_scale, gpt2_std, spectral_std, tfixup_scales

SIZES = [(2, 24), (12, 48)]


def recorded(prefix):
    """Entries of the recorded numbers."""
    found = [name for name in NUMBERS if name.startswith(prefix)]
    assert found
    return [NUMBERS[name] for name in found]


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize(("depth", "width"), SIZES)
def test_what_is_drawn_is_what_the_formula_says(name, depth, width):
    recipe = RECIPES[name]
    network = recipe.network(depth, width)
    assert (network.depth, network.width) == (depth, width)
    std = recipe.std(depth, width)
    assert network.plan.ensemble.marginal.std == pytest.approx(std, rel=1e-6)
    layers = drawn(replace(network, factors=()), 0).layers
    weights = layers.weights[:depth] * layers.factors[:depth, None, None]
    kurtosis = 3 * (9 if network.padding else 1)  # at most: of delta kernels eight of nine are 0
    assert weights.std() == pytest.approx(std, rel=4 * np.sqrt((kurtosis - 1) / (4 * weights.size)))
    assert network.branch == (recipe.branch(depth) if recipe.branch else None)


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize("name", RECIPES)
def test_its_network_can_be_judged_and_explained(name):
    recipe = RECIPES[name]
    network = recipe.network(8, 32)
    *_, found = measure(network, 2)
    assert np.isfinite(found.square).all()
    assert (found.square > 0).all()
    assert np.isfinite(found.gradient).all()
    assert (found.gradient > 0).all() == (network.branch != 0)  # a branch of 0 has no gradients
    assert all(judge(network, found).words)
    assert np.isfinite(predict(network).square).all()
    if not network.padding:
        values = jacobian_values(network)
        assert np.isfinite(values).all()
        if network.branch == 0:
            np.testing.assert_allclose(values, 1, rtol=1e-12)  # the identity
    for text in (recipe.title, recipe.formula, recipe.source, recipe.known_for):
        assert text
    assert recipe.known_for.endswith(".")
    assert recipe.leaves_out.endswith(".") or not recipe.leaves_out


def test_other_settings_take_the_place_of_its_own():
    network = RECIPES["he"].network(3, 16, activation="tanh", seed=5)
    assert (network.activation, network.seed) == ("tanh", 5)
    refused(ValueError, "depth must be a whole number from 1 to 200, got 0. Use 1.", RECIPES["he"].network, 0)


def test_orthogonal_tanh_is_isometric_at_criticality_and_others_are_not():
    values = jacobian_values(RECIPES["orthogonal"].network(20, 128))
    assert values[0] / values[-1] < 4
    values = jacobian_values(RECIPES["xavier"].network(20, 128))
    assert values[0] / values[-1] > 1e6


def test_the_stream_of_gpt2_grows_without_its_scaling():
    """With a norm before it, h does not show it."""
    grown, kept = (RECIPES[name].network(24, 256) for name in ("gpt2_unscaled", "gpt2"))
    for network in (grown, kept):
        (found,), theory = measure(network), predict(network)
        np.testing.assert_allclose(found.leaves[0], theory.leaves, rtol=0.2)
        np.testing.assert_allclose(found.square[0], theory.square, rtol=0.2)
    added = predict(grown).leaves[-1] - 1, predict(kept).leaves[-1] - 1
    assert added[0] > 30 * added[1]  # 2 L = 48 for branches that do not add up


def test_delta_orthogonal_keeps_gradients():
    (found,) = measure(RECIPES["delta_orthogonal"].network(50, 32))
    assert found.gradient[0, 0] == pytest.approx(found.gradient[0, -1], rel=0.3)


def test_recorded_numbers_of_recipes():
    for entry in recorded("11.gpt2_residual_std"):
        assert gpt2_std(entry["inputs"]["L"]) == pytest.approx(entry["value"], abs=entry["tolerance"])
    for entry in recorded("11.fixup_m2"):
        assert fixup_scale(entry["inputs"]["L"], entry["inputs"]["m"]) == pytest.approx(
            entry["value"], abs=entry["tolerance"]
        )
    for entry in recorded("11.tfixup"):
        assert tfixup_scales(entry["inputs"]["N"]) == pytest.approx(entry["value"], abs=entry["tolerance"])
    for entry in recorded("11.deepnet_decoder"):
        assert deepnorm_scales(entry["inputs"]["N"]) == pytest.approx(entry["value"], abs=entry["tolerance"])
    for entry in recorded("11.spectral"):
        sizes = entry["inputs"]["n_in"], entry["inputs"]["n_out"]
        assert spectral_std(*sizes) == pytest.approx(entry["value"], abs=entry["tolerance"])
    refused(ValueError, "layers must be a whole number from 2 to 1000, got 1. Use 2.", fixup_scale, 16, 1)


@pytest.mark.parametrize(("prefix", "branch"), [("11.residual_plain", lambda depth: 1.0),
                                                ("11.residual_inv_sqrt_L", lambda depth: depth**-0.5)])  # fmt: skip
def test_recorded_growth_of_residual_streams(prefix, branch):
    """A linear branch keeps the mean square: h of the layer after the last is what leaves it."""
    for entry in recorded(prefix):
        layers = entry["inputs"]["L"]
        network = RECIPES["flax"].network(layers + 1, 32, activation="linear", branch=branch(layers))
        assert predict(network).square[-1] == pytest.approx(entry["value"], rel=1e-9)


def test_what_is_no_recipe_or_no_setting_of_one_is_refused_by_name():
    known = ", ".join(RECIPES)
    with pytest.raises(KeyError) as refusal:
        RECIPES["heh"]
    assert refusal.value.args == (f"the recipes are {known}, got 'heh'. Did you mean he?",)
    with pytest.raises(KeyError) as refusal:
        RECIPES["foo"]
    assert refusal.value.args == (f"the recipes are {known}, got 'foo'. Choose one.",)
    assert "heh" not in RECIPES
    assert RECIPES.get("heh") is None
    fields = ", ".join(field.name for field in dataclasses.fields(Network))
    for make in (RECIPES["he"].network, RECIPES["lsuv"].start):
        refused(TypeError, f"the settings of a network are {fields}, got 'depht'. Did you mean depth?",
                lambda make=make: make(depht=3))  # fmt: skip
