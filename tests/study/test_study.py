"""A study is plain state: what it takes, what it refuses, and what follows what."""

import jax
import numpy as np
import pytest
from oracles import refused

from initviz.initializers import CLASSES
from initviz.layers import Conv, Experts
from initviz.settings.choices import device_names, dtypes, parse_shape
from initviz.study import RAW, Study


@pytest.mark.parametrize(("text", "shape"), [
    ("256, 256", (256, 256)), ("(3, 3, 64, 128)", (3, 3, 64, 128)), ("[3,4,]", (3, 4)), ("3x4", (3, 4)),
    ("3 × 4 × 5", (3, 4, 5)), ("3 4", (3, 4)), ("0, 5", (0, 5)), (" 2,2,2,2,2 ", (2, 2, 2, 2, 2)),
    ("65536, 65536", (65536, 65536)),
])  # fmt: skip
def test_shapes_from_text(text, shape):
    assert parse_shape(text) == shape


WORDS = "shape must be whole numbers separated by commas, got {!r}. Type for instance 3, 3, 64, 128."


RANK = "shape must have 2 to 5 axes, got {} in {}. Type for instance 256, 256."


@pytest.mark.parametrize(("text", "message"), [
    ("abc", WORDS.format("abc")),
    ("2.5, 3", WORDS.format("2.5, 3")),
    ("3, -", WORDS.format("3, -")),
    ("3", RANK.format(1, (3,))),
    ("", RANK.format(0, ())),
    ("1, 2, 3, 4, 5, 6", RANK.format(6, (1, 2, 3, 4, 5, 6))),
    ("-3, 4", "shape must have every element be nonnegative, got (-3, 4) (negative dimensions are not allowed). "
     "Use sizes of at least 1."),
    ("65536, 65537", "shape must hold at most 4,294,967,296 weights, got 4,295,032,832 in (65536, 65537). "
     "Make an axis smaller."),
])  # fmt: skip
def test_shapes_that_are_refused(text, message):
    refused(ValueError, message, parse_shape, text)


def test_settings_that_are_refused():
    names, known = ", ".join(CLASSES), ", ".join(dtypes())
    refused(ValueError, f"function must be one of {names}, got 'he'. Choose one of them.", Study, "he")
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
    assert (study.shape, study.layer_kind) == ((2, 6, 8), "Experts")
    study.layer.outputs = 10
    assert study.shape == (2, 6, 10)
    assert study.answer().advice.corrected == "he_normal(batch_axis=0)"
    study.shape = (4, 5)
    assert (study.layer, study.layer_kind, study.answer().advice) == (None, RAW, None)
    study.layer_kind = "Dense"
    assert study.shape == (784, 256)
    study.layer_kind = RAW
    assert (study.layer, study.shape) == (None, (784, 256))


def test_a_layer_that_cannot_be_keeps_the_shape_and_says_why():
    study = Study("he_normal", layer=Conv(inputs=8, outputs=8))
    study.layer.groups = 3
    assert study.shape == (3, 3, 8, 8)
    with pytest.raises(ValueError, match=r"^groups must divide the inputs and the outputs, got 3 groups for 8 and 8\."):
        study.answer()
    study.layer.groups = 4
    assert study.shape == (3, 3, 2, 8)
    assert study.answer().advice.right
