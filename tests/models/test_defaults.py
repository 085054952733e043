"""Recipes of frameworks say what their layers draw: flax's on real layers, the others' by formulas of their code."""

import jax
import numpy as np
import pytest
from flax import nnx
from tensors import BIAS, INPUTS_FIRST, OUTPUTS_FIRST, tensor

import initviz
from initviz.models.fitting import fitting
from initviz.models.shipped import get_recipe
from initviz.models.tensor import Role

HEADS, MERGED = Role("AttentionProjection", (0,), (1, 2)), Role("AttentionOutput", (0, 1), (2,))
CONV, TRANSPOSED = Role("Conv", (2,), (3,)), Role("ConvTranspose", (2,), (3,))
ROWS, HIDDEN = Role("Embedding", (), (1,), (0,)), Role("Recurrent", (0,), (1,))
TORCH_CONV, TORCH_TRANSPOSED = Role("Conv", (1,), (0,)), Role("ConvTranspose", (0,), (1,))


def layers():
    """Layers of flax, and of each the role of its weights by the last name of their path."""
    rngs = nnx.Rngs(0)
    attention = dict.fromkeys(["query", "key", "value"], HEADS) | {"out": MERGED}
    yield nnx.Linear(96, 64, rngs=rngs), {"kernel": INPUTS_FIRST}
    yield nnx.Conv(16, 32, (3, 3), rngs=rngs), {"kernel": CONV}
    yield nnx.Conv(32, 32, (5, 5), feature_group_count=32, rngs=rngs), {"kernel": Role("DepthwiseConv", (), (3,), (2,))}
    yield nnx.ConvTranspose(16, 32, (3, 3), rngs=rngs), {"kernel": TRANSPOSED}
    yield nnx.Embed(100, 48, rngs=rngs), {"embedding": ROWS}
    yield nnx.MultiHeadAttention(4, 64, rngs=rngs, decode=False), attention
    yield nnx.LayerNorm(32, rngs=rngs), {"scale": Role("norm scale"), "bias": Role("norm bias")}
    yield nnx.LoRA(64, 4, 64, rngs=rngs), {"lora_a": Role("LoRA a", (0,), (1,)), "lora_b": Role("LoRA b", (0,), (1,))}
    yield nnx.OptimizedLSTMCell(24, 32, rngs=rngs), {"dense_i": INPUTS_FIRST, "dense_h": HIDDEN}


@pytest.mark.parametrize(("layer", "roles"), list(layers()), ids=lambda each: type(each).__name__)
def test_layers_of_flax_are_drawn_as_the_recipe_says(layer, roles):
    tensors = []
    for path, value in nnx.to_flat_state(nnx.state(layer, nnx.Param)):
        name = path[-1] if path[-1] in (*roles, "bias") else path[0]
        role = roles.get(name) or roles.get(path[0], BIAS) if path[-1] != "bias" or "bias" in roles else BIAS
        weights = np.asarray(value[...])
        tensors.append(tensor("/".join(map(str, path)), weights.shape, role, weights=weights))
    assert fitting(get_recipe("flax"), tensors), str(fitting(get_recipe("flax"), tensors))
    for each in tensors:
        made = get_recipe("flax").laws(tensors)[each.path]
        assert initviz.check(each.read(), made), (each.path, made)
        if np.any(each.read()) and "norm" not in each.role.kind:
            assert not initviz.check(1.5 * each.read(), made)


NORM, STATE, DEPTHWISE = Role("norm scale"), Role("state"), Role("DepthwiseConv", (), (3,), (2,))
CELL, CUT = Role("Recurrent", (1,), (0,)), 0.8796256610342398
ZERO, ONE = "zeros()", "ones()"
FORMULAS = [
    ("torch", {"l.weight": ((20, 75), OUTPUTS_FIRST, 225**-0.5), "l.bias": ((20,), BIAS, 225**-0.5)}),
    ("torch", {"c.weight": ((20, 3, 5, 5), TORCH_CONV, 225**-0.5), "c.bias": ((20,), BIAS, 225**-0.5)}),
    ("torch", {"t.weight": ((20, 3, 5, 5), TORCH_TRANSPOSED, 225**-0.5), "t.bias": ((3,), BIAS, 225**-0.5)}),
    ("torch", {"l.weight_ih_l0": ((32, 5), OUTPUTS_FIRST, 24**-0.5), "l.weight_hh_l0": ((32, 8), CELL, 24**-0.5),
               "l.bias_ih_l0": ((32,), BIAS, 24**-0.5), "l.bias_hh_l0": ((32,), BIAS, 24**-0.5)}),
    ("torch", {"e.weight": ((10, 6), ROWS, 1.0)}),
    ("torch", {"self_attn.in_proj_weight": ((48, 16), OUTPUTS_FIRST, 32**-0.5),
               "self_attn.in_proj_bias": ((48,), BIAS, ZERO),
               "self_attn.out_proj.weight": ((16, 16), OUTPUTS_FIRST, 48**-0.5),
               "self_attn.out_proj.bias": ((16,), BIAS, ZERO)}),
    ("torch", {"n.weight": ((6,), NORM, ONE), "n.running_mean": ((6,), STATE, None)}),
    ("equinox", {"c/weight": ((20, 3, 5, 5), TORCH_CONV, 225**-0.5), "c/bias": ((20, 1, 1), BIAS, 225**-0.5)}),
    ("equinox", {"cell/weight_ih": ((24, 5), OUTPUTS_FIRST, 24**-0.5), "cell/weight_hh": ((24, 8), CELL, 24**-0.5),
                 "cell/bias": ((24,), BIAS, 24**-0.5), "cell/bias_n": ((8,), BIAS, 24**-0.5)}),
    ("keras", {"dense/kernel": ((10, 20), INPUTS_FIRST, 15**-0.5), "dense/bias": ((20,), BIAS, ZERO)}),
    ("keras", {"query/kernel": ((12, 2, 4), HEADS, 0.1**0.5), "output/kernel": ((2, 4, 12), MERGED, 0.1**0.5)}),
    ("keras", {"depthwise/kernel": ((3, 3, 8, 2), DEPTHWISE, 45**-0.5)}),
    ("keras", {"embedding/embeddings": ((10, 6), ROWS, 0.05 / 3**0.5), "lstm/lstm_cell/bias": ((24,), BIAS, None)}),
    ("haiku", {"linear/w": ((64, 20), INPUTS_FIRST, CUT / 8), "linear/b": ((20,), BIAS, ZERO)}),
    ("haiku", {"conv2_d/w": ((3, 3, 4, 8), CONV, CUT / 6), "gru/w_h": ((16, 48), HIDDEN, 0.25)}),
    ("haiku", {"embed/embeddings": ((10, 6), ROWS, CUT)}),
]  # fmt: skip


@pytest.mark.slow(keeps=9)
@pytest.mark.parametrize(("name", "expected"), FORMULAS, ids=lambda each: each if isinstance(each, str) else min(each))
def test_layers_of_others_have_the_scales_of_their_code(name, expected):
    laws = get_recipe(name).laws([tensor(path, shape, role) for path, (shape, role, _) in expected.items()])
    for path, (shape, _, wanted) in expected.items():
        if isinstance(wanted, float):
            assert laws[path].plan(shape)["std"] == pytest.approx(wanted, rel=1e-6), path
            assert initviz.check(laws[path](jax.random.key(1), shape), laws[path])
        else:
            assert wanted == (laws[path] and repr(laws[path])), path
