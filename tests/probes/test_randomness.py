"""Generators: draws under every one of them and either flag, and the probe that tells them apart."""

import dataclasses
import threading

import jax
import numpy as np
import pytest
from oracles import DISTINCT_CASES, ulps
from recorded import EXAMPLES, NUMBERS

from initviz import engine
from initviz.answers.answer import answer
from initviz.answers.question import Question
from initviz.checks import observation
from initviz.engine import draws
from initviz.initializers import CLASSES
from initviz.layers import RawShape
from initviz.probes.randomness import Randomness, printed_example
from initviz.settings.choices import GENERATORS, generators
from initviz.study import Study

SETTINGS = [(name, flag) for name in generators() for flag in (True, False)]
every_setting = pytest.mark.parametrize(("generator", "partitionable"), SETTINGS)


def as_recorded(found, name):
    np.testing.assert_allclose(found, NUMBERS[name]["value"], rtol=0, atol=NUMBERS[name]["tolerance"])


def look(name, **settings):
    return Randomness().answer(Study(name, **settings).answer(), lambda share: None)


# The settings


def test_the_generators_are_those_of_the_installed_jax():
    assert generators() == GENERATORS  # jax 0.10 and 0.12 have all six
    assert generators()[0] == str(jax.random.key_impl(jax.random.key(0))) == Study().generator


def test_the_question_holds_them():
    study = Study("normal", generator="rbg", partitionable=False)
    assert (study.question.generator, study.question.partitionable) == ("rbg", False)
    plain = Question("normal", (("stddev", 0.01),), RawShape(shape=(4, 4)).question(), "float32", 0, study.device)
    assert (plain.generator, plain.partitionable) == ("threefry2x32", True)
    message = f"generator must be one of {', '.join(generators())}, got 'mt19937'. Choose one of them."
    with pytest.raises(ValueError, match=f"^{message}$"):
        study.generator = "mt19937"


def test_the_flag_is_that_of_one_thread():
    entered, leave, seen = threading.Event(), threading.Event(), []
    question = Study("normal", shape=(3, 4), partitionable=False).question
    default = jax.config.jax_threefry_partitionable

    def other():
        with question.in_force():
            entered.set()
            leave.wait(60)
            seen.append((jax.config.jax_threefry_partitionable, jax.random.uniform(question.key, (3,)).tolist()))

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(60)
    seen.append((jax.config.jax_threefry_partitionable, jax.random.uniform(jax.random.key(0), (3,)).tolist()))
    leave.set()
    thread.join()
    assert [flag for flag, _ in seen] == [default, False]
    assert seen[0][1] != seen[1][1]
    answer(question)
    assert jax.config.jax_threefry_partitionable == default


# Draws


@pytest.mark.parametrize("case", [case for case in DISTINCT_CASES if case.name in (
    "lecun_uniform", "truncated_normal", "normal", "orthogonal", "delta_orthogonal", "ones")], ids=str)  # fmt: skip
@pytest.mark.parametrize(("generator", "partitionable"), [("threefry2x32", False), ("rbg", True)])
def test_answers_are_of_the_draw_of_jax(case, generator, partitionable):
    shape = (3, 4, 6)
    study = Study(case.name, shape=shape, seed=7, generator=generator, partitionable=partitionable, **case.arguments)
    result = study.answer()
    with jax.threefry_partitionable(partitionable):
        weights = np.asarray(case.build()(jax.random.key(7, impl=generator), shape, np.float32))
    assert ulps(result.weights, weights, case.scale) <= 4
    assert (result.summary.minimum, result.summary.maximum) == (result.weights.min(), result.weights.max())
    unseen = dataclasses.replace(result.observation, weights=None)
    again = dataclasses.replace(result, observation=unseen)  # drawn when asked for, by the same settings
    np.testing.assert_array_equal(again.weights, result.weights)


@every_setting
def test_a_large_draw_is_the_same_streamed_or_whole(generator, partitionable, monkeypatch):
    question = Study("uniform", scale=1.0, shape=(40, 50), generator=generator, partitionable=partitionable).question
    whole = answer(question)
    monkeypatch.setattr(observation, "WHOLE", 1000)
    large = answer(question)
    assert (large.observation.weights is None) == ((generator, partitionable) == ("threefry2x32", True))
    np.testing.assert_array_equal(large.summary.histogram, whole.summary.histogram)
    np.testing.assert_array_equal(large.weights, whole.weights)
    np.testing.assert_allclose(large.singular_values, whole.singular_values, rtol=1e-5)


def test_a_draw_that_must_be_whole_has_a_largest_size(monkeypatch):
    monkeypatch.setattr("initviz.answers.answer.WHOLE", 10)
    question = Study("normal", shape=(20, 20), generator="rbg").question
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message follows
        answer(question)
    assert str(refusal.value) == (
        "a draw by rbg with jax_threefry_partitionable=True must hold at most 160 weights here, since it cannot be "
        "made in part, got 400. Make an axis smaller, or use threefry2x32 with the flag on."
    )
    with pytest.raises(ValueError, match="a draw by threefry2x32 with jax_threefry_partitionable=False must hold"):
        answer(dataclasses.replace(question, generator="threefry2x32", partitionable=False))
    assert answer(dataclasses.replace(question, generator="threefry2x32")).summary.count == 400


def test_draws_in_pieces_keep_the_flag_of_their_thread(key):
    """Complex draws split the key, by the flag in force: also in the pool's threads, whatever the global flag is."""
    shape = (3, draws.PIECE // 2 + 5)
    ensemble = CLASSES["normal"](1.0).plan(shape, "complex64").ensemble
    before = jax.config.jax_threefry_partitionable
    jax.config.update("jax_threefry_partitionable", False)  # as JAX_THREEFRY_PARTITIONABLE=0 would
    try:
        with jax.threefry_partitionable(True):
            found, whole = engine.draw(ensemble, key, shape, np.complex64), ensemble.sample(key, shape, np.complex64)
            summary = engine.summarize(ensemble, key, shape, np.complex64)
    finally:
        jax.config.update("jax_threefry_partitionable", before)
    assert ulps(found, whole) <= 4
    assert summary.minimum == min(found.real.min(), found.imag.min())


# The probe


def test_a_row_for_every_generator_and_flag():
    found = look("uniform", scale=1.0, shape=(1, 3), seed=42, generator="philox4x32")
    assert [(row.generator, row.partitionable) for row in found.rows] == SETTINGS
    assert [row.generator for row in found.rows if row.in_force] == ["philox4x32"]
    first = {(row.generator, row.partitionable): row.first for row in found.rows}
    as_recorded([first["threefry2x32", True], first["threefry2x32", False]], "7.threefry_flip")
    for generator in generators():
        if f"7.impl_{generator}" in NUMBERS:
            as_recorded(first[generator, True], f"7.impl_{generator}")


@pytest.mark.parametrize("name", ["he_normal", "delta_orthogonal", "normal"])
def test_the_first_weights_are_those_of_jax(name):
    dtype = "complex64" if name == "normal" else "float32"
    result = Study(name, shape=(1, 1, 3), seed=2**32 - 1, dtype=dtype).answer()
    build = getattr(jax.nn.initializers, name)()
    rows = Randomness().answer(result, lambda share: None).rows
    for row in (rows[0], rows[1], rows[4]):
        with jax.threefry_partitionable(row.partitionable):
            expected = np.asarray(build(jax.random.key(2**32 - 1, impl=row.generator), (1, 1, 3), np.dtype(dtype)))
        found = np.asarray(row.first, dtype).reshape(1, 1, 3)
        assert ulps(found, expected, 1.0 if name == "delta_orthogonal" else None) <= 4
    np.testing.assert_array_equal(np.asarray(rows[0].first, dtype), result.weights.ravel())


def test_prefixes_and_batches():
    rows = {(row.generator, row.partitionable): row for row in look("ones", shape=(2, 3)).rows}
    found = [rows["threefry2x32", True].prefix, rows["threefry2x32", False].prefix]
    assert found == NUMBERS["7.prefix_property"]["value"]
    for (generator, _), row in rows.items():
        assert row.vmap == ("rbg" not in generator)
        assert row.remark.startswith("may change with backend and compiler version" if "rbg" in generator else "")
        assert bool(row.remark) == ("rbg" in generator)


@pytest.mark.parametrize("example", EXAMPLES["examples"], ids=lambda example: example["initializer"])
def test_printed_examples_are_read_from_the_installed_docstrings(example):
    found = printed_example(example["initializer"])
    assert found.shape == tuple(example["shape"])
    assert found.arguments == tuple((example["arguments"] or {}).values())
    np.testing.assert_allclose(found.values, example["expected"], rtol=1e-7)
    recorded = f"10.docstring_{example['initializer']}"
    if recorded in NUMBERS:
        as_recorded(found.values, recorded)


@pytest.mark.parametrize("name", ["glorot_uniform", "truncated_normal", "orthogonal"])
def test_only_the_old_flag_reproduces_the_printed_examples(name):
    found = look(name, shape=(4, 5))
    assert [setting for setting, row in zip(SETTINGS, found.rows, strict=True) if row.reproduces] == [
        ("threefry2x32", False)
    ]
    assert found.summary == (
        f"The printed example of {name} is reproduced by threefry2x32 with the flag off. This draw uses threefry2x32 "
        "with the flag on, which gives other numbers; jax 0.5.0 turned jax_threefry_partitionable on by default."
    )
    old = look(name, shape=(4, 5), partitionable=False)
    assert "This draw uses threefry2x32 with the flag off, which reproduces it;" in old.summary


def test_constants_and_what_has_no_example():
    assert look("zeros_init", shape=(4, 5)).summary.startswith(
        "Every generator reproduces the printed example of zeros, which ignores the key. This draw uses threefry2x32 "
    )
    assert printed_example("variance_scaling") is None
    found = look("variance_scaling", shape=(4, 5))
    assert found.summary.startswith("jax prints no example of variance_scaling. This draw uses threefry2x32 with")
    assert {row.reproduces for row in found.rows} == {None}


def test_large_orthogonal_matrices_are_not_drawn_by_every_generator():
    assert look("orthogonal", shape=(65, 64)).rows[0].first == ()


# What the reference says of generators


def test_the_documentation_before_the_flip():
    with Study("uniform", shape=(1, 1), partitionable=False).question.in_force():
        key = jax.random.key(0)
        first = float(jax.random.uniform(key))
        second = float(jax.random.uniform(jax.random.split(key)[1]))
    as_recorded([first, second], "10.docs_uniform_old")


def test_one_seed_couples_all_initializers():
    weights = {
        name: Study(name, shape=(40, 30), seed=9).answer().weights.ravel()
        for name in ("uniform", "lecun_normal", "lecun_uniform", "he_uniform")
    }
    ratio = np.median(weights["he_uniform"] / weights["lecun_uniform"])
    assert np.allclose(weights["he_uniform"], weights["lecun_uniform"] * ratio, rtol=1e-6)
    ranks = [np.argsort(np.argsort(weights[name], kind="stable")) for name in ("uniform", "lecun_normal")]
    as_recorded([ratio, np.corrcoef(*ranks)[0, 1]], "7.same_key_coupling")
