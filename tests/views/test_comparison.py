"""Pictures of a comparison: common axes and bins, chosen colors; its numbers as a table."""

import re

import numpy as np
import pytest

from initviz import Study
from initviz.compare import LOOKS, MOST, Comparison
from initviz.views import theme
from initviz.views.comparison import COLORS, LINES, html, legend, pictures
from initviz.views.spectrum import same_edges


def compared(*names, look="draws"):
    """The comparison of small studies, and its answer."""
    comparison = Comparison(look=look, steps=2)
    for name in names:
        study = Study(name, shape=(24, 16))
        study.network.param.update(depth=3, width=16, seeds=2)
        comparison.pin(study)
    return comparison


def test_every_place_of_the_palette_has_its_words():
    assert len(COLORS) == len(LINES) == len(theme.COMPARED) == MOST


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_has_two_pictures_with_a_legend_in_the_colors_chosen(look):
    comparison = compared("he_normal", "orthogonal", "zeros", look=look)
    comparison.recolor("he_normal()", 6)
    shown = pictures(comparison.answer())
    assert len({each.name for each in shown}) == 2
    for picture in shown:
        assert picture.legend == ("he_normal()", "orthogonal()", "zeros()")
        slots = {series.name: series.slot.split()[1] for series in picture.series if series.name}
        assert slots == {"he_normal()": "6", "orthogonal()": "2", "zeros()": "3"}
        assert picture.overlay is not None


def test_bars_of_all_are_in_the_same_bins():
    shown = pictures(compared("he_normal", "orthogonal", "lecun_uniform", "ones").answer())
    for picture in shown:
        bars = [series.columns["left"] for series in picture.series if series.mark == "bars"]
        assert len(bars) == 4
        for each in bars[1:]:
            np.testing.assert_array_equal(each, bars[0])


def test_bars_of_singular_values_hold_them_all_and_none_lies_at_an_edge():
    edges = same_edges([np.arange(9) * 0.25, (np.arange(8) - 0.5) / 6], np.array([1.0, 0.5]))
    assert len(edges) == 2
    assert edges[0] is edges[1]
    width = edges[0][1] - edges[0][0]
    assert np.isclose(width, 1 / 6)
    assert edges[0][0] <= 0
    assert edges[0][-1] >= 2
    assert np.abs(edges[0][:, None] - np.array([1.0, 0.5])).min() > 0.09 * width
    assert sum(np.histogram([0.0, 0.5, 1.0, 2.0], edges[0])[0]) == 4


def test_one_alone_and_the_first_of_several_are_drawn():
    alone = compared("he_normal").answer()
    assert [picture.legend for picture in pictures(alone)] == [(), ()]
    assert "differ from the first" not in html(alone)


def test_the_table_marks_what_differs_in_words_too():
    found = html(compared("he_uniform", "lecun_uniform", "he_normal").answer())
    row = re.search(r"<tr><th scope='row'>std of the law</th>.*?</tr>", found)[0]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells == ["0.2887", "≠ 0.2041", "0.2887", "lecun_uniform()"]
    assert "lecun_uniform() is he_uniform() × 1/√2, entry by entry" in found
    assert "no independent evidence" in found


def test_names_are_written_as_text():
    comparison = compared("he_normal", "zeros")
    comparison.rename("zeros()", "<b>0</b>")
    found = comparison.answer()
    assert "<b>" not in html(found)
    assert "<b>" not in legend(found)


def test_what_failed_is_said():
    comparison = compared("he_normal")
    comparison.pin(Study("delta_orthogonal", shape=(24, 16)), name="bias")
    assert re.search(r"role='alert'.*bias: ", html(comparison.answer()))
