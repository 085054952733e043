"""`initviz audit`: exit statuses, JSON, reports and recipes of models in files."""

import json

import jax
import numpy as np
import pytest
from typed import typed

from initviz.initializers import he_normal, lecun_normal
from initviz.models import audit, get_recipe


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a small model in it."""
    monkeypatch.chdir(tmp_path)
    one, two = jax.random.split(jax.random.key(0))
    np.savez("model.npz", **{"a/kernel": he_normal()(one, (32, 64)), "b/kernel": he_normal()(two, (64, 32)),
                             "b/bias": np.zeros(32)})  # fmt: skip
    (tmp_path / "fine.toml").write_text('name = "fine"\nsource = "me"\n[rules]\n"**/kernel" = "he_normal"\n'
                                        '"**/bias" = "zeros"\n')  # fmt: skip
    (tmp_path / "wrong.toml").write_text('name = "wrong"\nsource = "me"\n[rules]\n"**/kernel" = "lecun_normal"\n')
    return tmp_path


def test_it_prints_what_python_prints_and_ends_as_the_audit_does(folder, monkeypatch):
    from initviz.models.files import tensors_in

    for name, status in (("fine.toml", 0), ("wrong.toml", 1)):
        found = typed(monkeypatch, "audit", "model.npz", "--recipe", name)
        assert found.out == f"{audit(tensors_in('model.npz'), name)}\n"
        assert (found.err, found.status) == ("", status)
    assert typed(monkeypatch, "audit", "model.npz").status == 0


def test_json_has_every_tensor(folder, monkeypatch):
    found = json.loads(typed(monkeypatch, "audit", "model.npz", "--recipe", "wrong.toml", "--json").out)
    assert (found["schema"], found["command"], found["fine"], found["recipe"]) == (1, "audit", False, "wrong")
    first = found["tensors"][0]
    assert (first["path"], first["verdict"], first["looks_like"][0]) == ("a/kernel", "not as declared", "he_normal")
    assert first["factor"] == pytest.approx(2**0.5, rel=0.1)
    assert found["across"] == []


def test_what_is_written_can_be_read_and_nothing_is_overwritten(folder, monkeypatch):
    words = ("audit", "model.npz", "--recipe", "fine.toml", "--html", "report.html", "--write-recipe", "mine.toml")
    assert typed(monkeypatch, *words).status == 0
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert [rule.law for rule in get_recipe("mine.toml").rules] == ["he_normal", "zeros"]
    again = typed(monkeypatch, *words)
    assert again.status == 2
    assert "report.html exists already and is not overwritten. Name another file, or remove it." in again.err


@pytest.mark.parametrize(("words", "message"), [
    (("gone.npz",), "gone.npz"), (("gone.npz", "--recipe", "?"), "must be one of equinox, flax, gpt2,"),
    (("model.npz", "--recipe", "gtp2"), "Did you mean gpt2?"),
    (("model.npz", "--alpha", "2"), "--alpha must be between 0 and 1, got '2'"), (("fine.toml",), "fine.toml"),
    (("model.npz", "--html", "gone/report.html"),
     "gone/report.html cannot be written: there is no folder gone. Make it, or name another."),
    (("model.npz", "--write-recipe", ""), "--write-recipe must name a file, got ''. Write for instance "
     "--write-recipe mine.toml."),
    (("model.npz", "--html", "a", "--write-recipe", "a"),
     "--html and --write-recipe must name two files, got a twice. Change one."),
    (("",), "FILE must name a file or a folder, got ''. Write for instance model.safetensors."),
    (("x" * 5000,), "cannot be read: File name too long."),
])  # fmt: skip
def test_refusals(folder, monkeypatch, words, message):
    found = typed(monkeypatch, "audit", *words)
    assert (found.out, found.status) == ("", 2)
    assert message in found.err


def test_a_model_of_another_law_is_not_called_by_it(folder, monkeypatch):
    weights = lecun_normal()(jax.random.key(3), (64, 64))
    np.savez("other.npz", kernel=weights)
    assert "✗ kernel: he_normal says std" in typed(monkeypatch, "audit", "other.npz", "--recipe", "fine.toml").out
