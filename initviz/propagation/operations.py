"""What expressions are made of: elementary functions, their derivatives, and where they switch."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jax import numpy as jnp
from jax import scipy as jsp
from scipy import special


class Dual(NamedTuple):
    """Values of a function and of its derivative: arrays of one shape, or numbers."""

    value: Any
    slope: Any


@dataclass(frozen=True)
class Operation:
    """What is done with arguments: in double precision with the derivative, and in jax."""

    dual: Callable[..., Dual]
    jax: Callable[..., Any]
    switch: Callable[..., Any] | None = None
    """Of the arguments' values: where it changes its sign, another branch is taken."""


def _function(values: Callable[..., Any], slope: Callable[..., Any], traced: Callable[..., Any]) -> Operation:
    """A function of one argument x, and dy/dx from x and y."""

    def dual(x: Dual) -> Dual:
        y = values(x.value)
        return Dual(y, slope(x.value, y) * x.slope if np.any(x.slope) else 0.0)

    return Operation(dual, traced)


def _kinked(values: Callable[..., Any], slope: Callable[..., Any], traced: Callable[..., Any]) -> Operation:
    """A function of one argument that switches at 0."""
    return Operation(_function(values, slope, traced).dual, traced, lambda x: x)


FUNCTIONS: dict[str, Operation] = {
    "abs": _kinked(np.abs, lambda x, y: np.sign(x), jnp.abs),
    "sign": _kinked(np.sign, lambda x, y: np.zeros_like(y), jnp.sign),
    "exp": _function(np.exp, lambda x, y: y, jnp.exp),
    "expm1": _function(np.expm1, lambda x, y: y + 1, jnp.expm1),
    "log": _function(np.log, lambda x, y: 1 / x, jnp.log),
    "log1p": _function(np.log1p, lambda x, y: 1 / (1 + x), jnp.log1p),
    "sqrt": _function(np.sqrt, lambda x, y: 0.5 / y, jnp.sqrt),
    "square": _function(np.square, lambda x, y: 2 * x, jnp.square),
    "sin": _function(np.sin, lambda x, y: np.cos(x), jnp.sin),
    "cos": _function(np.cos, lambda x, y: -np.sin(x), jnp.cos),
    "tanh": _function(np.tanh, lambda x, y: 1 - y * y, jnp.tanh),
    "sinh": _function(np.sinh, lambda x, y: np.cosh(x), jnp.sinh),
    "cosh": _function(np.cosh, lambda x, y: np.sinh(x), jnp.cosh),
    "arctan": _function(np.arctan, lambda x, y: 1 / (1 + x * x), jnp.arctan),
    "arcsinh": _function(np.arcsinh, lambda x, y: 1 / np.sqrt(1 + x * x), jnp.arcsinh),
    "erf": _function(special.erf, lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x), jsp.special.erf),
    "sigmoid": _function(special.expit, lambda x, y: y * (1 - y), jsp.special.expit),
    "softplus": _function(
        lambda x: np.logaddexp(x, 0.0), lambda x, y: special.expit(x), lambda x: jnp.logaddexp(x, 0.0)
    ),
}
"""By name; of one argument."""


def _quotient(a: Dual, b: Dual) -> Dual:
    value = np.divide(a.value, b.value)
    return Dual(value, np.divide(a.slope - value * b.slope, b.value))


def _power(a: Dual, b: Dual) -> Dual:
    base = np.asarray(a.value, float)
    value, slope = np.power(base, b.value), b.value * np.power(base, b.value - 1) * a.slope
    return Dual(value, slope + value * np.log(base) * b.slope if np.any(b.slope) else slope)


def _traced_power(a: Any, b: Any) -> Any:
    whole = isinstance(b, float) and b == int(b)  # whose derivative at 0 is not that of exp(b log a)
    return jnp.asarray(a) ** int(b) if whole else jnp.power(a, b)


ARITHMETIC: dict[str, Operation] = {
    "+": Operation(lambda a, b: Dual(a.value + b.value, a.slope + b.slope), operator.add),
    "-": Operation(lambda a, b: Dual(a.value - b.value, a.slope - b.slope), operator.sub),
    "*": Operation(lambda a, b: Dual(a.value * b.value, a.slope * b.value + a.value * b.slope), operator.mul),
    "/": Operation(_quotient, jnp.divide),
    "**": Operation(_power, _traced_power),
}


def _either(condition: Any, first: Dual, second: Dual) -> Dual:
    return Dual(np.where(condition, first.value, second.value), np.where(condition, first.slope, second.slope))


def _choice(compare: Callable[[Any, Any], Any]) -> Operation:
    """where(a … b, first, second)."""
    return Operation(
        lambda a, b, first, second: _either(compare(a.value, b.value), first, second),
        lambda a, b, first, second: jnp.where(compare(a, b), first, second),
        lambda a, b, first, second: a - b,
    )


CHOICES: dict[str, Operation] = {
    ">": _choice(operator.gt), ">=": _choice(operator.ge), "<": _choice(operator.lt), "<=": _choice(operator.le),
}  # fmt: skip
"""By the comparison of where()."""
TWO: dict[str, Operation] = {
    "maximum": Operation(lambda a, b: _either(a.value >= b.value, a, b), jnp.maximum, lambda a, b: a - b),
    "minimum": Operation(lambda a, b: _either(a.value <= b.value, a, b), jnp.minimum, lambda a, b: a - b),
}
"""By name; of two arguments."""
OPERATIONS: dict[str, Operation] = FUNCTIONS | ARITHMETIC | CHOICES | TWO
