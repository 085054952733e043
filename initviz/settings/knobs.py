"""Kinds of setting, as param types: each checks its value, and has the one text form that fields and files share.

They extend param as it tells to: `_slot_defaults` for new attributes, `_validate` for what is allowed.
"""

import operator
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, NoReturn, TypeVar

import numpy as np
import param

from initviz.settings.choices import LARGEST_SEED, check_shape, check_size, one_of
from initviz.settings.texts import whole_numbers
from initviz.wording import quoted

REFUSALS = (TypeError, ValueError, IndexError, NotImplementedError, OverflowError)
"""What a setting that cannot be used raises."""
LONGEST = 9_999
"""Most characters of a text that is read."""


T = TypeVar("T")


class Knob(param.Parameter[T], Generic[T]):
    """A setting with a text form: what `text` writes, `parse` reads. What cannot be used is refused when it is set."""

    name: str  # given by the class that it is declared in
    slices = False
    """Whether it can be another number for each slice of a stack."""
    folded = False
    """Whether it is for few, so that it stands folded away on a page."""

    @property
    def wanted(self) -> str:
        """What it must be, in words."""
        return "a text"

    @property
    def example(self) -> str:
        """A text that is accepted."""
        return self.text(self.default)

    def parse(self, text: str) -> T:
        """The value of a text.

        Raises:
            ValueError: the text is none of this kind; the message names the setting.
        """
        with suppress(ValueError):
            if len(text) <= LONGEST:
                return self.read(text.strip().replace("−", "-"))
        return self.refuse(text)

    def read(self, text: str) -> T:
        """The value of a text; ValueError, of any wording, for what is none."""
        raise NotImplementedError

    def text(self, value: T) -> str:
        """The value as it is typed."""
        return str(value)

    def code(self, value: Any) -> str:
        """The value as Python code that needs no import."""
        return repr(value)

    def canonical(self, value: Any) -> Any:
        """The value as it is kept."""
        return value

    def __set__(self, obj: Any, val: Any) -> None:
        super().__set__(obj, self.canonical(val))

    def refuse(self, value: object) -> NoReturn:
        """Raise ValueError for a value that cannot be used."""
        raise ValueError(f"{self.name} must be {self.wanted}, got {quoted(value)}. Type for instance {self.example}.")


class Text(Knob[str]):
    """Any short text, such as an equation."""

    def read(self, text: str) -> str:
        """The text itself."""
        return text

    def _validate(self, val: Any) -> None:
        if not isinstance(val, str) or len(val) > LONGEST:
            self.refuse(val)


class Lines(Text):
    """A text of several lines, of which `line` is one, for instance."""

    __slots__ = ["line"]
    wanted = f"lines of at most {LONGEST:,} characters in all"

    def __init__(self, default: str = "", line: str = "", **params: Any) -> None:
        self.line = line
        super().__init__(default=default, **params)

    @property
    def example(self) -> str:
        """A line."""
        return self.line

    def canonical(self, value: Any) -> Any:
        """Without the empty ones at both ends."""
        return value.strip() if isinstance(value, str) else value


class Flag(Knob[bool]):
    """Yes or no."""

    wanted = "true or false"

    def read(self, text: str) -> bool:
        """The words true and false."""
        return ("false", "true").index(text.lower()) == 1

    def text(self, value: bool) -> str:
        """The same words."""
        return "true" if value else "false"

    def _validate(self, val: Any) -> None:
        if not isinstance(val, bool):
            self.refuse(val)


class Choice(Knob[str]):
    """One of a few names. `choices` may be a function that lists them; `check` may refuse others in its own words."""

    __slots__ = ["check", "choices"]

    def __init__(
        self,
        choices: Iterable[str] | Callable[[], Iterable[str]],
        check: Callable[[Any], object] | None = None,
        **params: Any,
    ) -> None:
        self.choices, self.check = choices, check
        super().__init__(**params)

    @property
    def objects(self) -> list[str]:
        """The names."""
        return list(self.choices() if callable(self.choices) else self.choices)

    @property
    def example(self) -> str:
        """The first name."""
        return self.objects[0]

    def parse(self, text: str) -> str:
        """The name itself.

        Raises:
            ValueError: it is none of the names.
        """
        one_of(self.name, lambda: self.objects)(text.strip())
        return text.strip()

    def _validate(self, val: Any) -> None:
        (self.check or one_of(self.name, lambda: self.objects))(val)


class Whole(Knob[int]):
    """A whole number within `bounds`, the upper of which may be None."""

    __slots__ = ["bounds", "softbounds"]
    _slot_defaults = dict(param.Parameter._slot_defaults, bounds=(1, None), softbounds=None)

    def __init__(
        self,
        default: Any = param.Undefined,
        *,
        bounds: Any = param.Undefined,
        softbounds: Any = param.Undefined,
        **params: Any,
    ) -> None:
        self.bounds, self.softbounds = bounds, softbounds
        super().__init__(default=default, **params)

    @property
    def wanted(self) -> str:
        """The bounds in words."""
        low, high = self.bounds
        return f"a whole number of at least {low}" if high is None else f"a whole number from {low} to {high}"

    def read(self, text: str) -> int:
        """Digits, not more than a 64 bit number has, with commas between thousands or not: 1,024."""
        (number,) = whole_numbers(re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text), 1)
        return number

    def canonical(self, value: Any) -> Any:
        """Whole numbers of NumPy and jax as those of Python."""
        return _whole(value)

    def _validate(self, val: Any) -> None:
        low, high = self.bounds
        if isinstance(val, bool) or not isinstance(val, int) or val < low or (high is not None and val > high):
            self.refuse(val)


class Size(Whole):
    """One size of a layer."""


class Seed(Whole):
    """The seed of a key."""

    _slot_defaults = dict(Whole._slot_defaults, bounds=(0, LARGEST_SEED))


class Count(Whole):
    """A whole number chosen with a slider, whose ends are the `softbounds`."""


class Sizes(Knob[tuple[int, ...]]):
    """One to three whole numbers of at least 1, such as the taps of a kernel along each axis."""

    wanted = "1 to 3 whole numbers of at least 1"

    def read(self, text: str) -> tuple[int, ...]:
        """Numbers between commas, spaces or ×, in brackets or not."""
        return whole_numbers(text, 3)

    def canonical(self, value: Any) -> Any:
        """A tuple, also of one number, a list or an array."""
        if np.ndim(value) == 1 and not isinstance(value, str):
            return tuple(map(_whole, value))
        size = _whole(value)
        return (size,) if type(size) is int else value

    def text(self, value: tuple[int, ...]) -> str:
        """Numbers between commas."""
        return ", ".join(map(str, value))

    def _validate(self, val: Any) -> None:
        good = isinstance(val, tuple) and all(type(size) is int and size >= 1 for size in val)
        if not good or not 1 <= len(val) <= 3:
            self.refuse(val)


class Shape(Knob[tuple[int, ...]]):
    """The sizes of a tensor. Typed ones have 2 to 5 axes, as what is drawn must; weights that are given, any number."""

    wanted = "whole numbers separated by commas"
    example = "3, 3, 64, 128"

    def parse(self, text: str) -> tuple[int, ...]:
        """A shape from text such as "3, 3, 64, 128" or "256x256".

        Raises:
            ValueError: the text is no list of 2 to 5 whole numbers, or one is negative or the product too large.
        """
        return check_shape(super().parse(text))

    def read(self, text: str) -> tuple[int, ...]:
        """Numbers between commas, spaces or ×, in brackets or not."""
        return whole_numbers(text, 99)

    def canonical(self, value: Any) -> tuple[int, ...]:
        """A tuple, also of one number, a list or an array."""
        return check_size(value)

    def text(self, value: tuple[int, ...]) -> str:
        """Numbers between commas."""
        return ", ".join(map(str, value))


class Resolved(param.ClassSelector[Any]):
    """An object of a class, or whatever `resolve` makes one of, such as its name."""

    __slots__ = ["resolve"]

    def __init__(self, *, resolve: Callable[[Any], Any], **params: Any) -> None:
        self.resolve = resolve
        super().__init__(**params)

    def __set__(self, obj: Any, val: Any) -> None:
        super().__set__(obj, self.resolve(val))


def _whole(value: Any) -> Any:
    """A whole number of any library as one of Python; anything else as it is."""
    if not isinstance(value, bool):
        with suppress(TypeError):
            return operator.index(value)
    return value
