"""The words: formulas with their numbers, the table of checks, and notes."""

import re
from html import unescape

import pytest

from initviz.checks import Check
from initviz.initializers import CLASSES
from initviz.layers import AttentionProjection, Dense, Einsum
from initviz.layers.defaults import DEFAULTS
from initviz.study import Study
from initviz.views.text import (
    OF_SIMULATED,
    advice,
    arithmetic,
    checks_table,
    code,
    defaults,
    flattening,
    legend,
    ranks_table,
)


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


def test_legend():
    answer = Study("xavier_normal", shape=(1000, 20), seed=3, in_axis=0).answer()
    assert "exact law of weights; of singular values: limit of large matrices" in legend(answer)
    assert "of singular values: simulated from 4,096 matrices" in legend(Study(shape=(16, 16)).answer())
    assert "of singular values" not in legend(Study("orthogonal", shape=(9, 8)).answer())
    said = "expected at this size ± 1 standard deviation"
    off = "for normal entries: those of this law lie up to 0.4 of that nearer the middle</span>"
    assert f"{said}</summary><span>{off}" in legend(Study("glorot_uniform", shape=(20, 20)).answer())
    assert said + "</span>" in legend(Study("normal", shape=(20, 20)).answer())
    assert said + "</span>" in legend(Study("glorot_uniform", shape=(16, 16)).answer())


def cells(html):
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", html, re.S)]


def test_table_of_checks():
    nan = float("nan")
    html = checks_table((
        Check("mean", 0.0, -0.5, 0.5, 0.25, "z = 1.29", True),
        Check("std", 1.0, 0.9, 1.1, 1.2, "χ²₆₄ = 92.2", False),
        Check("min", 2.0, 2.0, 2.0, 2.0, "exact", True),
        Check("smallest singular value", None, nan, nan, 3.0, "no test"),
        Check("median", 0.0, nan, nan, 1.0, "no test"),
        Check("<max>", 0.0, 0.0, 0.0, 0.0, "p < 0.0001", True),
    ))  # fmt: skip
    assert "aria-label='Expected against observed'" in html
    assert cells(html) == [
        ["statistic", "expected", "observed", "within?", "range of 99 % of draws"],
        ["mean", "0", "0.25", "✓ yes, z = 1.29", "−0.5 … 0.5"],
        ["std", "1", "1.2", "✗ no, χ²₆₄ = 92.2", "0.9 … 1.1"],
        ["min", "2", "2", "✓ yes, exact", "exact"],
        ["smallest singular value", "–", "3", "– no test", "–"],
        ["median", "0", "1", "– no test", "–"],
        ["&lt;max&gt;", "0", "0", "✓ yes, p &lt; 0.0001", "0"],
    ]
    assert cells(checks_table((Check("std", 1.0, 0.99997, 1.00004, 1.0),)))[1][4] == "0.99997 … 1"
    assert checks_table(()) == "<p>No finite weights, nothing to check.</p>"


def test_typical_ranks_of_a_simulated_law_have_their_error():
    html = ranks_table(Study("normal", shape=(16, 16)).answer().ranks)
    for (name, typical, _), most in zip(cells(html)[1:], (0.03, 0.003, 0.003, 0.003), strict=True):
        value, error = map(float, typical.split(" ± "))
        assert 0 < error < most * value, name
    assert OF_SIMULATED in html
    large = ranks_table(Study("normal", shape=(100, 30)).answer().ranks)
    assert "±" not in large
    assert ranks_table({}) == ""


@pytest.mark.parametrize(("settings", "text"), [
    ({"shape": (30, 20)}, ""),
    ({"shape": (3, 3, 4, 8)}, "Spectrum: flattened to 36 × 8: rows axes 0, 1, 2, columns axis 3."),
    ({"shape": (5, 4, 8), "batch_axis": 0},
     "Spectrum: flattened to 4 × 8: rows axis 1, columns axis 2; first slice along axis 0."),
    ({"shape": (0, 4)}, ""),
])  # fmt: skip
def test_flattening(settings, text):
    assert flattening(Study(**settings).answer().unfolding) == text


def test_advice_names_what_is_wrong_and_the_call_to_copy():
    html = advice(Study("he_normal", layer=AttentionProjection()).answer().advice)
    assert "<b>✗</b> Weights come out 2.828 times too small:" in html
    assert (
        "Realized over intended std: 0.3536. Mean square of centred activations: × 0.25; of gradients: × 0.25." in html
    )
    assert ">he_normal(in_axis=0, out_axis=(1, 2))</code>" in html
    assert cells(html) == [
        ["rule", "weight shape", "fan in", "fan out", "std", "right?"],
        ["true fans", "512 × 8 × 64", "512", "512", "0.0625", "✓ yes"],
        ["jax, this kernel", "512 × 8 × 64", "4,096", "32,768", "0.0221", "✗ no"],
        ["flax layer", "512 × 512", "512", "512", "0.0625", "✓ yes"],
        ["PyTorch", "512 × 512", "512", "512", "0.0625", "✓ yes"],
        ["Keras", "512 × 8 × 64", "512", "512", "0.0625", "✓ yes"],
    ]


def test_advice_without_anything_to_mend():
    right = advice(Study("he_normal", layer=Dense()).answer().advice)
    assert "<b>✓</b> Right: n = 784 is how many terms one output of this layer sums." in right
    assert "<code" not in right
    assert "<b>→</b> The variance does not follow the fans." in advice(Study("ones", layer=Dense()).answer().advice)
    assert "Choose a layer to see what it really sums" in advice(None)
    assert ["PyTorch", "no such layer", "–", "–", "–", "–"] in cells(
        advice(Study("he_normal", layer=Einsum()).answer().advice)
    )


def test_axes_that_do_not_fit_the_shape_of_a_framework_say_so():
    html = advice(Study("he_normal", layer=AttentionProjection(), in_axis=0, out_axis=(1, 2)).answer().advice)
    assert ["flax layer", "512 × 512", "these axes do not fit", "–"] in cells(html)


def test_code_has_a_row_for_each_framework():
    html = code(Study("delta_orthogonal", shape=(3, 4, 6)).answer().translations)
    assert [row[0] for row in cells(html)] == ["jax", "flax", "PyTorch", "Keras"]
    assert "jax.nn.initializers.delta_orthogonal()</code>" in html
    assert "PyTorch has no delta-orthogonal kernel." in html
    assert html.count("<button") == 2


def test_every_default_is_listed():
    rows = cells(defaults())
    assert len(rows) == len(DEFAULTS)
    for row, default in zip(rows, DEFAULTS, strict=True):
        assert row[0] == default.framework
        assert unescape(row[1]) == f"{default.layer}: {default.rule}"
        assert default.code in unescape(row[2])
