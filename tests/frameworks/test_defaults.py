"""Every row of the table of defaults: what the framework's own layer draws has the law of the call here."""

import flax.nnx as nnx
import jax.numpy as jnp
import numpy as np
import pytest
from laws import same_law

from initviz.layers.defaults import DEFAULTS, EXAMPLE


def flax_defaults():
    rngs = nnx.Rngs(0)
    attention = nnx.MultiHeadAttention(4, 64, rngs=rngs, decode=False)
    lstm, gru = nnx.LSTMCell(40, 32, rngs=rngs), nnx.GRUCell(40, 32, rngs=rngs)
    return {
        "Linear": [nnx.Linear(200, 150, rngs=rngs).kernel, nnx.Conv(24, 32, (3, 3), rngs=rngs).kernel,
                   nnx.ConvTranspose(24, 32, (3, 3), rngs=rngs).kernel,
                   nnx.Einsum("btd,dhk->bthk", (64, 4, 16), rngs=rngs).kernel, lstm.ii.kernel, gru.dense_i.kernel],
        "MultiHeadAttention, LinearGeneral: query": [attention.query.kernel,
                                                     nnx.LinearGeneral(64, (4, 16), rngs=rngs).kernel],
        "MultiHeadAttention, LinearGeneral: output": [attention.out.kernel],
        "Embed": [nnx.Embed(300, 64, rngs=rngs).embedding],
        "LSTMCell, GRUCell: recurrent": [lstm.hi.kernel, lstm.hf.kernel, gru.dense_h.kernel],
        "every bias": [nnx.Linear(200, 150, rngs=rngs).bias, lstm.hf.bias, attention.out.bias],
    }  # fmt: skip


def torch_defaults(torch):
    nn = torch.nn
    attention, each = nn.MultiheadAttention(64, 4), nn.MultiheadAttention(64, 4, kdim=48)
    outputs_first = nn.Conv1d(64, 4096, 4)  # fan_in 256
    recurrent = {kind: getattr(nn, kind)(60, 45) for kind in ("LSTM", "GRU", "RNN")}
    return {
        "Linear, Conv1d, Conv2d, Conv3d": [nn.Linear(200, 150).weight.T, outputs_first.weight.permute(2, 1, 0)],
        "Linear, Conv1d, Conv2d, Conv3d: bias": [nn.Linear(EXAMPLE, 4096).bias, outputs_first.bias],
        "ConvTranspose1d": [nn.ConvTranspose1d(24, 32, 5).weight.permute(2, 0, 1)],
        "MultiheadAttention: query": [attention.in_proj_weight[:64].reshape(4, 16, 64).permute(2, 0, 1)],
        "MultiheadAttention with kdim": [each.k_proj_weight.reshape(4, 16, 48).permute(2, 0, 1)],
        "MultiheadAttention: out_proj": [attention.out_proj.weight.T.reshape(4, 16, 64)],
        "MultiheadAttention: biases": [attention.in_proj_bias, attention.out_proj.bias],
        **{f"{kind}: weights": [made.weight_ih_l0.T, made.weight_hh_l0.T] for kind, made in recurrent.items()},
        **{f"{kind}: biases": [made.bias_ih_l0, made.bias_hh_l0] for kind, made in recurrent.items()},
        "Embedding": [nn.Embedding(100, 40).weight],
    }


def built(layer, *shape):
    layer.build(shape)
    return layer


def keras_defaults(keras):
    layers = keras.layers
    dense, lstm = built(layers.Dense(150), None, 200), built(layers.LSTM(45), None, 5, 60)
    gru = built(layers.GRU(45), None, 5, 60)
    attention = layers.MultiHeadAttention(4, 16)
    attention.build((None, 5, 64), (None, 5, 64))
    depthwise = built(layers.DepthwiseConv2D(3), None, 9, 9, 200).kernel
    transposed = built(layers.Conv2DTranspose(32, 3), None, 9, 9, 24).kernel
    return {
        "Dense": [dense.kernel, built(layers.Conv2D(32, 3), None, 9, 9, 24).kernel, lstm.cell.kernel, gru.cell.kernel,
                  np.swapaxes(np.asarray(transposed), -1, -2)],
        "DepthwiseConv2D": [np.asarray(depthwise).reshape(3, 3, 1, 200)],
        "MultiHeadAttention, EinsumDense: query": [attention.query_dense.kernel,
                                                   built(layers.EinsumDense("btd,dhk->bthk", (None, 4, 16)),
                                                         None, 5, 64).kernel],
        "MultiHeadAttention: output": [attention.output_dense.kernel],
        "Embedding": [built(layers.Embedding(100, 40), None, 5).embeddings],
        "LSTM, GRU: recurrent": [lstm.cell.recurrent_kernel, gru.cell.recurrent_kernel],
        "LSTM: bias": [np.asarray(lstm.cell.bias).reshape(4, 45)],
        "every other bias": [dense.bias, gru.cell.bias, attention.query_dense.bias],
    }  # fmt: skip


def as_array(weights):
    """The numbers of a parameter of any of them."""
    if hasattr(weights, "detach"):
        weights = weights.detach().cpu().numpy()
    if isinstance(weights, nnx.Variable):
        weights = jnp.asarray(weights[...])
    return np.asarray(weights, np.float64)


@pytest.mark.parametrize("framework", ["flax", "PyTorch", "Keras"])
def test_layers_draw_their_default(framework, request):
    drawn = {
        "flax": lambda: flax_defaults(),
        "PyTorch": lambda: torch_defaults(request.getfixturevalue("torch")),
        "Keras": lambda: keras_defaults(request.getfixturevalue("keras")),
    }[framework]()
    rows = [default for default in DEFAULTS if default.framework == framework]
    assert len(rows) == len(drawn)
    for default, (layer, weights) in zip(rows, sorted_like(rows, drawn), strict=True):
        for each in map(as_array, weights):
            assert same_law(each, default.call().plan(each.shape)), (default, layer, each.std())


def sorted_like(rows, drawn):
    """What was drawn, in the order of the rows, each of which begins with its name."""
    for row in rows:
        name = max((name for name in drawn if row.layer.startswith(name)), key=len)
        yield name, drawn.pop(name)
