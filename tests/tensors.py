"""Tensors of models for tests: names and shapes by hand, weights where a test wants them."""

import numpy as np

from initviz.models.tensor import Role, Tensor

OUTPUTS_FIRST = Role("Dense", in_axes=(1,), out_axes=(0,))
INPUTS_FIRST = Role("Dense", in_axes=(0,), out_axes=(1,))
BIAS = Role("bias")


def tensor(path="h/0/mlp/kernel", shape=(4, 4), role=None, holder="", weights=None):
    """A tensor of zeros, or of these weights."""
    read = (lambda: np.zeros(shape, np.float32)) if weights is None else (lambda: weights)
    return Tensor(path, tuple(shape), np.dtype(np.float32), read, holder, role)
