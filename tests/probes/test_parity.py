"""Parity: this very draw is that of the installed jax, and a draw that is not is noticed."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend import backend
from oracles import DISTINCT_CASES, reference, ulps

from initviz.initializers import CLASSES
from initviz.probes import parity
from initviz.probes.parity import Parity, ulps_apart
from initviz.settings.choices import generators
from initviz.study import Study

NAN, INFINITY = float("nan"), float("inf")


def compare(name, **settings):
    return Parity().answer(Study(name, **settings).answer(), lambda share: None)


@pytest.mark.parametrize("case", DISTINCT_CASES, ids=str)
def test_every_initializer_is_within_4_ulp_of_jax(case):
    found = compare(case.name, shape=(3, 4, 6), seed=5, **case.arguments)
    assert found.ulps <= 4
    assert (found.compared, found.identical, found.note) == (72, found.ulps == 0, "")


@pytest.mark.parametrize("name", CLASSES)
def test_every_name_has_its_reference(name, monkeypatch):
    monkeypatch.setattr(parity, "WHOLE", 1)  # to be named it need not be compared
    reference = compare(name, shape=(3, 4, 6)).reference
    assert reference == f"jax.nn.initializers.{name.removesuffix('_init')}"


@pytest.mark.parametrize(
    ("generator", "partitionable"), [("threefry2x32", False), *((name, True) for name in generators())]
)
def test_every_generator_and_flag_draws_what_jax_draws(generator, partitionable):
    by = {"generator": generator, "partitionable": partitionable, "shape": (3, 4, 6), "seed": 2**32 - 1}
    draws = [("glorot_uniform", "float32"), ("normal", "complex64")]  # complex draws split the key
    if (generator, partitionable) in [("threefry2x32", False), ("rbg", True)]:
        draws += [("he_normal", "bfloat16"), ("orthogonal", "float32"), ("ones", "float32")]
    for name, dtype in draws:
        assert compare(name, dtype=dtype, **by).ulps <= 4


@pytest.mark.parametrize(("name", "dtype"), [
    ("he_normal", "bfloat16"), ("glorot_uniform", "float16"), ("normal", "float8_e4m3fn"), ("normal", "float8_e5m2"),
])  # fmt: skip
def test_small_dtypes(name, dtype):
    assert compare(name, dtype=dtype, shape=(3, 4, 6)).ulps <= 4


@pytest.mark.parametrize(("name", "arguments"), [
    ("orthogonal", {"column_axis": 0, "scale": 1.5}),
    ("delta_orthogonal", {"column_axis": -2}),
    ("he_normal", {"in_axis": (0, 1), "batch_axis": ()}),
    ("constant", {"value": np.arange(6.0)}),
    ("constant", {"value": NAN}),
])  # fmt: skip
def test_arguments(name, arguments):
    assert compare(name, shape=(3, 4, 6), **arguments).ulps <= 4


@pytest.mark.parametrize("case", DISTINCT_CASES, ids=str)
def test_the_reference_is_jax_itself(case):
    """Its steps one by one are what jax does outside of `jit`."""
    question = Study(case.name, shape=(3, 4, 6), **case.arguments).question
    wanted = case.build(reference)(question.key, question.shape, jnp.float32)
    np.testing.assert_array_equal(parity.reference_weights(question, question.shape), wanted)


def test_no_program_is_kept():
    compare("he_normal", shape=(3, 4, 7))
    result = Study("he_normal", shape=(5, 4, 7)).answer()
    programs = backend.get_backend("cpu").live_executables
    before = len(programs())
    assert Parity().answer(result).compared == 140
    assert len(programs()) == before


def test_another_draw_is_not_identical():
    result = Study("he_normal", shape=(8, 8), seed=1).answer()
    other = dataclasses.replace(
        result, observation=dataclasses.replace(result.observation, weights=result.weights * np.float32(1 + 2**-20))
    )
    found = Parity().answer(other, lambda share: None)
    assert not found.identical
    assert 2 <= found.ulps <= 20  # 2⁻²⁰ is 8 ulps at 1 and 16 below 2, give or take the 4 of jax
    shifted = dataclasses.replace(result, question=dataclasses.replace(result.question, partitionable=False))
    assert Parity().answer(shifted, lambda share: None).ulps > 1000


def test_what_is_not_compared_says_why(monkeypatch):
    empty = compare("normal", shape=(0, 3))
    assert (empty.compared, empty.identical) == (0, False)
    assert empty.text == "not compared with jax.nn.initializers.normal: there are no weights"
    monkeypatch.setattr(parity, "WHOLE", 50)
    large = compare("normal", shape=(6, 10))
    assert large.text == "not compared with jax.nn.initializers.normal: 60 weights are more than 50"
    assert np.isnan(large.ulps)


def test_the_badge():
    assert compare("glorot_uniform", shape=(256, 256)).text == (
        f"identical to jax.nn.initializers.glorot_uniform (65,536 weights, jax {jax.__version__})"
    )
    result = parity.ParityResult(False, 2.0, 12, "", "jax.nn.initializers.normal")
    assert result.text == f"at most 2 ulp from jax.nn.initializers.normal (12 weights, jax {jax.__version__})"


@pytest.mark.parametrize(("found", "reference", "distance"), [
    ([1.0, 2.0], [1.0, 2.0], 0),
    ([NAN, INFINITY, -0.0], [NAN, INFINITY, 0.0], 0),
    ([NAN], [1.0], INFINITY),
    ([1.0], [NAN], INFINITY),
    ([INFINITY], [-INFINITY], INFINITY),
])  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, jnp.bfloat16, jnp.float8_e5m2])
def test_values_that_are_no_numbers(found, reference, distance, dtype):
    assert ulps_apart(np.array(found).astype(dtype), np.array(reference).astype(dtype)) == distance


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, jnp.bfloat16, jnp.float8_e4m3fn])
def test_neighbours_are_one_ulp_apart(dtype):
    reference = np.array([1.0, 0.75, 3.0, 0.0]).astype(dtype)
    beside = np.nextafter(reference, np.full(4, 9).astype(dtype))
    assert ulps_apart(beside, reference) == 1


def test_complex_weights_and_scales_as_the_other_oracle_counts_them(key):
    reference = np.asarray(jax.random.normal(key, (50,), np.complex64))
    found = reference * np.complex64(1 + 1e-6j)
    assert ulps_apart(found, reference) == pytest.approx(ulps(found, reference))
    assert ulps_apart(found, reference, 1.5) == pytest.approx(ulps(found, reference, 1.5))
