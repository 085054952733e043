"""Every kind of setting reads what it writes, and refuses the rest by name, quickly and in few words."""

import math
import time

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import refused

from initviz.initializers import CLASSES
from initviz.layers import LAYERS, RawShape
from initviz.models.study import ModelStudy
from initviz.probes import PROBES
from initviz.settings.choices import dtypes, generators
from initviz.settings.knobs import Knob
from initviz.settings.texts import number_text
from initviz.study import Study

SHAPE = RawShape.param.shape
AXES, COLUMN = CLASSES["he_normal"].param.in_axis, CLASSES["orthogonal"].param.column_axis
VALUE, STDDEV, LOWER = (
    CLASSES["constant"].param.value,
    CLASSES["normal"].param.stddev,
    CLASSES["truncated_normal"].param.lower,
)
OWNERS = [*dict.fromkeys(CLASSES.values()), *LAYERS.values(), *PROBES.values(), ModelStudy]
KNOBS = {f"{owner.__name__}.{name}": owner.param[name] for owner in OWNERS for name in owner.arguments}
KNOBS |= {f"Study.{name}": knob for name, knob in Study.param.objects().items() if isinstance(knob, Knob)}


@pytest.mark.parametrize(
    "name", [name for name in KNOBS if name != "Study.device"]
)  # whose default is another on every machine
def test_every_setting_reads_its_default_and_what_it_shows_as_an_example(name):
    knob = KNOBS[name]
    assert isinstance(knob, Knob)
    assert knob.doc
    assert knob.parse(knob.text(knob.default)) == knob.default
    knob._validate(knob.parse(knob.example.split(", or")[0]))


HUGE = {
    "digits": "9" * 10_000,
    "a million digits": "9" * 10**6,
    "letters": "x" * 10_000,
    "lists": "[" * 9_999,
    "brackets": "(" * 9_999,
    "signs": "-" * 9_999,
    "spaces": " " * 9_998 + "x",
    "nested": "1,(" * 3_000,
    "nested lists": "[1," * 3_000,
    "surrogates": "\ud800" * 9_999,
    "exponents": "1e" * 4_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_huge_texts_are_refused_quickly_by_name_and_quoted_in_short(text):
    start = time.perf_counter()
    for name, knob in KNOBS.items():
        said = None
        try:
            value = knob.parse(text)
            knob._validate(value)
        except ValueError as refusal:
            said = str(refusal)
        if said is None:
            assert type(value) in (str, float), name  # an equation; digits without end, whose number is infinite
        else:
            assert said.startswith(knob.name), name
            assert len(said) < 700, name  # 40 characters that are written with six each
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(("knob", "text", "value"), [
    *((SHAPE, text, shape) for text, shape in [
        ("256, 256", (256, 256)), ("(3, 3, 64, 128)", (3, 3, 64, 128)), ("[3,4,]", (3, 4)), ("3x4", (3, 4)),
        ("3 × 4 × 5", (3, 4, 5)), ("3 4", (3, 4)), ("0, 5", (0, 5)), (" 2,2,2,2,2 ", (2, 2, 2, 2, 2)),
        ("65536, 65536", (65536, 65536)),
    ]),
    *((AXES, text, axes) for text, axes in [
        ("-2", -2), ("0, 1", (0, 1)), ("(0, 1)", (0, 1)), ("[0,1]", (0, 1)), ("(0,)", (0,)), ("0,", (0,)),
        ("(3)", (3,)), ("()", ()), ("", ()), ("+1", 1), ("0 1", (0, 1)), ("0 x 1", (0, 1)), ("−2", -2),
        ("[-2; −1]", (-2, -1)), ("( )", ()),
    ]),
    *((LAYERS["Conv"].param.kernel_size, text, sizes) for text, sizes in [
        ("3", (3,)), ("3x5", (3, 5)), ("3 3", (3, 3)), ("128", (128,)), ("3×3", (3, 3)), ("3, 3", (3, 3)),
        ("3 X 3", (3, 3)), ("3*3*3", (3, 3, 3)), ("3 by 3", (3, 3)), ("(3, 3)", (3, 3)), ("[3 3]", (3, 3)),
        ("3;3", (3, 3)), ("(3,)", (3,)),
    ]),
    (COLUMN, "-1", -1),
    (STDDEV, "1e-3", 0.001), (STDDEV, " 12 ", 12.0), (LOWER, "-inf", -math.inf),
    (VALUE, "0.5", 0.5), (VALUE, "1+2j", 1 + 2j), (VALUE, "-inf", -math.inf), (VALUE, "2j", 2j),
    (LAYERS["Dense"].param.inputs, " 12 ", 12), (LAYERS["Dense"].param.inputs, "65,536", 65536),
    (LOWER, "−1.5", -1.5),
    (LAYERS["ConvTranspose"].param.transpose_kernel, "True", True),
    (Study.param.seed, "4294967295", 2**32 - 1),
])  # fmt: skip
def test_texts_that_are_read(knob, text, value):
    assert knob.parse(text) == value
    assert type(knob.parse(text)) is type(value)
    assert knob.parse(knob.text(value)) == value


WORDS = "shape must be whole numbers separated by commas, got {!r}. Type for instance 3, 3, 64, 128."
RANK = "shape must have 2 to 5 axes, got {} in {}. Type for instance 256, 256."
IN_AXIS = "in_axis must be whole numbers from -99 to 99, got {!r}. Type for instance -2, or (0, 1), or ()."
NUMBER = "stddev must be a number of at least 0, got {!r}. Type for instance 0.01."
SOME = "value must be a number or an array of numbers, got {!r}. Type for instance 0.5."
KERNEL = "kernel_size must be 1 to 3 whole numbers of at least 1, got {!r}. Type for instance 3, 3."
SEED = "seed must be a whole number from 0 to 4294967295, got {!r}. Type for instance 0."
INPUTS = "inputs must be a whole number of at least 1, got {!r}. Type for instance 784."
FLAG = "transpose_kernel must be true or false, got {!r}. Type for instance false."


@pytest.mark.parametrize(("knob", "text", "message"), [
    (SHAPE, "abc", WORDS.format("abc")),
    (SHAPE, "2.5, 3", WORDS.format("2.5, 3")),
    (SHAPE, "3, -", WORDS.format("3, -")),
    (SHAPE, "9" * 50, WORDS.format("9" * 37 + "...")),
    (SHAPE, "3", RANK.format(1, (3,))),
    (SHAPE, "", RANK.format(0, ())),
    (SHAPE, "1, 2, 3, 4, 5, 6", RANK.format(6, (1, 2, 3, 4, 5, 6))),
    (SHAPE, "-3, 4", "shape must have every element be nonnegative, got (-3, 4) (negative dimensions are not "
     "allowed). Use sizes of at least 1."),
    (SHAPE, "65536, 65537", "shape must hold at most 4,294,967,296 weights, got 4,295,032,832 in (65536, 65537). "
     "Make an axis smaller."),
    *((AXES, text, IN_AXIS.format(text)) for text in ("x", "1.5", "{1: 2}", "True", "(0", "0)", ",", "0 x", "100")),
    (COLUMN, "x", "column_axis must be a whole number from -99 to 99, got 'x'. Type for instance -1."),
    *((STDDEV, text, NUMBER.format(text)) for text in ("", "x", "1,x", "1/0", "[1, 2", "[[1], [1, 2]]", "1+2j")),
    *((VALUE, text, SOME.format(text)) for text in ("", "x", "[1", "[1 2]", "[[1], [1, 2]]", '["1", 2')),
    *((LAYERS["Conv"].param.kernel_size, text, KERNEL.format(text))
      for text in ("1.5", "1, 2, 3, 4", "3, a", "3x", "x", ",")),
    *((Study.param.seed, text, SEED.format(text)) for text in ("", "1.0", "x", "1 2")),
    *((LAYERS["Dense"].param.inputs, text, INPUTS.format(text)) for text in ("many", "", "1e3", "1, 2", "12,34")),
    *((LAYERS["ConvTranspose"].param.transpose_kernel, text, FLAG.format(text)) for text in ("", "yes", "1")),
])  # fmt: skip
def test_texts_that_are_refused(knob, text, message):
    refused(ValueError, message, knob.parse, text)


@pytest.mark.parametrize(("owner", "name", "value", "message"), [
    (Study(), "seed", -1, SEED.replace("{!r}", "-1")),
    (Study(), "seed", True, SEED.replace("{!r}", "True")),
    (Study(), "seed", 2**32, SEED.replace("{!r}", "4294967296")),
    (Study(), "partitionable", 1, "partitionable must be true or false, got 1. Type for instance true."),
    (Study(), "generator", ["rbg"] * 20, f"generator must be one of {', '.join(generators())}, "
     "got ['rbg', 'rbg', 'rbg', 'rbg', 'rbg', '.... Choose one of them."),
    (Study(), "dtype", "int32", f"dtype must be one of {', '.join(dtypes())}, got 'int32'. Choose one of them."),
    (LAYERS["Dense"](), "inputs", 0, INPUTS.replace("{!r}", "0")),
    (LAYERS["Conv"](), "kernel_size", (3, 0), KERNEL.replace("{!r}", "(3, 0)")),
    (LAYERS["Conv"](), "kernel_size", [3.5], KERNEL.replace("{!r}", "(3.5,)")),
    (LAYERS["Conv"](), "kernel_size", True, KERNEL.replace("{!r}", "True")),
    (LAYERS["Dense"](), "inputs", np.float64(3), INPUTS.replace("{!r}", "np.float64(3.0)")),
    (LAYERS["Einsum"](), "equation", None, "equation must be a text, got None. Type for instance btd,dhk->bthk."),
    (PROBES["Seeds"](), "draws", 1, "draws must be a whole number from 2 to 1000, got 1. Type for instance 32."),
])  # fmt: skip
def test_values_that_are_refused(owner, name, value, message):
    before = getattr(owner, name)
    refused(ValueError, message, setattr, owner, name, value)
    assert getattr(owner, name) == before


@pytest.mark.parametrize(("owner", "name", "value", "kept"), [
    (Study(), "seed", np.int64(5), 5), (Study(), "seed", jnp.asarray(5), 5),
    (LAYERS["Dense"](), "inputs", np.int64(3), 3),
    *((LAYERS["Conv"](), "kernel_size", value, (3, 3)) for value in ([3, 3], np.array([3, 3]), (np.int8(3), 3))),
    (LAYERS["Conv"](), "kernel_size", 3, (3,)),
])  # fmt: skip
def test_whole_numbers_of_any_library_are_kept_as_pythons(owner, name, value, kept):
    setattr(owner, name, value)
    again = type(owner)(**{name: value})
    assert repr(getattr(owner, name)) == repr(getattr(again, name)) == repr(kept)


def test_lines_are_kept_without_empty_ones_at_their_ends():
    study, knob = ModelStudy(), ModelStudy.param.rules
    for text in ("a = 1\n\n  b = 2", "\n\na = 1\n\n  b = 2 \n\n"):
        study.rules = text
        assert study.rules == knob.parse(text) == "a = 1\n\n  b = 2"
    study.rules = ""
    assert knob.text(study.rules) == ""
    refused(ValueError, "rules must be lines of at most 9,999 characters in all, got 3. "
            "Type for instance \"**/bias\" = \"zeros\".", setattr, study, "rules", 3)  # fmt: skip


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_as_itself(number):
    assert float(number_text(number)) == number


@pytest.mark.parametrize(("number", "text"), [(0.5, "0.5"), (12.0, "12"), (1e-3, "0.001"), (1 / 3, repr(1 / 3)),
                                              (math.nan, "nan"), (math.inf, "inf")])  # fmt: skip
def test_numbers_have_no_more_digits_than_they_need(number, text):
    assert number_text(number) == text


@pytest.mark.parametrize(("value", "text"), [
    (np.array([1, 2.5]), "[1, 2.5]"), (np.array([[1, 2j], [math.nan, 0]]), "[[1, 0+2j], [nan, 0]]"),
    (np.zeros((2, 1, 1)), "[[[0]], [[0]]]"), (1 - 2j, "1-2j"), (np.float32(0.1), "0.10000000149011612"),
])  # fmt: skip
def test_arrays_and_complex_values_have_a_text(value, text):
    assert VALUE.text(value) == text
    np.testing.assert_array_equal(VALUE.parse(text), value)
    assert np.shape(VALUE.parse(text)) == np.shape(value)


@pytest.mark.parametrize(("given", "shape"), [(np.array([3, 4]), (3, 4)), ([3, 4], (3, 4)), (7, (7,))], ids=str)
def test_a_shape_is_kept_as_a_tuple_whatever_it_is_given_as(given, shape):
    layer = RawShape(shape=given)
    assert layer.shape == layer.kernel == shape
    assert type(layer.shape) is tuple
    layer.shape = given
    assert hash(layer.question()) == hash(RawShape(shape=shape).question())
