"""Products of layers: the values of the product itself, and laws that simulations agree with."""

import re

import jax
import numpy as np
import pytest

from initviz.engine import Cancelled
from initviz.probes import Depth
from initviz.study import Study
from initviz.views.probes import depth
from initviz.wording import plain


def look(layers, function="normal", shape=(100, 100), **settings):
    return Depth(layers=layers).answer(Study(function, shape=shape, **settings).answer())


def test_the_product_is_that_of_the_layers_own_draws():
    found = look(3, "he_normal", (20, 20), seed=4)
    key = jax.random.key(4)
    layers = [jax.nn.initializers.he_normal()(jax.random.fold_in(key, i), (20, 20)) for i in range(3)]
    product = np.asarray(layers[0], float) @ np.asarray(layers[1], float) @ np.asarray(layers[2], float)
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(product, compute_uv=False), rtol=1e-5)


def test_one_layer_has_the_quarter_circle():
    found = look(1, stddev=0.1)
    assert found.law.edges == pytest.approx((0, 2))
    assert found.law.cdf(1.0) == pytest.approx(1 / 3 + 3**0.5 / (2 * np.pi), abs=1e-4)


@pytest.mark.parametrize("size", [8, 17, 64])
@pytest.mark.parametrize("function", ["normal", "he_uniform"])
def test_the_largest_value_of_one_layer_is_expected_where_the_draw_expects_it(function, size):
    answer = Study(function, shape=(size, size)).answer()
    found = Depth(layers=1).answer(answer)
    assert found.law.largest[:2] == answer.spectrum.largest[:2]
    assert found.law.doubt == answer.spectrum.doubt
    said = depth(found)[1]
    assert f"expected at {plain(answer.spectrum.largest.mean)} ± " in said
    assert ("for normal entries: those of this law lie up to 0.4" in said) is (function == "he_uniform" and size > 16)
    assert "up to 4 % smaller" in depth(look(2, "he_uniform"))[1]


@pytest.mark.parametrize(("layers", "moments"), [(2, (1, 3)), (5, (1, 6))])
def test_moments_of_products_are_fuss_catalan_numbers(layers, moments):
    width, draws = 200, 4
    found = [look(layers, shape=(width, width), stddev=width**-0.5, seed=seed) for seed in range(draws)]
    for power, moment in zip((2, 4), moments, strict=True):
        means = [np.mean(each.singular_values**power) for each in found]
        # finite width and few draws: THEORY's own simulation at this width is off by up to 3 %
        assert np.mean(means) == pytest.approx(moment, abs=5 * np.std(means) / draws**0.5 + 0.03 * moment)
    assert found[0].law.edges[1] ** 2 == pytest.approx((layers + 1) ** (layers + 1) / layers**layers)


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_products_of_orthogonal_layers_have_equal_values(dtype):
    found = look(20, "orthogonal", (48, 48), scale=1.1, dtype=dtype)
    np.testing.assert_allclose(found.singular_values, 1.1**20, rtol=20 * 100 * np.finfo(np.float32).eps)
    assert found.law.points == ((pytest.approx(1.1**20), 48),)
    assert not found.note


def test_laws_are_left_out_where_none_holds():
    assert look(50, shape=(64, 64)).law is None
    assert "needs a width far above the depth; 64 is less than 8 × 50" in look(50, shape=(64, 64)).note
    assert look(2, "uniform").law is None
    assert "mean" in look(2, "uniform").note
    assert look(2, "constant", value=0.1).law is None


def test_a_mean_too_small_to_show_leaves_the_law():
    # with 100 rows an outlier needs a mean of a tenth of the standard deviation
    assert look(2, "truncated_normal", lower=-1.99).law is not None
    assert "0.8162 times the one that makes an outlier" in look(2, "truncated_normal", (64, 64), lower=-1.5).note
    assert "near the size" in look(2, "truncated_normal", (64, 64), lower=-1.5).note


def test_the_largest_value_of_deep_narrow_products_grows_as_said():
    width, layers, draws = 8, 100, 12
    found = [look(layers, shape=(width, width), stddev=0.3, seed=seed) for seed in range(draws)]
    growth = float(re.search(r"multiplies the largest value by ([\d.]+)", found[0].note)[1])
    rates = [np.log(each.singular_values[0]) / layers for each in found]
    # the log of the largest value is off by a constant, which 1 bounds here, divided by the layers
    assert abs(np.mean(rates) - np.log(growth)) < 5 * np.std(rates) / draws**0.5 + 1 / layers


def test_layers_are_as_wide_as_the_smaller_side():
    assert look(2, shape=(784, 256)).plan.shape == (256, 256)
    assert look(2, shape=(3, 3, 8, 16)).plan.shape == (16, 16)
    assert look(2, shape=(1024, 2048)).plan.shape == (512, 512)


@pytest.mark.parametrize(("layers", "settings", "message"), [
    (2, {"shape": (0, 4)}, "a product needs weights to multiply, got none. Choose a shape without a size of 0."),
    (100, {"shape": (8, 8), "stddev": 1e10},
     "the product of 100 layers is not finite: the weights are NaN or too large. "
     "Choose fewer layers, a smaller scale or a wider dtype."),
])  # fmt: skip
def test_impossible_products_say_why(layers, settings, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        look(layers, **settings)
    assert str(refusal.value) == message


def test_initializers_of_kernels_alone_have_no_products():
    with pytest.raises(ValueError, match="which draws no 6 × 6 matrix") as refusal:
        look(2, "delta_orthogonal", (3, 4, 6))
    assert str(refusal.value).startswith("a product needs square layers, got delta_orthogonal()")


def test_progress_stops_the_work():
    def stop(share):
        raise Cancelled

    with pytest.raises(Cancelled):
        Depth(layers=100).answer(Study(shape=(64, 64)).answer(), stop)
