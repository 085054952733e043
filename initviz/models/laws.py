"""Laws as text: what a tensor is said to be drawn by, in the notation of jax's, PyTorch's or Keras's initializers."""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from initviz.initializers import CLASSES, Initializer, uniform
from initviz.initializers.scaling import VarianceScaling
from initviz.layers.foreign import translated
from initviz.layers.foreign_laws import Place, centred
from initviz.models.axes import AXES, counts_no_axis, pinned, unplaced
from initviz.models.grammar import EXAMPLE, WORDS, callee, check_names, is_foreign, ours, read, refuse
from initviz.models.quantities import KNOWN, fans_of
from initviz.models.stacks import layers_in, stacked
from initviz.models.tensor import Role, Tensor
from initviz.propagation.expressions import CONSTANTS
from initviz.settings.arithmetic import FUNCTIONS, value
from initviz.settings.texts import number_text
from initviz.wording import quoted

ANYTHING = "anything"
"""The law of what nobody declares: a mask, a table of frequencies."""
DTYPES = ("bfloat16", "float16", "float32", "float64")
"""What a law may be said to be drawn in."""
REFUSALS = (TypeError, IndexError, NotImplementedError, OverflowError, ZeroDivisionError)


def law_on(
    text: str, tensor: Tensor, role: Role | None = None, quantities: Mapping[str, float] | None = None
) -> Initializer:
    """The initializer of a law for one tensor, by the tensor's own order of axes; nothing of the text is executed.

    A law is a name or a call of `initviz.initializers`, `uniform(low, high)` with low = -high, or a call of PyTorch or
    Keras. In its numbers may stand + - * / **, sqrt, pi, e and quantities of the model. Fans are counted on the axes
    that the role says; a law that names an axis itself counts by jax's rule. Of layers in one array a law that names
    `layer` has a scale for each. Calls of PyTorch count as PyTorch does, outputs first, on a tensor that is known to be
    held by a module of PyTorch.

    >>> weight = Tensor("h.0.attn.c_proj.weight", (768, 512), np.dtype("float32"), lambda: np.zeros((768, 512)))
    >>> outputs_first = Role("Dense", in_axes=(1,), out_axes=(0,))
    >>> law_on("normal(0.02/√(2·layers))", weight, outputs_first, {"layers": 8})
    normal(stddev=0.005)
    >>> law_on("he_normal", weight, outputs_first)
    he_normal(in_axis=1, out_axis=0)

    Args:
        text: the law.
        tensor: that it is for.
        role: what the tensor's axes are for; by default that of the tensor.
        quantities: numbers that the law may name, besides the fans that follow from the role.

    Raises:
        ValueError: the text is no law, or none for this tensor; with the fix.
    """
    role = tensor.role if role is None else role
    known = {**(fans_of(tensor.shape, role) if role else {}), **(quantities or {})}
    try:
        node = read(text)
        called = None if is_foreign(node) else ours(node)
        layers = layers_in(tensor, role, node, known)
        if role and layers:
            each = [law_on(text, tensor, role, {**known, "layer": layer}) for layer in range(layers)]
            return stacked(each, role.batch_axes[0], len(tensor.shape))
        check_names(node, known, f"for {quoted(tensor.path)}")
        return _made(*called, tensor, role, known) if called else _translated(node, tensor, role, known)
    except RecursionError:
        refuse(text)


def check_law(text: str, names: Iterable[str] = ()) -> None:
    """Raise ValueError for what is a law of no tensor; `names` are quantities besides those that are always known."""
    if text == ANYTHING:
        return
    if not isinstance(text, str):
        refuse(text)
    sample = Tensor("a weight", (4, 4), np.dtype("float32"), lambda: np.zeros((4, 4)), role=Role("Dense", (0,), (1,)))
    known = dict.fromkeys([*KNOWN, *names], 4.0)
    try:
        node = read(text)
        called = None if is_foreign(node) else ours(node)
        check_names(node, known, "in a recipe")
        if {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & set(known):
            return  # its numbers are not known yet
        if called is None:
            _translated(node, sample, sample.role, known)
        else:
            _made(called[0], {key: each for key, each in called[1].items() if key not in AXES}, sample, sample.role, {})
    except RecursionError:
        refuse(text)


def text_of(initializer: Initializer) -> str:
    """The law of an initializer as short text, without axes, which follow from what a tensor is for.

    >>> from initviz.initializers import he_normal, variance_scaling
    >>> text_of(variance_scaling(0.5, "fan_in", "uniform")), text_of(he_normal(in_axis=1, out_axis=0))
    ('variance_scaling(0.5, fan_in, uniform)', 'he_normal')

    Raises:
        ValueError: it has another number for each slice.
    """
    if isinstance(initializer, VarianceScaling) and counts_no_axis(initializer):
        half = number_text(float(f"{np.sqrt(3 * initializer.scale):.12g}"))
        return f"uniform(-{half}, {half})"
    inside: list[str] = []
    in_order = True
    for name in initializer.arguments:
        given = getattr(initializer, name)
        if name not in AXES and np.ndim(given):
            raise ValueError(f"a law must be written with one number, got {initializer}. Write a rule for each slice.")
        if name in AXES or (name not in initializer.required and given == type(initializer).param[name].default):
            in_order = False
        else:
            text = str(given) if name in WORDS else number_text(given)
            inside.append(text if in_order else f"{name}={text}")
    return f"{initializer.function}({', '.join(inside)})" if inside else initializer.function


def _made(
    name: str, arguments: Mapping[str, ast.expr], tensor: Tensor, role: Role | None, known: Mapping[str, float]
) -> Initializer:
    """The initializer itself, by the axes of the tensor."""
    rank, given = len(tensor.shape), {key: _evaluated(key, each, known) for key, each in arguments.items()}
    try:
        if "low" in given:
            return _between(given["low"], given["high"], rank)
        made = CLASSES[name](**given)
    except ValueError:
        raise  # which says what, got and fix
    except REFUSALS as error:
        raise ValueError(f"{name} must have numbers that make a law, got {quoted(given)}: {error} {EXAMPLE}") from None
    return made if set(given) & set(AXES) else pinned(made, rank, role)


def _between(low: float, high: float, rank: int) -> Initializer:
    if low == 0 <= high:
        return uniform(high)
    if low != -high or high < 0:
        raise ValueError(
            f"a uniform law must be centred or begin at 0, got one from {low} to {high}. Choose another law."
        )
    return centred(high, rank)


def _evaluated(key: str, node: ast.expr, known: Mapping[str, float]) -> Any:
    """What one argument is: a word, axes, or a number."""
    if key == "dtype":
        return _dtype(node)
    if key in WORDS and isinstance(node, ast.Name):
        return node.id
    found = value(node, {**CONSTANTS, **known}, FUNCTIONS)
    if key in AXES:
        return tuple(found) if isinstance(found, list) else found
    if key not in WORDS and (isinstance(found, bool) or not isinstance(found, int | float)):
        raise ValueError(f"{key} must be a number, got {quoted(found)}. Write for instance {key}=0.02.")
    return found


def _dtype(node: ast.expr) -> np.dtype:
    """What weights are said to be drawn in, be they held in another dtype."""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "value", None)
    if name not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {quoted(ast.unparse(node))}. Leave it out.")
    return np.dtype(name)


def _translated(node: ast.expr, tensor: Tensor, role: Role | None, known: Mapping[str, float]) -> Initializer:
    """That of a call in PyTorch or Keras, with numbers in place of quantities."""
    made = translated(ast.unparse(_Numbers(known).visit(node)), Place(None, tensor.shape))
    if not unplaced(made):
        return made
    rank = len(tensor.shape)
    if tensor.holder.startswith("torch") and rank > 1 and callee(node)[-1].endswith("_"):
        return pinned(made, rank, Role("Dense", (1,), (0,)))
    return pinned(made, rank, role)


class _Numbers(ast.NodeTransformer):
    """Puts numbers in place of quantities."""

    def __init__(self, known: Mapping[str, float]):
        self.known = {**CONSTANTS, **known}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A number, if it has one."""
        return ast.Constant(self.known[node.id]) if node.id in self.known else node
