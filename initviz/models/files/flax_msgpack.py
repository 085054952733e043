"""What flax.serialization.to_bytes writes: MessagePack, with arrays as an extension of it.

It is walked over without being loaded, as the library msgpack would do: weights stay in the file until they are asked
for. Formats: S. Furuhashi, "MessagePack specification" (2013); flax, `flax/serialization.py`.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from initviz.models.files.dtypes import NAMED
from initviz.models.files.refusal import ModelFileError, broken, reading
from initviz.models.files.spans import COPY, fill, number_of_bytes, shape_of, size_of
from initviz.models.files.trees import DEEPEST, MOST_ITEMS, leaves
from initviz.models.tensor import Tensor
from initviz.wording import quoted

LONGEST = 1000
"""Bytes of a text that is looked at."""
CHUNKED = "__msgpack_chunked_array__"
ARRAY, COMPLEX, SCALAR = 1, 2, 3
"""Flax's extensions."""
_SHORT = {
    **{0x80 + size: ("map", size) for size in range(16)},
    **{0x90 + size: ("list", size) for size in range(16)},
    **{0xA0 + size: ("text", size) for size in range(32)},
    **{0xD4 + power: ("extension", 2**power) for power in range(5)},
}
_SIZED = {0xC4: ("bytes", 1), 0xC5: ("bytes", 2), 0xC6: ("bytes", 4), 0xC7: ("extension", 1), 0xC8: ("extension", 2),
          0xC9: ("extension", 4), 0xD9: ("text", 1), 0xDA: ("text", 2), 0xDB: ("text", 4), 0xDC: ("list", 2),
          0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4)}  # fmt: skip
_NUMBERS = dict(zip(range(0xCA, 0xD4), ("f", "d", "B", "H", "I", "Q", "b", "h", "i", "q"), strict=True))
_FIXED = {0xC0: None, 0xC2: False, 0xC3: True}


def looks_like(begin: bytes) -> bool:
    """Whether a file begins as a map whose first key is a text."""
    counted = {0xDE: 2, 0xDF: 4}
    first = begin[1 + counted.get(begin[0], 0) :][:1] if begin else b""
    is_map = bool(begin) and (0x81 <= begin[0] <= 0x8F or begin[0] in counted)
    return is_map and bool(first) and (_SHORT | _SIZED).get(first[0], ("", 0))[0] == "text"


@dataclass(frozen=True)
class _Array:
    """An array in the file, in one piece or in several: where they start, and how many numbers each has."""

    shape: tuple[int, ...]
    dtype: np.dtype
    pieces: tuple[tuple[int, int], ...]


@dataclass
class _Walk:
    path: Path
    file: IO[bytes]
    end: int
    at: int = 0
    items: int = 0

    def wrong(self, reason: str) -> ModelFileError:
        return broken(self.path, f"{reason}, at byte {self.at:,}", COPY)

    def skip(self, size: int) -> int:
        """Goes so many bytes on, within what there is; the place before."""
        if size > self.end - self.at:
            raise self.wrong(f"it has {self.end - self.at:,} of {size:,} bytes")
        self.at += size
        return self.at - size

    def take(self, size: int) -> bytes:
        """The next few bytes."""
        self.file.seek(self.skip(size))
        return self.file.read(size)

    def next(self) -> tuple[str, Any]:
        """What kind of thing comes, and its size; a number, a truth or nothing is there already."""
        first = self.take(1)[0]
        if first in _SIZED:
            kind, size = _SIZED[first]
            return kind, int.from_bytes(self.take(size), "big")
        if first in _NUMBERS:
            form = f">{_NUMBERS[first]}"
            return "value", struct.unpack(form, self.take(struct.calcsize(form)))[0]
        if first in _FIXED:
            return "value", _FIXED[first]
        if first == 0xC1:
            raise self.wrong("it is no MessagePack")
        return _SHORT.get(first) or ("value", first if first < 0x80 else first - 0x100)

    def tree(self, depth: int = 0) -> Any:
        """What comes, as maps, lists, texts, numbers and `_Array`."""
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise self.wrong(f"it nests more than {DEEPEST} deep, or has more than {MOST_ITEMS:,} items")
        kind, size = self.next()
        if kind == "map":
            return self.map(size, depth)
        if kind == "list":
            return [self.tree(depth + 1) for _ in range(size)]
        if kind == "text" and size <= LONGEST:
            return self.take(size).decode(errors="backslashreplace")
        if kind == "extension":
            return self.extension(size)
        if kind == "value":
            return size
        self.skip(size)
        return None

    def map(self, size: int, depth: int) -> Any:
        found: dict[str, Any] = {}
        for _ in range(size):
            name = self.tree(DEEPEST)  # which nests no further
            if not isinstance(name, str | int) or str(name) in found:
                raise self.wrong(f"it has {quoted(name)} as a name, which is none or there already")
            found[str(name)] = self.tree(depth + 1)
        return self.joined(found) if CHUNKED in found else found

    def extension(self, size: int) -> _Array | None:
        code, behind = self.take(1)[0], self.at + size
        if code not in (ARRAY, COMPLEX, SCALAR) or behind > self.end:
            raise self.wrong(f"it has the extension {code} of {size:,} bytes, which is none of flax or too long")
        if code == COMPLEX:
            self.skip(size)
            return None
        outer, self.end = self.end, behind
        found = self.array()
        if self.at != behind:
            raise self.wrong("an array is shorter than it says")
        self.end = outer
        return found

    def array(self) -> _Array:
        """Shape, name of the dtype and numbers."""
        if self.next() != ("list", 3):
            raise self.wrong("an array has no shape, dtype and numbers")
        sizes = self.tree(DEEPEST - 1)
        kind, size = self.next()
        name = self.take(min(size, LONGEST)).decode(errors="backslashreplace") if kind in ("text", "bytes") else kind
        dtype = NAMED.get(name)
        if dtype is None:
            raise self.wrong(f"the dtype of an array is {quoted(name)}")
        shape = shape_of(self.path, "an array", sizes, dtype)
        kind, size = self.next()
        if kind not in ("bytes", "text") or size != number_of_bytes(shape, dtype):
            raise self.wrong(f"an array of {number_of_bytes(shape, dtype):,} bytes has {quoted(size)}")
        return _Array(shape, dtype, ((self.skip(size), math.prod(shape)),))

    def joined(self, found: dict[str, Any]) -> _Array:
        """One array of the chunks that flax makes of one too large for MessagePack."""
        sizes, chunks = found.get("shape"), found.get("chunks")
        if not isinstance(sizes, dict) or not isinstance(chunks, dict) or not chunks:
            raise self.wrong("an array in chunks has no shape or no chunks")
        parts = [part for n in range(len(chunks)) if isinstance(part := chunks.get(str(n)), _Array)]
        if len(parts) < len(chunks) or not all(part.dtype == parts[0].dtype for part in parts):
            raise self.wrong("an array in chunks has other things in them")
        shape = shape_of(self.path, "an array", [sizes.get(str(n)) for n in range(len(sizes))], parts[0].dtype)
        pieces = tuple(piece for part in parts for piece in part.pieces)
        if sum(size for _, size in pieces) != math.prod(shape):
            raise self.wrong(f"an array of {math.prod(shape):,} numbers has others in its chunks")
        return _Array(shape, parts[0].dtype, pieces)


def flax_msgpack(path: Path) -> Iterator[Tensor]:
    """The arrays of a file of flax, in its order; other leaves, such as a count of steps, are left out.

    Raises:
        ModelFileError: it is none, or does not fit together.
    """
    size = size_of(path)
    with reading(path), path.open("rb") as file:
        walk = _Walk(path, file, size)
        tree = walk.tree()
    if walk.at != size:
        raise walk.wrong("it goes on behind its end")
    for name, found in leaves(tree, _Array, path):
        yield Tensor(name or path.stem, found.shape, found.dtype, partial(_read, path, found))


def _read(path: Path, found: _Array) -> np.ndarray:
    with reading(path), path.open("rb", buffering=0) as file:
        whole = np.empty(found.shape, found.dtype)
        flat, at = whole.reshape(-1), 0
        for start, size in found.pieces:
            file.seek(start)
            fill(flat[at : at + size], file, path)
            at += size
    return whole
