"""Laws as text, taken apart: what is called, and with which arguments."""

import ast
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from initviz.initializers import CLASSES
from initviz.layers.foreign import JAX
from initviz.models.quantities import KNOWN
from initviz.propagation.expressions import CONSTANTS, TYPED
from initviz.settings.arithmetic import dotted, parsed
from initviz.wording import near, quoted

EXAMPLE = "Write for instance normal(0.02), he_normal or zeros."
WORDS = ("mode", "distribution", "dtype")
"""Arguments that are names, in quotes or without."""
ROOT = re.compile(r"√\s*(?:(?=\()|([\w.]+))")


def read(text: Any) -> ast.expr:
    """The tree of a law.

    Raises:
        ValueError: the text has none.
    """
    try:
        return parsed(ROOT.sub(lambda root: f"sqrt({root[1]})" if root[1] else "sqrt", text).translate(TYPED))
    except (ValueError, AttributeError, TypeError):
        refuse(text)


def refuse(text: Any) -> NoReturn:
    """Raise ValueError for what is no law at all."""
    raise ValueError(f"a law must be a name or a call of an initializer, got {quoted(text)}. {EXAMPLE}")


def callee(node: ast.expr) -> list[str]:
    """The names of what is called, or named alone."""
    return dotted(node.func if isinstance(node, ast.Call) else node)


def is_foreign(node: ast.expr) -> bool:
    """Whether it is a call of PyTorch or Keras: with their modules before it, an underscore behind it, or in quotes."""
    path = callee(node)
    ours = path[:1] in (["jax"], ["flax"]) or path[-3:-1] in JAX or (len(path) == 2 and path[0] == "initializers")
    return bool(path) and not ours and (len(path) > 1 or path[-1].endswith("_"))


def check_names(node: ast.expr, known: Mapping[str, float], where: str) -> None:
    """Raise ValueError for a name in a number that is none of a quantity, a constant, or a word."""
    if not isinstance(node, ast.Call):
        return
    words = {id(each) for each in _word_arguments(node)}
    for each in ast.walk(node):
        if not isinstance(each, ast.Name) or id(each) in words or each.id in (*known, *CONSTANTS):
            continue
        if each.id in KNOWN:
            raise ValueError(
                f"{each.id} must be known {where}, which is {KNOWN[each.id]}, got a law that names it. Write its value "
                f"in its place, or among the recipe's quantities."
            )
        fix = near(each.id, known, f"Known are {', '.join(known)}." if known else EXAMPLE)
        raise ValueError(f"a law must name quantities that are known {where}, got {quoted(each.id)}. {fix}")


def _word_arguments(node: ast.Call) -> list[ast.AST]:
    """What names that are no numbers stand in: functions and modules, PyTorch's tensor, mode and distribution."""
    modules = [each for each in ast.walk(node) if isinstance(each, ast.Attribute)]
    functions = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    apart: list[ast.AST] = [part for each in (*modules, *functions) for part in ast.walk(each)]
    if is_foreign(node):
        return [*apart, *node.args[:1]]
    cls = CLASSES.get((callee(node) or [""])[-1])
    by_place = zip(cls.arguments if cls else (), node.args, strict=False)
    by_name = ((str(each.arg), each.value) for each in node.keywords)
    return [*apart, *(each for name, each in (*by_place, *by_name) if name in WORDS)]


def ours(node: ast.expr) -> tuple[str, dict[str, ast.expr]]:
    """The name of an initializer here, and its arguments by name, not evaluated yet."""
    path = callee(node)
    if not path:
        refuse(ast.unparse(node))
    name = path[-1]
    if name not in CLASSES:
        raise ValueError(
            f"a law must have the name of an initializer, got {quoted(name)}. {near(name, CLASSES, EXAMPLE)}"
        )
    args, keywords = (node.args, node.keywords) if isinstance(node, ast.Call) else ([], [])
    given = {str(each.arg): each.value for each in keywords}
    if name == "uniform" and len(args) == 2 and not given:
        return "uniform", {"low": args[0], "high": args[1]}
    try:
        bound = CLASSES[name].signature().bind(*args, **given)
    except TypeError as error:
        wanted = ", ".join(CLASSES[name].law_arguments()) or "none"
        raise ValueError(
            f"{name} must have its arguments, {wanted}, got {quoted(ast.unparse(node))}: {error}."
        ) from None
    return name, bound.arguments
