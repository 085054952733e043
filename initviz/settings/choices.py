"""What a study may be set to: shapes, dtypes, devices, generators."""

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, partial
from typing import Any

import jax

from initviz import engine
from initviz.fans.by_shape import canonical_shape
from initviz.wording import cut, near, quoted

LARGEST = 2**32
"""Most weights an answer covers, where nobody has said fewer."""
LARGEST_RANK = 5
LARGEST_SEED = 2**32 - 1

DTYPES = ("float32", "bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "complex64")
WIDE_DTYPES = ("float64", "complex128")
SMALL_DTYPES = (
    *(name for name in DTYPES if name.startswith("float8")),
    *("float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"),
    *("float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"),
)
"""Every float of at most 8 bits that ml_dtypes has, on which jax builds; jax draws none narrower than 8 bits."""
GENERATORS = ("threefry2x32", "threefry4x32", "rbg", "unsafe_rbg", "philox2x32", "philox4x32")
"""Every PRNG implementation jax has had a name for, its default first."""


def dtypes() -> list[str]:
    """The dtypes on offer: 64-bit ones only where x64 is on, since jax would quietly draw 32 bits."""
    return [*DTYPES, *(WIDE_DTYPES if jax.dtypes.canonicalize_dtype(float).itemsize == 8 else ())]


def device_name(device: jax.Device) -> str:
    """A device as text, such as cpu:0."""
    return f"{device.platform}:{device.id}"


@cache
def generators() -> tuple[str, ...]:
    """Names of the PRNG implementations of the installed jax, its default first. It lists them nowhere public."""
    return tuple(name for name in GENERATORS if _makes_keys(name))


def generator_of(value: Any) -> Any:
    """The name of the generator whose keys have this dtype, such as `jax.random.key_dtype("rbg")`; else the value."""
    with suppress(TypeError):  # no dtype
        if jax.dtypes.issubdtype(value, jax.dtypes.prng_key):
            return next((name for name in generators() if jax.random.key_dtype(name) == value), value)
    return value


def _makes_keys(generator: str) -> bool:
    try:
        jax.eval_shape(partial(jax.random.key, impl=generator), 0)  # which compiles nothing
    except ValueError:  # unrecognized PRNG implementation
        return False
    return True


def check_shape(shape: int | Iterable[int]) -> tuple[int, ...]:
    """A shape that can be drawn: 2 to 5 axes and at most 2³² weights; sizes of 0 are allowed.

    Raises:
        TypeError, ValueError: it cannot.
    """
    shape = canonical_shape(shape)
    if not 2 <= len(shape) <= LARGEST_RANK:
        raise ValueError(
            f"shape must have 2 to {LARGEST_RANK} axes, got {len(shape)} in {quoted(shape)}. "
            "Type for instance 256, 256."
        )
    return check_size(shape)


_most = LARGEST


def limit_weights(most: int) -> None:
    """Have answers of this process cover at most so many weights, if that is fewer: for a server that many share."""
    global _most
    _most = min(most, LARGEST)


def check_size(shape: int | Iterable[int]) -> tuple[int, ...]:
    """A shape of at most 2³² weights, or the fewer of `limit_weights`, with any number of axes.

    Raises:
        TypeError, ValueError: it has more, or is none.
    """
    shape = canonical_shape(shape)
    size = math.prod(shape)
    if size > _most:
        raise ValueError(
            f"shape must hold at most {_most:,} weights, got {cut(f'{size:,}')} in "
            f"{quoted(shape)}. Make an axis smaller."
        )
    return shape


def one_of(name: str, choices: Callable[[], Iterable[str]]) -> Callable[[object], None]:
    """A check that raises ValueError for what is none of the choices."""

    def check(value: object) -> None:
        names = list(choices())
        if not isinstance(value, str) or value not in names:
            known = ", ".join(filter(None, names))
            fix = HINTS.get(value) if isinstance(value, str) else None
            fix = fix or near(value, filter(None, names), "Choose one of them.")
            raise ValueError(f"{name} must be one of {known}, got {quoted(value)}. {fix}")

    return check


HINTS = dict.fromkeys(WIDE_DTYPES, "Call jax.config.update('jax_enable_x64', True) first.") | {
    "Linear": "Did you mean Dense?"
}
"""What to say to names that others have for what is refused."""


def device_names() -> list[str]:
    """Every device as text, accelerators first."""
    return [device_name(device) for device in engine.devices()]
