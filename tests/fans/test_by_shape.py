"""Fans follow jax's rule for every shape and all axes."""

import math

import jax
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from initviz.fans.by_shape import MODES, canonical_axes, canonical_shape, count_fans

AXIS = st.integers(-5, 4)
AXES = st.one_of(AXIS, st.lists(AXIS, max_size=3), st.lists(AXIS, max_size=3).map(tuple))
SHAPES = st.lists(st.integers(0, 7), min_size=0, max_size=5).map(tuple)


def jax_fans(shape, *axes):
    """What jax counts; jax 0.10 divides by zero where 0.12 counts none."""
    try:
        return jax._src.nn.initializers._compute_fans(shape, *axes)
    except ZeroDivisionError:
        return 0, 0


@settings(max_examples=300, deadline=None)
@given(SHAPES, AXES, AXES, AXES)
def test_fans_are_those_of_jax(shape, in_axis, out_axis, batch_axis):
    try:
        expected = jax_fans(shape, in_axis, out_axis, batch_axis)
    except (IndexError, ValueError) as refused:
        with pytest.raises(type(refused)):
            count_fans(shape, in_axis, out_axis, batch_axis)
        return
    fans = count_fans(shape, in_axis, out_axis, batch_axis)
    assert (fans.fan_in, fans.fan_out) == pytest.approx(expected, rel=1e-14)


@settings(max_examples=100, deadline=None)
@given(SHAPES, AXIS, AXIS)
def test_disjoint_axes_split_the_size(shape, in_axis, out_axis):
    assume(len(shape) > 1 and 0 not in shape)
    in_axis, out_axis = in_axis % len(shape), out_axis % len(shape)
    fans = count_fans(shape, in_axis, out_axis)
    assert bool(fans.shared_axes) == (in_axis == out_axis)
    assert len(fans.roles) == len(shape)
    if not fans.shared_axes:
        size = fans.in_size * fans.out_size * fans.batch_size * fans.receptive_field
        assert size == pytest.approx(math.prod(shape))
        assert (fans.roles[in_axis], fans.roles[out_axis]) == ("in", "out")


def test_roles_name_what_every_axis_counts_as():
    assert count_fans((3, 3, 64, 128)).roles == ("field", "field", "in", "out")
    assert count_fans((4, 512, 2048), batch_axis=0).roles == ("batch", "in", "out")
    assert count_fans((6, 7), 0, 0).roles == ("in+out", "field")
    assert count_fans((6, 7), 0, 0).shared_axes == (0,)
    assert count_fans((512, 8, 64), 0, (1, 2)).roles == ("in", "out", "out")


@pytest.mark.parametrize(
    ("mode", "expected"), [("fan_in", 36), ("fan_out", 81), ("fan_avg", 58.5), ("fan_geo_avg", 54)]
)
def test_modes_pick_one_number(mode, expected):
    assert count_fans((3, 3, 4, 9)).pick(mode) == expected
    assert set(MODES) == {"fan_in", "fan_out", "fan_avg", "fan_geo_avg"}


def test_the_parts_of_a_fan():
    fans = count_fans((2, 3, 3, 4, 9), batch_axis=0)
    assert (fans.in_size, fans.out_size, fans.batch_size, fans.receptive_field) == (4, 9, 2, 9)
    assert (fans.fan_in, fans.fan_out) == (36, 81)
    assert fans == count_fans([2, 3, 3, 4, 9], -2, (4,), [-5])


def test_shapes_and_axes_become_tuples():
    assert canonical_shape(3) == (3,)
    assert canonical_shape(iter([2, 3])) == (2, 3)
    assert canonical_axes(-1, 3) == (2,)
    assert canonical_axes([0, -1], 3) == (0, 2)
    assert canonical_axes((), 0) == ()
