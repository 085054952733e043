"""MessagePack of flax: what the library writes is read where it stands, what it does not write is told."""

import re
import struct

import flax.serialization
import jax.numpy as jnp
import modelfiles
import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(data, path="m.msgpack"):
    with open(path, "wb") as file:
        file.write(data)


TREE = {
    "params": {
        "Dense_0": {"kernel": np.arange(6.0).reshape(2, 3), "bias": np.ones(3, jnp.bfloat16)},
        "list": [np.zeros((0, 2), "f4"), np.array(3)],
    },
    "step": 7,
    "scalar": np.float32(2),
    "others": {"text": "x" * 300, "none": None, "yes": True, "complex": 1 + 2j, "real": 0.5, "bytes": b"y" * 70_000},
    "negative": [-1, -40, -300, -70_000, 300, 70_000, 2**40],
}
PATHS = {
    "params/Dense_0/kernel": TREE["params"]["Dense_0"]["kernel"],
    "params/Dense_0/bias": TREE["params"]["Dense_0"]["bias"],
    "params/list/0": TREE["params"]["list"][0],
    "params/list/1": TREE["params"]["list"][1],
    "scalar": np.asarray(TREE["scalar"]),
}


@pytest.mark.parametrize("name", ["m.msgpack", "checkpoint_7"])
def test_what_flax_writes_is_read(name):
    write(flax.serialization.msgpack_serialize(TREE), name)
    found = modelfiles.loaded(name)
    assert sorted(found) == sorted(PATHS)
    assert all(modelfiles.same(found[path], array) for path, array in PATHS.items())
    write(flax.serialization.to_bytes(TREE), name)
    assert sorted(modelfiles.loaded(name)) == sorted(PATHS)


def test_arrays_in_chunks_are_one(monkeypatch):
    monkeypatch.setattr(flax.serialization, "MAX_CHUNK_SIZE", 100)
    expected = np.arange(77.0).reshape(7, 11)
    write(flax.serialization.to_bytes({"a": {"w": expected}, "b": np.ones(2)}))
    found = modelfiles.loaded("m.msgpack")
    assert modelfiles.same(found["a/w"], expected)
    assert list(found) == ["a/w", "b"]


def array(shape=b"\x91\x01", dtype=b"\xa7float32", data=b"\xc4\x04" + bytes(4), code=1):
    inside = b"\x93" + shape + dtype + data
    return b"\x81\xa1a\xc7" + bytes([len(inside), code]) + inside


CHUNKED = b"\x81\xa1a\x83\xb9__msgpack_chunked_array__\xc3"
COPY = "Copy or download it again."
WRONG = {
    "cut": (array()[:-1], "it has the extension 1 of 17 bytes, which is none of flax or too long, at byte 6"),
    "long text": (b"\x81\xa1a\xdb\xff\xff\xff\xff", "it has 0 of 4,294,967,295 bytes, at byte 8"),
    "long list": (b"\x81\xa1a\xdd\xff\xff\xff\xff", "it has 0 of 1 bytes, at byte 8"),
    "deep": (b"\x81\xa1a" + b"\x91" * 100, "it nests more than 64 deep, or has more than 1,000,000 items, at byte 67"),
    "twice": (b"\x82\xa1a\x01\xa1a\x01", "it has 'a' as a name, which is none or there already, at byte 6"),
    "name": (b"\x82\xa1a\x01\xc0\x01", "it has None as a name, which is none or there already, at byte 5"),
    "left": (b"\x81\xa1a\x01\x01", "it goes on behind its end, at byte 4"),
    "never": (b"\x81\xa1a\xc1", "it is no MessagePack, at byte 4"),
    "extension": (array(code=9), "it has the extension 9 of 17 bytes, which is none of flax or too long, at byte 6"),
    "dtype": (array(dtype=b"\xa6object"), "the dtype of an array is 'object', at byte 16"),
    "size": (array(b"\x91\x02"), "an array of 8 bytes has 4, at byte 19"),
    "two": (array(data=b""), "it has 0 of 1 bytes, at byte 17"),
    "chunks": (CHUNKED + b"\xa5shape\x80\xa6chunks\x80", "an array in chunks has no shape or no chunks, at byte 46"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told(wrong):
    data, reason = WRONG[wrong]
    write(data)
    message = f"m.msgpack cannot be read, it may be cut off: {reason}"
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}.*{re.escape(COPY)}$"):
        tensors_in("m.msgpack")


def test_sizes_that_cannot_be_are_told():
    write(array(b"\x92" + 2 * (b"\xcf" + struct.pack(">Q", 2**40))))
    message = r"^m.msgpack must give whole sizes of 'an array', got \[1099511627776, 1099511627776\]. Copy or"
    with pytest.raises(ModelFileError, match=message):
        tensors_in("m.msgpack")


def test_a_million_items_are_the_most(monkeypatch):
    monkeypatch.setattr("initviz.models.files.flax_msgpack.MOST_ITEMS", 50)
    write(modelfiles.packed({"a": list(range(60))}))
    with pytest.raises(
        ModelFileError, match=r"^m.msgpack cannot be read, it may be cut off: it nests more than 64 deep"
    ):
        tensors_in("m.msgpack")
