"""Singular values of convolutions against their explicit matrix, and against the laws of every ensemble."""

import math
import re

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from oracles import SIGMAS

from initviz.laws.ensembles import Constant, Delta, Haar, Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.matrices import convolutions as operators
from initviz.matrices.convolutions import convolution_spectrum, half
from initviz.matrices.sliding import PADDINGS, PLAIN, Sliding
from initviz.spectra import Points

FLOAT = np.dtype(np.float32)


def explicit_matrix(kernel, sizes):
    """The circular convolution as a matrix: what flax's layer makes of every unit vector."""
    kernel = np.asarray(kernel)
    layer = nnx.Conv(*kernel.shape[-2:], kernel.shape[:-2], padding="CIRCULAR", use_bias=False, rngs=nnx.Rngs(0))
    return matrix_of(layer, kernel.real, sizes) + 1j * matrix_of(layer, kernel.imag, sizes)


def matrix_of(layer, kernel, sizes):
    """A layer of flax, with this kernel, as a matrix."""
    layer.kernel = nnx.Param(jnp.asarray(kernel, np.float32))
    inputs = layer.in_features
    units = np.eye(math.prod(sizes) * inputs, dtype=np.float32).reshape(-1, *sizes, inputs)
    return np.asarray(layer(units), float).reshape(len(units), -1)


SHAPES = [
    ((3, 2, 4), (5,)),
    ((4, 3, 2), (6,)),
    ((2, 3, 3), (2,)),
    ((3, 3, 2, 3), (4, 5)),
    ((2, 3, 3, 2), (2, 4)),
    ((1, 4, 1, 2), (3, 4)),
    ((2, 3, 2, 1, 2), (2, 3, 3)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize(("shape", "sizes"), SHAPES, ids=str)
def test_the_values_are_those_of_the_explicit_matrix(shape, sizes, dtype):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype == np.complex64 else 0)
    kernel = kernel.astype(dtype)
    found = convolution_spectrum(kernel, sizes)
    expected = np.linalg.svd(explicit_matrix(kernel, sizes), compute_uv=False)
    assert found.dtype == np.float32
    assert found.size == math.prod(sizes) * min(shape[-2:])
    assert np.all(np.diff(found) <= 0)
    rounding = np.finfo(np.float32).eps * max(*shape[-2:], math.prod(shape[:-2])) * found[0]
    assert np.abs(found - expected[: found.size]).max() <= 5 * rounding
    assert np.abs(expected[found.size :]).max(initial=0) <= 5 * rounding  # the others are 0


def test_double_precision_is_kept_and_small_dtypes_are_widened():
    kernel = np.random.default_rng(1).normal(size=(3, 4, 5))
    double = convolution_spectrum(kernel, (8,))
    assert double.dtype == np.float64
    assert convolution_spectrum(kernel + 0j, (8,)) == pytest.approx(double, rel=1e-12)  # all frequencies, not half
    assert convolution_spectrum(jnp.asarray(kernel, jnp.bfloat16), (8,)).dtype == np.float32
    assert double**2 @ np.ones(double.size) == pytest.approx(8 * (kernel**2).sum(), rel=1e-12)  # Parseval


def test_chunks_change_nothing_report_their_share_and_can_be_cancelled(monkeypatch):
    kernel = np.random.default_rng(2).normal(size=(2, 2, 4, 3))
    whole, shares = convolution_spectrum(kernel, (5, 6)), []
    monkeypatch.setattr(operators, "CHUNK", 4 * 3 * 4)
    assert convolution_spectrum(kernel, (5, 6), shares.append) == pytest.approx(whole, rel=1e-12)
    assert len(shares) == math.ceil(len(half((5, 6))[0]) / 4)
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def cancel(share):
        raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        convolution_spectrum(kernel, (5, 6), cancel)


@pytest.mark.parametrize("sizes", [(1,), (5,), (6,), (4, 4), (4, 5), (3, 2, 4)])
def test_half_of_the_frequencies_stand_for_all(sizes):
    _, repeats = half(sizes)
    assert repeats.sum() == math.prod(sizes)
    assert (repeats == 1).sum() == math.prod(2 if size % 2 == 0 else 1 for size in sizes)  # those equal to their own -ω


def test_kernels_without_entries():
    assert convolution_spectrum(np.zeros((3, 0, 4)), (5,)).size == 0
    assert convolution_spectrum(np.zeros((3, 2, 4)), (5,)).tolist() == [0] * 10


def test_what_does_not_fit_is_refused():
    def message(*arguments):
        with pytest.raises(ValueError, match=r"^(a convolution|singular)") as raised:
            convolution_spectrum(*arguments)
        return str(raised.value)

    assert message(np.ones((3, 4)), ()) == (
        "a convolution needs a kernel of 3 to 5 axes, (*taps, inputs, outputs), got shape (3, 4). "
        "Use singular_values for a matrix."
    )
    assert message(np.ones((3, 5, 2, 2)), (8, 0)) == (
        "a convolution needs one input size of at least 1 per spatial axis, got sizes (8, 0) for 3 × 5 taps. "
        "Give for instance (16, 16)."
    )
    assert "got sizes (8, 8) for 3 taps" in message(np.ones((3, 2, 2)), (8, 8))
    assert message(np.ones((3, 2, 2)), (4,), None, Sliding(dilation=(2,), padding="VALID")) == (
        "a convolution without padding has no output where its taps reach over more than the input, got sizes (4,) for "
        "taps that reach over 5. Give sizes of at least (5,), or choose another padding."
    )
    assert message(np.full((3, 2, 2), np.nan), (8,)) == (
        "singular values need finite weights, got NaN or infinity. Draw in a wider dtype."
    )


ONE = [
    ((taps,), (size,), step) for taps in (1, 2, 3, 4) for size in (4, 7) for step in ((1, 2), (2, 1), (2, 3), (3, 2))
]
TWO = [((3, 2), (6, 5), (1, 2)), ((3, 2), (6, 4), (2, 1)), ((2, 4), (5, 6), (3, 1))]
THREE = [((2, 1, 3), (4, 2, 3), (2, 1)), ((2, 2, 2), (2, 3, 4), (1, 2))]
KINDS = [{}, {"groups": 2}, {"transposed": True}, {"transposed": True, "swapped": True}]
PLACES = [(*each, kind) for i, each in enumerate(ONE + TWO + THREE) for j, kind in enumerate(KINDS) if (i + j) % 2 == 0]


@pytest.mark.slow(keeps=60)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("taps", "sizes", "steps", "kind"), PLACES, ids=str)
def test_stride_dilation_groups_padding_and_transposes_are_those_of_flax(taps, sizes, steps, kind, padding):
    (stride, dilation), groups = steps, kind.get("groups", 1)
    sliding = Sliding((stride,), (dilation,), padding=padding, **kind)
    inputs, outputs, rank = 2 * groups, 3 * groups, len(taps)
    more = {"strides": (stride,) * rank, "kernel_dilation": (dilation,) * rank, "padding": padding, "use_bias": False}
    if sliding.transposed:
        layer = nnx.ConvTranspose(
            inputs, outputs, taps, transpose_kernel=sliding.swapped, rngs=nnx.Rngs(0), **more
        )  # fmt: skip
    else:
        layer = nnx.Conv(inputs, outputs, taps, feature_group_count=groups, rngs=nnx.Rngs(0), **more)
    kernel = np.random.default_rng(3).normal(size=layer.kernel.shape).astype(np.float32)
    extents = [dilation * (tap - 1) + 1 for tap in taps]
    if padding == "VALID" and not sliding.transposed and any(np.less(sizes, extents)):
        with pytest.raises(ValueError, match=f"Give sizes of at least {re.escape(str(tuple(extents)))}, or choose"):
            convolution_spectrum(kernel, sizes, sliding=sliding)
        return
    found = convolution_spectrum(kernel, sizes, sliding=sliding)
    expected = np.linalg.svd(matrix_of(layer, kernel, sizes), compute_uv=False)
    np.testing.assert_allclose(found, expected, atol=1e-5 * expected[0])


def test_sizes_that_are_no_whole_strides_have_no_matrix_per_frequency():
    assert Sliding((2,)).on((3, 1, 1), (6,)).whole
    assert not Sliding((2,)).on((3, 1, 1), (7,)).whole
    assert Sliding((2,), transposed=True).on((3, 1, 1), (7,)).whole
    assert not Sliding(padding="SAME").on((3, 1, 1), (6,)).whole


def test_a_small_circular_input_is_read_by_several_taps_at_once():
    kernel = np.random.default_rng(4).normal(size=(3, 2, 2)).astype(np.float32)
    folded = (kernel[:1] + kernel[1:2] + kernel[2:])[0]
    assert convolution_spectrum(kernel, (1,)) == pytest.approx(np.linalg.svd(folded, compute_uv=False), rel=1e-5)


@pytest.mark.parametrize(("sliding", "words"), [
    (PLAIN, "circular padding, stride 1"),
    (Sliding((2, 1), (3,), 4, "SAME"), "padding with zeros (SAME), stride 2 × 1, dilation 3, 4 groups"),
    (Sliding((2,), padding="VALID"), "no padding (VALID), stride 2"),
])  # fmt: skip
def test_how_taps_move_in_words(sliding, words):
    assert str(sliding) == words


@pytest.mark.parametrize(("taps", "sizes"), [((3,), (8,)), ((2, 4), (4, 6)), ((3, 3), (5, 7))])
def test_the_responses_of_a_mean_are_the_transform_of_ones(taps, sizes):
    responses = PLAIN.on((*taps, 1, 1), sizes).responses
    found = np.repeat([at for at, _ in responses], [times for _, times in responses])
    padded = np.zeros(sizes)
    padded[tuple(slice(tap) for tap in taps)] = 1
    assert found == pytest.approx(np.sort(np.abs(np.fft.fftn(padded)), axis=None)[::-1], abs=1e-9)
    assert responses[0] == (math.prod(taps), 1)


def haar(shape, axis):
    columns = shape[axis]
    return Haar(1.3, math.prod(shape) // columns, columns, axis % len(shape))


CONVOLUTIONS = {
    "iid": (Iid(Normal(0.1)), (3, 3, 32, 32)),
    "iid-wide": (Iid(Normal(0.1)), (3, 3, 8, 80)),
    "iid-1d": (Iid(Uniform(0.1, low=-1.0)), (5, 48, 32)),
    "uniform-mean": (Iid(Uniform(0.1)), (3, 3, 32, 32)),
    "weak-mean": (Iid(TruncatedNormal(0.1, -1.9, 2.0)), (3, 3, 32, 24)),
    "haar-square": (haar((3, 3, 32, 32), -1), (3, 3, 32, 32)),
    "haar-tall": (haar((3, 3, 40, 24), -1), (3, 3, 40, 24)),
    "haar-outputs-beyond-inputs": (haar((3, 3, 24, 40), -1), (3, 3, 24, 40)),
    "haar-by-inputs": (haar((3, 3, 24, 40), -2), (3, 3, 24, 40)),
    "haar-atom": (haar((2, 30, 40), -1), (2, 30, 40)),
    "haar-3d": (haar((2, 2, 2, 32, 32), -1), (2, 2, 2, 32, 32)),
}
SIZES = {1: (64,), 2: (12, 11), 3: (4, 3, 5)}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_the_values_of_a_drawn_kernel_follow_the_law(name, key):
    ensemble, shape = CONVOLUTIONS[name]
    sizes = SIZES[len(shape) - 2]
    found = convolution_spectrum(np.asarray(ensemble.sample(key, shape, FLOAT)), sizes)
    law = ensemble.operator_spectrum(shape, sizes)
    assert law.count == found.size == math.prod(sizes) * min(shape[-2:])
    assert len(law.point_names) == len(law.points)
    rounding = found[0] * np.finfo(np.float32).eps * max(shape)
    at_most = np.searchsorted(found[::-1], found + rounding, side="right") / found.size
    below = np.searchsorted(found[::-1], found - rounding, side="left") / found.size
    # One k × k matrix leaves its limit by log k / k at most (see the contract of initializers), so does their union.
    allowed = math.log(min(shape[-2:])) / min(shape[-2:])
    assert np.max(below - law.cdf(found)) < allowed
    assert np.max(law.cdf(found - rounding) - at_most) < allowed
    top = law.points[0][0] if law.points else (law.edges or law.reach)[1]
    sigma = ensemble.marginal.std * math.prod(shape[:-2]) ** 0.5
    assert abs(found[0] - top) < SIGMAS * sigma


@pytest.mark.parametrize(
    ("taps", "inputs", "outputs", "axis"),
    [((2, 2), 3, 13, -1), ((3,), 16, 4, -2)],
)
def test_a_haar_kernel_with_outputs_for_all_taps_is_an_isometry_up_to_its_size(taps, inputs, outputs, axis, key):
    ensemble, shape = haar((*taps, inputs, outputs), axis), (*taps, inputs, outputs)
    found = convolution_spectrum(np.asarray(ensemble.sample(key, shape, FLOAT)), (8,) * len(taps))
    law = ensemble.operator_spectrum(shape, (8,) * len(taps))
    assert law.points == ((1.3 * math.prod(taps) ** 0.5, found.size),)
    assert found == pytest.approx(law.points[0][0], rel=1e-5)
    assert law.largest == law.smallest == (law.points[0][0], 0.0, None)


@pytest.mark.parametrize(("shape", "sizes"), [((3, 4, 6), (9,)), ((2, 3, 5, 3), (4, 7)), ((2, 2, 2, 1, 2), (2, 3, 4))])
@pytest.mark.parametrize("value", [0.3, -2.0])
def test_a_constant_kernel_passes_what_its_taps_do_not_cancel(shape, sizes, value, key):
    ensemble = Constant(value)
    law = ensemble.operator_spectrum(shape, sizes)
    found = convolution_spectrum(np.asarray(ensemble.sample(key, shape, FLOAT)), sizes)
    expected = np.repeat([x for x, _ in law.points], [n for _, n in law.points])
    assert np.abs(found - expected).max() <= found[0] * np.finfo(np.float32).eps * math.prod(shape)
    assert set(law.point_names) == {"rank one", "zeros"}


def test_a_delta_kernel_is_an_isometry(key):
    shape, sizes = (3, 2, 4, 6), (6, 5)
    delta = Delta(Haar(1.5, 4, 6, 1), (3, 2))
    law = delta.operator_spectrum(shape, sizes)
    assert law == Points.repeated(1.5, 120)
    assert convolution_spectrum(np.asarray(delta.sample(key, shape, FLOAT)), sizes) == pytest.approx(1.5, rel=1e-5)


def test_a_mean_matters_only_where_the_taps_do_not_cancel():
    law = Iid(TruncatedNormal(0.1, -1.0, 2.0)).operator_spectrum((3, 3, 20, 20), (16, 16))
    assert 1 < sum(n for _, n in law.points) < 256 / 2
    assert set(law.point_names) == {"outlier of the mean"}
    assert law.count == 256 * 20


def test_kernels_without_a_law_of_their_operator():
    assert haar((3, 4, 6), 0).operator_spectrum((3, 4, 6), (8,)) is None
    assert Constant(np.arange(6)).operator_spectrum((3, 4, 6), (8,)) is None
    assert Constant(0).operator_spectrum((3, 4, 6), (8,)).points == ((0.0, 32),)
    assert Iid(Normal(0.0)).operator_spectrum((3, 4, 6), (8,)) == Points.repeated(0.0, 32)
    assert Haar(0.0, 12, 6, 2).operator_spectrum((3, 4, 6), (8,)) == Points.repeated(0.0, 32)
    for ensemble in (Iid(Normal(1.0)), Haar(1.0, 12, 6, 2)):
        assert ensemble.operator_spectrum((3, 4, 6), (8,), Sliding(padding="SAME")) is None
