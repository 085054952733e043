"""A call of PyTorch or Keras becomes the call here, or is refused with what, got and fix; nothing of it is run."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initviz import translate
from initviz.initializers import Initializer
from initviz.layers import RawShape

ATTENTION = "AttentionProjection"
CALLS = [
    ("torch.nn.init.kaiming_normal_(w, mode='fan_out')", None,
     "variance_scaling(scale=2.0, mode='fan_out', distribution='normal')"),
    ("nn.init.kaiming_uniform_(self.fc.weight, a=math.sqrt(5))", None,
     "variance_scaling(scale=0.333333333333333, mode='fan_in', distribution='uniform')"),
    ("init.kaiming_uniform_(w, nonlinearity='relu')", None, "he_uniform()"),
    ("kaiming_normal_(w, 0.2)", None,
     f"variance_scaling(scale={float(f'{2 / 1.04:.15g}')}, mode='fan_in', distribution='normal')"),
    ("torch.nn.init.xavier_uniform_(w)", None, "glorot_uniform()"),
    ("torch.nn.init.xavier_normal(w, gain=nn.init.calculate_gain('tanh'))", None,
     f"variance_scaling(scale={float(f'{25 / 9:.15g}')}, mode='fan_avg', distribution='normal')"),
    ("torch.nn.init.xavier_uniform_(tensor=w, gain=calculate_gain('leaky_relu', 0.2) / 2**0.5)", None, None),
    ("nn.init.xavier_normal_(w, gain=nn.init.calculate_gain('leaky_relu', param=0.5))", None,
     "variance_scaling(scale=1.6, mode='fan_avg', distribution='normal')"),
    ("nn.init.xavier_uniform_(w, gain=calculate_gain(nonlinearity='relu'))", None,
     "variance_scaling(scale=2.0, mode='fan_avg', distribution='uniform')"),
    ("nn.init.trunc_normal_(w, std=0.02)", None, "truncated_normal(stddev=0.02, lower=-100.0, upper=100.0)"),
    ("nn.init.trunc_normal_(w, 0, 0.02, -0.04, 0.04)", None, "truncated_normal(stddev=0.02)"),
    ("nn.init.normal_(w, 0.0, 1e-2)", None, "normal()"), ("nn.init.normal_(w)", None, "normal(stddev=1.0)"),
    ("nn.init.uniform_(w)", None, "uniform(scale=1.0)"),
    ("nn.init.uniform_(w, -0.3, 0.3)", "Dense", "variance_scaling(scale=0.03, mode='fan_in', distribution='uniform', "
     "in_axis=(), out_axis=(), batch_axis=(0, 1))"),
    ("nn.init.constant_(w, -1/2)", None, "constant(value=-0.5)"), ("nn.init.ones_(w)", None, "ones()"),
    ("nn.init.zeros_(w.data)", None, "zeros()"), ("nn.init.orthogonal_(w, gain=2)", None, "orthogonal(scale=2)"),
    ("nn.init.orthogonal_(w)", "ConvTranspose", "orthogonal(column_axis=2)"),
    ("nn.init.orthogonal_(w)", ATTENTION, "orthogonal(column_axis=0)"),
    ("nn.init.xavier_uniform_(w)", ATTENTION, "glorot_uniform(in_axis=0, out_axis=(1, 2))"),
    ("nn.init.eye_(w)", RawShape(shape=(2, 3)), "constant(value=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])"),
    ("he_normal", None, "he_normal()"), ("'glorot_uniform'", None, "glorot_uniform()"),
    ("LecunNormal()", None, "lecun_normal()"),
    ("tf.keras.initializers.HeUniform(seed=3)", None, "he_uniform()"),
    ("keras.initializers.get('he_normal')", None, "he_normal()"),
    ("keras.initializers.VarianceScaling(2.0, 'fan_out', 'untruncated_normal')", None,
     "variance_scaling(scale=2.0, mode='fan_out', distribution='normal')"),
    ("VarianceScaling(distribution='normal')", None, "lecun_normal()"),
    ("VarianceScaling(input_axes=[0], output_axes=[1, 2])", ATTENTION, "lecun_normal(in_axis=0, out_axis=(1, 2))"),
    ("GlorotUniform(input_axes=[0], output_axes=[1, 2], seed=SEED)", ATTENTION,
     "glorot_uniform(in_axis=0, out_axis=(1, 2))"),
    ("VarianceScaling(input_axes=[-1], output_axes=[-2])", "ConvTranspose", None),
    ("kaiming_normal(w)", None, None), ("nn.init.normal_(w, std=0.02, generator=g)", None, "normal(stddev=0.02)"),
    ("keras.initializers.RandomNormal()", None, "normal(stddev=0.05)"),
    ("keras.initializers.TruncatedNormal(stddev=0.02)", None, "truncated_normal(stddev=0.02)"),
    ("RandomUniform(0, 0.5)", None, "uniform(scale=0.5)"), ("Orthogonal(0.5)", None, "orthogonal(scale=0.5)"),
    ("Constant(3)", None, "constant(value=3)"), ("zeros", None, "zeros()"), ("Ones()", None, "ones()"),
    ("he_normal", ATTENTION, "he_normal(in_axis=0, out_axis=(1, 2))"),
    ("glorot_uniform", "DepthwiseConv", "glorot_uniform()"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "layer", "here"), CALLS, ids=lambda x: str(x)[:50])
def test_a_call_elsewhere_is_the_call_here(call, layer, here):
    found = translate(call, layer)
    assert isinstance(found, Initializer)
    assert here is None or repr(found) == here


EXAMPLE = "Write for instance torch.nn.init.kaiming_normal_(w, mode='fan_out') or keras.initializers.HeNormal()."
ONE_OF = "the call must be one of torch.nn.init or keras.initializers, got {}. " + EXAMPLE
WRONG = [
    ("", ONE_OF.format("''")), ("x" * 501, ONE_OF.format("'" + "x" * 37 + "...'")), (None, ONE_OF.format("None")),
    ("import os", ONE_OF.format("'import os'")), ("a\0b", ONE_OF.format(r"'a\x00b'")),
    ("os.system('true')", ONE_OF.format("\"os.system('true')\"")),
    ("sparse_(w, 0.1)", "the call must have a law that is known here, got 'sparse_': a share of each column is 0 "
     "there, which no initializer here does. Draw normal(std) and set zeros."),
    ("nn.init.dirac_(w)", "the call must have a law that is known here, got 'dirac_': its ones stand at the centre "
     "taps. Use delta_orthogonal for a convolution that keeps the signal."),
    ("nn.init.kaiming_norm_(w)",
     "the call must be of an initializer of PyTorch, got 'kaiming_norm_'. Did you mean kaiming_normal_?"),
    ("nn.init.normal_()", "normal_ must name the tensor that it fills, got none. Write normal_(w)."),
    ("nn.init.normal_(w, std=__import__('os'))", "an argument must be a number, a text or arithmetic with numbers, got "
     "\"__import__('os')\". Write its value, such as 0.02 or math.sqrt(5)."),
    ("nn.init.normal_(w, mean=1.0)", "a normal law must have mean 0 here, got 1.0. Draw it without, and add the mean."),
    ("nn.init.uniform_(w, 1, 2)",
     "a uniform law must be centred or begin at 0, got one from 1 to 2. Draw uniform(high - low) and add low."),
    ("RandomUniform()", "this law must be told how many axes the weights have, got no layer. Name the layer, such as "
     'translate(call, "Dense").'),
    ("jax.nn.initializers.he_normal()", "the call must be of PyTorch or Keras, got 'jax.nn.initializers.he_normal()'. "
     "initviz.initializers has jax's names already."),
    ("nn.init.normal_(w, std='0.1')", "std of normal_ must be a number, got '0.1'. Write for instance std=0.02."),
    ("RandomUniform(minval=0, maxval=None)",
     "maxval of RandomUniform must be a number, got None. Write for instance maxval=0.02."),
    ("nn.init.kaiming_normal_(w, a='1')", "a of kaiming_normal_ must be a number, got '1'. Write for instance a=0.02."),
    ("constant_(w, 'x')", "constant_ must have arguments that make a law, got \"constant_(w, 'x')\": value must be a "
     "number or an array of numbers, got 'x'. Pass for instance 0.5."),
    ("trunc_normal_(w, std=0)",
     "trunc_normal_ must have arguments that make a law, got 'trunc_normal_(w, std=0)'. " + EXAMPLE),
    ("kaiming_normal_(w, nonlinearity=[])", "kaiming_normal_ must have arguments that make a law, got "
     "'kaiming_normal_(w, nonlinearity=[])'. " + EXAMPLE),
    ("orthogonal(w)", "the call must say whose it is, got 'orthogonal(w)', which both have. Write "
     "torch.nn.init.orthogonal_(w) or keras.initializers.orthogonal."),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG, ids=lambda x: str(x)[:40])
def test_what_cannot_be_translated_says_what_got_and_fix(call, message):
    with pytest.raises(ValueError, match="must") as refusal:
        translate(call)
    assert str(refusal.value) == message


@pytest.mark.parametrize("call", [
    "nn.init.normal_(w, std=9**9**9**9)", "nn.init.normal_(w, std=" + "-" * 401 + "1)", "(" * 250 + ")" * 250,
    "nn.initializers.normal()", "hk.initializers.RandomNormal()", "tf.compat.v1.initializers.truncated_normal()",
    "nn.init.normal_(w, std=cfg.e)", "nn.init.normal_(w, std=my.sqrt(2))", "VarianceScaling('fan_in')",
    "nn.init.normal_(*w)", "nn.init.normal_(**w)", "nn.init.normal_(w, 0, 1, 2, 3, 4)",
    "nn.init.normal_(w, std=(-1)**0.5)",
    "nn.init.trunc_normal_(w, std=0)", "nn.init.kaiming_normal_(w, mode=[])", "nn.init.constant_(w, 'x')",
    "nn.init.normal_(w, std=-1)", "Constant(" + "9" * 400 + ")", "nn.init.xavier_normal_(w, gain=math.sqrt(-1))",
    "nn.init.normal_(w, std=f'{1}')", "VarianceScaling(mode='fan_geo_avg')", "lambda: 0", "[]", "1", "nn.init",
    "init.()",
    "VarianceScaling(input_axes=3, output_axes=4)", "Identity()", "nn.init.kaiming_normal_(w, nonlinearity={})",
])  # fmt: skip
def test_malformed_and_malicious_text_is_refused(call, recwarn):
    with pytest.raises(ValueError, match="must"):
        translate(call)
    assert not recwarn


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.text(alphabet="abckw_.()[]{}'\"=,*-+/0159 \\\n", max_size=60),
    st.sampled_from(["", "torch.nn.init.", "nn.init.normal_("]),
)
def test_any_text_is_translated_or_a_value_error(text, before):
    with suppress(ValueError):
        assert isinstance(translate(before + text), Initializer)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(0.01, 100), st.sampled_from(["fan_in", "fan_out"]), st.floats(0, 10))
def test_the_variance_is_that_of_the_formula(gain, mode, slope):
    shape, fan = (3, 8, 20), {"fan_in": 24, "fan_out": 60}[mode]
    kaiming = translate(f"nn.init.kaiming_normal_(w, a={slope!r}, mode={mode!r})").plan(shape)
    assert kaiming["variance"] == pytest.approx(2 / (1 + slope**2) / fan)
    xavier = translate(f"nn.init.xavier_uniform_(w, {gain!r})").plan(shape)
    assert xavier["variance"] == pytest.approx(gain**2 * 2 / (24 + 60))
    assert math.isfinite(xavier["variance"])
