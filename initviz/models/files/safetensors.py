"""Safetensors: eight bytes with the size of a header, the header in JSON, and the weights one behind the other.

Format: Hugging Face, "Safetensors" (2022), https://huggingface.co/docs/safetensors.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from initviz.models.files.dtypes import SAFETENSORS
from initviz.models.files.refusal import told, wrong
from initviz.models.files.spans import COPY, LARGEST_BYTES, later, number_of_bytes, part, shape_of, size_of
from initviz.models.files.strict_json import LARGEST_JSON, json_object
from initviz.models.tensor import Tensor
from initviz.wording import quoted

PREFIX = 8
METADATA = "__metadata__"


def looks_like(begin: bytes) -> bool:
    """Whether a file begins as one of safetensors: a size that can be, and a brace."""
    return begin[PREFIX : PREFIX + 1] == b"{" and int.from_bytes(begin[:PREFIX], "little") <= LARGEST_JSON


def safetensors(path: Path) -> Iterator[Tensor]:
    """The tensors of a file, in the order of their weights.

    Raises:
        ModelFileError: the header is none, or sizes and places do not fit the file exactly.
    """
    size = size_of(path)
    data, header = _header(path, size)
    _check_metadata(path, header.pop(METADATA, {}))
    at = 0
    for name, entry in sorted(header.items(), key=lambda each: _places(path, *each)):
        start, end = _places(path, name, entry)
        dtype = SAFETENSORS.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
        if dtype is None:
            known = ", ".join(SAFETENSORS)
            raise wrong(path, f"hold {quoted(name)} as one of {known}", told(entry["dtype"]), "Save it as F32.")
        shape = shape_of(path, name, entry["shape"], dtype)
        if end - start != number_of_bytes(shape, dtype):
            takes = f"{number_of_bytes(shape, dtype):,} bytes for {quoted(name)}, {entry['dtype']} of {quoted(shape)}"
            raise wrong(path, f"have {takes}", f"{end - start:,}", COPY)
        if start != at:
            raise wrong(path, f"have {quoted(name)} at byte {at:,}, behind the tensor before", f"{start:,}", COPY)
        at = end
        yield Tensor(name, shape, dtype, later(path, data + start, shape, dtype))
    if at != size - data:
        raise wrong(path, f"have {at:,} bytes of weights, as its header says", f"{size - data:,}", COPY)


def _header(path: Path, size: int) -> tuple[int, dict[str, Any]]:
    """At which byte the weights begin, and what stands before."""
    begin = part(path, 0, PREFIX)
    length = int.from_bytes(begin, "little")
    if len(begin) < PREFIX or not 2 <= length <= min(LARGEST_JSON, size - PREFIX):
        most = f"at most {LARGEST_JSON:,} bytes within the file of {size:,}"
        raise wrong(path, f"begin with the size of a header, {most}", f"{length:,}", COPY)
    return PREFIX + length, json_object(part(path, PREFIX, length), path, "its header")


def _check_metadata(path: Path, found: Any) -> None:
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise wrong(path, f"have texts in {METADATA}", told(found), COPY)


def _places(path: Path, name: str, entry: Any) -> tuple[int, int]:
    """Where the weights of an entry begin and end."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise wrong(path, f"give dtype, shape and data_offsets of {quoted(name)}", told(entry), COPY)
    found = entry["data_offsets"]
    two = isinstance(found, list) and len(found) == 2 and all(type(each) is int for each in found)
    if not two or not 0 <= found[0] <= found[1] <= LARGEST_BYTES:
        raise wrong(path, f"say where {quoted(name)} begins and ends", told(found), COPY)
    return found[0], found[1]
