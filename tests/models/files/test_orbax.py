"""Checkpoints of orbax: what it writes is read, and what leads elsewhere or promises too much is told."""

import json
import re
import sys

import jax.numpy as jnp
import modelfiles
import numpy as np
import pytest
import tensorstore
from breaking import broken

from initviz.models.files import ModelFileError, tensors_in

TREE = {"params": {"Dense_0": {"kernel": np.arange(6.0).reshape(2, 3), "b.ias": np.ones(3, jnp.bfloat16)}}}
PATHS = {f"params/Dense_0/{name}": array for name, array in TREE["params"]["Dense_0"].items()}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("options", [{}, {"use_ocdbt": False}, {"use_zarr3": True}], ids=str)
def test_what_orbax_writes_is_read(options, tmp_path):
    import orbax.checkpoint as orbax

    handler = orbax.Checkpointer(orbax.PyTreeCheckpointHandler(**options))
    handler.save(tmp_path / "steps" / "100", TREE)
    handler.close()
    for path in ("steps", "steps/100"):
        found = modelfiles.loaded(path)
        assert sorted(found) == sorted(PATHS)
        assert all(modelfiles.same(found[path], array) for path, array in PATHS.items())


def store(folder, name="w", array=None, database=False, **metadata):
    """An array as orbax lays it down, written by tensorstore."""
    array = np.arange(12, dtype="f4").reshape(3, 4) if array is None else array
    base = {"driver": "file", "path": f"{folder.absolute()}/"}
    place = (
        {"driver": "ocdbt", "base": base, "path": f"{name}/"} if database else base | {"path": f"{base['path']}{name}/"}
    )
    told = {"shape": array.shape, "chunks": array.shape, "compressor": {"id": "zstd", "level": 1}, "dtype": "<f4"}
    opened = tensorstore.open({"driver": "zarr", "kvstore": place, "metadata": told | metadata}, create=True)
    opened.result().write(array).result()


def test_without_names_dots_are_between_them(tmp_path):
    store(tmp_path / "m", "params.Dense_0.kernel")
    assert list(modelfiles.loaded("m")) == ["params/Dense_0/kernel"]


def retold(folder, **changed):
    file = folder / "w" / ".zarray"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))


@pytest.mark.parametrize("changed", [{"shape": [10**6, 10**6]}, {"chunks": [10**6, 10**6]}], ids=str)
def test_more_than_files_can_fill_is_told(tmp_path, changed):
    store(tmp_path / "m")
    retold(tmp_path / "m", **changed)
    with pytest.raises(
        ModelFileError, match=r"^m must have 'w' of at most [\d,]+ bytes, 2000 times its files, got the sh"
    ):
        tensors_in("m")


def test_links_out_of_the_folder_are_refused(tmp_path):
    store(tmp_path / "m")
    chunk = tmp_path / "m" / "w" / "0.0"
    chunk.rename(tmp_path / "outside")
    chunk.symlink_to("../../outside")
    message = "m must have at most 1,000,000 plain files of its own, got 0.0. Copy all of it into one folder."
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in("m")


def test_several_checkpoints_are_told(tmp_path):
    for step in (100, 200):
        store(tmp_path / "m" / f"{step}")
    with pytest.raises(ModelFileError, match=r"^m must have one checkpoint, got 2: '100, 200'. Name one of them.$"):
        tensors_in("m")


def test_without_tensorstore_it_is_told(tmp_path, monkeypatch):
    store(tmp_path / "m")
    monkeypatch.setitem(sys.modules, "tensorstore", None)
    message = (
        "m must be read with tensorstore, got a Python without it. "
        "Save it from there with safetensors.flax.save_file, or pip install orbax-checkpoint."
    )
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in("m")


def test_broken_checkpoints_get_a_message_each(tmp_path, request):
    rng = np.random.default_rng(0)
    for name, database in (("one", False), ("two", True)):
        store(tmp_path / name, database=database)
    right = {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()}
    refused = 0
    for count in range(request.config.getoption("--fuzz") // 4):
        for file, data in right.items():
            file.write_bytes(data)
        file = list(right)[count % len(right)]
        file.write_bytes(broken(file.name, right[file], rng))
        message = ""
        try:
            for path in ("one", "two"):
                for tensor in tensors_in(path):
                    assert tensor.read().shape == tensor.shape
        except ModelFileError as error:
            message = str(error)
        refused += bool(message)
        assert message.isprintable(), (count, message)
        assert len(message) < 400, (count, message)
    assert refused > count / 3
