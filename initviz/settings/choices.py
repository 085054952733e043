"""What a study may be set to: shapes, dtypes, devices, and how text becomes them."""

from collections.abc import Callable, Iterable
from functools import cache

import jax
import numpy as np
import param

from initviz import engine
from initviz.fans.by_shape import canonical_shape
from initviz.wording import quoted

LARGEST = 2**32
"""Most weights an answer covers."""
LARGEST_RANK = 5
LARGEST_SEED = 2**32 - 1

DTYPES = ("float32", "bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "complex64")
WIDE_DTYPES = ("float64", "complex128")
GENERATORS = ("threefry2x32", "threefry4x32", "rbg", "unsafe_rbg", "philox2x32", "philox4x32")
"""Every PRNG implementation jax has had a name for, its default first."""


def dtypes() -> list[str]:
    """The dtypes on offer: 64-bit ones only where x64 is on, since jax would quietly draw 32 bits."""
    return [*DTYPES, *(WIDE_DTYPES if jax.config.jax_enable_x64 else ())]


def device_name(device) -> str:
    """A device as text, such as cpu:0."""
    return f"{device.platform}:{device.id}"


@cache
def generators() -> tuple[str, ...]:
    """Names of the PRNG implementations of the installed jax, its default first. It lists them nowhere public."""
    return tuple(name for name in GENERATORS if _makes_keys(name))


def _makes_keys(generator: str) -> bool:
    try:
        jax.random.key(0, impl=generator)
    except ValueError:  # unrecognized PRNG implementation
        return False
    return True


def parse_shape(text: str) -> tuple[int, ...]:
    """A shape from text such as "3, 3, 64, 128" or "256x256".

    Raises:
        ValueError: the text is no list of 2 to 5 whole numbers, or one is negative or the product too large.
    """
    words = text.strip().strip("()[]").replace("×", ",").replace("x", ",").replace(" ", ",").split(",")
    words = [word for word in words if word]
    try:
        sizes = tuple(int(word) for word in words)
    except ValueError:
        raise ValueError(
            f"shape must be whole numbers separated by commas, got {quoted(text)}. Type for instance 3, 3, 64, 128."
        ) from None
    return check_shape(sizes)


def check_shape(shape) -> tuple[int, ...]:
    """A shape the explorer can show: 2 to 5 axes and at most 2³² weights; sizes of 0 are allowed."""
    shape = canonical_shape(shape)
    if not 2 <= len(shape) <= LARGEST_RANK:
        raise ValueError(
            f"shape must have 2 to {LARGEST_RANK} axes, got {len(shape)} in {shape}. Type for instance 256, 256."
        )
    size = int(np.prod(shape, dtype=object))
    if size > LARGEST:
        raise ValueError(f"shape must hold at most {LARGEST:,} weights, got {size:,} in {shape}. Make an axis smaller.")
    return shape


class Checked(param.Parameter):
    """A setting whose `check` raises for a value that cannot be used."""

    __slots__ = ["check"]

    def __init__(self, default=param.Undefined, *, check=lambda value: None, **params):
        self.check = check
        super().__init__(default=default, **params)

    def _validate(self, val):
        self.check(val)


def one_of(name: str, choices: Callable[[], Iterable[str]]):
    """A check that raises ValueError for what is none of the choices."""

    def check(value):
        if value not in choices():
            raise ValueError(f"{name} must be one of {', '.join(choices())}, got {value!r}. Choose one of them.")

    return check


def device_names() -> list[str]:
    """Every device as text, accelerators first."""
    return [device_name(device) for device in engine.devices()]


class Count(param.Integer):
    """A whole number within `bounds`, chosen with a slider."""

    def _validate(self, val):
        low, high = self.bounds
        if isinstance(val, bool) or not isinstance(val, int) or not low <= val <= high:
            raise ValueError(
                f"{self.name} must be a whole number from {low} to {high}, got {val!r}. "
                f"Type for instance {self.default}."
            )
