"""Gains for an activation: by which to multiply weights of variance 1 / fan_in, what comes of it, and the calls."""

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from initviz.propagation import Activation, FixedPoint, critical_weight_variance, fixed_point
from initviz.propagation.mean_field import of
from initviz.propagation.phases import BIAS_VARIANCES, WEIGHT_VARIANCES, table_of
from initviz.propagation.quadrature import NotIntegrableError
from initviz.settings.texts import SINGLE, rounded

PYTORCH = {
    "linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + 0.01**2)),
    "selu": 3 / 4,
}  # fmt: skip
"""`torch.nn.init.calculate_gain` of those activations that it knows."""
CALLS = {
    "jax": "jax.nn.initializers.variance_scaling({scale}, 'fan_in', 'normal')",
    "flax": "flax.nnx.initializers.variance_scaling({scale}, 'fan_in', 'normal')",
    "PyTorch": "torch.nn.init.normal_(weight, std={gain} / weight.shape[1] ** 0.5)",
    "Keras": "keras.initializers.VarianceScaling(scale={scale}, mode='fan_in', distribution='untruncated_normal')",
}
"""What draws weights with a gain: of a dense layer whose weights PyTorch keeps as (outputs, inputs)."""
LEAST_BIAS_VARIANCE = 1e-9
"""Smallest variance of biases that is told: below, they are none."""
ROUNDING = 1e-6
"""What may be rounding."""
CRITICAL = 0.01
"""What χ may differ from 1 and still be called critical."""


@dataclass(frozen=True)
class Gain:
    """A gain, and what a deep and wide network does with it."""

    name: str
    meant: str
    """What it is for."""
    gain: float
    bias_std: float
    """Of the biases that belong to it."""
    chi: float
    """Growth of the mean square of gradients a layer, in the end; NaN where signals grow without bound."""

    stable: bool = True
    """Whether a signal that is changed a little returns to its size."""

    @property
    def state(self) -> str:
        """What becomes of gradients, in a word."""
        return state_of(self.chi) if self.stable else "tips over"

    @property
    def calls(self) -> dict[str, str]:
        """What draws such weights, by framework."""
        gain, scale = (rounded(each, SINGLE) for each in (self.gain, self.gain**2))
        return {framework: call.format(gain=gain, scale=scale) for framework, call in CALLS.items()}


def state_of(chi: float) -> str:
    """The growth of gradients in a word.

    >>> state_of(1.21), state_of(1.0), state_of(0.5)
    ('chaotic', 'critical', 'ordered')
    """
    if math.isnan(chi):
        return "without bound"
    return "critical" if abs(chi - 1) <= CRITICAL else "chaotic" if chi > 1 else "ordered"


def gains(function: Activation | str) -> tuple[Gain, ...]:
    """Every gain that is known for an activation, with what comes of it in the end.

    PyTorch's `calculate_gain` disagrees: 5/3 for tanh keeps neither signals nor gradients of size 1, and of 3/4 for
    SELU its paper (Klambauer et al. 2017) knows nothing: its gain is 1, PyTorch's for linear layers. Keras and jax have
    no gains, but the scale that is their square.

    >>> [(each.name, round(each.gain, 4), each.state) for each in gains("tanh")][:2]
    [('forward', 1.5925, 'chaotic'), ('backward', 1.4674, 'chaotic')]

    Raises:
        ValueError: there is no such activation; with the fix.
    """
    return _gains(of(function))


@lru_cache(maxsize=256)
def _gains(function: Activation) -> tuple[Gain, ...]:
    found = [
        ("forward", "keeps the mean square of a normal signal: 1/√E φ²", function.forward_gain, 0.0),
        ("backward", "keeps that of gradients: 1/√E φ′²", function.backward_gain, 0.0),
        ("variance", "keeps the variance of a normal signal: 1/√Var φ (NFNets)", function.variance_gain, 0.0),
    ]
    with suppress(ValueError):
        critical = math.sqrt(critical_weight_variance(function))
        found.append(("critical", "keeps gradients in the long run", critical, 0.0))
    point = critical_near_one(function)
    if point is not None and point[1] > LEAST_BIAS_VARIANCE:
        said = "the same, and a signal near size 1"
        found.append(("critical, with biases", said, math.sqrt(point[0]), math.sqrt(point[1])))
    if function.name in PYTORCH:
        found.append(("PyTorch", "what torch.nn.init.calculate_gain gives", PYTORCH[function.name], 0.0))
    return tuple(Gain(*each, *_in_the_end(function, *each[2:])) for each in found if math.isfinite(each[2]))


def _in_the_end(function: Activation, gain: float, bias_std: float) -> tuple[float, bool]:
    """The growth of gradients far down, and whether a signal that is changed a little returns to its size."""
    try:
        found = fixed_point(function, gain**2, bias_std**2)
    except NotIntegrableError:
        return math.nan, True
    return chi_of(function, found, gain**2), is_stable(found)


def is_stable(found: FixedPoint) -> bool:
    """Whether a signal that is changed a little returns to its size."""
    return not found.chi_parallel > 1 + ROUNDING


def chi_of(function: Activation, found: FixedPoint, weight_variance: float) -> float:
    """The growth of gradients a layer; NaN of signals that grow without bound, unless so slowly that they hardly do.

    Of activations such as leaky relu, which multiply any signal by the same, that is the same at any size.
    """
    if not math.isnan(found.chi):
        return found.chi
    growth = weight_variance * function.moments.square(1.0)
    alike = math.isclose(function.moments.square(4.0), 4 * function.moments.square(1.0), rel_tol=1e-9)
    return weight_variance * function.moments.slope_square(1.0) if alike and abs(growth - 1) <= CRITICAL else math.nan


@lru_cache(maxsize=256)
def critical_near_one(function: Activation) -> tuple[float, float] | None:
    """The critical point (σ_w², σ_b²) at which a signal of mean square 1 changes least; None without any."""
    line = table_of(function).critical_line(WEIGHT_VARIANCES[-1], BIAS_VARIANCES[-1])
    if not len(line):
        return None
    weight_variances, bias_variances = line.T
    changes = np.abs(np.log(weight_variances * function.moments.square(1.0) + bias_variances))
    weight_variance, bias_variance = line[changes.argmin()].tolist()
    return weight_variance, bias_variance
