"""What can be passed to `Study` and `explore`, and what natural mistakes are told."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import refused

import initviz
from initviz.initializers import CLASSES, constant, he_normal, variance_scaling, zeros
from initviz.layers import LAYERS, Conv, Dense, RawShape
from initviz.study import Study

OTHERS = "weights, layer, shape, dtype, seed, device, generator, partitionable, weights_as, spectrum_as, look"


@pytest.mark.parametrize(("positional", "named", "function", "text"), [
    ((), {}, "he_normal", "he_normal()"),
    (("kaiming_normal",), {"in_axis": 0}, "kaiming_normal", "he_normal(in_axis=0)"),
    ((he_normal(in_axis=0),), {}, "he_normal", "he_normal(in_axis=0)"),
    ((he_normal(in_axis=0),), {"out_axis": 1}, "he_normal", "he_normal(in_axis=0, out_axis=1)"),
    ((variance_scaling(2.0, "fan_out", "normal"),), {"scale": 3.0}, "variance_scaling",
     "variance_scaling(scale=3.0, mode='fan_out', distribution='normal')"),
    (("constant",), {"value": 0.25}, "constant", "constant(value=0.25)"),
    ((constant(0.25),), {}, "constant", "constant(value=0.25)"),
    ((zeros,), {}, "zeros", "zeros()"),
    ((), {"initializer": "uniform"}, "uniform", "uniform()"),
])  # fmt: skip
def test_an_initializer_by_name_or_object(positional, named, function, text):
    study = Study(*positional, **named)
    assert (study.function, repr(study.initializer)) == (function, text)
    assert study.question.initializer.plan((4, 5)).initializer == text


def test_what_is_passed_is_not_changed_by_a_slider():
    mine = he_normal()
    study = Study(mine)
    study.initializer.in_axis = 0
    assert mine.in_axis == -2


@pytest.mark.parametrize(("named", "dtype"), [
    ({}, "float32"), ({"dtype": jnp.bfloat16}, "bfloat16"), ({"dtype": np.float16}, "float16"),
    ({"dtype": "f4"}, "float32"), ({"dtype": np.dtype("complex64")}, "complex64"),
    ({"initializer": he_normal(dtype=jnp.float16)}, "float16"),
    ({"initializer": he_normal(dtype=jnp.float16), "dtype": "bfloat16"}, "bfloat16"),
])  # fmt: skip
def test_a_dtype_as_object_as_text_or_the_initializers_own(named, dtype):
    assert Study(**named).dtype == dtype


@pytest.mark.parametrize(("named", "layer"), [
    ({"shape": "3,3,64,128"}, RawShape(shape=(3, 3, 64, 128))),
    ({"shape": [3, 4]}, RawShape(shape=(3, 4))),
    ({"layer": "convolution"}, Conv()),
    ({"layer": Conv(inputs=3), "shape": (3, 3, 3, 128)}, Conv(inputs=3)),
])  # fmt: skip
def test_a_layer_or_a_shape(named, layer):
    assert Study(**named).layer.question() == layer.question()


def test_a_shape_is_set_as_text_too():
    study = Study(layer="Dense")
    study.shape = "3x4"
    assert study.layer.question() == RawShape(shape=(3, 4)).question()


ARRAY = np.random.default_rng(0).normal(size=(3, 4))


class Tensor:
    """Something of another library that is an array."""

    def __array__(self, dtype=None, copy=None):
        return ARRAY


@pytest.mark.parametrize(("positional", "named", "function"), [
    ((ARRAY,), {}, "he_normal"),
    ((ARRAY, "uniform"), {"scale": 0.5}, "uniform"),
    ((ARRAY, he_normal(in_axis=0)), {}, "he_normal"),
    ((he_normal(),), {"weights": ARRAY}, "he_normal"),
    ((), {"weights": jnp.asarray(ARRAY)}, "he_normal"),
    ((ARRAY.tolist(),), {}, "he_normal"),
    ((Tensor(), "uniform"), {}, "uniform"),
    ((ARRAY,), {"layer": Dense(inputs=3, outputs=4)}, "he_normal"),
    ((ARRAY,), {"shape": "3, 4"}, "he_normal"),
])  # fmt: skip
def test_an_array_first_or_by_name(positional, named, function):
    study = Study(*positional, **named)
    assert (study.function, study.shape) == (function, (3, 4))
    np.testing.assert_allclose(study.question.weights.array, ARRAY, rtol=1e-6)
    np.testing.assert_allclose(study.answer().weights, ARRAY, rtol=1e-6)


MISTAKES = {
    "uncalled": ((he_normal,), {}, TypeError, "he_normal was not called. Pass he_normal()."),
    "kernel_init": ((), {"kernel_init": he_normal}, TypeError, "the initializer comes first and has no name, "
                    "got kernel_init=he_normal. Pass he_normal() alone."),
    "kernel_init by name": ((), {"kernel_init": "he_normal"}, TypeError, "the initializer comes first and has no name, "
                            "got kernel_init='he_normal'. Pass he_normal() alone."),
    "any other name": ((), {"init_fn": he_normal()}, TypeError, "the initializer comes first and has no name, "
                       "got init_fn=he_normal(). Pass he_normal() alone."),
    "near miss": (("normal",), {"stdev": 3.0}, TypeError, f"the settings of normal are stddev, {OTHERS}, got 'stdev'. "
                  "Did you mean stddev?"),
    "near miss of a setting": ((), {"layers": "Conv"}, TypeError, "the settings of he_normal are in_axis, out_axis, "
                               f"batch_axis, {OTHERS}, got 'layers'. Did you mean layer?"),
    "of another": (("ones",), {"value": 3.0}, TypeError, f"the settings of ones are {OTHERS}, got 'value'. "
                   "Choose constant for it."),
    "of a layer": (("ones",), {"inputs": 3}, TypeError, f"the settings of ones are {OTHERS}, got 'inputs'. "
                   "Pass it to the layer, as in layer=Dense(inputs=...)."),
    "of nobody": (("ones",), {"xyz": 3}, TypeError, f"the settings of ones are {OTHERS}, got 'xyz'. Leave it out."),
    "shape": (((3, 3),), {}, TypeError, "the initializer comes first, got the shape (3, 3). Pass it as shape=(3, 3)."),
    "shape second": (("he_normal", [3, 3]), {}, TypeError, "the initializer comes first, got the shape [3, 3]. "
                     "Pass it as shape=[3, 3]."),
    "two initializers": ((he_normal(), "normal"), {}, TypeError, "a second argument is the law of weights that come "
                         "first, got he_normal() before 'normal'. Pass one initializer, or an array and its law."),
    "law first": ((he_normal(), np.ones((3, 4))), {}, TypeError, "weights come before their law, got he_normal() "
                  "before ndarray. Pass the weights first."),
    "shape as array": (("he_normal", np.array([3, 3])), {}, TypeError, "the initializer comes first, got the shape "
                       "(3, 3). Pass it as shape=(3, 3)."),
    "layer and shape": ((), {"layer": "Dense", "shape": (3, 4)}, ValueError,
                        "shape must be that of the layer, (784, 256), got (3, 4). Leave one out."),
    "jax": ((jax.nn.initializers.he_normal(),), {}, TypeError, "initializer must be one of initviz, got one of jax, "
            "which does not tell its arguments. Import the same name from initviz.initializers and "
            "pass for instance he_normal()."),
    "unknown": (("he",), {}, ValueError, f"initializer must be one of {', '.join(CLASSES)}, got 'he'. "
                "Choose one of them."),
    **{f"near {name}": ((name,), {}, ValueError, f"initializer must be one of {', '.join(CLASSES)}, got {name!r}. "
                        f"Did you mean {near}?")
       for name, near in [("he_nomal", "he_normal"), ("HE_NORMAL", "he_normal"), ("GlorotUniform", "glorot_uniform"),
                          ("kaiming_normal_", "kaiming_normal")]},
    **{f"near {name}": ((), {"layer": name}, ValueError, f"layer must be one of {', '.join(LAYERS)}, got {name!r}. "
                        "Did you mean Dense?") for name in ("Densee", "Linear")},
    **{f"near {name}": ((), {"dtype": name}, ValueError, "dtype must be one of float32, bfloat16, float16, "
                        f"float8_e4m3fn, float8_e5m2, complex64, got {name!r}. {fix}")
       for name, fix in [("flaot32", "Did you mean float32?"), ("bf16", "Did you mean bfloat16?"),
                         ("float64", "Call jax.config.update('jax_enable_x64', True) first.")]},
    "near way": ((), {"weights_as": "cdf"}, ValueError, "weights_as must be one of density, CDF, CDF − law, got 'cdf'. "
                 "Did you mean CDF?"),
    "dtype": ((), {"dtype": jnp.int32}, ValueError, "dtype must be one of float32, bfloat16, float16, float8_e4m3fn, "
              "float8_e5m2, complex64, got 'int32'. Choose one of them."),
    "two arrays": ((ARRAY,), {"weights": ARRAY}, TypeError,
                   "weights must be given once, got two arrays. Leave weights=... out."),
    "no numbers": ((["a", "b"],), {}, TypeError, "weights must be numbers, got a list of dtype <U1. "
                   "Pass an array of numbers, for instance np.asarray(values, float)."),
    "another layer": ((ARRAY,), {"layer": "Dense"}, ValueError, "weights must have the shape of the layer, (784, 256), "
                      "got (3, 4). Leave the layer out."),
    "another shape": ((ARRAY,), {"shape": (4, 8)}, ValueError, "weights must have the shape of the layer, (4, 8), "
                      "got (3, 4). Leave the shape out."),
    "nothing": ((None,), {}, TypeError, "initializer must be an initializer or the name of one, got NoneType. "
                "Pass for instance he_normal() of initviz.initializers."),
}  # fmt: skip


@pytest.mark.parametrize("front_door", [Study, initviz.explore])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_natural_mistakes_say_so(mistake, front_door):
    positional, named, kind, message = MISTAKES[mistake]
    refused(kind, message, front_door, *positional, **named)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_an_initializer_or_a_layer_of_a_study_is_copied_alone(copied):
    study = Study("normal", stddev=0.5, layer=Dense(inputs=3))
    before = study.question
    initializer, layer = copied(study.initializer), copied(study.layer)
    assert (repr(initializer), repr(layer)) == ("normal(stddev=0.5)", "Dense(inputs=3, outputs=256)")
    initializer.stddev, layer.inputs = 0.25, 4
    assert study.question is before
