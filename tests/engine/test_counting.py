"""Summaries of large draws by counting integers are those of the weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from initviz import engine
from initviz.engine import counting
from initviz.engine.counting import Counting
from initviz.engine.draws import split
from initviz.engine.kernels import CHUNK, rounded, statistics_on, summary_of
from initviz.engine.summary import Bins
from initviz.laws.base import in_dtype
from initviz.laws.complex import ComplexNormal
from initviz.laws.ensembles import Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform

LAWS = {
    "normal": Normal(0.3),
    "uniform": Uniform(0.7),
    "centred": Uniform(0.7, low=-1.0),
    "cut at 2": TruncatedNormal(0.05, -2.0, 2.0),
    "inside": TruncatedNormal(1.0, 0.3, 0.6),
    "around 0": TruncatedNormal(1.0, -0.7, 0.1),
    "one-sided": TruncatedNormal(1.0, 0.0, np.inf),
    "far out": TruncatedNormal(1.0, 4.0, 6.0),
    "narrow": TruncatedNormal(1.0, 3.0, 3.0001),
}
COUNTED = [name for name in LAWS if name not in ("far out", "narrow")]
DTYPES = ["float32", "float16", "bfloat16"]
KEY = jax.random.key(3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_weights_grow_with_the_integers_they_are_made_of(law, dtype):
    weights = law.attainable(jnp.dtype(dtype)).astype(float)
    assert (np.diff(weights) >= 0).all()


@pytest.mark.parametrize("bits", [3, 7, 10, 23])
def test_every_integer_is_in_one_cell(bits):
    first, last = counting._cells(bits)
    assert (last - first + 1).clip(0).sum() == 2**bits
    integers = np.arange(2**bits) if bits < 23 else np.random.default_rng(0).integers(0, 2**bits, 10**5)
    cells = np.asarray(counting.cell_of(jnp.asarray(integers, np.int32), bits))
    assert ((first[cells] <= integers) & (integers <= last[cells])).all()


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize(("name", "dtype"), [*((name, "float32") for name in COUNTED), ("cut at 2", "bfloat16"),
                                             ("uniform", "float16"), ("normal", "float8_e4m3fn")])  # fmt: skip
def test_a_counted_draw_has_the_summary_of_its_weights(name, dtype, monkeypatch):
    ensemble, shape, dtype = Iid(LAWS[name]), (2048, 2050), jnp.dtype(dtype)
    assert Counting.of(in_dtype(ensemble.law, dtype), KEY, counting.LEAST, dtype, Bins.of(ensemble.marginal))
    counted = engine.summarize(ensemble, KEY, shape, dtype)
    monkeypatch.setattr(counting, "LEAST", np.inf)
    found = engine.summarize(ensemble, KEY, shape, dtype)
    assert np.array_equal(counted.histogram, found.histogram)
    for each in ("count", "not_finite", "zeros", "minimum", "maximum"):
        assert getattr(counted, each) == getattr(found, each)
    sd = ensemble.marginal.std
    assert abs(counted.mean - found.mean) < 1e-6 * sd
    assert abs(counted.std - found.std) < 1e-6 * sd


def test_it_counts_past_a_multiple_of_2_to_the_32():
    law, dtype = in_dtype(Normal(0.3), np.dtype("float32")), np.dtype("float32")
    bins, start = Bins.of(Normal(0.3)), split(2**32 - CHUNK)
    counted = Counting.of(law, KEY, counting.LEAST, dtype, bins).summary(*start, 3)
    numbers = rounded(bins, dtype)
    found = summary_of(bins, statistics_on("cpu")(law, KEY, *start, np.uint32(3 * CHUNK), numbers, dtype, CHUNK))
    assert np.array_equal(counted.histogram, found.histogram)
    assert (counted.minimum, counted.maximum) == (found.minimum, found.maximum)


@pytest.mark.parametrize(("law", "dtype", "size", "bins"), [
    (Normal(0.3), "float32", 1000, None),
    (Normal(0.3), "float64", counting.LEAST, None),
    (ComplexNormal(0.3), "complex64", counting.LEAST, None),
    (Uniform(2.0), "float32", counting.LEAST, Bins(1.0, 1.001, 1.0)),
    (Normal(3e38), "float32", counting.LEAST, None),
    (Normal(-0.3), "float32", counting.LEAST, Bins.of(Normal(0.3))),
    (LAWS["far out"], "float32", counting.LEAST, None),
    (LAWS["narrow"], "float32", counting.LEAST, None),
])  # fmt: skip
def test_what_cannot_be_counted_is_left_to_the_weights(law, dtype, size, bins):
    bins, precise = bins or Bins.of(law.marginal), np.dtype("complex64" if law.complex else "float32")
    assert Counting.of(in_dtype(law, precise), KEY, size, np.dtype(dtype), bins) is None
