"""Zip archives of strangers: what the list of members promises is checked against the file before any is unpacked."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from initviz.models.files.refusal import ModelFileError, Place, broken, wrong
from initviz.models.files.spans import PIECE
from initviz.wording import quoted

MAGIC, EMPTY = b"PK\x03\x04", b"PK\x05\x06"
LONGEST_LIST = 2**24
"""Bytes of the list of members, which zipfile reads at once: some 200,000 of them."""
DENSEST = 1032
"""Bytes that deflate makes of one at most (Deutsch, 1996)."""
_LOCAL = 30
"""Bytes before the name of a member."""


@dataclass(frozen=True)
class Member:
    """A member of an archive: its name, where its bytes begin, how many there are, packed and not."""

    name: str
    start: int
    packed: int
    size: int
    check: int
    """Its bytes' CRC-32."""
    deflated: bool

    def open(self, file: IO[bytes]) -> IO[bytes]:
        """The member as a file, from its first byte on."""
        file.seek(self.start)
        return _Inflated(file, self.packed) if self.deflated else file  # type: ignore[return-value]

    def unpacked(self, file: IO[bytes]) -> bytes:
        """All of a small member."""
        opened, found = self.open(file), b""
        while len(found) < self.size and (more := opened.read(self.size - len(found))):
            found += more
        return found


@contextmanager
def unpacking(place: Place, fix: str) -> Iterator[None]:
    """Turns what zipfile and zlib raise into a message."""
    try:
        yield
    except ModelFileError:
        raise
    except (ValueError, OSError, EOFError, OverflowError, NotImplementedError, RuntimeError,
            zipfile.BadZipFile, zlib.error, struct.error) as error:  # fmt: skip
        raise broken(place, error, fix) from None


def members(file: IO[bytes], place: Place, fix: str) -> dict[str, Member]:
    """The members of an archive by their names, in the order of their bytes.

    Raises:
        ModelFileError: it is no archive, or one that promises more than its file can hold.
    """
    with unpacking(place, fix):
        size = file.seek(0, io.SEEK_END)
        with zipfile.ZipFile(_Careful(file)) as archive:
            listed = sorted(archive.infolist(), key=lambda each: each.header_offset)
        found: dict[str, Member] = {}
        at = 0
        for info in listed:
            if info.filename in found:
                raise wrong(place, "have one member of each name", f"{quoted(info.filename)} twice", fix)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                raise wrong(place, f"have {quoted(info.filename)} stored or deflated", "another packing", fix)
            start, deflated = _start(file, info), info.compress_type == zipfile.ZIP_DEFLATED
            if info.header_offset < at or start + info.compress_size > size:
                raise wrong(place, f"have {quoted(info.filename)} in bytes of its own", "others' bytes or none", fix)
            most = info.compress_size * DENSEST + 64 if deflated else info.compress_size
            if info.file_size > most or not (deflated or info.file_size == most):
                got = f"{info.file_size:,} from {info.compress_size:,}"
                raise wrong(place, f"unpack {quoted(info.filename)} to at most {most:,} bytes", got, fix)
            at = start + info.compress_size
            found[info.filename] = Member(info.filename, start, info.compress_size, info.file_size, info.CRC, deflated)
    return found


def _start(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where the bytes of a member begin: behind its own head, which may be longer than the list says."""
    file.seek(info.header_offset)
    local = file.read(_LOCAL)
    if len(local) < _LOCAL or not local.startswith(MAGIC):
        raise zipfile.BadZipFile(f"there is no member {quoted(info.filename)}")
    name, extra = struct.unpack("<HH", local[26:])
    return info.header_offset + _LOCAL + name + extra


class _Careful:
    """A file that gives no more than `LONGEST_LIST` bytes at a time."""

    def __init__(self, file: IO[bytes]):
        self.file = file

    def read(self, size: int = -1) -> bytes:
        if size > LONGEST_LIST:
            raise zipfile.BadZipFile(f"its list of members has {size:,} bytes")
        return self.file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class _Inflated(io.RawIOBase):
    """What deflate has packed, unpacked no further than it is read."""

    def __init__(self, file: IO[bytes], packed: int):
        self.file, self.left, self.inflate = file, packed, zlib.decompressobj(-zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        data = b""
        while not data and not self.inflate.eof:
            feed = self.inflate.unconsumed_tail
            if not feed:
                feed = self.file.read(min(self.left, PIECE >> 8))
                self.left -= len(feed)
            data = self.inflate.decompress(feed, len(into))
            if not feed and not data:
                break
        into[: len(data)] = data
        return len(data)
