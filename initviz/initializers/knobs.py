"""The kinds of argument that only initializers have, as param types: real numbers, values, axes and dtypes."""

import json
import math
import operator
import re
from contextlib import suppress
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import param
from jax.typing import DTypeLike

from initviz.fans.by_shape import MODES, Axis, canonical_axes, check_mode
from initviz.initializers.per_slice import PerSlice
from initviz.laws.base import Number
from initviz.laws.complex import LAWS, check_distribution
from initviz.settings.knobs import Choice, Knob
from initviz.settings.texts import listed, number_code, number_text, real_number
from initviz.wording import quoted


def is_traced(*values: object) -> bool:
    """Whether any value is a tracer, whose number is not known yet."""
    return any(isinstance(value, jax.core.Tracer) for value in values)


class NotOneNumberError(TypeError, ValueError):
    """An argument that is not one real number: jax raises TypeError or ValueError, by where it notices."""


LARGEST_SCALE = 1e75
"""Largest scale or standard deviation: its square and fourth power are still numbers."""
SMALLEST_SCALE = 1e-150
"""Smallest one but 0: its square still has all its digits."""


class Scalar(Knob[Number]):
    """A finite real number: Python, NumPy or 0-d jax, tracers included. `bounds` are law, `softbounds` the slider."""

    __slots__ = ["bounds", "softbounds", "step"]
    _slot_defaults = dict(param.Parameter._slot_defaults, bounds=None, softbounds=None, step=None)

    def __init__(
        self,
        default: Any = param.Undefined,
        *,
        bounds: Any = param.Undefined,
        softbounds: Any = param.Undefined,
        step: Any = param.Undefined,
        **params: Any,
    ) -> None:
        self.bounds, self.softbounds, self.step = bounds, softbounds, step
        super().__init__(default=default, **params)
        self._validate(self.default)

    def _validate(self, val: Any) -> None:
        if is_traced(val):
            return
        number = np.asarray(val)
        if number.ndim or (number.dtype.kind not in "fiub" and not jnp.issubdtype(number.dtype, jnp.floating)):
            raise NotOneNumberError(
                f"{self.name} must be one real number, got {quoted(val)}. Pass for instance {self.allowed}."
            )
        low, high = self.bounds or (None, None)
        if math.isnan(number) or (low is not None and number < low) or (high is not None and number > high):
            raise ValueError(f"{self.name} must be {self.wanted}, got {val}. Pass for instance {self.allowed}.")
        if self.bounds and float(number) > LARGEST_SCALE:
            raise ValueError(
                f"{self.name} must be finite and at most {LARGEST_SCALE:g}, got {val}. "
                f"Pass for instance {self.allowed}."
            )
        if self.bounds and 0 < number < SMALLEST_SCALE:
            raise ValueError(
                f"{self.name} must be 0 or at least {SMALLEST_SCALE:g}, got {val}. Pass for instance {self.allowed}."
            )

    @property
    def allowed(self) -> float:
        """A value that is accepted."""
        return 1.0 if self.default is None else self.default

    @property
    def wanted(self) -> str:
        """The bounds in words."""
        low, high = self.bounds or (None, None)
        if high is not None:
            return f"a number from {low} to {high}"
        return "a number of at least 0" if self.bounds else "a number"

    def read(self, text: str) -> float:
        """Digits as Python reads them, or a quotient: 1/3."""
        return real_number(text)

    def text(self, value: Number) -> str:
        """The fewest digits that give it back."""
        return number_text(value)

    def code(self, value: Number) -> str:
        """A number of Python."""
        return number_code(value)


class Value(Knob[Any]):
    """Anything `jax.numpy.full` takes: a number of any kind, or an array that broadcasts over the shape; or one number
    for each slice of a stack."""

    slices = True

    __slots__ = ["softbounds", "step"]
    _slot_defaults = dict(param.Parameter._slot_defaults, softbounds=None, step=None)
    wanted = "a number or an array of numbers"
    example = "0.5"

    def __init__(
        self,
        default: Any = param.Undefined,
        *,
        softbounds: Any = param.Undefined,
        step: Any = param.Undefined,
        **params: Any,
    ) -> None:
        self.softbounds, self.step = softbounds, step
        super().__init__(default=default, **params)

    def canonical(self, value: Any) -> Any:
        """Lists and tuples of numbers as arrays, but for those that have one for each slice; a whole number beyond 64
        bits as a float, as in jax.
        """
        if isinstance(value, int) and np.asarray(value).dtype.kind == "O":
            with suppress(OverflowError):
                return float(value)
        if isinstance(value, PerSlice):
            return value[0] if len(value) == 1 else value
        return np.asarray(value) if isinstance(value, list | tuple | range) else value

    def code(self, value: Any) -> str:
        """A number of Python, nested lists of them, or one for each slice."""
        if isinstance(value, PerSlice):
            return repr(value)
        if not np.ndim(value):
            return number_code(value)
        numbers = np.asarray(value)
        if numbers.dtype.kind in "biuf" and np.isfinite(numbers).all():
            return repr(numbers.tolist())  # the same, in a tenth of the time
        return f"[{', '.join(map(self.code, numbers))}]"

    def _validate(self, val: Any) -> None:
        if is_traced(val) or (found := np.asarray(val)).dtype.kind not in "OUS":
            return
        if found.size and all(isinstance(each, int) for each in found.flat):
            raise TypeError(
                f"{self.name} must have whole numbers of at most 64 bits, got {quoted(found.tolist())}. "
                "Write it with a decimal point."
            )
        raise TypeError(f"{self.name} must be {self.wanted}, got {quoted(val)}. Pass for instance 0.5.")

    def read(self, text: str) -> Any:
        """A number, such as 0.5, nan or 1+2j; one for each slice: 1, 1/2, 1/3; or an array as nested lists of numbers:
        [[0.5, 1], [2, 3]]."""
        if not text.startswith("["):
            parts = listed(re.sub(r"\s*/\s*", "/", text))
            return self.canonical(PerSlice(*map(_number, parts))) if len(parts) > 1 else _number(text)
        quoted = re.sub(r"[^\[\],\s]+", lambda word: json.dumps(word[0]), text)
        try:
            words = np.array(json.loads(quoted))
        except RecursionError:
            raise ValueError from None
        return np.array([_number(str(word)) for word in words.ravel()]).reshape(words.shape)

    def text(self, value: Any) -> str:
        """The same, with the fewest digits that give it back."""
        if isinstance(value, PerSlice):
            return ", ".join(map(self.text, value))
        if np.ndim(value):
            return f"[{', '.join(map(self.text, np.asarray(value)))}]"
        if isinstance(value, int | np.integer):
            return str(int(value))
        number = complex(value)
        if not number.imag:
            return number_text(number.real)
        return f"{number_text(number.real)}{'' if number.imag < 0 else '+'}{number_text(number.imag)}j"


def _number(text: str) -> float | complex:
    """A real number or a quotient, whole where only that keeps all its digits, or a complex one that ends in j."""
    if text.endswith("j"):
        return complex(text)
    number = real_number(text)
    return int(text) if re.fullmatch(r"[+-]?\d{16,20}", text) and int(text) != number else number


class Axes(Knob[Axis]):
    """An axis or a sequence of axes, negative ones counting from the back; whether they exist depends on the shape."""

    folded = True
    wanted = "whole numbers from -99 to 99"
    example = "-2, or (0, 1), or ()"

    def read(self, text: str) -> Axis:
        """One axis, -2; or several between commas, spaces or ×, in brackets or not: (0, 1)."""
        parts = listed(text)
        if not all(re.fullmatch(r"[+-]?\d{1,2}", part) for part in parts):
            raise ValueError
        axes = tuple(map(int, parts))
        return axes[0] if parts == [text] else axes

    def text(self, value: Axis) -> str:
        """-2 or (0, 1)."""
        one_or_more: Any = value
        with suppress(TypeError):
            return str(operator.index(one_or_more))
        return str(tuple(map(operator.index, one_or_more)))

    def code(self, value: Axis) -> str:
        """The same."""
        return self.text(value)

    def _validate(self, val: Any) -> None:
        canonical_axes(val, rank=2**31, name=self.name)


class ColumnAxis(Axes):
    """A single axis."""

    wanted = "a whole number from -99 to 99"
    example = "-1"

    def _validate(self, val: Any) -> None:
        if hasattr(val, "__iter__"):
            raise TypeError(
                f"{self.name} must be one axis (tuple indices must be integers), got {quoted(val)}. Pass -1."
            )
        super()._validate(val)


class Dtype(Knob[DTypeLike | None]):
    """A dtype, or None for jax's default float: float64 where x64 is on, else float32."""

    wanted = "a dtype"
    example = "float32"

    def read(self, text: str) -> str | None:
        """The name of a dtype; no text is None."""
        try:
            return canonical_dtype(text).name if text else None
        except TypeError:
            raise ValueError from None

    def text(self, value: DTypeLike | None) -> str:
        """The name."""
        return "" if value is None else canonical_dtype(value).name

    def code(self, value: DTypeLike | None) -> str:
        """Its name, or one of Python's types, which stand for the width that jax is set to."""
        python = [kind.__name__ for kind in (bool, int, float, complex) if kind is value]
        return python[0] if python else repr(jnp.dtype(value).name)

    def _validate(self, val: Any) -> None:
        if val is not None:
            canonical_dtype(val)


def canonical_dtype(dtype: DTypeLike | None) -> np.dtype:
    """The dtype jax will really use: None is the default float, and 64 bits become 32 where x64 is off, quietly.

    Raises:
        TypeError: no such dtype.
    """
    advice = "Choose a jax dtype such as float32 or bfloat16."
    try:
        canonical = jax.dtypes.canonicalize_dtype(float if dtype is None else dtype)
    except (TypeError, ValueError):  # ValueError: the dtype of a PRNG key
        raise TypeError(f"data type {quoted(dtype)} not understood. {advice}") from None
    if not (jnp.issubdtype(canonical, np.number) or canonical == np.bool_):
        raise TypeError(f"JAX only supports number, bool, and string dtypes, got dtype {dtype}. {advice}")
    return canonical


def mode(default: str, **kwargs: Any) -> Choice:
    """The `mode` argument."""
    return Choice(list(MODES), check_mode, default=default, doc="Which fan divides the scale.", **kwargs)


def distribution(default: str, **kwargs: Any) -> Choice:
    """The `distribution` argument."""
    return Choice(
        list(LAWS), check_distribution, default=default, doc="Law of an entry; the variance is the same.", **kwargs
    )
