"""JSON that strangers have written: an object without repeated names, of bounded size, or a message."""

import json
from pathlib import Path
from typing import Any

from initviz.models.files.refusal import broken, told, wrong
from initviz.models.files.spans import COPY
from initviz.wording import quoted

LARGEST_JSON = 100_000_000
"""Bytes; the bound of safetensors itself."""
MOST_VALUES = 5_000_000
"""More than half a million tensors have; each takes memory."""


def json_object(data: bytes, path: Path, what: str) -> dict[str, Any]:
    """The object that these bytes of a file write.

    Raises:
        ModelFileError: they are none.
    """
    if sum(data.count(mark) for mark in (b",", b"{", b"[")) > MOST_VALUES:
        raise wrong(path, f"have at most {MOST_VALUES:,} values in {what}", "more", COPY)
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise broken(path, f"{what} is nested too deeply", COPY) from None
    except ValueError as error:
        raise broken(path, f"{what} is no JSON, {error}", COPY) from None
    if not isinstance(found, dict):
        raise wrong(path, f"have a JSON object as {what}", told(found), COPY)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"it has {quoted(twice)} twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
