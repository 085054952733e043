"""Calls and arithmetic that are typed as text: parsed by Python's grammar, and never run."""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from initviz.wording import quoted

LONGEST = 500
"""Most characters of a text that is parsed."""
MODULES = ("math", "np", "numpy", "torch")
"""Whose constants and roots are known."""
OPERATIONS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: lambda x, y: float(x) ** y, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
CONSTANTS = {
    f"{module}.{name}": value
    for module in MODULES
    for name, value in {"pi": math.pi, "e": math.e, "inf": math.inf}.items()
}
NOTHING: Mapping[str, Any] = {}


def _infinity(text: Any) -> float:
    if text not in ("inf", "-inf"):
        raise ValueError
    return float(text)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt,
    "float": _infinity,
    **{f"{module}.sqrt": math.sqrt for module in MODULES},
}


def parsed(text: Any) -> ast.expr:
    """The one expression that a text is.

    Raises:
        ValueError: it is none, is no text or is too long; of no wording.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of digits and escapes that Python finds odd
            return ast.parse(text.strip().rstrip(";"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError from None


def dotted(node: ast.expr) -> list[str]:
    """The names of a.b.c; none for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def value(
    node: ast.expr, names: Mapping[str, float] = NOTHING, functions: Mapping[str, Callable[..., Any]] = FUNCTIONS
) -> Any:
    """What an argument is: a number, a text, a list of them, or arithmetic with numbers that is spelled out.

    >>> value(parsed("0.02 / sqrt(2 * layers)"), {"layers": 8})
    0.005

    Args:
        node: of `parsed`.
        names: numbers that stand there by their name.
        functions: what may be called, by its name and that of its module, if it has one: "math.sqrt".

    Raises:
        ValueError: it is anything else, with the fix.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | bool | None):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [value(each, names, functions) for each in node.elts]
    if isinstance(node, ast.BinOp | ast.UnaryOp) and type(node.op) in OPERATIONS:
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
        numbers = [value(part, names, functions) for part in parts]
        if all(isinstance(number, int | float) for number in numbers):
            try:
                return _real(OPERATIONS[type(node.op)](*numbers))
            except (ZeroDivisionError, OverflowError):
                pass
    name = ".".join(dotted(node)[-2:])
    if name in names:
        return names[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if isinstance(node, ast.Call):
        function = functions.get(".".join(dotted(node.func)[-2:]))
        given = [value(each, names, functions) for each in node.args]
        named = {str(each.arg): value(each.value, names, functions) for each in node.keywords}
        try:
            if function is not None:
                return function(*given, **named)
        except (TypeError, ValueError, OverflowError, KeyError):
            pass
    raise ValueError(
        f"an argument must be a number, a text or arithmetic with numbers, got {quoted(ast.unparse(node))}. "
        "Write its value, such as 0.02 or math.sqrt(5)."
    )


def _real(number: Any) -> Any:
    """The number, unless a root of a negative one made it complex."""
    if isinstance(number, complex):
        raise OverflowError
    return number
