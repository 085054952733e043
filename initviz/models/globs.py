"""Which tensors of a model a rule is for: patterns of paths, and of the kind of weight."""

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from initviz.models.tensor import Tensor
from initviz.wording import quoted

LONGEST = 300
"""Most characters of a pattern."""
MOST_ALTERNATIVES = 64
EXAMPLE = 'Write for instance "**/{kernel,weight}".'


def fits(pattern: str, tensor: Tensor) -> bool:
    """Whether a pattern is for this tensor.

    Names stand between slashes or dots: `*` is a part of a name, `**` any number of names, `{a,b}` one of several, and
    "Embedding: " before it asks for the kind of weight that the tensor's role names, or for the class that holds it.

    >>> import numpy as np
    >>> from initviz.models.tensor import Tensor
    >>> at = lambda path: Tensor(path, (4, 4), np.dtype("float32"), lambda: np.zeros((4, 4)))
    >>> [fits("**/c_*/{kernel,weight}", at(path)) for path in ("h/0/mlp/c_proj/kernel", "c_fc.weight", "c_fc.bias")]
    [True, True, False]

    Raises:
        ValueError: the pattern cannot be read.
    """
    kinds, _ = read(pattern)
    own = (tensor.role.kind if tensor.role else "", tensor.holder.rpartition(".")[2])
    if kinds and not any(each and fnmatchcase(each, kind) for each in own for kind in kinds):
        return False
    return fits_path(pattern, tensor.path)


def fits_path(pattern: str, path: str) -> bool:
    """The same for a path alone, of whatever kind."""
    names = names_in(path)
    return any(_fit(each, names) for each in read(pattern)[1])


@lru_cache(maxsize=1024)
def read(pattern: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The kinds that a pattern asks for, if any, and the paths that it allows, name by name.

    Raises:
        ValueError: it is no text, is too long, or has braces that do not close or that allow too much.
    """
    if not isinstance(pattern, str) or not pattern.strip() or len(pattern) > LONGEST:
        raise ValueError(f"a tensor must be named by 1 to {LONGEST} characters, got {quoted(pattern)}. {EXAMPLE}")
    kind, asks, path = pattern.strip().rpartition(": ")
    kinds = tuple(each.strip() for each in _alternatives(kind, pattern)) if asks else ()
    return kinds, tuple(names_in(each) for each in _alternatives(path, pattern))


def names_in(path: str) -> tuple[str, ...]:
    """The names of a path, which stand between slashes or dots.

    >>> names_in("h.0.mlp/c_fc/kernel")
    ('h', '0', 'mlp', 'c_fc', 'kernel')
    """
    return tuple(name for name in re.split(r"[/.]", path.strip()) if name)


def _alternatives(text: str, pattern: str) -> list[str]:
    """What a text with braces stands for, one after another."""
    done, left = [], [text]
    while left:
        text = left.pop()
        found = re.search(r"\{([^{}]*)\}", text)
        if found is None:
            done.append(text)
        else:
            left += [text[: found.start()] + each + text[found.end() :] for each in reversed(found[1].split(","))]
        if len(done) + len(left) > MOST_ALTERNATIVES:
            raise ValueError(
                f"a tensor must be named by at most {MOST_ALTERNATIVES} alternatives, got more in {quoted(pattern)}. "
                "Write a rule for each."
            )
        if found is None and set(text) & set("{}"):
            raise ValueError(f"braces must be closed, got {quoted(pattern)}. {EXAMPLE}")
    return done


def _fit(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether names fit those of a pattern, of which ** is any number."""
    ends = {0}  # how many of the names the pattern so far may have used
    for each in pattern:
        if each == "**":
            ends = set(range(min(ends), len(names) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(names) and fnmatchcase(names[end], each)}
        if not ends:
            return False
    return len(names) in ends
