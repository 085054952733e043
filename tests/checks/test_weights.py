"""The front door: weights that somebody has, said to come from an initializer."""

import jax
import numpy as np
import pytest
from oracles import refused

import initviz
from initviz import initializers
from initviz.checks import check
from initviz.checks.base import STD
from initviz.initializers import constant, he_normal, normal, orthogonal, uniform, zeros

WEIGHTS = np.asarray(he_normal()(jax.random.key(0), (64, 48), "float32"))


def test_weights_drawn_elsewhere_are_likely_and_wrong_ones_say_why():
    found = initviz.check(WEIGHTS, "he_normal")
    assert found
    assert (found.plan.shape, str(found.plan.dtype)) == ((64, 48), "float32")
    assert found.observation.weights is WEIGHTS
    for name in ("summary", "band", "reach", "singular_values", "spectrum", "unfolding", "ranks"):
        assert getattr(found, name) is not None
    wrong = check(1.5 * WEIGHTS, he_normal())
    assert not wrong
    lines = dict(line[2:].split("  ", 1) for line in str(wrong).splitlines()[1:])
    assert lines[STD].strip() == (
        "expected 0.1768 (0.172 to 0.1816 in 99 % of draws), found 0.2677: fewer than 1 draw in 10,000"
    )


SAID = """\
zeros() · 3 · float32: unlikely as a whole: fewer than 1 draw in 10,000 is as far off.
✗ mean                       expected 0, found 1: fewer than 1 draw in 10,000
✗ std around the law's mean  expected 0, found 1.732: fewer than 1 draw in 10,000
✓ min                        expected 0, found 0
✗ max                        expected 0, found 3: fewer than 1 draw in 10,000"""


def test_it_prints_itself_in_a_terminal_and_in_a_notebook():
    found = check(np.array([0, 3, 0], np.float32), zeros)
    assert str(found) == repr(found) == SAID
    html = found._repr_html_()
    assert html.count("<tr>") == 4
    for line in SAID.splitlines()[1:]:
        assert line[2:].split("  ")[-1].strip() in html


def test_a_range_of_what_does_not_vary_is_shown_where_its_ends_differ():
    for value, dtype, said in (
        (0.5, "float32", "expected 0.5 exactly, found 0.5"),
        (0.3, "bfloat16", "expected 0.3 (0.2977 to 0.3023 in every draw), found 0.3008"),
    ):
        assert said in str(check(np.full((3, 4), value, dtype), constant(value)))


def test_nothing_of_it_is_read_as_html():
    found = check(np.zeros(3), initializers.constant(0.0))
    spoilt = type(found)(found.plan, found.observation, (found.checks[0].__class__("<b>", 0.0, 0.0, 0.0, 0.0),))
    assert "<b>&lt;b&gt;" not in spoilt._repr_html_()
    assert "&lt;b&gt;" in spoilt._repr_html_()


@pytest.mark.parametrize(("weights", "initializer", "verdict", "likely"), [
    (np.zeros(64), "zeros", "as expected.", True),
    (np.zeros(64) + 0.1, "zeros", "unlikely as a whole: fewer than 1 draw in 10,000 is as far off.", False),
    (0.0, "zeros", "as expected.", True),
    (np.int32(3), initializers.constant(3), "as expected.", True),
    (np.random.default_rng(0).uniform(0, 0.5, 500), uniform(0.5), "as expected.", True),
    ([0.3, 0.2], normal(0.3), "too few weights to tell; twice the spread would pass.", True),
    ([30.0, 0.2], normal(0.3), "unlikely as a whole: fewer than 1 draw in 10,000 is as far off.", False),
    (0.001, "normal", "too few weights to tell; twice the spread would pass.", True),
    (np.zeros((0, 3)), "he_normal", "no weights, nothing to check.", True),
    (np.zeros((0,)), "zeros", "no weights, nothing to check.", True),
    (np.tile(np.arange(3.0), (4, 1)), initializers.constant(np.arange(3.0)), "as expected.", True),
    (np.ones((4, 3)), initializers.constant(np.arange(3.0)),
     "unlikely as a whole: fewer than 1 draw in 10,000 is as far off.", False),
])  # fmt: skip
def test_the_verdict_of_weights_of_any_rank(weights, initializer, verdict, likely):
    found = check(weights, initializer)
    assert bool(found) is likely
    assert str(found).splitlines()[0].endswith(f": {verdict}")
    assert found.unfolding is None or np.ndim(weights) > 1


def test_one_check_outside_its_range_is_no_surprise():
    for seed in range(300):
        found = check(np.random.default_rng(seed).normal(size=(9, 7)), normal(1.0))
        outside = sum(each.within is False for each in found.checks)
        if found and outside == 1:
            break
    assert "as expected as a whole; 1 of 8 checks outside its range is no surprise." in str(found)
    (failed,) = (each for each in found.checks if each.within is False)
    assert f": 1 draw in {round(1 / failed.probability)}" in str(found)


def test_a_foreign_dtype_is_judged_with_its_own_precision():
    double = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 20)))[0]
    assert check(double, orthogonal())
    assert check(double.astype(np.float32), orthogonal())
    assert check(double.astype("float16"), orthogonal())
    cast = np.full((30, 20), 0.1, "float16").astype("float32")  # as close to 0.1 as half precision is
    assert not check(cast, constant(0.1))
    assert check(cast, constant(0.1), dtype="float16")
    assert str(check(double, orthogonal()).plan.dtype) == "float64"


def test_doubles_that_hold_single_precision_are_judged_by_it():
    single = orthogonal()(jax.random.key(0), (30, 20))
    cast = np.asarray(single, np.float64)
    assert check(cast, orthogonal())
    assert check(cast.astype(complex), orthogonal()).plan.dtype == np.complex64
    cast[0, 0] = np.nextafter(cast[0, 0], 1)
    assert not check(cast, orthogonal())


def test_integers_and_truth_values_are_weights_too():
    assert not check(np.arange(12).reshape(3, 4), "he_normal")
    assert not check(np.ones((3, 4), bool), "he_normal")
    assert check(np.ones((3, 4), bool), "ones")
    assert check(np.ones((3, 4), np.int8), "ones")


def test_a_generator_whose_tails_go_beyond_those_of_jax_passes():
    """float32 normals of jax end at 5.22 σ; in 4 million draws of others the largest is beyond in one of three."""
    weights = np.random.default_rng(0).normal(size=2**22).astype(np.float32)
    weights[0] = 5.4
    found = {each.name: each for each in check(weights, normal(1.0)).checks}
    assert found["max"].within


REFUSED = {
    "not called": (TypeError, (WEIGHTS, he_normal), "he_normal was not called. Pass he_normal()."),
    "swapped": (TypeError, (he_normal(), WEIGHTS),
                "weights come first, then the initializer, got a HeNormal. Write check(weights, he_normal())."),
    "another library": (
        TypeError, (WEIGHTS, jax.nn.initializers.he_normal),
        "initializer must be one of initviz, got one of jax, which does not tell its arguments. "
        "Import the same name from initviz.initializers and pass for instance he_normal()."),
    "one that was called": (
        TypeError, (WEIGHTS, jax.nn.initializers.he_normal()),
        "initializer must be one of initviz, got one of jax, which does not tell its arguments. "
        "Import the same name from initviz.initializers and pass for instance he_normal()."),
    "key as dtype": (TypeError, (WEIGHTS, he_normal(), jax.random.key(0)), "data type Array((), dtype=key<fry>) "
                     "overlaying:... not understood. Choose a jax dtype such as float32 or bfloat16."),
    "bias": (
        ValueError, (np.zeros(3), "he_normal"),
        "he_normal() cannot be asked about weights of shape (3,): Can't compute input and output sizes of a "
        "1-dimensional weights tensor with default in_axis. Must be at least 2D or specify in_axis explicitly. "
        "For a bias pass for instance zeros, normal(stddev) or uniform(scale)."),
    "pattern": (
        ValueError, (np.zeros((2, 3)), initializers.constant(np.arange(4.0))),
        "value must broadcast over the shape (2, 3), got an array of shape (4,). "
        "Pass a number, or an array of shape (2, 3)."),
}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_natural_mistakes_are_named(mistake):
    kind, given, message = REFUSED[mistake]
    refused(kind, message, check, *given)


def test_the_front_door_has_it():
    assert initviz.check is check
    for name in ("Answer", "check", "observe", "judge"):
        assert name in initviz.__all__
        assert callable(getattr(initviz, name))


@pytest.mark.parametrize("initializer", [normal(1.0), uniform(3.0), constant(0.0)], ids=str)
@pytest.mark.parametrize("far", [1e4, 1e5])
def test_moments_of_weights_far_from_the_law_are_their_own(far, initializer):
    weights = (far + np.random.default_rng(0).normal(size=(64, 64))).astype("f4")
    found = check(weights, initializer).summary
    assert found.mean == pytest.approx(weights.astype(float).mean(), abs=1e-6)
    assert found.std == pytest.approx(weights.astype(float).std(), rel=1e-6)
