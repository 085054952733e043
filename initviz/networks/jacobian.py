"""The singular values of the input–output Jacobian of a network that is drawn."""

import jax
import numpy as np

from initviz.engine.passes import jacobian
from initviz.matrices.svd import singular_values
from initviz.networks.drawing import drawn, kind_of
from initviz.networks.network import Network, whole
from initviz.wording import quoted

WIDEST = 512
"""Beyond it the singular values alone take a second and more."""


def jacobian_values(network: Network, seed: int = 0) -> np.ndarray:
    """Singular values of the Jacobian of what leaves a network at its first input, descending, (width,), in float64.

    By what factors a small change of the input comes out in as many directions: all equal where the network is an
    isometry. Of the weights that `measure` draws for this seed, in double precision, so that values are right down to
    1e-15 of the largest.

    >>> from initviz.initializers import orthogonal
    >>> jacobian_values(Network(orthogonal(2.0), depth=3, width=16, activation="linear")).round(5)[[0, -1]]
    array([8., 8.])

    Raises:
        ValueError: the network is wider than 512 or convolutional, or its signals are not finite; with the fix.
    """
    if network.width > WIDEST:
        raise ValueError(
            f"the Jacobian is computed up to a width of {WIDEST}, got {network.width}. Use width={WIDEST}."
        )
    if network.padding:
        raise ValueError(f"the Jacobian is computed of dense layers, got {quoted(network.kind)}. Use kind='dense'.")
    whole("seed", seed, 0, 2**32 - 1)
    kind, numbers = kind_of(network)
    layers, inputs, _ = drawn(network, seed)
    with jax.enable_x64(True):
        found = np.asarray(jacobian(kind, layers, inputs[0].astype(np.float64), numbers))
    if not np.isfinite(found).all():
        raise ValueError(
            f"the Jacobian must be finite, got NaN or infinity in {network.initializer} and {network.activation}. "
            "Take smaller weights, or fewer layers."
        )
    return singular_values(found)
