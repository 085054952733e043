"""A widget and a setting that follow each other both ways, on a busy server, too; what cannot be set is reported."""

import math
from functools import partial

import panel as pn
import param

from initviz.live.internals import at_once
from initviz.live.mends import mend_echo
from initviz.live.updates import served_page, update_page
from initviz.live.watching import watch
from initviz.settings.knobs import REFUSALS


def _same(a, b) -> bool:
    """Whether two shown values are equal; NaN is itself, or slider and field would set each other for ever."""
    return a == b or (a != a and b != b)


class Link:
    """A widget and a setting that follow each other; `report(name, message)` hears of refused input, which stays.

    What a user moves or enters is taken once the page may be changed. On a busy server more of it comes before that:
    the newest counts from then on, and until its own turn nothing is put over it, under the hands of the user.

    Args:
        owner: has the setting.
        name: of the setting.
        widget: shows it.
        parse: makes a value of what the widget gives.
        show: makes what the widget shows of a value.
        report: takes a message, empty once there is nothing to say.
        watched: the parameter whose changes may change the setting, if that is another.
        ends: the usual ones of a slider, which reaches further for a setting beyond them.
    """

    def __init__(
        self,
        owner: param.Parameterized,
        name: str,
        widget,
        parse,
        show,
        report,
        watched: str = "",
        ends: tuple[float, float] | None = None,
    ):
        self.owner, self.name, self.widget = owner, name, widget
        self.parse, self.show, self.report, self.ends = parse, show, report, ends
        self.watched = watched or name
        self._given: tuple | None = None  # by the user, and not taken yet
        self._shows = self._is_refused = self._is_closed = False
        mend_echo(served_page())
        at_once(widget).param.watch(lambda _: self._give(widget.value), "value")
        if "enter_pressed" in widget.param:  # a field painted late sends its old value behind the enter key, or none
            widget.param.watch(lambda _: self._give(widget.value_input), "enter_pressed")
        self._shown = self._now()
        self._watcher = watch(owner, self._from_owner, self.watched)
        self.field: Link | None = None
        """For a slider: the field beside it, where any number can be typed."""

    def _give(self, given) -> None:
        if self._is_closed or (self._shows and _same(given, self._shown)):
            return
        turn = self._given = (given,)
        update_page(partial(self._take_newest, turn))

    def _take_newest(self, turn: tuple) -> None:
        newest = self._given
        if newest is turn:
            self._given = None
        if newest is not None:
            self._take(*newest)

    def _take(self, given) -> None:
        """Set the parameter to what the widget was given, or report why not."""
        if _same(given, self._shown):  # by us: a slider would round it
            self._refused("")
            return
        try:
            value = self.parse(given)
            if not _same(self._now(), self.show(value)):
                setattr(self.owner, self.name, value)
        except REFUSALS as refusal:
            self._refused(str(refusal))
        else:
            self._refused("")
            if self._given is None and self._shown is not None:
                self.put(self._shown)  # which it was not while it waited

    def _refused(self, message: str) -> None:
        if not message and not self._is_refused:
            return  # a message under this name is of the widget beside it
        self._is_refused = bool(message)
        if hasattr(self.widget, "error_state"):
            self.widget.error_state = bool(message)
        self.report(self.name, message)

    def _now(self):
        """What is to be shown; None where nothing is: a layer that cannot be, an axis that is gone."""
        try:
            return self.show(getattr(self.owner, self.name))
        except ValueError:
            return None

    def _from_owner(self, _event) -> None:
        shown = self._now()
        is_off = self.ends is not None and self._is_refused  # a slider that was refused is put back
        if shown is None or (_same(shown, self._shown) and not is_off):
            return
        self._shown = shown
        if self._given is None:
            self.put(shown)
            self._refused("")

    def put(self, shown) -> None:
        """Put a value into the widget; not into a slider that stands there, which would be rounded or end elsewhere."""
        looks = {"value": shown}
        if self.ends is not None:
            if not math.isfinite(shown) or _same(self.show(self.parse(self.widget.value)), shown):
                return
            low, high = self.ends
            looks |= {"start": min(low, shown), "end": max(high, shown)}
        self._shows = True
        try:
            self.widget.param.update(**looks)
        finally:
            self._shows = False

    def close(self) -> None:
        """Stop following the parameter, and take nothing more."""
        self.owner.param.unwatch(self._watcher)
        self._given, self._is_closed = None, True
        self.report(self.name, "")
        if self.field:
            self.field.close()

    @property
    def view(self):
        """The widget, and the field beside it."""
        if self.field is None:
            return self.widget
        return pn.Row(self.widget, self.field.widget, sizing_mode="stretch_width")
