"""The axes of the shape as boxes."""

import holoviews as hv
import numpy as np
import pytest
from drawn import part

from initviz.fans.by_shape import count_fans
from initviz.views import theme
from initviz.views.fans import fans


@pytest.mark.parametrize(("axes", "words"), [
    ({}, ["receptive field", "receptive field", "input", "output"]),
    ({"in_axis": 0}, ["input", "receptive field", "receptive field", "output"]),
    ({"batch_axis": (0, 1)}, ["batch", "batch", "input", "output"]),
    ({"in_axis": (2, 3)}, ["receptive field", "receptive field", "input", "input and output"]),
])  # fmt: skip
def test_axes_are_boxes_coloured_and_named_by_role(axes, words):
    shape = (3, 5, 64, 1024)
    roles = count_fans(shape, **axes).roles
    picture = fans(shape, roles)
    names = part(picture, "labels", "ink")
    said = [name.replace("\n", " ") for name in names["text"]]
    assert said == [f"axis {axis}: {word}" for axis, word in enumerate(words)]
    assert part(picture, "figures", "ink")["text"] == ["3", "5", "64", "1,024"]
    left, _, right, _, coloured_as = part(picture, "boxes", "ink").values()
    assert coloured_as == ["shared" if "+" in role else role for role in roles]
    plot = hv.renderer("bokeh").get_plot(picture.overlay)
    mapper = next(iter(plot.subplots.values())).handles["color_color_mapper"]
    assert dict(zip(mapper.factors, mapper.palette, strict=True)) == theme.ROLES  # also of roles that no axis has
    assert (left[1:] > right[:-1]).all()
    assert (np.diff(right - left) > 0).all()  # a larger axis is a wider box
    np.testing.assert_allclose((left + right) / 2, names["x"])


def test_the_table_of_a_picture_without_axes_has_no_places():
    table = fans((3, 64), ("in", "out")).table()
    assert list(table.columns) == ["series", "role", "label"]
    assert table.fillna("").to_numpy().tolist() == [
        ["axis", "in", ""], ["axis", "out", ""], ["size", "", "3"], ["size", "", "64"],
        ["role", "", "axis 0: input"], ["role", "", "axis 1: output"],
    ]  # fmt: skip


def test_names_of_axes_have_as_many_lines_as_a_phone_needs():
    shape = (3, 3, 3, 64, 1024)
    picture = fans(shape, count_fans(shape).roles)
    boxes, names = part(picture, "boxes", "ink"), part(picture, "labels", "ink")["text"]
    for left, right, name in zip(boxes["left"], boxes["right"], names, strict=True):
        longest = max(map(len, name.split("\n")))
        assert longest * 5.5 <= 340 * (right - left) / picture.xlim[1]


def test_names_of_axes_end_above_the_foot_of_their_boxes():
    shape = (3, 3, 3, 64, 1024)
    picture = fans(shape, count_fans(shape).roles)
    boxes, names = part(picture, "boxes", "ink"), part(picture, "labels", "ink")
    title, line = 36, 17  # pixels
    for foot, y, text in zip(boxes["bottom"], names["y"], names["text"], strict=True):
        room = (y - foot) / picture.ylim[1] * (theme.FAN_HEIGHT - title)
        assert room >= line * len(text.split("\n"))
