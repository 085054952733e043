"""What people pass where an initializer is asked for: an initializer, its name, or something that says what to pass."""

from typing import Any

from initviz import initializers
from initviz.initializers import CLASSES, THEMSELVES
from initviz.initializers.base import Initializer
from initviz.settings.choices import one_of


def resolve(value: Any) -> Initializer:
    """The initializer itself, or that of a name with its default arguments.

    >>> resolve("he_normal")
    he_normal()

    Raises:
        TypeError: it is a function that was not called, an initializer of jax or flax, or something else.
        ValueError: there is no such name, or the function of that name has arguments without a default.
    """
    if isinstance(value, Initializer):
        return value
    if isinstance(value, str):
        one_of("initializer", lambda: CLASSES)(value)
        if CLASSES[value].required:
            raise ValueError(
                f"{value} has arguments without a default: {', '.join(CLASSES[value].required)}. Pass {_call(value)}."
            )
        return CLASSES[value]()
    uncalled = [name for name, cls in CLASSES.items() if value is cls or value is getattr(initializers, name)]
    if uncalled:
        raise TypeError(f"{uncalled[0]} was not called. Pass {_call(uncalled[0])}.")
    library = (getattr(value, "__module__", None) or "").split(".")[0]
    if callable(value) and library in ("jax", "flax"):
        name = getattr(value, "__qualname__", "")  # of those that were called, that of a function inside
        one = name if name in CLASSES else "he_normal"
        raise TypeError(
            f"initializer must be one of initviz, got one of {library}, which does not tell its arguments. "
            f"Import the same name from initviz.initializers and pass for instance {_call(one)}."
        )
    raise TypeError(
        f"initializer must be an initializer or the name of one, got {type(value).__name__}. "
        "Pass for instance he_normal() of initviz.initializers."
    )


def _call(name: str) -> str:
    """How an initializer is written."""
    if name in THEMSELVES:
        return name
    return f"{name}({', '.join(CLASSES[name].required)})"
