"""The singular values of the input–output Jacobian of a network that is drawn."""

import jax
import numpy as np

from initviz.engine.passes import jacobian
from initviz.matrices.svd import singular_values
from initviz.networks.drawing import drawn, kind_of
from initviz.networks.network import Network, whole

MOST_UNITS, MOST_CHANNELS = 512, 16
"""Beyond 512 units the singular values alone take a second and more; 16 channels on 8 × 8 positions are 1,024."""


def jacobian_values(network: Network, seed: int = 0) -> np.ndarray:
    """Singular values of the Jacobian of what leaves a network at its first input, descending, in float64.

    As many as there are units, of convolutions at all positions.

    By what factors a small change of the input comes out in as many directions: all equal where the network is an
    isometry. Of the weights that `measure` draws for this seed, in double precision, so that values are right down to
    1e-15 of the largest.

    >>> from initviz.initializers import orthogonal
    >>> jacobian_values(Network(orthogonal(2.0), depth=3, width=16, activation="linear")).round(5)[[0, -1]]
    array([8., 8.])

    Raises:
        ValueError: the network is wider than 512, of convolutions than 16, or its signals are not finite; with the fix.
    """
    what, most = ("channels", MOST_CHANNELS) if network.padding else ("units", MOST_UNITS)
    if network.width > most:
        raise ValueError(f"the Jacobian is computed of up to {most} {what}, got {network.width}. Use width={most}.")
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
