"""Scenes to open with a click: each opens as it says, and shows the number that it reveals."""

from urllib.parse import quote

import numpy as np
import pytest

from initviz.study import Study
from initviz.study.presets import PRESETS

LONGEST = {"title": 24, "question": 120, "predict": 120, "answer": 240}
"""Most characters, so that a chip is a chip and a reveal two lines."""


@pytest.mark.parametrize("name", PRESETS)
def test_every_scene_is_whole(name):
    preset = PRESETS[name]
    for field, most in LONGEST.items():
        text = getattr(preset, field)
        assert 0 < len(text) <= most, (field, len(text), text)
    assert "?" in preset.predict
    assert preset.reveal.count("{}") == 1
    assert Study.from_link(preset.study.to_link()).to_dict() == preset.study.to_dict()


def test_scenes_are_different():
    for field in ("title", "question", "link"):
        assert len({getattr(preset, field) for preset in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_the_number_is_the_one_on_show(name):
    preset = PRESETS[name]
    found, told = preset.measure(preset.study), preset.number
    assert found == pytest.approx(float(told.replace(",", "")), abs=0.501 * last_digit(told))


def last_digit(told: str) -> float:
    """What 1 is worth in the last digit of a number that is no trailing 0 of a whole one."""
    mantissa, _, exponent = told.replace(",", "").partition("e")
    whole, _, decimals = mantissa.partition(".")
    trailing = 0 if decimals else len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    return 10.0 ** (int(exponent or 0) - len(decimals) + trailing)


def test_the_residual_stream_with_its_scaling():
    link = PRESETS["gpt2"].link.replace("residual=1", f"residual={quote('1/√(2L)')}")
    square = Study.from_link(link).network.answer().measured.square
    assert round(np.median(square[:, -1] / square[:, 0])) == 13
