"""What is seen of a tensor: moments of all weights are those of NumPy, and the part observed is a part of them."""

import jax.numpy as jnp
import numpy as np
import pytest
from tensors import tensor

from initviz.models.seen import leading_part, moments_of, see
from initviz.models.tensor import Role

DENSE = Role("Dense", (0,), (1,))
RANDOM = np.random.default_rng(0)
ARRAYS = {
    "single": RANDOM.normal(0.1, 2.0, (300, 900)).astype(np.float32),
    "double": RANDOM.normal(0.1, 2.0, (30, 90)),
    "bfloat16": RANDOM.normal(0, 1, (64, 64)).astype(jnp.bfloat16),
    "half": RANDOM.normal(0, 1, (64, 64)).astype(np.float16),
    "float8": RANDOM.normal(0, 1, (64, 64)).astype(jnp.float8_e4m3fn),
    "whole numbers": RANDOM.integers(-5, 5, (70, 3)),
    "not contiguous": RANDOM.normal(0, 1, (80, 60)).T[::2],
    "tiny": (1e-30 * RANDOM.normal(0, 1, (20, 20))).astype(np.float32),
    "huge": (1e30 * RANDOM.normal(0, 1, (20, 20))).astype(np.float32),
    "zeros": np.zeros((3, 3), np.float32),
    "one number": np.array(2.5),
    "some not finite": np.where(RANDOM.random((40, 50)) < 0.1, np.nan, RANDOM.normal(0, 1, (40, 50))),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_moments_are_those_of_numpy(array):
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    found = moments_of(array)
    assert (found.count, found.not_finite) == (finite.size, wide.size - finite.size)
    assert found.zeros == (finite == 0).sum()
    assert (found.minimum, found.maximum) == (finite.min(), finite.max())
    assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-6 * finite.std())
    assert found.power == pytest.approx((finite**2).mean(), rel=1e-6)
    assert found.std == pytest.approx(finite.std(), rel=1e-5)


def test_moments_of_complex_weights_are_those_of_both_parts():
    array = RANDOM.normal(0, 1, (9, 9)) + 2j * RANDOM.normal(0, 1, (9, 9))
    parts = np.concatenate([array.real, array.imag]).ravel()
    found = moments_of(array)
    assert found.count == parts.size
    assert found.power == pytest.approx((parts**2).mean())


def test_no_weights_have_no_moments():
    found = moments_of(np.zeros((0, 3)))
    assert (found.count, found.largest, found.constant) == (0, 0.0, None)


@pytest.mark.parametrize(("shape", "role", "part"), [
    ((256, 256), DENSE, (256, 256)),
    ((2000, 2000), DENSE, (250, 250)),
    ((8, 512, 2048), Role("Experts", (1,), (2,), (0,)), (1, 256, 256)),
    ((3, 3, 512, 512), Role("Conv", (2,), (3,)), (1, 1, 256, 256)),
    ((2**21,), Role("bias"), (2**16,)),
    ((4096, 4), DENSE, (4096, 4)),
])  # fmt: skip
def test_of_a_large_tensor_a_part_of_its_matrix_is_observed(shape, role, part):
    array = np.broadcast_to(np.float32(0), shape)
    assert leading_part(array, role).shape == part


def test_a_part_has_the_moments_of_all():
    weights = RANDOM.normal(0, 1, (2000, 500)).astype(np.float32)
    found = see(tensor(shape=weights.shape, weights=weights), DENSE)
    assert found.in_part
    assert found.moments.count == weights.size
    assert found.observation.summary.count < weights.size
    assert found.without_weights.observation.weights is None


@pytest.mark.parametrize(("drawn", "precision"), [
    (jnp.bfloat16, jnp.bfloat16), (np.float16, np.float16), (np.float32, np.float32), (np.float64, np.float64),
])  # fmt: skip
def test_the_precision_is_the_narrowest_that_loses_nothing(drawn, precision):
    weights = RANDOM.normal(0, 1, (64, 64)).astype(drawn).astype(np.float64)
    found = see(tensor(shape=weights.shape, weights=weights), DENSE)
    assert found.precision == np.dtype(precision)


def test_equal_slices_are_noticed():
    stack = Role("Experts", (1,), (2,), (0,))
    one, other = RANDOM.normal(0, 1, (2, 16, 16)).astype(np.float32)
    for slices, alike in (((one, other), False), ((one, one), True), ((np.zeros_like(one),) * 2, False)):
        weights = np.stack(slices)
        assert see(tensor(shape=weights.shape, weights=weights), stack).alike == alike


@pytest.mark.parametrize("dtype", [jnp.bfloat16, np.float16])
def test_short_rows_of_a_table_are_equal_by_chance(dtype):
    rows = RANDOM.normal(0, 1, (20_000, 2)).astype(dtype)
    assert len({row.tobytes() for row in rows[:10_000]}) < 10_000
    table = Role("Embedding", (), (1,), (0,))
    assert not see(tensor(shape=rows.shape, weights=rows), table).alike


def test_a_row_that_stands_twice_in_a_table_is_noticed():
    rows = RANDOM.normal(0, 1, (20_000, 16)).astype(np.float32)
    rows[12_345] = rows[7]
    assert see(tensor(shape=rows.shape, weights=rows), Role("Embedding", (), (1,), (0,))).alike


def test_text_is_refused():
    with pytest.raises(TypeError, match="weights must be numbers, got"):
        see(tensor(weights=np.array(["a"])), DENSE)
