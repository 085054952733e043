"""Fixed points, depth scales and critical points against recorded numbers, and against networks."""

import math

import numpy as np
import pytest
from oracles import refused
from recorded import NUMBERS

from initviz.propagation import activation, critical_weight_variance, fixed_point, next_c, next_q, phase_diagram
from initviz.propagation.phases import critical_point


def recorded(name, found):
    entry = NUMBERS[name]
    assert found == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_depth_scales_of_tanh():
    entry = NUMBERS["5.tanh_depth_scales_sb0.05"]
    for weight_variance, *expected in entry["value"]:
        found = fixed_point("tanh", weight_variance, 0.05)
        scales = found.depth_scales
        numbers = [found.q, found.chi, found.c, scales.c, scales.q, scales.gradient]
        assert numbers == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_fixed_point_stays(sign):
    for name, weight_variance, bias_variance in [
        ("tanh", 2.5, 0.05),
        ("selu", 1.0, 0.1),
        ("gelu", 1.5, 0.2),
        ("erf", 3, 0),
    ]:
        function, found = activation(name), fixed_point(name, weight_variance, bias_variance)
        assert next_q(function, found.q, weight_variance, bias_variance) == pytest.approx(found.q, rel=1e-11)
        assert next_c(function, found.q, found.c, weight_variance, bias_variance) == pytest.approx(found.c, abs=1e-11)
        step = sign * 1e-4
        near = next_q(function, found.q + step, weight_variance, bias_variance) - found.q
        assert near / step == pytest.approx(found.chi_parallel, abs=1e-3)


def test_gains_of_pytorch():
    for name in ("leaky_relu", "selu"):
        entry = NUMBERS[f"5.torch_gain_{name}"]
        found = fixed_point(name, entry["inputs"]["gain"] ** 2)
        assert [found.q, found.chi] == pytest.approx(entry["value"], abs=entry["tolerance"])
    tanh = fixed_point("tanh", (5 / 3) ** 2)
    assert [tanh.q, tanh.chi, tanh.chi**50] == pytest.approx([1.17848, 1.20983, 1.4e4], rel=0.03)
    selu, siren = fixed_point("selu", 1.0), fixed_point("sin", 2.0)
    recorded("5.selu_lecun_chi", [selu.q, selu.chi])
    recorded("5.siren_fixed_point", [siren.q, siren.chi])
    sigmoid = fixed_point("sigmoid", 1.0)
    assert [sigmoid.q, sigmoid.chi] == pytest.approx([0.26469, 0.05572], abs=1e-5)


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_he_is_not_critical_for_smooth_activations(name):
    function, sizes = activation(name), [1.0]
    for _ in range(50):
        sizes.append(next_q(function, sizes[-1], 2.0, 0.0))
    entry = NUMBERS[f"5.{name}_he_decay"]
    found = [sizes[10], sizes[50], 2 * function.moments.slope_square(sizes[50])]
    for one, value, tolerance in zip(found, entry["value"], entry["tolerance"], strict=True):
        assert one == pytest.approx(value, abs=tolerance)
    assert fixed_point(name, 2.0).q == 0
    assert fixed_point(name, 2.0).chi == pytest.approx(0.5, abs=1e-9)


def test_a_widely_copied_constant_of_silu_is_a_tenth_of_the_right_one():
    wrong = fixed_point("silu", 1.98800468, 0.055514317)
    recorded("5.silu_cb_0.055514317", [wrong.q, wrong.chi])
    weight_variance, q = critical_point(activation("silu"), 0.55514318)
    assert weight_variance == pytest.approx(1.98800468, abs=1e-8)
    half_stable = NUMBERS["5.pdlt_kstar"]["value"][0]
    assert q == pytest.approx(half_stable, rel=1e-6)


@pytest.mark.parametrize(("bias_variance", "weight_variance", "q"), [
    (0.0001, 1.086026, 0.0457), (0.001, 1.189190, 0.1073), (0.01, 1.424205, 0.2733), (0.05, 1.760955, 0.5700),
    (0.1, 1.986073, 0.8058), (0.3, 2.505127, 1.4612),
])  # fmt: skip
def test_the_critical_line_of_tanh(bias_variance, weight_variance, q):
    assert critical_point(activation("tanh"), bias_variance) == (
        pytest.approx(weight_variance, abs=6e-7), pytest.approx(q, abs=6e-5)
    )  # fmt: skip
    there = fixed_point("tanh", critical_weight_variance("tanh", bias_variance), bias_variance)
    assert there.chi == pytest.approx(1, abs=1e-9)


def test_critical_points():
    recorded("5.erf_crit_sb0.05", list(critical_point(activation("erf"), 0.05)))
    recorded("5.sin_crit_sb0.05", list(critical_point(activation("sin"), 0.05)))
    recorded("5.erf_crit_sb0", critical_weight_variance("erf"))
    assert critical_weight_variance("tanh", NUMBERS["5.tanh_crit_1.05"]["value"]) == pytest.approx(1.05, abs=1e-5)
    assert [critical_weight_variance(name) for name in ("linear", "relu", "tanh")] == pytest.approx([1, 2, 1])
    assert critical_weight_variance("leaky_relu(x, 0.3)") == pytest.approx(2 / 1.09)
    gelu = NUMBERS["5.pdlt_gelu"]["value"]
    assert critical_weight_variance("gelu", gelu[0] + 1e-8) == pytest.approx(gelu[1], abs=1e-7)


@pytest.mark.parametrize(("name", "bias_variance"), [("relu", 0.1), ("gelu", 0.1), ("gelu", 0.0), ("step", 0.0)])
def test_where_there_is_no_critical_point_that_is_said(name, bias_variance):
    message = (f"{name} must have a stable critical point, got none at a bias variance of {bias_variance:g}: where "
               "gradients keep their size, the signal does not. Take another bias variance or activation.")  # fmt: skip
    refused(ValueError, message, critical_weight_variance, name, bias_variance)


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "much", None])
def test_variances_are_numbers(value):
    message = f"is a variance, a number from 0, got {value!r}. Pass for instance 1.5."
    refused(ValueError, f"weight_variance {message}", fixed_point, "tanh", value)
    refused(ValueError, f"bias_variance {message}", critical_weight_variance, "tanh", value)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "erf", "hard_tanh", "soft_sign"])
@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_signals_of_bounded_activations_stay_finite_at_any_size(name, size):
    """Of large arguments they are steps: q is nearly σ_w² times the mean of both squared ends, plus σ_b²."""
    low, high = activation(name)(np.array([-1e12, 1e12]))
    assert fixed_point(name, 1.0, size).q == pytest.approx(size + (low**2 + high**2) / 2, abs=30 / size**0.5)
    assert fixed_point(name, size).q == pytest.approx(size * (low**2 + high**2) / 2, rel=0.3 * (size / 1e3) ** -0.4)
    diagram = phase_diagram(name, [1.0, size], [size])
    np.testing.assert_allclose(diagram.q, [[fixed_point(name, each, size).q for each in (1.0, size)]], rtol=1e-4)


def test_what_turns_too_often_for_quadrature_is_refused_and_not_called_unbounded():
    with pytest.raises(ValueError, match=r".") as refusal:
        fixed_point("x + cos(x)", 0.9, 1e8)
    assert str(refusal.value).startswith(
        "an activation must have finite moments for normal arguments, got 'x + cos(x)', of which quadrature does not "
        "find one at a variance of "
    )


def test_large_biases_have_a_critical_point():
    weight_variance, q = critical_point(activation("gelu"), 1e3)
    found = fixed_point("gelu", weight_variance, 1e3)
    assert (found.q, found.chi) == (pytest.approx(q, rel=1e-5), pytest.approx(1, abs=1e-8))
    for name in ("relu", "tanh", "sin"):
        message = (f"{name} must have a stable critical point, got none at a bias variance of 1e+300: where gradients "
                   "keep their size, the signal does not. Take another bias variance or activation.")  # fmt: skip
        refused(ValueError, message, critical_weight_variance, name, 1e300)


@pytest.mark.parametrize(("name", "start"), [("gelu", [1.98305826, 0.17292239]), ("silu", [1.98800468, 0.55514317])])
def test_the_critical_line_of_smooth_activations_begins_where_it_is_half_stable(name, start):
    """Below, down to (4, 0), gradients keep their size and signals do not: a smaller one vanishes, a larger grows."""
    line = phase_diagram(name).critical_line
    np.testing.assert_allclose(line[0], start, rtol=0.05)
    assert line[0, 1] >= start[1]
    assert fixed_point(name, 3.99, 1e-9).chi != pytest.approx(1, abs=1e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["sin", "x**3", "exp(x)", "relu", "tanh", "sinh(x)"])
def test_diagrams_of_all_sizes_are_made_without_a_warning(name):
    found = phase_diagram(name, [0.0, 1e-300, 1.0, 1e300], [0.0, 1e-300, 1e9, 1e300])
    assert not np.isnan(found.q).any()


@pytest.mark.parametrize(("name", "weight_variance", "q"), [
    ("relu", 2.0, 1.0), ("relu", 2.1, math.inf), ("relu", 1.9, 0.0), ("linear", 1.0, 1.0), ("exp(x)", 1.0, math.inf),
    ("tanh", 1.0, 0.0), ("softplus", 2.0, math.inf), ("log_sigmoid", 2.0, math.inf),
])  # fmt: skip
def test_where_a_signal_ends(name, weight_variance, q):
    assert fixed_point(name, weight_variance).q == q


def test_correlation_in_relu_networks():
    relu, c = activation("relu"), [0.5]
    for _ in range(1000):
        c.append(next_c(relu, 1.0, c[-1], 2.0, 0.0))
    assert [c[1], c[10], c[100]] == pytest.approx([0.608998, 0.897647, 0.996553], abs=1e-6)
    entry = NUMBERS["5.relu_corr_rate"]
    assert (1 - c[1000]) * 1000**2 == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_a_function_that_jumps_tears_equal_inputs_apart():
    found = fixed_point("sign", 1.0, 0.1)  # c' = (2/π arcsin c + 0.1) / 1.1
    assert found.q == pytest.approx(1.1)
    assert 0 < found.c < 1
    assert (2 / math.pi * math.asin(found.c) + 0.1) / 1.1 == pytest.approx(found.c, abs=1e-9)
    assert found.chi_c == pytest.approx(2 / math.pi / math.sqrt(1 - found.c**2) / 1.1, rel=1e-5)


def test_a_slight_jump_tears_them_apart_slightly():
    """A jump by 2s adds to E φ′φ′ what it has with the slope, 4s φ′(0) p(0), and with itself, 4s² p(0, 0)."""
    found = fixed_point("tanh(x) + 0.01*sign(x)", 1.0, 0.05)
    assert 1e-7 < 1 - found.c < 1e-4
    smooth = activation("tanh").moments.slope_product(found.q, found.c)
    alone, both = 1 / math.sqrt(2 * math.pi * found.q), 1 / (2 * math.pi * found.q * math.sqrt(1 - found.c**2))
    assert found.chi_c == pytest.approx(smooth + 4 * 0.01 * alone + 4 * 0.01**2 * both, rel=1e-3)
    slighter = fixed_point("tanh(x) + 0.0001*sign(x)", 1.0, 0.05)
    assert [slighter.c, slighter.chi_c] == pytest.approx([1, slighter.chi], abs=1e-3)


@pytest.mark.parametrize("name", ["tanh", "gelu", "relu", "selu", "sin", "exp(x)", "hard_tanh", "sigmoid"])
def test_the_diagram_has_the_fixed_points(name):
    weight, bias = np.linspace(0.1, 4, 7), np.linspace(0, 1, 5)
    found = phase_diagram(name, weight, bias)
    for i, j in np.ndindex(found.q.shape):
        exact = fixed_point(name, weight[j], bias[i])
        numbers = [found.q[i, j], found.chi[i, j], found.c[i, j]]
        assert numbers == pytest.approx([exact.q, exact.chi, exact.c], rel=1e-4, abs=1e-4, nan_ok=True), (i, j)
        if abs(exact.chi - 1) > 0.1 and exact.q:
            assert found.depth_scale[i, j] == pytest.approx(exact.depth_scales.c, rel=2e-3, nan_ok=True)


@pytest.mark.parametrize("name", ["sign", "step"])
def test_the_diagram_knows_of_jumps(name):
    found, exact = phase_diagram(name, [1.0], [0.5]), fixed_point(name, 1.0, 0.5)
    assert found.c[0, 0] == pytest.approx(exact.c, abs=1e-3)
    assert found.depth_scale[0, 0] == pytest.approx(exact.depth_scales.c, rel=0.02)


def test_a_diagram_of_nothing_is_refused():
    message = "a diagram needs variances of weights and of biases, got none. Leave both out for a default."
    refused(ValueError, message, phase_diagram, "tanh", [], [])


def test_a_diagram_of_too_many_points_is_refused():
    with pytest.raises(ValueError, match=r"at most 100,000 points, got 5,000 × 21\. Take fewer variances\."):
        phase_diagram("tanh", np.linspace(0, 1, 5000), np.linspace(0, 1, 21))


VERTICAL = {
    "sqrt(abs(x))": "one is not finite at a variance of 1. Take one that grows more slowly, without poles and "
    "vertical slopes.",
    "sqrt(abs(x-1))": "quadrature does not find one at a variance of 1. Take one without poles and vertical slopes, "
    "and with fewer turns.",
}


@pytest.mark.parametrize("name", VERTICAL)
def test_vertical_slopes_have_no_diagram(name):
    message = f"an activation must have finite moments for normal arguments, got '{name}', of which {VERTICAL[name]}"
    refused(ValueError, message, phase_diagram, name)


def test_a_correlation_that_rounding_took_beyond_one():
    assert next_c(activation("relu"), 1.0, 1 + 2.3e-16, 2.0, 0.0) == pytest.approx(1)


def test_the_line_of_the_diagram_is_critical():
    for name in ("tanh", "erf", "sin"):
        for weight_variance, bias_variance in phase_diagram(name).critical_line[::12]:
            assert fixed_point(name, weight_variance, bias_variance).chi == pytest.approx(1, abs=1e-4)
    assert np.allclose(phase_diagram("relu").critical_line, (2, 0))


@pytest.mark.parametrize(
    ("name", "weight_variance", "bias_variance"), [("tanh", 2.5, 0.05), ("gelu", 2.0, 0.1), ("relu", 2.0, 0.0)]
)
def test_wide_networks_do_what_the_maps_say(name, weight_variance, bias_variance):
    function, width, networks, layers = activation(name), 700, 8, 5
    found = np.zeros((networks, layers, 2))
    for network in range(networks):
        chance = np.random.default_rng(network)
        u = chance.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], width).T
        for layer in range(layers):
            weights = chance.standard_normal((width, width)) * math.sqrt(weight_variance / width)
            u = function(u) @ weights + math.sqrt(bias_variance) * chance.standard_normal(width)
            found[network, layer] = np.mean(u**2), np.corrcoef(u)[0, 1] if bias_variance == 0 else np.mean(u[0] * u[1])
    q = c = None
    q, product = 1.0, 0.5
    for layer in range(layers):
        c = product / q
        product = weight_variance * function.moments.product(q, c) + bias_variance
        q = next_q(function, q, weight_variance, bias_variance)
        mean, error = found[:, layer].mean(axis=0), found[:, layer].std(axis=0) / math.sqrt(networks - 1)
        expected = np.array([q, product])
        assert (np.abs(mean - expected) <= 5 * error + 4 / width).all(), (layer, mean, expected, error)


def test_the_critical_line_reaches_the_edge_of_the_diagram():
    found = phase_diagram("tanh")
    assert found.critical_line[:, 1].max() > 0.95 * found.bias_variances[-1]
    assert np.diff(found.critical_line, axis=0).max() < 0.1


@pytest.mark.parametrize(("name", "weight_variance"), [("linear", 1.0), ("relu", 2.0)])
def test_what_stays_stays_in_the_diagram_too(name, weight_variance):
    found, exact = phase_diagram(name, [weight_variance], [0.0]), fixed_point(name, weight_variance)
    assert [found.c[0, 0], found.depth_scale[0, 0]] == [exact.c, exact.depth_scales.c] == [1, math.inf]
