"""The menu of files: every one of every view is made, and what cannot be made is said."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from initviz.compare import Comparison
from initviz.explorer.explorer import Explorer
from initviz.explorer.exporting import MOST, Exports, on_show
from initviz.explorer.rooms import ROOMS
from initviz.study import Study
from initviz.study.study import COMPARE, MODEL
from initviz.views.exports import AUDITED, BELIEVED, EXPORTS

SMALL = "?v=1&initializer=orthogonal&shape=3,+3,+8,+8&looks.Seeds.draws=3&looks.Convolution.input_size=5"
SMALL += "&network.depth=3&network.width=16&model.example=flax+layers+that+share+a+key"
OWN_NAMES = {
    COMPARE: ["initviz-compared-orthogonal-he_normal-"], MODEL: ["initviz-audit-flax_layers_that_share_a_key-"],
}  # fmt: skip
"""How files begin that are not of the draw."""
VIEWS = [name for views in ROOMS.values() for name in views]


def shows(look: str = "", link: str = SMALL) -> tuple[Explorer, Exports, dict[str, bytes]]:
    """An explorer with a view open, its menu, and the files that were taken from it by their names."""
    study = Study.from_link(link)
    study.look = look
    explorer = Explorer(study)
    if look == COMPARE:
        explorer.comparison.pin(study)
        explorer.comparison.pin(Study("he_normal", shape=(3, 3, 8, 8)))
    if look in explorer.closer:
        explorer.closer[look].followers.open(None)
    exports, taken = Exports(explorer), {}
    exports._downloads.send = lambda file, content: taken.update({file: content})
    return explorer, exports, taken


def said(exports: Exports) -> str:
    return exports._said.object


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize("look", VIEWS)
def test_every_file_of_every_view_is_made(look):
    explorer, exports, taken = shows(look)
    titles = [item["label"] for item in exports.menu.items if item["label"] != "---"]
    assert len(set(titles)) == len(titles)
    for title in titles:
        before = len(taken)
        exports.make(title)
        if "PyTorch" in title or "Keras" in title:
            assert (len(taken) > before) != ("must be a call" in said(exports))
        else:
            assert len(taken) > before, (title, said(exports))
    assert all(taken.values())
    pictures = {name.rpartition("-")[2] for name in taken if name.endswith(".svg")}
    assert len(pictures) == len(on_show(explorer).pictures)
    begins = ["initviz-orthogonal-", *OWN_NAMES.get(look, [])]
    if look == COMPARE:
        written = taken["initviz-compared-orthogonal-he_normal-study.json"]
        assert Comparison.from_json(written).to_dict() == explorer.comparison.to_dict()
    for name, content in taken.items():
        assert name.startswith(tuple(begins))
        if name.endswith("svg"):
            assert ET.fromstring(content).get("aria-label")
    (report,) = (content.decode() for name, content in taken.items() if name.endswith("report.html"))
    assert report.count("<img") == len(on_show(explorer).pictures)
    assert "must" not in report.partition("<h2>Settings")[2]


def test_a_file_is_of_what_is_on_show():
    explorer, exports, taken = shows()
    exports.make(EXPORTS["arrays"].title)
    explorer.study.seed = 5
    assert explorer.result.question.seed == 5
    exports.make(EXPORTS["arrays"].title)
    exports.make(EXPORTS["study"].title)
    first, second, study = taken.values()
    assert list(taken)[1] == "initviz-orthogonal-3x3x8x8-float32-seed5-weights.npz"
    for content, seed in ((first, 0), (second, 5)):
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            np.testing.assert_array_equal(
                file["weights"], Study("orthogonal", shape=(3, 3, 8, 8), seed=seed).answer().weights
            )
    assert Study.from_json(study).to_dict() == explorer.study.to_dict()


def test_what_cannot_be_made_is_said_until_something_else_is_on_show():
    explorer, exports, taken = shows(link="?v=1&shape=2048,+1024")
    exports.make(EXPORTS["weights"].title)
    assert "at most 1,048,576 weights are written into this file, got 2,097,152. Make an axis smaller." in said(exports)
    assert "role='alert'" in said(exports)
    assert not taken
    explorer.study.shape = (8, 4)
    assert explorer.result
    exports.renew()
    assert said(exports) == ""
    exports.make("picture “Loss”, as SVG")
    assert "there must be a picture to export it, got" in said(exports)


def test_a_room_where_nothing_is_pinned_has_the_files_of_the_draw():
    study = Study.from_link(SMALL)
    study.look = COMPARE
    exports, taken = Exports(Explorer(study)), {}
    exports._downloads.send = lambda file, content: taken.update({file: content})
    exports.make(EXPORTS["report"].title)
    assert "there must be something to compare to export it, got none. Pin a draw first." in said(exports)
    exports.make(EXPORTS["jax"].title)
    assert list(taken) == ["initviz-orthogonal-3x3x8x8-float32-seed0-draw_jax.py"]


def test_a_menu_that_was_opened_before_its_view_changed_is_told_so():
    explorer, exports, taken = shows("Network")
    last = len(exports.menu.items) - 1
    explorer.study.look = "Compare"
    exports.renew()
    assert len(exports.menu.items) < last
    exports.menu._process_property_change({"active": last})
    exports.menu.active = last
    exports.menu._handle_msg({"type": "click", "item": last})
    assert "there must be a picture to export it" in said(exports)
    assert not taken


def test_nothing_is_taken_of_settings_without_an_answer():
    explorer, exports, taken = shows()
    explorer.study.initializer.column_axis = 7
    exports.make(EXPORTS["study"].title)
    assert "there must be an answer to export it, got" in said(exports)
    assert not taken


def test_an_audit_is_taken_whatever_becomes_of_the_draw_beside_it():
    explorer, exports, taken = shows(MODEL)
    explorer.study.initializer.column_axis = 7
    exports.make(AUDITED.title)
    assert said(exports) == ""
    assert len(taken) == 1


def test_beside_a_model_there_is_nothing_of_the_draw():
    explorer, exports, _ = shows(MODEL)
    titles = [item["label"] for item in exports.menu.items]
    assert titles[:3] == [EXPORTS[name].title for name in ("report", "again", "study")]
    assert titles[4:] == [AUDITED.title, BELIEVED.title, "picture “Spread by layer”, as SVG"]
    explorer.study.look = ""
    exports.renew()
    assert EXPORTS["weights"].title in [item["label"] for item in exports.menu.items]


def test_few_files_wait_for_a_browser_that_fetches_none():
    exports = Exports(Explorer(Study.from_link(SMALL)))
    for _ in range(MOST):
        exports.make(EXPORTS["study"].title)
        assert said(exports) == ""
    exports.make(EXPORTS["study"].title)
    assert "at most 4 files are made at a time, got one more. Wait until one is there." in said(exports)
    assert exports._downloads.waiting == MOST
    exports._downloads.layout.value = "1 0"
    exports.make(EXPORTS["checks"].title)
    assert said(exports) == ""


def test_a_fault_is_said_and_logged(caplog):
    _, exports, taken = shows()
    made = exports._offered[EXPORTS["study"].title]
    exports._offered = {}
    exports.renew = lambda: exports._offered.update({made.title: made._replace(make=lambda shown: 1 / 0)})
    exports.make(made.title)
    assert "cannot be made, got ZeroDivisionError." in said(exports)
    assert "ZeroDivisionError" in caplog.text
    assert not taken


def test_given_weights_have_no_program_and_no_settings():
    explorer = Explorer(Study(np.ones((3, 2), np.float32)))
    exports, taken = Exports(explorer), {}
    exports._downloads.send = lambda file, content: taken.update({file: content})
    exports.make(EXPORTS["jax"].title)
    assert "there must be a draw to write its program, got weights of yours." in said(exports)
    exports.make(EXPORTS["study"].title)
    assert "weights must be drawn to be written" in said(exports)
    exports.make(EXPORTS["report"].title)
    assert list(taken) == ["initviz-he_normal-3x2-float32-given-report.html"]
