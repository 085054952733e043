"""Verdicts follow from the true fans, and the corrected call yields the intended variance on a real forward pass."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from operations import inputs_for, operation
from oracles import SIGMAS

import initviz.initializers as ours
from initviz.initializers import (
    constant,
    delta_orthogonal,
    glorot_uniform,
    he_normal,
    lecun_normal,
    orthogonal,
    uniform,
    variance_scaling,
)
from initviz.layers import (
    LAYERS,
    AttentionOutput,
    AttentionProjection,
    Conv,
    ConvTranspose,
    Dense,
    DepthwiseConv,
    Einsum,
    Embedding,
    Experts,
    GroupedQueryAttention,
    Stack,
    advice,
)


def advise(initializer, layer):
    return advice.advise(initializer, initializer.plan(layer.kernel, "float32"), layer)


def built(call: str):
    """The initializer of a call as it is shown."""
    return eval(call, dict(vars(ours)))


# THEORY 2.2 and 2.3: layer, initializer, used n, true n, corrected call
GLOROT = glorot_uniform()
TRAPS = [
    (Conv(groups=4), GLOROT, (144 + 1152) / 2, (144 + 288) / 2,
     "variance_scaling(scale=3.0, mode='fan_avg', distribution='uniform')"),
    (DepthwiseConv(), GLOROT, (9 + 576) / 2, 9,
     "variance_scaling(scale=32.5, mode='fan_avg', distribution='uniform')"),
    (ConvTranspose(), he_normal(), 1024, 256,
     "variance_scaling(scale=8.0, mode='fan_in', distribution='truncated_normal')"),
    (AttentionProjection(), he_normal(), 4096, 512, "he_normal(in_axis=0, out_axis=(1, 2))"),
    (AttentionProjection(fused=True), GLOROT, (12288 + 98304) / 2, 1024,
     "glorot_uniform(in_axis=0, out_axis=(1, 2, 3))"),
    (GroupedQueryAttention(), he_normal(), 2 * 512, 512, "he_normal(in_axis=0, out_axis=(1, 2))"),
    (GroupedQueryAttention(fused=True), GLOROT, (12 * 512 + 64 * 512) / 2, (512 + 12 * 64) / 2,
     "glorot_uniform(in_axis=0, out_axis=(1, 2))"),
    (AttentionOutput(), GLOROT, (512 + 4096) / 2, 512, "glorot_uniform(in_axis=(0, 1))"),
    (Experts(experts=4, inputs=512, outputs=2048), he_normal(), 2048, 512, "he_normal(batch_axis=0)"),
    (Stack(), lecun_normal(), 6144, 512, "lecun_normal(batch_axis=0)"),
    (Embedding(), lecun_normal(), 1000, 1, "lecun_normal(in_axis=(), batch_axis=0)"),
    (Einsum(), lecun_normal(), 4096, 512, "lecun_normal(in_axis=0, out_axis=(1, 2))"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "initializer", "used", "true", "call"), TRAPS, ids=lambda x: repr(x)[:40])
def test_traps_are_found_and_mended(layer, initializer, used, true, call):
    found = advise(initializer, layer)
    assert (found.used, found.intended) == (used, true)
    assert not found.right
    assert found.std_ratio == pytest.approx((true / used) ** 0.5)
    assert found.corrected == call
    again = advise(built(call), layer)
    assert again.right == (found.factor == 1)
    assert again.forward_gain == pytest.approx(found.forward_gain * used / true)


@pytest.mark.parametrize("name", [name for name, cls in LAYERS.items() if cls.sums])
def test_every_layer_has_a_verdict_and_is_kept_somewhere_in_every_framework_or_nowhere(name):
    layer = LAYERS[name]()
    found, size = advise(lecun_normal(), layer), math.prod(layer.kernel)
    assert found.used
    assert len(found.rules) >= 4
    layouts = layer.layouts()
    for shape in (layouts.flax, *(kept and kept.shape for kept in (layouts.torch, layouts.keras))):
        if shape is not None:  # some keep several in one, as attention's three, or each of a stack by itself
            assert math.gcd(math.prod(shape), size) == min(math.prod(shape), size)


def test_what_is_right_is_called_right():
    for layer in (Dense(), Conv(), Conv(stride=(2,))):
        found = advise(he_normal(), layer)
        assert found.right
        assert (found.corrected, found.factor, found.remedy) == ("", 1.0, "")
        assert found.verdict == f"Right: n = {found.used:,.0f} is how many terms one output of this layer sums."


def test_the_verdict_in_words():
    found = advise(he_normal(), AttentionProjection())
    assert found.verdict == (
        "Weights come out 2.828 times too small: the initializer divides by n = 4,096, but this layer's is 512 "
        "(each output sums 512 terms, each input feeds 512 outputs)."
    )
    assert found.remedy == "These axes give it:"
    scaled = advise(he_normal(), ConvTranspose())
    assert scaled.remedy == "No axes express the stride. Multiply the scale by 4:"
    both = advise(he_normal(), ConvTranspose(transpose_kernel=True))
    assert both.remedy == "No axes express the stride. Name these axes and multiply the scale by 4:"
    assert both.corrected == (
        "variance_scaling(scale=8.0, mode='fan_in', distribution='truncated_normal', in_axis=3, out_axis=2)"
    )
    summed = advise(he_normal(), Einsum(equation="btde,dhk->bthk", sizes="d=51, h=8, k=6, e=5"))
    assert summed.remedy == (
        "No axes express the sum over e of the inputs alone. Name these axes and multiply the scale by 0.2:"
    )


def test_initializers_without_fans_are_told_their_gain():
    found = advise(constant(0.1), Dense(inputs=100, outputs=50))
    assert found.used is None
    assert found.right
    assert found.forward_gain == pytest.approx(1.0)
    assert found.verdict == (
        "The variance does not follow the fans. One output sums 100 terms. Mean square of centred activations: × 1; "
        "after a ReLU: × 32.51, since the weights have a mean; of gradients: × 0.5."
    )


@pytest.mark.parametrize(("framework", "fans"), [
    ("true fans", (144, 288)), ("jax, this kernel", (144, 1152)), ("flax layer", (144, 1152)),
    ("PyTorch", (144, 1152)), ("Keras", (144, 1152)),
])  # fmt: skip
def test_rules_of_frameworks(framework, fans):
    for initializer, agrees in ((he_normal(), True), (GLOROT, framework == "true fans")):
        rules = {rule.framework: rule for rule in advise(initializer, Conv(groups=4)).rules}
        assert (rules[framework].fan_in, rules[framework].fan_out) == fans
        assert rules[framework].agrees == agrees
        n = fans[0] if initializer.mode == "fan_in" else sum(fans) / 2
        assert rules[framework].std == pytest.approx((initializer.scale / n) ** 0.5)


def test_a_framework_without_the_layer_has_no_verdict():
    rules = {rule.framework: rule for rule in advise(he_normal(), AttentionProjection(fused=True)).rules}
    assert [rules[name].agrees for name in ("flax layer", "Keras")] == [None, None]
    corrected = {rule.framework: rule for rule in advise(he_normal(in_axis=0, out_axis=(1, 2)), Einsum()).rules}
    assert corrected["flax layer"].agrees
    flattened = advise(he_normal(in_axis=0, out_axis=(1, 2)), AttentionProjection()).rules
    assert {rule.framework: rule.agrees for rule in flattened}["flax layer"] is None  # flax passes two axes


def test_a_plan_for_another_shape_is_refused():
    message = r"^the plan must be for the layer's kernel \(784, 256\), got one for \(7, 5\)\."
    with pytest.raises(ValueError, match=message):
        advice.advise(he_normal(), he_normal().plan((7, 5)), Dense())


THEORY = [  # THEORY 2.2 and 2.3: layer, jax, PyTorch, Keras (by the equation for EinsumDense since 3.15)
    (Dense(), (784, 256), (784, 256), (784, 256)),
    (Conv(), (576, 1152), (576, 1152), (576, 1152)),
    (DepthwiseConv(), (9, 576), (9, 576), (576, 9)),
    (ConvTranspose(), (1024, 512), (512, 1024), (512, 1024)),
    (AttentionProjection(), (4096, 32768), (512, 512), (512, 512)),
    (AttentionProjection(fused=True), (12288, 98304), (512, 1536), None),
    (GroupedQueryAttention(), (1024, 512 * 64), (512, 128), (512, 128)),
    (GroupedQueryAttention(fused=True), (6144, 64 * 512), (512, 768), None),
    (AttentionOutput(), (512, 4096), (512, 512), (512, 512)),
    (Experts(experts=4, inputs=512, outputs=2048), (2048, 8192), (1048576, 2048), (2048, 8192)),
]


@pytest.mark.parametrize(("layer", "jax_fans", "torch_fans", "keras_fans"), THEORY, ids=lambda x: repr(x)[:30])
def test_the_table_of_three_frameworks(layer, jax_fans, torch_fans, keras_fans):
    rules = {rule.framework: rule for rule in advise(lecun_normal(), layer).rules}
    found = [rules[name] for name in ("jax, this kernel", "PyTorch", "Keras")]
    assert [rule.fan_in and (rule.fan_in, rule.fan_out) for rule in found] == [jax_fans, torch_fans, keras_fans]


def test_flax_layers_draw_with_the_fans_of_their_row():
    from flax import nnx

    rngs = nnx.Rngs(0)
    attention = nnx.MultiHeadAttention(8, 512, rngs=rngs, decode=False)
    grouped = nnx.MultiHeadAttention(8, 512, num_kv_heads=2, rngs=rngs, decode=False)
    drawn = [
        (AttentionProjection(), attention.query.kernel), (AttentionOutput(), attention.out.kernel),
        (GroupedQueryAttention(), grouped.key.kernel), (GroupedQueryAttention(), grouped.value.kernel),
        (Experts(experts=4, inputs=64, outputs=96),
         nnx.LinearGeneral(64, 96, axis=-1, batch_axis={0: 4}, rngs=rngs).kernel),
        (Einsum(), nnx.Einsum("btd,dhk->bthk", (512, 8, 64), rngs=rngs).kernel),
        (ConvTranspose(), nnx.ConvTranspose(64, 32, (4, 4), strides=(2, 2), rngs=rngs).kernel),
    ]  # fmt: skip
    for layer, kernel in drawn:
        rule = {rule.framework: rule for rule in advise(lecun_normal(), layer).rules}["flax layer"]
        weights = np.asarray(kernel[...], np.float64)
        assert weights.std() == pytest.approx(rule.std, rel=SIGMAS * (1 / (2 * weights.size)) ** 0.5)


DRAWS = 48  # independent pairs of weights and inputs


def mean_squares_of_outputs(layer, *calls: str) -> list[tuple[float, float]]:
    """Mean square of the layer's outputs with the weights of each call, and its standard error."""
    initializers = list(map(built, calls))
    kernel_shape = layer.kernel
    _, apply, outputs, _ = operation(layer)

    def once(key):
        weights_key, inputs_key = jax.random.split(key)
        inputs = inputs_for(layer, inputs_key, ones=False)
        weights = [initializer(weights_key, kernel_shape) for initializer in initializers]
        return [jnp.mean(jnp.square(apply(inputs, each)[outputs])) for each in weights]

    found = np.asarray(jax.jit(partial(jax.lax.map, once))(jax.random.split(jax.random.key(11), DRAWS)), np.float64)
    return [(each.mean(), each.std(ddof=1) / DRAWS**0.5) for each in found]


SIZE = st.integers(1, 6)


def layers():
    """Random layers of every kind whose outputs sum over inputs."""
    kernel_size = st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple)
    step = st.integers(1, 3).map(lambda s: (s,))
    return st.one_of(
        st.builds(lambda w, g, i, o, s: Conv(kernel_size=w, inputs=g * i, outputs=g * o, stride=s, groups=g),
                  kernel_size, SIZE, SIZE, SIZE, step),
        st.builds(lambda w, i, o, s: ConvTranspose(kernel_size=w, inputs=i, outputs=o, stride=s),
                  kernel_size, SIZE, SIZE, step),
        st.builds(lambda w, c, m: DepthwiseConv(kernel_size=w, channels=c, multiplier=m), kernel_size, SIZE, SIZE),
        st.builds(lambda d, h, k, f: AttentionProjection(embed=d, heads=h, head_dim=k, fused=f),
                  SIZE, SIZE, SIZE, st.booleans()),
        st.builds(lambda d, g, n, k, f: GroupedQueryAttention(embed=d, heads=g * n, kv_heads=g, head_dim=k, fused=f),
                  SIZE, SIZE, SIZE, SIZE, st.booleans()),
        st.builds(lambda h, k, d: AttentionOutput(heads=h, head_dim=k, embed=d), SIZE, SIZE, SIZE),
        st.builds(lambda e, i, o: Experts(experts=e, inputs=i, outputs=o), SIZE, SIZE, SIZE),
        st.builds(lambda e, i, o: Stack(depth=e, inputs=i, outputs=o), SIZE, SIZE, SIZE),
        st.builds(lambda v, f: Embedding(tokens=v, features=f), SIZE, SIZE),
    )  # fmt: skip


@settings(max_examples=12, deadline=None, derandomize=True)
@given(layers())
def test_corrected_calls_keep_the_variance_on_a_real_forward_pass(layer):
    asked = lecun_normal()
    found = advise(asked, layer)
    assume(not found.right)
    (mean, error), (wrong, wrong_error) = mean_squares_of_outputs(layer, found.corrected, repr(asked))
    assert abs(mean - 1) <= SIGMAS * error + 1e-6
    assert abs(wrong - found.intended / found.used) <= SIGMAS * wrong_error + 1e-6


@pytest.mark.parametrize("initializer", [uniform(0.01), constant(0.1), lecun_normal(), orthogonal()], ids=str)
def test_the_gain_of_what_a_relu_leaves(initializer):
    inputs, draws = 784, 400
    found = advise(initializer, Dense(inputs=inputs, outputs=2))
    keys = jax.random.split(jax.random.key(0), draws)
    weights = jax.vmap(lambda key: initializer(key, (inputs, 2)))(keys)
    for gain, activation in ((found.forward_gain, lambda x: x), (found.relu_gain, jax.nn.relu)):
        x = activation(jax.random.normal(jax.random.key(1), (draws, inputs)))
        y = np.asarray((jnp.einsum("bi,bio->bo", x, weights) ** 2).mean(1) / (x**2).mean())
        assert abs(y.mean() - gain) <= SIGMAS * y.std() / draws**0.5


def test_the_gain_of_orthogonal_weights_is_measured_too():
    layer = AttentionProjection(embed=32, heads=4, head_dim=8)
    found = advise(orthogonal(), layer)
    ((mean, error),) = mean_squares_of_outputs(layer, "orthogonal()")
    assert found.forward_gain == pytest.approx(32 / 128)
    assert abs(mean - found.forward_gain) <= SIGMAS * error


def test_flax_keeps_its_kernels_in_these_shapes():
    from flax import nnx

    rngs = nnx.Rngs(0)
    pairs = [
        (Dense(inputs=5, outputs=7), nnx.Linear(5, 7, rngs=rngs).kernel),
        (Conv(inputs=4, outputs=6, groups=2), nnx.Conv(4, 6, (3, 3), feature_group_count=2, rngs=rngs).kernel),
        (DepthwiseConv(channels=4, multiplier=3), nnx.Conv(4, 12, (3, 3), feature_group_count=4, rngs=rngs).kernel),
        (ConvTranspose(inputs=4, outputs=6), nnx.ConvTranspose(4, 6, (4, 4), rngs=rngs).kernel),
        (ConvTranspose(inputs=4, outputs=6, transpose_kernel=True),
         nnx.ConvTranspose(4, 6, (4, 4), transpose_kernel=True, rngs=rngs).kernel),
        (Embedding(tokens=9, features=5), nnx.Embed(9, 5, rngs=rngs).embedding),
    ]  # fmt: skip
    attention = nnx.MultiHeadAttention(4, 12, rngs=rngs, decode=False)
    grouped = nnx.MultiHeadAttention(4, 12, num_kv_heads=2, rngs=rngs, decode=False)
    pairs += [
        (AttentionProjection(embed=12, heads=4, head_dim=3), attention.query.kernel),
        (GroupedQueryAttention(embed=12, heads=4, kv_heads=2, head_dim=3), grouped.value.kernel),
        (AttentionOutput(heads=4, head_dim=3, embed=12), attention.out.kernel),
    ]
    for layer, kernel in pairs:
        assert layer.kernel == kernel.shape, layer


def test_a_scale_is_kept_in_the_corrected_call():
    asked = variance_scaling(1.5, "fan_out", "normal")
    assert advise(asked, Experts()).corrected == (
        "variance_scaling(scale=1.5, mode='fan_out', distribution='normal', batch_axis=0)"
    )


def test_keras_counts_a_batch_letter_as_outputs_and_takes_no_letter_of_the_kernel_alone():
    rules = {r.framework: r for r in advise(lecun_normal(), Einsum(equation="bei,eio->beo", sizes="e=3,i=5,o=7")).rules}
    assert (rules["Keras"].shape, rules["Keras"].fan_in, rules["Keras"].fan_out) == ((3, 5, 7), 5, 21)
    alone = {r.framework: r for r in advise(lecun_normal(), Einsum(equation="bi,ios->bo", sizes="i=5,o=7,s=2")).rules}
    assert alone["Keras"].shape is None


IN_FLAX = [
    (AttentionProjection(embed=24, heads=4, head_dim=6), he_normal(), "he_normal()"),
    (AttentionProjection(embed=24, heads=4, head_dim=6), he_normal(in_axis=0, out_axis=(1, 2)), "he_normal()"),
    (GroupedQueryAttention(embed=24, heads=4, kv_heads=2, head_dim=6), he_normal(), "he_normal()"),
    (AttentionOutput(heads=4, head_dim=6, embed=24), glorot_uniform(), "glorot_uniform()"),
    (Experts(experts=3, inputs=20, outputs=30), lecun_normal(),
     "variance_scaling(scale=3.0, mode='fan_in', distribution='truncated_normal')"),
    (Stack(depth=3, inputs=20, outputs=30), he_normal(batch_axis=0), "he_normal()"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "initializer", "call"), IN_FLAX, ids=repr)
def test_what_flax_takes_is_said_and_gives_the_intended_variance_there(layer, initializer, call):
    from flax import nnx

    found, rngs = advise(initializer, layer), nnx.Rngs(0)
    assert (found.in_flax, found.flax_argument.partition(", which gets")[2]) == (
        call, f" the shape {layer.layouts().flax}:"
    )  # fmt: skip
    init, off = built(found.in_flax), ours.zeros
    attention = partial(nnx.MultiHeadAttention, 4, 24, rngs=rngs, decode=False)
    made = {
        "AttentionProjection": lambda: attention(kernel_init=init, out_kernel_init=off).query,
        "GroupedQueryAttention": lambda: attention(num_kv_heads=2, kernel_init=init, out_kernel_init=off).key,
        "AttentionOutput": lambda: attention(kernel_init=off, out_kernel_init=init).out,
        "Experts": lambda: nnx.LinearGeneral(20, 30, batch_axis={0: 3}, kernel_init=init, rngs=rngs),
        "Stack": lambda: nnx.split_rngs(splits=3)(
            nnx.vmap(lambda rngs: nnx.Linear(20, 30, kernel_init=init, rngs=rngs))
        )(rngs),
    }[type(layer).__name__]()
    weights = np.asarray(made.kernel[...], np.float64)
    assert weights.shape == layer.kernel
    expected = (initializer.scale / found.intended) ** 0.5
    assert weights.std() == pytest.approx(expected, rel=SIGMAS / (2 * weights.size) ** 0.5)


def test_a_layer_that_passes_its_own_kernel_needs_no_other_call():
    assert advise(he_normal(), Dense()).in_flax == advise(he_normal(), AttentionProjection(fused=True)).in_flax == ""
    assert advise(orthogonal(), AttentionProjection()).in_flax == ""


def test_the_variance_of_orthogonal_weights_follows_the_longer_side():
    said = advise(orthogonal(), Conv()).verdict
    assert said.startswith("The variance is scale² / 576, the longer side of the 576 × 128 matrix. One output sums 576")
    said = advise(delta_orthogonal(), Conv()).verdict
    assert said.startswith(
        "The variance at its tap is scale² / 128, the longer side of the 64 × 128 matrix. One output"
    )
