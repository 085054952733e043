"""Precision: what small dtypes do to a draw, as theory says, and what casting mends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import SIGMAS
from recorded import NUMBERS
from scipy import special

from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.probes import precision
from initviz.probes.grids import Values, grid
from initviz.probes.precision import CAST, DRAWN, DRAWN_ALWAYS, REAL, Precision
from initviz.spectra import MarchenkoPastur, Spiked
from initviz.study import Study
from initviz.wording import plain

CENTRED = Uniform(1.0, low=-1.0)


def look(name, dtype="bfloat16", seed=0, **settings):
    return Precision(dtype=dtype).answer(Study(name, seed=seed, **settings).answer(), lambda share: None)


def row(found, dtype="bfloat16", way=DRAWN):
    return next(row for row in found.rows if (row.dtype, row.way) == (dtype, way))


def as_recorded(found, name):
    entry = NUMBERS[name]
    assert np.all(np.abs(np.asarray(found, float) - entry["value"]) <= np.asarray(entry["tolerance"])), found


# The grid of a dtype


def test_the_values_of_a_draw_are_counted_whatever_the_dtype(key):
    for dtype in (*map(jnp.dtype, REAL), np.dtype(np.complex64)):
        weights = np.asarray(jax.random.normal(key, (500,), np.complex64 if dtype.kind == "c" else np.float32) * 0.5)
        weights = weights.astype(dtype)
        weights[:3] = np.array([0.0, -0.0, np.nan]).astype(dtype)
        parts = weights.view(np.float32) if dtype.kind == "c" else weights.astype(float)
        parts = parts[~np.isnan(parts)]
        values, counts = np.unique(parts + 0.0, return_counts=True)
        found = Values.of(weights)
        np.testing.assert_array_equal(found.values, values)
        np.testing.assert_array_equal(found.counts, counts)
        assert found.not_finite == np.count_nonzero(~np.isfinite(weights.astype(np.complex64)))
        assert found.zeros == np.count_nonzero(parts == 0) >= (2 if 0.0 in weights else 0)
        assert (found.mean, found.std) == pytest.approx((parts.mean(dtype=float), parts.std(dtype=float)))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float8_e4m3fn"])
def test_distinct_uniforms(dtype):
    as_recorded(
        grid(Uniform(1.0), dtype).count, f"7.{dtype}_distinct" if "8" in dtype else f"7.{dtype}_uniform_distinct"
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_ends_of_normals_and_means_of_uniforms(dtype):
    normal, uniform = grid(Normal(1.0), dtype), grid(CENTRED, dtype)
    as_recorded((normal.low, normal.high), f"7.{dtype}_normal_range")
    as_recorded((uniform.mean, uniform.mean / CENTRED.std), f"7.{dtype}_uniform_pm1_mean")


def test_moments_of_normals():
    for dtype in ("bfloat16", "float32"):
        exact = grid(Normal(1.0), dtype)
        as_recorded((exact.mean, exact.std), f"7.{dtype}_normal_mean_std")


def test_ends_of_float32_and_float64_normals():
    # In exact arithmetic: the uniforms as jax rounds them, and erf⁻¹ in double precision.
    low = np.nextafter(np.float32(-1), np.float32(0))
    high = (np.float32(1) - np.finfo(np.float32).eps) * (np.float32(1) - low) + low
    exact = special.ndtri((np.array([low, high], float) + 1) / 2)
    as_recorded(exact, "7.f32_tail_exact")
    # the law's own in float32, where erf⁻¹ near 1 is good to a few ulps
    assert Normal(1.0).reach(np.float32) == pytest.approx(exact, rel=16 * 2.0**-23)
    with jax.enable_x64(True):
        as_recorded(Normal(1.0).reach(np.float64)[0], "7.f64_tail_exact")


def test_the_size_at_which_the_shift_is_an_outlier():
    truncated, uniform = grid(TruncatedNormal(1.0), "bfloat16"), grid(CENTRED, "bfloat16")
    as_recorded((truncated.mean, truncated.std, truncated.outlier_size(0.0)), "8.bf16_trunc_bias")
    # σ here is that of the 128 values, 2⁻¹⁴ narrower in square than the law's
    assert uniform.outlier_size(0.0) == pytest.approx(NUMBERS["8.bf16_uniform_bbp_n"]["value"], rel=2**-12)
    n = NUMBERS["7.bf16_bbp_n8192"]["inputs"]["n"]
    assert uniform.outlier_size(0.0) < n
    sigma = n**-0.5
    spectrum = Spiked(MarchenkoPastur(n, n, sigma), abs(uniform.mean / uniform.std) * sigma)
    as_recorded(((n / uniform.outlier_size(0.0)) ** 0.5, spectrum.outlier), "7.bf16_bbp_n8192")


# What is seen


@pytest.mark.parametrize(("name", "settings"), [
    ("normal", {"stddev": 1.0}), ("truncated_normal", {"stddev": 1.0}), ("uniform", {"scale": 1.0}), ("he_normal", {}),
])  # fmt: skip
def test_bfloat16_is_as_recorded(name, settings):
    result = Study(name, shape=(1024, 1024), **settings).answer()
    found = row(Precision().answer(result, lambda share: None))
    std = result.plan.ensemble.marginal.std
    largest = np.abs(found.values.values).max() / std
    as_recorded((found.bias, found.values.std / std, largest, len(found.values.values)), f"7.bf16_{name}")


@pytest.mark.parametrize(("name", "exact"), [("glorot_uniform", -(3**0.5) / 128), ("he_normal", -0.01797)])
def test_the_bias_of_bfloat16_is_visible_and_casting_removes_it(name, exact):
    found = look(name, shape=(1024, 1024), seed=1)
    drawn, cast = row(found), row(found, way=CAST)
    assert -20 < drawn.deviation < -12  # THEORY §7: z of about -14 and -18, give or take a standard error of 1
    # The exact shift depends on the rounding of σ by up to half an ulp of bfloat16, 2⁻⁹ of it.
    assert abs(drawn.bias - exact) <= SIGMAS / 1024 + abs(exact) * 2**-8
    assert abs(cast.deviation) <= SIGMAS
    assert (len(drawn.values.values), drawn.values.count) == (128, 2**20)
    assert len(cast.values.values) > 1000
    assert drawn.farthest <= drawn.possible < 2.28


def test_every_dtype_has_its_rows():
    found = look("normal", shape=(40, 30))
    assert [(row.dtype, row.way) for row in found.rows] == [("float32", DRAWN)] + [
        (dtype, way) for dtype in REAL[1:] for way in (DRAWN, CAST) if way == CAST or dtype in DRAWN_ALWAYS
    ]
    for seen in found.rows:
        assert seen.values.count + seen.values.not_finite == 1200
        if seen.dtype != "float8_e8m0fnu":
            assert (seen.farthest > 0) == seen.values.values.any()  # a weight is about 0.01, which float6 rounds to 0
            assert seen.farthest <= seen.possible
    assert row(found, "float8_e5m2").values.values.size == 4
    with jax.enable_x64(True):
        assert [seen.way for seen in look("normal", shape=(8, 8)).rows if seen.dtype == "float64"] == [DRAWN, CAST]


def test_rows_are_the_draws_of_jax():
    result = Study("glorot_uniform", shape=(40, 30), seed=3, dtype="float16").answer()
    found = Precision().answer(result, lambda share: None)
    for dtype in DRAWN_ALWAYS:
        weights = jax.nn.initializers.glorot_uniform()(jax.random.key(3), (40, 30), jnp.dtype(dtype))
        np.testing.assert_array_equal(row(found, dtype).values.values, np.unique(np.asarray(weights).astype(float)))


def test_the_picture_counts_every_weight_of_both_ways(monkeypatch):
    result = Study("glorot_uniform", shape=(40, 30)).answer()
    found = Precision().answer(result, lambda share: None)
    assert len(found.edges) == len(found.drawn) + 1 == len(found.cast) + 1 == 257
    assert found.drawn.sum() == found.cast.sum() == 1200
    np.testing.assert_array_equal(found.comb.values, row(found).values.values)
    assert np.count_nonzero(found.drawn) <= 128 < np.count_nonzero(found.cast)
    monkeypatch.setattr(precision, "FEW", 100)
    assert Precision().answer(result, lambda share: None).comb is None


def test_more_weights_than_fit_are_the_leading_ones(monkeypatch):
    whole = Study("normal", shape=(40, 30)).answer()
    monkeypatch.setattr(precision, "WHOLE", 1000)
    found = Precision().answer(whole, lambda share: None)
    assert found.note == "the leading 1,000 of 1,200 weights"
    leading = whole.weights.ravel()[:1000].astype(float)
    np.testing.assert_array_equal(row(found, "float32").values.values, np.unique(leading))
    with pytest.raises(
        ValueError, match=r"^precision draws at most 1,000 weights .*, got 1,200 of orthogonal\(\) by thr"
    ):
        look("orthogonal", shape=(40, 30))
    with pytest.raises(ValueError, match=r"got 1,200 of normal\(\) by rbg\. Make an axis smaller\.$"):
        look("normal", shape=(40, 30), generator="rbg")
    with pytest.raises(
        ValueError, match=r"^precision needs weights, got none in \(0, 3\)\. Use sizes of at least 1\.$"
    ):
        look("normal", shape=(0, 3))


# What is said


def test_progress_rises_to_1():
    heard = []
    Precision().answer(Study("normal", shape=(8, 8)).answer(), heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def said(name, dtype="bfloat16", **settings):
    return " ".join(look(name, dtype, **settings).explanations)


def test_bfloat16_in_words():
    text = said("glorot_uniform", shape=(1024, 1024))
    assert "there are 2^7 = 128 equally likely ones" in text
    assert "This draw shows 128 distinct weights." in text
    assert "is −0.0135 σ off: 13.9 standard errors for 1,048,576 weights" in text
    assert "In a square matrix larger than 5,462 × 5,462" in text
    assert "Here, at" not in text
    assert "A bfloat16 draw ends at −1.734 σ and +1.711 σ from the mean; the law ends at −1.732 σ and +1.732 σ." in text
    assert "Drawn in float32 and cast, it has" in text
    assert "the law has no ends" in said("normal", shape=(8, 8))
    text = said("glorot_uniform", "float32", shape=(8, 8))
    assert f"is {plain(-(3**0.5) / 2**23, 3)} σ off" in text
    assert "square matrix" not in text  # none that can be asked for is large enough


def test_an_outlier_that_is_there_is_said_and_seen():
    result = Study("normal", shape=(256, 256), dtype="float8_e4m3fn").answer()
    exact = grid(result.plan.ensemble.law, "float8_e4m3fn")
    predicted = Spiked(MarchenkoPastur(256, 256, exact.std), abs(exact.mean)).outlier
    text = " ".join(Precision(dtype="float8_e4m3fn").answer(result, lambda share: None).explanations)
    assert f"Here, at 256 × 256, it should be {predicted:.4g}, beyond the bulk's edge" in text
    assert abs(result.singular_values[0] - predicted) <= SIGMAS * exact.std  # THEORY §3.4: sd(s₁) ≈ σ
    assert "is a singular value of its own" not in said("uniform", shape=(8, 8))  # it has one by law


def test_where_nan_infinity_and_zeros_come_from():
    text = said("he_normal", "float8_e4m3fn", shape=(64, 64))
    assert "All 8 of 8 come out NaN: jax clips a truncated normal" in text
    assert "float8_e4m3fn has no infinity, only NaN" in text
    assert "σ off" not in text
    assert not np.isinf(np.array(np.inf).astype(jnp.float8_e4m3fn).astype(float))
    assert "NaN" not in said("he_normal", "float8_e5m2", shape=(64, 64))
    text = said("normal", "float8_e5m2", shape=(64, 64), stddev=1e5)
    assert "4 of 4 come out infinite: they are beyond 57,344, the largest number of float8_e5m2." in text
    text = said("glorot_uniform", "float8_e4m3fn", shape=(1024, 1024))
    assert (
        "8 of 8 uniforms give exactly 0: jax rounds the variance 0.000977 to float8_e4m3fn, whose least number" in text
    )
    assert "1 of 128 uniforms give exactly 0." in said("he_uniform", shape=(8, 8))


def test_orthogonal_matrices_are_refused_in_small_dtypes_and_cast():
    found = look("orthogonal", shape=(8, 6))
    assert row(found).values is None
    assert row(found).note.startswith("qr does not accept dtype bfloat16")
    assert not found.drawn.any()
    assert found.cast.sum() == 48
    assert found.explanations[0].startswith("jax refuses to draw bfloat16: qr does not accept")
    assert "Drawn in float32 and cast, it has" in found.explanations[1]


@pytest.mark.parametrize(("name", "settings"), [
    ("constant", {"value": 0.3}), ("zeros", {}), ("constant", {"value": np.arange(3.0)}), ("normal", {"stddev": 0.0}),
])  # fmt: skip
def test_constants_have_no_bias(name, settings):
    found = look(name, shape=(4, 3), **settings)
    assert row(found).bias is row(found).deviation is row(found).possible is None
    assert row(found).values.count == 12
    assert "rounds the weights once" in found.explanations[0]


def test_complex_weights_have_no_smaller_dtype():
    result = Study("glorot_normal", shape=(8, 6), dtype="complex64").answer()
    found = Precision().answer(result, lambda share: None)
    assert [(seen.dtype, seen.way) for seen in found.rows] == [("complex64", DRAWN)]
    assert found.rows[0].values.count == 96
    assert found.explanations == ("jax has no complex dtype smaller than complex64: smaller weights must be real.",)


@pytest.mark.parametrize("name", ["variance_scaling", "truncated_normal", "delta_orthogonal", "ones_init"])
def test_every_family_and_dtype_is_explained(name):
    result = Study(name, shape=(3, 4, 6)).answer()
    for dtype in REAL:
        found = Precision(dtype=dtype).answer(result, lambda share: None)
        assert found.dtype == dtype
        assert found.explanations
        assert all(text.endswith(".") for text in found.explanations)
