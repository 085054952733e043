"""Safetensors: what is right is read bit for bit, what is not gets a message, and ten gigabytes need one."""

import json
import re
import subprocess
import sys

import modelfiles
import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return "m.safetensors"


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def test_weights_are_those_that_were_written(path):
    expected = modelfiles.arrays()
    write(path, modelfiles.safetensors(expected, {"format": "pt"}))
    found = modelfiles.loaded(path)
    assert list(found) == list(expected)
    assert all(modelfiles.same(found[name], array) for name, array in expected.items())


@pytest.mark.parametrize("dtype", modelfiles.SAFE)
def test_every_dtype(path, dtype):
    expected = np.arange(6).reshape(2, 3).astype(dtype)
    write(path, modelfiles.safetensors({"w": expected}))
    assert modelfiles.same(modelfiles.loaded(path)["w"], expected)


def test_tensors_come_in_the_order_of_their_weights(path):
    entries = {name: {"dtype": "F32", "shape": [1], "data_offsets": at} for name, at in [("b", [4, 8]), ("a", [0, 4])]}
    write(path, modelfiles.with_header(json.dumps(entries).encode() + b"   ", np.array([1, 2], "f4").tobytes()))
    assert {name: weights.tolist() for name, weights in modelfiles.loaded(path).items()} == {"a": [1], "b": [2]}
    assert [tensor.path for tensor in tensors_in(path)] == ["a", "b"]


def test_nothing_is_kept_between_two_readings(path):
    write(path, modelfiles.safetensors({"w": np.zeros(3, "f4")}))
    [tensor] = tensors_in(path)
    first = tensor.read()
    first[:] = 1
    np.testing.assert_array_equal(tensor.read(), 0)


def test_a_file_that_became_shorter_is_told(path):
    write(path, modelfiles.safetensors({"w": np.zeros(3, "f4")}))
    [tensor] = tensors_in(path)
    write(path, b"")
    with pytest.raises(ModelFileError, match=r"^m.safetensors must go on for 12 bytes, got its end. Copy or"):
        tensor.read()


W = np.zeros((2, 3), "f4")
ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
COPY = "Copy or download it again."
WRONG = {
    "head": (
        b"\x10\0\0\0\0\0\0\0{}",
        f"must begin with the size of a header, at most 100,000,000 bytes within the file of 10, got 16. {COPY}",
    ),
    "huge": (
        (2**40).to_bytes(8, "little") + b"{}",
        "must begin with the size of a header, at most 100,000,000 bytes within the file of 10, got "
        f"1,099,511,627,776. {COPY}",
    ),
    "short": (
        b"\x10",
        f"must begin with the size of a header, at most 100,000,000 bytes within the file of 1, got 16. {COPY}",
    ),
    "list": (
        modelfiles.with_header(b"[1, 2]"),
        f"must have a JSON object as its header, got [1, 2]. {COPY}",
    ),
    "text": (
        modelfiles.with_header(b"{]"),
        "cannot be read, it may be cut off: its header is no JSON, Expecting property name enclosed in "
        f"double quotes: line 1 column 2 (char 1). {COPY}",
    ),
    "twice": (
        modelfiles.with_header(b'{"a": {}, "a": {}}'),
        f"cannot be read, it may be cut off: its header is no JSON, it has 'a' twice. {COPY}",
    ),
    "deep": (
        modelfiles.with_header(b'{"a":' * 9999),
        f"cannot be read, it may be cut off: its header is nested too deeply. {COPY}",
    ),
    "number": (
        modelfiles.with_header(b'{"a": NaN}'),
        f"cannot be read, it may be cut off: its header is no JSON, NaN is no number. {COPY}",
    ),
    "many": (
        modelfiles.with_header(b"[" * 5_000_001),
        f"must have at most 5,000,000 values in its header, got more. {COPY}",
    ),
    "metadata": (
        modelfiles.safetensors({"w": W}, {"a": 1}),
        f"must have texts in __metadata__, got a dict. {COPY}",
    ),
    "entry": (
        modelfiles.safetensors({"w": W}, w={"dtype": "F32"}),
        f"must give dtype, shape and data_offsets of 'w', got a dict. {COPY}",
    ),
    "dtype": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"dtype": "F4"}),
        "must hold 'w' as one of BOOL, C64, BF16, F16, F32, F64, F8_E4M3, F8_E5M2, F8_E8M0, F8_E4M3FNUZ, "
        "F8_E5M2FNUZ, I8, U8, I16, U16, I32, U32, I64, U64, got 'F4'. Save it as F32.",
    ),
    "shape": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"shape": [2, -3]}),
        f"must give whole sizes of 'w', got [2, -3]. {COPY}",
    ),
    "true": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"shape": [2, True]}),
        f"must give whole sizes of 'w', got [2, True]. {COPY}",
    ),
    "overflow": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"shape": [0, 2**61, 8]}),
        f"must give whole sizes of 'w', got [0, 2305843009213693952, 8]. {COPY}",
    ),
    "size": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"shape": [2, 4]}),
        f"must have 32 bytes for 'w', F32 of (2, 4), got 24. {COPY}",
    ),
    "offsets": (
        modelfiles.safetensors({"w": W}, w=ENTRY | {"data_offsets": [24, 0]}),
        f"must say where 'w' begins and ends, got [24, 0]. {COPY}",
    ),
    "overlap": (
        modelfiles.safetensors({"v": W, "w": W}, w=ENTRY),
        f"must have 'w' at byte 24, behind the tensor before, got 0. {COPY}",
    ),
    "hole": (
        modelfiles.safetensors({"v": W, "w": W}, w=ENTRY | {"data_offsets": [28, 52]}),
        f"must have 'w' at byte 24, behind the tensor before, got 28. {COPY}",
    ),
    "outside": (
        modelfiles.safetensors({"w": W})[:-1],
        f"must have 24 bytes of weights, as its header says, got 23. {COPY}",
    ),
    "behind": (
        modelfiles.safetensors({"w": W}) + b"x",
        f"must have 24 bytes of weights, as its header says, got 25. {COPY}",
    ),
    "name": (
        modelfiles.safetensors({"\x1b[2J\u202ew": W}),
        "must name tensors by 1 to 1,000 characters that print, got '\\x1b[2J\\u202ew'. Do not trust it, "
        "or save it again.",
    ),
    "half": (
        modelfiles.safetensors({"\ud800": W}),
        "must name tensors by 1 to 1,000 characters that print, got '\\ud800'. Do not trust it, or save it again.",
    ),
    "empty": (
        modelfiles.safetensors({}),
        "must hold tensors, got none. Name another file.",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told(path, wrong):
    data, message = WRONG[wrong]
    write(path, data)
    with pytest.raises(ModelFileError, match=f"^m.safetensors {re.escape(message)}$"):
        tensors_in(path)


MEASURED = """
import resource, sys
from initviz.models.files import tensors_in
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tensors = tensors_in(sys.argv[1])
opened = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
total = sum(tensor.read().nbytes for tensor in tensors[::16])
print(len(tensors), total, before, opened, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_large_file_takes_the_memory_of_its_largest_tensor(path):
    """Ten gigabytes in 40 tensors, of which three are read."""
    each, count = 2**28, 40
    names = {
        f"w{n}": {"dtype": "F16", "shape": [each // 2], "data_offsets": [n * each, (n + 1) * each]}
        for n in range(count)
    }
    with open(path, "wb") as file:
        file.write(modelfiles.with_header(json.dumps(names).encode()))
        file.truncate(file.tell() + count * each)
    found = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
    tensors, total, before, opened, peak = map(int, found.stdout.split())
    assert (tensors, total) == (count, 3 * each)
    assert opened - before < 5000
    assert (peak - before) * 1024 < 1.2 * each + 50e6


"""Memory is counted in units of 1024 bytes."""
