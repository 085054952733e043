"""What networks are shown: its size and its correlations, and theory that starts there."""

import subprocess
import sys

import jax
import numpy as np
import pytest
from bands import holds

from initviz.initializers import he_normal, lecun_uniform, normal, orthogonal, variance_scaling
from initviz.networks import Network, measure, predict
from initviz.networks.inputs import correlations_of, inputs_of
from initviz.networks.network import INPUTS

NORMAL = variance_scaling(2.0, "fan_in", "normal")
NETWORKS = 100


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("width", [24, 100, 256])
def test_inputs_have_their_size_and_correlation(kind, width):
    network = Network(width=width, batch=32, inputs=kind, input_std=3.0)
    x = inputs_of(network, jax.random.key(1)).astype(float)
    assert x.shape == (32, width)
    squares = np.mean(x**2, axis=-1)
    if kind == "gaussian":
        assert squares.mean() == pytest.approx(9, abs=4 * 9 * (2 / (32 * width)) ** 0.5 * 2)
    else:
        np.testing.assert_allclose(squares, 9, rtol=1e-5)
    cosines = np.mean(x[::2] * x[1::2], axis=-1) / np.sqrt(squares[::2] * squares[1::2])
    near = 4 / width**0.5 if kind == "gaussian" else 1e-6
    np.testing.assert_allclose(cosines, np.broadcast_to(correlations_of(network), cosines.shape), atol=near)


def test_one_hot_inputs_are_one_hot_and_digits_are_those_of_scikit_learn():
    x = inputs_of(Network(width=16, batch=64, inputs="one-hot"), jax.random.key(0))
    assert (np.sort(x, axis=-1) == [0.0] * 15 + [4.0]).all()
    from sklearn.datasets import load_digits

    data = load_digits().data
    data -= data.mean()
    x = inputs_of(Network(width=128, batch=4, inputs="digits"), jax.random.key(0))
    np.testing.assert_array_equal(x[:, ::2], x[:, 1::2])  # two units a pixel
    for seen, image in zip(x[:, ::2], data, strict=False):
        np.testing.assert_allclose(seen, image / np.sqrt(np.mean(image**2)), rtol=1e-5)


CASES = [
    {"inputs": "one-hot", "initializer": NORMAL}, {"inputs": "one-hot", "initializer": orthogonal(2**0.5)},
    {"inputs": "digits"}, {"inputs": "digits", "initializer": orthogonal(), "activation": "tanh"},
    {"inputs": "one-hot", "initializer": NORMAL, "activation": "tanh", "bias_std": 0.3},
    {"inputs": "digits", "initializer": orthogonal(), "activation": "tanh", "bias_std": 0.2, "input_std": 0.3},
]  # fmt: skip


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("settings", CASES, ids=str)
def test_theory_starts_at_the_inputs(settings):
    network = Network(depth=8, width=64, batch=8, **settings)
    *_, found = measure(network, NETWORKS)
    theory = predict(network)
    for name in ("square", "gradient"):
        assert holds(getattr(theory, f"{name}_band"), getattr(found, name))
    wide = Network(depth=8, width=512, batch=16, **settings)
    (found,), theory = measure(wide), predict(wide)
    np.testing.assert_allclose(found.correlation[0], theory.correlation, atol=0.07)
    np.testing.assert_allclose(found.square[0], theory.square, rtol=0.25)


def test_one_hot_inputs_of_weights_that_are_not_normal_have_no_band():
    network = Network(lecun_uniform(), depth=6, width=512, batch=16, inputs="one-hot")
    (found,), theory = measure(network), predict(network)
    assert theory.square_band is None
    assert theory.gradient_band is None
    assert theory.correlation is None
    np.testing.assert_allclose(found.square[0], theory.square, rtol=0.2)
    with pytest.raises(ValueError, match=r".") as refusal:
        predict(Network(he_normal(), inputs="one-hot", activation="tanh"))
    assert str(refusal.value) == (
        "the theory is of signals that are normal, got one-hot inputs of weights that are not, he_normal(). Choose "
        "gaussian inputs, or weights that are normal, such as variance_scaling(2, 'fan_in', 'normal')."
    )


@pytest.mark.slow(keeps=0)
def test_a_row_of_weights_has_the_spread_of_their_law():
    """The mean square of h of one weight a unit: (μ₄ − 1)/n, which is 2/n for normal and 0.8/n for uniform ones."""
    for initializer, spread in ((normal(1.0), 2.0), (lecun_uniform(), 0.8)):
        *_, found = measure(Network(initializer, depth=1, width=64, batch=2, inputs="one-hot"), 400)
        squares = found.square[:, 0] / found.square[:, 0].mean()
        assert 2 * 64 * squares.var() == pytest.approx(spread, rel=4 * (2 / 400) ** 0.5)  # of two rows


def test_scikit_learn_is_loaded_where_it_is_used():
    code = "import sys, initviz.networks; print('sklearn' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_other_inputs_are_refused():
    with pytest.raises(ValueError, match=r".") as refusal:
        Network(inputs="mnist")
    assert str(refusal.value) == ("inputs must be one of 'gaussian', 'one-hot', 'digits', got 'mnist'. Use 'gaussian'.")
