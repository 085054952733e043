"""The convolution operator of an answer: whose singular values, with which law, and for which layers."""

import jax
import numpy as np
import pytest
from flax import nnx

from initviz.layers import Conv, ConvTranspose, Dense, DepthwiseConv
from initviz.matrices.convolutions import convolution_spectrum
from initviz.matrices.sliding import PADDINGS
from initviz.probes import Convolution
from initviz.study import Study


def look(size=6, **settings):
    return Convolution(input_size=size).answer(Study(**settings).answer())


def test_the_values_are_those_of_the_kernel_on_show():
    study = Study("he_normal", shape=(3, 3, 4, 6), seed=5)
    found = Convolution(input_size=8).answer(study.answer())
    assert found.sizes == (8, 8)
    kernel = study.initializer(jax.random.key(5), (3, 3, 4, 6))
    np.testing.assert_allclose(found.singular_values, convolution_spectrum(np.asarray(kernel), (8, 8)), rtol=1e-5)
    assert len(found.singular_values) == 64 * 4


def test_delta_orthogonal_is_an_isometry_and_orthogonal_is_not():
    delta = look(initializer="delta_orthogonal", shape=(3, 3, 8, 8))
    np.testing.assert_allclose(delta.singular_values, 1, atol=1e-5)
    assert delta.law.points == ((1.0, 36 * 8),)
    orthogonal = look(initializer="orthogonal", shape=(3, 3, 32, 32), size=8)
    assert orthogonal.law.edges == pytest.approx((0, 2 * (1 - 1 / 9) ** 0.5))
    assert orthogonal.singular_values[0] > 1.7
    np.testing.assert_allclose(orthogonal.result.singular_values, 1, atol=1e-5)


def test_the_layer_convolution_is_read_as_one():
    found = look(layer=Conv(kernel_size=(3,), inputs=5, outputs=7), size=9)
    assert found.sizes == (9,)
    assert len(found.singular_values) == 9 * 5


LAYERS = [
    Conv(kernel_size=(3, 3), inputs=4, outputs=4, dilation=(2,)),
    Conv(kernel_size=(3,), inputs=4, outputs=6, stride=(2,), groups=2),
    DepthwiseConv(kernel_size=(3,), channels=5, multiplier=2, stride=(3,)),
    ConvTranspose(kernel_size=(4,), inputs=3, outputs=2),
    ConvTranspose(kernel_size=(3,), inputs=3, outputs=2, transpose_kernel=True),
]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_layers_are_themselves_with_all_their_options(layer, padding):
    answer, rank = Study("he_normal", layer=layer).answer(), len(layer.kernel_size)
    found = Convolution(input_size=7, padding=padding).answer(answer)
    more = {"padding": padding, "strides": layer.stride * rank if len(layer.stride) == 1 else layer.stride,
            "use_bias": False, "rngs": nnx.Rngs(0)}  # fmt: skip
    if isinstance(layer, ConvTranspose):
        inputs = layer.inputs
        real = nnx.ConvTranspose(inputs, layer.outputs, layer.kernel_size, transpose_kernel=layer.transpose_kernel,
                                 **more)  # fmt: skip
    else:
        inputs = layer.channels if isinstance(layer, DepthwiseConv) else layer.inputs
        groups = inputs if isinstance(layer, DepthwiseConv) else layer.groups
        dilation = layer.dilation * rank if isinstance(layer, Conv) else 1
        real = nnx.Conv(inputs, layer.kernel[-1], layer.kernel_size, feature_group_count=groups,
                        kernel_dilation=dilation, **more)  # fmt: skip
    real.kernel = nnx.Param(np.asarray(answer.weights))
    units = np.eye(7**rank * inputs, dtype=np.float32).reshape(-1, *(7,) * rank, inputs)
    matrix = np.asarray(real(units)).reshape(len(units), -1)
    expected = np.linalg.svd(matrix, compute_uv=False)
    np.testing.assert_allclose(found.singular_values, expected, atol=1e-5 * expected[0])
    assert (found.law is None) == (not found.operator.whole)
    assert found.law is None or found.law.count == len(expected)


def test_a_large_matrix_is_decomposed_apart_and_says_how_far_it_is():
    shares, layer = [], Conv(kernel_size=(3,), inputs=64, outputs=64)
    answer = Study("he_normal", layer=layer).answer()
    found = Convolution(input_size=20, padding="SAME").answer(answer, shares.append)
    assert len(found.singular_values) == 20 * 64
    assert shares


@pytest.mark.parametrize(("size", "settings", "message"), [
    (6, {"shape": (8, 8)},
     "this view needs a convolution kernel (spatial sizes, inputs, outputs), got the shape (8, 8). "
     "Choose the layer Convolution, or type a shape such as 3, 3, 64, 128."),
    (6, {"layer": Dense(inputs=4, outputs=4)},
     "this view needs a convolution, got Dense. Choose one of the layers Convolution, Depthwise convolution, "
     "Transposed convolution."),
    (63, {"layer": Conv(stride=(2,))},
     "a circular input that is no whole number of strides long needs the whole matrix, which must have at most "
     "16,777,216 entries here, got 33,294,385,152. Choose a smaller input size, fewer channels or an input size that "
     "is a multiple of the stride."),
    (256, {"shape": (3, 3, 64, 64)},
     "frequencies × inputs × outputs must be at most 33,554,432 here, got 268,435,456. "
     "Choose a smaller input size or fewer channels."),
])  # fmt: skip
def test_what_is_no_convolution_says_so(size, settings, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        look(size, **settings)
    assert str(refusal.value) == message
