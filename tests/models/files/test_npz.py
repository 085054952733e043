"""Files of NumPy: arrays of numbers alone, and archives that unpack to no more than they say."""

import re
import struct
import zipfile

import jax.numpy as jnp
import modelfiles
import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_give_what_was_saved(save):
    expected = modelfiles.arrays() | {
        "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big": np.ones(3, ">f4"),
    }
    write("m.npz", modelfiles.npz(expected, save))
    found = modelfiles.loaded("m.npz")
    assert list(found) == list(expected)
    assert all(modelfiles.same(found[name], array) for name, array in expected.items())


@pytest.mark.parametrize("array", [np.ones((2, 3)), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.float32(3),
                                   np.zeros((0, 2)), np.ones(3, jnp.bfloat16), np.ones(2, bool)], ids=str)  # fmt: skip
def test_an_array_alone_has_the_name_of_its_file(array):
    write("kernel.npy", modelfiles.npy(array))
    [(name, found)] = modelfiles.loaded("kernel.npy").items()
    assert (name, modelfiles.same(found, np.asarray(array))) == ("kernel", True)


def headed(text):
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode()


def of(descr, shape="(3,)"):
    return headed(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n")


FIX = "Write it with numpy.save."
NPY = {
    "cut": (
        modelfiles.npy(np.ones(9))[:150],
        f"m.npy must have 200 bytes, as its head says, got 150. {FIX}",
    ),
    "more": (
        modelfiles.npy(np.ones(9)) + b"x",
        f"m.npy must have 200 bytes, as its head says, got 201. {FIX}",
    ),
    "head": (
        b"\x93NUMPY\x01\0\x99",
        f"m.npy cannot be read, it may be cut off: EOF: its head goes on for 1 byte. {FIX}",
    ),
    "long": (
        b"\x93NUMPY\x02\0\xff\xff\xff\xff",
        f"m.npy must have a head of at most 10,000 bytes, got 4,294,967,295. {FIX}",
    ),
    "version": (
        b"\x93NUMPY\x09\0\x02\0{}",
        f"m.npy cannot be read, it may be cut off: it does not begin as an array. {FIX}",
    ),
    "nested": (
        headed("(" * 9000),
        f"m.npy cannot be read, it may be cut off: its head does not say descr and fortran_order and shape. {FIX}",
    ),
    "objects": (
        modelfiles.npy(np.array([1, None], object)),
        "m.npy holds Python objects, which are not read. Save an array of numbers.",
    ),
    "words": (
        modelfiles.npy(np.array(["a", "b"])),
        "m.npy must hold numbers, got the dtype <U1. Save an array of numbers.",
    ),
    "records": (
        modelfiles.npy(np.zeros(3, [("a", "f4"), ("b", "f4")])),
        "m.npy must hold one array of numbers, got records of a, b. Save one.",
    ),
    "odd": (
        of("'f7'"),
        "m.npy must hold numbers, got the dtype f7. Save an array of numbers.",
    ),
    "narrow": (
        modelfiles.npy(np.zeros(3, "V1")),
        "m.npy does not tell its dtype, got 1 byte a number. Save it as float32.",
    ),
    "huge": (
        of("'<f4'", f"({2**40}, {2**40})"),
        "m.npy must give whole sizes of 'the array', got [1099511627776, 1099511627776]. Copy or download it again.",
    ),
    "digits": (
        of("'<f4'", f"({10**30},)"),
        f"m.npy must have sizes that a file can hold, got 1000000000000000000000000000000. {FIX}",
    ),
}


@pytest.mark.parametrize("wrong", NPY)
def test_what_is_wrong_with_an_array_is_told(wrong):
    data, message = NPY[wrong]
    write("m.npy", data)
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in("m.npy")


def bomb(says):
    """An archive whose list says that a million zeros unpack to so many bytes."""
    data = bytearray(modelfiles.zipped({"a.npy": bytes(10**6)}, zipfile.ZIP_DEFLATED))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", says)
    return bytes(data)


def doubled():
    """An archive with two members in the same bytes."""
    data = modelfiles.zipped({"a.npy": of("'<f4'") + bytes(12)})
    at, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    listed = data[at:end]
    other = listed.replace(b"a.npy", b"b.npy")
    size = struct.pack("<HHI", 2, 2, 2 * len(listed))
    return data[:end] + other + data[end : end + 8] + size + data[end + 16 :]


PACKED = len(modelfiles.zipped({"a.npy": bytes(10**6)}, zipfile.ZIP_DEFLATED)) - 22 - 51 - 35
NPZ = {
    "nothing": (
        b"PK\x03\x04 and no more",
        f"m.npz cannot be read, it may be cut off: File is not a zip file. {FIX}",
    ),
    "bomb": (
        bomb(2**32 - 2),
        f"m.npz must unpack 'a.npy' to at most {PACKED * 1032 + 64:,} bytes, got 4,294,967,294 from {PACKED:,}. {FIX}",
    ),
    "lie": (
        bomb(5),
        f"a in m.npz cannot be read, it may be cut off: it does not begin as an array. {FIX}",
    ),
    "same bytes": (
        doubled(),
        f"m.npz must have 'b.npy' in bytes of its own, got others' bytes or none. {FIX}",
    ),
    "head": (
        modelfiles.zipped({"a.npy": of("'<f4'", "(1000000, 1000000)") + bytes(12)}),
        f"a in m.npz must have 4,000,000,000,082 bytes, as its head says, got 94. {FIX}",
    ),
    "objects": (
        modelfiles.npz({"a": np.array([None])}),
        "a in m.npz holds Python objects, which are not read. Save an array of numbers.",
    ),
    "packing": (
        modelfiles.zipped({"a.npy": b""}, zipfile.ZIP_BZIP2),
        f"m.npz must have 'a.npy' stored or deflated, got another packing. {FIX}",
    ),
}


@pytest.mark.parametrize("wrong", NPZ)
def test_what_is_wrong_with_an_archive_is_told(wrong):
    data, message = NPZ[wrong]
    write("m.npz", data)
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in("m.npz")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_told():
    with zipfile.ZipFile("m.npz", "w") as archive:
        archive.writestr("a.npy", modelfiles.npy(np.ones(2)))
        archive.writestr("a.npy", modelfiles.npy(np.ones(3)))
    with pytest.raises(ModelFileError, match=r"^m.npz must have one member of each name, got 'a.npy' twice. Write it"):
        tensors_in("m.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_bytes_that_have_changed_are_told(save):
    data = bytearray(modelfiles.npz({"a": np.asfortranarray(np.random.default_rng(0).normal(size=(100, 10)))}, save))
    data[2000] ^= 1
    write("m.npz", data)
    [tensor] = tensors_in("m.npz")
    with pytest.raises(ModelFileError, match=r"^a in m.npz cannot be read, it may be cut off: "):
        tensor.read()


def test_a_long_list_of_members_is_not_loaded(monkeypatch):
    monkeypatch.setattr("initviz.models.files.zips.LONGEST_LIST", 1000)
    write("m.npz", modelfiles.npz({f"w{n}": np.ones(1) for n in range(100)}))
    with pytest.raises(ModelFileError, match=r"^m.npz cannot be read, it may be cut off: its list of members has"):
        tensors_in("m.npz")
