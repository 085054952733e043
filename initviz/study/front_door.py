"""What people pass to `Study` and `explore`, and what is said to what they probably meant otherwise."""

from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np

from initviz.initializers import CLASSES, Initializer
from initviz.initializers.resolve import resolve
from initviz.layers import LAYERS, Layer, RawShape
from initviz.layers import resolve as resolve_layer
from initviz.settings.choices import check_shape, one_of
from initviz.settings.codec import unknown
from initviz.wording import quoted


def sort_out(first: Any, law: Any, weights: Any) -> tuple[Any, Any]:
    """The initializer and the weights among the two that come first and the one that comes by name.

    Raises:
        TypeError: they are not of these kinds, or too many.
    """
    for value in (first, law):
        if isinstance(value, list | tuple) and value and all(isinstance(size, int) for size in value):
            raise TypeError(f"the initializer comes first, got the shape {quoted(value)}. Pass it as shape={value}.")
    if _is_array(first):
        if weights is not None:
            raise TypeError("weights must be given once, got two arrays. Leave weights=... out.")
        return ("he_normal" if law is None else law), first
    if _is_array(law):
        if np.ndim(law) == 1 and np.asarray(law).dtype.kind in "iu":
            sizes = tuple(np.asarray(law).tolist())
            raise TypeError(f"the initializer comes first, got the shape {quoted(sizes)}. Pass it as shape={sizes}.")
        raise TypeError(
            f"weights come before their law, got {_named(first)} before {_named(law)}. Pass the weights first."
        )
    if law is not None:
        raise TypeError(
            f"a second argument is the law of weights that come first, got {_named(first)} before {_named(law)}. "
            "Pass one initializer, or an array and its law."
        )
    return first, weights


def _is_array(value: Any) -> bool:
    return isinstance(value, list | tuple) or (hasattr(value, "__array__") and not isinstance(value, type))


def _named(value: Any) -> str:
    return quoted(value) if isinstance(value, str | Initializer) else getattr(value, "__name__", type(value).__name__)


def initializer_of(value: Any, arguments: dict[str, Any], others: Iterable[str]) -> tuple[str, Initializer]:
    """Name and initializer of what was passed, with these arguments changed: one of its own, whoever else has it.

    Args:
        value: an initializer or the name of one.
        arguments: those that were passed by name.
        others: names of what else can be passed, for a message.

    Raises:
        TypeError: it is no initializer, or has no argument of that name.
        ValueError: there is no such name, or an argument that cannot be used.
    """
    if isinstance(value, str):
        one_of("initializer", lambda: CLASSES)(value)
        function, cls, own = value, CLASSES[value], {}
    else:
        value = resolve(value)
        function, cls = value.function, type(value)
        own = {name: getattr(value, name) for name in cls.law_arguments()}
    names = cls.law_arguments()
    for name, argument in arguments.items():
        if name in names:
            continue
        if (
            name.endswith(("init", "initializer", "function"))
            or isinstance(argument, Initializer)
            or callable(argument)
        ):
            raise TypeError(
                f"the initializer comes first and has no name, got {name}={_named(argument)}. Pass he_normal() alone."
            )
        raise TypeError(unknown(name, [*names, *others], function).replace("Leave it out.", _where(name)))
    return function, cls(**own | arguments)


def no_setting(name: str, initializer: Initializer, names: Iterable[str]) -> str:
    """What to say to a setting of a study that there is not."""
    if name in initializer.arguments:
        return f"{name} is an argument of the initializer, got it of the study. Set study.initializer.{name}."
    return unknown(name, list(names), "")


def _where(name: str) -> str:
    """Where an argument belongs that the initializer does not have."""
    having = [each for each, cls in CLASSES.items() if name in cls.arguments]
    layers = [each for each, cls in LAYERS.items() if name in cls.arguments]
    if having:
        return f"Choose {' or '.join(having)} for it."
    return f"Pass it to the layer, as in layer={layers[0]}({name}=...)." if layers else "Leave it out."


def layer_of(layer: Any, shape: Any, weights: Any) -> Layer:
    """The layer of what was passed: by object, class, name or title, or a raw shape, which may be a text.

    Raises:
        TypeError, ValueError: there is no such layer or shape, or they disagree with each other or with the weights.
    """
    found = _layer(layer, shape)
    if weights is not None and (layer, shape) != (None, None) and found.kernel != np.shape(weights):
        passed = "shape" if layer is None else "layer"
        raise ValueError(
            f"weights must have the shape of the layer, {found.kernel}, got {np.shape(weights)}. "
            f"Leave the {passed} out."
        )
    return found


def _layer(layer: Any, shape: Any) -> Layer:
    if shape is not None:
        shape = RawShape.param.shape.parse(shape) if isinstance(shape, str) else check_shape(shape)
    if layer is None:
        return RawShape() if shape is None else RawShape(shape=shape)
    layer = resolve_layer(layer)
    if shape not in (None, layer.kernel):
        raise ValueError(f"shape must be that of the layer, {layer.kernel}, got {shape}. Leave one out.")
    return layer


def dtype_of(dtype: Any, initializer: Any = None) -> str:
    """Name of the dtype that was passed, else of the initializer's own, else of jax's default."""
    own = initializer.dtype if isinstance(initializer, Initializer) else None
    wanted = own if dtype is None else dtype
    if wanted is None:
        return "float32"
    try:
        return jnp.dtype(wanted).name
    except TypeError:
        return wanted  # to be refused with the names there are
