"""Summaries of tensors too large to make: the numbers of the draw itself, in constant memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import DISTINCT_CASES, ours
from processes import run

from initviz import engine
from initviz.engine import kernels, summaries
from initviz.engine.draws import split
from initviz.engine.summary import Bins, Summary
from initviz.laws.base import in_dtype
from initviz.laws.ensembles import Iid
from initviz.laws.real import TruncatedNormal, Uniform

SIDE = 2**15
"""Of the square matrix of a billion weights."""
MOMENTS = 1e-6
"""Relative, of the standard deviation; and of the mean, in standard deviations."""
ELEMENTWISE = [case for case in DISTINCT_CASES if not case.is_orthogonal]


def check_equal(summary: Summary, weights: np.ndarray) -> None:
    """The counts of the weights themselves, their extremes, and their moments in double precision."""
    made = engine.summarize_array(weights, summary.bins)
    assert np.array_equal(summary.histogram, made.histogram)
    assert (summary.count, summary.not_finite, summary.zeros) == (made.count, made.not_finite, made.zeros)
    parts = weights.ravel().view(weights.real.dtype)
    assert summary.count + summary.not_finite == parts.size
    assert summary.zeros == np.count_nonzero(parts == 0)
    assert (summary.minimum, summary.maximum) == (float(parts.min()), float(parts.max()))
    mean, std = parts.mean(dtype=np.float64), parts.std(dtype=np.float64)
    assert abs(summary.mean - mean) <= MOMENTS * max(std, abs(mean) * np.finfo(np.float32).eps)
    assert summary.std == pytest.approx(std, rel=MOMENTS)


@pytest.mark.parametrize(
    ("name", "dtype"), [("he_normal", np.float32), ("normal", jnp.bfloat16), ("uniform", np.float32)]
)
def test_summaries_of_16_million_weights_equal_those_of_the_draw(name, dtype, key):
    shape = (4096, 4096)
    ensemble = getattr(ours, name)().plan(shape, dtype).ensemble
    check_equal(engine.summarize(ensemble, key, shape, dtype), engine.draw(ensemble, key, shape, dtype))


def test_summaries_of_8_million_complex_weights_equal_those_of_the_draw(key):
    shape = (2048, 4096)  # two parts each
    ensemble = ours.glorot_normal().plan(shape, np.complex64).ensemble
    check_equal(engine.summarize(ensemble, key, shape, np.complex64), engine.draw(ensemble, key, shape, np.complex64))


@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_summaries_of_every_elementwise_initializer_equal_those_of_the_draw(case, key):
    ensemble = case.build().plan(case.large).ensemble
    summary = engine.summarize(ensemble, key, case.large, np.float32)
    check_equal(summary, np.asarray(engine.draw(ensemble, key, case.large, np.float32)))


def test_a_law_far_narrower_than_its_mean_keeps_its_moments(key):
    for law in (TruncatedNormal(1.0, 3.0, 3.001), TruncatedNormal(1e-3, -3.001, -3.0)):
        shape = (200, 300)
        summary = engine.summarize(Iid(law), key, shape, np.float32)
        check_equal(summary, engine.draw(Iid(law), key, shape, np.float32))


@pytest.mark.parametrize("start", [0, SIDE**2 - kernels.CHUNK, 2**32 - kernels.CHUNK, 2**32, 2**40])
def test_ranges_of_huge_draws_hold_the_weights_at_their_positions(start, key):
    law, bins, count = Uniform(3.0), Bins.of(Uniform(3.0)), kernels.CHUNK + 5  # one of them crosses 2³²
    numbers, dtype = kernels.rounded(bins, np.float32), np.dtype(np.float32)
    state = kernels.statistics_on("cpu")(
        in_dtype(law, dtype), key, *split(start), np.uint32(count), numbers, dtype, kernels.CHUNK
    )
    weights = engine.draw_at(Iid(law), key, np.arange(start, start + count), dtype)
    check_equal(kernels.summary_of(bins, state), weights)


def test_the_first_rows_of_a_huge_draw_are_a_draw_of_their_own(key):
    ensemble = ours.he_normal().plan((SIDE, SIDE)).ensemble
    positions = np.arange(3 * SIDE).reshape(3, SIDE)
    assert np.array_equal(
        engine.draw_at(ensemble, key, positions, np.float32), engine.draw(ensemble, key, (3, SIDE), np.float32)
    )


@pytest.mark.parametrize("name", ["zeros", "ones", "constant"])
def test_a_billion_equal_weights_are_summarized_at_once(name, key):
    function = getattr(ours, name)
    plan = (function(2.5) if name == "constant" else function).plan((SIDE, SIDE))
    summary = engine.summarize(plan.ensemble, key, plan.shape, plan.dtype)
    value = {"zeros": 0.0, "ones": 1.0, "constant": 2.5}[name]
    assert (summary.count, summary.mean, summary.std) == (SIDE**2, value, 0.0)
    assert summary.zeros == (SIDE**2 if name == "zeros" else 0)
    assert summary.histogram.sum() == summary.histogram.max() == SIDE**2


def test_a_pattern_counts_as_often_as_the_shape_repeats_it(key):
    ensemble = ours.constant(np.arange(4.0)).plan((6, 4)).ensemble
    check_equal(engine.summarize(ensemble, key, (6, 4), np.float32), engine.draw(ensemble, key, (6, 4), np.float32))
    assert engine.summarize(ensemble, key, (0, 4), np.float32).count == 0
    with pytest.raises(ValueError, match="broadcast"):
        engine.summarize(ensemble, key, (6, 5), np.float32)


def test_a_billion_weights_report_progress_and_can_be_cancelled():
    ensemble, shares = ours.he_normal().plan((SIDE, SIDE)).ensemble, []

    def cancel_at_the_second(share):
        shares.append(share)
        if len(shares) == 2:
            raise engine.Cancelled

    with pytest.raises(engine.Cancelled):
        engine.summarize(ensemble, jax.random.key(0), (SIDE, SIDE), np.float32, progress=cancel_at_the_second)
    assert shares == [summaries.JOB / SIDE**2, 2 * summaries.JOB / SIDE**2]


MEMORY = """
import json
import jax
import numpy as np
import initviz.initializers as ours
from benchmarks.huge import peak
from initviz import engine

def summarize(shape):
    plan = ours.he_normal().plan(shape)
    return engine.summarize(plan.ensemble, jax.random.key(0), plan.shape, plan.dtype).count

summarize((256, 256))
idle = peak()
count = summarize((2**13, 2**14))
print(json.dumps([count, peak() - idle]))
"""


def test_a_large_summary_takes_constant_memory():
    ((count, more),) = run(MEMORY)
    assert count == 2**27  # 537 MB of weights
    assert more < 300  # MB
