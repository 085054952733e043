"""Closer looks as pictures and words: what they draw are the numbers of their answers."""

import re
from dataclasses import replace

import numpy as np
import pytest
from drawn import integral, part

from initviz.probes import PROBES, Convolution, Depth, Parity, Precision, Randomness, Seeds
from initviz.study import Study
from initviz.views import probes
from initviz.widgets.looks import LOOKS
from initviz.wording import several


def look(probe, function="he_normal", shape=(3, 3, 6, 8), **settings):
    return probe.answer(Study(function, shape=shape, **settings).answer())


def test_the_seeds_band_is_the_quantiles_and_the_line_the_draw_on_show():
    found = look(Seeds(draws=7), shape=(40, 30))
    (weights, values), words = probes.seeds(found, "sorted")
    edges, counts = found.result.summary.coarse()
    unit = found.result.summary.count * (edges[1] - edges[0])
    _, low, high = part(weights, "band", "data pale").values()
    np.testing.assert_allclose(part(weights, "line", "data")["y"][::2] * unit, counts)
    np.testing.assert_allclose(low[::2] * unit, np.quantile(found.counts, 0.05, axis=0))
    np.testing.assert_allclose(high[::2] * unit, np.quantile(found.counts, 0.95, axis=0))
    assert part(values, "line", "data")["y"].tolist() == found.result.singular_values.tolist()
    assert part(values, "line", "data dotted")["y"].tolist() == np.median(found.singular_values, axis=0).tolist()
    assert "Pale: 90 % of the draws; dotted: their median" in words
    density = probes.seeds(found, "density")[0][1]
    x, heights = part(density, "line", "data").values()
    assert np.sum(heights[::2] * np.diff(x)[::2]) == pytest.approx(1)


@pytest.mark.parametrize("layers", [1, 4])
def test_depth_shows_decades(layers):
    found = look(Depth(layers=layers), "normal", (64, 64), stddev=0.125)
    (picture,), words = probes.depth(found)
    assert integral(part(picture, "bars", "data")) == pytest.approx(1)
    x, density = part(picture, "line", "theory").values()
    assert 0.9 < np.trapezoid(density, x) <= 1.001
    assert several(layers, "layer") in words
    assert part(picture, "labels", "theory")["text"] == [f"edge of the law: {found.law.edges[1]:.4g}"]
    assert part(picture, "points", "theory")["x"] == pytest.approx([np.log10(found.law.largest.mean)])
    assert f"the largest value is expected at {found.law.largest.mean:.4g} ± " in words


@pytest.mark.parametrize(("function", "settings"), [("zeros", {}), ("orthogonal", {"scale": 0.0})])
def test_a_product_of_zeros_is_said(function, settings):
    (picture,), words = probes.depth(look(Depth(), function, (6, 6), **settings))
    assert not part(picture, "bars", "data")["height"].any()
    assert "all singular values of the product are 0" in words


def test_depth_counts_what_rounding_loses():
    found = look(Depth(layers=100), "normal", (32, 32), stddev=0.1)
    lost = int(np.sum(found.singular_values <= found.floor))
    assert lost > 0
    assert f"{lost} values are too small to be told from rounding" in probes.depth(found)[1]
    *_, above, least = found.singular_values
    one = probes.depth(replace(found, floor=(above + least) / 2))[1]
    assert "1 value is too small to be told from rounding" in one


ONE = re.compile(r"(?<![+−.])\b1 (?!is |tap is )(?:[a-z]+ )?[a-z]+s\b")
"""One, and then a word for many; a sign is of what was measured, not of a count."""


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 1)])
@pytest.mark.parametrize("function", ["zeros", "delta_orthogonal", "he_normal"])
@pytest.mark.parametrize("name", PROBES)
def test_what_there_is_one_of_is_not_told_as_many(name, function, shape):
    study = Study(function, shape=shape)
    probe = PROBES[name](**({"layers": 1} if name == "Depth" else {}))
    try:
        found = probe.answer(study.answer())
    except (ValueError, IndexError) as refusal:
        said = [str(refusal)]
    else:
        pictures, words = LOOKS[name].view(found, study)
        said = [words, *(f"{picture.title}; {picture.ylabel}" for picture in pictures)]
    assert [ONE.findall(each) for each in said] == [[]] * len(said)


def test_convolution_and_kernel_stand_side_by_side():
    found = look(Convolution(input_size=5))
    (flat, operator), words = probes.convolution(found, "sorted")
    assert part(flat, "line", "data wide")["y"].tolist() == found.result.singular_values.tolist()
    assert part(operator, "line", "data wide")["y"].tolist() == found.singular_values.tolist()
    assert "5 × 5" in operator.title
    assert f"{found.singular_values[0]:.4g}" in words


def rows_of(html):
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]


def test_the_table_of_dtypes_has_a_row_for_every_way():
    found = look(Precision(dtype="float16"), shape=(30, 20))
    (drawn, cast), html = probes.precision(found)
    rows = rows_of(html)
    assert [row[:2] for row in rows[1:]] == [[row.dtype, row.way] for row in found.rows]
    assert all(len(row) == len(rows[0]) for row in rows)
    values, shares = part(drawn, "stems", "data").values()
    assert values.tolist() == np.unique(np.asarray(found.comb.values)).tolist()
    assert shares.sum() == pytest.approx(1)
    left, right, density = part(cast, "bars", "data").values()
    np.testing.assert_allclose(density * found.cast.sum() * (right - left), found.cast)
    (alone,), _ = probes.precision(look(Precision(dtype="float32"), shape=(30, 20)))
    assert alone.title == "float32, drawn in the dtype: 600 finite weights"
    refused = rows_of(probes.precision(look(Precision(), "orthogonal"))[1])
    assert any("cannot be drawn" in cell for row in refused for cell in row)
    for sentence in found.explanations:
        assert sentence.split(":")[0] in html


def test_randomness_and_parity_are_words():
    found = look(Randomness(), shape=(4, 5))
    pictures, html = probes.randomness(found)
    assert pictures == ()
    assert len(rows_of(html)) == 1 + len(found.rows)
    parity = look(Parity(), "lecun_uniform", (4, 5))
    assert probes.parity(parity) == ((), f"<p style='margin: 0.1rem 0'>✓ {parity.text}</p>")
