"""Widgets of the settings of a study: all of them, or those that are named."""

from collections.abc import Sequence
from html import escape
from typing import Any

import panel as pn
import param

from initviz.layers import RawShape
from initviz.live.controls import STUDY_LINKS, link, study_links
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.stops import over_stops
from initviz.settings.knobs import Knob
from initviz.study import Study
from initviz.views.text import notice, table
from initviz.widgets.base import Widget, one_feed
from initviz.widgets.sidebar import Sidebar
from initviz.wording import near


class Controls(Widget):
    """Widgets of settings, which follow the study and set it.

    Args:
        source: what has the study.
        names: of the settings.
        settings: of a new study.
        stops: values to slide over, of a setting that has no slider of its own.
        bar: whether it says that an answer takes long; what stands beside it may do that.
    """

    shows_answers = False

    def __init__(
        self,
        source: Any,
        names: tuple[str, ...],
        settings: dict[str, Any],
        stops: Sequence[Any] = (),
        bar: bool = True,
    ):
        feed = one_feed(source, settings)
        self._names, self._stops = names, stops
        self._refused: dict[str, str] = {}
        self._links: list[Link] = []
        self._chosen = pn.Column(sizing_mode="stretch_width", max_width=420)
        self._said = Words("", margin=(0, 10), sizing_mode="stretch_width")
        super().__init__([feed], self._chosen, self._said, bar=bar)
        self._make()

    @property
    def widgets(self) -> dict[str, pn.viewable.Viewable]:
        """The widget of each setting that there is now, for instance to link another one with it in the browser."""
        self.follow_study()
        self._make()
        return {each.name: each.widget for each in self._links}

    def show(self) -> None:
        """Have the widgets of the arguments that there are now."""
        self._make()

    def watched(self) -> tuple[tuple[Any, str], ...]:
        """What has the arguments and sizes, which may be replaced without a new answer."""
        return (self.study, "initializer"), (self.study, "layer")

    def follow(self) -> None:
        """Have the widgets of the study that there is now."""
        self._make()

    def still(self) -> str:
        """What each is set to."""
        owners = {name: owner_of(self.study, name) for name in self._names}
        return table("Settings", ["setting", "value"], [
            [name, said(owner, name)] for name, owner in owners.items() if owner is not None
        ])  # fmt: skip

    def _make(self) -> None:
        study = self.study
        owners = tuple(owner_of(study, name) for name in self._names)
        if self._links and owners == self._owners:
            return
        for each in self._links:
            each.close()
        self._owners = owners
        self._links = [links_of(study, owner, name, self._report)
                       for owner, name in zip(owners, self._names, strict=True) if owner is not None]  # fmt: skip
        if self._stops:
            self._links = [over_stops(each, self._stops, self._report) for each in self._links]
        self._chosen[:] = [each.view for each in self._links]

    def _report(self, name: str, message: str) -> None:
        self._refused[name] = message
        self._said.object = notice("alert", list(filter(None, self._refused.values())))


def said(owner: param.Parameterized, name: str) -> str:
    """The value of a setting as it is typed."""
    knob = owner.param.objects("existing").get(name, RawShape.param.shape)  # a study has its shape from its layer
    value = getattr(owner, name)
    return knob.text(value) if isinstance(knob, Knob) else str(value)


def owner_of(study: Study, name: str) -> param.Parameterized | None:
    """What has the setting of this name now: the study, its initializer or its layer; None for another's argument."""
    return next((each for each in (study, study.initializer, study.layer) if name in choices(study, each)), None)


def choices(study: Study, owner: param.Parameterized) -> tuple[str, ...]:
    """Names of settings of the study, its initializer or its layer."""
    if owner is study:
        return ("initializer", *(name for name in STUDY_LINKS if name != "function"))
    return tuple(name for name in owner.arguments if name not in ("dtype", "shape"))


def links_of(study: Study, owner: param.Parameterized, name: str, report) -> Link:
    """The widgets of one setting."""
    if owner is not study:
        return link(owner, name, report)
    return STUDY_LINKS["function" if name == "initializer" else name](study, report)


def controls(source: Any = "he_normal", *names: str, **settings) -> Widget:
    """All settings of a study as widgets, or those of these names.

    >>> widget = controls("he_normal", "shape", "seed")
    >>> widget.study.shape
    (256, 256)

    Args:
        source: an initializer or its name, a study, or what has one.
        names: settings of the study, arguments of its initializer, sizes of its layer; all of them by default.
        settings: what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, or that there is not, with the fix.
    """
    widget = Controls(source, names, settings) if names else AllControls(source, settings)
    for name in names:
        if owner_of(widget.study, name) is None:
            known = [name for each in (widget.study, widget.study.initializer, widget.study.layer)
                     for name in choices(widget.study, each)]  # fmt: skip
            raise ValueError(f"settings must be among {', '.join(known)}, got {name!r}. {near(name, known)}")
    return widget


class AllControls(Widget):
    """Every setting of a study, as in the explorer's sidebar, and how its pictures are drawn."""

    shows_answers = False

    def __init__(self, source: Any, settings: dict[str, Any]):
        feed = one_feed(source, settings)
        self.sidebar = Sidebar(feed.settings)
        self._ways = pn.Column()
        self._links: dict[str, Link] = {}
        settings = self.sidebar.widgets, self.sidebar.randomness, self._ways
        super().__init__([feed], pn.Column(self.sidebar.message, *settings, max_width=420))
        self._link()

    def still(self) -> str:
        """The study as code."""
        return f"<pre>{escape(repr(self.study))}</pre>"

    def show(self) -> None:
        """The widgets follow the study by themselves."""

    def follow(self) -> None:
        """Show the settings of the study that there is now."""
        self.sidebar.unfollow()
        self.sidebar.follow(self.study)
        self._link()

    def _link(self) -> None:
        for each in self._links.values():
            each.close()
        self._links = study_links(self.study, lambda name, message: None, "weights_as", "spectrum_as")  # refuse nothing
        self._ways[:] = [each.widget for each in self._links.values()]
