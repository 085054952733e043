"""Laws as text are the initializers that they name, by the axes of the tensor, and hostile ones are refused."""

import random

import jax
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import refused
from tensors import BIAS, INPUTS_FIRST, OUTPUTS_FIRST, tensor

import initviz
from initviz.fans.by_shape import count_fans
from initviz.initializers import CLASSES
from initviz.models.laws import check_law, law_on, text_of
from initviz.models.tensor import Role

WEIGHT = tensor("h.0.mlp.c_proj.weight", (96, 384), OUTPUTS_FIRST)
KNOWN = {"layers": 12, "layer": 3}
FORMS = [
    ("normal(0.02/√(2·layers))", "normal(stddev=0.004082482904638631)"),
    ("normal(0.02/sqrt(2*layers))", "normal(stddev=0.004082482904638631)"),
    ("normal(0.02 * (2*layers)^-0.5)", f"normal(stddev={0.02 * 24**-0.5!r})"),
    ("normal(0.02/√(2·(layer+1)))", f"normal(stddev={0.02 / 8**0.5!r})"),
    ("normal(1/√fan_in)", f"normal(stddev={1 / 384**0.5!r})"),
    ("he_normal", "he_normal(in_axis=1, out_axis=0)"),
    ("he_normal(in_axis=0, out_axis=1)", "he_normal(in_axis=0, out_axis=1)"),
    ("flax.nnx.initializers.he_normal()", "he_normal(in_axis=1, out_axis=0)"),
    ("nnx.initializers.normal(stddev=0.1)", "normal(stddev=0.1)"),
    ("variance_scaling(1/4, fan_out, uniform)",
     "variance_scaling(scale=0.25, mode='fan_out', distribution='uniform', in_axis=1, out_axis=0)"),
    ("variance_scaling(0.25, 'fan_in', distribution='normal')",
     "variance_scaling(scale=0.25, mode='fan_in', distribution='normal', in_axis=1, out_axis=0)"),
    ("variance_scaling(fan_in, mode=fan_in, distribution=normal)",
     "variance_scaling(scale=384.0, mode='fan_in', distribution='normal', in_axis=1, out_axis=0)"),
    ("truncated_normal(0.02)", "truncated_normal(stddev=0.02)"),
    ("truncated_normal(0.02, lower=-3, upper=3)", "truncated_normal(stddev=0.02, lower=-3, upper=3)"),
    ("zeros", "zeros()"), ("ones()", "ones()"), ("zeros_init()", "zeros()"), ("constant(-0.5)", "constant(value=-0.5)"),
    ("uniform(0.5)", "uniform(scale=0.5)"), ("uniform(0, 0.5)", "uniform(scale=0.5)"),
    ("uniform(-3, 3)", "variance_scaling(scale=3.0, mode='fan_in', distribution='uniform', in_axis=(), out_axis=(), "
     "batch_axis=(0, 1))"),
    ("orthogonal(√2)", "orthogonal(scale=1.4142135623730951, column_axis=0)"),
    ("orthogonal(column_axis=-1)", "orthogonal()"),
    ("torch.nn.init.normal_(w, std=0.02/math.sqrt(2 * layers))", "normal(stddev=0.004082482904638631)"),
    ("nn.init.xavier_uniform_(self.weight)", "glorot_uniform(in_axis=1, out_axis=0)"),
    ("trunc_normal_(w, std=0.02)", "truncated_normal(stddev=0.02, lower=-100.0, upper=100.0)"),
    ("keras.initializers.HeNormal()", "he_normal(in_axis=1, out_axis=0)"),
    ("keras.initializers.RandomUniform(-3, 3)", "variance_scaling(scale=3.0, mode='fan_in', distribution='uniform', "
     "in_axis=(), out_axis=(), batch_axis=(0, 1))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), FORMS)
def test_a_law_is_the_initializer_that_it_names(text, code):
    assert repr(law_on(text, WEIGHT, None, KNOWN)) == code
    check_law(text)


@pytest.mark.parametrize("layers", [12, 24, 36, 48])
def test_gpt2_scales_its_projections_as_the_paper_says(layers):
    made = law_on("normal(0.02/√(2·layers))", WEIGHT, None, {"layers": layers})
    expected = {12: 0.0040825, 24: 0.0028868, 36: 0.0023570, 48: 0.0020412}[layers]
    assert round(made.stddev, 7) == expected


LAYOUTS = [
    ((64, 32), INPUTS_FIRST), ((64, 32), OUTPUTS_FIRST), ((3, 3, 16, 32), Role("Conv", (2,), (3,))),
    ((32, 16, 3, 3), Role("Conv", (1,), (0,))), ((5, 64, 32), Role("Stack", (1,), (2,), (0,))),
    ((64, 4, 16), Role("AttentionProjection", (0,), (1, 2))), ((4, 16, 64), Role("AttentionOutput", (0, 1), (2,))),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "role"), LAYOUTS, ids=str)
@pytest.mark.parametrize(
    "text", ["he_normal", "variance_scaling(2, fan_out, normal)", "glorot_uniform", "normal(√(2/fan_in))"]
)
def test_fans_are_those_of_the_role_and_draws_pass_the_check(shape, role, text):
    made = law_on(text, tensor(shape=shape), role)
    fans = count_fans(shape, role.in_axes, role.out_axes, role.batch_axes)
    fan = {"h": fans.fan_in, "v": fans.fan_out, "g": (fans.fan_in + fans.fan_out) / 2, "n": fans.fan_in}[text[0]]
    assert made.plan(shape)["std"] == pytest.approx((2 / fan if text[0] != "g" else 1 / fan) ** 0.5)
    assert initviz.check(made(jax.random.key(0), shape), made)
    assert not initviz.check(1.3 * made(jax.random.key(0), shape), made)


@pytest.mark.parametrize("shape", [(128, 64), (64, 128)])
@pytest.mark.parametrize("role", [INPUTS_FIRST, OUTPUTS_FIRST])
def test_orthogonal_columns_are_the_outputs(shape, role):
    made = law_on("orthogonal(2)", tensor(shape=shape), role)
    assert initviz.check(made(jax.random.key(1), shape), made)
    attention = law_on("orthogonal", tensor(shape=(64, 4, 16)), Role("AttentionProjection", (0,), (1, 2)))
    assert attention.column_axis == 0


def test_calls_of_pytorch_count_as_pytorch_does_where_it_holds_the_tensor():
    transposed = Role("ConvTranspose", (0,), (1,))
    text = "torch.nn.init.kaiming_uniform_(w, a=math.sqrt(5))"
    held = law_on(text, tensor(shape=(16, 32, 3, 3), holder="torch.nn.modules.conv.ConvTranspose2d"), transposed)
    assert held.fans((16, 32, 3, 3)).fan_in == 32 * 9
    assert law_on(text, tensor(shape=(16, 32, 3, 3)), transposed).fans((16, 32, 3, 3)).fan_in == 16 * 9


def test_layers_in_one_array_have_each_its_scale():
    shape, role = (4, 64, 32), Role("Dense", (1,), (2,), (0,))
    made = law_on("normal(0.02/√(2·(layer+1)))", tensor(shape=shape), role, {"layers": 4})
    assert made.stddev.ravel().tolist() == [0.02 / (2 * (layer + 1)) ** 0.5 for layer in range(4)]
    weights = made(jax.random.key(5), shape)
    assert initviz.check(weights, made)
    assert not initviz.check(weights[::-1], made)
    with pytest.raises(ValueError, match=r"^layer must be known for"):
        law_on("normal(0.02/√(2·(layer+1)))", tensor(shape=shape), role, {"layers": 5})
    with pytest.raises(
        ValueError, match=r"^layers in one array must differ in a scale alone, got .* differ in upper\. "
    ):
        law_on("truncated_normal(0.1, upper=layer + 1)", tensor(shape=shape), role, {"layers": 4})


REFUSED = [
    ("he_norml", "a law must have the name of an initializer, got 'he_norml'. Did you mean he_normal?"),
    ("HeNormal()", "a law must have the name of an initializer, got 'HeNormal'. Did you mean he_normal?"),
    ("normal(0.02/√layrs)", "a law must name quantities that are known for 'h.0.mlp.c_proj.weight', got 'layrs'. "
     "Did you mean layers?"),
    ("normal(1/in_size/layer)", "layer must be known for 'h.0.mlp.c_proj.weight', which is the block that the tensor "
     "is in, from 0, got a law that names it. Write its value in its place, or among the recipe's quantities."),
    ("normal(-1)", "stddev must be a number of at least 0, got -1. Pass for instance 0.01."),
    ("normal('0.1')", "stddev must be a number, got '0.1'. Write for instance stddev=0.02."),
    ("normal(True)", "stddev must be a number, got True. Write for instance stddev=0.02."),
    ("normal(1, 2, 3)", "normal must have its arguments, stddev, got 'normal(1, 2, 3)': too many positional "
     "arguments."),
    ("normal(0.1, dtype='int8')", "dtype must be one of bfloat16, float16, float32, float64, got \"'int8'\". Leave it "
     "out."),
    ("uniform(1, 2)", "a uniform law must be centred or begin at 0, got one from 1 to 2. Choose another law."),
    ("variance_scaling(1, fan_im, normal)",
     "invalid mode for variance scaling initializer: fan_im. Choose one of fan_in, fan_out, fan_avg, fan_geo_avg."),
    ("normal(1/0)", "an argument must be a number, a text or arithmetic with numbers, got '1 / 0'. Write its value, "
     "such as 0.02 or math.sqrt(5)."),
    ("__import__('os').system('true')", "a law must be a name or a call of an initializer, got "
     "\"__import__('os').system('true')\". Write for instance normal(0.02), he_normal or zeros."),
    ("normal((lambda: 1)())", "an argument must be a number, a text or arithmetic with numbers, got '(lambda: 1)()'. "
     "Write its value, such as 0.02 or math.sqrt(5)."),
    ("", "a law must be a name or a call of an initializer, got ''. Write for instance normal(0.02), he_normal "
     "or zeros."),
    (None, "a law must be a name or a call of an initializer, got None. Write for instance normal(0.02), he_normal or "
     "zeros."),
    ("delta_orthogonal", "delta_orthogonal must have inputs and outputs as the last two axes, got inputs on (1,) and "
     "outputs on (0,). Move the axes of the weights."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_no_law_is_refused(text, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole text follows
        law_on(text, WEIGHT, None, {"layers": 12})
    assert str(refusal.value) == message


def test_a_law_of_fans_needs_to_know_the_axes():
    wanted = (
        "he_normal must know which axes are inputs and outputs, got {}. Name them, such as he_normal(…, in_axis=1, "
    )
    wanted += "out_axis=0), or write a law without fans, such as zeros."
    for role, got in ((BIAS, "a bias"), (None, "weights of which nobody knows what they are for")):
        with pytest.raises(ValueError) as refusal:  # noqa: PT011
            law_on("he_normal", tensor(shape=(8,)), role)
        assert str(refusal.value) == wanted.format(got)


def test_a_quantity_that_is_not_known_is_explained_by_itself():
    message = (
        "in_size must be known for 'bias', which is the number of inputs of each output at one tap, got a law that "
        "names it. Write its value in its place, or among the recipe's quantities."
    )
    refused(ValueError, message, law_on, "normal(1/in_size)", tensor("bias", (8,)), BIAS)


@pytest.mark.parametrize(
    "text", ["he_norml", "normal(layrs)", "normal(-1)", "torch.nn.init.nomal_(w)", "uniform(1, 2)"]
)
def test_mistakes_are_found_before_there_is_a_tensor(text):
    with pytest.raises(ValueError, match=" must "):
        check_law(text)


WRITTEN = ["normal(0.02)", "he_normal", "variance_scaling(2, fan_in, uniform)", "zeros", "ones", "uniform(0.5)",
           "uniform(-0.05, 0.05)", "constant(0.25)", "orthogonal(2)", "truncated_normal(0.02, lower=-3, upper=3)",
           "truncated_normal(lower=-1)"]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_the_text_of_an_initializer_is_a_law_for_it(text):
    made = law_on(text, WEIGHT)
    assert text_of(made) == text
    assert repr(law_on(text_of(made), WEIGHT)) == repr(made)


WORDS = [
    *CLASSES, "layers", "layer", "fan_in", "sqrt", "torch.nn.init.normal_", "keras.initializers.get", "eval", "open",
    "__import__", "exec", "w", "True", "None", "...", "1j", "1e999", "0.02", "-1", "9" * 30, "lambda: ", " if ",
    " for ", " in ", "in_axis=", "scale=", "dtype=", "mode=", "f'{w}'", "await ", "*w", "._", "**", ":=", "\x00",
    *"()[]{},/*-='.√·π@%~\"\\\n",
]  # fmt: skip


def hostile(seed):
    """A text of words that a law may have and others."""
    choose = random.Random(seed)
    text = "".join(choose.choice(WORDS) for _ in range(choose.randint(1, 12)))
    return f"{choose.choice([*CLASSES, 'torch.nn.init.normal_'])}({text})" if choose.random() < 0.6 else text


def refusal_of(text):
    """The message that a text is refused with; none where it is a law."""
    try:
        return None if law_on(text, WEIGHT, None, KNOWN) else ""
    except ValueError as refusal:
        return str(refusal)


@pytest.mark.filterwarnings("error::SyntaxWarning")
def test_hostile_texts_are_a_law_or_are_refused_with_a_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = [refusal_of(hostile(seed)) for seed in range(2000)]
    assert 1000 < sum(each is not None for each in said) < 2000
    assert all(len(each) > 20 for each in said if each is not None)
    assert list(tmp_path.iterdir()) == [], "nothing was executed"


DEEP = ["normal(" + "(" * 240 + "1" + ")" * 240 + ")", "-" * 499 + "1", "normal(" + "-" * 480 + "1)", "a" * 10**6,
        "normal(9**9**9**9)", "normal(" + "9*" * 230 + "9)", "normal(10**400)",
        "normal(" + "√" * 300 + "2)"]  # fmt: skip


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:20])
def test_large_and_deep_texts_are_a_law_or_are_refused(text):
    assert len(refusal_of(text) or "") < 400


@given(st.text(max_size=60))
def test_any_text_is_a_law_or_is_refused(text):
    assert refusal_of(text) != ""
