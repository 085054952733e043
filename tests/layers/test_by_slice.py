"""What is said of kernels with a scale for each slice: code, or the reason why there is none, and advice."""

import jax
import numpy as np
import pytest

from initviz.initializers import PerSlice, normal, truncated_normal, variance_scaling
from initviz.layers import Einsum, Experts, RawShape, Stack
from initviz.layers.advice import advise
from initviz.layers.translations import translations

SCALES = np.reshape([1, 0.5, 0], (3, 1, 1))
STACK, EXPERTS = Stack(depth=3, inputs=20, outputs=30), Experts(experts=3, inputs=20, outputs=30)
INITIALIZER = variance_scaling(SCALES, "fan_in", "normal", batch_axis=0)


def codes(layer, initializer=INITIALIZER):
    return {each.framework: each for each in translations(initializer, initializer.plan(layer.kernel), layer)}


@pytest.mark.parametrize("layer", [STACK, EXPERTS, RawShape(shape=(3, 20, 30))], ids=repr)
def test_jax_draws_the_same_weights(layer, key):
    code = codes(layer)["jax"].code
    assert code == (
        "jax.nn.initializers.variance_scaling(scale=jax.numpy.array([[[1.0]], [[0.5]], [[0.0]]]), mode='fan_in', "
        "distribution='normal', batch_axis=0)"
    )
    found = eval(code, {"jax": jax})(key, layer.kernel, np.float32)
    np.testing.assert_allclose(found, INITIALIZER(key, layer.kernel, np.float32), rtol=1e-6)


def test_a_raw_shape_has_one_call_in_flax():
    assert codes(RawShape(shape=(3, 20, 30)))["flax"].code == codes(STACK)["jax"].code.replace(
        "jax.nn.initializers", "flax.nnx.initializers"
    )


def test_flax_hands_every_layer_the_same_initializer():
    found = codes(STACK)["flax"]
    assert found.code == ""
    assert found.note == (
        "For kernel_init of each nnx.Linear under nnx.vmap or nnx.scan, which gets the shape (20, 30). "
        "Scales of slices do not fit it: draw the whole kernel with jax's call."
    )


def test_pytorch_and_keras_have_a_call_for_each_layer_of_a_stack():
    std = float(np.sqrt(1 / 20)), float(np.sqrt(0.5 / 20))
    found = codes(STACK)
    assert found["PyTorch"].code == (
        f"torch.nn.init.normal_(weights[0], std={std[0]!r})\ntorch.nn.init.normal_(weights[1], std={std[1]!r})\n"
        "torch.nn.init.constant_(weights[2], 0.0)"
    )
    assert found["PyTorch"].note == "For a list of weights, one of shape (30, 20) for each layer."
    assert found["Keras"].code == (
        f"[keras.initializers.RandomNormal(stddev={std[0]!r}),\n keras.initializers.RandomNormal(stddev={std[1]!r}),\n"
        " keras.initializers.Constant(0.0)]"
    )
    assert found["Keras"].note == "One for each layer, whose weight has the shape (20, 30)."


def test_slices_of_one_weight_are_filled_by_pytorch_and_refused_by_keras():
    found = codes(EXPERTS)
    assert found["PyTorch"].code.splitlines()[2] == "torch.nn.init.constant_(weight.select(0, 2), 0.0)"
    assert found["PyTorch"].note == "For a weight of shape (3, 30, 20)."
    assert found["Keras"].code == ""
    assert found["Keras"].note == "Keras: initializers take one number for a whole weight: draw it with jax's call."


def test_what_has_no_code_says_why():
    whole = normal(np.linspace(0.1, 1, 70).reshape(7, 10))
    found = codes(RawShape(shape=(7, 10)), whole)
    assert found["jax"].note == "An array of 70 values is too long to write out: pass your own."
    assert found["PyTorch"].note == "PyTorch: the scale differs along the axes 0, 1: draw with jax's call."
    many = codes(Stack(depth=70, inputs=2, outputs=2), normal(np.linspace(1, 2, 70)[:, None, None]))
    assert many["PyTorch"].note == "PyTorch: 70 slices are too many to write out: draw with jax's call."
    by_einsum = Einsum(equation="bei,eio->beo", sizes="e=3, i=20, o=30")
    assert codes(by_einsum)["flax"].code.startswith("flax.nnx.initializers.variance_scaling(scale=jax.numpy.array(")


def test_advice_is_of_the_fans_and_of_the_mean_over_the_slices():
    found = advise(INITIALIZER, INITIALIZER.plan(STACK.kernel), STACK)
    assert found.right
    assert found.gains == (
        "Mean square of centred activations, on average over the slices: × 0.5; of gradients: × 0.75."
    )
    assert {rule.std for rule in found.rules if rule.fan_in == 20} == {(0.5 / 20) ** 0.5}
    forgotten = variance_scaling(SCALES, "fan_in", "normal")
    corrected = advise(forgotten, forgotten.plan(STACK.kernel), STACK)
    assert corrected.corrected == repr(INITIALIZER)
    assert corrected.in_flax == ""


def test_a_list_is_spread_before_it_is_translated(key):
    listed = truncated_normal(PerSlice(1, 0.5, 0.25)).over(STACK.kernel, (0,))
    assert "jax.numpy.array([[[1.0]], [[0.5]], [[0.25]]])" in codes(STACK, listed)["jax"].code
