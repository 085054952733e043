"""What the site says of PyTorch and Keras in its comparison is so: names looked up, and what comes of them drawn."""

import jax
import numpy as np
import pytest
from compared import column, looked_up

from initviz.initializers import delta_orthogonal
from initviz.matrices.convolutions import convolution_spectrum

SHAPE = 3, 3, 8, 8
"""Of a kernel here: taps, inputs, outputs."""


def stretches(kernel) -> np.ndarray:
    """By how much a convolution with this kernel (taps, inputs, outputs) on a ring stretches its inputs."""
    return np.asarray(convolution_spectrum(np.asarray(kernel), (6, 6)))


def test_pytorch_has_what_the_page_says(torch):
    assert looked_up(torch.nn.init, torch.nn.init.kaiming_normal_) == column("PyTorch")


def test_keras_has_what_the_page_says(keras):
    assert looked_up(keras.initializers, keras.initializers.VarianceScaling) == column("Keras")


def test_pytorch_draws_sparse_weights(torch):
    drawn = torch.nn.init.sparse_(torch.empty(20, 6), sparsity=0.25)
    assert (drawn == 0).sum(dim=0).tolist() == [5] * 6


def test_both_draw_identities(torch, keras):
    assert torch.nn.init.eye_(torch.empty(3, 3)).tolist() == np.eye(3).tolist()
    x = torch.randn(1, 4, 5, 5)
    kept = torch.nn.functional.conv2d(x, torch.nn.init.dirac_(torch.empty(4, 4, 3, 3)), padding=1)
    torch.testing.assert_close(kept, x)
    assert np.asarray(keras.initializers.Identity()((3, 3))).tolist() == np.eye(3).tolist()


def test_orthogonal_convolutions_of_both_are_orthogonal_as_flattened_matrices_alone(torch, keras):
    assert stretches(delta_orthogonal()(jax.random.key(0), SHAPE)) == pytest.approx(1, abs=1e-5)
    of_torch = torch.nn.init.orthogonal_(torch.empty(8, 8, 3, 3)).permute(2, 3, 1, 0).numpy()
    of_keras = keras.initializers.Orthogonal(seed=3)(SHAPE).detach().cpu().numpy()
    flat = of_torch.transpose(3, 0, 1, 2).reshape(8, -1)  # as PyTorch flattens it
    assert flat @ flat.T == pytest.approx(np.eye(8), abs=1e-5)
    flat = of_keras.reshape(-1, 8)
    assert flat.T @ flat == pytest.approx(np.eye(8), abs=1e-5)
    for kernel in (of_torch, of_keras):
        assert np.ptp(stretches(kernel)) > 0.5


def test_pytorch_recommends_a_gain_and_keras_none(torch, keras):
    assert torch.nn.init.calculate_gain("relu") == pytest.approx(2**0.5)
    assert not [name for name in dir(keras.initializers) if "gain" in name.lower()]


def test_keras_draws_by_the_axes_that_are_named(keras):
    swapped = keras.initializers.VarianceScaling(
        1.0, "fan_in", "untruncated_normal", 3, input_axes=[1], output_axes=[0]
    )
    assert float(swapped((4, 4096)).std()) == pytest.approx(4096**-0.5, rel=0.05)
