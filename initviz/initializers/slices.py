"""Scales that differ along an axis: arrays, as jax takes them, and lists of a number for each slice of a stack."""

import re
from typing import Any

import numpy as np
from jax.typing import ArrayLike

from initviz.initializers.knobs import Scalar, Value, is_traced
from initviz.initializers.per_slice import PerSlice
from initviz.settings.texts import listed, real_number
from initviz.wording import several

Scales = ArrayLike | PerSlice
"""A scale, an array of them that broadcasts over the shape, or one for each slice of a stack."""


class Scale(Scalar):
    """A scale: one number, an array that broadcasts over the shape as in jax, or one number for each slice."""

    slices = True

    def canonical(self, value: Any) -> Any:
        """Lists of numbers as arrays; those without the axes of size 1 in front, which say nothing; one as a number."""
        if isinstance(value, PerSlice):
            return value[0] if len(value) == 1 else value
        value = Value().canonical(value)
        sizes = np.shape(value)
        if not sizes or not hasattr(value, "reshape"):
            return value
        first = next((axis for axis, size in enumerate(sizes) if size != 1), len(sizes))
        return value.reshape(sizes[first:])

    def _validate(self, val: Any) -> None:
        if is_traced(val) or not np.ndim(val) or np.asarray(val).dtype.kind in "OUS":
            super()._validate(val)
            return
        if not np.size(val):
            raise ValueError(f"{self.name} must be {self.wanted}, got no number. Pass for instance {self.allowed}.")
        numbers = np.ravel(val)
        super()._validate(numbers[0])  # what no number has, be it real, an array does not have either
        positive = numbers[numbers > 0]
        for number in (numbers.min(), numbers.max(), *([positive.min()] if positive.size else [])):
            super()._validate(number)

    @property
    def example(self) -> str:
        """A text that is accepted."""
        return self.text(self.allowed)

    def read(self, text: str) -> Any:
        """A number; one for each slice, with or without brackets: 1, 1/2, 1/3; or an array, as nested lists."""
        if re.match(r"\[\s*\[", text):
            return self.canonical(Value().read(text))
        parts = listed(re.sub(r"\s*/\s*", "/", text))
        return self.canonical(PerSlice(*map(real_number, parts))) if parts else real_number(text)

    def text(self, value: Any) -> str:
        """The same, with the fewest digits that give it back."""
        if np.ndim(value) == 1 and not isinstance(value, PerSlice):
            return f"[{Value().text(value)}]"
        return Value().text(value) if np.ndim(value) else super().text(value)

    def code(self, value: Any) -> str:
        """A number of Python, nested lists of them, or one for each slice."""
        return Value().code(value) if np.ndim(value) else super().code(value)


def broadcasts(shape: tuple[int, ...], over: tuple[int, ...]) -> bool:
    """Whether an array of the one shape can fill one of the other."""
    return len(shape) <= len(over) and all(a in (1, b) for a, b in zip(shape[::-1], over[::-1], strict=False))


def check_broadcasts(name: str, value: Any, shape: tuple[int, ...]) -> None:
    """Raise ValueError for an array that does not broadcast over a shape."""
    if not broadcasts(np.shape(value), shape):
        raise ValueError(
            f"{name} must broadcast over the shape {shape}, got an array of shape {np.shape(value)}. "
            f"Pass a number, or an array of shape {shape}."
        )


def spread(name: str, value: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """A value whose numbers for slices run along one of the stacked axes of a shape; any other as it is.

    Raises:
        ValueError: none of these axes is so long, or several are; or an array does not broadcast over the shape.
    """
    if not isinstance(value, PerSlice):
        check_broadcasts(name, value, shape)
        return value
    got, long = f"got {several(len(value), 'number')}", [axis for axis in axes if shape[axis] == len(value)]
    if not axes:
        raise ValueError(
            f"{name} must be one number for a shape without a stacked axis, {got}. Choose a layer with one, such as "
            "Scanned stack or Experts, or name the batch_axis of an initializer that has one."
        )
    if not long:
        sizes = " or ".join(f"{shape[axis]:,} (axis {axis})" for axis in axes)
        raise ValueError(
            f"{name} must be one number, or as many as the stacked axis is long, {sizes}, {got}. "
            "Give each slice its number, or change the size of the axis."
        )
    if len(long) > 1:
        raise ValueError(
            f"{name} must fit one stacked axis, {got}, and the axes {', '.join(map(str, long))} are all as long. "
            "Pass an array that says along which it differs, such as jax.numpy.array(...)[:, None, None]."
        )
    return value.along(long[0], len(shape))
