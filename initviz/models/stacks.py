"""Laws of layers that lie in one array, each with its own scale."""

import ast
from collections.abc import Mapping, Sequence

import numpy as np

from initviz.initializers import Initializer
from initviz.models.tensor import Role, Tensor

MOST_LAYERS = 4096


def layers_in(tensor: Tensor, role: Role | None, node: ast.expr, known: Mapping[str, float]) -> int:
    """How many layers a tensor holds, for a law that names the layer where no path does; else 0."""
    named = any(isinstance(each, ast.Name) and each.id == "layer" for each in ast.walk(node))
    if not named or "layer" in known or role is None or not role.batch_axes:
        return 0
    size = tensor.shape[role.batch_axes[0]]
    return size if size == known.get("layers") and size <= MOST_LAYERS else 0


def stacked(each: Sequence[Initializer], axis: int, rank: int) -> Initializer:
    """One initializer for a stack, of those for its layers, with their numbers along an axis.

    >>> from initviz.initializers import normal
    >>> stacked([normal(1.0), normal(0.5)], 0, 3)
    normal(stddev=[[[1.0]], [[0.5]]])

    Raises:
        ValueError: they differ in more than a scale.
    """
    first = each[0]
    own = {name: getattr(first, name) for name in first.arguments}
    for name in own:
        numbers = [getattr(one, name) for one in each]
        if any(number != numbers[0] for number in numbers):
            if not type(first).param[name].slices:
                raise ValueError(
                    f"layers in one array must differ in a scale alone, got {first} and {each[-1]}, which differ in "
                    f"{name}. Write a law that differs in its scale."
                )
            own[name] = np.array(numbers).reshape([-1 if at == axis else 1 for at in range(rank)])
    return type(first)(**own)
