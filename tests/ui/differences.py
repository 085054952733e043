"""What differs between what a page shows and what it must show, in a few lines instead of two whole pages."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

AROUND = 40  # characters of a text before the first that differs, and after it
FIRST = 3  # values of a column that are named


def differences(shown: Any, expected: Any, where: str = "") -> Iterator[str]:
    """One line for each thing that `expected` has and `shown` has not: where it is, what is there, what should be."""
    if isinstance(expected, dict) and isinstance(shown, dict):
        for name, value in expected.items():
            path = f"{where}.{name}" if where else name
            if name not in shown:
                yield f"{path}: not there; there are {', '.join(shown) or 'none'}"
            elif name == "texts":
                yield from (f"{path}: {line}" for text in value for line in missing_text(shown[name], text))
            else:
                yield from differences(shown[name], value, path)
    elif isinstance(expected, list) and isinstance(shown, list):
        yield from list_differences(shown, expected, where)
    elif shown != expected:
        yield f"{where}: shown {shown!r}, expected {expected!r}"


def list_differences(shown: list, expected: list, where: str) -> Iterator[str]:
    """Of lists of parts the differences of each; of a column how many values differ, and the first of them."""
    if len(shown) != len(expected):
        yield f"{where}: {len(shown)} shown, {len(expected)} expected"
    if any(isinstance(value, dict | list) for value in expected):
        for i, (found, value) in enumerate(zip(shown, expected, strict=False)):
            yield from differences(found, value, f"{where}[{i}]")
        return
    differing = [i for i, pair in enumerate(zip(shown, expected, strict=False)) if pair[0] != pair[1]]
    if differing:
        first = "; ".join(f"[{i}] shown {shown[i]!r}, expected {expected[i]!r}" for i in differing[:FIRST])
        yield f"{where}: {len(differing)} of {len(expected)} values differ: {first}"


def missing_text(shown: list[str], expected: str) -> Iterator[str]:
    """A text that is not shown: where the one most like it begins to differ."""
    if expected in shown:
        return
    nearest = max(shown, key=lambda text: SequenceMatcher(None, text, expected).quick_ratio(), default="")
    at = next((i for i, (a, b) in enumerate(zip(nearest, expected, strict=False)) if a != b),
              min(len(nearest), len(expected)))  # fmt: skip
    part = slice(max(at - AROUND, 0), at + AROUND)
    yield f"shown {nearest[part]!r}, expected {expected[part]!r}, from character {at} on"
