"""Activations by name or as a typed expression, and the gains that keep the size of a signal through them."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from initviz.propagation.closed_forms import closed_form
from initviz.propagation.expressions import EXAMPLE, Expression, Named, read
from initviz.propagation.moments import Integrated, Moments
from initviz.propagation.operations import FUNCTIONS
from initviz.propagation.quadrature import TOLERANCE, nodes
from initviz.wording import quoted

LOOKED_AT = np.linspace(-12.0, 12.0, 2401)
"""Where an activation must be a number."""

CANCELED = 1e-3
"""Share of the mean square below which rounding leaves little of a variance, as the difference of two numbers."""
SELU = {"slope": 1.0507009873554805, "alpha": 1.6732632423543773}
"""Of Klambauer et al. 2017: E selu(z) = 0 and E selu(z)² = 1."""

NAMED: dict[str, Named] = {
    "linear": Named("x"),
    "relu": Named("maximum(x, 0)"),
    "leaky_relu": Named("where(x > 0, x, slope * x)", {"slope": 0.01}),
    "relu6": Named("minimum(maximum(x, 0), 6)"),
    "elu": Named("where(x > 0, x, alpha * expm1(minimum(x, 0)))", {"alpha": 1.0}),
    "celu": Named("where(x > 0, x, alpha * expm1(minimum(x, 0) / alpha))", {"alpha": 1.0}),
    "selu": Named("slope * where(x > 0, x, alpha * expm1(minimum(x, 0)))", SELU),
    "gelu": Named("x * (1 + erf(x / sqrt(2))) / 2"),
    "gelu_tanh": Named("x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2"),
    "silu": Named("x * sigmoid(x)"),
    "mish": Named("x * tanh(softplus(x))"),
    "squareplus": Named("(x + sqrt(x**2 + 4)) / 2"),
    "soft_sign": Named("x / (1 + abs(x))"),
    "log_sigmoid": Named("-softplus(-x)"),
    "hard_tanh": Named("minimum(maximum(x, -1), 1)"),
    "hard_sigmoid": Named("minimum(maximum(x + 3, 0), 6) / 6"),
    "hard_silu": Named("x * minimum(maximum(x + 3, 0), 6) / 6"),
    "step": Named("where(x > 0, 1, 0)"),
}
ALIASES = {"identity": "linear", "swish": "silu", "hard_swish": "hard_silu", "softsign": "soft_sign"}


@dataclass(frozen=True)
class Activation:
    """An activation, and the gains that follow from it: a weight matrix times a gain has that effect.

    The size of a signal is its mean square, for entries that are normal with mean 0 and variance 1.
    """

    name: str
    expression: Expression

    def __call__(self, x: npt.ArrayLike) -> Any:
        """Its values at x, in double precision; of a jax array in jax, in its dtype."""
        return self.expression.jax(x) if isinstance(x, jax.Array) else self.expression.dual(x).value

    def slope(self, x: npt.ArrayLike) -> np.ndarray:
        """Its derivative at x; where it has a kink, from one side."""
        return self.expression.dual(x).slope

    @property
    def kinks(self) -> tuple[float, ...]:
        """Where it has a kink or a jump."""
        return self.expression.kinks

    @cached_property
    def jumps(self) -> tuple[float, ...]:
        """Where it jumps: what is differentiated automatically knows nothing of that."""
        return tuple(at for at, _ in self.expression.jumps)

    @cached_property
    def moments(self) -> Moments:
        """What normal arguments become in it: in closed form where there is one, else by quadrature."""
        return closed_form(self.expression) or Integrated(self.expression)

    @property
    def forward_gain(self) -> float:
        """1 / √E φ(z)²: keeps the size of the signal. √2 for relu (He et al. 2015), 1.5925 for tanh."""
        return _inverse_root(self.moments.square(1.0))

    @property
    def backward_gain(self) -> float:
        """1 / √E φ′(z)²: keeps the size of gradients. √2 for relu, 1.4674 for tanh."""
        return _inverse_root(self.moments.slope_square(1.0))

    @property
    def variance_gain(self) -> float:
        """1 / √Var φ(z): gives outputs less their mean the variance 1 (Brock et al. 2021). 1.7129 for relu."""
        square, mean = self.moments.square(1.0), self.moments.mean(1.0)
        found = square - mean**2
        if found < CANCELED * square:
            z, weights = nodes(self.kinks)
            found = float(weights @ (self.expression.dual(z).value - mean) ** 2)
        return _inverse_root(found if found > (TOLERANCE * mean) ** 2 else 0.0)


def _inverse_root(x: float) -> float:
    return 1 / math.sqrt(x) if x > 0 else math.inf


def activation(name: str) -> Activation:
    """The activation of a name, or of an expression in x, which is parsed and never run.

    Names are those of `jax.nn`; "gelu" is the exact one, as in PyTorch, where jax and flax take "gelu_tanh" unless told
    otherwise. Parameters follow x: "leaky_relu(x, 0.2)" (0.01 in jax and PyTorch, 0.3 or 0.2 in Keras).

    >>> round(activation("relu").forward_gain, 6), round(activation("tanh").forward_gain, 6)
    (1.414214, 1.592537)
    >>> activation("tanh(2 * x) + 0.1 * x").kinks
    ()

    Raises:
        ValueError: it is no such text, or has no finite size for normal arguments; with the fix.
    """
    if not isinstance(name, str):
        raise ValueError(f"an activation must be a name or an expression in x, got {quoted(name)}. {EXAMPLE}")
    return _activation(name)


@lru_cache(maxsize=256)
def _activation(name: str) -> Activation:
    text = name.strip()
    text = ALIASES.get(text, text)
    known = {**FUNCTIONS, **NAMED}
    expression = read(f"{text}(x)" if text in known else text, NAMED)
    found = Activation(text, expression)
    if not np.isfinite(expression.dual(LOOKED_AT).value).all():
        at = LOOKED_AT[~np.isfinite(expression.dual(LOOKED_AT).value)]
        raise ValueError(
            f"an activation must be a finite number at every x from {LOOKED_AT[0]:.0f} to {LOOKED_AT[-1]:.0f}, "
            f"got {quoted(name)}, which is not at x = {at[np.abs(at).argmin()]:.3g}. {EXAMPLE}"
        )
    found.moments.square(1.0)  # or it has none
    return found
