"""One contract, kept by every initializer: it draws what the reference draws, and its plan says truly what that is."""

import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import (
    CASES,
    COMPLEX_CASES,
    DISTINCT_CASES,
    OLD_JAX,
    SIGMAS,
    Case,
    cdf_deviation,
    mean_deviation,
    ours,
    reference,
    ulps,
    variance_deviation,
)
from scipy import special

from initviz import engine
from initviz.matrices.svd import singular_values

every_case = pytest.mark.parametrize("case", CASES, ids=str)
REAL_AND_COMPLEX = [
    (case, dtype)
    for case in DISTINCT_CASES
    for dtype in (np.float32, np.complex64)
    if case.complex or dtype == np.float32
]
every_law = pytest.mark.parametrize(("case", "dtype"), REAL_AND_COMPLEX, ids=lambda x: getattr(x, "__name__", str(x)))


def test_every_reference_name_is_a_case():
    assert {case.name for case in CASES} == set(ours.CLASSES)
    assert len(ours.CLASSES) == 21
    distinct = {case.name for case in DISTINCT_CASES}
    for name in set(ours.CLASSES) - distinct:  # aliases are drawn once, as they are the same function
        assert any(getattr(ours, name) is getattr(ours, other) for other in distinct)


# Agreement with JAX


def assert_agrees(case: Case, key, shape, dtype):
    """Bit for bit wherever jax's order of operations allows it, else within 4 ulp."""
    weights = case.build()(key, shape, dtype)
    if OLD_JAX and 0 in shape and hasattr(case.build(), "in_axis"):
        with pytest.raises(ZeroDivisionError):  # jax 0.12 returns the empty array, and initviz everywhere
            case.build(reference)(key, shape, dtype)
        assert (weights.shape, weights.dtype) == (shape, dtype)
        return
    expected = case.build(reference)(key, shape, dtype)
    assert ulps(weights, expected, case.scale) <= case.ulps_off(dtype)


REAL_DTYPES = [np.float32, np.float16, jnp.bfloat16]


@pytest.mark.slow(keeps=26)
@pytest.mark.parametrize("dtype", REAL_DTYPES, ids=lambda d: d.__name__)
@every_case
def test_agrees_with_jax_in_every_real_dtype(case, dtype, key):
    if case.is_orthogonal and dtype != np.float32:
        with pytest.raises((TypeError, NotImplementedError)):
            case.build(reference)(key, case.small, dtype)
        with pytest.raises((TypeError, NotImplementedError), match="qr does not accept"):
            case.build()(key, case.small, dtype)
    else:
        assert_agrees(case, key, case.small, dtype)


@pytest.mark.parametrize("case", COMPLEX_CASES, ids=str)
def test_agrees_with_jax_in_complex64(case, key):
    assert_agrees(case, key, case.small, np.complex64)


@pytest.mark.slow(keeps=26)
@pytest.mark.parametrize("dtype", [np.float64, np.complex128], ids=lambda d: d.__name__)
@every_case
def test_agrees_with_jax_in_64_bits(case, dtype, key):
    with jax.enable_x64(True):
        if dtype == np.complex128 and not case.complex:
            with pytest.raises(ValueError, match="must be a float dtype"):
                case.build()(key, case.small, dtype)
        else:
            assert_agrees(case, key, case.small, dtype)


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("shape", [(1, 1), (3, 4, 6), (2, 1, 3, 4, 5), (0, 3), (2, 3, 0)], ids=str)
def test_agrees_with_jax_in_every_rank_and_without_weights(shape, key):
    for case in DISTINCT_CASES:
        if case.name != "delta_orthogonal" or (len(shape) > 2 and shape[-2] <= shape[-1]):
            assert_agrees(case, key, shape, np.float32)


@pytest.mark.slow(keeps=26)
@pytest.mark.parametrize("seed", [0, 7, 2**31])
@every_case
def test_agrees_with_jax_for_legacy_keys_of_any_seed(case, seed):
    assert_agrees(case, jax.random.PRNGKey(seed), case.small, np.float32)


AXES = [
    {"in_axis": 0, "out_axis": 1},
    {"in_axis": -1, "out_axis": -2},
    {"in_axis": (0, 1), "out_axis": 2},
    {"in_axis": [0], "out_axis": [-1, -2]},
    {"batch_axis": 0},
    {"in_axis": 1, "out_axis": (), "batch_axis": (0,)},
    {"in_axis": (), "out_axis": ()},
    {"in_axis": -2, "out_axis": 1},
]


@pytest.mark.slow(keeps=28)
@pytest.mark.parametrize("axes", AXES, ids=str)
@pytest.mark.parametrize("case", [case for case in CASES if hasattr(case.build(), "in_axis")], ids=str)
def test_agrees_with_jax_for_every_kind_of_axes(case, axes, key):
    assert_agrees(Case(case.name, {**case.arguments, **axes}), key, (3, 4, 6), np.float32)


@pytest.mark.parametrize("column_axis", [0, 1, -3, -2])
def test_orthogonal_agrees_with_jax_for_every_column_axis(column_axis, key):
    assert_agrees(Case("orthogonal", {"column_axis": column_axis}), key, (3, 4, 6), np.float32)


@pytest.mark.parametrize("column_axis", [-2, 0, 1])
@pytest.mark.parametrize("shape", [(3, 4, 6), (1, 2, 2, 5), (2, 1, 3, 4, 5)], ids=str)
def test_delta_orthogonal_agrees_with_jax(column_axis, shape, key):
    assert_agrees(Case("delta_orthogonal", {"column_axis": column_axis}), key, shape, np.float32)


# Determinism, transformations


@every_law
def test_jit_and_vmap_change_nothing_but_rounding(case, dtype, key):
    initializer, keys = case.build(), jax.random.split(key, 3)
    eager = np.stack([initializer(k, case.small, dtype) for k in keys])
    # one compilation serves both: jit of vmap rounds as jit alone does
    transformed = jax.jit(jax.vmap(lambda k: initializer(k, case.small, dtype)))(keys)
    assert ulps(transformed, eager, case.scale) <= 4


@every_case
def test_the_key_alone_decides(case, key):
    initializer, other = case.build(), jax.random.fold_in(key, 1)
    first = np.asarray(initializer(key, case.small))
    assert np.array_equal(first, initializer(key, case.small))
    assert np.array_equal(first, case.build()(key, case.small))
    assert np.array_equal(first, initializer(other, case.small)) == case.ignores_key


# The plan


@every_law
def test_the_last_step_is_what_is_sampled(case, dtype, key):
    initializer = case.build()
    plan = initializer.plan(case.small, dtype)
    assert plan.ensemble is plan.steps[-1].value
    assert plan.steps[-1].name == "ensemble"
    sampled = plan.ensemble.sample(key, plan.shape, plan.dtype)
    assert np.array_equal(sampled, initializer(key, case.small, dtype))


@every_law
def test_plans_compare_by_value(case, dtype):
    plan = case.build().plan(case.small, dtype)
    assert plan == case.build().plan(list(case.small), dtype)
    assert plan != case.build().plan((*case.small[:-1], 9), dtype)
    assert plan != Case("uniform", {"scale": 0.11}).build().plan(case.small)


@every_law
def test_every_step_has_a_name_and_balanced_latex(case, dtype):
    plan = case.build().plan(case.small, dtype)
    names = [step.name for step in plan.steps]
    assert len(set(names)) == len(names)
    for step in plan.steps:
        assert plan[step.name] is step.value
        assert step.latex.startswith(step.formula)
        assert step.formula
        assert step.latex.count("{") == step.latex.count("}")
        assert len(re.findall(r"\\left\b", step.latex)) == len(re.findall(r"\\right\b", step.latex))
        assert f"- {step.name}: ${step.latex}$" in plan._repr_markdown_()
        assert f"\n  {step.name}: " in str(plan)
    assert len(plan.roles) == len(case.small)
    assert plan.size == math.prod(case.small)
    assert plan.warnings == ()


STEPS = {
    "Variance scaling": ["fans", "fan", "variance", "std", "law", "ensemble"],
    "normal": ["std", "law", "ensemble"],
    "truncated_normal": ["kept", "std", "law", "ensemble"],
    "uniform": ["mean", "std", "law", "ensemble"],
    "orthogonal": ["matrix", "gaussian", "qr", "signs", "transpose", "variance", "std", "reshape", "ensemble"],
    "delta_orthogonal": ["matrix", "gaussian", "qr", "signs", "transpose", "variance", "std", "tap", "ensemble"],
    "Constant": ["value", "ensemble"],
}


@every_case
def test_steps_come_in_order(case):
    initializer = case.build()
    plan = initializer.plan(case.small)
    names = [step.name for step in plan.steps]
    if "law" in plan and plan["law"].bound:  # a bound that follows from the variance comes before the law it cuts
        assert names.pop(names.index("law") - 1) == "bound"
        assert plan["bound"] == pytest.approx(plan.ensemble.marginal.support[1], rel=1e-12)
    assert names == STEPS.get(case.name, STEPS.get(initializer.family))


@every_law
def test_the_steps_numbers_follow_from_each_other(case, dtype):
    initializer = case.build()
    plan = initializer.plan(case.small, dtype)
    ensemble, parts = plan.ensemble, 2 if np.issubdtype(dtype, np.complexfloating) else 1
    if "fans" in plan:
        assert plan["fans"] == initializer.fans(case.small)
        assert plan["fan"] == plan["fans"].pick(initializer.mode)
        assert plan["variance"] == initializer.scale / plan["fan"]
        # jax's complex truncated law has 1 / (1 - e⁻⁴) of the variance asked for
        inflated = parts == 2 and initializer.distribution == "truncated_normal"
        assert plan["std"] ** 2 == pytest.approx(plan["variance"] / (1 - math.exp(-4) * inflated), rel=1e-9)
    if "law" in plan:
        assert ensemble.law is plan["law"]
        assert plan["std"] == pytest.approx(parts**0.5 * ensemble.marginal.std, rel=1e-12)
    if "mean" in plan:
        assert plan["mean"] == pytest.approx(ensemble.marginal.mean, rel=1e-12)
    if "matrix" in plan:
        rows, columns = plan["matrix"]
        assert sorted(plan["gaussian"]) == sorted((rows, columns))
        assert plan["std"] ** 2 == pytest.approx(plan["variance"], rel=1e-12)
        taps = math.prod(getattr(ensemble, "taps", ()))
        assert plan["variance"] * taps == pytest.approx(initializer.scale**2 / max(rows, columns), rel=1e-12)
        assert ensemble.marginal.variance == pytest.approx(plan["variance"] / parts, rel=1e-12)


@pytest.mark.parametrize("name", [case.name for case in CASES if case.name.partition("_")[0] in ("he", "kaiming")])
def test_he_doubles_the_variance_of_lecun(name):
    lecun = getattr(ours, name.replace("he", "lecun").replace("kaiming", "lecun"))()
    assert getattr(ours, name)().plan((30, 7))["variance"] == 2 * lecun.plan((30, 7))["variance"]


# The laws, against draws


def real_parts(weights) -> np.ndarray:
    """Weights, or both parts of complex weights: independent given the law of one weight only within a part."""
    weights = np.asarray(weights)
    return np.stack([weights.real, weights.imag]) if np.iscomplexobj(weights) else weights[None]


@pytest.fixture(scope="module")
def drawn():
    """The plan and one large draw of a case, made once for all tests of the law."""
    made = {}

    def draw(case, dtype):
        if (str(case), dtype) not in made:
            plan = case.build().plan(case.large, dtype)
            made[str(case), dtype] = plan, engine.draw(plan.ensemble, jax.random.key(3), case.large, dtype)
        return made[str(case), dtype]

    return draw


@every_law
def test_entries_follow_the_marginal_law(case, dtype, drawn):
    plan, weights = drawn(case, dtype)
    marginal = plan.ensemble.marginal
    low, high = marginal.support
    margin = 4 * np.spacing(np.float32(max(abs(low), abs(high)))) if np.isfinite(high) else 0
    parts = real_parts(weights)
    for part in [np.stack(parts)] if case.ignores_key else parts:  # the parts of a constant differ
        assert cdf_deviation(marginal, part) < SIGMAS
        assert low - margin <= part.min() <= part.max() <= high + margin


@every_law
def test_moments_are_those_of_the_marginal_law(case, dtype, drawn):
    plan, weights = drawn(case, dtype)
    marginal = plan.ensemble.marginal
    if case.ignores_key:
        parts = np.stack(real_parts(weights))
        assert (marginal.mean, marginal.std) == (parts.mean(), parts.std())
        return
    for part in real_parts(weights):
        assert mean_deviation(marginal, part) < SIGMAS
        assert variance_deviation(marginal, part) < SIGMAS
    if plan.ensemble.fixed_norm:  # a Haar matrix does not fluctuate in norm at all
        power = np.mean(np.abs(weights) ** 2, dtype=float)
        parts = 2 if np.iscomplexobj(weights) else 1
        assert power == pytest.approx(parts * marginal.variance, rel=weights.size**0.5 * 1e-7)


@every_law
def test_singular_values_follow_the_spectrum(case, dtype, drawn):
    plan, weights = drawn(case, dtype)
    rows, columns = plan.unfolding.size
    spectrum, found = plan.ensemble.spectrum(rows, columns), singular_values(plan.unfolding.matrix(weights))
    count = min(rows, columns)
    assert found.size == count == spectrum.bulk_count + sum(n for _, n in spectrum.points)
    rounding = max(rows, columns) * np.finfo(np.float32).eps * found[0]
    if spectrum.edges is None:
        expected = np.repeat([x for x, _ in spectrum.points], [n for _, n in spectrum.points])
        assert np.max(np.abs(found - expected)) <= rounding
        return
    ranks = np.arange(count, 0, -1) / count
    at_found = spectrum.cdf(found)
    # One matrix leaves the limit law by O(log n / n) at most (Götze & Tikhomirov 2011), about half of that at 64.
    assert max(np.max(np.abs(ranks - at_found)), np.max(np.abs(ranks - 1 / count - at_found))) < math.log(count) / count
    for value, expected in ((found[0], spectrum.largest), (found[-1], spectrum.smallest)):
        if expected and expected.quantile:
            low, high = expected.quantile(special.ndtr([-SIGMAS, SIGMAS]))
            assert low < value < high
        elif expected:
            assert abs(value - expected.mean) < SIGMAS * expected.sd


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_a_complex_or_real_orthogonal_matrix_is_orthonormal_whichever_way_it_is_flattened(dtype, key):
    for shape, axis in [((3, 4, 6), 1), ((3, 4, 6), -1)]:
        plan = ours.orthogonal(2.0, column_axis=axis).plan(shape, dtype)
        matrix = plan.unfolding.matrix(np.asarray(plan.ensemble.sample(key, shape, dtype)))
        tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.conj().T
        assert np.allclose(tall.conj().T @ tall, 4 * np.eye(tall.shape[1]), atol=1e-5)
        assert plan.roles.count("columns") == 1
        assert plan.roles[axis] == "columns"
