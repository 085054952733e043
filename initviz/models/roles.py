"""What each tensor of a model is for, and the fans that follow: said by the module that holds it, or by its name.

`Role.known_by` says which: what a name does not tell, `rules` assumes.
"""

from collections.abc import Sequence
from dataclasses import replace

from initviz.fans.by_operation import Contraction
from initviz.models.names import slashed
from initviz.models.rules import named_role
from initviz.models.siblings import siblings
from initviz.models.tensor import Role, Tensor

KINDS = {
    "Dense": "a matrix, or its axes split",
    "Conv": "a convolution, of groups too",
    "DepthwiseConv": "a convolution of every channel by itself",
    "ConvTranspose": "a transposed convolution",
    "AttentionProjection": "queries, keys, values or all of them, of any number of heads",
    "AttentionOutput": "the projection that merges the heads",
    "Experts": "dense layers side by side",
    "Embedding": "rows that tokens or positions pick, or that stand before others",
    "Einsum": "any other sum of products",
    "Recurrent": "what a recurrent cell multiplies its hidden state by, all gates in one or each by itself",
    "LoRA a": "the first matrix of a low-rank update",
    "LoRA b": "the second one, which starts at zero",
    "norm scale": "factors of a normalization",
    "norm bias": "offsets of a normalization",
    "bias": "offsets of any other layer",
    "layer scale": "factors of a branch",
    "slope": "slopes of an activation",
    "state": "running statistics, masks, counters: never judged",
    "other": "what no name and no shape tells",
}
"""Every kind of tensor, and what it is."""


def roles_of(tensors: Sequence[Tensor]) -> tuple[Role, ...]:
    """What each tensor of one model is for. Names of paths may stand between dots, too, as files have them."""
    plain = [replace(tensor, path=slashed(tensor.path)) for tensor in tensors]
    known = siblings(plain)
    return tuple(tensor.role or named_role(tensor, known) for tensor in plain)


def role_of(tensor: Tensor, others: Sequence[Tensor] = ()) -> Role:
    """What a tensor is for, by its holder, or else by its name and shape and those of the others of its model.

    >>> import numpy as np
    >>> role_of(Tensor("h/0/mlp/c_fc/weight", (768, 3072), np.dtype("float32"), None)).in_axes
    (1,)
    >>> bias = Tensor("h/0/mlp/c_fc/bias", (3072,), np.dtype("float32"), None)
    >>> role_of(Tensor("h/0/mlp/c_fc/weight", (768, 3072), np.dtype("float32"), None), [bias]).in_axes
    (0,)
    """
    return tensor.role or roles_of([tensor, *(each for each in others if each is not tensor)])[0]


def contraction(tensor: Tensor, role: Role) -> Contraction:
    """What the layer sums with it, so that `fan_in` and `fan_out` are the true ones."""
    named = {axis: name for name in ("in", "out", "batch") for axis in getattr(role, f"{name}_axes")}
    axes = tuple(named.get(axis, "field") for axis in range(len(tensor.shape)))
    return Contraction(tensor.shape, axes, role.forward, role.backward)
