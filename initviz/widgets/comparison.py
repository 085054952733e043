"""Up to six draws, networks or trainings side by side, as a part of the page or a widget of its own."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from initviz.compare import MOST, Comparison, ComparisonAnswer, Entry, beside
from initviz.live.controls import link
from initviz.live.feed import Feed
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.plot import LivePlot
from initviz.live.updates import update_page
from initviz.live.watching import watch
from initviz.settings.knobs import REFUSALS
from initviz.study import Study
from initviz.views.comparison import html, legend, nothing, pair, pictures
from initviz.views.picture import Picture
from initviz.views.shown import stem_of_compared
from initviz.views.text import notice
from initviz.widgets.base import Widget, feed_of, shared
from initviz.widgets.closer import Closer
from initviz.widgets.layout import in_rows, wrapping_row
from initviz.widgets.pinned import Names, Row
from initviz.wording import several

LABELS = {
    "look": "compare", "keys": "keys", "weights_as": "weights as", "spectrum_as": "singular values as",
    "steps": "steps", "learning_rate": "learning rate",
}  # fmt: skip
"""What the settings are called on the page."""
OF_LOOKS = {"draws": ("weights as", "singular values as"), "networks": (), "training": ("steps", "learning rate")}
"""Settings that do something in one look alone."""
QUIET = {"textTransform": "none"}
SETTING = {"flex": "1 1 max(150px, 11rem)", "min-width": "0", "max-width": "max(300px, 18rem)"}
"""Of a setting among others, two of them beside one another on a phone."""


def comparison_room(of: Feed, comparison: Comparison | None = None, button: bool = True) -> "Room":
    """A comparison beside a feed of draws, whose newest one a click pins, here or elsewhere on the page."""
    return Room(comparison or Comparison(), of, button)


class Room:
    """A comparison with what pins, names, colors, hides and removes: its `closer`.

    Args:
        comparison: what is compared.
        of: what a click pins; None where nothing can be pinned by one.
        button: whether there is a button for that here.
    """

    def __init__(self, comparison: Comparison, of: Feed | None = None, button: bool = True):
        self._of = of
        self.feed = shared(comparison, lambda settings: Feed(settings, settings.comparer))
        self.hidden: set[str] = set()
        """Names of what is not drawn for now."""
        wide = {"sizing_mode": "stretch_width"}
        there = of is not None
        self.button = pmui.Button(label="pin this draw", variant="outlined", margin=(4, 10), visible=there and button)
        self.button.on_click(lambda _: update_page(self.pin))
        self.pair = pmui.Button(label="", variant="outlined", margin=(4, 10), visible=there, sx=QUIET)
        """Pins two that tell something, for who has pinned nothing yet."""
        self.pair.on_click(lambda _: update_page(self.pin_pair))
        self.message = Words("", margin=(0, 10), **wide)
        self._how = Words(nothing(there), margin=(0, 10), **wide)
        self._nothing = pn.Column(self._how, self.pair, **wide)
        self.rows = [Row(place, self._rename, self._recolor, self._remove) for place in range(MOST)]
        self.names = Names(self.switch)
        self._legend = ""
        self.closer = Closer(
            self.feed, self._view, [], above=[self.names.layout], arrange=partial(in_rows, styles=SETTING),
            without=Comparison.arguments, own=_links, idle=_idle,
            plot=lambda picture: LivePlot(picture, switched=self.switch),
            stem=lambda found: stem_of_compared(tuple(each.name for each in found.question.entries)),
        )  # fmt: skip
        self.closer.lead = lambda: self._legend
        self._found = pn.Column(*self.closer.layout, **wide)
        pinned = wrapping_row(*(row.layout for row in self.rows))
        self.closer.layout[:] = [self.button, self.message, self._nothing, pinned, self._found]
        watch(comparison, self._follow, "entries")
        watch(comparison, self._redraw, ["weights_as", "spectrum_as"])
        self._watched: list = []  # the study that is followed, and by what
        if of is not None:
            watch(of, self._follow_study, "settings")
            self._follow_study()
        self._show_pinned()

    @property
    def comparison(self) -> Comparison:
        """What is compared."""
        return self.feed.settings

    def pin(self) -> None:
        """Pin the draw of now; what cannot be is said."""
        if self._of is not None:
            self.attempt(partial(self.comparison.pin, self._of.settings, answer=self._of.answer))

    def pin_pair(self) -> None:
        """Pin the draw of now, and what tells most beside it."""
        if self._of is not None and not self.comparison.entries:
            study, answer = self._of.settings, self._of.answer

            def both() -> None:
                self.comparison.pin(study, answer=answer)
                self.comparison.pin(beside(study))

            self.attempt(both)

    def attempt(self, change) -> None:
        """Change what is compared, and say why not, if it cannot be."""
        try:
            change()
            self.message.object = ""
        except REFUSALS as refusal:
            self.message.object = notice("alert", [str(refusal)])
            self._show_pinned()

    def switch(self, name: str, shown: bool) -> None:
        """Draw what has this name, or do not, in all pictures."""
        if shown == (name in self.hidden):
            self.hidden ^= {name}
            update_page(self._show_hidden)

    def _show_hidden(self) -> None:
        self.names.show(self.comparison.entries, self.hidden)
        self.closer.redraw()

    def _rename(self, entry: Entry, name: str) -> None:
        if entry.name in self.hidden and all(each.name != name for each in self.comparison.entries):
            self.hidden |= {name}
        self.attempt(partial(self.comparison.rename, entry.name, name))

    def _recolor(self, entry: Entry, slot: int) -> None:
        self.attempt(partial(self.comparison.recolor, entry.name, slot))

    def _remove(self, entry: Entry) -> None:
        self.attempt(partial(self.comparison.remove, entry.name))

    def _follow(self, _event) -> None:
        update_page(self._show_pinned)

    def _redraw(self, *_events) -> None:
        update_page(self.closer.redraw)

    def _follow_study(self, *_events) -> None:
        if self._of is not None:
            for owner, watcher in self._watched:
                owner.param.unwatch(watcher)
            study = self._of.settings
            self._watched = [(study, watch(study, self._offer, "function"))]
            self._offer()

    def _offer(self, *_events) -> None:
        """Say what the button pins that pins two; there is none where nothing can be pinned."""
        if self._of is not None and not self.comparison.entries:
            try:
                self.pair.label, self.pair.visible = pair(beside(self._of.settings)), True
            except REFUSALS:  # a large array, which cannot be written
                self.pair.visible = False
            self._how.object = nothing(True, self.pair.visible)

    def _show_pinned(self) -> None:
        entries = self.comparison.entries
        self._nothing.visible, self._found.visible = not entries, bool(entries)
        self.button.disabled = len(entries) == MOST
        self._offer()
        self.hidden &= {each.name for each in entries}
        self.names.show(entries, self.hidden)
        for row in self.rows:
            row.show(entries)

    def _view(self, found: ComparisonAnswer) -> tuple[tuple[Picture, ...], str]:
        settings = self.comparison
        self._legend = legend(found)
        drawn = pictures(found, settings.weights_as, settings.spectrum_as)
        return tuple(each.hiding(self.hidden) for each in drawn), html(found)

    def kept(self) -> str:
        """The pictures and the words on show, as HTML that needs no script."""
        return self.closer.kept()


def _links(settings: Comparison, report) -> list[Link]:
    """The settings, called by words."""
    return [link(settings, name, report, label=label) for name, label in LABELS.items()]


def _idle(settings: Comparison) -> tuple[str, ...]:
    """Settings that do nothing in the look that is open."""
    return tuple(label for look, labels in OF_LOOKS.items() if look != settings.look for label in labels)


class ComparisonWidget(Widget):
    """Several studies side by side, each followed as it changes. `found` is what is found of all of them."""

    def __init__(self, sources: Sequence[Any], names: Sequence[str], settings: dict[str, Any]):
        sources = sources or ("he_normal",)
        if isinstance(names, str) or len(names) not in (0, len(sources)):
            raise ValueError(
                f"names must be one for each of {several(len(sources), 'draw')}, got {names!r}. "
                "Write compare('he_normal', 'orthogonal', names=['He', 'Saxe'])."
            )
        if len(sources) > MOST:
            raise ValueError(f"at most {MOST} can be compared, got {len(sources)}. Pass fewer.")
        comparison = Comparison(**{key: settings.pop(key) for key in Comparison.arguments if key in settings})
        feeds = [feed_of(source, settings) for source in sources]
        self._pinned = [
            comparison.pin(feed.settings, name, feed.result)
            for feed, name in zip(feeds, names or [""] * len(feeds), strict=True)
        ]
        self._room = Room(comparison)
        super().__init__(feeds, self._room.closer.layout, bar=False, also=self._room.closer.followers)
        self._room.closer.over = self.overlaid
        watch(self._room.feed, self._renew, "answer")

    def _renew(self, _event) -> None:
        self.keeper.renew()

    @property
    def comparison(self) -> Comparison:
        """What is compared: pin, rename, recolor and remove there."""
        return self._room.comparison

    @property
    def found(self) -> ComparisonAnswer:
        """The whole answer to the settings now, computed at once if it is not there yet."""
        for feed in self.feeds:
            feed.result  # noqa: B018 - is there then, or says why not
        self.show()
        return self._room.feed.result

    def show(self) -> None:
        """Compare the studies as they are now, those that are still among what is compared."""
        for place, feed in enumerate(self.feeds):
            pinned, study = self._pinned[place], feed.settings
            entry = next((each for each in self.comparison.entries if _is_of(each, pinned)), None)
            answered = feed.answer is not None and feed.answer.question == study.question
            if entry is not None and answered and not _asks(entry, study):
                self.comparison.renew(entry.name, study, feed.answer)
                self._pinned[place] = self.comparison[entry.name]

    def watched(self) -> tuple[tuple[Any, str], ...]:
        """The networks of the studies."""
        return tuple((feed.settings.network, "question") for feed in self.feeds)

    def follow(self) -> None:
        """Compare the studies that there are now."""
        self.show()

    def redraw(self) -> None:
        """Show what was found in another way."""
        self._room.closer.redraw()

    def kept(self) -> str:
        """The pictures and the words."""
        return self._room.kept()

    def still(self) -> str:
        """The same of the whole answer to the settings now."""
        self.found  # noqa: B018 - is there then, or says why not
        return self._room.closer.whole()


def _is_of(entry: Entry, pinned: Entry) -> bool:
    """Whether one that is compared is what was pinned, whatever its name and its color are by now."""
    return entry.question == pinned.question and entry.network == pinned.network


def _asks(entry: Entry, study: Study) -> bool:
    return entry.question == study.question and entry.network == study.network.question


def compare(*sources: Any, names: Sequence[str] = (), **settings) -> ComparisonWidget:
    """Up to six draws side by side: weights, singular values and their numbers; or networks, or how they train.

    >>> widget = compare("he_uniform", "lecun_uniform", shape=(64, 32))
    >>> [str(each) for each in widget.found.coupled]
    ['lecun_uniform() is he_uniform() × 1/√2, entry by entry: they are drawn with one key.']

    Args:
        sources: initializers or their names, arrays, studies, or what has one.
        names: of them, for the legend.
        settings: those of `Comparison`, such as keys="independent" or look="networks", and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: more than six, or a setting that cannot be used, with the fix.
    """
    return ComparisonWidget(sources, names, settings)
