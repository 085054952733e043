"""Frozen data that may hold arrays: equal where every field is, and never "the truth value is ambiguous"."""

from typing import Any

import numpy as np


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, arrays and sequences as a whole, and NaN to itself."""
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if hasattr(a, "__array__") or hasattr(b, "__array__"):
        try:
            one, other = np.asarray(a), np.asarray(b)
        except ValueError:  # rows of a list that have different lengths
            return False
        if one.shape != other.shape:
            return False
        if np.all(one == other):  # NumPy 2.0 compares numbers with words to a bool
            return True
        return hasattr(a, "__array__") and hasattr(b, "__array__") and _same_numbers(one, other)
    return bool(a == b) or (isinstance(a, NUMBER) and isinstance(b, NUMBER) and _same_numbers(a, b))


NUMBER = int | float | complex


def _same_numbers(a: Any, b: Any) -> bool:
    """Whether numbers are equal, both parts of complex ones, and NaN to itself."""
    parts = ((a.real, b.real), (a.imag, b.imag))
    return all(bool(np.all((one == other) | ((one != one) & (other != other)))) for one, other in parts)


def _hashable(value: Any) -> Any:
    """What has the same hash for values that are the same: arrays and lists as tuples."""
    if isinstance(value, tuple | list):
        return tuple(map(_hashable, value))
    if hasattr(value, "__array__"):
        return _hashable(value.tolist())
    return value if value == value else "NaN"  # Python hashes each NaN by itself


def _values(instance: Any) -> tuple[Any, ...]:
    """The values of all fields of a dataclass."""
    return tuple([getattr(instance, name) for name in instance.__match_args__])


class ByValue:
    """Base of frozen dataclasses (with `eq=False`) that hold arrays: compared and hashed by the value of each field."""

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self is other or same(_values(self), _values(other))

    def __hash__(self) -> int:
        return hash(_hashable(_values(self)))
