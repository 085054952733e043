"""Unfolding: a tensor as the matrix whose singular values are shown."""

import numpy as np
import pytest

from initviz.initializers import delta_orthogonal, he_normal, orthogonal
from initviz.matrices.unfolding import Unfolding, unfold, within

CASES = [
    ((6, 4), (1,), ()),
    ((6, 4), (0,), ()),
    ((3, 2, 5, 4), (3,), ()),
    ((3, 2, 5, 4), (1, 3), (0,)),
    ((4, 3, 5), (2,), (0,)),
    ((4, 3, 5), (2, 0), ()),
]


@pytest.mark.parametrize(("shape", "columns", "batch"), CASES)
def test_positions_point_at_the_entries_of_the_matrix(shape, columns, batch):
    tensor = np.arange(np.prod(shape)).reshape(shape)
    unfolding = unfold(shape, columns, batch)
    matrix = unfolding.matrix(tensor)
    assert matrix.shape == unfolding.size == unfolding.full
    assert np.array_equal(matrix, unfolding.positions())  # the value of every entry is its flat position
    assert matrix.size == np.prod([n for axis, n in enumerate(shape) if axis not in batch])
    block = within(unfolding, 20)
    assert np.array_equal(block.matrix(tensor), block.positions())


def test_an_axis_named_twice_counts_once():
    assert unfold((6, 4), (0, 0)) == unfold((6, 4), (0,))


def test_columns_run_across_and_the_rest_down():
    tensor = np.random.default_rng(0).normal(size=(3, 2, 5, 4))
    assert np.array_equal(unfold((3, 2, 5, 4), (3,)).matrix(tensor), tensor.reshape(30, 4))
    assert np.array_equal(unfold((3, 2, 5, 4), (0,)).matrix(tensor), tensor.reshape(3, 40).T)
    assert np.array_equal(unfold((3, 2, 5, 4), (3,), (0, 1)).matrix(tensor), tensor[0, 0])


@pytest.mark.parametrize(("columns", "batch"), [((), ()), ((0, 1), ()), ((1,), (0,)), ((0,), (0, 1))])
def test_without_rows_or_columns_the_last_axis_runs_across(columns, batch):
    assert unfold((6, 4), columns, batch) == Unfolding((6, 4), (0,), (1,))


def test_a_budget_takes_a_leading_block_of_about_the_same_proportions():
    unfolding = unfold((4000, 1000), (1,))
    assert within(unfolding, 4000 * 1000 * 1000) is unfolding
    block = within(unfolding, 1e6)
    rows, columns = block.size
    assert rows * columns * min(rows, columns) <= 1e6
    assert rows / columns == pytest.approx(4, rel=0.05)
    assert (rows + 4) * (columns + 1) * (columns + 1) > 1e6
    assert block.full == (4000, 1000)
    assert within(unfold((10**6, 1), (1,)), 10).size[1] == 1


@pytest.mark.parametrize(
    ("initializer", "shape", "text"),
    [
        (he_normal(), (6, 4), ""),
        (he_normal(), (3, 3, 6, 4), "flattened to 54 × 4: rows axes 0, 1, 2, columns axis 3"),
        (
            he_normal(batch_axis=0),
            (3, 6, 4),
            "flattened to 6 × 4: rows axis 1, columns axis 2; first slice along axis 0",
        ),
        (orthogonal(column_axis=0), (6, 4), "flattened to 4 × 6: rows axis 1, columns axis 0"),
        (delta_orthogonal(), (3, 4, 6), "flattened to 12 × 6: rows axes 0, 1, columns axis 2"),
    ],
)
def test_an_unfolding_says_how_it_was_flattened(initializer, shape, text):
    assert str(initializer.plan(shape).unfolding) == text


def test_a_block_says_so():
    block = Unfolding((6, 4), (0,), (1,), (), (3, 2))
    assert str(block) == "leading 3 × 2 block of 6 × 4"


def test_vectors_and_empty_tensors_have_no_matrix():
    assert he_normal(0, ()).plan((5,)).unfolding is None
    assert he_normal().plan((0, 5)).unfolding is None
