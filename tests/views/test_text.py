"""The words: formulas with their numbers, the table of checks, and notes."""

import re
from html import unescape

import pytest

from initviz.audit import Check
from initviz.initializers import CLASSES
from initviz.study import Study
from initviz.views.text import arithmetic, checks_table, flattening, headline, number


@pytest.mark.parametrize("name", CLASSES)
def test_every_step_is_named_in_order_with_its_latex(name):
    plan = Study(name, shape=(3, 4, 6)).answer().plan
    html = arithmetic(plan)
    assert re.findall(r"<b>(.*?)</b>", html) == [step.name for step in plan.steps]
    found = re.findall(r"\\\((.*?)\\\)", html)
    plain = [latex.replace(r"\lt ", "<").replace(r"\gt ", ">").replace(r"\&", "&") for latex in found]
    assert plain == [step.latex for step in plan.steps]
    assert not any(sign in latex for latex in found for sign in "<>")
    for step in plan.steps:
        assert step.note in unescape(html)


def test_the_numbers_are_those_of_the_plan():
    html = arithmetic(Study("he_normal", shape=(3, 3, 64, 128)).answer().plan)
    assert r"\sigma^2 = \frac{s}{n} = \frac{2}{576} = 0.003472" in html


def test_headline():
    study = Study("xavier_normal", shape=(1000, 20), seed=3, in_axis=0)
    plan = study.answer().plan
    html = headline(study.initializer, plan, 3, "cpu:0")
    assert "<h1" in html
    assert ">glorot_normal(in_axis=0) · 1,000 × 20 · float32 · seed 3 · cpu:0</h1>" in html
    assert "Weights of variance 2 / (fan_in + fan_out) from a normal cut at ±2.27 standard deviations." in html


@pytest.mark.parametrize(("x", "text"), [
    (0.0, "0"), (1.0, "1"), (0.08838834, "0.08839"), (-0.25, "−0.25"), (1e-7, "1e−07"), (123456.0, "1.235e+05"),
    (float("nan"), "–"), (None, "–"), (float("inf"), "inf"),
])  # fmt: skip
def test_numbers_have_four_digits(x, text):
    assert number(x) == text


def cells(html):
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]


def test_table_of_checks():
    nan = float("nan")
    html = checks_table((
        Check("mean", 0.0, -0.5, 0.5, 0.25),
        Check("std", 1.0, 0.9, 1.1, 1.2),
        Check("min", 2.0, 2.0, 2.0, 2.0),
        Check("smallest singular value", None, nan, nan, 3.0),
        Check("<max>", 0.0, 0.0, 0.0, 0.0),
    ))  # fmt: skip
    assert "aria-label='Expected against observed'" in html
    assert cells(html) == [
        ["statistic", "expected", "range of 99% of draws", "observed", "within?"],
        ["mean", "0", "−0.5 … 0.5", "0.25", "✓ yes"],
        ["std", "1", "0.9 … 1.1", "1.2", "✗ no"],
        ["min", "2", "exact", "2", "✓ yes"],
        ["smallest singular value", "–", "–", "3", "– no formula"],
        ["&lt;max&gt;", "0", "exact", "0", "✓ yes"],
    ]
    assert checks_table(()) == "<p>No finite weights, nothing to check.</p>"


@pytest.mark.parametrize(("settings", "text"), [
    ({"shape": (30, 20)}, ""),
    ({"shape": (3, 3, 4, 8)}, "Spectrum: flattened to 36 × 8: rows axes 0, 1, 2, columns axis 3."),
    ({"shape": (5, 4, 8), "batch_axis": 0},
     "Spectrum: flattened to 4 × 8: rows axis 1, columns axis 2; first slice along axis 0."),
    ({"shape": (0, 4)}, ""),
])  # fmt: skip
def test_flattening(settings, text):
    assert flattening(Study(**settings).answer().unfolding) == text
