"""Thousands of broken files: a message each, nothing executed, nothing opened outside the folder."""

import os
import sys
import time
from pathlib import Path

import modelfiles
import numpy as np
import pytest
from breaking import broken

from initviz.models.files import ModelFileError, tensors_in

EVENTS = ("exec", "compile", "import", "os.", "subprocess.", "socket.", "pickle.", "marshal.", "ctypes.", "shutil.")
HARMLESS = ("os.listdir", "os.scandir", "os.walk")
_watched = {"folder": None, "seen": []}


def _watch(event, arguments):
    """Notes what Python does beside reading in one folder."""
    folder = _watched["folder"]
    if folder is None:
        return
    if event == "open":
        path, mode, _ = arguments
        inside = isinstance(path, str) and Path(os.path.abspath(path)).is_relative_to(folder)
        if not inside or set(mode or "") & set("wax+"):
            _watched["seen"].append((event, path, mode))
    elif event.startswith(EVENTS) and event not in HARMLESS:
        _watched["seen"].append((event, arguments))


sys.addaudithook(_watch)


@pytest.fixture
def watched(tmp_path):
    """A folder beside which there is more, and a list of what was done that should not be."""
    outside = tmp_path / "outside.safetensors"
    outside.write_bytes(modelfiles.safetensors({"secret": np.ones(3, "f4")}))
    folder = tmp_path / "model"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    for name, make in modelfiles.FILES.items():
        (folder / name).write_bytes(make())
        modelfiles.loaded(folder / name)  # what is imported late is imported here
    _watched["seen"].clear()
    yield folder
    _watched["folder"] = None


def read(path, folder):
    """The message that a file gets; empty, if its weights can be read, and are what it says."""
    _watched["folder"] = folder
    try:
        for tensor in tensors_in(path):
            weights = tensor.read()
            assert (weights.shape, weights.dtype) == (tensor.shape, tensor.dtype)
            assert tensor.path.isprintable()
        return ""
    except ModelFileError as error:
        return str(error)
    finally:
        _watched["folder"] = None


def test_broken_files_get_a_message_each(watched, request):
    rng = np.random.default_rng(0)
    right = {name: make() for name, make in modelfiles.FILES.items()}
    whole = watched / "m.safetensors"
    refused = 0
    for count in range(request.config.getoption("--fuzz")):
        name = list(right)[count % len(right)]
        whole.write_bytes(right["m.safetensors"])
        path = watched / name
        path.write_bytes(data := broken(name, right[name], rng))
        start = time.process_time()
        message = read(path, watched)
        assert time.process_time() - start < 10, (count, name)
        assert message.isprintable(), (count, message)
        assert len(message) < 600 + 3 * len(str(path)), (count, message)
        assert not message or message.endswith((".", "?")), (count, message)
        assert not _watched["seen"], (count, name, data, _watched["seen"])
        refused += bool(message)
    assert refused > count / 2
