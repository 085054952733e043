"""What a dtype cannot hold of a law is what really becomes of its draws, and is told and not judged."""

import math
import warnings

import jax
import numpy as np
import pytest

from benchmarks.calibration import false_alarms, most
from initviz import engine
from initviz.checks import check
from initviz.initializers import (
    CLASSES,
    constant,
    delta_orthogonal,
    he_normal,
    normal,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
)
from initviz.study import Study
from initviz.views import story, text
from initviz.views.histogram import KINDS as WEIGHTS_AS
from initviz.views.histogram import histogram
from initviz.views.spectrum import KINDS as VALUES_AS
from initviz.views.spectrum import spectrum

CASES = [
    (normal(1e38), "float32"), (normal(3e38), "float32"), (normal(7e37), "float32"), (normal(1e-37), "float32"),
    (uniform(1e39), "bfloat16"), (uniform(1e-36), "float32"), (normal(4e4), "float16"), (normal(1e-7), "float16"),
    (normal(1e3), "float8_e4m3fn"), (normal(1e5), "float8_e5m2"), (normal(2e-3), "float8_e4m3fn"),
    (truncated_normal(1.0), "float8_e4m3fn"), (truncated_normal(1.0, lower=4.0, upper=math.inf), "float32"),
    (truncated_normal(10.0, lower=4.0, upper=math.inf), "float32"), (normal(1e38), "complex64"),
    (variance_scaling(1e-37, "fan_in", "normal"), "float32"), (normal(1e-37), "complex64"),
    (orthogonal(1e39), "float32"), (orthogonal(1e-37), "float32"), (delta_orthogonal(1e39), "float32"),
    (constant(1e39), "float32"), (constant(1e-60), "float32"), (constant(1e3), "float8_e4m3fn"),
    (he_normal(), "float32"), (normal(0.02), "bfloat16"), (uniform(0.0), "float32"),
]  # fmt: skip
"""Initializers and dtypes: too large, too small, cut nowhere, and ordinary."""


@pytest.mark.slow(keeps=10)
@pytest.mark.parametrize(("initializer", "dtype"), CASES, ids=str)
def test_what_is_said_to_be_lost_is_lost(initializer, dtype):
    plan = initializer.plan((4, 128, 128), dtype)
    lost = plan.ensemble.lost(plan.dtype)
    drawn = np.asarray(engine.draw(plan.ensemble, jax.random.key(1), plan.shape, plan.dtype))
    wide = np.array([drawn.real, drawn.imag] if np.iscomplexobj(drawn) else drawn).astype(np.float64).ravel()
    endless = np.isfinite(wide) & (np.abs(wide) > 1e30 * float(getattr(plan.ensemble.law, "scale", np.inf)))
    observed = {"zeros": drawn == 0, "infinite": np.isinf(wide) & ~endless, "nan": np.isnan(wide), "endless": endless}
    if lost.endless:  # and multiplied by more than 1, infinite
        observed |= {"infinite": np.zeros(1), "endless": endless | np.isinf(wide)}
    if plan.ensemble.sparse or repr(initializer) == "uniform(scale=0.0)" or (np.iscomplexobj(drawn) and lost.infinite):
        del observed["zeros"], observed["nan"]
    for what, found in observed.items():
        expected = getattr(lost, what) * found.size
        assert abs(found.sum() - expected) <= 5 * expected**0.5 + 0.05 * expected, what
    assert bool(lost.crushed) == (initializer.function == "orthogonal" and not lost.infinite)


def test_nothing_is_lost_at_ordinary_scales():
    for name, cls in CLASSES.items():
        if not cls.required:
            assert not cls().plan((3, 64, 128), "float32").ensemble.lost(np.dtype("float32")), name


SCALES = (0.0, 1e-150, 1e-39, 1e-36, 1e-7, 1e-5, 0.5, 3e4, 1e38, 1e39, 1e75)
CUTS = ((-2.0, 2.0), (4.0, math.inf), (-math.inf, 1.0), (1.0, 1.00001), (40.0, 41.0), (-1e300, 1e300), (4.0, 6.0))
ASKED = {
    **{f"truncated_normal{cuts}": ("truncated_normal", "stddev", dict(zip(("lower", "upper"), cuts, strict=True)))
       for cuts in CUTS},
    **{f"variance_scaling {law}": ("variance_scaling", "scale", {"distribution": law})
       for law in ("truncated_normal", "normal", "uniform")},
    "uniform": ("uniform", "scale", {}), "normal": ("normal", "stddev", {}), "constant": ("constant", "value", {}),
    "orthogonal": ("orthogonal", "scale", {}), "delta_orthogonal": ("delta_orthogonal", "scale", {}),
}  # fmt: skip
SEED = 4
"""Of draws none of whose checks fails at a scale of 1."""
DTYPES = ("float32", "bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "complex64")


def drawn(function: str, dtype: str) -> bool:
    """Whether jax draws it in a dtype: no complex weights of cut and uniform laws, no QR of short floats."""
    if "orthogonal" in function:
        return dtype in ("float32", "complex64")
    return dtype != "complex64" or function not in ("uniform", "truncated_normal")


@pytest.mark.slow(keeps=20)
@pytest.mark.parametrize(("name", "dtype"), [
    (name, dtype) for name, (function, *_) in ASKED.items() for dtype in DTYPES if drawn(function, dtype)
])  # fmt: skip
def test_no_scale_is_left_without_an_explanation(name, dtype):
    """Nothing fails but with a message; what is infinite, 0 or has no digits is told; no check of a draw fails."""
    function, scale, arguments = ASKED[name]
    for value in SCALES:
        answer = Study(function, shape=(3, 8, 24), dtype=dtype, seed=SEED, **{scale: value}, **arguments).answer()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pictures = [histogram(answer, kind=kind) for kind in WEIGHTS_AS]
            pictures += [spectrum(answer, kind=kind) for kind in VALUES_AS]
            shown = story.headline(answer) + text.arithmetic(answer.plan) + text.judgement(answer)
        for picture in pictures:
            columns = [np.asarray(column) for each in picture.series for column in each.columns.values()]
            assert all(np.isfinite(column).all() for column in columns if column.dtype.kind in "iuf")
            assert all(low < high and np.isfinite((low, high)).all() for low, high in (picture.xlim, picture.ylim))
        assert "nan" not in shown.replace("NaN or infinite", "").lower()
        weights = np.asarray(answer.weights).astype(np.complex64)
        gone = not np.isfinite(weights).all() or not weights.any()
        assert answer.plan.warnings or not gone or (function == "constant" and not value), value
        assert [check.name for check in answer.checks if check.within is False] == [], value
        assert answer.likely


CUT = truncated_normal(1.0, lower=2.0, upper=math.inf)
"""Of which jax draws 1 weight in 1.7 million as 3.4e38 in float32."""


@pytest.mark.parametrize("shape", [(12, 12), (400, 300)])
def test_what_is_rare_or_not_there_switches_no_check_off(shape):
    drawn = CUT(jax.random.key(0), shape)
    assert drawn.max() < 10
    assert all(each.within is not None for each in check(drawn, CUT).checks)
    for wrong in (np.zeros(shape, np.float32), drawn + np.float32(1.0)):
        assert not check(wrong, CUT)


def test_weights_astray_are_not_judged_where_some_are_to_be_expected():
    drawn = np.asarray(CUT(jax.random.key(0), (400, 300))).copy()
    drawn[0, 0] = 3e38
    found = check(drawn, CUT)
    assert found.lost
    assert all(each.within is None for each in found.checks)
    assert not check(drawn[:12, :12], CUT)  # 1 in 10,000 draws of so few has one
    assert "NaN or infinite" in [each.name for each in check(np.where(drawn > 1e38, np.inf, drawn), CUT).checks]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_correct_draws_cut_at_infinity_fail_seldom(dtype):
    alarms = false_alarms(CUT, (12, 12), dtype, draws=400)
    assert {name: count for name, count in alarms.items() if count > most(400)} == {}
