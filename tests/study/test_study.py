"""A study is plain state: what it takes, what it refuses, and what follows what."""

import jax
import numpy as np
import pytest
from oracles import refused

from initviz.initializers import CLASSES, he_normal, normal, orthogonal
from initviz.layers import LAYERS, Conv, Dense, Experts, RawShape
from initviz.probes import PROBES
from initviz.settings.choices import device_names, dtypes
from initviz.study import SPECTRUM_AS, WEIGHTS_AS, Study
from initviz.study.study import PASSED
from initviz.views import histogram, spectrum
from initviz.views.text import judgement

RANK = "shape must have 2 to 5 axes, got {} in {}. Type for instance 256, 256."


def test_settings_that_are_refused():
    names, known = ", ".join(CLASSES), ", ".join(dtypes())
    refused(ValueError, f"initializer must be one of {names}, got 'he'. Choose one of them.", Study, "he")
    refused(ValueError, f"dtype must be one of {known}, got 'int32'. Choose one of them.", Study, dtype="int32")
    refused(ValueError, f"device must be one of {', '.join(device_names())}, got 'tpu:9'. Choose one of them.",
            Study, device="tpu:9")  # fmt: skip
    refused(ValueError, RANK.format(1, (3,)), Study, shape=(3,))
    refused(TypeError, "Shapes must be 1D sequences of concrete values of integer type, got (2.5, 3). "
            "Write whole numbers, such as (256, 128).", Study, shape=(2.5, 3))  # fmt: skip
    study = Study()
    with pytest.raises(ValueError, match="seed"):
        study.seed = -1
    assert study.seed == 0


def test_what_is_set_may_be_a_name_as_where_a_study_is_made():
    study = Study()
    study.layer = "dense"
    study.dtype = np.float16
    study.generator = jax.random.key_dtype("rbg")
    assert study.generator == "rbg"
    study.generator = "threefry2x32"
    assert (study.shape, study.dtype) == ((784, 256), "float16")
    study.layer = Conv
    study.initializer = "zeros"
    assert (study.function, study.shape, study.question.function) == ("zeros", Conv().kernel, "zeros")
    refused(TypeError, "he_normal was not called. Pass he_normal().", setattr, study, "initializer", he_normal)
    refused(ValueError, f"layer must be one of {', '.join(LAYERS)}, got 'Linear'. Did you mean Dense?",
            setattr, study, "layer", "Linear")  # fmt: skip
    with pytest.raises(ValueError, match=r"layer"):
        study.layer = None
    assert (study.function, study.shape) == ("zeros", Conv().kernel)


def test_a_setting_that_there_is_not_is_refused():
    study = Study("normal")
    refused(AttributeError, f"the settings of a study are initializer, {', '.join(PASSED)}, got 'shap'. "
            "Did you mean shape?", setattr, study, "shap", (3, 4))  # fmt: skip
    refused(AttributeError, "stddev is an argument of the initializer, got it of the study. "
            "Set study.initializer.stddev.", setattr, study, "stddev", 0.1)  # fmt: skip


def test_contradictions_are_refused_when_asked_not_when_set():
    study = Study("orthogonal", dtype="bfloat16", shape=(4, 4))
    refused(
        TypeError,
        "qr does not accept dtype bfloat16 (Unsupported dtype bfloat16): an orthogonal matrix needs a QR "
        "decomposition, which has no half-precision form. Draw in float32, then cast.",
        study.answer,
    )
    study.dtype = "float32"
    assert study.answer().summary.count == 16


def test_a_new_function_keeps_what_both_have_and_was_changed():
    study = Study("he_normal", shape=(3, 4, 5), seed=7, in_axis=(0, 1), batch_axis=())
    study.function = "variance_scaling"
    assert study.initializer.in_axis == (0, 1)
    assert study.initializer.out_axis == -1
    study.initializer.param.update(scale=3.0, mode="fan_out")
    study.function = "glorot_normal"  # whose scale and mode are pinned
    assert (study.initializer.scale, study.initializer.mode) == (1.0, "fan_avg")
    assert study.initializer.in_axis == (0, 1)
    study.function = "normal"
    study.initializer.stddev = 0.3
    study.function = "truncated_normal"
    assert study.initializer.stddev == 0.3
    study.function = "uniform"
    assert study.initializer.scale == 0.01
    assert (study.shape, study.seed, study.dtype) == ((3, 4, 5), 7, "float32")


def test_64_bit_dtypes_are_on_offer_where_jax_draws_them():
    assert "float64" not in dtypes()
    with jax.enable_x64(True):
        assert dtypes()[-2:] == ["float64", "complex128"]
        assert Study(shape=(4, 5), dtype="float64").answer().weights.dtype == np.float64


def test_a_layer_sets_the_shape_and_a_shape_leaves_the_layer():
    study = Study("he_normal", layer=Experts(experts=2, inputs=6, outputs=8))
    assert study.shape == (2, 6, 8)
    study.shape = (2, 6, 8)
    assert type(study.layer) is Experts
    study.layer.outputs = 10
    assert study.shape == (2, 6, 10)
    assert study.answer().advice.corrected == "he_normal(batch_axis=0)"
    study.shape = [4, 5]
    assert (type(study.layer), study.shape, study.answer().advice) == (RawShape, (4, 5), None)
    raw = study.layer
    study.shape = (4, 5, 6)
    assert study.layer is raw
    assert raw.shape == (4, 5, 6)


def test_a_layer_chosen_again_has_the_sizes_it_had():
    study = Study("he_normal", shape=(30, 40))
    study.layer = study.layer_of("Dense")
    assert study.shape == (784, 256)
    study.layer.inputs = 100
    study.layer = study.layer_of("Experts")
    study.layer = study.layer_of("Dense")
    assert study.shape == (100, 256)
    study.layer = study.layer_of("RawShape")  # what is on show, not what it once was
    assert (type(study.layer), study.shape) == (RawShape, (100, 256))


def test_a_layer_that_cannot_be_says_why_and_what_comes_after_it_is_what_it_says():
    study = Study("he_normal", layer=Conv(inputs=8, outputs=8))
    study.layer.groups = 3
    message = "groups must divide the inputs and the outputs, got 3 groups for 8 and 8. Choose a divisor of 8."
    refused(ValueError, message, lambda: study.shape)
    refused(ValueError, message, study.answer)
    assert study.question.is_quick
    study.layer.groups = 4
    assert study.shape == (3, 3, 2, 8)
    assert study.answer().advice.right
    study.layer.groups = 3
    study.shape = (4, 5)
    assert study.answer().plan.shape == (4, 5)
    study.layer = study.layer_of("Conv")
    raw = study.layer_of("RawShape")
    assert raw.shape == (4, 5)  # the last one that could be


def test_the_initializer_can_be_replaced_and_takes_its_name_along():
    study = Study("he_normal", shape=(4, 5))
    study.initializer = CLASSES["uniform"](scale=0.5)
    assert study.function == "uniform"
    assert study.question.initializer.scale == 0.5
    study.function = "kaiming_normal"
    before = study.initializer
    study.function = "he_normal"  # another name of the same
    assert study.initializer is before


CHANGES = {
    "function": lambda study: setattr(study, "function", "uniform"),
    "alias": lambda study: setattr(study, "function", "kaiming_normal"),
    "initializer": lambda study: setattr(study, "initializer", CLASSES["uniform"]()),
    "argument": lambda study: setattr(study.initializer, "in_axis", 0),
    "arguments": lambda study: study.initializer.param.update(in_axis=0, out_axis=1),
    "function and seed": lambda study: study.param.update(function="uniform", seed=4),
    "seed and function": lambda study: study.param.update(seed=4, function="uniform"),
    "layer": lambda study: setattr(study, "layer", Dense()),
    "kind of layer": lambda study: setattr(study, "layer", study.layer_of("Conv")),
    "shape": lambda study: setattr(study, "shape", (8, 12)),
    "rank": lambda study: setattr(study, "shape", (2, 3, 4)),
    "dtype": lambda study: setattr(study, "dtype", "float16"),
    "seed": lambda study: setattr(study, "seed", 3),
    "generator": lambda study: setattr(study, "generator", "rbg"),
    "flag": lambda study: setattr(study, "partitionable", False),
}
LAYER_CHANGES = {
    "size": lambda study: setattr(study.layer, "groups", 2),
    "impossible size": lambda study: setattr(study.layer, "groups", 3),
    "sizes": lambda study: study.layer.param.update(inputs=3, outputs=6),
    "another kind": lambda study: setattr(study, "layer", study.layer_of("RawShape")),
    "shape": lambda study: setattr(study, "shape", (3, 3, 4, 4)),
    "layer and dtype": lambda study: study.param.update(layer=Dense(), dtype="float16"),
}


@pytest.mark.parametrize(("start", "change"), [
    *((lambda: Study(shape=(12, 8)), change) for change in CHANGES.values()),
    *((lambda: Study(layer=Conv(inputs=8, outputs=8)), change) for change in LAYER_CHANGES.values()),
], ids=[*CHANGES, *LAYER_CHANGES])  # fmt: skip
def test_one_change_is_one_question(start, change):
    study, asked = start(), []
    study.param.watch(lambda event: asked.append(event.new), "question")
    change(study)
    assert asked == [study.question]
    change(study)
    assert len(asked) == 1


@pytest.mark.parametrize("change", [
    lambda study: setattr(study, "weights_as", "CDF"),
    lambda study: setattr(study, "spectrum_as", "sorted"),
    lambda study: setattr(study, "look", "Depth"),
    lambda study: setattr(study.looks["Depth"], "layers", 7),
    lambda study: setattr(study, "layer", study.layer_of("RawShape")),
])  # fmt: skip
def test_how_it_is_drawn_is_no_question(change):
    study, asked = Study(shape=(12, 8)), []
    study.param.watch(asked.append, "question")
    change(study)
    assert asked == []


def test_a_replaced_layer_and_initializer_are_followed_no_more():
    study, asked = Study(layer=Conv()), []
    layer, initializer = study.layer, study.initializer
    study.layer, study.initializer = Dense(), CLASSES["normal"]()
    study.param.watch(asked.append, "question")
    layer.inputs = 5
    initializer.in_axis = 0
    assert asked == []
    study.layer.inputs = 5
    study.initializer.stddev = 0.5
    study.layer.outputs = 5
    study.function = "uniform"
    study.initializer.scale = 0.5
    study.layer.outputs = 6
    assert len(asked) == 6


def test_the_ways_to_draw_are_those_of_the_pictures():
    assert tuple(histogram.KINDS) == WEIGHTS_AS
    assert tuple(spectrum.KINDS) == SPECTRUM_AS


def test_every_closer_look_is_a_setting():
    study = Study()
    assert {name: type(probe) for name, probe in study.looks.items()} == PROBES
    names = ", ".join(name for name in PROBES if name != "Parity")  # which stands beside the draw
    message = f"look must be one of Network, Layer, Compare, Model, {names}, got 'nothing'. Choose one of them."
    refused(ValueError, message, setattr, study, "look", "nothing")


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_by_class_name_and_title(name):
    cls = LAYERS[name]
    for value in (cls, name, name.lower(), cls.title, cls.title.upper(), cls()):
        assert type(Study(layer=value).layer) is cls


def test_what_is_no_layer_is_refused():
    refused(ValueError, f"layer must be one of {', '.join(LAYERS)}, got 'Nothing'. Choose one of them.", Study,
            layer="Nothing")  # fmt: skip
    refused(ValueError, "shape must be that of the layer, (784, 256), got (3, 4). Leave one out.", Study,
            layer="Dense", shape=(3, 4))  # fmt: skip
    assert Study(layer="Dense", shape="784, 256").shape == (784, 256)


def test_a_delta_orthogonal_plan_is_of_the_whole_kernel_as_its_summary_is():
    found = Study("delta_orthogonal", shape=(3, 3, 64, 128)).answer()
    assert found.plan["std"] == pytest.approx(1 / (9 * 128) ** 0.5)
    assert found.summary.std == pytest.approx(found.plan["std"], rel=1e-3)
    (check,) = (each for each in found.checks if each.name.startswith("std"))
    assert check.expected == pytest.approx(found.plan["std"], rel=1e-3)
    note = "of a weight picked from all 9 taps; at the tap that is not 0, 9 times as much"
    assert f"variance: 0.0008681 ({note})" in str(found.plan)


@pytest.mark.parametrize("initializer", [normal(0.5), orthogonal()], ids=repr)
def test_a_complex_plan_says_what_its_standard_deviation_is_of(initializer):
    found = Study(initializer, shape=(64, 32), dtype="complex64").answer()
    part = found.plan["std"] / 2**0.5
    assert f"of the complex weight; of its real or its imaginary part {part:.4g}" in str(found.plan)
    assert found.summary.std == pytest.approx(part, rel=0.1)
    assert "those of real and imaginary parts" in judgement(found)
    assert "those of real and imaginary parts" not in judgement(Study(initializer, shape=(64, 32)).answer())
