"""Functions of one argument, typed as text: parsed by a small grammar and never run as Python.

The grammar: `x`, numbers, `pi`, `e`, `+ - * / **`, the functions of `operations.FUNCTIONS`, maximum, minimum,
where(a comparison, one, other), and functions by name that are texts of this grammar themselves.
"""

import ast
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
from jax import numpy as jnp
from scipy.optimize import brentq

from initviz.propagation.operations import FUNCTIONS, OPERATIONS, TWO, Dual
from initviz.wording import near, quoted

TYPED = str.maketrans({"^": "**", "−": "-", "·": "*", "×": "*", "π": "pi"})
"""What may be typed for what Python reads."""
LONGEST = 200
"""Most characters of an expression."""
MOST_PARTS, MOST_KINKS = 1000, 400
CONSTANTS = {"pi": math.pi, "e": math.e}
SCANNED = np.union1d(np.linspace(-40, 40, 10241), np.geomspace(40, 1e4, 256) * np.array([[-1], [1]]))
"""Where switches are looked for."""
EXAMPLE = "Write for instance tanh(2*x) or x*sigmoid(1.7*x)."
WRITTEN = {"where": "where(x > 0, x, 0)", "maximum": "maximum(x, 0)", "minimum": "minimum(x, 0)"}
"""Functions of more than x."""
SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
COMPARISONS: dict[type[ast.cmpop], str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


@dataclass(frozen=True)
class Part:
    """A part of an expression: x, a number, or an operation on parts."""

    operation: str
    parts: tuple["Part", ...] = ()
    number: float = 0.0

    def dual(self, x: Dual) -> Dual:
        """Its values and derivatives at x."""
        if not self.parts:
            return x if self.operation == "x" else Dual(self.number, 0.0)
        return OPERATIONS[self.operation].dual(*(part.dual(x) for part in self.parts))

    def jax(self, x: jax.Array) -> Any:
        """Its values at x, in jax."""
        if not self.parts:
            return x if self.operation == "x" else self.number
        return OPERATIONS[self.operation].jax(*(part.jax(x) for part in self.parts))

    def with_numbers(self, numbers: Iterator[Any]) -> "Part":
        """It with other numbers in the order of `all`, which may be traced by jax; exponents stay."""
        if self.operation == "number":
            return number(next(numbers))
        parts = self.parts[:1] if self.operation == "**" else self.parts
        changed = tuple(part.with_numbers(numbers) for part in parts)
        return Part(self.operation, changed + self.parts[len(parts) :])

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers in it but exponents, which are structure."""
        if self.operation == "number":
            return (self.number,)
        parts = self.parts[:1] if self.operation == "**" else self.parts
        return tuple(found for part in parts for found in part.numbers)

    def all(self) -> Iterator["Part"]:
        """It and all parts of it."""
        yield self
        for part in self.parts:
            yield from part.all()

    def switch(self, x: npt.ArrayLike) -> np.ndarray | None:
        """What changes its sign where it takes another branch; None of what has none."""
        switch = OPERATIONS[self.operation].switch if self.parts else None
        if switch is None:
            return None
        values = (part.dual(Dual(np.asarray(x, float), 0.0)).value for part in self.parts)
        return np.broadcast_to(switch(*values), np.shape(x))


X = Part("x")


def number(value: float) -> Part:
    """A number as a part."""
    return Part("number", number=value)


@dataclass(frozen=True)
class Named:
    """A function by name: its text in x and its parameters, which have these values unless others are given."""

    text: str
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Expression:
    """A function of x that was read from a text.

    >>> read("x * sigmoid(x)").kinks, read("maximum(x, 0) - abs(x - 2)").kinks
    ((), (0.0, 2.0))
    """

    text: str
    whole: Part = field(repr=False)

    def dual(self, x: npt.ArrayLike) -> Dual:
        """Values and derivatives at x, in double precision; where it has a kink, from one side."""
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):
            found = self.whole.dual(Dual(x, np.ones_like(x)))
        return Dual(*(np.broadcast_to(part, x.shape) for part in found))

    def jax(self, x: jax.Array) -> jax.Array:
        """Values at x, by jax.numpy, in the dtype of x."""
        return jnp.broadcast_to(self.whole.jax(x), x.shape).astype(x.dtype)

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """Where it may have a kink or jump, from −10,000 to 10,000: where a part of it switches.

        Raises:
            ValueError: there are more than can be integrated between.
        """
        with np.errstate(all="ignore"):
            found = {round(root, 12) for part in self.whole.all() for root in _switches(part)}
        if len(found) > MOST_KINKS:
            raise ValueError(f"an activation may have {MOST_KINKS} kinks, got more. {EXAMPLE}")
        return tuple(sorted(found))

    @cached_property
    def jumps(self) -> tuple[tuple[float, float], ...]:
        """Where it jumps, and by how much its square does."""
        kinks = np.array(self.kinks)
        step = 1e-9 * np.maximum(np.abs(kinks), 1)
        above, below = self.dual(kinks + step).value, self.dual(kinks - step).value
        there = np.abs(above - below) > 1e-6
        return tuple(zip(kinks[there].tolist(), (above**2 - below**2)[there].tolist(), strict=True))


def _switches(part: Part) -> Iterator[float]:
    """Where a part switches: between two of the points that are looked at, or at one."""
    found = part.switch(SCANNED)
    if found is None:
        return
    sign = np.sign(found)
    inner = sign[1:-1]
    yield from SCANNED[1:-1][(inner == 0) & (sign[:-2] * sign[2:] < 0)].tolist()
    for i in np.flatnonzero(sign[1:] * sign[:-1] < 0)[: MOST_KINKS + 1]:
        yield float(brentq(part.switch, SCANNED[i], SCANNED[i + 1], xtol=1e-14))


def read(text: str, named: Mapping[str, Named] | None = None) -> Expression:
    """The function that a text gives; `named` are further functions by name.

    Raises:
        ValueError: it is not an expression of this grammar; with the fix.
    """
    if not isinstance(text, str):
        raise ValueError(f"an activation must be a name or an expression in x, got {quoted(text)}. {EXAMPLE}")
    if len(text) > LONGEST:
        raise ValueError(f"an activation may have {LONGEST} characters, got {len(text)}. {EXAMPLE}")
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text.translate(TYPED).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{quoted(text)} is not an expression in x. {EXAMPLE}") from None
    return Expression(text, _Reader(named or {}).read(tree, {"x": X}))


class _Reader:
    """Turns Python's tree of a text into parts, or refuses it."""

    def __init__(self, named: Mapping[str, Named]):
        self.named = named

    def read(self, node: ast.expr, names: Mapping[str, Part]) -> Part:
        """The part that a tree gives, where names stand for these parts."""
        found = self._read(node, names)
        if sum(1 for _ in found.all()) > MOST_PARTS:
            raise ValueError(f"an activation may have {MOST_PARTS} parts, got more. {EXAMPLE}")
        return found

    def _read(self, node: ast.expr, names: Mapping[str, Part]) -> Part:
        read = partial(self.read, names=names)
        match node:
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.Name(id=name) if name in CONSTANTS:
                return number(CONSTANTS[name])
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return number(_finite(value))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return read(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Part("*", (number(-1.0), read(operand)))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
                return Part(SIGNS[type(op)], (read(left), read(right)))
            case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as condition, first, second], keywords=[]):
                return self._choice(condition, read(first), read(second), names)
            case ast.Call(func=ast.Name(id=name), args=[_, _] as both, keywords=[]) if name in TWO:
                return Part(name, tuple(map(read, both)))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
                return Part(name, (read(argument),))
            case ast.Call(func=ast.Name(id=name), args=[_, *_]) if name in self.named:
                return self._put_in(name, node, names)
        raise ValueError(self._refusal(node, names))

    def _choice(self, node: ast.Compare, first: Part, second: Part, names: Mapping[str, Part]) -> Part:
        if len(node.ops) != 1 or type(node.ops[0]) not in COMPARISONS:
            got = quoted(_text(node))
            raise ValueError(f"where() takes one comparison by <, <=, > or >=, got {got}. {EXAMPLE}")
        sides = self.read(node.left, names), self.read(node.comparators[0], names)
        return Part(COMPARISONS[type(node.ops[0])], (*sides, first, second))

    def _put_in(self, name: str, node: ast.Call, names: Mapping[str, Part]) -> Part:
        """A named function of its arguments: x, then parameters."""
        parameters, (argument, *others) = self.named[name].parameters, node.args
        given = dict(zip(parameters, others, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg and each.arg in parameters}
        if len(given) != len(others) + len(node.keywords):
            allowed = f"x and then {', '.join(parameters)}" if parameters else "x alone"
            raise ValueError(f"{name}() takes {allowed}, got {len(others) + len(node.keywords)} more. {EXAMPLE}")
        parts = {each: number(value) for each, value in parameters.items()}
        parts |= {each: self.read(value, names) for each, value in given.items()}
        body = ast.parse(self.named[name].text, mode="eval").body
        return self.read(body, {"x": self.read(argument, names), **parts})

    def _refusal(self, node: ast.expr, names: Mapping[str, Part]) -> str:
        functions = [*FUNCTIONS, *TWO, "where", *self.named]
        match node:
            case ast.Name(id=name) if name in functions:
                return f"{name} is a function, got it without its argument. Write {WRITTEN.get(name, f'{name}(x)')}."
            case ast.Name(id=name):
                meant = near(name, [*names, *functions], EXAMPLE)
                return f"an activation knows x, pi and e, got {quoted(name)}. {meant}"
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                return f"{name}() does not take what it got: {quoted(_text(node))}. {EXAMPLE}"
            case ast.Call(func=ast.Name(id=name)):
                known = f"Take one of {', '.join(sorted(functions))}."
                return f"there is no function {quoted(name)} here. {near(name, functions, known)}"
        return f"an activation is made of x, numbers, + - * / ** and functions, got {quoted(_text(node))}. {EXAMPLE}"


def _text(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return type(node).__name__


def _finite(value: float) -> float:
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f"numbers of an activation must be below 1.8e308, got {quoted(value)}. {EXAMPLE}")
    return found
