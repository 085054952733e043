"""Numbers as text and as code, and lists of them as people type them."""

import math
import re
from typing import Any, SupportsFloat

import numpy as np


def listed(text: str) -> list[str]:
    """The parts of a list: between commas, semicolons, spaces or ×, in brackets or not; of a comma alone that comma."""
    bracketed = re.fullmatch(r"\((.*)\)|\[(.*)\]", text, re.DOTALL)
    inside = text if bracketed is None else bracketed[1] or bracketed[2] or ""
    inside = re.sub(r"(?<=\d)\s*([x×*]|by)\s*(?=[+-]?\d)", ",", inside, flags=re.IGNORECASE)
    return [part for part in re.split(r"[\s,;]", inside) if part] or inside.split()


def whole_numbers(text: str, most: int) -> tuple[int, ...]:
    """Whole numbers of a list.

    Raises:
        ValueError: something else is among them, or more than so many, or one with more than 20 digits.
    """
    parts = listed(text)
    if len(parts) > most or any(len(part) > 20 or re.fullmatch(r"[+-]?0\d+", part) for part in parts):  # of 1,024
        raise ValueError
    return tuple(map(int, parts))


def real_number(text: str) -> float:
    """A number or a quotient of two, such as 1/3.

    >>> real_number("1e-2"), real_number("1/4")
    (0.01, 0.25)

    Raises:
        ValueError: it is neither, or is divided by 0.
    """
    above, slash, below = text.partition("/")
    if not slash:
        return float(text)
    if not float(below):
        raise ValueError
    return float(above) / float(below)


def number_code(value: Any) -> str:
    """A number of any library as Python code that gives it back without an import: float('inf').

    >>> number_code(np.float64(0.5)), number_code(np.int64(3)), number_code(complex(math.inf, 0))
    ('0.5', '3', "complex('inf+0j')")
    """
    dtype = np.asarray(value).dtype
    if dtype.kind in "biu":
        return repr(np.asarray(value).item())
    if dtype.kind == "c":
        both = complex(value)
        return repr(both) if np.isfinite(both) else f"complex('{repr(both)[1:-1]}')"
    number = float(value)
    return repr(number) if math.isfinite(number) else f"float('{number}')"


def number_text(value: SupportsFloat) -> str:
    """The shortest text of a real number, such as 0.5, that reads back as itself."""
    number = float(value)
    short = f"{number:.12g}"
    return short if float(short) == number or math.isnan(number) else repr(number)


SINGLE = 7
"""Significant digits of a number in single precision."""


def rounded(value: float, digits: int = 12) -> float:
    """A number without the rounding error of its last digits: a slider's 1.2500000000000002 -> 1.25."""
    return float(f"{value:.{digits}g}")
