"""A question that brings weights: they are frozen, compared by their numbers, and observed instead of drawn."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from initviz.answers.answer import answer
from initviz.answers.question import Given
from initviz.checks import check
from initviz.checks.observation import WHOLE
from initviz.study import Study

QUESTION = Study("normal", stddev=1.0, shape=(8, 6)).question
WEIGHTS = np.random.default_rng(0).normal(size=(8, 6))


@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "int8", "bool", "complex64"])
def test_given_weights_are_equal_by_their_numbers(dtype):
    array = WEIGHTS.astype(jnp.dtype(dtype))
    one, other = Given.of(array), Given.of(array.copy())
    assert one == other
    assert hash(one) == hash(other)
    assert one != Given.of(np.zeros((8, 6), array.dtype))
    assert one != Given.of(array.ravel())
    assert one != Given.of(np.zeros((8, 6), np.float16))
    assert one != array.tolist()


def test_given_weights_of_another_name_are_others():
    one, other = Given.of(WEIGHTS, "h/0/kernel"), Given.of(WEIGHTS, "h/1/kernel")
    assert one != other != Given.of(WEIGHTS)
    assert one == Given.of(WEIGHTS.copy(), "h/0/kernel")
    assert hash(one) == hash(Given.of(WEIGHTS.copy(), "h/0/kernel"))


def test_given_weights_that_are_nan_are_equal_too():
    array = np.where(WEIGHTS > 0, np.nan, WEIGHTS)
    assert Given.of(array) == Given.of(array.copy())


def test_given_weights_stay_as_they_were():
    array = WEIGHTS.copy()
    given = Given.of(array)
    array[:] = 0.0
    np.testing.assert_array_equal(given.array, WEIGHTS)
    with pytest.raises(ValueError, match="read-only"):
        given.array[0, 0] = 1.0
    large = np.zeros(WHOLE + 1, np.int8)
    assert np.shares_memory(Given.of(large).array, large)
    assert large.flags.writeable


def test_questions_differ_by_the_weights_given():
    asked = [dataclasses.replace(QUESTION, weights=Given.of(WEIGHTS * factor)) for factor in (1.0, 1.0, 2.0)]
    assert asked[0] == asked[1] != asked[2]
    assert hash(asked[0]) == hash(asked[1])
    assert asked[0] != QUESTION


@pytest.mark.parametrize(
    "weights",
    [WEIGHTS, WEIGHTS[0], np.float32(0.5), np.zeros((0, 3)), WEIGHTS.reshape(2, 2, 3, 2, 2, 1)],
    ids=lambda weights: str(np.shape(weights)),
)
def test_given_weights_are_answered_as_check_does(weights):
    found = answer(dataclasses.replace(QUESTION, weights=Given.of(weights)))
    judged = check(weights, QUESTION.initializer)
    np.testing.assert_array_equal(found.weights, weights)
    assert found.plan == judged.plan
    assert found.observation == judged.observation
    assert str(found.checks) == str(judged.checks)
    assert str(found) == str(judged)
