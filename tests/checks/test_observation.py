"""What is seen of an array of any kind, and of a draw of ours, by the same code."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from oracles import refused

from initviz.checks import observe, observe_draw
from initviz.checks.arrays import as_array
from initviz.engine.summary import PIECE, Bins, pieces
from initviz.initializers import he_normal, normal, orthogonal

DTYPES = [
    "bool", "int8", "uint8", "int32", "int64", "uint64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2",
    "float32", "float64", "longdouble", "complex64", "complex128",
]  # fmt: skip


@pytest.mark.parametrize(
    "shape", [(), (1,), (7,), (0,), (6, 5), (0, 5), (2, 3, 4), (2, 1, 3, 2, 2), (2, 2, 2, 2, 2, 2)]
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_array_of_any_rank_and_dtype_is_observed_as_it_is(dtype, shape):
    numbers = np.random.default_rng(0).integers(-3, 4, size=shape)
    dtype = np.dtype(dtype) if dtype == "longdouble" else jnp.dtype(dtype)
    weights = (abs(numbers) if dtype.kind in "bu" else numbers).astype(dtype)
    found = observe(weights)
    assert (found.shape, found.dtype) == (shape, np.float64 if dtype == np.longdouble else dtype)
    wide = np.complex128 if np.iscomplexobj(weights) else np.float64
    values = weights.astype(wide)
    parts = np.concatenate([values.real.ravel(), values.imag.ravel()]) if np.iscomplexobj(values) else values.ravel()
    assert found.summary.count == parts.size
    if parts.size:
        assert (found.summary.minimum, found.summary.maximum) == (parts.min(), parts.max())
        np.testing.assert_allclose(found.summary.mean, parts.mean(), rtol=1e-5, atol=1e-6)
        assert found.summary.histogram[[0, -1]].sum() == 0
    if len(shape) > 1 and parts.size:
        expected = np.linalg.svd(values.reshape(-1, shape[-1]), compute_uv=False)
        np.testing.assert_allclose(found.singular_values, expected, atol=2e-5)
        assert found.size == (parts.size // (2 if wide is np.complex128 else 1) // shape[-1], shape[-1])
    else:
        assert (len(found.singular_values), found.size) == (0, (0, 0))
        assert found.no_spectrum == (
            "Fewer than two axes, so no matrix and no singular values." if parts.size
            else "No weights, so no singular values."
        )  # fmt: skip


def test_double_precision_is_not_narrowed():
    weights = 1 + 1e-12 * np.random.default_rng(0).normal(size=(40, 30))
    found = observe(weights)
    assert found.summary.std == pytest.approx(weights.std(), rel=1e-6)
    assert found.singular_values.dtype == np.float64
    assert found.singular_values[-1] == pytest.approx(np.linalg.svd(weights, compute_uv=False)[-1], rel=1e-3)
    whole = np.arange(2**53 - 8, 2**53, dtype=np.int64)
    assert (observe(whole).summary.minimum, observe(whole).summary.maximum) == (2**53 - 8, 2**53 - 1)


class Tensor:
    """An array of another library, as PyTorch's: it may refuse to be read."""

    def __init__(self, array, refusal=None):
        self.array, self.refusal = array, refusal

    def __array__(self, dtype=None, copy=None):
        if self.refusal:
            raise self.refusal
        return self.array


def test_arrays_of_other_libraries_are_read():
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    layer = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
    np.testing.assert_array_equal(as_array(layer.kernel), np.asarray(layer.kernel[...]))
    for given in (weights, jnp.asarray(weights), Tensor(weights), weights.tolist(), [list(row) for row in weights]):
        np.testing.assert_array_equal(as_array(given), weights)
    assert as_array(0.5).shape == ()
    assert as_array(weights) is weights  # not copied


KEY = "weights must be an array, got a PRNG key. Draw with it first, for instance he_normal()(key, (256, 256))."
LAYER = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
WRONG = {
    "object": (np.array([1, None]), "weights must be numbers, got a ndarray of dtype object. "
               "Pass an array of numbers, for instance np.asarray(values, float)."),
    "none": (None, "weights must be numbers, got a NoneType of dtype object. "
             "Pass an array of numbers, for instance np.asarray(values, float)."),
    "strings": (np.array(["a"]), "weights must be numbers, got a ndarray of dtype <U1. "
                "Pass an array of numbers, for instance np.asarray(values, float)."),
    "dates": (np.array(["2020-01-01"], "datetime64[D]"), "weights must be numbers, got a ndarray of dtype "
              "datetime64[D]. Pass an array of numbers, for instance np.asarray(values, float)."),
    "times": (np.zeros((3, 3), "m8[s]"), "weights must be numbers, got a ndarray of dtype timedelta64[s]. "
              "Pass an array of numbers, for instance np.asarray(values, float)."),
    "masked": (np.ma.masked_less([1.0, -1.0, 2.0], 0), "weights must have no mask, got 1 masked of 3. "
               "Pass weights.compressed() to leave them out, or weights.filled(0)."),
    "layer": (LAYER, "weights must be numbers, got a Linear of dtype object. Pass its kernel alone."),
    "key": (jax.random.key(0), KEY),
    "legacy key": (jax.random.PRNGKey(0), KEY),
    "tree": ({"kernel": np.ones(3), "bias": np.ones(3)}, "weights must be one array, got a dict of 2. "
             "Pass each by itself, for instance those of jax.tree.leaves(weights)."),
    "state": (nnx.state(LAYER), "weights must be one array, got a State of 2. "
              "Pass each by itself, for instance those of jax.tree.leaves(weights)."),
    "list": ([np.ones(3), np.ones(3)], "weights must be one array, got a list of 2 arrays. "
             "Pass each by itself, or np.stack(weights) if they are one tensor."),
    "ragged": ([[1, 2], [3]], "weights must be readable as a NumPy array, got a list, which says: setting an array "
               "element with a sequence. The requested array has an inhomogeneous shape after 1 dimensions. The "
               "detected shape was (2,) + inhomogeneous part. Convert it first; of PyTorch pass "
               "tensor.detach().float().cpu().numpy()."),
    "tensor": (Tensor(None, RuntimeError("Can't call numpy() on Tensor that requires grad.\nUse detach()")),
               "weights must be readable as a NumPy array, got a Tensor, which says: Can't call numpy() on Tensor that "
               "requires grad. Convert it first; of PyTorch pass tensor.detach().float().cpu().numpy()."),
    "initializer": (he_normal(), "weights come first, then the initializer, got a HeNormal. "
                    "Write check(weights, he_normal())."),
    "function": (he_normal, "weights come first, then the initializer, got a function. "
                 "Write check(weights, he_normal())."),
    "name": ("he_normal", "weights come first, then the initializer, got a str. Write check(weights, he_normal())."),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_array_of_numbers_is_refused_with_the_fix(what):
    value, message = WRONG[what]
    refused(TypeError, message, observe, value)


def test_bins_that_are_none_are_refused():
    refused(TypeError, "bins must be Bins, got 50. Leave them out, or pass those of another observation: "
            "observed.summary.bins.", observe, np.ones(3), 50)  # fmt: skip
    refused(ValueError, "bins must go up from low to high, got 1 and 1. Exchange or move one.", Bins, 1, 1, 0)


def test_several_arrays_are_observed_in_the_same_bins():
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=(20, 30)), generator.normal(1.0, 3.0, size=(20, 30)).astype(np.float32)]
    bins = Bins.union(*map(Bins.covering, arrays))
    found = [observe(array, bins) for array in arrays]
    assert found[0].summary.bins == found[1].summary.bins == bins
    assert [each.summary.histogram[[0, -1]].sum() for each in found] == [0, 0]
    for each, array in zip(found, arrays, strict=True):
        np.testing.assert_array_equal(each.summary.inside, np.histogram(array, bins.edges)[0])


def test_bins_of_a_law_and_of_arrays_have_a_union():
    law = normal(2.0).plan((4, 4)).ensemble.marginal
    bins = Bins.union(Bins.of(law), Bins(0.0, 100.0, 3.0))
    assert (bins.low, bins.high, bins.pivot) == (Bins.of(law).low, 100.0, 1.5)
    assert Bins.fitting(law, None) == Bins.of(law)
    assert Bins.fitting(None, np.arange(3.0)) == Bins.covering(np.arange(3.0))


@pytest.mark.parametrize("values", [[], [np.nan, np.inf], [3.0], [1e306, 1e306], [1 + 2j, -4j, np.nan]])
def test_bins_cover_what_is_finite(values):
    array = np.array(values)
    bins = Bins.covering(array)
    parts = np.concatenate([array.real.ravel(), array.imag.ravel()]) if np.iscomplexobj(array) else array
    finite = parts[np.isfinite(parts)]
    assert bins.low < bins.pivot < bins.high
    assert np.all((finite > bins.low) & (finite < bins.high))


@pytest.mark.parametrize("layout", ["C", "F", "moved", "strided", "broadcast", "number"])
def test_pieces_are_the_array_whatever_its_layout_and_copy_little(layout):
    whole = np.arange(3 * PIECE, dtype=np.float32).reshape(3, 2, -1)
    array = {
        "C": whole, "F": whole.T, "moved": np.moveaxis(whole, 1, 0), "strided": whole[:, :, ::2],
        "broadcast": np.broadcast_to(whole[:, :1], (3, 5, whole.shape[2])), "number": np.float32(3.0).reshape(()),
    }[layout]  # fmt: skip
    found = list(pieces(array))
    assert max(piece.size for piece in found) <= PIECE
    assert all(piece.ndim == 1 for piece in found)
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.sort(array.ravel()))
    if layout in ("C", "F"):
        assert all(np.shares_memory(piece, whole) for piece in found)


@pytest.mark.parametrize(("initializer", "dtype"), [
    (he_normal(), "float32"), (he_normal(), "bfloat16"), (normal(), "complex64"), (orthogonal(), "float32"),
])  # fmt: skip
def test_a_draw_and_the_same_array_are_seen_alike(initializer, dtype):
    plan, key = initializer.plan((30, 20), dtype), jax.random.key(3)
    drawn = observe_draw(plan, key)
    brought = observe(
        np.asarray(drawn.weights), drawn.summary.bins, plan.unfolding, drawn.singular_values.dtype == float
    )
    assert drawn == brought


def test_a_streamed_draw_is_seen_without_its_weights(monkeypatch):
    plan, key = he_normal().plan((60, 50)), jax.random.key(3)
    whole = observe_draw(plan, key)
    monkeypatch.setattr("initviz.checks.observation.WHOLE", 1000)
    shares = []
    streamed = observe_draw(plan, key, progress=shares.append)
    assert streamed.weights is None
    assert shares[-1] == 1.0
    np.testing.assert_array_equal(streamed.summary.histogram, whole.summary.histogram)
    np.testing.assert_allclose(streamed.singular_values, whole.singular_values, rtol=1e-5)


def test_only_the_block_looked_at_is_copied_of_a_large_array(monkeypatch):
    monkeypatch.setattr("initviz.checks.observation.SPECTRUM_BUDGET", 20**3)
    weights = np.random.default_rng(0).normal(size=(3, 5, 8, 40))
    found = observe(weights)
    rows, columns = found.unfolding.size
    expected = np.linalg.svd(weights.reshape(-1, 40)[:rows, :columns], compute_uv=False)
    np.testing.assert_allclose(found.singular_values, expected)
    assert rows * columns * min(rows, columns) <= 20**3
