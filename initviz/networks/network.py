"""A network of equal layers, as plain frozen data: what is asked of the network lab."""

import math
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from initviz.engine.passes import TAPS
from initviz.initializers import Initializer, he_normal
from initviz.initializers.plan import Plan
from initviz.initializers.resolve import resolve
from initviz.laws.by_value import ByValue
from initviz.propagation import Activation, activation
from initviz.wording import quoted, several

DEEPEST, WIDEST, NARROWEST, WIDEST_BATCH = 200, 2048, 2, 64
WIDEST_CONVOLUTION = 128
"""In channels: nine times the weights and 64 times the positions of a dense layer of that width."""
NORMS = ("", "layer", "rms")
KINDS = {"dense": "", "conv circular": "wrap", "conv same": "constant"}
"""Kinds of layers, and how a convolution goes on beyond the border; empty for none."""
POSITIONS = (8, 8)
"""Of a convolution."""
INPUTS = ("gaussian", "one-hot", "digits")
THIS_NETWORK = "this network"
"""What the one that is on show is called beside others."""


@dataclass(frozen=True, eq=False)
class Network(ByValue):
    """A network with `depth` layers of `width` units: h = norm(x) W + b, then φ(h), or x + branch φ(h).

    Or of convolutions with `width` channels: 3 × 3 taps on 8 × 8 positions.

    >>> round(Network(depth=3, width=16, activation="tanh").weight_variance, 6)
    2.0

    Raises:
        TypeError, ValueError: a size, a number or a name cannot be used; with the fix.
    """

    initializer: Initializer = field(default_factory=he_normal)
    """What draws the weights of each layer."""
    depth: int = 50
    """Layers, up to `DEEPEST`."""
    width: int = 256
    """Units of each layer, up to `WIDEST`; of convolutions channels, up to `WIDEST_CONVOLUTION`."""
    activation: str = "relu"
    """A name, or an expression in x."""
    bias_std: float = 0.0
    """Standard deviation of the biases, σ_b, which are normal."""
    branch: float | None = None
    """Factor of a residual branch; None without one."""
    norm: str = ""
    """"layer" or "rms" for a norm; empty without one."""
    norm_after: bool = False
    """Whether the norm is of what leaves a layer, not of what enters its branch."""
    batch: int = 16
    """How many inputs it is shown: an even number, as neighbours are a pair."""
    seed: int = 0
    """Of the first of the networks that are drawn."""
    factors: tuple[float, ...] = ()
    """What the weights of each layer are multiplied by; empty for 1."""
    inputs: str = "gaussian"
    """What it is shown: "gaussian", "one-hot", or scikit-learn's "digits"."""
    kind: str = "dense"
    """"dense", "conv circular", whose positions go on around, or "conv same", with zeros beyond the border."""
    input_std: float = 1.0
    """Root mean square of the inputs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "initializer", resolve(self.initializer))
        whole("depth", self.depth, 1, DEEPEST)
        if self.kind not in KINDS:
            raise ValueError(
                f"kind must be one of {', '.join(map(repr, KINDS))}, got {quoted(self.kind)}. Use 'dense'."
            )
        wide = ("width of a convolution", WIDEST_CONVOLUTION) if self.padding else ("width", WIDEST)
        whole(wide[0], self.width, NARROWEST, wide[1])
        whole("batch", self.batch, 2, WIDEST_BATCH)
        whole("seed", self.seed, 0, 2**32 - 1)
        if self.batch % 2:
            raise ValueError(f"batch must be even, as its inputs are pairs, got {self.batch}. Use {self.batch + 1}.")
        for name in ("bias_std", "branch", "input_std"):
            value = getattr(self, name)
            if value is not None and not _is_size(value):
                raise ValueError(f"{name} must be a number from 0, got {quoted(value)}. Use for instance 0.1.")
        if self.norm not in NORMS:
            raise ValueError(
                f"norm must be one of {', '.join(map(repr, NORMS))}, got {quoted(self.norm)}. Use 'layer'."
            )
        if self.inputs not in INPUTS:
            raise ValueError(
                f"inputs must be one of {', '.join(map(repr, INPUTS))}, got {quoted(self.inputs)}. Use 'gaussian'."
            )
        if self.factors and not (len(self.factors) == self.depth and all(map(_is_size, self.factors))):
            raise ValueError(
                f"factors must be {several(self.depth, 'number')} from 0, one a layer, got {quoted(self.factors)}. "
                "Use () for none."
            )
        self.function  # noqa: B018 - or it is refused
        self.plan  # noqa: B018

    @property
    def function(self) -> Activation:
        """The activation."""
        return activation(self.activation)

    @property
    def padding(self) -> str:
        """How a convolution goes on beyond the border; empty without one."""
        return KINDS[self.kind]

    @property
    def positions(self) -> tuple[int, ...]:
        """Of a convolution; none without one."""
        return POSITIONS if self.padding else ()

    @property
    def plan(self) -> Plan:
        """How the weights of a layer are drawn."""
        return self.initializer.plan((*(TAPS for _ in self.positions), self.width, self.width), "float32")

    @property
    def weight_variance(self) -> float:
        """σ_w²: the weights that an output sums times the variance of one; NaN where they have no common law."""
        marginal = self.plan.ensemble.marginal
        return math.prod(self.plan.shape[:-1]) * float(marginal.variance) if marginal else math.nan

    @property
    def weight_variances(self) -> np.ndarray:
        """σ_w² of each layer, its factor included: (depth,)."""
        return self.weight_variance * np.square(self.factors or np.ones(self.depth), dtype=float)

    @property
    def is_centred(self) -> bool:
        """Whether weights have the mean 0, as the theory takes them to have."""
        marginal = self.plan.ensemble.marginal
        return bool(marginal and marginal.mean == 0)

    @property
    def is_orthogonal(self) -> bool:
        """Whether a layer multiplies by an orthogonal matrix: of convolutions, only one tap may."""
        ensemble = self.plan.ensemble
        return ensemble.block is not None and (ensemble.sparse or not self.padding)

    @property
    def starts_normal(self) -> bool:
        """Whether h of the first layer is normal: of one-hot inputs it is a weight, of others a sum of many."""
        ensemble = self.plan.ensemble
        return self.inputs != "one-hot" or ensemble.block is not None or bool(ensemble.law and ensemble.law.gaussian)

    @property
    def bias_variance(self) -> float:
        """σ_b²."""
        return self.bias_std**2

    def keys(self, seed: int) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Keys of the weights, the biases and the inputs for one of its seeds."""
        weights, biases, inputs = jax.random.split(jax.random.fold_in(jax.random.key(self.seed), seed), 3)
        return weights, biases, inputs


def _is_size(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and 0 <= value < math.inf


def whole(name: str, value: Any, least: int, most: int) -> None:
    """Refuse what is no whole number in a range.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        near = most if isinstance(value, int | np.integer) and value > most else least
        raise ValueError(f"{name} must be a whole number from {least} to {most}, got {quoted(value)}. Use {near}.")
