"""The engine draws what the ensembles draw, by position, and compiles nothing when a number or a shape changes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry_2x32
from oracles import CASES, COMPLEX_CASES, DISTINCT_CASES, ours, ulps

from initviz import engine
from initviz.engine import draws, kernels, summaries
from initviz.engine.summary import Bins, Summary
from initviz.engine.threefry import threefry
from initviz.laws.base import in_dtype
from initviz.laws.ensembles import Constant, Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.matrices.svd import singular_values

LAW = Iid(Normal(0.5))


def drawn(case, shape, dtype, key):
    return engine.draw(case.build().plan(shape, dtype).ensemble, key, shape, dtype)


# draw


@pytest.mark.parametrize("dtype", [np.float32, np.float16, jnp.bfloat16], ids=lambda d: d.__name__)
@pytest.mark.parametrize("case", DISTINCT_CASES, ids=str)
def test_draws_equal_the_initializers(case, dtype, key):
    if case.is_orthogonal:
        dtype = np.float32
    assert ulps(drawn(case, case.small, dtype, key), case.build()(key, case.small, dtype), case.scale) <= 4


@pytest.mark.parametrize("case", [case for case in COMPLEX_CASES if case in DISTINCT_CASES], ids=str)
def test_complex_draws_equal_the_initializers(case, key):
    found, expected = drawn(case, case.small, np.complex64, key), case.build()(key, case.small, np.complex64)
    assert ulps(found, expected, case.scale) <= 4


@pytest.mark.parametrize("name", ["he_normal", "glorot_uniform", "normal", "orthogonal"])
def test_64_bit_draws_equal_the_initializers(name, key):
    with jax.enable_x64(True):
        for case in (case for case in CASES if case.name == name and case.small == (7, 5)):
            for dtype in (np.float64, np.complex128):
                found, expected = drawn(case, (7, 5), dtype, key), case.build()(key, (7, 5), dtype)
                assert ulps(found, expected, case.scale) <= 4


def test_draws_in_pieces_equal_the_whole(key):
    shape = (3, draws.PIECE // 2 + 5)  # two pieces, the second not full
    for law in (Normal(0.5), Uniform(2.0)):
        found = engine.draw(Iid(law), key, shape, np.float32)
        assert ulps(found, Iid(law).sample(key, shape, np.float32)) <= 4


@pytest.mark.parametrize("shape", [(), (0, 3), (1,)], ids=str)
def test_draws_of_few_or_no_weights(shape, key):
    found = engine.draw(LAW, key, shape, np.float32)
    assert ulps(found, LAW.sample(key, shape, np.float32)) <= 4


@pytest.mark.parametrize("implementation", ["rbg", "threefry2x32"])
def test_keys_without_positions_fall_back_to_the_plain_draw(implementation):
    key = jax.random.key(1, impl=implementation)
    with jax.threefry_partitionable(False):
        assert not engine.is_shape_free(key)
        assert ulps(engine.draw(LAW, key, (7, 5), np.float32), LAW.sample(key, (7, 5), np.float32)) == 0
        assert engine.summarize(LAW, key, (7, 5), np.float32).count == 35
        with pytest.raises(ValueError, match="part of a draw needs a threefry2x32 key"):
            engine.draw_at(LAW, key, np.arange(3), np.float32)


def test_legacy_keys_draw_what_typed_keys_draw():
    legacy, typed = jax.random.PRNGKey(5), jax.random.key(5)
    for call in (engine.draw, engine.summarize):
        found, expected = (call(LAW, key, (7, 5), np.float32) for key in (legacy, typed))
        assert np.array_equal(found, expected) if call is engine.draw else found == expected


# draw_at


def test_weights_at_positions_are_those_of_the_whole_draw(key):
    whole = engine.draw(LAW, key, (300, 200), np.float32)
    positions = np.random.default_rng(0).integers(0, whole.size, (11, 13))
    assert np.array_equal(engine.draw_at(LAW, key, positions, np.float32), whole.ravel()[positions])


def test_random_bits_are_those_of_jax(key):
    counters = np.random.default_rng(0).integers(0, 2**32, (2, 10_000), np.uint32)
    counters[:, :4] = [[0, 0, 2**32 - 1, 2**32 - 1], [0, 2**32 - 1, 0, 2**32 - 1]]
    for data in (jax.random.key_data(key), jnp.array([0, 0], np.uint32), jnp.array([2**32 - 1] * 2, np.uint32)):
        expected = np.asarray(threefry_2x32(data, counters.ravel())).reshape(2, -1)
        np.testing.assert_array_equal(jax.jit(threefry)(data, *counters), expected)


def test_positions_beyond_32_bits_follow_threefry(key):
    positions = np.array([2**32 - 1, 2**32, 2**40 + 7])
    counters = np.stack([positions >> 32, positions & 0xFFFFFFFF]).astype(np.uint32)
    first, second = np.asarray(threefry_2x32(jax.random.key_data(key), counters.ravel())).reshape(2, -1)
    mantissa = ((first ^ second) >> 9) | np.float32(1).view(np.uint32)
    expected = (mantissa.view(np.float32) - 1) * np.float32(3.0)
    assert np.array_equal(engine.draw_at(Iid(Uniform(3.0)), key, positions, np.float32), expected)


# summarize


def check_summary(summary: Summary, weights):
    """Every field of a summary against NumPy's in double precision."""
    values = np.asarray(weights)
    if np.iscomplexobj(values):
        values = np.stack([values.real, values.imag])
    values = values.astype(float).ravel()
    finite = values[np.isfinite(values)]
    assert (summary.count, summary.not_finite) == (finite.size, values.size - finite.size)
    assert summary.zeros == np.count_nonzero(finite == 0)
    assert (summary.minimum, summary.maximum) == (finite.min(), finite.max())
    # sums over chunks of float32: their relative rounding error is below chunk size^½ ulps of the sum of magnitudes
    bound = float(128 * np.finfo(np.float32).eps)
    assert abs(summary.mean - finite.mean()) <= bound * np.abs(finite - summary.bins.pivot).mean()
    assert summary.std == pytest.approx(finite.std(), rel=bound, abs=1e-12)
    edges = summary.bins.edges
    assert summary.histogram.sum() == finite.size
    # A weight within an ulp of an edge may be counted on either side of it.
    close = sum(
        np.count_nonzero(np.abs(finite - edge) <= 4 * np.spacing(np.float32(np.abs(finite).max()))) for edge in edges
    )
    expected = np.histogram(finite, edges)[0]
    assert np.abs(summary.inside - expected).sum() <= 2 * close
    assert np.abs(summary.inside - expected).sum() < 0.01 * finite.size


@pytest.mark.parametrize("dtype", [np.float32, jnp.bfloat16, np.complex64], ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", ["he_normal", "normal", "glorot_uniform"])
def test_summaries_describe_the_draw_of_the_same_key(name, dtype, key):
    ensemble = getattr(ours, name)().plan((257, 300), dtype).ensemble
    check_summary(engine.summarize(ensemble, key, (257, 300), dtype), engine.draw(ensemble, key, (257, 300), dtype))


@pytest.mark.parametrize("name", ["uniform", "truncated_normal", "orthogonal", "ones", "zeros_init"])
def test_summaries_of_other_ensembles_describe_their_draws(name, key):
    function = getattr(ours, name)
    ensemble = (function if name == "ones" else function()).plan((40, 50)).ensemble
    check_summary(
        engine.summarize(ensemble, key, (40, 50), np.float32), engine.draw(ensemble, key, (40, 50), np.float32)
    )


def test_summaries_of_several_jobs_equal_the_sum_of_their_parts(key, monkeypatch):
    whole = engine.summarize(LAW, key, (5 * kernels.CHUNK,), np.float32)
    monkeypatch.setattr(summaries, "JOB", kernels.CHUNK)
    parts = engine.summarize(LAW, key, (5 * kernels.CHUNK,), np.float32)
    assert np.array_equal(parts.histogram, whole.histogram)
    assert (parts.count, parts.minimum, parts.maximum) == (whole.count, whole.minimum, whole.maximum)
    assert parts.mean == pytest.approx(whole.mean, abs=1e-9)


def test_draws_that_come_out_nan_are_counted(key):
    plan = ours.he_normal().plan((50, 50), jnp.float8_e4m3fn)
    summary = engine.summarize(plan.ensemble, key, plan.shape, plan.dtype)
    weights = np.asarray(plan.ensemble.sample(key, plan.shape, plan.dtype)).astype(float)
    assert summary.not_finite == np.count_nonzero(np.isnan(weights)) > 0
    assert summary.count + summary.not_finite == 2500


def test_patterns_of_constants_are_summarized_over_their_own_range(key):
    summary = engine.summarize(Constant(np.arange(4.0)), key, (3, 4), np.float32)
    assert (summary.count, summary.minimum, summary.maximum, summary.mean) == (12, 0, 3, 1.5)
    assert summary.histogram[[0, -1]].sum() == 0


def test_an_empty_draw_has_an_empty_summary(key):
    bins = Bins.of(LAW.marginal)
    assert engine.summarize(LAW, key, (0, 3), np.float32) == Summary.empty(bins)


def test_progress_ends_at_one_and_can_cancel(key, monkeypatch):
    monkeypatch.setattr(summaries, "JOB", kernels.CHUNK)
    shares = []
    engine.summarize(LAW, key, (4 * kernels.CHUNK,), np.float32, progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]
    shares.clear()
    for ensemble in (ours.orthogonal().plan((4, 4)).ensemble, ours.constant(1.0).plan((4, 4)).ensemble):
        engine.summarize(ensemble, key, (4, 4), np.float32, progress=shares.append)
    assert shares == [1.0, 1.0]

    def cancel(share):
        raise engine.Cancelled

    with pytest.raises(engine.Cancelled):
        engine.summarize(LAW, key, (4 * kernels.CHUNK,), np.float32, progress=cancel)


def test_summarize_array_handles_weights_from_anywhere():
    weights = np.random.default_rng(0).normal(size=draws.PIECE + 77).astype(np.float32)
    bins = Bins.covering(weights)
    check_summary(engine.summarize_array(weights, bins), weights)
    check_summary(engine.summarize_array(jnp.asarray(weights), bins), weights)
    for nothing in (weights[:0], jnp.zeros(0)):
        assert engine.summarize_array(nothing, bins) == Summary.empty(bins)


def test_device_arrays_are_summarized_in_steps(monkeypatch):
    weights = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    bins = Bins.covering(weights)
    monkeypatch.setattr(summaries, "WIDE_STEP", 300)  # the last step goes over 200 weights again
    check_summary(engine.summarize_array(jnp.asarray(weights), bins), weights)


@pytest.mark.parametrize("count", [2**30 + 1, 2**31, 2**32 - 1])
def test_accelerators_draw_and_summarize_more_weights_than_31_bits_count(count, key):
    """The programs are traced and not run: they would take 16 GB."""
    step, law = draws.WIDE_STEP, in_dtype(LAW.law, np.float32)
    size = draws.bucket(count)
    drawn = jax.eval_shape(
        lambda: draws._draw_range(law, key, *draws.split(0), np.uint32(count), np.dtype(np.float32), size, step, False)
    )
    assert drawn.shape == (size,)
    weights = jax.ShapeDtypeStruct((count,), np.float32)
    numbers = jax.ShapeDtypeStruct((3,), np.float32)
    jax.eval_shape(
        lambda w, n: kernels.summarize_values(w, np.uint32(count), n, np.dtype(np.float32), step), weights, numbers
    )
    assert int(draws.steps(jnp.uint32(count), step)) == -(-count // step)


# Bad input


def test_64_bits_become_32_where_jax_has_no_64(key):
    drawn = engine.draw(LAW, key, (64, 64), np.float64)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, engine.draw(LAW, key, (64, 64), np.float32))
    bins = Bins.of(LAW.marginal)
    summary = engine.summarize(LAW, key, (64, 64), np.float64, bins)
    assert summary == engine.summarize(LAW, key, (64, 64), np.float32, bins)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128, np.int32, np.int64, np.uint8, np.bool_])
def test_numbers_that_jax_would_round_are_summarized_in_double_precision(dtype):
    scale = np.random.default_rng(0).normal(size=(300, 1000)) * 40
    weights = (scale + 100 if np.dtype(dtype).kind in "biu" else scale * (1 + 1e-12)).astype(dtype)
    bins = Bins(-120.37, 220.41, 50.0)  # no whole number is an edge
    for array in (weights, weights.T, weights[::2], np.broadcast_to(weights[:, :1], (300, 2000))):
        found = engine.summarize_array(array, bins)
        expected = np.concatenate([array.real.ravel(), array.imag.ravel()]) if np.iscomplexobj(array) else array
        expected = expected.ravel().astype(float)
        assert (found.count, found.zeros) == (expected.size, np.count_nonzero(expected == 0))
        assert (found.minimum, found.maximum) == (expected.min(), expected.max())
        np.testing.assert_allclose([found.mean, found.std], [expected.mean(), expected.std()], rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(found.inside, np.histogram(expected, bins.edges)[0])


def test_what_is_not_finite_is_counted_in_double_precision_too():
    weights = np.array([1.0, np.nan, np.inf, -np.inf, 1e300, 0.0])
    found = engine.summarize_array(weights, Bins(-2.0, 2.0, 0.0))
    assert (found.count, found.not_finite, found.zeros, found.maximum) == (3, 3, 1, 1e300)
    assert found.histogram[-1] == 1  # above the bins


@pytest.mark.parametrize("function", [engine.draw, engine.summarize])
def test_what_is_no_shape_and_no_key_is_refused(function, key):
    with pytest.raises(ValueError, match=r"every element be nonnegative, got \(-4, -4\)"):
        function(LAW, key, (-4, -4), np.float32)
    with pytest.raises(TypeError, match=r"key must be a jax PRNG key, got 0\. Pass for instance jax\.random\.key\(0\)"):
        function(LAW, 0, (4, 4), np.float32)


# No compile when a number or a shape changes


VARIANTS = [
    ((100, 30), {}),
    ((3, 3, 17, 13), {}),
    ((64, 48), {"in_axis": 0, "out_axis": 1}),
    ((2, 30, 40), {"batch_axis": 0}),
]


@pytest.mark.parametrize("name", ["he_normal", "lecun_uniform", "glorot_normal"])
def test_a_new_shape_or_new_axes_compile_nothing(name, key, compilations):
    def draw_and_summarize(shape, axes):
        plan = getattr(ours, name)(**axes).plan(shape)
        weights = engine.draw(plan.ensemble, key, plan.shape, plan.dtype)
        values = singular_values(plan.unfolding.matrix(weights))
        engine.summarize(plan.ensemble, key, plan.shape, plan.dtype)
        assert values.size == min(plan.unfolding.size)

    draw_and_summarize((50, 40), {})
    assert [compilations(draw_and_summarize, *variant) for variant in VARIANTS] == [0] * len(VARIANTS)


def test_a_new_scale_bound_or_seed_compiles_nothing(compilations):
    def draw_and_summarize(seed, *numbers):
        plan = ours.truncated_normal(numbers[0], None, *numbers[1:]).plan((50, 40))
        engine.draw(plan.ensemble, jax.random.key(seed), plan.shape, plan.dtype)
        engine.summarize(plan.ensemble, jax.random.key(seed), plan.shape, plan.dtype)

    draw_and_summarize(0, 0.01, -2.0, 2.0)
    changed = [
        (1, 0.01, -2.0, 2.0),
        (0, 3.0, -2.0, 2.0),
        (0, 0.01, -1, 2.5),
        (0, np.float32(0.2), 0.0, np.float64(1.5)),
    ]
    assert [compilations(draw_and_summarize, *numbers) for numbers in changed] == [0] * len(changed)


def test_a_new_mode_or_scale_of_variance_scaling_compiles_nothing(key, compilations):
    def draw_and_summarize(scale, mode):
        plan = ours.variance_scaling(scale, mode, "uniform").plan((50, 40))
        engine.draw(plan.ensemble, key, plan.shape, plan.dtype)
        engine.summarize(plan.ensemble, key, plan.shape, plan.dtype)

    draw_and_summarize(1.0, "fan_in")
    assert [
        compilations(draw_and_summarize, *k) for k in [(2.0, "fan_in"), (0.3, "fan_out"), (1.0, "fan_geo_avg")]
    ] == [0] * 3


def test_orthogonal_matrices_of_a_new_shape_compile_nothing(key, compilations):
    def draw_and_decompose(initializer, shape):
        plan = initializer.plan(shape)
        weights = engine.draw(plan.ensemble, key, plan.shape, plan.dtype)
        engine.summarize(plan.ensemble, key, plan.shape, plan.dtype)
        assert np.allclose(singular_values(plan.unfolding.matrix(weights))[0], initializer.scale, atol=1e-5)

    draw_and_decompose(ours.orthogonal(), (40, 30))
    changed = [
        (ours.orthogonal(2.0), (40, 30)),
        (ours.orthogonal(column_axis=0), (20, 45)),
        (ours.delta_orthogonal(), (3, 3, 10, 20)),
    ]
    assert [compilations(draw_and_decompose, *variant) for variant in changed] == [0] * len(changed)


def test_the_compile_counter_counts(compilations):
    assert compilations(jax.jit(lambda x: x * 3.25 + 1), np.ones(7, np.float32)) == 1


def test_draws_and_summaries_compile_once_for_all_sizes(key, compilations):
    ensemble, bins = Iid(TruncatedNormal(0.7)), Bins(-1.0, 1.0, 0.0)

    def draw_and_summarize(size):
        weights = engine.draw(ensemble, key, (size,), np.float32)
        check_summary(engine.summarize_array(weights, bins), weights)

    draw_and_summarize(10)
    sizes = (1, draws.STEP, draws.STEP + 1, draws.PIECE, draws.PIECE + 1)
    assert [compilations(draw_and_summarize, size) for size in sizes] == [0] * len(sizes)


def test_devices_are_listed_once_with_the_cpu_last():
    found = engine.devices()
    assert len(found) == len(set(found))
    assert found[-1].platform == "cpu"
