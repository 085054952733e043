"""Nested maps and lists of strangers as paths, however deep or often they hold one another."""

from collections.abc import Iterator
from typing import Any

from initviz.models.files.refusal import Place, wrong
from initviz.models.files.spans import COPY

DEEPEST = 64
LONGEST_NAME = 1000
"""Characters; names repeat in those of all that they hold."""
MOST_ITEMS = 1_000_000
"""Of a model of 100,000 tensors with its optimizer; a list that holds another twice doubles it with a few bytes."""


def leaves(tree: Any, kind: type, place: Place) -> Iterator[tuple[str, Any]]:
    """The leaves of a kind with their paths, names from the root between slashes; other leaves are left out.

    Raises:
        ModelFileError: it is too deep or has too many leaves.
    """
    seen = 0
    waiting: list[tuple[str, Any, int]] = [("", tree, 0)]
    while waiting:
        path, node, depth = waiting.pop()
        seen += 1
        if seen > MOST_ITEMS or depth > DEEPEST:
            raise wrong(place, f"nest at most {DEEPEST} deep, and have at most {MOST_ITEMS:,} items", "more", COPY)
        if len(path) > LONGEST_NAME:
            raise wrong(place, f"have names of at most {LONGEST_NAME:,} characters", f"{len(path):,}", COPY)
        if isinstance(node, kind):
            yield path, node
        elif isinstance(node, dict | list | tuple):
            items = list(node.items() if isinstance(node, dict) else enumerate(node))
            waiting += [(f"{path}/{name}" if path else str(name), each, depth + 1) for name, each in reversed(items)]
            if len(waiting) > MOST_ITEMS:
                raise wrong(place, f"have at most {MOST_ITEMS:,} items", "more", COPY)
