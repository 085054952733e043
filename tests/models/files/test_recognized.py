"""Formats are told apart by what a file holds, not by its name, and what is none of them is told."""

import os
import re

import modelfiles
import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


@pytest.mark.parametrize("name", [name for name in modelfiles.FILES if not name.endswith("json")])
def test_a_name_that_says_nothing_is_no_hindrance(name):
    write("model", modelfiles.FILES[name]())
    found, expected = modelfiles.loaded("model"), modelfiles.arrays()
    weights = {path.replace("/", "."): array for path, array in found.items()}
    assert all(modelfiles.same(weights[path], array) for path, array in expected.items() if path in weights)
    assert len(set(weights) & set(expected)) == (0 if name == "m.npy" else len(expected))


FORMATS = "safetensors, .npz, .npy, MessagePack of flax, a checkpoint of orbax, or torch.save"
AGAIN = "Copy or download it again."
SAVE = "Save its weights with numpy.savez or safetensors."
KERAS = "In Keras: numpy.savez('model.npz', **{v.path: v.numpy() for v in model.variables})."
WRONG = {
    "m": (b"hello", f"m must be {FORMATS}, got something else. {SAVE}"),
    "empty.npz": (b"", f"empty.npz must be {FORMATS}, got an empty file. {AGAIN}"),
    "empty": (b"", f"empty must be {FORMATS}, got an empty file. {AGAIN}"),
    "m.h5": (b"\x89HDF\r\n\x1a\n", f"m.h5 must be {FORMATS}, got an HDF5 file. {KERAS}"),
    "m.gguf": (b"GGUF\3\0\0\0", f"m.gguf must be {FORMATS}, got a GGUF file, whose weights are rounded. "
               "Name the safetensors that it was made from."),
    "m.keras": (modelfiles.zipped({"config.json": b"", "model.weights.h5": b""}),
                f"m.keras must be {FORMATS}, got a zip of 'config.json', 'model.weights.h5'. {KERAS}"),
    "m.zip": (modelfiles.zipped({}), f"m.zip must be {FORMATS}, got a zip of nothing. {SAVE}"),
    "m\x1b[2J": (b"hello", f"m\\x1b[2J must be {FORMATS}, got something else. {SAVE}"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_model_is_told(name):
    data, message = WRONG[name]
    write(name, data)
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in(name)


def test_what_is_no_file_is_told(folder):
    os.mkfifo("pipe")
    (folder / "sub").mkdir()
    for name, message in {
        "none": "there is no file none. Look for it in the folder.",
        "pipe": "pipe must be a plain file, got a device or a pipe. Name a file.",
        "sub": "sub must hold safetensors, or a checkpoint of orbax, got neither. Name a file in it.",
        "\0": "there is no file \\x00. Look for it in the folder.",
    }.items():
        with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
            tensors_in(name)
    with pytest.raises(ModelFileError, match=r"^/dev/zero must be a plain file, got a device or a pipe. Name a file.$"):
        tensors_in("/dev/zero")


def test_no_weights_are_read_before_they_are_asked_for(monkeypatch):
    for name, make in modelfiles.FILES.items():
        write(name, make())
    monkeypatch.setattr(np, "empty", lambda *_: pytest.fail("an array"))
    for name in modelfiles.FILES:
        assert tensors_in(name)


def test_models_of_other_libraries_need_none_of_them():
    import subprocess
    import sys

    unwanted = ["torch", "flax", "orbax", "tensorstore", "msgpack", "safetensors", "panel", "pickle"]
    code = f"import sys, initviz.models.files; print([name for name in {unwanted[:-1]} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
