"""Images of pictures: round ticks, and bars that are as high as they say. Every picture is in test_picture."""

import re
from dataclasses import replace

import numpy as np
import pytest
from contrast import brightness, contrast

from initviz.study import Study
from initviz.views.fans import fans
from initviz.views.histogram import histogram
from initviz.views.spectrum import spectrum
from initviz.views.svg import ABOVE, BELOW, LEFT, LETTER, RIGHT, TITLE_LETTER, TITLE_LINE, WIDTH, image, svg
from initviz.views.theme import PLOT_HEIGHT, SLOTS
from initviz.views.ticks import TICKS, even, text_at


@pytest.mark.parametrize("low", [-3.0, 0.0, 0.123])
@pytest.mark.parametrize("width", [1e-7, 0.5, 1.0, 7.3, 64.0, 3e5])
def test_ticks_are_few_round_and_inside(low, width):
    found = even(low, low + width)
    assert 2 <= len(found) <= 7
    assert all(low <= value <= low + width for value in found)
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert f"{steps[0]:.6e}"[0] in "125"
    assert f"{steps[0]:.4e}"[1:6] == ".0000"


@pytest.mark.parametrize(("low", "high"), [(1e-38, 1e38), (3e-5, 4e3), (0.02, 3.0), (2.0, 9.0), (1e-300, 1e-290)])
def test_logarithmic_axes_have_powers_of_ten_where_there_are_two(low, high):
    found = TICKS["log"](low, high)
    assert 2 <= len(found) <= 7
    assert all(low <= value <= high for value in found)
    if high > 100 * low:
        assert all(value == float(f"1e{round(np.log10(value))}") for value in found)
        assert np.ptp(np.diff(np.log10(found))) < 1e-9


def test_ticks_have_their_numbers():
    assert [text_at(value, "log") for value in (1e-4, 1.0, 1e30, 2.5)] == ["10⁻⁴", "10⁰", "10³⁰", "2.5"]
    assert [text_at(value, "even") for value in (1e-4, 100.0)] == ["0.0001", "100"]
    assert TICKS["whole"](0.5, 1.5) == [1.0]
    assert TICKS["percent"](0, 124) == [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]


def test_bars_are_as_high_as_they_say():
    picture = histogram(Study("he_normal", shape=(64, 32)).answer())
    bars = next(series for series in picture.series if series.mark == "bars")
    (low, high), up = picture.ylim, PLOT_HEIGHT - ABOVE - BELOW
    tops = up - np.asarray(bars.source["top"]) * up / (high - low)
    drawn = re.findall(r"<path d='M[\d.]+ ([\d.]+)V([\d.-]+)H[\d.]+V[\d.]+Z'", svg(picture))
    np.testing.assert_allclose(np.array(drawn, float)[: len(tops), 1], tops, atol=0.06)
    assert low == 0


def test_words_in_plots_stand_out_whatever_is_behind_the_image():
    square, row = (Study("orthogonal", shape=shape).answer() for shape in ((4, 4), (1, 3)))
    pictures = [histogram(row), spectrum(square), histogram(Study("constant", shape=(4, 4)).answer())]
    words = [text for picture in pictures for text in re.findall("<text [^>]*fill='[^>]*>", svg(picture))]
    assert words
    for text in words:
        color, ground = (re.search(f"{name}='(#[^']*)'", text)[1] for name in ("fill", "stroke"))
        assert contrast(brightness(color), brightness(ground)) >= 4.5
    boxes = svg(fans(square.plan.shape, square.plan.roles))
    assert f"fill='{SLOTS['ink'].color}'" in boxes
    assert "opacity" not in boxes  # of what is behind its words, too


def test_a_long_title_is_broken_into_lines_above_the_frame():
    short, long = (
        svg(replace(histogram(Study("he_normal", shape=(64, 32)).answer()), title=title))
        for title in ("Weights: 2,048 values", "Weights: 2,048 values of a rather long-winded kind, " * 2 + "9" * 100)
    )
    lines = re.findall(r"<tspan x='0' y='(-?\d+)'>([^<]*)</tspan>", long)
    assert [len(line) * TITLE_LETTER <= WIDTH for _, line in lines] == [True] * 4
    heights = [int(height) for height, _ in lines]
    assert heights == [14 - 3 * TITLE_LINE, 14 - 2 * TITLE_LINE, 14 - TITLE_LINE, 14]
    (_, top, _, height), (_, higher, _, taller) = (
        map(int, re.search("viewBox='([^']*)'", each)[1].split()) for each in (short, long)
    )
    assert (top, higher) == (0, -3 * TITLE_LINE)
    assert heights[0] - higher == 14  # no line is cut
    assert taller - height == 3 * TITLE_LINE  # nothing of the frame is
    assert long.partition("</text>")[2] == short.partition("</text>")[2]


def test_a_long_name_is_cut_before_the_next_one_of_the_legend():
    draws = [Study("truncated_normal", upper=upper, shape=(8, 4)).answer() for upper in (1.25, 1.5)]
    drawn = svg(histogram(*draws, names=["short", "a name of more letters than there is room for"]))
    assert ">short</text>" in drawn
    (cut,) = re.findall(r">(a name of [^<]*)…</text>", drawn)
    assert len(cut) * LETTER < (WIDTH - LEFT - RIGHT) / 2 - 32


def test_an_answer_shows_its_checks_and_pictures_in_a_notebook():
    answer = Study("he_normal", shape=(64, 32)).answer()
    html = answer._repr_html_()
    assert image(histogram(answer)) in html
    assert "expected" in html
