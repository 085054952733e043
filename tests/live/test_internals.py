"""Private doors: each is there on the installed versions, and without it the page takes a public way around."""

import asyncio
import inspect
import re
from types import SimpleNamespace

import holoviews as hv
import numpy as np
import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.document import Document
from bokeh.document.callbacks import DocumentCallbackManager
from bokeh.models import Column, ColumnDataSource, Div, LinearAxis
from bokeh.server.connection import ServerConnection
from panel.io.state import set_curdoc
from panes import Curve, data
from served import page

from initviz.live import internals
from initviz.live.updates import update_page

hv.extension("bokeh")


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


def test_no_part_of_a_message_waits_for_the_browser(said):
    async def scenario():
        async with page(div := Div(text="a")) as (document, socket):
            await changed(document, div)
            return socket

    assert asyncio.run(scenario()).at_once
    assert not said.messages


def test_a_socket_that_is_closed_or_of_a_tornado_to_come_is_left_as_it_is(said):
    internals._waits_for_no_answer(SimpleNamespace(ws_connection=None))
    assert not said.messages
    internals._waits_for_no_answer(SimpleNamespace(ws_connection=True))
    assert said.messages == [
        "Tornado's sockets: not as it was in the versions tried. A message takes longer on its way."
    ]


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


def set_by_a_user(widget, **values):
    """What Panel sets on the model of a widget, by property, when a browser has set these."""
    document, changed = Document(), []
    model = widget.get_root(document)
    for value in {*values, "value_input"} & model.data.properties():
        model.data.on_change(value, lambda attr, old, new: changed.append((attr, new)))
    with set_curdoc(document):
        widget._process_events(dict(values))
    return changed


def test_what_a_user_has_set_is_not_set_again_nor_is_the_server_busy(said):
    busy, widget = [], internals.at_once(pmui.IntSlider(value=3, end=9))
    watcher = pn.state.param.watch(lambda event: busy.append(event.new), "busy")
    assert set_by_a_user(widget, value=7) == []
    pn.state.param.unwatch(watcher)
    assert widget.value == 7
    assert not busy
    assert not said.messages


@pytest.mark.parametrize("typed", [{}, {"value_input": "12"}], ids=["entered", "and more typed behind it"])
def test_a_text_that_is_entered_is_not_typed_again(typed, said):
    widget = internals.at_once(pmui.TextInput(value="0"))
    assert set_by_a_user(widget, value="1", **typed) == []
    assert widget.value == "1"
    assert not said.messages


def test_what_the_server_sets_reaches_every_model_of_a_widget(said):
    widget = internals.at_once(pmui.IntSlider(value=3, end=9))
    models = widget.get_root(), widget.get_root()
    widget.param.update(value=12, end=20, label="more")
    assert [(model.data.value, model.data.end, model.data.label) for model in models] == [(12, 20, "more")] * 2
    assert not said.messages


def test_where_a_slider_is_let_go_is_not_heard_unless_panel_is_told_to(monkeypatch):
    widget, document = internals.at_once(pmui.IntSlider()), Served()
    widget._server_change(document, "ref", None, "value_throttled", 0, 1)
    assert document.delays == []
    monkeypatch.setattr(pn.config, "throttled", True)
    widget._server_change(document, "ref", None, "value_throttled", 0, 1)
    assert document.delays == [internals.DEBOUNCE]


def test_without_the_updates_of_models_a_widget_is_panels_own(said):
    widget = SimpleNamespace(_debounce=50)
    assert internals.at_once(widget)._debounce == internals.DEBOUNCE
    assert said.messages == [
        "Panel's updates of models: not as it was in the versions tried. Changes of widgets take longer."
    ]


def test_arrays_are_written_into_the_message(said):
    async def scenario():
        source = ColumnDataSource({"y": np.arange(3.0)})
        async with page(source) as (document, _):
            with internals.held(document) as patches:
                source.data = {"y": np.linspace(0, 1, 400)}
            return internals._message(document, patches), source

    message, source = asyncio.run(scenario())
    assert message.buffers == []
    (event,) = message.content["events"]
    assert event["kind"] == "ColumnDataChanged"
    found = Deserializer([source]).decode(event["data"])
    np.testing.assert_array_equal(dict(found)["y"], np.linspace(0, 1, 400))
    assert not said.messages


def test_a_new_model_is_written_once_and_referred_to_then(said):
    async def scenario():
        first, second = Column(), Div(text="new")
        async with page(first) as (document, _):
            messages = []
            for change in (lambda: first.update(children=[second]), lambda: first.update(children=[second, Div()])):
                with internals.held(document) as patches:
                    change()
                messages.append(internals._message(document, patches))
            return messages, second

    (new, known), second = asyncio.run(scenario())
    assert new.content["events"][0]["new"][0]["attributes"] == {"text": "new"}
    assert known.content["events"][0]["new"][0] == {"id": second.id}


@pytest.mark.parametrize("door", ["InOne", "PatchJson"])
def test_without_the_door_of_the_serializer_bokeh_writes_arrays_apart(door, monkeypatch, said):
    def reshaped(*arguments, **names):
        raise TypeError(f"{door} takes something else")

    async def scenario():
        source, sent = ColumnDataSource({"y": np.arange(3.0)}), []

        async def send_message(socket, message):
            sent.append(message)

        async with page(source) as (document, socket):
            monkeypatch.setattr(type(socket), "send_message", send_message)
            with internals.held(document) as patches:
                source.data = {"y": np.linspace(0, 1, 400)}
            await internals.send(document, patches)
            return sent

    monkeypatch.setattr(internals, door, reshaped)
    (message,) = asyncio.run(scenario())
    (event,) = message.content["events"]
    (buffer,) = message.buffers
    written = dict(event["data"]["entries"])["y"]["array"]
    assert written["data"] is buffer
    np.testing.assert_array_equal(np.frombuffer(buffer.to_bytes()), np.linspace(0, 1, 400))
    assert said.messages == [
        "Bokeh's serializer: not as it was in the versions tried. Each array takes two more messages."
    ]


def test_without_the_debounce_a_widget_is_left_alone(said):
    widget = SimpleNamespace(value=1)
    assert internals.at_once(widget) is widget
    assert vars(widget) == {"value": 1}
    assert said.messages == [
        "Panel's debounce of widgets: not as it was in the versions tried. "
        "Changes of settings come as late as Panel sends them."
    ]


def test_the_script_of_a_component_of_material_has_an_address_of_this_server(said):
    address = internals.script_of(pmui.Page)
    assert re.fullmatch(r"\./static/extensions/panel-material-ui/[\w.-]+\.js(\?\w+)?", address)
    assert not said.messages


@pytest.mark.parametrize("render", [None, lambda compiled, server: "export function render() {}"])
def test_without_the_addresses_of_scripts_a_page_loads_them_later(render, said):
    assert internals.script_of(SimpleNamespace(_render_esm=render)) == ""
    assert said.messages == ["Panel's addresses of scripts: not as it was in the versions tried. A page opens later."]


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


def test_every_page_has_a_figure_of_its_own(said):
    pane = Curve(1, 2, 3)
    first = pane.get_root()
    pane.values = (4, 5, 6)
    second = pane.get_root()
    assert pane.figures == [*first.children, *second.children]
    assert [[list(each["y"]) for each in data(shown)] for shown in pane.figures] == [[[1, 2, 3]] * 2, [[4, 5, 6]] * 2]
    assert not said.messages


def test_a_figure_whose_page_is_gone_is_forgotten():
    pane = Curve(1, 2, 3)
    first, second = pane.get_root(), pane.get_root()
    pane._cleanup(first)
    assert pane.figures == second.children


def test_without_the_views_of_panel_there_are_no_figures_to_change(monkeypatch, said):
    pane = Curve(1, 2)
    pane.get_root()
    monkeypatch.delattr(type(pn.state), "_views")
    assert pane.figures == []
    assert said.messages == [
        "The views that Panel keeps: not as it was in the versions tried. Every picture is drawn anew."
    ]


@pytest.mark.parametrize("door", ["_get_model", "_cleanup"])
def test_without_the_models_of_panel_a_figure_is_on_one_page(door, monkeypatch, said):
    for kind in pn.pane.Bokeh.__mro__:
        if door in vars(kind):
            monkeypatch.delattr(kind, door)
    Curve(1, 2)
    assert said.messages == [
        "The models that Panel makes of a figure: not as it was in the versions tried. "
        "It is shown on one page at a time."
    ]


DEFAULTS = {"has_unstable_default": PropertyDescriptor, "instance_default": PropertyDescriptor}
"""Methods of Bokeh that the door of defaults replaces, with their owners."""


@pytest.fixture
def bokehs_own(monkeypatch):
    """Bokeh's own ways with defaults, whatever came before; what replaces them is undone."""
    for name, owner in DEFAULTS.items():
        monkeypatch.setattr(owner, name, inspect.unwrap(getattr(owner, name)))
    derived = inspect.unwrap(HasProps._overridden_defaults.__func__)
    monkeypatch.setattr(HasProps, "_overridden_defaults", classmethod(derived))
    return monkeypatch


def written():
    """What is written of a page, and all of a model, with models and panes numbered as they come."""
    pane = pn.Column(Curve(1, 2, 3), pmui.IntSlider(value=3, end=9, label="size"), pmui.Select(options=["a", "b"]))
    numbers = {}
    text = repr(
        (Serializer(deferred=False).encode(pane.get_root()), LinearAxis(axis_label="x").properties_with_values())
    )
    return re.sub(r"\bp\d{4,}|(?<=[a-z])\d{5,}\b", lambda found: str(numbers.setdefault(found[0], len(numbers))), text)


def test_defaults_that_are_known_are_those_that_bokeh_finds(bokehs_own, said):
    before = written()
    assert internals.know_defaults.__wrapped__()
    assert written() == before
    assert not said.messages


def test_what_a_model_has_by_default_is_not_shared(bokehs_own):
    internals.know_defaults.__wrapped__()
    first, second = Column(), Column()
    first.children.append(Div())
    first.styles["color"] = "red"
    assert second.children == []
    assert second.styles == {}


def test_a_theme_goes_before_the_defaults_that_are_known(bokehs_own):
    internals.know_defaults.__wrapped__()
    plain, themed = LinearAxis(), LinearAxis()
    themed.apply_theme({"axis_line_width": 7})
    assert (plain.axis_line_width, themed.axis_line_width) == (1, 7)


@pytest.mark.parametrize("name", [*DEFAULTS, "_overridden_defaults"])
def test_without_the_door_of_defaults_bokeh_finds_them_for_each_model(name, bokehs_own, said):
    bokehs_own.delattr(DEFAULTS.get(name, HasProps), name)
    assert not internals.know_defaults.__wrapped__()
    assert said.messages == ["Bokeh's defaults: not as it was in the versions tried. A page opens later."]
