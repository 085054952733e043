"""`initviz check`: files that anybody may have written."""

import io
import json
import sys
import zipfile
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from typed import typed

from initviz import check
from initviz.command.files import array_in
from initviz.initializers import he_normal


@pytest.fixture(scope="module")
def weights():
    return np.asarray(he_normal()(jax.random.key(0), (64, 32)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_weights_are_judged_as_in_python(folder, weights, monkeypatch):
    np.save("w.npy", weights)
    np.save("wide.npy", 1.5 * weights)
    found = typed(monkeypatch, "check", "w.npy", "he_normal")
    assert found.out.startswith(f"{check(weights, he_normal())}\n")
    assert (found.err, found.status) == ("", 0)
    assert typed(monkeypatch, "check", "w.npy", "normal", "stddev=0.02").status == 1
    found = json.loads(typed(monkeypatch, "check", "wide.npy", "he_normal", "--json").out)
    assert (found["schema"], found["likely"], found["file"]) == (1, False, "wide.npy")
    judged = check(1.5 * weights, "he_normal")
    assert [each["probability"] for each in found["checks"]] == [each.probability for each in judged.checks]
    assert typed(monkeypatch, "check", "wide.npy", "he_normal", "--json").status == 1


def test_weights_that_are_no_numbers_give_json_without_them(folder, monkeypatch):
    np.save("nan.npy", np.full((8, 8), np.nan, np.float32))
    found = typed(monkeypatch, "check", "nan.npy", "he_normal", "--json")
    assert found.status == 1
    assert json.loads(found.out, parse_constant=pytest.fail)["summary"]["mean"] is None


def test_the_same_array_from_every_kind_of_file(folder, weights, monkeypatch):
    np.save("w.npy", weights)
    np.save("turned.npy", np.asfortranarray(weights))
    np.save("big.npy", weights.astype(">f4"))
    np.savez("one.npz", kernel=weights)
    np.savez_compressed("two.npz", kernel=weights, bias=np.zeros(3))
    for path, name in [
        ("w.npy", None),
        ("turned.npy", None),
        ("big.npy", None),
        ("one.npz", None),
        ("two.npz", "kernel"),
    ]:
        np.testing.assert_array_equal(array_in(path, name), weights)
    source = SimpleNamespace(buffer=io.BytesIO((folder / "w.npy").read_bytes()))
    monkeypatch.setattr(sys, "stdin", source)
    np.testing.assert_array_equal(array_in("-"), weights)


def test_large_files_stay_on_disk(folder, weights):
    np.save("w.npy", weights)
    assert isinstance(array_in("w.npy"), np.memmap)
    np.save("none.npy", np.zeros((0, 3), np.float32))
    assert array_in("none.npy").shape == (0, 3)


def test_numbers_that_numpy_cannot_name_are_read_as_told(folder, weights, monkeypatch):
    narrow = jnp.asarray(weights, jnp.bfloat16)
    np.save("b.npy", narrow)
    np.testing.assert_array_equal(array_in("b.npy", dtype="bfloat16"), np.asarray(narrow))
    assert typed(monkeypatch, "check", "b.npy", "he_normal", "--dtype", "bfloat16").status == 0


def write_wrong(folder):
    np.save("w.npy", np.zeros((4, 4), np.float32))
    np.save("nothing.npy", np.zeros((0, 3), np.float32))
    (folder / "cut.npy").write_bytes((folder / "w.npy").read_bytes()[:100])
    (folder / "head.npy").write_bytes(b"\x93NUMPY\x01")
    (folder / "text.npy").write_text("hello")
    (folder / "none.npy").write_text("")
    (folder / "zip.npz").write_bytes(b"PK\x03\x04 and no more")
    np.save("objects.npy", np.array([1, None], object), allow_pickle=True)
    np.save("words.npy", np.array(["a", "b"]))
    np.save("records.npy", np.zeros(3, [("a", "f4"), ("b", "f4")]))
    np.save("narrow.npy", np.zeros(3, jnp.bfloat16))
    np.savez("two.npz", kernel=np.zeros(3), bias=np.zeros(3))
    with zipfile.ZipFile("empty.npz", "w"):
        pass
    with open("huge.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)})


@pytest.mark.parametrize(("words", "message"), [
    ("ww.npy zeros", "there is no file ww.npy. Did you mean w.npy?"),
    ("a.npy zeros", "there is no file a.npy. Write it with numpy.save."),  # of which only the end is as others'
    ("nothing.npy zeros", "nothing.npy must hold weights, got the shape (0, 3). Name another array."),
    ("other.bin zeros", "there is no file other.bin. Write it with numpy.save."),
    (". zeros", "FILE must be a .npy or .npz file, got the folder .. Name a file in it."),
    ("text.npy zeros", "text.npy must be a .npy or .npz file, got something else. Write it with numpy.save."),
    ("none.npy zeros", "none.npy must be a .npy or .npz file, got an empty file. Write it with numpy.save."),
    ("cut.npy zeros", "cut.npy cannot be read, it may be cut off: EOF"),
    ("head.npy zeros", "head.npy cannot be read, it may be cut off: EOF"),
    ("zip.npz zeros", "zip.npz cannot be read, it may be cut off: File is not a zip file. Write it with numpy.save."),
    ("objects.npy zeros", "objects.npy holds Python objects, which are not read. Save an array of numbers."),
    ("words.npy zeros", "words.npy must hold numbers, got the dtype <U1. Save an array of numbers."),
    ("records.npy zeros", "records.npy must hold one array of numbers, got records of a, b. Save one."),
    ("narrow.npy zeros", "narrow.npy does not tell its dtype, got 2 bytes a number. "
     "Add for instance --dtype bfloat16."),
    ("narrow.npy zeros --dtype float32", "narrow.npy does not tell its dtype, got 2 bytes a number. "
     "Add for instance --dtype bfloat16."),
    ("two.npz zeros", "two.npz has 2 arrays, kernel, bias. Choose one, for instance --array kernel."),
    ("two.npz zeros --array kernl", "two.npz has no array 'kernl', but kernel, bias. Did you mean kernel?"),
    ("empty.npz zeros", "empty.npz must be a .npy or .npz file, got something else. Write it with numpy.save."),
    ("w.npy zeros --array kernel", "--array is of .npz files, got it for w.npy, which has one array. Leave it out."),
    ("huge.npy zeros", "huge.npy must hold at most 4,294,967,296 weights, got 1,000,000,000,000. Save a part of them."),
    ("w.npy variance_scaling", "variance_scaling needs scale, mode, distribution, got none. Write for instance "
     "variance_scaling scale=1 mode=fan_in distribution=truncated_normal."),
])  # fmt: skip
def test_what_cannot_be_judged_is_told(folder, monkeypatch, words, message):
    write_wrong(folder)
    found = typed(monkeypatch, "check", *words.split())
    assert (found.out, found.status) == ("", 2)
    assert found.err.startswith(f"initviz check: {message}")
    assert found.err.count("\n") == 1
    assert message.endswith("EOF") or found.err == f"initviz check: {message}\n"
