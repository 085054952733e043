"""Networks at initialization: what is predicted is measured, and what cannot be is refused."""

import re
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from bands import holds, inside
from oracles import refused

from initviz.engine import Cancelled, passes
from initviz.initializers import glorot_normal, he_normal, lecun_uniform, normal, orthogonal, uniform, variance_scaling
from initviz.networks import Network, NetworkStudy, measure, predict
from initviz.networks.answer import NetworkAnswer
from initviz.views.network_words import NOT_YET, legend, mend, verdict

NETWORKS = 200
CRITICAL = variance_scaling(1.0, "fan_in", "normal")
CASES = {
    "relu": {},
    "tanh": {"activation": "tanh", "initializer": CRITICAL},
    "chaos": {"activation": "tanh", "initializer": variance_scaling(2.5, "fan_in", "normal"), "bias_std": 0.22},
    "orthogonal tanh": {"activation": "tanh", "initializer": orthogonal()},
    "orthogonal relu": {"initializer": orthogonal(2**0.5)},
    "orthogonal with biases": {"activation": "tanh", "initializer": orthogonal(), "bias_std": 0.2, "input_std": 3.0},
    "linear": {"activation": "linear", "initializer": lecun_uniform()},
    "residual": {"activation": "tanh", "branch": 0.3},
    "norm before": {"branch": 1.0, "norm": "layer"},
    "norm after": {"activation": "tanh", "branch": 1.0, "norm": "rms", "norm_after": True},
}


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("case", CASES)
def test_networks_are_within_their_band(case):
    network = Network(depth=12, width=48, batch=2, **CASES[case])
    *_, found = measure(network, NETWORKS)
    theory = predict(network)
    assert holds(theory.square_band, found.square)
    assert holds(theory.gradient_band, found.gradient)
    if case == "relu":  # the band of wider networks is too narrow
        wider = predict(Network(depth=12, width=480, batch=2))
        assert inside(wider.square_band, found.square) < 0.5
        assert inside(wider.gradient_band, found.gradient) < 0.5


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize(("width", "depth"), [(16, 20), (64, 60)])
def test_narrow_and_deep_networks_are_within_their_band(width, depth):
    network = Network(depth=depth, width=width, batch=2)
    *_, found = measure(network, NETWORKS)
    theory = predict(network)
    assert holds(theory.square_band, found.square)
    assert holds(theory.gradient_band, found.gradient)
    measured = np.log(found.square[:, -1])
    reach = np.log(theory.square_band[1, -1] / theory.square_band[0, -1]) / 2
    assert reach < 5 * measured.std()  # and they are no wider than they need be


@pytest.mark.parametrize("settings", [{"norm": "layer"}, {"norm": "layer", "branch": 1.0}, {"norm": "rms"}], ids=str)
def test_bands_of_norms_are_no_wider_than_they_need_be(settings):
    network = Network(depth=20, width=64, batch=2, **settings)
    *_, found = measure(network, 60)
    low, high = np.log(predict(network).gradient_band[:, 0])
    assert (high - low) / 2 < 6 * np.log(found.gradient[:, 0]).std()


@pytest.mark.parametrize("case", CASES)
def test_wide_networks_are_at_the_limit(case):
    network = Network(depth=4, width=512, batch=16, **CASES[case])
    (found,), theory = measure(network), predict(network)
    np.testing.assert_allclose(found.square[0], theory.square, rtol=0.2)
    np.testing.assert_allclose(found.gradient[0], theory.gradient, rtol=0.2)
    np.testing.assert_allclose(found.leaves[0], theory.leaves, rtol=0.2)
    if theory.correlation is not None:
        np.testing.assert_allclose(found.correlation[0], theory.correlation, atol=0.05)


def test_factors_and_the_size_of_inputs_are_in_the_theory():
    network = Network(CRITICAL, depth=4, width=512, activation="tanh", factors=(0.5, 2.0, 1.0, 1.5), input_std=0.3,
                      bias_std=0.1)  # fmt: skip
    (found,), theory = measure(network), predict(network)
    assert theory.square[0] == pytest.approx(0.25 * 0.09 + 0.01)
    np.testing.assert_allclose(found.square[0], theory.square, rtol=0.1)
    np.testing.assert_allclose(found.gradient[0], theory.gradient, rtol=0.1)
    np.testing.assert_allclose(found.correlation[0], theory.correlation, atol=0.05)
    assert theory.square_band is None


def test_he_keeps_relu_alive_at_depth_50_and_glorot_does_not():
    he, glorot = (predict(Network(initializer=each)) for each in (he_normal(), glorot_normal()))
    assert he.square[-1] == pytest.approx(2)
    assert glorot.square[-1] == pytest.approx(0.5**49)
    (found,) = measure(Network(initializer=glorot_normal()))
    assert found.square[0, -1] == pytest.approx(glorot.square[-1], rel=0.9)


def test_gradients_of_relu_in_a_residual_network_have_no_band():
    theory = predict(Network(branch=0.3))
    assert theory.square_band is None
    assert theory.gradient_band is None
    assert theory.gradient[0] > theory.gradient[-1]


def test_what_has_a_mean_has_no_theory():
    message = ("the theory is of weights with the mean 0, got those of uniform(). Choose a centred initializer, such "
               "as he_normal().")  # fmt: skip
    refused(ValueError, message, predict, Network(initializer=uniform()))
    (found,) = measure(Network(initializer=uniform(), depth=3, width=16))
    assert np.isfinite(found.square).all()


def test_weights_of_several_variances_have_no_theory():
    network = Network(initializer=normal(np.linspace(0.1, 1, 16)), width=16, depth=3)
    message = ("the theory is of weights with one variance, got several of normal(stddev=[0.1, 0.16, 0.220000000.... "
               "Choose one number.")  # fmt: skip
    refused(ValueError, message, predict, network)


@contextmanager
def suppress_refusal(start):
    try:
        yield
    except ValueError as refusal:
        if not str(refusal).startswith(start):
            raise


@pytest.mark.slow(keeps=16)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ["sin", "x**3", "tanh", "relu", "gelu", "elu", "exp(x)", "leaky_relu(x, 5)"])
@pytest.mark.parametrize("stddev", [1e-30, 1e5, 1e10, 1e75])
@pytest.mark.parametrize("settings", [{}, {"branch": 1e10}, {"norm": "layer"}, {"bias_std": 1e100}], ids=str)
def test_what_is_beyond_all_numbers_is_infinite_or_refused_without_a_warning(activation, stddev, settings):
    network = Network(normal(stddev), depth=50, width=64, activation=activation, **settings)
    with suppress_refusal("the theory is of signals that stay finite, got one that does not in"):
        theory = predict(network)
        assert np.isfinite(theory.square).all()
        assert np.isfinite(theory.leaves).all()
        assert not np.isnan(theory.gradient).any()
        for band in (theory.square_band, theory.gradient_band):
            assert band is None or np.isfinite(band).all()


def test_a_norm_divides_by_no_less_than_its_epsilon():
    network = Network(normal(1e-6), depth=4, width=256, activation="linear", norm="rms")
    (found,), theory = measure(network), predict(network)
    np.testing.assert_allclose(found.square[0, 1:], theory.square[1:], rtol=0.2)
    np.testing.assert_allclose(found.gradient[0], theory.gradient, rtol=0.2)


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "x**3", "sin", "elu", "hard_tanh"])
@pytest.mark.parametrize("stddev", [1e-8, 1e-3, 0.02])
def test_signals_that_vanish_in_double_precision_have_a_limit(activation, stddev):
    theory = predict(Network(normal(stddev), depth=200, width=64, activation=activation))
    first = 64 * stddev**2
    assert theory.square[0] == pytest.approx(first)
    assert np.isfinite(theory.square).all()
    assert theory.square[-1] < 1e-200
    assert (np.diff(theory.square) <= 0).all()
    assert np.isfinite(theory.gradient).all()


def test_weights_of_zero_have_no_theory():
    message = "the theory is of weights that vary, got those of normal(stddev=0.0). Choose for instance he_normal()."
    refused(ValueError, message, predict, Network(initializer=normal(0.0)))
    (found,) = measure(Network(initializer=normal(0.0), depth=2, width=16))
    assert found.counts[0, 0, passes.PLACES // 2] == found.counts[0, 0].sum()  # all are 0


def test_a_signal_without_bounds_is_said():
    for settings in ({"activation": "exp(x)", "initializer": variance_scaling(4.0, "fan_in", "normal")},
                     {"bias_std": 1e200}):  # fmt: skip
        network = Network(**settings)
        message = (
            f"the theory is of signals that stay finite, got one that does not in {network.initializer} and "
            f"{network.activation}. Take smaller weights or biases, or an activation that grows more slowly."
        )
        refused(ValueError, message, predict, network)


def test_a_signal_that_only_outgrows_the_quadrature_is_not_called_unbounded():
    with pytest.raises(ValueError, match=r".") as refusal:
        predict(Network(activation="x + sin(3*x)"))
    assert re.fullmatch(
        r"an activation must have finite moments for normal arguments, got 'x \+ sin\(3\*x\)', of which quadrature "
        r"does not find one at a variance of \S+\. Take one without poles and vertical slopes, and with fewer turns\. "
        r"Or take smaller weights or biases: with he_normal\(\) a signal gets that variance\.",
        str(refusal.value),
    )


def test_a_correlation_that_is_not_known_is_left_out_and_said():
    settings = {"initializer": variance_scaling(0.01, "fan_in", "normal"), "activation": "tanh(x) + sin(10*x)"}
    network = Network(depth=3, width=32, bias_std=30**0.5, **settings)
    found = NetworkAnswer(None, network, next(measure(network)), predict(network))
    assert np.isfinite(found.predicted.correlation).tolist() == [True, False, False]
    assert "Without a limit of correlations from layer 2 on: the activation turns too often there" in legend(found)
    assert np.isfinite(predict(replace(network, activation="tanh")).correlation).all()


def test_vertical_slopes_have_no_theory_but_are_measured():
    network = Network(activation="sqrt(abs(x))", depth=3, width=16)
    message = ("an activation must have finite moments for normal arguments, got 'sqrt(abs(x))', of which one is not "
               "finite at a variance of 1. Take one that grows more slowly, without poles and vertical slopes."
               )  # fmt: skip
    refused(ValueError, message, predict, network)
    (found,) = measure(network)
    assert np.isfinite(found.square).all()


def test_gradients_that_are_0_have_no_band():
    assert predict(Network(activation="step", depth=3, width=16)).gradient_band is None
    assert predict(Network(depth=3, width=8)).square_band is None  # of layers that are too narrow


@pytest.mark.parametrize("activation", ["hard_tanh", "step"])
def test_where_all_units_are_saturated_all_are_counted(activation):
    (found,) = measure(Network(normal(1e4), depth=3, width=16, activation=activation))
    assert (found.flat == 1).all()


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_correlations_of_very_small_and_large_signals(scale):
    network = Network(variance_scaling(scale, "fan_in", "normal"), depth=60, width=64)
    (found,) = measure(network)
    np.testing.assert_allclose(found.correlation[0, 40:], 1, atol=0.05)


@pytest.mark.parametrize(("settings", "message"), [
    ({"depth": 0}, "depth must be a whole number from 1 to 200, got 0. Use 1."),
    ({"depth": 3.0}, "depth must be a whole number from 1 to 200, got 3.0. Use 1."),
    ({"depth": float("nan")}, "depth must be a whole number from 1 to 200, got nan. Use 1."),
    ({"batch": 128}, "batch must be a whole number from 2 to 64, got 128. Use 64."),
    ({"activation": ["relu"]}, "an activation must be a name or an expression in x, got ['relu']. Write for instance "
                               "tanh(2*x) or x*sigmoid(1.7*x)."),
    ({"depth": 2.5}, "depth must be a whole number from 1 to 200, got 2.5. Use 1."),
    ({"width": 4096}, "width must be a whole number from 2 to 2048, got 4096. Use 2048."),
    ({"batch": 3}, "batch must be even, as its inputs are pairs, got 3. Use 4."),
    ({"bias_std": -1}, "bias_std must be a number from 0, got -1. Use for instance 0.1."),
    ({"branch": float("nan")}, "branch must be a number from 0, got nan. Use for instance 0.1."),
    ({"depth": 3, "factors": (1.0, 2.0)}, "factors must be 3 numbers from 0, one a layer, got (1.0, 2.0). Use () for "
                                          "none."),
    ({"norm": "batch"}, "norm must be one of '', 'layer', 'rms', got 'batch'. Use 'layer'."),
    ({"activation": "reluu"}, "an activation knows x, pi and e, got 'reluu'. Did you mean relu?"),
])  # fmt: skip
def test_what_is_no_network_is_refused_with_the_fix(settings, message):
    refused(ValueError, message, Network, **settings)


def test_seeds_differ_and_come_one_after_the_other():
    answers = list(measure(Network(depth=3, width=16), 5))
    assert [each.seeds for each in answers] == [1, 2, 4, 5]
    refused(
        ValueError, "seeds must be a whole number from 1 to 10000, got 0. Use 1.", lambda: list(measure(Network(), 0))
    )
    assert len(np.unique(answers[-1].square[:, 0])) == 5
    np.testing.assert_array_equal(answers[0].square[0], answers[-1].square[0])


def test_measuring_is_stopped_after_any_seed():
    shares = []

    def stop(share):
        shares.append(share)
        if len(shares) == 3:
            raise Cancelled

    answers = measure(Network(depth=3, width=16), 16, stop)
    assert [next(answers).seeds, next(answers).seeds] == [1, 2]
    with pytest.raises(Cancelled):
        next(answers)
    assert shares == [1 / 16, 2 / 16, 3 / 16]


def test_an_answer_that_is_not_the_last_one_says_so():
    first, *_, last = NetworkStudy("normal", depth=30, width=32, seeds=4).answers()
    assert "Of 1 of 4 networks so far: this may change." in verdict(first)
    assert NOT_YET in mend(first)
    assert "so far" not in verdict(last)
    assert NOT_YET not in mend(last)


def test_what_else_a_mend_changes_is_a_sentence():
    *_, last = NetworkStudy("he_normal", depth=24, width=32, seeds=2, branch=1.0).answers()
    said = mend(last)
    assert "It has a residual branch times 0.2041" in said
    assert "With a residual" not in said
