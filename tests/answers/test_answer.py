"""A question is frozen, and its answer all of one draw."""

import dataclasses

import jax
import numpy as np
import pytest
from oracles import refused

from initviz.answers.answer import answer
from initviz.answers.question import Question
from initviz.checks import observation
from initviz.initializers import CLASSES
from initviz.layers import RawShape
from initviz.settings.choices import device_names, dtypes
from initviz.study import SPECTRUM_AS, WEIGHTS_AS, Study
from initviz.views.histogram import histogram
from initviz.views.spectrum import spectrum

QUESTION = Question("normal", (("stddev", 0.5),), RawShape(shape=(30, 20)).question(), "float32", 3, device_names()[0])


def test_a_question_is_the_state_frozen():
    study = Study("normal", stddev=0.5, shape=[30, 20], seed=3)
    question = study.question
    assert question == QUESTION
    study.seed = 4
    study.initializer.stddev = 0.25
    assert question == QUESTION
    assert study.question == dataclasses.replace(QUESTION, seed=4, arguments=(("stddev", 0.25),))
    assert question.initializer.stddev == 0.5
    assert isinstance(hash(question), int)
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.seed = 5


def test_a_result_is_frozen_and_all_of_one_draw():
    result = answer(QUESTION)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.summary = None
    initializer = QUESTION.initializer
    weights = np.asarray(initializer(jax.random.key(3), (30, 20), "float32"))
    np.testing.assert_allclose(result.weights, weights, rtol=1e-6)
    assert result.summary.count == 600
    assert (result.summary.minimum, result.summary.maximum) == (result.weights.min(), result.weights.max())
    np.testing.assert_allclose(
        result.singular_values, np.linalg.svd(weights.astype(float), compute_uv=False), rtol=1e-4
    )
    assert result.plan == initializer.plan((30, 20), "float32")
    assert result.spectrum == result.plan.ensemble.spectrum(30, 20)
    assert result.no_spectrum == ""


@pytest.mark.parametrize("name", CLASSES)
def test_every_initializer_is_answered(name):
    result = Study(name, shape=(3, 4, 6), seed=1).answer()
    assert result.weights.shape == (3, 4, 6)
    assert result.summary.count == 72
    assert len(result.singular_values) == 6
    ensemble = result.plan.ensemble
    more = 2 if ensemble.independent else 1 if ensemble.block else 0  # the whole law, or orthogonality
    assert len(result.checks) == 6 + more


@pytest.mark.parametrize("dtype", dtypes())
def test_every_dtype_is_answered(dtype):
    result = Study("glorot_normal", shape=(20, 30), dtype=dtype).answer()
    assert str(result.weights.dtype) == dtype
    parts = 2 if dtype.startswith("complex") else 1
    assert result.summary.count + result.summary.not_finite == parts * 600
    assert len(result.singular_values) == (20 if np.isfinite(result.weights.astype(np.complex64)).all() else 0)


@pytest.mark.parametrize("name", ["orthogonal", "delta_orthogonal", "constant", "zeros", "he_normal"])
def test_singular_values_that_do_not_vary_are_computed_in_double_precision(name):
    result = Study(name, shape=(3, 4, 6)).answer()
    assert result.singular_values.dtype == (np.float32 if name == "he_normal" else np.float64)


def test_the_same_seed_gives_the_same_answer_and_another_another():
    first, second, other = answer(QUESTION), answer(QUESTION), answer(dataclasses.replace(QUESTION, seed=4))
    assert first.summary == second.summary
    assert str(first.checks) == str(second.checks)  # a check without a formula holds NaN
    assert first.summary != other.summary


STREAMED = [
    ("he_normal", (70, 50), "float32", {}),
    ("glorot_uniform", (3, 3, 20, 30), "bfloat16", {"batch_axis": 0}),
    ("uniform", (4, 30, 20), "float16", {"scale": 0.5}),
    ("normal", (40, 60), "complex64", {}),
]


@pytest.mark.parametrize(("name", "shape", "dtype", "settings"), STREAMED)
def test_a_streamed_answer_is_that_of_the_whole(name, shape, dtype, settings, monkeypatch):
    question = Study(name, shape=shape, dtype=dtype, **settings).question
    whole = answer(question)
    monkeypatch.setattr(observation, "WHOLE", 1000)
    streamed = answer(question)
    assert streamed.observation.weights is None
    assert whole.observation.weights is not None
    np.testing.assert_array_equal(streamed.summary.histogram, whole.summary.histogram)
    assert (streamed.summary.minimum, streamed.summary.maximum) == (whole.summary.minimum, whole.summary.maximum)
    np.testing.assert_allclose(
        [streamed.summary.mean, streamed.summary.std], [whole.summary.mean, whole.summary.std], rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(streamed.singular_values, whole.singular_values, rtol=1e-5)
    np.testing.assert_array_equal(streamed.weights, whole.weights)  # drawn when asked for


def test_progress_of_a_streamed_answer_rises_to_1(monkeypatch):
    monkeypatch.setattr(observation, "WHOLE", 1000)
    heard = []
    Study("normal", shape=(70, 50)).answer(heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_large_matrix_shows_a_leading_block(monkeypatch):
    monkeypatch.setattr(observation, "SPECTRUM_BUDGET", 20**3)
    result = Study("normal", shape=(60, 60)).answer()
    assert result.unfolding.size == (20, 20)
    assert str(result.unfolding) == "leading 20 × 20 block of 60 × 60"
    block = np.linalg.svd(result.weights[:20, :20].astype(float), compute_uv=False)
    np.testing.assert_allclose(result.singular_values, block, rtol=1e-4)
    assert result.spectrum == result.plan.ensemble.spectrum(20, 20)


def test_no_weights_have_no_spectrum():
    result = Study(shape=(0, 5)).answer()
    assert result.no_spectrum == "No weights, so no singular values."
    assert (len(result.singular_values), result.spectrum, result.checks) == (0, None, ())


def test_weights_that_are_not_finite_have_no_spectrum():
    result = Study(shape=(30, 20), dtype="float8_e4m3fn").answer()
    lost = int(np.isnan(result.weights.astype(np.float32)).sum())
    assert lost
    assert result.no_spectrum == f"{lost:,} of the weights are NaN or infinite, so there are no singular values."
    assert result.summary.not_finite == lost


def test_an_orthogonal_draw_that_takes_minutes_is_refused():
    refused(
        ValueError,
        "an orthogonal draw must have rows × columns × min(rows, columns) of at most 6.9e+10 here, got 5000 × 5000, "
        "whose QR decomposition takes too long to wait for. Make an axis smaller.",
        Study("orthogonal", shape=(5000, 5000)).answer,
    )
    refused(
        ValueError,
        "ones() must hold at most 67,108,864 weights here, got 67,117,056. Make an axis smaller.",
        Study("ones", shape=(8192, 8193)).answer,
    )


@pytest.mark.parametrize(("settings", "warning"), [
    ({"initializer": "normal", "stddev": 1e-38},
     "float32 keeps nothing between 0 and 1.2e−38: what is smaller becomes 0, be it a weight or, as the variance, a "
     "step on the way to it, here every weight. Use a larger scale or a wider dtype."),
    ({"initializer": "constant", "value": 1e5, "dtype": "float16"},
     "float16 ends at 65,504: what is beyond becomes infinite, here every weight. "
     "Use a smaller scale or a wider dtype."),
    ({"initializer": "normal", "stddev": 3e38},
     "float32 ends at 3.4e+38: what is beyond becomes infinite, here every weight. "
     "Use a smaller scale or a wider dtype."),
    ({"initializer": "normal", "stddev": 1e3, "dtype": "float8_e4m3fn"},
     "jax draws float8_e4m3fn from only 8 equally likely values (8 of them NaN): the exact law does not hold. "
     "Draw in float32 and cast the weights to avoid it."),
    ({"initializer": "normal", "stddev": 1e5, "dtype": "float8_e5m2"},
     "jax draws float8_e5m2 from only 4 equally likely values (4 of them infinite): the exact law does not hold. "
     "Draw in float32 and cast the weights to avoid it."),
    ({"initializer": "truncated_normal", "stddev": 1.0, "lower": 4.0, "upper": np.inf},
     "A cut at infinity: jax rounds the last uniforms to ±1, where its inverse error function is infinite, and cuts "
     "their weights at 3.4e+38 standard deviations, here about 1 weight in 2,200. Give a finite cut."),
    ({"initializer": "constant", "value": 1e-5, "dtype": "float16"},
     "Weights of about 1e−05 are below 6.1e−05, the smallest normal number of float16: they have few digits or are 0. "
     "Use a larger scale or a wider dtype."),
    ({"initializer": "orthogonal", "scale": 1e-38},
     "float32 has few digits below 1.2e−38: there the spread of the weights, or the variance that it is made from, is "
     "rounded far off. Use a larger scale or a wider dtype."),
])  # fmt: skip
def test_weights_out_of_range_of_the_dtype_are_warned_of(settings, warning):
    assert warning in Study(**settings, shape=(8, 8)).answer().plan.warnings


@pytest.mark.parametrize("settings", [
    {"value": 0.3, "dtype": "bfloat16"}, {"value": 1.05, "dtype": "float16"},
    {"value": 1 + 2j, "dtype": "complex64"}, {"value": 1.0, "dtype": "complex64"},
])  # fmt: skip
def test_constants_are_what_is_expected_of_them(settings):
    assert all(check.within for check in Study("constant", shape=(8, 8), **settings).answer().checks)


BEYOND = [("normal", {"stddev": 1e75}), ("truncated_normal", {"stddev": 1e75}), ("uniform", {"scale": 1e75}),
          ("orthogonal", {"scale": 1e75}), ("delta_orthogonal", {"scale": 1e75}),
          ("variance_scaling", {"scale": 1e75, "mode": "fan_in", "distribution": "normal"}),
          *(("constant", {"value": value}) for value in (1e39, 1e99, 1e308, 1e-320, np.inf, np.nan))]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), BEYOND, ids=[f"{name}-{given}" for name, given in BEYOND])
def test_weights_beyond_every_dtype_have_an_answer_and_pictures_with_limits(name, arguments):
    found = Study(name, shape=(3, 3, 4, 8), **arguments).answer()
    for kind in WEIGHTS_AS:
        picture = histogram(found, kind=kind)
        assert np.isfinite([*picture.xlim, *picture.ylim]).all()
    for kind in SPECTRUM_AS:
        picture = spectrum(found, kind=kind)
        assert np.isfinite([*picture.xlim, *picture.ylim]).all()


def test_code_is_written_for_who_asks_for_it(monkeypatch):
    written = []
    monkeypatch.setattr("initviz.answers.answer.translations", lambda *asked: written.append(asked) or ("code",))
    found = Study("he_normal", shape=(8, 4)).answer()
    assert written == []
    assert found.translations == found.translations == ("code",)
    assert len(written) == 1
