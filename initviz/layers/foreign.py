"""From a call in PyTorch or Keras to the call here: the text is parsed, never run."""

import ast
import inspect
from typing import Any, NoReturn

from initviz.initializers import Initializer
from initviz.layers.base import Layer
from initviz.layers.catalogue import resolve
from initviz.layers.foreign_laws import KERAS, REFUSED, TORCH, Place, calculate_gain
from initviz.settings.arithmetic import FUNCTIONS, dotted, parsed, value
from initviz.wording import near, quoted

EXAMPLE = "Write for instance torch.nn.init.kaiming_normal_(w, mode='fan_out') or keras.initializers.HeNormal()."
ARITHMETIC = FUNCTIONS | {"calculate_gain": calculate_gain, "init.calculate_gain": calculate_gain}


def translate(call: str, layer: Layer | type[Layer] | str | None = None) -> Initializer:
    """The initializer here that has the law of a call in PyTorch or Keras, which is parsed and never run.

    It is for the kernel in the order that flax keeps it, inputs before outputs and taps first: PyTorch's weight
    `(outputs, inputs, *taps)` is `(*taps, inputs, outputs)` here. Of a `layer` that PyTorch or Keras keep otherwise,
    such as "AttentionProjection" or `ConvTranspose(...)`, the axes and the scale follow from how they keep it. Where
    the number of axes matters, as for a uniform law on both sides of 0, the layer has to be named.

    PyTorch's `*_normal_` are not truncated and so are `variance_scaling(…, "normal")` here; its `trunc_normal_` takes
    cuts in units of the weight. Keras's `"normal"` of `VarianceScaling` is truncated.

    >>> translate("torch.nn.init.kaiming_normal_(w, mode='fan_out')")
    variance_scaling(scale=2.0, mode='fan_out', distribution='normal')
    >>> translate("nn.init.xavier_uniform_(self.weight, gain=nn.init.calculate_gain('relu'))", "AttentionProjection")
    variance_scaling(scale=2.0, mode='fan_avg', distribution='uniform', in_axis=0, out_axis=(1, 2))
    >>> translate("he_normal"), translate("keras.initializers.Orthogonal(gain=0.5)")
    (he_normal(), orthogonal(scale=0.5))

    Args:
        call: the call, as it stands in a program; of Keras also a name alone, such as "glorot_uniform".
        layer: the layer whose weights it fills, as for `initviz.explore`; None for inputs before outputs.

    Raises:
        ValueError: the text is no such call, its law has no counterpart here, or needs the layer; with the fix.
    """
    try:
        return translated(call, Place(None if layer is None else resolve(layer)))
    except RecursionError:
        _refuse(call)


def translated(call: str, place: Place) -> Initializer:
    """The same for a place, which may be a shape that no layer has."""
    framework, name, arguments, keywords = _read(call)
    if any(isinstance(each, ast.Starred) for each in arguments):
        _refuse(call)
    functions, refused = (TORCH, KERAS)[framework == "Keras"], REFUSED.get(name)
    if refused:
        raise ValueError(f"the call must have a law that is known here, got {quoted(name)}: {refused}")
    if name not in functions:
        raise ValueError(
            f"the call must be of an initializer of {framework}, got {quoted(name)}. {near(name, functions, EXAMPLE)}"
        )
    function = functions[name]
    if framework == "PyTorch":
        if not arguments and "tensor" not in keywords:
            raise ValueError(f"{name} must name the tensor that it fills, got none. Write {name}(w).")
        arguments = arguments[1:] if arguments else arguments
        keywords.pop("tensor", None)
    keywords.pop("generator" if framework == "PyTorch" else "seed", None)  # which no law depends on
    try:
        bound = inspect.signature(function).bind(
            place, *map(_value, arguments), **{key: _value(each) for key, each in keywords.items()}
        )
    except TypeError as error:
        raise ValueError(f"{name} must have the arguments of {framework}, got {quoted(call)}: {error}.") from None
    for key, given in bound.arguments.items():
        if key in NUMERIC and not isinstance(given, int | float):
            raise ValueError(f"{key} of {name} must be a number, got {quoted(given)}. Write for instance {key}=0.02.")
    try:
        return function(*bound.args, **bound.kwargs)
    except (TypeError, IndexError, OverflowError, ZeroDivisionError) as error:
        # One of ours says what, got and fix itself; one of Python's is about what goes on inside.
        said = f": {error}" if " must " in str(error) else f". {EXAMPLE}"
        raise ValueError(f"{name} must have arguments that make a law, got {quoted(call)}{said}") from None


def _read(call: str) -> tuple[str, str, list[ast.expr], dict[str, ast.expr]]:
    """Framework, name, and what stands between the brackets: of PyTorch the tensor first."""
    node = _parsed(call)
    arguments: list[ast.expr] = []
    keywords: dict[str, ast.expr] = {}
    called = isinstance(node, ast.Call)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # 'he_normal', with its quotes
        node = _parsed(node.value)
    if isinstance(node, ast.Call):
        arguments, keywords = node.args, {str(each.arg): each.value for each in node.keywords}
        node = node.func
    *path, name = dotted(node) or _refuse(call)
    if path[-1:] == ["initializers"] and name == "get" and len(arguments) == 1:
        return _read(arguments[0].value) if isinstance(arguments[0], ast.Constant) else _refuse(call)
    if path[:1] in (["jax"], ["flax"]) or path[-2:] in JAX:
        raise ValueError(
            f"the call must be of PyTorch or Keras, got {quoted(call)}. initviz.initializers has jax's names already."
        )
    old = name + "_" in (*TORCH, *REFUSED) and name not in KERAS
    is_torch = path[-1:] == ["init"] or (not path and (name.endswith("_") or (called and old)))
    is_keras = path[-1:] == ["initializers"] and path[-2:-1] in ([], ["keras"], ["tf"], ["tensorflow"])
    if path and not (is_torch or is_keras):  # haiku's and TensorFlow 1's have the same names and other laws
        _refuse(call)
    if not path and called and name in KERAS and name + "_" in TORCH and name.islower():
        raise ValueError(
            f"the call must say whose it is, got {quoted(call)}, which both have. Write torch.nn.init.{name}_(w) or "
            f"keras.initializers.{name}."
        )
    if is_torch and name + "_" in (*TORCH, *REFUSED):
        name += "_"  # the names without an underscore are PyTorch's old ones
    return "PyTorch" if is_torch else "Keras", name, arguments, keywords


def _parsed(text: Any) -> ast.expr:
    """The one expression that a text is."""
    try:
        return parsed(text)
    except ValueError:
        _refuse(text)


def _refuse(call: object) -> NoReturn:
    raise ValueError(f"the call must be one of torch.nn.init or keras.initializers, got {quoted(call)}. {EXAMPLE}")


def _value(node: ast.expr) -> Any:
    return value(node, functions=ARITHMETIC)


NUMERIC = {"mean", "std", "stddev", "a", "b", "gain", "scale", "minval", "maxval"}
"""Arguments that are one number, in either framework."""
JAX = ["nnx", "initializers"], ["nn", "initializers"], ["linen", "initializers"]
"""Where flax has its initializers, which have the same names as some of Keras's."""
