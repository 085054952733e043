"""The kinds of argument an initializer has, as param types: each checks its value and says what, got and fix."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import param

from initviz.fans.by_shape import MODES, canonical_axes, check_mode
from initviz.laws.complex import LAWS, check_distribution


def is_traced(*values) -> bool:
    """Whether any value is a tracer, whose number is not known yet."""
    return any(isinstance(value, jax.core.Tracer) for value in values)


class NotOneNumberError(TypeError, ValueError):
    """An argument that is not one real number: jax raises TypeError or ValueError, by where it notices."""


LARGEST_SCALE = 1e100
"""Largest scale or standard deviation: its square and fourth power are still numbers."""


class Scalar(param.Parameter):
    """A finite real number: Python, NumPy or 0-d jax, tracers included. `bounds` are law, `softbounds` the slider."""

    __slots__ = ["bounds", "softbounds", "step"]
    _slot_defaults = dict(param.Parameter._slot_defaults, bounds=None, softbounds=None, step=None)

    def __init__(self, default=param.Undefined, *, bounds=param.Undefined, softbounds=param.Undefined,
                 step=param.Undefined, **params):  # fmt: skip
        self.bounds, self.softbounds, self.step = bounds, softbounds, step
        super().__init__(default=default, **params)
        self._validate(self.default)

    def _validate(self, val):
        if is_traced(val):
            return
        number = np.asarray(val)
        if number.ndim or (number.dtype.kind not in "fiub" and not jnp.issubdtype(number.dtype, jnp.floating)):
            raise NotOneNumberError(
                f"{self.name} must be one real number, got {val!r}. Pass for instance {self.example}."
            )
        low, high = self.bounds or (None, None)
        if math.isnan(number) or (low is not None and number < low) or (high is not None and number > high):
            raise ValueError(f"{self.name} must be {self.range}, got {val}. Pass for instance {self.example}.")
        if self.bounds and float(number) > LARGEST_SCALE:
            raise ValueError(
                f"{self.name} must be finite and at most {LARGEST_SCALE:g}, got {val}. "
                f"Pass for instance {self.example}."
            )

    @property
    def example(self):
        """A value that is accepted."""
        return 1.0 if self.default is None else self.default

    @property
    def range(self):
        """The bounds in words."""
        return "a number of at least 0" if self.bounds else "a number"


class Value(param.Parameter):
    """Anything `jax.numpy.full` takes: a number of any kind, or an array that broadcasts over the shape."""

    __slots__ = ["bounds", "softbounds", "step"]
    _slot_defaults = dict(param.Parameter._slot_defaults, bounds=None, softbounds=None, step=None)

    def __init__(self, default=param.Undefined, *, softbounds=param.Undefined, step=param.Undefined, **params):
        self.softbounds, self.step = softbounds, step
        super().__init__(default=default, **params)

    def _validate(self, val):
        if not is_traced(val) and np.asarray(val).dtype.kind in "OUS":
            raise TypeError(f"{self.name} must be a number or an array of numbers, got {val!r}. Pass for instance 0.5.")


class Choice(param.Selector):
    """One of a few names; an unknown one is refused in the reference's words."""

    __slots__ = ["check"]

    def __init__(self, objects, check, **params):
        self.check = check
        super().__init__(objects=objects, **params)

    def _validate(self, val):
        self.check(val)


class Axes(param.Parameter):
    """An axis or a sequence of axes, negative ones counting from the back; whether they exist depends on the shape."""

    def _validate(self, val):
        canonical_axes(val, rank=2**31, name=self.name)


class ColumnAxis(Axes):
    """A single axis."""

    def _validate(self, val):
        if hasattr(val, "__iter__"):
            raise TypeError(f"{self.name} must be one axis (tuple indices must be integers), got {val!r}. Pass -1.")
        super()._validate(val)


class Dtype(param.Parameter):
    """A dtype, or None for jax's default float: float64 where x64 is on, else float32."""

    def _validate(self, val):
        if val is not None:
            canonical_dtype(val)


def canonical_dtype(dtype) -> np.dtype:
    """The dtype jax will really use: None is the default float, and 64 bits become 32 where x64 is off, quietly.

    Raises:
        TypeError: no such dtype.
    """
    advice = "Choose a jax dtype such as float32 or bfloat16."
    try:
        canonical = jax.dtypes.canonicalize_dtype(float if dtype is None else dtype)
    except (TypeError, ValueError):  # ValueError: the dtype of a PRNG key
        raise TypeError(f"data type {dtype!r} not understood. {advice}") from None
    if not (jnp.issubdtype(canonical, np.number) or canonical == np.bool_):
        raise TypeError(f"JAX only supports number, bool, and string dtypes, got dtype {dtype}. {advice}")
    return canonical


def mode(default: str, **kwargs):
    """The `mode` argument."""
    return Choice(list(MODES), check_mode, default=default, doc="Which fan divides the scale.", **kwargs)


def distribution(default: str, **kwargs):
    """The `distribution` argument."""
    return Choice(
        list(LAWS), check_distribution, default=default, doc="Law of an entry; the variance is the same.", **kwargs
    )
