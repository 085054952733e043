"""Plans: steps in LaTeX, values by name, numbers as people write them."""

import jax
import numpy as np
import pytest

from initviz.initializers import constant, he_normal, normal, orthogonal, truncated_normal, uniform, variance_scaling
from initviz.initializers.plan import Step
from initviz.wording import number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"),
        (2.0, "2"),
        (-7, "-7"),
        (0.088388, "0.08839"),
        (1e-12, r"1 \cdot 10^{-12}"),
        (1.5e12, r"1.5 \cdot 10^{12}"),
        (1 + 2j, "1 + 2 i"),
        (1 - 0.5j, "1 - 0.5 i"),
        (np.float32(0.25), "0.25"),
        (float("inf"), r"\infty"),
        (float("-inf"), r"-\infty"),
        (float("nan"), r"\mathrm{NaN}"),
        (np.arange(6).reshape(2, 3), r"\text{values of shape }2 \times 3"),
    ],
)
def test_numbers_in_latex(value, text):
    assert number(value) == text


def test_tracers_in_latex_are_dots():
    texts = []
    jax.jit(lambda x: texts.append(number(x)))(1.0)
    assert texts == [r"\cdot"]


@pytest.mark.parametrize(
    ("step", "latex"),
    [
        (
            Step("variance", r"\sigma^2 = \frac{s}{n}", 0.5, r"\frac{1}{2}"),
            r"\sigma^2 = \frac{s}{n} = \frac{1}{2} = 0.5",
        ),
        (Step("fan", "n", 3.0, "3"), "n = 3"),
        (Step("std", r"\sigma", 0.25), r"\sigma = 0.25"),
        (Step("matrix", "r", (2, 3), r"2 \times 3"), r"r = 2 \times 3"),
    ],
)
def test_a_step_is_formula_numbers_and_value_without_repeating_itself(step, latex):
    assert step.latex == latex


def test_steps_compare_by_value():
    assert Step("a", "b", np.arange(3)) == Step("a", "b", np.arange(3))
    assert Step("a", "b", np.arange(3)) != Step("a", "b", np.arange(4))
    assert Step("a", "b", 1) != Step("a", "b", 1, note="c")


def test_the_whole_chain_of_he_normal_on_a_convolution():
    plan = he_normal().plan((3, 3, 64, 128))
    assert [step.latex for step in plan.steps[:4]] == [
        r"(n_\mathrm{in}, n_\mathrm{out}) = (576,\ 1152)",
        r"n = n_\mathrm{in} = 576",
        r"\sigma^2 = \frac{s}{n} = \frac{2}{576} = 0.003472",
        r"\operatorname{std}(w) = 0.05893",
    ]
    assert plan["fan"] == 576
    assert plan["variance"] == 2 / 576
    assert plan["law"].support[1] == pytest.approx(2 * (2 / 576) ** 0.5 / 0.87962566, rel=1e-7)
    assert plan.roles == ("field", "field", "in", "out")
    assert plan.size == 3 * 3 * 64 * 128


@pytest.mark.parametrize(
    ("mode", "latex"),
    [
        ("fan_out", r"n = n_\mathrm{out} = 9"),
        ("fan_avg", r"n = \frac{n_\mathrm{in} + n_\mathrm{out}}{2} = \frac{4 + 9}{2} = 6.5"),
        ("fan_geo_avg", r"n = \sqrt{n_\mathrm{in} \, n_\mathrm{out}} = \sqrt{4 \cdot 9} = 6"),
    ],
)
def test_modes_show_both_fans(mode, latex):
    assert variance_scaling(1.0, mode, "normal").plan((4, 9)).steps[1].latex == latex


@pytest.mark.parametrize(
    ("initializer", "shape", "title"),
    [
        (he_normal(), (3, 4), "**he_normal()** on 3 × 4, float32"),
        (normal(5.0), (3,), "**normal(stddev=5.0)** on 3, float32"),
        (truncated_normal(upper=3.0), (3, 4), "**truncated_normal(upper=3.0)** on 3 × 4, float32"),
        (uniform(dtype="bfloat16"), (3, 4), "**uniform(dtype='bfloat16')** on 3 × 4, bfloat16"),
        (orthogonal(2, 0), (3, 4), "**orthogonal(scale=2, column_axis=0)** on 3 × 4, float32"),
    ],
)
def test_a_plan_prints_itself_in_a_notebook(initializer, shape, title):
    text = initializer.plan(shape)._repr_markdown_()
    assert text.splitlines()[0] == title
    assert text.count("\n- ") == len(initializer.plan(shape).steps) + len(initializer.plan(shape).warnings)


def test_the_share_kept_by_a_cut():
    assert truncated_normal().plan((2, 2))["kept"] == pytest.approx(0.9544997361036416, rel=1e-12)
    # far out in the tail the share keeps its digits
    assert truncated_normal(lower=9.0, upper=10.0).plan((2, 2))["kept"] == pytest.approx(1.12859e-19, rel=1e-4)


def test_a_plan_and_its_parts_cannot_be_changed():
    plan = he_normal().plan((3, 4))
    for owner, name in ((plan, "shape"), (plan.steps[0], "value"), (plan.ensemble, "law"), (plan["law"], "scale")):
        with pytest.raises(AttributeError):
            setattr(owner, name, None)


def test_a_terminal_shows_what_became_of_what():
    assert str(he_normal().plan((512, 8, 64))).splitlines()[:3] == [
        "he_normal() on 512 × 8 × 64, float32",
        "  fans: fan_in 4,096, fan_out 32,768",
        "  fan: 4,096",
    ]


def test_a_complex_value_is_printed_whole():
    assert "1+2j" in str(constant(np.complex64(1 + 2j)).plan((3, 3), "complex64"))
