"""A drop-in: the same names, signatures and forms of argument, usable wherever the reference's are."""

import inspect
import os
import pickle
import subprocess
import sys
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.sharding import AxisType, NamedSharding, PartitionSpec
from oracles import CASES, DISTINCT_CASES, Case, ours, reference, ulps

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_distinct_case = pytest.mark.parametrize("case", DISTINCT_CASES, ids=str)
DENSE = [case for case in DISTINCT_CASES if case.name != "delta_orthogonal"]


# Names and signatures


@pytest.mark.parametrize("name", ours.CLASSES)
def test_signatures_are_those_of_the_installed_reference(name):
    found, expected = (inspect.signature(getattr(module, name)) for module in (ours, reference))
    assert list(found.parameters) == list(expected.parameters)
    for parameter, theirs in zip(found.parameters.values(), expected.parameters.values(), strict=True):
        assert parameter.default == theirs.default
        assert parameter.kind == theirs.kind


def test_all_lists_the_21_names():
    assert sorted(ours.__all__) == sorted(ours.CLASSES)
    assert len(set(ours.__all__)) == 21


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_aliases_are_the_same_functions(law):
    assert getattr(ours, f"xavier_{law}") is getattr(ours, f"glorot_{law}")
    assert getattr(ours, f"kaiming_{law}") is getattr(ours, f"he_{law}")
    assert ours.zeros_init() is ours.zeros
    assert ours.ones_init() is ours.ones


def plain(function) -> inspect.Signature:
    """A signature without annotations."""
    parameters = inspect.signature(function).parameters.values()
    return inspect.Signature(
        [p.replace(annotation=inspect.Parameter.empty) for p in parameters], return_annotation=None
    )


@every_case
def test_initializers_satisfy_jaxs_protocol_and_name_their_arguments(case):
    initializer = case.build()
    assert isinstance(initializer, jax.nn.initializers.Initializer)
    assert plain(initializer) == plain(case.build(reference))
    if initializer.arguments:
        typed = [Case(case.name, {**case.arguments, "dtype": np.float16}).build(module) for module in (ours, reference)]
        defaults = {inspect.signature(init).parameters["dtype"].default for init in typed}
        assert defaults == {np.float16}
    rebuilt = eval(repr(initializer) if initializer.arguments else f"{initializer.function}", vars(ours).copy())
    assert rebuilt.plan(case.small) == initializer.plan(case.small)


MADE = [name for name, cls in ours.CLASSES.items() if cls.arguments]


@pytest.mark.parametrize("name", MADE)
def test_functions_say_what_the_declarations_of_their_class_say(name):
    function, cls = getattr(ours, name), ours.CLASSES[name]
    assert inspect.signature(function).return_annotation is cls
    for found, declared in zip(
        inspect.signature(function).parameters.values(), cls.signature().parameters.values(), strict=True
    ):
        assert (found.name, found.default, found.kind) == (declared.name, declared.default, declared.kind)
    written = inspect.getdoc(function)
    assert written.split("\n\n")[0] == inspect.getdoc(cls)
    assert written.partition("\nArgs:\n")[2].splitlines() == [
        f"    {argument}: {cls.param[argument].doc}" for argument in cls.arguments
    ]


SOME = {"scale": 1.5, "mode": "fan_out", "distribution": "uniform", "in_axis": 0, "out_axis": 1, "batch_axis": (2,),
        "dtype": np.float16, "stddev": 0.5, "lower": -1.0, "upper": 3.0, "column_axis": -2, "value": 7}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_functions_hand_every_argument_on(name):
    given = {argument: SOME[argument] for argument in inspect.signature(getattr(ours, name)).parameters}
    for made in (getattr(ours, name)(**given), getattr(ours, name)(*given.values())):
        assert type(made) is ours.CLASSES[name]
        assert {argument: getattr(made, argument) for argument in made.arguments} == given


def test_arguments_may_be_positional(key):
    for call in [
        lambda m: m.normal(5.0),
        lambda m: m.constant(-7),
        lambda m: m.uniform(2.0, jnp.bfloat16),
        lambda m: m.truncated_normal(2.0, np.float16, -1.0, 3.0),
        lambda m: m.he_uniform(0, 1, (), np.float32),
        lambda m: m.variance_scaling(2.0, "fan_out", "uniform", 0, 1, ()),
        lambda m: m.orthogonal(2.0, 0),
    ]:
        found, expected = (call(module)(key, (7, 5)) for module in (ours, reference))
        assert ulps(found, expected, 2.0 if "orthogonal" in str(call(ours)) else None) <= 4


# Frameworks


@pytest.mark.parametrize("case", DENSE, ids=str)
def test_flax_nnx_linear(case):
    found, expected = (
        nnx.Linear(7, 5, kernel_init=case.build(module), rngs=nnx.Rngs(0)).kernel[...] for module in (ours, reference)
    )
    assert ulps(found, expected, case.scale) <= 4


def test_flax_nnx_convolutions_and_attention():
    for make in (
        lambda m: nnx.Conv(4, 6, (3,), kernel_init=m.delta_orthogonal(), bias_init=m.ones, rngs=nnx.Rngs(1)),
        lambda m: nnx.Embed(
            7, 5, embedding_init=m.variance_scaling(1.0, "fan_in", "normal", out_axis=0), rngs=nnx.Rngs(1)
        ),
    ):
        found, expected = (jax.tree.leaves(nnx.state(make(module))) for module in (ours, reference))
        assert len(found) == len(expected) > 0
        assert all(ulps(a, b, 1.0) <= 4 for a, b in zip(found, expected, strict=True))


def test_flax_nnx_makes_models_under_jit():
    @nnx.jit
    def make():
        return nnx.Linear(7, 5, kernel_init=ours.he_normal(), bias_init=ours.zeros_init(), rngs=nnx.Rngs(0))

    eager = nnx.Linear(7, 5, kernel_init=reference.he_normal(), rngs=nnx.Rngs(0))
    assert ulps(make().kernel[...], eager.kernel[...]) <= 4


def test_flax_linen_dense(key):
    def parameters(module):
        layer = linen.Dense(5, kernel_init=module.lecun_normal(), bias_init=module.constant(0.5))
        return layer.init(key, jnp.ones((1, 7)))["params"]

    found, expected = parameters(ours), parameters(reference)
    assert ulps(found["kernel"], expected["kernel"]) <= 4
    assert ulps(found["bias"], expected["bias"]) == 0


# Forms of numbers, axes, shapes and keys

NUMBERS = [
    3,
    3.0,
    np.float64(3),
    np.float32(3),
    np.int32(3),
    np.array(3.0),
    jnp.float32(3),
    jnp.array(3),
    jnp.bfloat16(3),
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda x: f"{type(x).__name__}-{getattr(x, 'dtype', '')}")
def test_numbers_of_every_kind(number, key):
    for name, arguments in [
        ("normal", {"stddev": number}),
        ("uniform", {"scale": number}),
        ("truncated_normal", {"stddev": number, "upper": number}),
        ("variance_scaling", {"scale": number, "mode": "fan_in", "distribution": "uniform"}),
        ("constant", {"value": number}),
        ("orthogonal", {"scale": number}),
    ]:
        case = Case(name, arguments)
        found, expected = (case.build(module)(key, (7, 5)) for module in (ours, reference))
        assert ulps(found, expected, 3.0 if case.is_orthogonal else None) <= 4
        assert case.build().plan((7, 5)).steps[-1].latex


def test_true_counts_as_one(key):
    assert np.array_equal(ours.normal(True)(key, (7, 5)), ours.normal(1.0)(key, (7, 5)))


TRACED = [
    ("normal", lambda m, x: m.normal(x)),
    ("uniform", lambda m, x: m.uniform(x)),
    ("truncated_normal", lambda m, x: m.truncated_normal(x, None, -x, x)),
    ("variance_scaling", lambda m, x: m.variance_scaling(x, "fan_avg", "truncated_normal")),
    ("orthogonal", lambda m, x: m.orthogonal(x)),
    ("constant", lambda m, x: m.constant(x)),
]


@pytest.mark.parametrize(("name", "build"), TRACED, ids=[name for name, _ in TRACED])
def test_vmap_over_a_number(name, build, key):
    numbers = jnp.array([0.5, 1.0, 2.0])
    found, expected = (
        jax.vmap(lambda x: build(module, x)(key, (7, 5)))(numbers)  # noqa: B023 - called at once
        for module in (ours, reference)
    )
    assert ulps(found, expected, 2.0 if name == "orthogonal" else None) <= 4
    plans = []
    jax.jit(lambda x: plans.append(build(ours, x).plan((7, 5))))(1.0)
    assert all(step.latex for step in plans[0].steps)


def test_gradients_flow_through_a_number(key):
    gradient = jax.grad(lambda s: ours.normal(s)(key, (7, 5)).sum())(2.0)
    assert gradient == pytest.approx(float(ours.normal(1.0)(key, (7, 5)).sum()), rel=1e-5)


@pytest.mark.parametrize("axes", [0, -2, (0,), [0], (-2,), np.array([0]), (np.int64(0),), range(1)], ids=str)
def test_axes_of_every_kind(axes, key):
    assert np.array_equal(ours.he_normal(axes)(key, (7, 5)), ours.he_normal()(key, (7, 5)))
    assert ulps(ours.he_normal(axes)(key, (7, 5)), reference.he_normal(axes)(key, (7, 5))) <= 4


@pytest.mark.parametrize("shape", [[7, 5], np.array([7, 5]), (np.int64(7), np.int32(5)), jnp.array([7, 5])], ids=str)
def test_shapes_of_every_kind(shape, key):
    for name in ("normal", "he_normal"):
        assert np.array_equal(getattr(ours, name)()(key, shape), getattr(ours, name)()(key, (7, 5)))


def test_one_integer_is_a_vector(key):
    assert ulps(ours.normal()(key, 7), reference.normal()(key, 7)) <= 4
    assert ours.zeros(key, 7).shape == (7,)


@pytest.mark.parametrize("implementation", ["threefry2x32", "rbg", "unsafe_rbg"])
def test_keys_of_every_kind(implementation):
    for key in (jax.random.key(3, impl=implementation), jax.random.PRNGKey(3, impl=implementation)):
        for name in ("he_normal", "uniform"):
            with jax.default_prng_impl(implementation):
                found, expected = (getattr(module, name)()(key, (7, 5)) for module in (ours, reference))
            assert ulps(found, expected) <= 4


@pytest.mark.parametrize("key", [None, 7, "no key"])
def test_constants_ignore_the_key(key):
    assert np.array_equal(ours.constant(2)(key, (2, 3)), np.full((2, 3), 2.0, np.float32))
    assert np.array_equal(ours.ones_init()(key, (2, 3), bool), np.ones((2, 3), bool))


@pytest.mark.parametrize(
    "value", [np.arange(3.0), jnp.arange(6).reshape(2, 3), np.array([[1], [2]])], ids=["row", "whole", "column"]
)
def test_constants_broadcast(value, key):
    assert np.array_equal(ours.constant(value)(key, (2, 3)), reference.constant(value)(key, (2, 3)))
    assert ours.constant(value).plan((2, 3)) == ours.constant(np.array(value)).plan((2, 3))


# Dtypes


@every_distinct_case
def test_the_dtype_of_the_initializer_counts_where_the_call_gives_none(case, key):
    dtype = np.complex64 if case.complex and not case.ignores_key else np.float32
    if case.build().arguments and case.name not in ("zeros_init", "ones_init"):
        typed = Case(case.name, {**case.arguments, "dtype": dtype}).build()
        assert typed(key, case.small).dtype == dtype
        assert typed.plan(case.small).dtype == dtype
        assert np.array_equal(typed(key, case.small), case.build()(key, case.small, dtype))
        # an explicit None is the default float, as in jax
        assert typed(key, case.small, None).dtype == np.float32


def test_an_explicit_none_is_the_default_float_as_in_the_reference(key):
    for module in (ours, reference):
        assert module.normal(1.0, jnp.bfloat16)(key, (7, 5)).dtype == jnp.bfloat16
        assert module.normal(1.0, jnp.bfloat16)(key, (7, 5), None).dtype == np.float32


@every_distinct_case
def test_64_bits_become_32_quietly_where_x64_is_off(case, key):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert case.build()(key, case.small, np.float64).dtype == np.float32
        assert case.build()(key, case.small, "float64").dtype == np.float32
        if case.complex:
            assert case.build()(key, case.small, complex).dtype == np.complex64
        assert case.build().plan(case.small, np.float64).dtype == np.float32


@every_distinct_case
def test_the_default_is_64_bits_where_x64_is_on(case, key):
    with jax.enable_x64(True):
        assert case.build()(key, case.small).dtype == case.build(reference)(key, case.small).dtype == np.float64
        assert case.build().plan(case.small).dtype == np.float64


def test_x64_from_the_start():
    code = (
        "import jax, numpy as np, initviz.initializers as ours; from flax.nnx import initializers as theirs\n"
        "a, b = (m.lecun_uniform()(jax.random.key(0), (7, 5)) for m in (ours, theirs))\n"
        "print(a.dtype, np.array_equal(a, b))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "JAX_ENABLE_X64": "1"},
    )
    assert run.stdout.split() == ["float64", "True"]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint32, jnp.float8_e5m2, jnp.float4_e2m1fn], ids=str)
def test_constants_take_any_dtype(dtype, key):
    for name in ("zeros", "ones"):
        found, expected = (getattr(module, name)(key, (2, 3), dtype) for module in (ours, reference))
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


# Sharding


@pytest.mark.parametrize("as_spec", [True, False], ids=["PartitionSpec", "NamedSharding"])
@every_distinct_case
def test_out_sharding_is_passed_on(case, as_spec, key):
    mesh = jax.make_mesh((1,), ("x",), axis_types=(AxisType.Explicit,))
    spec = PartitionSpec("x")
    sharding = spec if as_spec else NamedSharding(mesh, spec)
    with jax.set_mesh(mesh):
        if case.is_orthogonal:
            with pytest.raises(NotImplementedError):
                case.build()(key, (8, 4), None, sharding)
            return
        sharded = case.build()(key, (8, 4), np.float32, sharding)
        expected = case.build(reference)(key, (8, 4), np.float32, out_sharding=sharding)
    assert sharded.sharding == expected.sharding
    assert sharded.sharding.spec[0] == "x"
    assert ulps(sharded, expected) <= 4


# Objects


@every_distinct_case
def test_initializers_can_be_pickled(case, key):
    copy = pickle.loads(pickle.dumps(case.build()))
    assert copy.plan(case.small) == case.build().plan(case.small)
    assert np.array_equal(copy(key, case.small), case.build()(key, case.small))


@pytest.mark.parametrize("name", ["he_normal", "glorot_uniform", "zeros"])
def test_presets_hold_what_they_pin(name):
    initializer = getattr(ours, name) if name == "zeros" else getattr(ours, name)()
    with pytest.raises(TypeError, match=r"Read-only|constant"):
        setattr(initializer, "value" if name == "zeros" else "scale", 3.0)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.lists(st.integers(1, 9), min_size=2, max_size=5),
    axes=st.lists(st.integers(-5, 4), min_size=3, max_size=3),
    mode=st.sampled_from(["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]),
)
def test_the_plan_divides_by_the_fans_of_jax(shape, axes, mode):
    axes = [axis % len(shape) for axis in axes]
    arguments = dict(zip(("in_axis", "out_axis", "batch_axis"), axes, strict=True))
    plan = ours.variance_scaling(1.0, mode, "normal", **arguments).plan(shape)
    fan_in, fan_out = jax._src.nn.initializers._compute_fans(shape, **arguments)
    assert (plan["fans"].fan_in, plan["fans"].fan_out) == pytest.approx((fan_in, fan_out), rel=1e-14)
    assert bool(plan.warnings) == (len(set(axes)) < 3)


def test_a_whole_number_beyond_64_bits_is_a_float_as_in_the_reference():
    for value in (2**70, -(2**64)):
        expected = reference.constant(value)(jax.random.key(0), (2, 2))
        np.testing.assert_array_equal(ours.constant(value)(jax.random.key(0), (2, 2)), expected)
