"""How settings are typed: text to values, with a message for what is none, and values to text."""

import ast
import math

from initviz.settings.choices import LARGEST_SEED
from initviz.wording import quoted


def axes_text(value) -> str:
    """Axes as typed: -2 or (0, 1)."""
    return str(tuple(value)) if hasattr(value, "__iter__") else str(value)


def parse_axes(text: str):
    """Axes from text such as -2, "0, 1" or ().

    Raises:
        ValueError: the text is no integer and no list of integers.
    """
    try:
        axes = ast.literal_eval(text.strip() or "()")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        axes = None
    each = axes if isinstance(axes, (tuple, list)) else (axes,)
    if not all(type(axis) is int and abs(axis) < 100 for axis in each):
        raise ValueError(
            f"axes must be whole numbers from -99 to 99, got {quoted(text)}. Type for instance -2, or (0, 1), or ()."
        )
    return axes


def parse_number(text: str) -> float:
    """A number from text.

    Raises:
        ValueError: the text is no finite number.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"a finite number is needed, got {quoted(text)}. Type for instance 0.5.")
    return number


def parse_size(text: str) -> int:
    """A whole number from text.

    Raises:
        ValueError: the text is no whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"a whole number is needed, got {quoted(text)}. Type for instance 64.") from None


def parse_sizes(text: str) -> tuple[int, ...]:
    """Sizes from text such as 3 or "3, 3".

    Raises:
        ValueError: the text is no list of whole numbers.
    """
    axes = parse_axes(text)
    return axes if isinstance(axes, tuple) else (axes,) if isinstance(axes, int) else tuple(axes)


def sizes_text(sizes: tuple[int, ...]) -> str:
    """Sizes as typed: 3, 3."""
    return ", ".join(map(str, sizes))


def number_text(value) -> str:
    """A number as typed: 0.5."""
    return f"{float(value):.12g}"


def rounded(value) -> float:
    """A slider's value without the rounding error of its steps: 1.2500000000000002 -> 1.25."""
    return float(number_text(value))


def parse_seed(text: str) -> int:
    """A seed from text.

    Raises:
        ValueError: the text is no whole number from 0 to 2³² - 1.
    """
    if not text.strip().isdecimal() or len(text) > 20 or int(text) > LARGEST_SEED:
        raise ValueError(
            f"seed must be a whole number from 0 to {LARGEST_SEED}, got {quoted(text)}. Type for instance 0."
        )
    return int(text)
