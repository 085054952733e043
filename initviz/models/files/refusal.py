"""What is said to a file that cannot be read: one message, in one line, whatever names strangers have put into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from initviz.wording import printable, quoted

Place = str | os.PathLike[str]


class ModelFileError(ValueError):
    """A file of a model that cannot be read; the message says what, got and fix."""


def wrong(path: Place, must: str, got: str, fix: str) -> ModelFileError:
    """What a file must be, what it is instead, and what to do. Names in the last two are quoted by the caller."""
    return ModelFileError(f"{printable(str(path))} must {must}, got {got}. {fix}")


def broken(path: Place, reason: object, fix: str) -> ModelFileError:
    """A file that ends too early or contradicts itself."""
    told = printable(" ".join(str(reason).split())[:120]).rstrip(".")
    return ModelFileError(f"{printable(str(path))} cannot be read, it may be cut off: {told}. {fix}")


def told(value: Any) -> str:
    """A text, a number or a short row of them as it is quoted; of anything else only what it is.

    What a pickle holds can hold itself a billion times over: it is not written out.
    """
    plain = value is None or isinstance(value, str | int | float)
    row = isinstance(value, list | tuple) and len(value) < 100 and all(isinstance(each, int) for each in value)
    return quoted(value) if plain or row else f"a {type(value).__name__}"


@contextmanager
def reading(path: Place) -> Iterator[None]:
    """Turns what the operating system says into a message.

    Raises:
        ModelFileError: there is no such file, or it cannot be read, or memory is short.
    """
    try:
        yield
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {printable(str(path))}. Look for it in the folder.") from None
    except OSError as error:
        raise ModelFileError(f"{printable(str(path))} cannot be read: {error.strerror or error}.") from None
    except MemoryError:
        raise ModelFileError(
            f"{printable(str(path))} has a tensor that does not fit into memory. Use a machine with more."
        ) from None
