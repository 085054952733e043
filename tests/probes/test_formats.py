"""Small floats: what they hold, by ml_dtypes itself; what a cast and a draw in each of them give."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from initviz.probes.formats import format_of
from initviz.probes.precision import CAST, DRAWN, REAL, Precision
from initviz.settings.choices import SMALL_DTYPES
from initviz.study import Study

ANSWER = Study("normal", shape=(40, 30), stddev=4.0).answer()
every_format = pytest.mark.parametrize("name", SMALL_DTYPES)


def test_all_small_floats_of_ml_dtypes_are_there():
    floats = {name for name in dir(ml_dtypes) if name.startswith(("float4", "float6", "float8"))}
    assert floats == set(SMALL_DTYPES)
    assert set(SMALL_DTYPES) < set(REAL)


@every_format
def test_a_format_is_as_ml_dtypes_says(name):
    info, found = ml_dtypes.finfo(name), format_of(name)
    assert (found.low, found.high, found.least) == (float(info.min), float(info.max), float(info.smallest_subnormal))
    for value, kept in ((0.0, found.zero), (-1.0, found.low < 0)):
        assert bool(np.array(value).astype(name).astype(float) == value) == kept
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_equal(float(np.array(4e38).astype(name).astype(float)), found.beyond)


@every_format
def test_casting_a_draw_is_counted_as_it_is(name):
    found = Precision().answer(ANSWER, lambda share: None)
    (row,) = (row for row in found.rows if (row.dtype, row.way) == (name, CAST))
    with np.errstate(over="ignore", invalid="ignore"):
        cast = np.asarray(ANSWER.weights).astype(jnp.dtype(name)).astype(float)
    finite = cast[np.isfinite(cast)]
    assert row.values.not_finite == cast.size - finite.size
    np.testing.assert_array_equal(row.values.values, np.unique(finite + 0.0))
    assert row.values.zeros == np.count_nonzero(finite == 0)


@pytest.mark.parametrize("name", ["float8_e4m3b11fnuz", "float8_e8m0fnu"])
def test_a_draw_in_a_chosen_format_is_that_of_jax(name):
    found = Precision(dtype=name).answer(ANSWER, lambda share: None)
    (row,) = (row for row in found.rows if (row.dtype, row.way) == (name, DRAWN))
    drawn = jax.nn.initializers.normal(4.0)(jax.random.key(0), (40, 30), jnp.dtype(name))
    drawn = np.asarray(drawn).astype(float)
    np.testing.assert_array_equal(row.values.values, np.unique(drawn[np.isfinite(drawn)]))
    assert row.values.not_finite == np.count_nonzero(~np.isfinite(drawn))


def said(name):
    return " ".join(Precision(dtype=name).answer(ANSWER, lambda share: None).explanations)


def test_formats_in_words():
    assert said("float4_e2m1fn").startswith(
        "float4_e2m1fn has 15 finite numbers, from −6 to 6; the smallest above 0 is 0.5, and what is too large becomes "
        "6. jax refuses to draw float4_e2m1fn: uniform only accepts 8-, 16-, 32-, or 64-bit dtypes"
    )
    text = said("float8_e8m0fnu")
    assert "none of them 0 or negative: those become NaN; the smallest above 0 is 5.88e−39" in text
    assert "of which float8_e8m0fnu has only 1 itself, and no 0: every weight drawn in it is NaN." in text
