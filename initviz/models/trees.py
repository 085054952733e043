"""A model in memory as a list of its tensors: what jax calls a pytree, a module of flax.nnx, Equinox or PyTorch.

None of the frameworks is imported: what is looked at is the names of classes, and jax's own list of the children of a
node. Any module that jax knows how to flatten is therefore read, known or not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import jax

from initviz.models.holders import held_role, known_as
from initviz.models.leaves import from_torch, is_array, tensor_at
from initviz.models.makers import Held
from initviz.models.names import slashed
from initviz.models.tensor import Tensor

PASS = (
    "Pass a module of flax.nnx, Equinox or PyTorch, what init(...) of flax.linen or Haiku returned, a state_dict, or "
    "any dict of arrays."
)


class Node(NamedTuple):
    """Something on the way from the root to an array: its name in what holds it, and itself."""

    name: str
    value: Any


def tensors_of(model: Any) -> tuple[Tensor, ...]:
    """Every tensor of weights of a model in memory, in the model's own order; what no array is, is passed over.

    Takes modules of flax.nnx, Equinox and PyTorch, `nnx.State`, variables of flax.linen, of which the collection
    "params" counts, parameters of Haiku, state_dicts, and any other pytree of arrays. Of flax.nnx the variables that
    are an `nnx.Param` count, of a module of PyTorch its parameters. Arrays that stand at two paths are listed at both,
    and have the same `same`. Nothing is computed or copied before `read` is called.

    >>> import numpy as np
    >>> [tensor] = tensors_of({"linear": {"w": np.zeros((3, 2)), "activation": None}})
    >>> tensor.path, tensor.shape
    ('linear/w', (3, 2))

    Raises:
        TypeError: the model is one array.
        ValueError: it has no tensor, or one without values; the message says what to pass.
    """
    if is_array(model) or _is(model, "Variable"):
        raise TypeError(
            f"model must be a module or a tree of arrays, got one array, {_article(model)}. "
            "Pass it to initviz.check(weights, initializer) instead."
        )
    return _some(tuple(found for found in _tensors(_weights_of(model)) if found), model)


def _some(tensors: tuple[Tensor, ...], model: Any) -> tuple[Tensor, ...]:
    if not tensors:
        raise ValueError(f"model must have at least one tensor of weights, got {_article(model)} without any. {PASS}")
    return tensors


def _weights_of(model: Any) -> Any:
    """The part of what was passed that holds weights: the collection of parameters among the variables of a model."""
    if _is(model, "Module", "flax.linen"):
        if getattr(model, "scope", None) is None:
            raise ValueError(
                f"model must have weights, got {_article(model)} of flax.linen, which has none itself. "
                "Pass what its init(...) returned."
            )
        model = model.variables
    while isinstance(model, Mapping) and isinstance(model.get("params"), Mapping):
        model = model["params"]
    flat = isinstance(model, Mapping) and model and all(isinstance(each, str) for each in model)
    if flat and any(is_array(each) for each in model.values()):
        return {slashed(name): value for name, value in model.items()}
    return model


def _tensors(model: Any) -> Iterator[Tensor | None]:
    for nodes in _walk(model):
        *above, (name, leaf) = nodes
        path = "/".join(node.name for node in nodes if node.name)
        modules = [node for node in above if not isinstance(node.value, Mapping | list | tuple)]
        found = tensor_at(path, _value_of(leaf))
        if found and modules:
            at, module = modules[-1]
            held = Held(module, name, found.shape, at, modules[-2].value if len(modules) > 1 else None)
            found = replace(found, holder=known_as(type(module)), role=held_role(held))
        yield found


def _walk(root: Any) -> Iterator[tuple[Node, ...]]:
    """Every array of a model, with all nodes on the way to it."""
    waiting: list[tuple[Node, ...]] = [(Node("", root),)]
    while waiting:
        nodes = waiting.pop()
        here = nodes[-1].value
        if is_array(here) or _is(here, "Variable", "flax.nnx"):
            if is_array(_value_of(here)):
                yield nodes
            continue
        below = (Node(name, child) for name, child in _children(here))
        above = {id(node.value) for node in nodes}  # a module may know the one that it is in
        waiting += reversed([(*nodes, node) for node in below if id(node.value) not in above])


def _value_of(leaf: Any) -> Any:
    """The array itself; of a variable of flax.nnx its own, where it is a parameter."""
    if _is(leaf, "Variable", "flax.nnx"):
        return leaf.get_value() if _is(leaf, "Param", "flax.nnx") else None
    return leaf


def _children(node: Any) -> list[tuple[str, Any]]:
    """What a node holds, by name; nothing for what is no node."""
    if isinstance(node, Mapping):
        return [(str(name), child) for name, child in node.items()]
    if from_torch(node) and hasattr(node, "named_children"):
        below = node.named_modules(remove_duplicate=False)
        own = node.named_parameters(recurse=False, remove_duplicate=False)
        return [*own, *((name, child) for name, child in below if name and "." not in name)]
    if _is(node, "Pytree", "flax.nnx"):  # jax would sort them, and does not know those made with pytree=False
        own = ((name, child) for name, child in vars(node).items() if not name.startswith("_pytree__"))
        return [(name, child) for name, child in own if not is_array(child)]  # constants: weights are variables
    found = jax.tree_util.tree_flatten_with_path(node, is_leaf=lambda each: each is not node)[0]
    if [key for key, _ in found] != [()]:
        boxed = _is(node, "AxisMetadata", "flax")
        return [("" if boxed else _name(key[0]), child) for key, child in found]
    return []


def _name(key: Any) -> str:
    """A key of jax as a name: that of an attribute, an item or a number."""
    found = (getattr(key, attribute) for attribute in ("name", "key", "idx") if hasattr(key, attribute))
    return str(next(found, key))


def _is(value: Any, name: str, module: str = "") -> bool:
    """Whether one of the classes that a value is made from has this name, and comes from this module."""
    return any(cls.__name__ == name and cls.__module__.startswith(module) for cls in type(value).__mro__)


def _article(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
