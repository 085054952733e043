"""All private doors of Panel, Bokeh and HoloViews that any page goes through, each with a public way around.

Tried on Panel 1.9 and 1.10, Bokeh 3.9 and 3.10 and HoloViews 1.23, later ones of which `pyproject.toml` does not admit.
Where a door is gone or has another shape, the slower public way is taken, and the log says so once.
`tests/live/test_internals.py` fails when a door changes, and shows that every way around works. What only a notebook
goes through is in `live/outputs.py` and `live/scripts.py`.
"""

import gzip
import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps

import panel as pn
import param
from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.serialization import Serializer
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.document.json import PatchJson
from bokeh.model import Model
from bokeh.plotting import figure
from bokeh.protocol.messages.patch_doc import patch_doc

DEBOUNCE = 1
"""Milliseconds that a change of a widget waits for more of them, instead of Panel's 50."""
PLAIN = {"value", "value_input", "start", "end", "error_state"}
"""What a change of a widget is of, but for its looks: no models and no styles."""
SHAPES = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What a door raises that has another shape than it had."""


@cache
def missed(door: str, instead: str) -> None:
    """Say in the log, once, which door is gone and what is done instead."""
    logging.getLogger(__name__).warning("%s: not as it was in the versions tried. %s", door, instead)


@contextmanager
def held(document: Document) -> Iterator[list[DocumentPatchedEvent]]:
    """Send nothing of what changes meanwhile: it is in the list afterwards, for `send`.

    Panel (1.9, 1.10) writes past Bokeh's lock and forgets a change that comes while another is on its way, but leaves
    the writing of a held document to us. Around: `unhold`, with which Bokeh sends a message for each change.
    """
    patches: list[DocumentPatchedEvent] = []
    document.hold("combine")
    try:
        yield patches
    finally:
        manager = document.callbacks
        events = getattr(manager, "_held_events", None)
        if isinstance(events, list) and _connections(document) is not None:
            manager._held_events = []
            document.unhold()
            patches += [event for event in events if isinstance(event, DocumentPatchedEvent)]
            for event in events:
                if not isinstance(event, DocumentPatchedEvent):  # a callback that was asked for
                    manager.trigger_on_change(event)
        else:
            missed("Bokeh's held events and connections", "Every change of a page is a message of its own.")
            document.unhold()


async def send(document: Document, patches: list[DocumentPatchedEvent]) -> None:
    """Send patches to everybody who sees the page, as one message, and wait until it is written."""
    connections = _connections(document)
    if patches and connections:
        try:
            message = _message(document, patches)
        except SHAPES:
            missed("Bokeh's serializer", "Each array takes two more messages.")
            message = connections[0].protocol.create("PATCH-DOC", patches)
        for connection in connections:
            _waits_for_no_answer(connection._socket)
            await connection._socket.send_message(message)


def _waits_for_no_answer(socket) -> None:
    """Have the parts of a message follow each other at once.

    Of the three that each has, the second waits by default until the browser has confirmed the first (Nagle's
    algorithm): as long as the network takes there and back. Around: that wait.
    """
    try:
        if socket.ws_connection is not None:  # not closed
            socket.set_nodelay(True)
    except SHAPES:
        missed("Tornado's sockets", "A message takes longer on its way.")


def _message(document: Document, patches: list[DocumentPatchedEvent]) -> patch_doc:
    """A message of patches. Bokeh's own refers to every model of the page first, and sends each array apart."""
    serializer = InOne(document.models.synced_references)
    content = PatchJson(events=serializer.encode(patches))
    document.models.flush_synced(lambda model: not serializer.has_ref(model))
    message = patch_doc(patch_doc.create_header(), {}, content)
    message.add_buffers(*serializer.buffers)
    return message


class InOne(Serializer):
    """Writes arrays into the text: as buffers, each would be two more messages, which the browser awaits.

    Around: Bokeh's own writing of bytes, which compresses them.
    """

    def __init__(self, known: set[Model]):
        super().__init__(deferred=False)
        self._known = known

    def has_ref(self, obj) -> bool:
        """Whether the browser knows it, or will by this message."""
        return self.get_ref(obj) is not None

    def get_ref(self, obj):
        """How it is referred to; None if it has to be written."""
        return obj.ref if isinstance(obj, Model) and obj in self._known else super().get_ref(obj)

    def _encode_bytes(self, obj):
        return {"type": "bytes", "data": b64encode(gzip.compress(bytes(obj), 0, mtime=1)).decode()}


def _connections(document: Document) -> list | None:
    """The connections to the page; None where they cannot be found or written to."""
    try:
        connections = list(document.session_context.session._subscribed_connections)
        return connections if all(callable(each._socket.send_message) for each in connections) else None
    except SHAPES:
        return None


def at_once(widget):
    """The widget, whose changes wait no longer than `DEBOUNCE`: what comes too fast is merged by `Task` anyway.

    Nor is the whole server marked as busy for each, which no page of ours shows. Around: none is needed, the changes
    come 50 ms later, and each takes some milliseconds more.
    """
    if isinstance(getattr(widget, "_debounce", None), int):
        widget._debounce = DEBOUNCE
        widget._busy__ignore = [*PLAIN, "value_throttled"]
        _spare(widget)
    else:
        missed("Panel's debounce of widgets", "Changes of settings come as late as Panel sends them.")
    return widget


def _spare(widget) -> None:
    """Have Panel leave out what comes to nothing, and takes half of the time of a change.

    Where a slider is let go is told apart from where it is, and read by nobody. What a user has set is about to be set
    in his page once more, and what is typed into a field after it was entered: late on a busy server, over what was put
    there since. What is a property of a component of Material is looked for in its model first, whose complaint names
    similar ones.
    """
    try:
        update, hear, _, _ = (
            widget._update_model,
            widget._server_change,
            widget._set_on_model,
            widget._in_process__events,
        )
    except AttributeError:
        missed("Panel's updates of models", "Changes of widgets take longer.")
        return

    def update_model(events, msg, root, model, doc, comm) -> None:
        given = widget._in_process__events.get(doc, {})
        news = {name: value for name, value in msg.items() if name not in given or given[name] != value}
        if "value" in given:
            news.pop("value_input", None)
        if not news.keys() <= PLAIN or not hasattr(model, "data"):
            update(events, news, root, model, doc, comm)
        elif news:
            widget._set_on_model(news, root, model.data)

    def hear_where_it_is(doc, ref, subpath, attr, old, new) -> None:
        if attr != "value_throttled" or pn.config.throttled:
            hear(doc, ref, subpath, attr, old, new)

    widget._update_model, widget._server_change = update_model, hear_where_it_is


class Words(pn.pane.HTML):
    """HTML of which a change sends the text alone.

    Panel (1.9, 1.10: `pane/markup.py`, `_update`) derives everything else anew, too: a millisecond or two for each
    text, and for one that is not on the page, as the message for phones on a wide one, style sheets of a foreign host.
    Around: Panel's own update.
    """

    def _update(self, ref, model):
        try:
            model.text = self._transform_object(self.object)["object"]
        except SHAPES:
            missed("Panel's transformation of HTML", "Every text is sent with all its properties.")
            super()._update(ref, model)


class OwnFigures(pn.pane.Bokeh):
    """A pane with a figure of its own on every page, which `figures` are: `object` is that of the next page.

    Panel makes a model of it for every page, and cleans up when that is closed. Around: one page at a time shows it,
    with its `object`.
    """

    def __init__(self, object: figure, **params):
        super().__init__(object, autodispatch=False, **params)
        self._shown: dict[str, figure] = {}
        self._taken: figure | None = None
        if not (callable(getattr(pn.pane.Bokeh, "_get_model", None)) and hasattr(pn.pane.Bokeh, "_cleanup")):
            missed("The models that Panel makes of a figure", "It is shown on one page at a time.")

    def fresh(self) -> figure:
        """The figure for a page that opens now."""
        raise NotImplementedError

    @property
    def figures(self) -> list[figure]:
        """Those on show, and that of the next page, but none that Bokeh has emptied, as its page is gone.

        None at all where only Panel's own update reaches a page, by setting `object`: after a change of a door.
        """
        try:
            pn.state._views.keys()  # by which `one_message` reaches the outputs of a notebook
        except SHAPES:
            missed("The views that Panel keeps", "Every picture is drawn anew.")
            return []
        return [each for each in dict.fromkeys((*self._shown.values(), self.object)) if each.renderers]

    def _get_model(self, doc, root=None, parent=None, comm=None):
        if root is None:
            return super()._get_model(doc, root, parent, comm)
        if self.object is self._taken:
            with param.discard_events(self):
                self.object = self.fresh()
        self._taken = self._shown[root.ref["id"]] = self.object
        return super()._get_model(doc, root, parent, comm)

    def _cleanup(self, root=None):
        super()._cleanup(root)
        if root is not None:
            self._shown.pop(root.ref["id"], None)


def script_of(component: type) -> str:
    """Address of the script that a served page loads for a component; empty if it has none of its own.

    Around: the page asks for it later, when it shows the first of them.
    """
    try:
        address = component._render_esm(True, server=True)
    except SHAPES:
        address = ""
    if not address.partition("?")[0].endswith(".js"):
        missed("Panel's addresses of scripts", "A page opens later.")
        return ""
    return address


SIMPLE = (str, int, float, bool, type(None))
"""Types of defaults that all models of a class can share."""


@cache
def know_defaults() -> bool:
    """Have Bokeh find out once for a class what its models' properties are until they are set; whether it does.

    Bokeh (3.9, 3.10) derives and checks that anew whenever a model is made, and whenever one is written, to leave it
    out: a third of what it takes to open a page. Around: that is what happens.
    """
    try:
        is_made = cache(PropertyDescriptor.has_unstable_default)  # for each model: a list, another model
        derived, overridden = PropertyDescriptor.instance_default, HasProps._overridden_defaults.__func__
        HasProps.themed_values, PropertyDescriptor.class_default  # noqa: B018 - are there
    except SHAPES:
        missed("Bokeh's defaults", "A page opens later.")
        return False

    @cache
    def shared(descriptor, kind) -> tuple:
        known = [] if is_made(descriptor, kind) else [descriptor.class_default(kind)]
        return tuple(value for value in known if isinstance(value, SIMPLE))

    @wraps(PropertyDescriptor.has_unstable_default)
    def is_made_for(descriptor, model):
        return is_made(descriptor, type(model))

    @wraps(derived)
    def default(descriptor, model):
        known = () if model.themed_values() else shared(descriptor, type(model))
        return known[0] if known else derived(descriptor, model)

    PropertyDescriptor.has_unstable_default, PropertyDescriptor.instance_default = is_made_for, default
    HasProps._overridden_defaults = classmethod(cache(overridden))
    return True
