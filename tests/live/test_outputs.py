"""Private doors of notebooks: each is there on the installed versions, and without it there is a public way around."""

import json
from types import SimpleNamespace

import holoviews as hv
import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from bokeh.resources import INLINE
from panel.io.model import add_to_doc
from panes import Curve

from initviz.live import internals, outputs, scripts

hv.extension("bokeh")


class Comm(list):
    """The connection of an output of a notebook, which keeps its messages."""

    _comm = True

    def __bool__(self):
        return True

    def send(self, data=None, metadata=None, buffers=()):
        if isinstance(data, str) and "events" in json.loads(data):
            self.append([(event["model"]["id"], event["attr"]) for event in json.loads(data)["events"]])


@pytest.fixture
def output(monkeypatch):
    """A row of texts and a curve as a notebook shows it: the row, its curve and its connection."""
    curve = Curve(1, 2, 3)
    row, comm = pn.Row(pn.pane.HTML("a"), internals.Words("b"), curve), Comm()
    root = row.get_root(comm=comm)
    root.document or add_to_doc(root, Document(), True)
    monkeypatch.setitem(pn.state._views, root.ref["id"], (row, root, root.document, comm))
    return row, curve, comm


def test_every_output_of_a_notebook_gets_one_message(output, said):
    row, curve, comm = output
    with outputs.one_message():
        row[0].object = "c"
        with outputs.one_message():
            row[1].object = "d"
            (shown,) = curve.figures
            shown.renderers[0].data_source.data = {"x": [0, 1, 2], "y": [4, 5, 6]}
        assert comm == []
        shown.title.text = "changed"
    (message,) = comm
    assert {attr for _, attr in message} >= {"text", "data"}
    with outputs.one_message():
        pass
    assert len(comm) == 1
    assert not said.messages


def test_without_the_outputs_of_a_notebook_panel_sends_its_own_messages(output, monkeypatch, said):
    row, _, comm = output
    with monkeypatch.context() as changed:
        changed.setitem(pn.state._views, "another", (row, None))
        assert outputs._outputs() is None
    monkeypatch.setattr(outputs, "_outputs", lambda: None)
    with outputs.one_message():
        row[0].object = "c"
        assert len(comm) == 1
    assert said.messages == [
        "The outputs that Panel shows in a notebook: not as it was in the versions tried. "
        "Every change is a message of its own."
    ]


def watched(told):
    """A column that tells where it is shown."""
    return outputs.Watched(
        pmui.Button(), pmui.Button(),
        opened=lambda page: told.append(("opened", page)), closed=lambda page: told.append(("closed", page)),
        promised=lambda: told.append(("promised",)),
        displayed=lambda name, comm: told.append(("displayed", name)),
        cleared=lambda name: told.append(("cleared", name)),
    )  # fmt: skip


def test_a_column_tells_where_it_is_shown(said):
    told = []
    place = watched(told)
    roots = [place.get_root(comm=Comm()) for _ in range(2)]
    one, two = (root.ref["id"] for root in roots)
    built = [("opened", None), ("promised",), ("displayed", one), ("promised",), ("displayed", two)]
    assert told == built
    for root in roots:
        del pn.state._views[root.ref["id"]]
        place._cleanup(root)
    assert told[len(built) :] == [("cleared", one), ("cleared", two), ("closed", None)]
    assert not said.messages


def test_what_cannot_be_built_is_not_shown():
    class Broken(pn.pane.HTML):
        def _get_model(self, *args, **kwargs):
            raise ZeroDivisionError

    told = []
    place = outputs.Watched(Broken(), opened=lambda page: told.append("opened"), failed=lambda: told.append("failed"),
                            closed=lambda page: told.append("closed"))  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        place.get_root(comm=Comm())
    assert told == ["opened", "failed", "closed"]


def test_a_file_is_written_whole_and_shows_a_column_no_longer_than_that_takes(tmp_path, said):
    assert scripts.bundle_apart()
    told = []
    place = watched(told)
    place.save(tmp_path / "widget.html", resources=INLINE)
    assert told == [("opened", None), ("closed", None)]
    assert scripts.WAIT.split()[1] not in (tmp_path / "widget.html").read_text()
    assert not said.messages


def test_what_panel_puts_around_a_widget_takes_the_same_bundle(monkeypatch, said):
    assert scripts.bundle_apart()
    monkeypatch.setattr(pn.viewable.Renderable, "get_root", pn.viewable.Renderable.get_root)  # put back afterwards
    around, others = pmui.Column(watched([])), pmui.Column(pmui.Button())
    with pn.config.set(inline=True):
        assert around.get_root(comm=Comm()).esm == scripts.code()
        assert outputs.wrap_roots.__wrapped__()
        assert around.get_root(comm=Comm()).esm == scripts.WAIT
        assert others.get_root(comm=Comm()).esm == scripts.code()
    assert not said.messages


def test_without_the_roots_that_panel_builds_each_wrapper_brings_its_bundle(monkeypatch, said):
    monkeypatch.setattr(pn.viewable.Renderable, "get_root", None)
    assert not outputs.wrap_roots.__wrapped__()
    assert said.messages == [
        "The roots that Panel builds: not as it was in the versions tried. "
        "What wraps a widget brings the bundle once more."
    ]


def test_without_the_models_of_a_column_it_counts_as_shown(monkeypatch, said):
    monkeypatch.setattr(pn, "Column", object)
    told = []
    watched(told)
    assert told == [("opened", None)]
    assert said.messages == [
        "The models that Panel makes of a column: not as it was in the versions tried. "
        "What is not shown is kept up to date, too."
    ]


def test_it_is_told_when_the_page_has_connected(said):
    told, comm = [], SimpleNamespace(init=lambda: told.append("init") or "opened")
    outputs.when_connected(comm, lambda: told.append("connected"))
    assert comm.init() == "opened"
    assert told == ["connected", "init"]
    assert not said.messages
    outputs.when_connected(SimpleNamespace(), told.clear)
    assert said.messages == [
        "The connection of an output: not as it was in the versions tried. The scripts stay in the notebook's file."
    ]


def test_an_output_that_is_live_already_stays_so(said):
    told, comm = [], Comm()
    outputs.when_connected(comm, lambda: told.append("connected"))
    assert told == ["connected"]
    assert not getattr(comm, "awaited", False)
    assert not said.messages
