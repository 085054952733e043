"""Paths that a page may open: of what is in the folder that was named, and of nothing else."""

import numpy as np
import pytest
from oracles import refused

from initviz.models import places
from initviz.models.files import ModelFileError

NOT_NAMED = "a folder of models must be named to open files by path, got none. Start initviz --models FOLDER."
NOT_THERE = "the path must be in the folder of models, got {}, which is not. {}"
LISTED = "There is for instance deep, mine.npz."


@pytest.fixture
def folder(tmp_path):
    """A folder of models that pages may read, beside a file that they may not."""
    found = tmp_path / "models"
    (found / "deep").mkdir(parents=True)
    for path in (found / "mine.npz", found / "deep" / "one.npz", found / ".hidden", tmp_path / "secret.npz"):
        path.write_bytes(b"")
    places.open_folder(found)
    yield found
    places.open_folder(None)


def test_before_a_folder_is_named_nothing_is_opened(tmp_path):
    assert not places.is_open()
    for name in ("mine.npz", str(tmp_path), "", "/etc/passwd"):
        refused(ValueError, NOT_NAMED, places.path_of, name)


def test_what_is_in_the_folder_is_opened_by_its_name_or_its_whole_path(folder):
    assert places.is_open()
    for name in ("mine.npz", "deep/one.npz", "deep", "./deep/../mine.npz", str(folder / "mine.npz"), ""):
        assert places.path_of(name) == (folder / name).resolve()


@pytest.mark.parametrize("name", [
    "../secret.npz", "deep/../../secret.npz", "..", "/", "/etc/passwd", "~/x", "a\0b", "x" * 5000, "deep/mine.npz/x",
], ids=lambda name: name[:20])  # fmt: skip
def test_what_leads_out_of_it_or_nowhere_is_refused_in_the_same_words(folder, name):
    with pytest.raises(ValueError, match=r"^the path must be in the folder of models, got .*, which is not\. ") as said:
        places.path_of(name)
    assert len(str(said.value)) < 300
    assert "secret" not in str(said.value).replace(name, "")


def test_whole_messages_of_what_is_refused(folder, tmp_path):
    refused(ValueError, NOT_THERE.format("'../secret.npz'", LISTED), places.path_of, "../secret.npz")
    refused(ValueError, NOT_THERE.format("'/etc/passwd'", LISTED), places.path_of, "/etc/passwd")
    refused(ValueError, NOT_THERE.format("'mine.npy'", "Did you mean mine.npz?"), places.path_of, "mine.npy")
    (tmp_path / "empty").mkdir()
    places.open_folder(tmp_path / "empty")
    refused(ValueError, NOT_THERE.format("'x'", "It is empty."), places.path_of, "x")


def test_links_are_followed_no_further_than_the_folder(folder, tmp_path):
    (folder / "out.npz").symlink_to(tmp_path / "secret.npz")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "in.npz").symlink_to(folder / "mine.npz")
    for name in ("out.npz", "up/secret.npz", "up", "loop"):
        with pytest.raises(ValueError, match="which is not"):
            places.path_of(name)
    assert places.path_of("in.npz") == folder / "mine.npz"


def test_a_folder_that_is_not_there_is_refused_and_one_that_is_gone_opens_nothing(folder, tmp_path):
    for name in ("nowhere", "secret.npz"):
        path = str(tmp_path / name)
        with pytest.raises(ValueError, match=r"^the folder of models must be there, got .*\. Name another one\.$"):
            places.open_folder(path)
    assert places.path_of("mine.npz").name == "mine.npz"  # the one before
    moved = folder.rename(tmp_path / "moved")
    assert moved.is_dir()
    refused(ValueError, NOT_THERE.format("'mine.npz'", "It is empty."), places.path_of, "mine.npz")


def test_a_folder_that_is_a_link_is_the_one_it_leads_to(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    places.open_folder(str(tmp_path / "link"))
    assert places.path_of(str(tmp_path / "link" / "mine.npz")) == folder / "mine.npz"


def test_no_message_tells_where_a_file_is(tmp_path):
    folder = tmp_path / "secret"
    folder.mkdir()
    path = folder / "model.npz"
    np.savez(path, kernel=np.zeros((3, 2)))
    [tensor] = places.tensors_at(path)
    assert tensor.read().shape == (3, 2)
    path.unlink()
    with pytest.raises(ModelFileError) as gone:
        tensor.read()
    path.write_bytes(b"no model")
    with pytest.raises(ModelFileError) as none:
        places.tensors_at(path)
    for refusal in (gone, none):
        assert "secret" not in str(refusal.value)
        assert "model.npz" in str(refusal.value)


def test_a_packed_file_holds_no_more_than_is_said(tmp_path):
    path = tmp_path / "model.npz"
    np.savez_compressed(path, kernel=np.zeros((1000, 1000)))
    assert path.stat().st_size < 100_000
    assert len(places.tensors_at(path, 8_000_000)) == 1
    refused(
        ModelFileError,
        "model.npz must hold at most 7,999,999 bytes of weights here, got 8,000,000. Audit it where it is.",
        places.tensors_at, path, 7_999_999,
    )  # fmt: skip
