"""Models in several files: an index names files of its own folder, and nothing else."""

import json
import re

import modelfiles
import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in

HEAD, TAIL = {"a": np.ones((2, 2), "f4"), "b": np.zeros(3, "f4")}, {"c": np.arange(4.0)}
INDEX = "m.safetensors.index.json"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.safetensors").write_bytes(modelfiles.safetensors(TAIL))
    (folder / "m-1.safetensors").write_bytes(modelfiles.safetensors(HEAD))
    (folder / "m-2.safetensors").write_bytes(modelfiles.safetensors(TAIL))
    monkeypatch.chdir(folder)
    return folder


def indexed(folder, names):
    (folder / INDEX).write_text(json.dumps({"weight_map": names}))


@pytest.mark.parametrize("path", [INDEX, "."])
def test_an_index_gives_the_tensors_of_all_files(folder, path):
    (folder / INDEX).write_bytes(modelfiles.index({"m-1.safetensors": HEAD, "m-2.safetensors": TAIL}))
    found = modelfiles.loaded(path)
    assert list(found) == ["a", "b", "c"]
    assert all(modelfiles.same(found[name], array) for name, array in (HEAD | TAIL).items())


def test_what_the_index_does_not_name_is_left_out(folder):
    indexed(folder, {"b": "m-1.safetensors"})
    assert list(modelfiles.loaded(".")) == ["b"]


def test_a_folder_without_an_index_gives_all_its_safetensors(folder):
    assert list(modelfiles.loaded(".")) == ["a", "b", "c"]


def test_files_of_pytorch_have_an_index_too(folder):
    for file in folder.iterdir():
        file.unlink()
    (folder / "m-1.bin").write_bytes(modelfiles.torch_zip(HEAD))
    (folder / "m.bin.index.json").write_bytes(modelfiles.index({"m-1.bin": HEAD}))
    assert list(modelfiles.loaded(".")) == ["a", "b"]


def test_downloads_of_hugging_face_are_links(tmp_path):
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "1234"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    files = {"m-1.safetensors": modelfiles.safetensors(HEAD), INDEX: modelfiles.index({"m-1.safetensors": HEAD})}
    for count, (name, data) in enumerate(files.items()):
        (blobs / f"{count}").write_bytes(data)
        (snapshot / name).symlink_to(f"../../blobs/{count}")
    assert list(modelfiles.loaded(snapshot)) == list(modelfiles.loaded(snapshot / INDEX)) == ["a", "b"]


SECRET = "../secret.safetensors"


@pytest.mark.parametrize("name", [SECRET, "/etc/passwd", "sub/m.safetensors", "..", ".", "", "C:x", "a\\b", INDEX,
                                  "x\n", 3, None, ["a"]])  # fmt: skip
def test_names_that_are_paths_are_refused(folder, name):
    indexed(folder, {"a": name})
    got = "a list" if isinstance(name, list) else repr(name)
    message = f"{INDEX} must name a file in its own folder for 'a', got {got}. Do not trust it."
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}$"):
        tensors_in(INDEX)


def test_links_out_of_the_folder_are_refused(folder):
    (folder / "m-3.safetensors").symlink_to(SECRET)
    message = r"^m-3.safetensors must lie in the folder that names it, got a link to elsewhere. Copy the file there.$"
    with pytest.raises(ModelFileError, match=message):
        tensors_in(".")
    indexed(folder, {"c": "m-3.safetensors"})
    with pytest.raises(ModelFileError, match=message):
        tensors_in(".")


@pytest.mark.parametrize(("text", "message"), [
    ('{"weight_map": []}', "must have a weight_map, from tensors to files, got []. Copy or download it again."),
    ("{}", "must have a weight_map, from tensors to files, got None. Copy or download it again."),
    ('{"weight_map": {"a": "m-2.safetensors"}}',
     "must name tensors of 'm-2.safetensors', got 'a', which it has not. Copy or download it again."),
    ("[]", "must have a JSON object as its text, got []. Copy or download it again."),
])  # fmt: skip
def test_an_index_that_is_wrong_is_told(folder, text, message):
    (folder / INDEX).write_text(text)
    with pytest.raises(ModelFileError, match=f"^{INDEX} {re.escape(message)}$"):
        tensors_in(INDEX)


def test_a_shard_that_is_missing_is_told(folder):
    indexed(folder, {"a": "m-9.safetensors"})
    with pytest.raises(ModelFileError, match=r"^there is no file m-9.safetensors. Look for it in the folder.$"):
        tensors_in(INDEX)


def test_two_indices_and_two_tensors_of_one_name_are_told(folder):
    (folder / "m-3.safetensors").write_bytes(modelfiles.safetensors(TAIL))
    with pytest.raises(ModelFileError, match=r"^\. must have one tensor of each name, got 'c' twice. Name one file of"):
        tensors_in(".")
    indexed(folder, {"a": "m-1.safetensors"})
    (folder / "n.safetensors.index.json").write_text("{}")
    message = r"^\. must have one index, got 2: 'm.safetensors.index.json, n.safetens\.\.\.\. Name one of them.$"
    with pytest.raises(ModelFileError, match=message):
        tensors_in(".")
