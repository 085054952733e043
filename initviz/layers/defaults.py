"""What layers of flax, PyTorch and Keras draw by default, as calls here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from initviz.initializers import (
    THEMSELVES,
    Initializer,
    constant,
    glorot_uniform,
    lecun_normal,
    normal,
    orthogonal,
    variance_scaling,
    zeros_init,
)


@dataclass(frozen=True)
class Default:
    """What a framework's layer does when nobody says otherwise, and the call here that gives the same law."""

    framework: str
    layer: str
    rule: str
    call: Callable[[], Initializer]

    @property
    def code(self) -> str:
        """The call; `zeros` is one already."""
        made = self.call()
        return made.function if made.function in THEMSELVES else repr(made)


EXAMPLE = 256
"""The fan of a layer whose bias is shown: the bias's own shape does not tell it."""
_third = partial(variance_scaling, 1 / 3, distribution="uniform")
_query = partial(glorot_uniform, in_axis=0, out_axis=(1, 2))
_flat = partial(variance_scaling, mode="fan_in", distribution="uniform", in_axis=(), out_axis=())


def _recurrent(gates: int, **axes):
    """Uniform on ±1/√hidden for weights of which one side is gates · hidden."""
    return partial(variance_scaling, gates / 3, "fan_out", "uniform", **axes)


_bias = {"in_axis": (), "out_axis": 0}
DEFAULTS = (
    Default("flax", "Linear, Conv, ConvTranspose, Einsum; LSTMCell, GRUCell: input kernels", "lecun_normal",
            lecun_normal),
    Default("flax", "MultiHeadAttention, LinearGeneral: query, key, value", "lecun_normal on (embed, heads · head_dim)",
            partial(lecun_normal, in_axis=0, out_axis=(1, 2))),
    Default("flax", "MultiHeadAttention, LinearGeneral: output", "lecun_normal on (heads · head_dim, embed)",
            partial(lecun_normal, in_axis=(0, 1))),
    Default("flax", "Embed", "variance_scaling, fan_in = features",
            partial(variance_scaling, 1.0, "fan_in", "normal", out_axis=0)),
    Default("flax", "LSTMCell, GRUCell: recurrent kernels", "orthogonal", orthogonal),
    Default("flax", "every bias", "zeros", zeros_init),
    Default("PyTorch", "Linear, Conv1d, Conv2d, Conv3d", "uniform on ±1/√fan_in (kaiming_uniform_, a = √5)",
            partial(_third, mode="fan_in")),
    Default("PyTorch", "Linear, Conv1d, Conv2d, Conv3d: bias",
            "uniform on ±1/√fan_in of the weights, which the shape of a bias does not tell: the scale is 1/(3 fan_in), "
            f"here for fan_in = {EXAMPLE}",
            partial(_flat, 1 / (3 * EXAMPLE), batch_axis=0)),
    Default("PyTorch", "ConvTranspose1d, 2d, 3d", "the same, with fan_in counted over the outputs; the bias too",
            partial(_third, mode="fan_out")),
    Default("PyTorch", "MultiheadAttention: query, key, value",
            "xavier_uniform_ on all three, (3 · embed, embed); here each by itself",
            partial(variance_scaling, 0.5, "fan_avg", "uniform", in_axis=0, out_axis=(1, 2))),
    Default("PyTorch", "MultiheadAttention with kdim or vdim: query, key, value", "xavier_uniform_ on each", _query),
    Default("PyTorch", "MultiheadAttention: out_proj", "that of Linear: uniform on ±1/√fan_in, not xavier",
            partial(_third, mode="fan_in", in_axis=(0, 1))),
    Default("PyTorch", "MultiheadAttention: biases of the projections", "zeros", zeros_init),
    Default("PyTorch", "LSTM: weights", "uniform on ±1/√hidden, both (inputs, 4 · hidden) and (hidden, 4 · hidden)",
            _recurrent(4)),
    Default("PyTorch", "LSTM: biases", "the same; hidden is a quarter of a bias", _recurrent(4, **_bias)),
    Default("PyTorch", "GRU: weights", "uniform on ±1/√hidden, both (inputs, 3 · hidden) and (hidden, 3 · hidden)",
            _recurrent(3)),
    Default("PyTorch", "GRU: biases", "the same; hidden is a third of a bias", _recurrent(3, **_bias)),
    Default("PyTorch", "RNN: weights", "uniform on ±1/√hidden, both (inputs, hidden) and (hidden, hidden)",
            _recurrent(1)),
    Default("PyTorch", "RNN: biases", "the same", _recurrent(1, **_bias)),
    Default("PyTorch", "Embedding", "normal_", partial(normal, 1.0)),
    Default("Keras", "Dense, Conv1D, Conv2D, Conv3D, Conv2DTranspose; LSTM, GRU: kernel", "GlorotUniform",
            glorot_uniform),
    Default("Keras", "DepthwiseConv2D with depth_multiplier 1", "GlorotUniform on (rows, columns, channels, 1)",
            glorot_uniform),
    Default("Keras", "MultiHeadAttention, EinsumDense: query, key, value", "GlorotUniform by the equation (3.15)",
            _query),
    Default("Keras", "MultiHeadAttention: output", "GlorotUniform by the equation (3.15)",
            partial(glorot_uniform, in_axis=(0, 1))),
    Default("Keras", "Embedding", "RandomUniform on ±0.05", partial(_flat, 0.05**2 / 3, batch_axis=(0, 1))),
    Default("Keras", "LSTM, GRU: recurrent kernel", "Orthogonal", orthogonal),
    Default("Keras", "LSTM: bias", "zeros, but ones for the forget gate (unit_forget_bias); here as (4, hidden)",
            partial(constant, [[0.0], [1.0], [0.0], [0.0]])),
    Default("Keras", "every other bias", "zeros", zeros_init),
)  # fmt: skip
"""Defaults of weights and biases, whose shapes are those here: inputs before outputs."""
