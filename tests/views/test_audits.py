"""Audits as pictures and pages: a line for each family, what is declared over it, and a page without a network."""

import jax
import numpy as np
import pytest

from initviz.initializers import lecun_normal, normal
from initviz.models import audit
from initviz.views import theme
from initviz.views.audits import BESIDE, MOST, profile, profiles, report

LAWS = {"**/c_proj/kernel": "normal(0.005)", "**/kernel": "normal(0.02)"}


def blocks(count=4, odd=None):
    keys = iter(jax.random.split(jax.random.key(0), 2 * count))
    found = {}
    for block in range(count):
        scale = 0.02 if block == odd else 0.005
        found[str(block)] = {"c_fc": {"kernel": normal(0.02)(next(keys), (32, 64))},
                             "c_proj": {"kernel": normal(scale)(next(keys), (64, 32))}}  # fmt: skip
    return {"h": found}


def test_a_line_for_each_family_with_what_is_declared_over_it():
    drawn = profile(audit(blocks(odd=2), LAWS))
    assert drawn.title == "Spread by layer: 1 of 8 tensors not as declared"
    assert drawn.legend == ("c_fc/kernel", "c_proj/kernel")
    said, found, off = drawn.series[3:]
    np.testing.assert_allclose(said.columns["y"], 0.005)
    assert found.columns["y"] == pytest.approx([0.005, 0.005, 0.02, 0.005], rel=0.1)
    assert list(off.columns["x"]) == pytest.approx([2 + BESIDE / 2])
    assert list(drawn.series[1].columns["x"]) == pytest.approx([block - BESIDE / 2 for block in range(4)])
    assert drawn.ylim[0] < 0.005 < 0.02 < drawn.ylim[1]


def test_without_numbers_tensors_stand_in_their_order():
    model = {name: {"kernel": lecun_normal()(jax.random.key(place), (16, 16))} for place, name in enumerate("abc")}
    drawn = profile(audit(model))
    assert (drawn.title, drawn.xlabel) == ("Spread of the tensors", "tensor, in the order of the model")
    assert list(drawn.series[1].columns["x"]) == [1, 2, 3]


def test_no_more_families_than_colors():
    keys = jax.random.split(jax.random.key(0), (2, 9))
    model = {
        str(block): {f"w{name}": lecun_normal()(keys[block, name], (8, 8)) for name in range(9)} for block in (0, 1)
    }
    assert len(profile(audit({"h": model})).legend) == MOST


def test_marks_of_what_is_wrong_are_seen_on_a_light_and_a_dark_page():
    (off,) = [
        series for series in profile(audit(blocks(odd=2), LAWS)).series if len(series.columns.get("text", ())) == 1
    ]
    color, ground = theme.words(theme.SLOTS[off.slot])
    assert (color, ground) == ("#ffffff", theme.WORDS_ON)


@pytest.mark.parametrize("model", [{"bias": np.ones(3)}, {"one": np.zeros((0, 4))}, {"kernel": np.zeros((3, 3))}])
def test_where_nothing_varies_there_is_no_picture(model):
    found = audit({name: array.astype("f4") for name, array in model.items()})
    assert profiles(found) == ()
    assert "<figure" not in report(found)


@pytest.mark.parametrize("model", [{"bias": np.zeros(3)}, blocks(), {"one": np.full((2, 2), np.nan)}])
def test_a_report_needs_no_network(model):
    page = report(audit(model))
    assert page.startswith("<!DOCTYPE html>")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Audit of a model" in page
