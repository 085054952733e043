"""`initviz show` and `fans`: what they print is what a study answers, for every initializer and every layer."""

import json

import numpy as np
import pytest
from typed import typed

from initviz.command import parsers
from initviz.fans.by_shape import MODES, count_fans
from initviz.initializers import CLASSES
from initviz.layers import LAYERS
from initviz.study import Study
from initviz.wording import written

SHAPE = (3, 3, 8, 8)


def strict(text: str):
    """What JSON says; NaN and infinity are none."""

    def refuse(name):
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", CLASSES)
def test_every_initializer_is_shown_as_a_study_answers(monkeypatch, name):
    words = ("show", name, "--shape", "3,3,8,8", "--seed", "3")
    answer = Study(name, shape=SHAPE, seed=3).answer()
    shown = typed(monkeypatch, *words)
    assert (shown.err, shown.status) == ("", 0 if answer.likely else 1)
    for step in answer.plan.steps:
        assert f"  {step.name} " in shown.out
        assert written(step.latex) in shown.out
    for check in answer.checks:
        assert f" {check.name} " in shown.out
    found = strict(typed(monkeypatch, *words, "--json").out)
    assert (found["schema"], found["command"], found["seed"]) == (1, "show", 3)
    assert found["initializer"] == answer.plan.initializer
    assert tuple(found["shape"]) == answer.plan.shape
    assert [step["name"] for step in found["steps"]] == [step.name for step in answer.plan.steps]
    assert [check["name"] for check in found["checks"]] == [check.name for check in answer.checks]
    assert [check["within"] for check in found["checks"]] == [check.within for check in answer.checks]
    assert found["likely"] == answer.likely
    assert found["summary"]["std"] == answer.summary.std
    assert found["singular_values"]["largest"] == answer.singular_values[0]
    assert sum(found["histogram"]["counts"]) == answer.summary.inside.sum()
    assert sum(found["histogram"]["expected"]) == pytest.approx(answer.summary.count, rel=1e-3)


@pytest.mark.parametrize("name", LAYERS)
def test_fans_of_every_layer_are_those_of_its_kernel_and_what_it_sums(monkeypatch, name):
    kind = LAYERS[name]
    sizes = [f"{each}={kind.param[each].text(kind.param[each].default)}" for each in kind.arguments if kind.sums]
    found = strict(typed(monkeypatch, "fans", "he_normal", "--layer", name.lower(), *sizes, "--json").out)
    layer = kind()
    fans = count_fans(layer.kernel)
    assert tuple(found["shape"]) == layer.kernel
    assert (found["fan_in"], found["fan_out"]) == (fans.fan_in, fans.fan_out)
    assert found["n"] == {mode: pytest.approx(fans.pick(mode)) for mode in MODES}
    if kind.sums:
        assert found["advice"]["fan_in"] == layer.contraction().fan_in
        assert len(found["advice"]["rules"]) == 5
    assert typed(monkeypatch, "fans", "he_normal", "--layer", name).status == 0


def test_a_name_on_the_command_line_means_one_thing():
    arguments = {name for cls in CLASSES.values() for name in cls.law_arguments()}
    sizes = {name for cls in LAYERS.values() if cls.sums for name in cls.arguments}
    options = {name[2:].replace("-", "_") for make in parsers.PARSERS.values() for name in make().options}
    assert not arguments & sizes
    assert not (arguments | sizes) & options


def test_settings_may_be_written_either_way(monkeypatch):
    either = [
        ("show", "he_normal", "in_axis=2", "--layer", "conv", "kernel_size=5,5", "inputs=4", "outputs=6"),
        ("show", "--layer", "conv", "--kernel-size", "5,5", "he_normal", "--in-axis=2", "--inputs", "4", "--outputs=6"),
    ]
    first, second = (typed(monkeypatch, *words) for words in either)
    assert first == second
    assert first.out.startswith("he_normal(in_axis=2) · Convolution, 5 × 5 × 4 × 6 · float32 · seed 0\n")


def test_what_is_wrong_in_a_layer_is_told_with_the_call_that_mends_it(monkeypatch):
    found = typed(monkeypatch, "show", "he_normal", "--layer", "AttentionProjection")
    assert "✗ Weights come out 2.828 times too small" in found.out
    assert "he_normal(in_axis=0, out_axis=(1, 2))" in found.out
    assert found.status == 0


def test_how_fans_come_about(monkeypatch):
    found = typed(monkeypatch, "fans", "--shape", "512,8,64")
    assert found.out.splitlines() == [
        "512 × 8 × 64, counted by jax's rule", "",
        "  axis  size  counts as",
        "     0   512  receptive field",
        "     1     8  input",
        "     2    64  output", "",
        "  receptive field                            512",
        "  fan in           8 × 512 =                 4,096",
        "  fan out          64 × 512 =                32,768",
        "  fan_avg          n = (n_in + n_out) / 2 =  18,432",
        "  fan_geo_avg      n = √(n_in n_out) =       11,585",
    ]  # fmt: skip
    assert '"fan_in": 512, ' in typed(monkeypatch, "fans", "in_axis=0", "--shape", "512,1,64", "--json").out
    assert "divides by       fan_in =" in typed(monkeypatch, "fans", "he_normal", "--shape", "512,8,64").out
    assert "since orthogonal() divides by no fan" in typed(monkeypatch, "fans", "orthogonal").out


def bars(text: str) -> list[str]:
    """The lines of the histogram."""
    return text.rstrip().partition("Weights, ")[2].splitlines()[1:]


def test_the_histogram_is_as_long_as_the_counts_and_the_law_stands_where_it_ends(monkeypatch):
    lines = bars(typed(monkeypatch, "show", "normal", "stddev=1", "--shape", "512,512").out)
    assert len(lines) == 16
    counts = np.array([int(line.split()[-1].replace(",", "")) for line in lines])
    lengths = np.array([line.count("█") for line in lines])
    assert abs(lengths - counts / counts.max() * 47).max() <= 1.5
    for line, length in zip(lines, lengths, strict=True):
        if length > 3:
            assert line.count("│") == 1
            assert abs(line.index("│") - line.index("█") - length) <= 1.5


def test_a_law_of_one_value_ends_where_its_weights_are(monkeypatch):
    lines = bars(typed(monkeypatch, "show", "zeros", "--shape", "3,3").out)
    assert [("│" in line, line.split()[-1]) for line in lines if "│" in line or "█" in line] == [(True, "9")]
