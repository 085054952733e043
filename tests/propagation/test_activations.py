"""One contract for every activation: values, kinks, gains, and what they do to normal arguments."""

import jax
import numpy as np
import pytest
from recorded import NUMBERS
from scipy import stats

from initviz.propagation import NAMED, activation
from initviz.propagation.moments import Integrated
from initviz.propagation.operations import FUNCTIONS

X = np.linspace(-8, 8, 1001)
CORRELATIONS = (-0.999, -0.5, 0, 0.3, 0.9, 0.9999, 1)
JAX = {
    "linear": jax.nn.identity,
    "step": lambda x: jax.numpy.where(x > 0, 1.0, 0.0),
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
}
ACTIVATIONS = [
    *NAMED,
    "tanh",
    "sigmoid",
    "softplus",
    "erf",
    "sin",
    "sin(30*x)",
    "leaky_relu(x, 0.2)",
    "elu(x, 0.5)",
    "tanh(2*x) - 0.1",
]


@pytest.mark.parametrize("name", [*NAMED, "tanh", "sigmoid", "softplus"])
def test_values_are_those_of_jax(name):
    expected = JAX[name] if name in JAX else getattr(jax.nn, name)
    with jax.enable_x64(True):
        values = np.asarray(expected(jax.numpy.asarray(X)))
    np.testing.assert_allclose(activation(name)(X), values, rtol=1e-12, atol=1e-14)


def test_parameters_are_those_of_jax():
    with jax.enable_x64(True):
        for text, expected in {"leaky_relu(x, 0.2)": jax.nn.leaky_relu(X, 0.2), "elu(x, alpha=0.5)": jax.nn.elu(X, 0.5),
                               "celu(x, 2)": jax.nn.celu(X, 2.0)}.items():  # fmt: skip
            np.testing.assert_allclose(activation(text)(X), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("q", [0.01, 1.0, 30.0])
def test_moments_are_those_of_simulated_numbers(name, q):
    found = activation(name)
    both = np.random.default_rng(0).standard_normal((2, 200_000))
    u = np.sqrt(q) * np.array([both[0], 0.6 * both[0] + 0.8 * both[1]])
    values, slopes = found(u), found.slope(u)
    moments = found.moments
    for expected, sample in {
        moments.mean(q): values[0], moments.square(q): values[0] ** 2,
        moments.fourth(q): values[0] ** 4, moments.slope_square(q): slopes[0] ** 2,
        moments.slope_square(q, 2): slopes[0] ** 4, moments.product(q, 0.6): values[0] * values[1],
        moments.slope_product(q, 0.6): slopes[0] * slopes[1], moments.product(q, -0.6): values[0] * found(-u[1]),
    }.items():  # fmt: skip
        error = sample.std() / np.sqrt(sample.size) + 1e-12 * np.abs(sample).mean()
        assert abs(sample.mean() - expected) <= 5 * error, (expected, sample.mean(), error)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_growth_is_the_derivative_of_the_square(name):
    moments = activation(name).moments
    for q in (0.3, 1.0, 4.0):
        step = 1e-4 * q
        steep = (moments.square(q + step) - moments.square(q - step)) / (2 * step)
        assert moments.growth(q) == pytest.approx(steep, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["linear", "relu", "leaky_relu(x, 0.3)", "erf", "erf(0.7*x)", "sin", "sin(3*x)"])
@pytest.mark.parametrize("q", [0.01, 1.0, 7.0])
def test_closed_forms_are_the_integrals(name, q):
    found = activation(name)
    integrated = Integrated(found.expression)
    assert not isinstance(found.moments, Integrated)
    for part, *arguments in [("mean",), ("square",), ("fourth",), ("slope_square",), ("slope_square", 2), ("growth",),
                             *((part, c) for part in ("product", "slope_product") for c in CORRELATIONS)]:  # fmt: skip
        closed, integral = (getattr(moments, part)(q, *arguments) for moments in (found.moments, integrated))
        assert closed == pytest.approx(integral, rel=1e-10, abs=1e-12), (part, arguments)


def test_recorded_moments_and_gains():
    gelu, tanh, erf = NUMBERS["5.gelu_V1"], NUMBERS["5.tanh_V1"], NUMBERS["5.erf_V1"]
    assert activation("gelu").moments.square(1.0) == pytest.approx(gelu["value"], abs=gelu["tolerance"])
    assert activation("erf").moments.square(1.0) == pytest.approx(erf["value"], abs=erf["tolerance"])
    found = activation("tanh")
    assert [found.moments.square(1.0), found.moments.slope_square(1.0), found.forward_gain] == pytest.approx(
        tanh["value"], abs=tanh["tolerance"]
    )
    selu = activation("selu").moments
    assert [selu.mean(1.0), selu.square(1.0)] == pytest.approx(NUMBERS["5.selu_constants_check"]["value"], abs=1e-9)
    for name in ("relu", "sigmoid", "selu", "elu"):  # measured by somebody else on 1e5 numbers
        entry = NUMBERS[f"10.issue24991_{name}"]
        assert activation(name).variance_gain == pytest.approx(entry["value"], abs=entry["tolerance"])


@pytest.mark.parametrize(("name", "gain"), [
    ("tanh", 1.5925374), ("sigmoid", 1.8462285), ("elu", 1.2451983), ("softplus", 1.0418668), ("gelu", 1.5335304),
    ("silu", 1.6765325), ("erf", 1.4671670), ("sin", 1.5208666), ("relu", 2**0.5), ("linear", 1.0), ("selu", 1.0),
])  # fmt: skip
def test_forward_gains(name, gain):
    assert activation(name).forward_gain == pytest.approx(gain, abs=6e-8)


@pytest.mark.parametrize(("name", "gain"), [("relu", 1.7128586), ("gelu", 1.7009262), ("silu", 1.7871872)])
def test_variance_gains(name, gain):
    assert activation(name).variance_gain == pytest.approx(gain, abs=6e-8)


@pytest.mark.parametrize(
    ("text", "gain"), [("e", np.inf), ("0 * x + 1e6 / 3", np.inf), ("x + 1e9", 1.0), ("tanh(x) + 1e6", 1.5925374)]
)
def test_the_gain_of_the_variance_is_no_rounding(text, gain):
    assert activation(text).variance_gain == pytest.approx(gain, rel=1e-7)


def test_a_gain_keeps_the_size():
    z = stats.norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    for name in ("tanh", "gelu", "relu", "tanh(2*x) - 0.1"):
        found = activation(name)
        assert np.mean((found.forward_gain * found(z)) ** 2) == pytest.approx(1, abs=1e-4)
        assert np.mean((found.backward_gain * found.slope(z)) ** 2) == pytest.approx(1, abs=1e-4)
        assert np.var(found.variance_gain * found(z)) == pytest.approx(1, abs=1e-4)


def test_names_are_read_as_elsewhere():
    assert activation("swish").name == "silu"
    assert activation(" relu ").name == "relu"
    assert activation("relu") is activation("relu")
    assert activation("softplus")(0.0) == pytest.approx(np.log(2))
    assert set(FUNCTIONS).isdisjoint(NAMED)
    single = activation("gelu")(jax.numpy.ones(3, "bfloat16"))
    assert (single.dtype, single.shape) == ("bfloat16", (3,))
