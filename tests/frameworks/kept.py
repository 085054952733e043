"""The weights of real layers of flax, PyTorch and Keras, and the same weights in the order that they have here."""

import flax.nnx as nnx
import jax
import jax.numpy as jnp
import numpy as np

from initviz.layers import (
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
    RawShape,
    Stack,
)

LAYERS = [  # few shapes: jax compiles each
    Dense(inputs=60, outputs=35), Dense(inputs=35, outputs=60), Dense(inputs=40, outputs=1),
    Conv(kernel_size=(5,), inputs=12, outputs=20), Conv(kernel_size=(3, 2), inputs=24, outputs=20, groups=2),
    Conv(kernel_size=(2, 3, 2), inputs=8, outputs=10),
    DepthwiseConv(kernel_size=(3, 2), channels=120), DepthwiseConv(kernel_size=(3, 2), channels=40, multiplier=3),
    ConvTranspose(kernel_size=(3, 2), inputs=12, outputs=20),
    ConvTranspose(kernel_size=(3, 2), inputs=12, outputs=20, transpose_kernel=True),
    AttentionProjection(embed=24, heads=4, head_dim=6), AttentionProjection(embed=24, heads=4, head_dim=6, fused=True),
    GroupedQueryAttention(embed=24, heads=4, kv_heads=2, head_dim=6),
    GroupedQueryAttention(embed=24, heads=4, kv_heads=1, head_dim=6, fused=True),
    AttentionOutput(heads=4, head_dim=6, embed=24), Experts(experts=3, inputs=20, outputs=30),
    Stack(depth=3, inputs=20, outputs=30), Embedding(tokens=60, features=35),
    Einsum(equation="btd,dhk->bthk", sizes="d=24, h=4, k=6"),
    Einsum(equation="bei,eio->beo", sizes="e=3, i=20, o=30"), RawShape(shape=(60, 35)), RawShape(shape=(3, 2, 12, 20)),
]  # fmt: skip


def flax_weights(layer, init) -> np.ndarray:
    """The kernel of flax's own layer, which has the order here already."""
    rngs, name = nnx.Rngs(0), type(layer).__name__
    if name == "Stack":
        make = nnx.vmap(lambda rngs: nnx.Linear(layer.inputs, layer.outputs, kernel_init=init, rngs=rngs))
        kernel = nnx.split_rngs(splits=layer.depth)(make)(rngs).kernel
    elif name == "Dense":
        kernel = nnx.Linear(layer.inputs, layer.outputs, kernel_init=init, rngs=rngs).kernel
    elif name == "Conv":
        kernel = nnx.Conv(layer.inputs, layer.outputs, layer.kernel_size, feature_group_count=layer.groups,
                          kernel_init=init, rngs=rngs).kernel  # fmt: skip
    elif name == "DepthwiseConv":
        kernel = nnx.Conv(layer.channels, layer.channels * layer.multiplier, layer.kernel_size,
                          feature_group_count=layer.channels, kernel_init=init, rngs=rngs).kernel  # fmt: skip
    elif name == "ConvTranspose":
        kernel = nnx.ConvTranspose(layer.inputs, layer.outputs, layer.kernel_size, kernel_init=init, rngs=rngs,
                                   transpose_kernel=layer.transpose_kernel).kernel  # fmt: skip
    elif name == "AttentionProjection" and not layer.fused:
        kernel = nnx.MultiHeadAttention(layer.heads, layer.embed, kernel_init=init, out_kernel_init=ZEROS,
                                        rngs=rngs, decode=False).query.kernel  # fmt: skip
    elif name == "GroupedQueryAttention" and not layer.fused:
        kernel = nnx.MultiHeadAttention(layer.heads, layer.embed, num_kv_heads=layer.kv_heads, kernel_init=init,
                                        out_kernel_init=ZEROS, rngs=rngs, decode=False).key.kernel  # fmt: skip
    elif name == "AttentionOutput":
        kernel = nnx.MultiHeadAttention(layer.heads, layer.embed, kernel_init=ZEROS, out_kernel_init=init,
                                        rngs=rngs, decode=False).out.kernel  # fmt: skip
    elif name == "Experts":
        kernel = nnx.LinearGeneral(layer.inputs, layer.outputs, batch_axis={0: layer.experts}, kernel_init=init,
                                   rngs=rngs).kernel  # fmt: skip
    elif name == "Embedding":
        kernel = nnx.Embed(layer.tokens, layer.features, embedding_init=init, rngs=rngs).embedding
    elif name == "Einsum":
        kernel = nnx.Einsum(layer.equation, layer.kernel, kernel_init=init, rngs=rngs).kernel
    else:
        return np.asarray(init(jax.random.key(0), layer.kernel, jnp.float32), np.float64)
    return np.asarray(kernel[...], np.float64)


def ZEROS(key, shape, dtype):  # noqa: N802 - in place of an initializer
    """No weights to speak of."""
    return jnp.zeros(shape, dtype)


def torch_weights(torch, layer, fill) -> np.ndarray:
    """The weight of PyTorch's own layer, filled, and turned into the order here."""
    nn, name = torch.nn, type(layer).__name__
    count = len(getattr(layer, "kernel_size", ()))
    if name == "Dense":
        weight, turned = nn.Linear(layer.inputs, layer.outputs).weight, lambda w: w.T
    elif name in ("Conv", "DepthwiseConv"):
        inputs = layer.inputs if name == "Conv" else layer.channels
        groups = layer.groups if name == "Conv" else layer.channels
        conv = getattr(nn, f"Conv{count}d")(inputs, layer.kernel[-1], layer.kernel_size, groups=groups)
        weight, turned = conv.weight, lambda w: w.transpose(*range(2, 2 + count), 1, 0)
    elif name == "ConvTranspose":
        conv = getattr(nn, f"ConvTranspose{count}d")(layer.inputs, layer.outputs, layer.kernel_size)
        ends = (1, 0) if layer.transpose_kernel else (0, 1)
        weight, turned = conv.weight, lambda w: w.transpose(*range(2, 2 + count), *ends)
    elif name == "AttentionProjection":
        attention, heads = nn.MultiheadAttention(layer.embed, layer.heads), (layer.heads, layer.head_dim)
        if layer.fused:
            weight = attention.in_proj_weight
            turned = lambda w: w.reshape(3, *heads, layer.embed).transpose(3, 0, 1, 2)  # noqa: E731
        else:
            attention = nn.MultiheadAttention(layer.embed, layer.heads, kdim=layer.embed + 1)
            weight = attention.q_proj_weight
            turned = lambda w: w.reshape(*heads, layer.embed).transpose(2, 0, 1)  # noqa: E731
    elif name == "GroupedQueryAttention":
        weight = nn.Linear(layer.embed, layer.kernel[1] * layer.head_dim).weight
        turned = lambda w: w.reshape(-1, layer.head_dim, layer.embed).transpose(2, 0, 1)  # noqa: E731
    elif name == "AttentionOutput":
        weight = nn.MultiheadAttention(layer.embed, layer.heads).out_proj.weight
        turned = lambda w: w.T.reshape(layer.kernel)  # noqa: E731
    elif name == "Experts":
        weight = torch.empty(layer.experts, layer.outputs, layer.inputs)
        turned = lambda w: w.transpose(0, 2, 1)  # noqa: E731
    elif name == "Stack":
        weights = [nn.Linear(layer.inputs, layer.outputs).weight for _ in range(layer.depth)]
        for weight in weights:
            fill(weight)
        return np.stack([weight.detach().numpy().T for weight in weights]).astype(np.float64)
    elif name == "Embedding":
        weight, turned = nn.Embedding(layer.tokens, layer.features).weight, lambda w: w
    elif name == "Einsum":
        weight, turned = torch.empty(layer.kernel), lambda w: w
    else:
        *taps, inputs, outputs = layer.kernel
        weight = torch.empty(outputs, inputs, *taps)
        turned = lambda w: w.transpose(*range(2, 2 + len(taps)), 1, 0)  # noqa: E731
    fill(weight)
    return np.asarray(turned(weight.detach().numpy()), np.float64)


def keras_weights(keras, layer, make) -> np.ndarray:
    """The kernel of Keras's own layer, turned into the order here."""
    layers, name, init = keras.layers, type(layer).__name__, make()
    count = len(getattr(layer, "kernel_size", ()))
    side = (9,) * count
    turned = lambda w: w  # noqa: E731
    if name == "Dense":
        made = layers.Dense(layer.outputs, kernel_initializer=init)
        made.build((None, layer.inputs))
    elif name == "Conv":
        made = getattr(layers, f"Conv{count}D")(layer.outputs, layer.kernel_size, groups=layer.groups,
                                                kernel_initializer=init)  # fmt: skip
        made.build((None, *side, layer.inputs))
    elif name == "DepthwiseConv":
        made = getattr(layers, f"DepthwiseConv{count}D")(layer.kernel_size, depth_multiplier=layer.multiplier,
                                                         depthwise_initializer=init)  # fmt: skip
        made.build((None, *side, layer.channels))
        turned = lambda w: w.reshape(layer.kernel)  # noqa: E731
    elif name == "ConvTranspose":
        made = getattr(layers, f"Conv{count}DTranspose")(layer.outputs, layer.kernel_size, kernel_initializer=init)
        made.build((None, *side, layer.inputs))
        turned = (lambda w: w) if layer.transpose_kernel else (lambda w: np.swapaxes(w, -1, -2))
    elif name == "AttentionProjection" and not layer.fused:
        made = layers.MultiHeadAttention(layer.heads, layer.head_dim, kernel_initializer=init)
        made.build((None, 5, layer.embed), (None, 5, layer.embed))
        made = made.query_dense
    elif name == "GroupedQueryAttention" and not layer.fused:
        made = layers.GroupQueryAttention(layer.head_dim, layer.heads, layer.kv_heads, kernel_initializer=init)
        made.build((None, 5, layer.embed), (None, 5, layer.embed))
        made = made._key_dense
    elif name == "AttentionOutput":
        made = layers.MultiHeadAttention(layer.heads, layer.head_dim, kernel_initializer=init)
        made.build((None, 5, layer.embed), (None, 5, layer.embed))
        made = made.output_dense
    elif name == "Stack":
        kernels = []
        for each in (init, *(make() for _ in range(layer.depth - 1))):
            made = layers.Dense(layer.outputs, kernel_initializer=each)
            made.build((None, layer.inputs))
            kernels.append(np.asarray(made.kernel, np.float64))
        return np.stack(kernels)
    elif name == "Embedding":
        made = layers.Embedding(layer.tokens, layer.features, embeddings_initializer=init)
        made.build((None, 3))
        return np.asarray(made.embeddings, np.float64)
    elif name == "Einsum":
        letters = dict(zip(layer.equation.split(",")[1].split("->")[0], layer.kernel, strict=True))
        inputs, output = layer.equation.split(",")[0], layer.equation.split("->")[1]
        made = layers.EinsumDense(layer.equation, tuple(letters.get(c) for c in output[1:]), kernel_initializer=init)
        made.build((None, *(letters.get(c, 5) for c in inputs[1:])))
    else:
        return np.asarray(init(layer.kernel), np.float64)
    return turned(np.asarray(made.kernel, np.float64))
