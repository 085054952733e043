"""Frozen classes that hold arrays compare without raising, and equal ones have equal hashes."""

import copy
import dataclasses
import importlib
import pkgutil

import jax.numpy as jnp
import numpy as np
import pytest

import initviz
from initviz.checks import Observation, observe
from initviz.engine.summary import Bins, Summary
from initviz.initializers import constant, he_normal, uniform
from initviz.initializers.plan import Step
from initviz.laws.base import Root
from initviz.laws.by_value import ByValue, same
from initviz.laws.ensembles import Constant, Delta, Haar, Iid
from initviz.laws.real import Normal
from initviz.study import Study


def frozen_classes() -> list[type]:
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(initviz.__path__, "initviz.")]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and dataclasses.is_dataclass(value)
        and value.__dataclass_params__.frozen
    ]  # fmt: skip


@pytest.mark.parametrize("cls", frozen_classes(), ids=lambda cls: cls.__qualname__)
def test_no_class_with_arrays_compares_by_accident(cls):
    """What `dataclass` compares with raises for arrays: a class that has one compares by identity or by value."""
    holds_arrays = any("ndarray" in str(f.type) or "Array" in str(f.type) for f in dataclasses.fields(cls))
    assert not (holds_arrays and cls.__dataclass_params__.eq)


def test_what_holds_arrays_by_value_is_equal_to_its_copy_and_hashes_alike():
    pattern = constant(jnp.arange(4.0)).plan((3, 4))
    values = [
        pattern, pattern.steps[-1], pattern.ensemble, Step("a", "b", np.ones(3)), Iid(Normal(jnp.float32(0.5))),
        Haar(jnp.float32(2.0), 3, 4, 1), Delta(Haar(np.float64(2.0), 3, 4, 1), (3,)), Root(np.float32(2.0)),
        Summary.empty(Bins(-1.0, 1.0, 0.0)), Study("constant", value=jnp.arange(4.0), shape=(3, 4)).question,
    ]  # fmt: skip
    for value in values:
        twin = copy.deepcopy(value)
        assert value == twin
        assert hash(value) == hash(twin)
        assert value != "another"
        assert all(value != other for other in values if other is not value)


def test_the_kind_of_array_does_not_matter():
    lists, arrays = Constant([1.0, 2.0]), Constant(jnp.array([1.0, 2.0]))
    assert lists == arrays
    assert hash(lists) == hash(arrays) == hash(Constant(np.array([1, 2])))
    assert Constant(0.5) == Constant(jnp.float32(0.5))
    assert hash(Constant(0.5)) == hash(Constant(jnp.float32(0.5)))
    assert Constant(np.arange(3)) != Constant(np.arange(4))
    assert Constant(float("nan")) == Constant(-float("nan"))
    assert hash(Constant(float("nan"))) == hash(Constant(-float("nan")))


@pytest.mark.parametrize(("a", "b", "equal"), [
    ((1, 2), [1, 2], True), ((1, 2), (1, 2, 3), False), (np.ones(2), [1, 1], True), (np.ones(2), None, False),
    ((1, np.arange(3)), (1, jnp.arange(3)), True), ((1, np.arange(3)), (1, 2), False), ("a", np.ones(2), False),
    (((1, 2), (3,)), np.ones(3), False), (0.5, np.float32(0.5), True),
])  # fmt: skip
def test_values_are_the_same_as_a_whole(a, b, equal):
    assert same(a, b) is equal
    assert same(b, a) is equal


def test_an_observation_compares_by_value_and_has_no_hash():
    weights = np.arange(6.0).reshape(2, 3)
    assert observe(weights) == observe(weights.tolist())
    assert observe(weights) != observe(weights + 1)
    assert Observation.__hash__ is None
    assert issubclass(Observation, ByValue)


def test_questions_with_the_same_numbers_are_one():
    study = Study("constant", value=np.arange(4.0), shape=(3, 4))
    assert study.question == Study("constant", value=jnp.arange(4.0), shape=(3, 4)).question
    assert study.question != Study("constant", value=np.arange(4.0) + 1, shape=(3, 4)).question
    assert he_normal().plan((4, 4)) == he_normal().plan((4, 4)) != uniform().plan((4, 4))
