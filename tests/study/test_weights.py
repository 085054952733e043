"""Weights that somebody brings, in place of a draw, and how they give way to one."""

import numpy as np
import pytest
from oracles import refused

from initviz.initializers import CLASSES, zeros
from initviz.layers import Conv, Dense, RawShape
from initviz.study import Study

ARRAY = np.random.default_rng(0).normal(size=(3, 4))


def test_weights_set_the_shape_and_the_dtype_where_it_can_be_drawn():
    study, asked = Study("normal", dtype="bfloat16", layer=Conv()), []
    study.param.watch(lambda event: asked.append(event.new), "question")
    study.weights = ARRAY.astype(np.float16)
    assert asked == [study.question]
    assert (type(study.layer), study.shape, study.dtype) == (RawShape, (3, 4), "float16")
    study.weights = ARRAY  # float64, which jax does not draw here
    assert (study.dtype, study.answer().plan.dtype) == ("float16", np.float64)
    assert study.weights is ARRAY


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 1, 2, 1, 2)])
def test_weights_of_any_rank(shape):
    study = Study(np.zeros(shape), zeros)
    assert study.shape == shape
    assert study.answer().likely


def test_weights_are_those_of_the_time_when_they_were_given():
    mine = ARRAY.copy()
    study = Study(mine)
    mine[:] = 0
    np.testing.assert_array_equal(study.answer().weights, ARRAY)
    study.initializer.in_axis = 0
    np.testing.assert_array_equal(study.answer().weights, ARRAY)


def test_weights_are_brought_with_a_law_and_a_name_in_one_question():
    study, asked = Study("normal"), []
    study.param.watch(lambda event: asked.append(event.new), "question")
    study.bring(ARRAY, "zeros", "h/0/kernel")
    assert asked == [study.question]
    assert (study.weights_name, study.question.weights.name, study.function) == ("h/0/kernel", "h/0/kernel", "zeros")
    assert study.weights is ARRAY
    study.bring(ARRAY.copy(), zeros, "h/1/kernel")
    assert asked[-1].weights.name == "h/1/kernel"
    assert len(asked) == 2, "equal weights of another name are another question"
    study.weights = ARRAY.copy()
    assert (study.weights_name, study.question.weights.name) == ("", "")
    study.bring(ARRAY, "normal", "h/0/kernel")
    study.seed = 3
    assert (study.weights, study.weights_name, study.question.weights) == (None, "", None)


STAYS = {
    "argument": lambda study: setattr(study.initializer, "in_axis", 0),
    "function": lambda study: setattr(study, "function", "uniform"),
    "initializer": lambda study: setattr(study, "initializer", CLASSES["uniform"]()),
    "a layer of that shape": lambda study: setattr(study, "layer", Dense(inputs=3, outputs=4)),
    "other weights": lambda study: setattr(study, "weights", ARRAY[:2]),
}
DRAWS = {
    "shape": lambda study: setattr(study, "shape", (4, 5)),
    "layer": lambda study: setattr(study, "layer", Dense()),
    "an impossible layer": lambda study: setattr(study, "layer", Conv(groups=2)) or setattr(study.layer, "groups", 3),
    "dtype": lambda study: setattr(study, "dtype", "float16"),
    "seed": lambda study: setattr(study, "seed", 3),
    "draw instead": lambda study: setattr(study, "weights", None),
}


@pytest.mark.parametrize("change", [*STAYS, *DRAWS])
def test_weights_stay_until_something_is_changed_that_they_do_not_follow(change):
    study, asked = Study(ARRAY), []
    study.param.watch(lambda event: asked.append(event.new), "question")
    (STAYS | DRAWS)[change](study)
    assert len(asked) == 1 + (change == "an impossible layer")
    assert (study.weights is None) == (study.question.weights is None) == (change in DRAWS)


def test_given_weights_are_equal_by_value():
    assert Study(ARRAY).question == Study(ARRAY.copy()).question
    assert Study(ARRAY).question != Study(2 * ARRAY).question


def test_given_weights_are_not_written():
    refused(ValueError, "weights must be drawn to be written, got an array of shape (3, 4). Write the array by itself, "
            "for instance with numpy.save.", Study(ARRAY).to_json)  # fmt: skip


def test_what_are_no_weights_is_refused_and_changes_nothing():
    study = Study(ARRAY)
    refused(TypeError, "weights must be numbers, got a list of dtype <U1. "
            "Pass an array of numbers, for instance np.asarray(values, float).", setattr, study, "weights",
            ["a"])  # fmt: skip
    assert study.weights is ARRAY
