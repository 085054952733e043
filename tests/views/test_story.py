"""The headline, the sentence and the strip from fan to law."""

import re
from html import unescape

import numpy as np
import pytest

from initviz.initializers import CLASSES
from initviz.study import Study
from initviz.views.story import found, headline, steps, story


def words(html):
    return unescape(re.sub("<[^>]*>", "", html))


def test_headline():
    answer = Study("xavier_normal", shape=(1000, 20), seed=3, in_axis=0).answer()
    html = headline(answer)
    assert "<h1" in html
    scaled = Study("orthogonal", scale=1.0246950765959597, shape=(64, 64)).answer()
    assert ">orthogonal(scale=1.025) · 64 × 64" in headline(scaled)
    assert ">xavier_normal = glorot_normal(in_axis=0) · 1,000 × 20 · float32 · seed 3 · cpu:0</h1>" in html
    assert "Weights of variance 2 / (fan_in + fan_out) from a normal cut at ±2.27 standard deviations." in story(answer)


def test_weights_that_were_brought_are_headed_by_their_name():
    study = Study("normal")
    for name, said in (("h/0/<b>", "h/0/&lt;b&gt;"), ("", "your weights")):
        study.bring(np.zeros((3, 2), "f4"), "zeros", name)
        assert headline(study.answer()).endswith(f"3 × 2 · float32 · {said}</h1>")


def test_the_strip_leads_from_the_fan_to_the_law():
    html = steps(Study("he_normal", shape=(3, 3, 64, 128)).answer().plan)
    assert words(html) == (
        "fann = nin = 576→varianceσ² = s / n = 2 / 576 = 0.003472→stdstd(w) = 0.05893"
        "→lawWij ∼ N(0, 0.06699²) on (−0.134, 0.134)"
    )


@pytest.mark.parametrize("name", CLASSES)
def test_every_initializer_has_a_story_that_ends_in_its_law(name):
    answer = Study(name, shape=(3, 3, 6, 8)).answer()
    assert "law</span>" in steps(answer.plan)
    assert words(story(answer)).strip()


def test_what_came_out_is_said_in_a_sentence():
    said = words(found(Study("lecun_normal", layer="Dense").answer())).replace("\u00a0", " ")
    assert said.startswith("Standard deviation 0.03566: as expected. ")
    assert "The layer takes a signal's mean square × 0.5 after ReLU; without, × 1. ✓ Right: n = 784 is" in said
