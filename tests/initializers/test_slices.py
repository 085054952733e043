"""Scales that are arrays, as in jax, and lists of a number for each slice of a stack."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import Case, reference, refused, ulps

import initviz.initializers as ours
from initviz import engine
from initviz.initializers import PerSlice, constant, normal, orthogonal, uniform, variance_scaling
from initviz.laws import stacked
from initviz.laws.stacked import MOST
from initviz.spectra import Spectrum
from initviz.wording import quoted

SHAPE = (3, 6, 5)
ARRAYS = {
    "slices": jnp.array([1, 1 / 2, 1 / 3])[:, None, None], "columns": np.linspace(0, 1, 5),
    "rows": np.array([[1.0], [2], [3], [4], [5], [0]]), "whole": np.linspace(0.1, 2, 90).reshape(SHAPE),
}  # fmt: skip
FAMILIES = {
    "normal": "stddev", "uniform": "scale", "truncated_normal": "stddev", "variance_scaling": "scale",
}  # fmt: skip
CASES = [
    Case(name, {FAMILIES[name]: array} | more)
    for name, more in [
        ("normal", {}), ("uniform", {}), ("truncated_normal", {"lower": -1.0, "upper": 3.0}),
        *(("variance_scaling", {"mode": "fan_avg", "distribution": law, "batch_axis": 0})
          for law in ("truncated_normal", "normal", "uniform")),
    ]
    for array in ARRAYS.values()
]  # fmt: skip


@pytest.mark.slow(keeps=24)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "complex64"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{np.shape(next(iter(case.arguments.values())))}")
def test_arrays_draw_the_weights_of_jax(case, dtype, key):
    if dtype == "complex64" and case.name in ("uniform", "truncated_normal"):
        return
    expected = case.build(reference)(key, SHAPE, dtype)
    initializer = case.build()
    plan = initializer.plan(SHAPE, dtype)
    for found in (initializer(key, SHAPE, dtype), engine.draw(plan.ensemble, key, SHAPE, dtype),
                  jax.jit(lambda key: initializer(key, SHAPE, dtype))(key)):  # fmt: skip
        assert found.shape == SHAPE
        assert ulps(found, expected) <= 4


@pytest.mark.parametrize("name", FAMILIES)
def test_arrays_may_be_traced(name, key):
    more = {"mode": "fan_in", "distribution": "normal"} if name == "variance_scaling" else {}

    def draw(module, scale):
        return getattr(module, name)(**{FAMILIES[name]: scale} | more)(key, SHAPE)

    found, expected = (
        jax.jit(lambda x, module=module: draw(module, x))(ARRAYS["slices"]) for module in (ours, reference)
    )
    assert ulps(found, expected) <= 4
    slope = jax.grad(lambda x: draw(ours, x).sum())(ARRAYS["slices"])
    assert slope.shape == (3, 1, 1)
    assert bool(jnp.all(jnp.isfinite(slope)))
    plans = []
    jax.jit(lambda x: plans.append(getattr(ours, name)(**{FAMILIES[name]: x} | more).plan(SHAPE)))(ARRAYS["slices"])
    assert all(step.latex for step in plans[0].steps)


def test_slices_are_spread_along_the_batch():
    numbers = (1, 1 / 2, 1 / 3)
    by_list = variance_scaling(PerSlice(*numbers), "fan_in", "normal", batch_axis=0)
    by_array = variance_scaling(np.reshape(numbers, (3, 1, 1)), "fan_in", "normal", batch_axis=0)
    assert by_list.plan(SHAPE) == by_array.plan(SHAPE)
    middle = variance_scaling(PerSlice(*range(1, 7)), "fan_in", "normal", in_axis=0, batch_axis=-2)
    assert np.shape(middle.plan(SHAPE)["variance"]) == (6, 1)
    assert variance_scaling(PerSlice(0.5), "fan_in", "normal").scale == 0.5


def test_a_plan_says_what_each_slice_has():
    plan = variance_scaling(PerSlice(1, 1 / 2, 0), "fan_in", "uniform", batch_axis=0).plan((3, 50, 40))
    assert np.ravel(plan["variance"]) == pytest.approx([0.02, 0.01, 0])
    assert np.ravel(plan["std"]) == pytest.approx([0.02**0.5, 0.01**0.5, 0])
    assert plan["std of all"] == pytest.approx(0.01**0.5)
    assert np.ravel(plan["bound"]) == pytest.approx([0.06**0.5, 0.03**0.5, 0])
    assert plan.steps[2].latex == (r"\sigma^2 = \frac{s}{n} = \frac{(1,\ 0.5,\ 0)}{50} = (0.02,\ 0.01,\ 0)")
    assert str(plan).splitlines()[3:6] == [
        "  variance: 0.02, 0.01, 0",
        "  std: 0.1414, 0.1, 0 (for each slice along axis 0)",
        "  std of all: 0.1 (of all weights together, a mixture of these laws)",
    ]
    assert str(plan.unfolding) == "flattened to 50 × 40: rows axis 1, columns axis 2; first slice along axis 0"
    long = normal(np.linspace(1, 2, 12)[:, None, None]).plan((12, 4, 4))
    assert long.steps[0].latex == r"\operatorname{std}(w) = (1,\ 1.091,\ 1.182,\ \ldots,\ 2)"
    assert "for complex weights" not in str(long)


def test_all_zeros_are_no_law_but_a_warning():
    plan = normal(np.zeros((3, 1, 1))).plan(SHAPE)
    assert (plan.ensemble.marginal.std, plan.warnings) == (0.0, ("stddev = 0 makes every weight 0.",))
    assert normal(np.array([1.0, 0])[:, None, None]).plan((2, 4, 4)).warnings == ()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_equal_scales_are_one(family, dtype, key):
    more = {"mode": "fan_in", "distribution": "uniform"} if family == "variance_scaling" else {}
    by_array, by_number = (getattr(ours, family)(**{FAMILIES[family]: x} | more) for x in (np.full((6, 1), 0.3), 0.3))
    plan = by_array.plan((6, 5), dtype)
    assert plan.ensemble == by_number.plan((6, 5), dtype).ensemble
    assert isinstance(plan.ensemble.spectrum(6, 5), Spectrum)
    expected = getattr(reference, family)(np.full((6, 1), 0.3), *more.values())
    assert ulps(by_array(key, (6, 5), dtype), expected(key, (6, 5), dtype)) <= 4


def test_a_scale_for_each_weight_takes_no_step_for_each(monkeypatch):
    """Laws are made of the scales at the ends, and of no more than are mixed."""
    made = []
    monkeypatch.setattr(stacked, "replace", lambda *args, **kw: made.append(1) or replace(*args, **kw))
    whole = np.linspace(0.1, 1, 90_000).reshape(300, 300)
    for numbers in (whole, np.round(whole), np.where(whole < 0.5, 1e-44, whole)):
        plan = normal(numbers).plan((300, 300))
        assert eval(plan.initializer, vars(ours).copy()).stddev == pytest.approx(numbers)
        if numbers is not whole and plan.ensemble.marginal:
            assert np.array_equal(plan["std"], numbers)
    assert len(made) < 3 * MOST + 30
    assert any("keeps nothing between 0" in warning for warning in plan.warnings)


def test_more_scales_than_are_mixed_have_no_law(key):
    shape = (MOST + 1, 2, 2)
    initializer = normal(np.linspace(0.1, 1, shape[0])[:, None, None])
    plan = initializer.plan(shape)
    assert plan.ensemble.marginal is None
    assert [step.name for step in plan.steps] == ["law", "ensemble"]
    assert ulps(initializer(key, shape), reference.normal(initializer.stddev)(key, shape)) <= 4


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("1, 1/2, 1/4", PerSlice(1, 0.5, 0.25), "1, 0.5, 0.25"),
        ("[1, 0.5, 0.25]", PerSlice(1, 0.5, 0.25), "1, 0.5, 0.25"),
        ("1 ; 1 / 2", PerSlice(1, 0.5), "1, 0.5"),
        ("1/3", 1 / 3, "0.3333333333333333"),
        ("[0.5]", 0.5, "0.5"),
        ("[[[1]], [[0.5]]]", np.array([[[1.0]], [[0.5]]]), "[[[1]], [[0.5]]]"),
        ("[[1, 2]]", np.array([1.0, 2]), "[[1, 2]]"),
    ],
)
def test_texts_of_scales(text, value, written):
    knob = variance_scaling(1.0, "fan_in", "normal").param.scale
    found = knob.parse(text)
    assert type(found) is type(value)
    assert np.array_equal(found, value)
    assert knob.text(found) == written
    assert np.array_equal(knob.parse(written), value)


def test_slices_of_constants_are_typed_without_brackets(key):
    knob = constant(0).param.value
    assert knob.parse("1, 1/2, 2+1j") == PerSlice(1, 0.5, 2 + 1j)
    assert knob.text(PerSlice(1.0, 0.5)) == "1, 0.5"
    assert np.array_equal(knob.parse("[1, 0.5]"), [1, 0.5])
    assert np.array_equal(
        constant(PerSlice(1, 0.5)).over((2, 3, 3), (0,))(key, (2, 3, 3)), np.broadcast_to([[[1]], [[0.5]]], (2, 3, 3))
    )


def test_a_list_prints_as_what_makes_it():
    initializer = uniform(PerSlice(1, 0.5))
    assert repr(initializer) == "uniform(scale=PerSlice(1, 0.5))"
    assert eval(repr(initializer), vars(ours).copy()).scale == initializer.scale


@pytest.mark.parametrize("wrong", [None, [1, 2], "a", np.ones(2), jnp.ones((1, 1)), jax.random.key(0)], ids=str)
def test_slices_take_known_numbers_only(wrong):
    message = (
        f"PerSlice takes a known number for each slice, got {quoted(wrong)}. Pass for instance PerSlice(1, 0.5), "
        "or an array that says along which axis it differs, such as jax.numpy.array(...)[:, None, None], "
        "without PerSlice."
    )
    refused(TypeError, message, PerSlice, 1, wrong)


def test_slices_refuse_tracers():
    with pytest.raises(TypeError, match="PerSlice takes a known number for each slice, got"):
        jax.jit(lambda x: jnp.asarray(PerSlice(x, 1.0)))(1.0)


def test_slices_take_numbers_of_every_library():
    numbers = (1, 0.5, 2 + 1j, True, np.float32(0.25), jnp.array(0.5, "bfloat16"), np.array(2))
    assert tuple(PerSlice(*numbers)) == numbers
    assert repr(PerSlice(*numbers)) == "PerSlice(1, 0.5, (2+1j), True, 0.25, 0.5, 2)"


NO_STACK = (
    "scale must be one number for a shape without a stacked axis, got 2 numbers. Choose a layer with one, such as "
    "Scanned stack or Experts, or name the batch_axis of an initializer that has one."
)
WRONG = (
    "scale must be one number, or as many as the stacked axis is long, 3 (axis 0), got 2 numbers. "
    "Give each slice its number, or change the size of the axis."
)
BOTH = (
    "scale must fit one stacked axis, got 2 numbers, and the axes 0, 1 are all as long. "
    "Pass an array that says along which it differs, such as jax.numpy.array(...)[:, None, None]."
)
TOO_LONG = (
    "stddev must broadcast over the shape (3, 6, 5), got an array of shape (3,). "
    "Pass a number, or an array of shape (3, 6, 5)."
)
NEGATIVE = "scale must be a number of at least 0, got -1.0. Pass for instance 0.01."
NAN = "scale must be a number of at least 0, got nan. Pass for instance 0.01."


def test_what_is_refused():
    two = PerSlice(1.0, 0.5)
    refused(ValueError, NO_STACK, uniform(two).plan, SHAPE)
    refused(ValueError, NO_STACK, variance_scaling(two, "fan_in", "normal").plan, SHAPE)
    refused(ValueError, WRONG, variance_scaling(two, "fan_in", "normal", batch_axis=0).plan, SHAPE)
    refused(ValueError, WRONG, variance_scaling(two, "fan_in", "normal", batch_axis=0), None, SHAPE)
    refused(ValueError, BOTH, variance_scaling(two, "fan_in", "normal", batch_axis=(0, 1)).plan, (2, 2, 4, 4))
    refused(ValueError, TOO_LONG, normal(np.ones(3)).plan, SHAPE)
    refused(ValueError, NEGATIVE, uniform, PerSlice(1.0, -1.0))
    refused(ValueError, NAN, uniform, np.array([1.0, np.nan]))
    refused(ValueError, "scale must be a number of at least 0, got no number. Pass for instance 0.01.", uniform, [])
    with pytest.raises(TypeError, match="scale must be one real number"):
        orthogonal(np.ones((3, 1, 1)))
    with pytest.raises(TypeError, match="stddev must be one real number"):
        normal(np.array(["a", "b"]))
