"""The audit of a model as a widget and as a room: it takes files and paths, opens tensors, and says what it cannot."""

import base64
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from modelfiles import npz, safetensors
from oracles import refused

from initviz.explorer.explorer import Explorer
from initviz.initializers import normal
from initviz.live import uploads
from initviz.live.aside import aside
from initviz.live.internals import Words
from initviz.live.uploads import CHOOSE
from initviz.models import audit as headless
from initviz.models import places
from initviz.models.auditing import Audit
from initviz.models.study import NONE, OWN, RULES, ModelStudy
from initviz.settings import choices
from initviz.study import Study
from initviz.study.study import MODEL
from initviz.widgets import audit, models
from initviz.widgets.models import OWN_FILE, Room, called, feed_of_model

SMALL = "flax layers that share a key"
WEIGHTS = {"a.weight": np.random.default_rng(0).normal(size=(8, 4)).astype("f4"), "a.bias": np.zeros(8, "f4")}
NESTED = {"one": {"kernel": np.ones((8, 8), "f4"), "bias": np.zeros(8, "f4")}}
LAWS = {"**/bias": "zeros", "**/kernel": "zeros"}


@pytest.fixture
def opened():
    """What was opened, and what says whether it is still wanted."""
    return {}


@pytest.fixture
def room(opened):
    """The room of a small example, open on a page."""

    def open_(audit: Audit, row, refuse, wanted) -> None:
        opened[row.tensor.path] = wanted

    found = Room(feed_of_model(ModelStudy(example=SMALL)), open_)
    assert found.closer.layout.get_root() is not None, "a browser can have all of it"
    found.closer.followers.open(None)
    yield found
    found.closer.followers.close(None)
    found.uploads.close()


def words(room) -> str:
    """All that a room says."""
    return " ".join(str(each.object) for each in room.closer.layout.select(Words))


def give(room, **files: bytes) -> None:
    """Choose files on the page of a room; each is one part."""
    carrier = room.uploads.layout
    batch = 1 + (carrier.tags[1] if len(carrier.tags) > 1 else 0)
    about = [{"name": name.replace("_", "."), "size": len(content)} for name, content in files.items()]
    carrier.value = f"{batch} begin {json.dumps(about)}"
    while carrier.tags[2] >= 0:
        _, _, place, start = carrier.tags
        content = list(files.values())[place][start:]
        carrier.value = f"{batch} part {place} {start} {base64.b64encode(content).decode()}"


def enter(room, path: str) -> None:
    """Type a path, and press Enter."""
    room.path.value_input = path
    room.path.param.trigger("enter_pressed")


# -- the widget -----------------------------------------------------------------------------------------------------


def test_a_widget_is_the_audit_with_all_that_is_said_of_it():
    widget = audit(NESTED, LAWS, alpha=0.05)
    assert [row.tensor.path for row in widget.found.failed] == ["one/kernel"]
    assert (widget.found.alpha, bool(widget.found)) == (0.05, False)
    for html in (widget.still(), widget.kept()):
        assert html.count("<img") == 0, "of ones there is nothing to draw"
        for said in ("1 of 2 tensors not as declared", "one/kernel", "as declared", "5 %"):
            assert said in html
    assert widget.__panel__().get_root() is not None
    assert audit(WEIGHTS).still().count("<img") == 1


def test_a_widget_follows_its_study():
    widget = audit(NESTED, LAWS)
    root = widget.__panel__().get_root()
    widget.study.rules = '"**/bias" = "zeros"\n"**/kernel" = "ones"'
    assert widget.found
    assert "As declared" in " ".join(str(each.object) for each in widget.__panel__().select(Words))
    widget.study.recipe = NONE
    assert widget.found.recipe is None
    widget.study.example = SMALL
    assert len(widget.found.rows) == 10
    assert root is not None


def test_a_widget_takes_a_model_a_file_or_nothing_and_recipes_of_every_kind(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(npz(WEIGHTS))
    for given in (path, str(path)):
        assert audit(given).study.question.name == "mine.npz"
    assert audit(NESTED).study.question.name == called(NESTED) == "dict"
    assert audit().study.question == ModelStudy().question
    assert audit(NESTED, "flax").study.recipe == "flax"
    assert audit(NESTED, LAWS).study.recipe == RULES
    assert audit(NESTED).study.recipe == NONE


def test_what_a_widget_cannot_take_is_refused():
    with pytest.raises(ValueError, match="Did you mean gpt2"):
        audit(NESTED, "gtp2")
    with pytest.raises((TypeError, ValueError)):
        audit(3)
    refused(
        ValueError, "alpha must be a number from 1e-06 to 0.999, got 2. Pass for instance 0.01.", audit, NESTED, alpha=2
    )


def test_a_widget_takes_no_files_and_opens_no_tensors():
    widget = audit(NESTED, LAWS)
    html = widget.kept()
    assert "data-path" not in html
    assert "initviz-open" not in html
    assert widget._room.closer.links[0].name != "example"


# -- the room -------------------------------------------------------------------------------------------------------


def test_it_shows_the_example_its_verdict_its_spread_and_its_table(room):
    found = headless(room.study.question.tensors, "flax")
    said = words(room)
    assert SMALL in said
    assert "1 finding that no rule allows" in said
    assert all(row.tensor.path in room.closer.words.object for row in found.rows)
    (picture,) = room.closer.shown
    assert picture.of == "initviz-audit-flax_layers_that_share_a_key"


def test_a_file_is_audited_and_an_example_again(room):
    give(room, mine_npz=npz(WEIGHTS))
    assert (room.study.example, room.study.recipe, room.study.question.name) == (OWN, NONE, "mine.npz")
    assert [row.tensor.path for row in room.feed.answer.audit.rows] == list(WEIGHTS)
    assert "mine.npz</h1>" in words(room)
    room.study.example = SMALL
    assert f"{SMALL}</h1>" in words(room)
    room.study.example = OWN
    assert "mine.npz</h1>" in words(room), "it is still there"


def test_several_files_are_one_model(room):
    files = {name: safetensors({name: array}) for name, array in WEIGHTS.items()}
    give(room, one_safetensors=files["a.weight"], two_safetensors=files["a.bias"])
    assert room.study.question.name == "2 files"
    assert sorted(row.tensor.path for row in room.feed.answer.audit.rows) == sorted(WEIGHTS)


@pytest.mark.parametrize(("files", "said"), [
    ({"words_txt": b"no model at all"}, "words.txt must be safetensors, .npz, .npy, MessagePack of flax, a checkpoint "
     "of orbax, or torch.save, got something else."),
    ({"empty_npz": b""}, "got an empty file. Copy or download it again."),
    ({"cut_npz": npz(WEIGHTS)[:200]}, "cut.npz "),
    ({"one_npz": npz(WEIGHTS), "two_npz": npz(WEIGHTS)}, "2 files must"),
], ids=["words", "empty", "cut", "two archives"])  # fmt: skip
def test_a_file_that_is_no_model_is_refused_by_its_name_and_the_one_before_stays(room, files, said):
    give(room, mine_npz=npz(WEIGHTS))
    before = room.study.question
    give(room, **files)
    message = room.message.object
    assert said in message
    assert "alert" in message
    assert "/tmp" not in message
    assert room.study.question is before
    room.study.alpha = 0.05  # which reads it again
    assert len(room.feed.answer.audit.rows) == 2
    assert not room.feed.failure
    assert room.message.object == ""


def test_a_file_is_read_beside_the_page_and_the_newest_counts(room, monkeypatch):
    """Each job waits until the test does it, as in a thread."""
    jobs = []
    monkeypatch.setattr(models, "aside", lambda *asked: jobs.append(partial(aside, *asked)))
    before = room.study.question
    give(room, slow_npz=npz(WEIGHTS))
    slow = room.uploads._in_hand[0].name
    assert room.study.question is before
    assert "Reading slow.npz" in room._arriving.object
    give(room, mine_npz=npz(WEIGHTS))
    jobs.pop()()
    assert room.study.question.name == "mine.npz"
    assert room._arriving.object == ""
    jobs.pop()()
    assert room.study.question.name == "mine.npz"
    assert not Path(slow).exists()
    give(room, words_txt=b"nothing")
    give(room, other_npz=npz(WEIGHTS))
    refused, taken = jobs
    refused()
    assert room.message.object == "", "nobody waits for it"
    room.uploads.close()
    taken()
    assert "no file other.npz" in room.message.object, "it went with the page"
    assert room.study.question.name == "mine.npz"
    assert room.uploads._in_hand == []


def test_rules_that_cannot_be_read_are_told_until_they_can(room):
    give(room, mine_npz=npz(WEIGHTS))
    room.study.param.update(recipe=RULES, rules='"**/bias" = "zeros')
    assert "alert" in room.closer.message.object
    assert room.closer.outcome.visible, "the last answer stays"
    room.study.rules = '"**bias" = "zeros"\n"**" = "normal(1)"'
    assert room.closer.message.object == ""
    assert room.feed.answer.audit.recipe is not None


def test_the_rules_it_looks_like_are_written_and_hold(room):
    give(room, mine_npz=npz(WEIGHTS))
    assert room.study.recipe == NONE
    room.write.param.trigger("clicks")
    assert room.study.recipe == RULES
    assert '= "zeros"' in room.study.rules
    assert room.feed.answer.audit
    area = next(link.widget for link in room.closer.links if link.name == "rules")
    assert area.value == room.study.rules


def test_rules_are_shown_only_where_they_count(room):
    area = dict(room.closer._views)["rules"]
    for recipe, shown in ((NONE, False), ("gpt2", False), (RULES, True), ("flax", False)):
        room.study.recipe = recipe
        assert area.visible == shown


def test_what_was_refused_is_forgotten_once_something_else_is_asked(room):
    for study in (room.study, ModelStudy(example=SMALL)):
        room.closer.follow(study)
        give(room, words_txt=b"nothing")
        assert "alert" in room.message.object
        room.study.recipe = NONE
        assert room.message.object == ""
        room.study.recipe = "flax"
    give(room, words_txt=b"nothing")
    room.closer.follow(ModelStudy(example=SMALL))
    assert room.message.object == ""


def test_a_row_is_opened_and_one_that_there_is_not_is_refused(room, opened):
    assert "data-path" not in room.closer.words.object, "where no page tells of a click there is nothing to click"
    room._asked.layout.value = "1 layers/3/kernel"
    assert list(opened) == ["layers/3/kernel"]
    room._asked.layout.value = "2 layers/9/kernel"
    assert list(opened) == ["layers/3/kernel"]
    assert "layers/9/kernel" in room.message.object


def test_of_rows_that_are_clicked_one_after_the_other_the_last_is_opened(room, opened):
    for click, path in enumerate(("layers/3/kernel", "layers/1/kernel")):
        room._asked.layout.value = f"{click} {path}"
    assert {path: wanted() for path, wanted in opened.items()} == {"layers/3/kernel": False, "layers/1/kernel": True}


def test_where_no_file_may_be_given_there_is_no_field_for_one(room, monkeypatch):
    field = CHOOSE % OWN_FILE
    assert [each.visible for each in room.closer.layout.select(Words) if each.object == field] == [True]
    monkeypatch.setattr(uploads, "_largest", 0)
    closed = Room(room.feed).closer.layout
    assert [each.visible for each in closed.select(Words) if each.object == field] == [False]


# -- paths ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A folder of models, named when the server was started."""
    found = tmp_path / "models"
    found.mkdir()
    (found / "mine.npz").write_bytes(npz(WEIGHTS))
    (found / "words.txt").write_bytes(b"no model")
    (tmp_path / "secret.npz").write_bytes(npz(WEIGHTS))
    places.open_folder(found)
    yield found
    places.open_folder(None)


def test_without_a_folder_there_is_no_field_for_a_path_and_none_is_opened(room, tmp_path):
    (tmp_path / "mine.npz").write_bytes(npz(WEIGHTS))
    assert not room.path.visible
    enter(room, str(tmp_path / "mine.npz"))
    assert "a folder of models must be named to open files by path, got none." in room.message.object
    assert room.study.example == SMALL


def test_a_path_in_the_folder_is_opened_by_enter(folder, room):
    assert room.path.visible
    for path in ("mine.npz", " mine.npz ", str(folder / "mine.npz")):
        room.study.example = SMALL
        enter(room, path)
        assert room.study.question.name == "mine.npz"
        assert room.message.object == ""
    enter(room, "")
    assert room.study.question.name == "mine.npz"


@pytest.mark.parametrize("path", ["../secret.npz", "/etc/passwd", "nothing", "words.txt"])
def test_a_path_that_leads_elsewhere_or_is_no_model_is_refused(folder, room, path):
    enter(room, path)
    assert "alert" in room.message.object
    assert str(folder) not in room.message.object
    assert room.study.example == SMALL


# -- on the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def explorer():
    """A page open on the room of a small example."""
    study = Study(shape=(12, 8), look=MODEL)
    study.model.example = SMALL
    found = Explorer(study)
    assert found.pictures.get_root()
    return found


def carrier(explorer):
    """What the page tells of a row by."""
    return next(
        each for each in explorer.closer[MODEL].layout.select() if getattr(each, "tags", None) == ["initviz-open"]
    )


def test_a_row_opens_in_the_room_of_weights_by_its_name_beside_its_law(explorer):
    asked = []
    explorer.study.param.watch(lambda event: asked.append(event.new), "question")
    carrier(explorer).value = "1 layers/1/kernel"
    study = explorer.study
    assert (study.look, study.weights_name, study.shape) == ("", "layers/1/kernel", (128, 128))
    tensor = next(each for each in study.model.question.tensors if each.path == "layers/1/kernel")
    np.testing.assert_array_equal(study.answer().weights, tensor.read())
    assert repr(study.initializer).startswith("lecun_normal")
    assert asked[-1] == study.question
    assert "layers/1/kernel" in explorer.draw._title.object
    assert "layers/1/kernel of shape (128, 128) is shown" in str(explorer.sidebar._given[0].object)
    carrier(explorer).value = "2 layers/3/kernel"  # the same weights by another name
    assert study.weights_name == "layers/3/kernel"
    assert "layers/3/kernel" in explorer.draw._title.object


def test_a_tensor_opens_beside_what_it_is_said_to_be_and_a_broken_one_too(explorer):
    explorer.study.model.take("mine", {"kernel": np.full((4, 4), np.nan, "f4"), "bias": np.zeros(3, "f4")})
    explorer.study.model.declare({"bias": "normal(0.02)"})
    for place, (path, law) in enumerate({"bias": normal(0.02), "kernel": normal(0.0)}.items()):
        explorer.study.look = MODEL
        carrier(explorer).value = f"{place} {path}"
        assert (explorer.study.look, explorer.study.weights_name) == ("", path)
        assert repr(explorer.study.initializer) == repr(law)
        assert not explorer.feed.failure


def test_a_tensor_that_is_too_large_for_a_page_is_refused_in_the_room(explorer, monkeypatch):
    monkeypatch.setattr(choices, "_most", 100)
    carrier(explorer).value = "1 layers/1/kernel"
    assert (explorer.study.look, explorer.study.weights) == (MODEL, None)
    assert "must hold at most 100 weights, got 16,384" in " ".join(
        str(each.object) for each in explorer.closer[MODEL].layout.select(Words)
    )


def test_a_link_keeps_the_model_of_the_user(explorer):
    explorer.study.model.take("mine", NESTED)
    before = explorer.study.model.question
    explorer.open_link("?v=1&seed=3&look=Model")
    assert explorer.study.seed == 3
    assert explorer.study.model.question == before
    assert explorer.closer[MODEL].look.settings is explorer.study.model
    assert "mine</h1>" in " ".join(str(each.object) for each in explorer.closer[MODEL].layout.select(Words))


def test_the_address_has_what_is_asked_and_nothing_of_the_user(explorer):
    assert explorer.address.layout.tags[1] == "?v=1&shape=12,+8&look=Model&model.example=flax+layers+that+share+a+key"
    explorer.study.model.recipe = NONE
    assert explorer.address.layout.tags[1].endswith("&model.recipe=none")
    explorer.study.model.take("mine", NESTED)
    assert explorer.address.layout.tags[1] == "?v=1&shape=12,+8&look=Model"


def test_without_a_model_yet_what_is_on_show_is_dim_and_a_file_is_asked_for(room):
    before = room.study.example
    room.study.example = OWN
    assert "Choose a file of your model" in room._arriving.object
    assert room.write.disabled
    assert room.closer.outcome.styles["opacity"] != "1"
    room.study.example = before
    assert room._arriving.object == ""
    assert not room.write.disabled
    assert room.closer.outcome.styles["opacity"] == "1"
