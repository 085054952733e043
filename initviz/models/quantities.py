"""Numbers of a model that a law may name: how many layers it has, and the fans of the weights."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from initviz.models.globs import names_in
from initviz.models.tensor import Role, Tensor

KNOWN = {
    "layers": "the number of its blocks",
    "layer": "the block that the tensor is in, from 0",
    "fan_in": "the number of inputs of each output",
    "fan_out": "the number of outputs of each input",
    "in_size": "the number of inputs of each output at one tap",
    "out_size": "the number of outputs of each input at one tap",
    "torch_fan_in": "the size of all axes but the first, which PyTorch counts",
    "hidden": "the number of units of a recurrent cell",
    "size": "the number of its weights",
}
"""What follows from the tensors themselves. The fans of a bias are those of the weights beside it."""
WEIGHTS = ("weight", "kernel", "w", "embedding")
"""What frameworks call the weights that a bias stands beside."""


def quantities(tensors: Iterable[Tensor]) -> dict[str, dict[str, float]]:
    """Of each path what is known for its tensor, of `KNOWN`.

    >>> import numpy as np
    >>> from initviz.models.tensor import Tensor
    >>> at = lambda path: Tensor(path, (4, 4), np.dtype("float32"), lambda: np.zeros((4, 4)))
    >>> found = quantities([at("wte/embedding"), at("h/0/mlp/kernel"), at("h/1/mlp/kernel")])
    >>> found["h/1/mlp/kernel"], found["wte/embedding"]["layers"]
    ({'size': 16, 'layers': 2, 'layer': 1}, 2)
    """
    tensors = list(tensors)
    lists, beside = _lists(tensors), _beside(tensors)
    most = max(lists.values(), key=lambda members: (sum(members.values()), len(members)), default=None)
    layers = len(most) if most else _stacked(tensors)
    found = {}
    for tensor in tensors:
        own: dict[str, float] = {"size": math.prod(tensor.shape)}
        if layers:
            own["layers"] = layers
        place = _place(tensor.path)
        if place:
            members = sorted(lists[place[0]])
            own |= {"layers": len(members), "layer": members.index(place[1])}
        found[tensor.path] = own | _fans(tensor, beside.get(_parent(tensor.path)[0], []))
    return found


@lru_cache(maxsize=4096)
def _place(path: str) -> tuple[str, int] | None:
    """Where a path is first numbered, and with what: "h/3/mlp/kernel" and "h_3/mlp/kernel" in the list of h.

    A name that is a number goes before names that end with one, such as block_3, since those may number anything.
    """
    names = names_in(path)
    for ends in (r"()(\d{1,9})", r"(.*?[A-Za-z]_?)(\d{1,9})"):
        for at, name in enumerate(names[:-1]):
            numbered = re.fullmatch(ends, name)
            if numbered:
                return "/".join([*names[:at], numbered[1]]), int(numbered[2])
    return None


def _lists(tensors: list[Tensor]) -> dict[str, Counter[int]]:
    """The numbered names at each place, and how many tensors are under each."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for tensor in tensors:
        place = _place(tensor.path)
        if place:
            found[place[0]][place[1]] += 1
    return found


SIDE_BY_SIDE = ("Embedding", "DepthwiseConv", "Experts")
"""Kinds whose first axis of copies is of rows, channels or experts."""


def _stacked(tensors: list[Tensor]) -> int:
    """How many layers lie stacked in one tensor, where they are not numbered: the most common size of a batch axis."""
    roles = [(tensor, tensor.role) for tensor in tensors if tensor.role and tensor.role.batch_axes]
    sizes = Counter(tensor.shape[role.batch_axes[0]] for tensor, role in roles if role.kind not in SIDE_BY_SIDE)
    return sizes.most_common(1)[0][0] if sizes else 0


def fans_of(shape: tuple[int, ...], role: Role) -> dict[str, float]:
    """Fans of weights by what their axes are for, as jax and PyTorch count them; none where the role names no outputs.

    What groups and strides change of them is not counted by those either.
    """
    fans = role.fans(shape)
    if fans is None:
        return {}
    apart = [size for axis, size in enumerate(shape) if axis not in role.batch_axes]
    return {
        "fan_in": fans.fan_in,
        "fan_out": fans.fan_out,
        "in_size": fans.in_size,
        "out_size": fans.out_size,
        "torch_fan_in": math.prod(apart[1:]),
    }


def _parent(path: str) -> tuple[str, str]:
    *above, name = names_in(path) or [""]
    return "/".join(above), name


def _beside(tensors: list[Tensor]) -> Mapping[str, list[tuple[str, Tensor, dict[str, float]]]]:
    """The weights in each module: name, tensor and fans."""
    found: dict[str, list[tuple[str, Tensor, dict[str, float]]]] = defaultdict(list)
    for tensor in tensors:
        if tensor.role and tensor.role.out_axes:
            module, name = _parent(tensor.path)
            found[module].append((name, tensor, fans_of(tensor.shape, tensor.role)))
    return found


def _fans(tensor: Tensor, beside: list[tuple[str, Tensor, dict[str, float]]]) -> dict[str, float]:
    """The fans of a tensor; of a bias those of the weights beside it, if only one can be meant."""
    own = fans_of(tensor.shape, tensor.role) if tensor.role else {}
    cells = {fans["in_size"] for _, each, fans in beside if each.role and each.role.kind == "Recurrent"}
    hidden = {"hidden": cells.pop()} if len(cells) == 1 else {}
    if own:
        return own | hidden
    names = {re.sub(r"bias|^b$", weight, _parent(tensor.path)[1]) for weight in WEIGHTS}
    named = [(each.shape, fans) for name, each, fans in beside if name in names]
    found = named or [(each.shape, fans) for _, each, fans in beside]
    size = math.prod(tensor.shape)
    if found and found[0][1] and all(fans == found[0][1] for _, fans in found):
        shape, fans = found[0]
        if size == fans["out_size"]:
            return fans | hidden
        if named and size in shape[:2]:  # transposed, which its name does not tell
            return {"torch_fan_in": fans["torch_fan_in"]} | hidden
    return hidden
