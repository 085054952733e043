"""What a pickle of PyTorch says, read as data: a machine with the few moves that tensors in maps and lists need.

Nothing is imported, called or built but what stands here. `pickletools` only tells the moves apart, as a disassembler.
"""

import pickletools
import struct
from collections.abc import Callable
from typing import IO, Any

import numpy as np

from initviz.models.files.rebuilt import CALLED, CONVERT, NAMES, Storage, put
from initviz.models.files.refusal import ModelFileError, Place, broken, told, wrong
from initviz.wording import cut, printable

MOST_MOVES = 5_000_000
"""Of some 100,000 tensors."""


class _Mark:
    """Where what is collected begins."""


class Machine:
    """Runs the moves of one pickle; `tree` is what they leave."""

    def __init__(self, place: Place):
        self.place, self.stack, self.memo = place, [], {}  # type: ignore[var-annotated]

    def collected(self) -> list[Any]:
        """What lies above the last mark, which goes, too."""
        at = len(self.stack) - 1
        while self.stack[at] is not _Mark:
            at -= 1
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found

    def named(self, name: str) -> None:
        """A name, if it is one that tensors need."""
        if name not in NAMES:
            raise wrong(
                self.place, "hold nothing but tensors, since no code in it is run", cut(printable(name)), CONVERT
            )
        self.stack.append(NAMES[name])

    def persistent(self, each: Any) -> None:
        """A storage: the word, its dtype, its key, the device and the size; in old files what it is a view of."""
        word, dtype, key, _, size = each[:5]
        if word != "storage" or not isinstance(dtype, np.dtype) or not isinstance(key, str) or len(each) > 6:
            raise wrong(self.place, "name storages", told(each), CONVERT)
        if type(size) is not int or size < 0 or (len(each) == 6 and each[5] is not None):
            raise wrong(self.place, "give the whole size of a storage", told(each), CONVERT)
        self.stack.append(Storage(dtype, key, size))

    def call(self, arguments: Any) -> None:
        """One of the few things that may be called."""
        function = self.stack.pop()
        if not any(function is each for each in CALLED.values()) or not isinstance(arguments, tuple):
            raise wrong(self.place, "hold nothing but tensors", told(function), CONVERT)
        self.stack.append(function(self.place, *arguments))


def _pushed(value: Callable[[Any], Any]) -> Callable[[Machine, Any], Any]:
    return lambda machine, argument: machine.stack.append(value(argument))


def _last(count: int) -> Callable[[Machine, Any], Any]:
    def move(machine: Machine, _: Any) -> None:
        machine.stack[-count:] = [tuple(machine.stack[-count:])]

    return move


def _kept(machine: Machine, index: int | None) -> None:
    machine.memo[len(machine.memo) if index is None else index] = machine.stack[-1]


def _two_names(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(module, str) or not isinstance(name, str):
        raise wrong(machine.place, "name things by texts", told(name), CONVERT)
    machine.named(f"{module}.{name}")


def _extended(machine: Machine, _: Any) -> None:
    found = machine.collected()
    machine.stack[-1].extend(found)


def _put_all(machine: Machine, _: Any) -> None:
    found = machine.collected()
    put(machine.stack[-1], found, machine.place)


VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE",
          "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING", "BINBYTES", "SHORT_BINBYTES", "UNICODE")  # fmt: skip
MOVES: dict[str, Callable[[Machine, Any], Any]] = {
    "PROTO": lambda m, a: None, "FRAME": lambda m, a: None,
    **dict.fromkeys(VALUES, _pushed(lambda value: value)),
    "NONE": _pushed(lambda _: None), "NEWTRUE": _pushed(lambda _: True), "NEWFALSE": _pushed(lambda _: False),
    "MARK": _pushed(lambda _: _Mark),
    "EMPTY_TUPLE": _pushed(lambda _: ()), "EMPTY_DICT": _pushed(lambda _: {}), "EMPTY_LIST": _pushed(lambda _: []),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _kept),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda m, a: m.stack.append(m.memo[a])),
    "TUPLE1": _last(1), "TUPLE2": _last(2), "TUPLE3": _last(3),
    "TUPLE": lambda m, a: m.stack.append(tuple(m.collected())),
    "LIST": lambda m, a: m.stack.append(m.collected()),
    "APPEND": lambda m, a: m.stack[-2].append(m.stack.pop()),
    "APPENDS": _extended,
    "SETITEM": lambda m, a: put(m.stack[-3], [m.stack.pop(-2), m.stack.pop()], m.place),
    "SETITEMS": _put_all,
    "GLOBAL": lambda m, a: m.named(a.replace(" ", ".", 1)), "STACK_GLOBAL": _two_names,
    "REDUCE": lambda m, a: m.call(m.stack.pop()),
    "BINPERSID": lambda m, a: m.persistent(m.stack.pop()),
    "BUILD": lambda m, a: m.stack.pop(),  # what a map of PyTorch has beside its items: versions of modules
}  # fmt: skip


def tree(file: IO[bytes], place: Place) -> Any:
    """The maps, lists, texts, numbers and `View` that a pickle in a file in memory describes; the file is behind it.

    Raises:
        ModelFileError: it is none, or describes anything else, which is named.
    """
    machine = Machine(place)
    try:
        for count, (move, argument, _) in enumerate(pickletools.genops(file)):
            if count > MOST_MOVES:
                raise wrong(place, f"have at most {MOST_MOVES:,} steps", "more", CONVERT)
            if move.name == "STOP":
                return machine.stack.pop()
            if move.name not in MOVES:
                raise wrong(place, "hold nothing but tensors", f"the step {move.name} in its pickle", CONVERT)
            MOVES[move.name](machine, argument)
    except ModelFileError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, struct.error, RecursionError) as error:
        raise broken(place, f"its pickle makes no sense, {error}", CONVERT) from None
    raise broken(place, "its pickle has no end", CONVERT)
