"""The convolution operator of an answer: whose singular values, with which law, and for which layers."""

import jax
import numpy as np
import pytest

from initviz.layers import Conv, Dense
from initviz.matrices.convolutions import convolution_spectrum
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


@pytest.mark.parametrize(("size", "settings", "message"), [
    (6, {"shape": (8, 8)},
     "this view needs a convolution kernel (spatial sizes, inputs, outputs), got the shape (8, 8). "
     "Choose the layer Convolution, or type a shape such as 3, 3, 64, 128."),
    (6, {"layer": Dense(inputs=4, outputs=4)},
     "this view needs a convolution, got Dense. Choose the layer Convolution."),
    (6, {"layer": Conv(inputs=8, outputs=8, groups=2)},
     "this view needs a convolution without groups, got 2 groups. Set groups to 1."),
    (256, {"shape": (3, 3, 64, 64)},
     "frequencies × inputs × outputs must be at most 33,554,432 here, got 268,435,456. "
     "Choose a smaller input size or fewer channels."),
])  # fmt: skip
def test_what_is_no_convolution_says_so(size, settings, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        look(size, **settings)
    assert str(refusal.value) == message
