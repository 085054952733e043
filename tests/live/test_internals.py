"""Private doors: each is there on the installed versions, and without it the page takes a public way around."""

import asyncio
import json
import logging
from types import SimpleNamespace

import holoviews as hv
import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from bokeh.document.callbacks import DocumentCallbackManager
from bokeh.models import Div, UIElement
from bokeh.server.connection import ServerConnection
from panel.io.model import add_to_doc
from served import page

from initviz.live import internals
from initviz.live.updates import update_page

hv.extension("bokeh")


@pytest.fixture(autouse=True)
def said(caplog):
    """What the log says, with nothing said before."""
    internals.missed.cache_clear()
    with caplog.at_level(logging.WARNING, internals.__name__):
        yield caplog
    internals.missed.cache_clear()


class Renamed(ServerConnection):
    """A connection of a Bokeh to come: its socket has another name."""

    def __init__(self, protocol, socket, context, session):
        super().__init__(protocol, socket, context, session)
        self.wire = self._socket
        del self._socket

    def send_message(self, message):
        return self.wire.send_message(message)

    def send_patch_document(self, event):
        return self.wire.send_message(self.protocol.create("PATCH-DOC", [event]))


class Reshaped(DocumentCallbackManager):
    """The callbacks of a Bokeh to come: what is held back is no list."""

    class Events(tuple):
        def append(self, event):
            self.owner._held_events = type(self)((*self, event))
            self.owner._held_events.owner = self.owner

    @property
    def _held_events(self):
        return self.__dict__["_events"]

    @_held_events.setter
    def _held_events(self, events):
        self.__dict__["_events"] = self.Events(events)
        self.__dict__["_events"].owner = self


async def changed(document, *models):
    """Change the text of all models in one update of the page, and wait until it has been sent."""

    def update():
        for model in models:
            model.text = "new"

    update_page(update, document=document)
    async with asyncio.timeout(20):
        while any(model.text != "new" for model in models):
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)


def messages_of_an_update(**kinds):
    async def scenario():
        models = Div(text="a"), Div(text="b")
        async with page(*models, **kinds) as (document, socket):
            await changed(document, *models)
            return list(socket)

    return asyncio.run(scenario())


def test_an_update_is_one_message(said):
    assert messages_of_an_update() == [["new", "new"]]
    assert not said.messages


@pytest.mark.parametrize("kinds", [{"connection": Renamed}, {"manager": Reshaped}], ids=["socket", "held events"])
def test_without_the_doors_of_bokeh_an_update_is_a_message_for_each_change(kinds, said):
    assert messages_of_an_update(**kinds) == [["new"], ["new"]]
    assert said.messages == [
        "Bokeh's held events and connections: not as it was in the versions tried. "
        "Every change of a page is a message of its own."
    ]


class Served:
    """A page that notes how many milliseconds Panel asks it to wait before it hears of a change in the browser."""

    session_context = True

    def __init__(self):
        self.delays = []

    def add_timeout_callback(self, callback, milliseconds):
        self.delays.append(milliseconds)


def delays(widget):
    document = Served()
    widget._server_change(document, "ref", None, "value", 0, 1)
    return document.delays


def test_a_widget_hears_of_changes_at_once(said):
    assert delays(pmui.IntSlider()) == [50]
    assert delays(internals.at_once(pmui.IntSlider())) == [internals.DEBOUNCE]
    assert not said.messages


def test_without_the_debounce_a_widget_is_left_alone(said):
    widget = SimpleNamespace(value=1)
    assert internals.at_once(widget) is widget
    assert vars(widget) == {"value": 1}
    assert said.messages == [
        "Panel's debounce of widgets: not as it was in the versions tried. "
        "Changes of settings come as late as Panel sends them."
    ]


def test_a_text_is_sent_alone(said):
    calls = []

    class Counted(internals.Words):
        def _get_properties(self, document):
            calls.append(document)
            return super()._get_properties(document)

    pane = Counted("old")
    model = pane.get_root()
    calls.clear()
    pane.object = "<b>new</b>"
    assert model.text == "&lt;b&gt;new&lt;/b&gt;"
    assert calls == []
    assert not said.messages


@pytest.mark.parametrize("door", ["_transform_object", "_update"])
def test_without_the_door_of_html_a_text_is_sent_by_panel(door, monkeypatch, said):
    pane = internals.Words("old")
    model = pane.get_root()
    if door == "_update":
        monkeypatch.delattr(internals.Words, "_update")  # Panel calls it by another name
    else:
        whole = internals.Words._transform_object
        monkeypatch.setattr(internals.Words, "_transform_object", lambda self, text: Once(whole(self, text)))
    pane.object = "<b>new</b>"
    assert model.text == "&lt;b&gt;new&lt;/b&gt;"
    if door == "_transform_object":
        assert said.messages == [
            "Panel's transformation of HTML: not as it was in the versions tried. "
            "Every text is sent with all its properties."
        ]


class Once(dict):
    """What Panel makes of a text, in a shape that we do not know but Panel does."""

    def __getitem__(self, name):
        raise KeyError(name)


class Curve(internals.FreshHoloViews):
    """A pane that opens with its newest curve."""

    def __init__(self, *values):
        super().__init__(hv.Curve(list(values)) * hv.Curve(list(values)))
        self.values = values

    def fresh(self):
        return hv.Curve(list(self.values)) * hv.Curve(list(self.values))


def test_the_figures_of_a_pane_are_found_with_their_sources(said):
    pane = Curve(1, 2, 3)
    root = pane.get_root()
    ((shown, sources),) = internals.live_figures(pane)
    assert root.children == [shown]
    assert [list(source.data["y"]) for source in sources] == [[1, 2, 3]] * 2
    assert not said.messages


def test_a_page_opens_with_the_fresh_object():
    pane = Curve(1, 2, 3)
    pane.values = (4, 5, 6)
    pane.get_root()
    ((_, sources),) = internals.live_figures(pane)
    assert [list(source.data["y"]) for source in sources] == [[4, 5, 6]] * 2


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
    with internals.one_message():
        row[0].object = "c"
        with internals.one_message():
            row[1].object = "d"
            ((shown, sources),) = internals.live_figures(curve)
            sources[0].data = {"x": [0, 1, 2], "y": [4, 5, 6]}
        assert comm == []
        shown.title.text = "changed"
    (message,) = comm
    assert {attr for _, attr in message} >= {"text", "data"}
    with internals.one_message():
        pass
    assert len(comm) == 1
    assert not said.messages


def test_without_the_outputs_of_a_notebook_panel_sends_its_own_messages(output, monkeypatch, said):
    row, _, comm = output
    with monkeypatch.context() as changed:
        changed.setitem(pn.state._views, "another", (row, None))
        assert internals._outputs() is None
    monkeypatch.setattr(internals, "_outputs", lambda: None)
    with internals.one_message():
        row[0].object = "c"
        assert len(comm) == 1
    assert said.messages == [
        "The outputs that Panel shows in a notebook: not as it was in the versions tried. "
        "Every change is a message of its own."
    ]


def watched(told):
    """A column that tells where it is shown."""
    return internals.Watched(
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
    internals.when_connected(comm, lambda: told.append("connected"))
    assert comm.init() == "opened"
    assert told == ["connected", "init"]
    assert not said.messages
    internals.when_connected(SimpleNamespace(), told.clear)
    assert said.messages == [
        "The connection of an output: not as it was in the versions tried. The scripts stay in the notebook's file."
    ]


def test_one_widget_brings_the_code_of_all():
    assert internals.bundle_apart()
    assert WAITS not in code_of(pn.Row(pmui.Button()).get_root())
    with internals.bundle_expected():
        root = pn.Row(pmui.Button(), pmui.Button()).get_root()
    assert code_of(root) == [WAITS, WAITS]
    internals.bring_bundle(root)
    first, second = code_of(root)
    assert first == internals.bundle() + WAITS
    assert second == WAITS


WAITS = internals.WAIT


def code_of(root) -> list[str]:
    """The code that the widgets of a model bring along."""
    return [model.esm for model in root.select({"type": UIElement}) if hasattr(model, "esm")]


@pytest.mark.parametrize("door", ["_plots", "_views", "_get_model", "handles", "subplots"])
def test_without_a_door_of_holoviews_there_are_no_figures_to_change(door, monkeypatch, said):
    pane = Curve(1, 2)
    pane.get_root()
    plot = next(iter(pane._plots.values()))[0]
    if door == "_plots":
        del pane._plots
    elif door == "_views":
        monkeypatch.delattr(type(pn.state), "_views")
    elif door == "_get_model":
        monkeypatch.setattr(Curve, "_get_model", pn.pane.HoloViews._get_model)  # ours is not called
        pane = Curve(1, 2)
        pane.get_root()
    elif door == "handles":
        for part in plot.subplots.values():
            part.handles.pop("source")
    else:
        plot.subplots = None
    assert internals.live_figures(pane) is None
    assert said.messages == [
        "The plots behind a pane of HoloViews: not as it was in the versions tried. Every picture is drawn anew."
    ]
