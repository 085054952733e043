"""Roles that modules of flax.nnx tell: their fans are what the module itself sums, counted with weights of one."""

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from initviz.models.holders import HOLDERS, known_as
from initviz.models.roles import KINDS, contraction, roles_of
from initviz.models.tensor import BY_MODULE
from initviz.models.trees import tensors_of

RNGS = nnx.Rngs(0)
CIRCULAR = {"padding": "CIRCULAR", "rngs": RNGS}
ATTENTION = nnx.MultiHeadAttention(8, 24, num_kv_heads=2, decode=False, rngs=RNGS)
GATES = nnx.OptimizedLSTMCell(6, 5, rngs=RNGS)

CASES = {
    "linear": (nnx.Linear(6, 10, rngs=RNGS), (2, 6), "Dense", (6, 10)),
    "general": (nnx.LinearGeneral((3, 4), (5, 2), axis=(-2, -1), rngs=RNGS), (2, 3, 4), "Dense", (12, 10)),
    "copies": (nnx.LinearGeneral(6, (5, 2), batch_axis={0: 4}, rngs=RNGS), (4, 6), "Dense", (6, 10)),
    "attention/query": (ATTENTION, (2, 7, 24), "AttentionProjection", (24, 24)),
    "attention/key": (ATTENTION, (2, 7, 24), "AttentionProjection", (24, 6)),
    "attention/out": (ATTENTION, (2, 7, 8, 3), "AttentionOutput", (24, 24)),
    "einsum": (nnx.Einsum("btd,dhk->bthk", (6, 5, 2), rngs=RNGS), (2, 3, 6), "Einsum", (6, 10)),
    "experts": (nnx.Einsum("ebi,eio->ebo", (4, 6, 10), rngs=RNGS), (4, 3, 6), "Einsum", (6, 10)),
    "conv": (nnx.Conv(6, 10, (3, 5), **CIRCULAR), (1, 16, 16, 6), "Conv", (90, 150)),
    "stride": (nnx.Conv(6, 10, (3, 3), strides=2, **CIRCULAR), (1, 16, 16, 6), "Conv", (54, 22.5)),
    "grouped": (nnx.Conv(6, 10, (3,), feature_group_count=2, **CIRCULAR), (1, 16, 6), "Conv", (9, 15)),
    "depthwise": (nnx.Conv(6, 12, (3, 3), feature_group_count=6, **CIRCULAR), (1, 16, 16, 6), "DepthwiseConv",
                  (9, 18)),
    "transposed": (nnx.ConvTranspose(6, 10, (4, 4), strides=2, **CIRCULAR), (1, 8, 8, 6), "ConvTranspose", (24, 160)),
    "gradient": (nnx.ConvTranspose(6, 10, (3,), strides=(2,), transpose_kernel=True, **CIRCULAR), (1, 8, 6),
                 "ConvTranspose", (9, 30)),
    "cell/dense_i": (GATES, (2, 6), "Dense", (6, 20)),
    "cell/dense_h": (GATES, (2, 5), "Recurrent", (5, 20)),
}  # fmt: skip
"""Name and attribute: a module, the shape of its inputs, the kind of its kernel, and its fans."""


@pytest.mark.parametrize("name", CASES)
def test_fans_are_what_the_module_sums(name):
    root, inputs, kind, fans = CASES[name]
    first, *attributes = name.split("/")
    [tensor] = [each for each in tensors_of({first: root}) if each.path == f"{name}/kernel"]
    assert (tensor.role.kind, tensor.role.known_by) == (kind, BY_MODULE)
    found = contraction(tensor, tensor.role)
    assert (found.fan_in, found.fan_out) == fans
    module = getattr(root, attributes[0]) if attributes else root
    module.kernel[...] = jnp.ones_like(module.kernel[...])
    y, pull = jax.vjp(module, jnp.ones(inputs))
    (fed,) = pull(jnp.ones_like(y))
    assert (float(y.mean()), float(fed.mean())) == pytest.approx(fans)


@nnx.vmap(in_axes=0)
def side_by_side(rngs):
    return nnx.Sequential(nnx.Linear(6, 10, rngs=rngs), nnx.LayerNorm(10, rngs=rngs), nnx.Conv(4, 8, (3,), rngs=rngs))


def test_modules_under_vmap_are_copies():
    tensors = {each.path: each for each in tensors_of(side_by_side(nnx.Rngs(0).split(4)))}
    linear, conv = tensors["layers/0/kernel"], tensors["layers/2/kernel"]
    assert (linear.shape, linear.role.in_axes, linear.role.batch_axes) == ((4, 6, 10), (1,), (0,))
    assert (conv.shape, conv.role.in_axes, conv.role.batch_axes) == ((4, 3, 4, 8), (2,), (0,))
    assert [contraction(each, each.role).fan_in for each in (linear, conv)] == [6, 12]


def test_a_row_of_an_embedding_is_picked_and_not_summed():
    [tensor] = tensors_of(nnx.Embed(20, 6, rngs=RNGS))
    found = contraction(tensor, tensor.role)
    assert (tensor.role.kind, found.fan_in, found.fan_out) == ("Embedding", 1, 6)


def test_vectors_and_what_lies_beside_are_named():
    class Own(nnx.Linear):
        """A class of the user's."""

    model = {
        "norm": nnx.BatchNorm(4, rngs=RNGS), "rms": nnx.RMSNorm(4, rngs=RNGS), "prelu": nnx.PReLU(),
        "lora": nnx.LoRALinear(6, 10, lora_rank=2, rngs=RNGS), "own": Own(2, 2, rngs=RNGS),
    }  # fmt: skip
    tensors = {each.path: each for each in tensors_of(model)}
    assert {path: each.role.kind for path, each in tensors.items()} == {
        "norm/scale": "norm scale", "norm/bias": "norm bias", "rms/scale": "norm scale",
        "prelu/negative_slope": "slope",
        "lora/kernel": "Dense", "lora/bias": "bias", "lora/lora/lora_a": "LoRA a", "lora/lora/lora_b": "LoRA b",
        "own/kernel": "Dense", "own/bias": "bias",
    }  # fmt: skip
    assert tensors["norm/scale"].holder == "flax.nnx.BatchNorm"
    assert tensors["own/kernel"].holder == f"{__name__}.{Own.__qualname__}"


def test_the_table_has_classes_that_there_are_and_kinds_that_are_known():
    for name in HOLDERS:
        if name.startswith("flax.nnx."):
            assert known_as(getattr(nnx, name.removeprefix("flax.nnx."))) == name
    assert {role.kind for role in roles_of(tensors_of([case[0] for case in CASES.values()]))} <= set(KINDS)
