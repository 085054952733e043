"""A lab or a closer look on the page: its settings, and what it finds while its tab is open."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import panel as pn

from initviz.live.controls import argument_links
from initviz.live.feed import Feed
from initviz.live.indicator import Indicator, dim
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.plot import LivePlot
from initviz.live.subscription import Followers, Subscription
from initviz.live.watching import watch
from initviz.views.picture import Picture
from initviz.views.shown import stem as stem_of
from initviz.views.svg import images
from initviz.views.text import notice
from initviz.widgets.fold import Fold
from initviz.widgets.layout import CONCLUSION, in_rows, side_by_side


def one_by_one(settings: list) -> list:
    """Settings under one another."""
    return [
        pn.Column(each, max_width=420, sizing_mode="stretch_width", visible=each.param.visible) for each in settings
    ]


def _none(_settings) -> tuple[str, ...]:
    return ()


def _no_links(_settings, _report) -> list[Link]:
    return []


class Closer:
    """A view of a look: `layout`. It looks for the pages that are open to its `followers`; nothing is drawn without.

    Args:
        look: the feed.
        view: the pictures and the HTML of an answer.
        controls: further widgets above it.
        of: the feed of what it looks at; None of a lab of its own.
        above: what stands between settings and pictures, dimmed with them.
        arrange: how the settings stand.
        plot: makes the live plot of a picture.
        without: settings that stand elsewhere.
        own: makes the linked widgets of settings that are no knobs like others; they stand first.
        idle: labels of widgets that would do nothing as the settings are: they are hidden.
        folded: settings that few need, which stand last and folded away.
        inner: another one that stands at its foot, and is looked at with it.
        stem: how names of files of an answer begin, where they are not named after what it looks at.
    """

    over: Callable[[Picture], Picture] = staticmethod(lambda picture: picture)
    """Draws something over a picture."""
    lead: Callable[[], str] = staticmethod(lambda: "")
    """What is said before all else where no script runs, as HTML."""

    def __init__(
        self,
        look: Feed,
        view: Callable[..., tuple[tuple[Picture, ...], str]],
        controls: list,
        of: Feed | None = None,
        above: Sequence[pn.viewable.Viewable] = (),
        arrange: Callable[[list], list] = one_by_one,
        plot: Callable[[Picture], LivePlot] = LivePlot,
        without: tuple[str, ...] = (),
        own: Callable[..., list[Link]] = _no_links,
        idle: Callable[..., tuple[str, ...]] = _none,
        folded: tuple[str, ...] = (),
        inner: "Closer | None" = None,
        stem: Callable[[Any], str] = lambda found: "initviz",
    ):
        self._of, self._without, self._inner, self._own, self._idle = of, without, inner, own, idle
        self._above, self._stem, self._folded = above, stem, folded
        self._fold = Fold("more settings") if folded else None
        self._views: list[tuple[str, pn.viewable.Viewable]] = []
        self._watcher = None
        self.look, self._view, self._arrange, self._plot = look, view, arrange, plot
        self._drawn = None
        self._shown: tuple[Picture, ...] = ()
        self._refused: dict[str, str] = {}
        self._failure = ""
        self._is_other = False
        self.followers = Followers(self._subscribe)
        self._plots: dict[str, LivePlot] = {}
        self.links: list = []
        wide = {"sizing_mode": "stretch_width"}
        self._settings = pn.Column(**wide)
        self.message = Words("", margin=(0, 10), **wide)
        self._pictures = pn.Column(**wide)
        self.words = Words("", margin=(0, 10), **wide, **CONCLUSION)
        self.outcome = pn.Column(*above, self._pictures, self.words, **wide)
        self._indicator = Indicator(look, follow=False)
        foot = [inner.layout] if inner else []
        now = self._indicator.layout, self.message, self.outcome
        self.layout = pn.Column(*controls, self._settings, *now, *foot, **wide)
        self._make_widgets()

    def _subscribe(self) -> tuple[Subscription, ...]:
        shown = self.look.subscribe(self._show, "answer", "failure", "stale", "waiting")
        asked, inner = self._of or self.look, self._inner._subscribe() if self._inner else ()
        return shown, asked.subscribe(self._dim, "stale", "busy", "failure"), self._indicator.follow(), *inner

    def follow(self, settings) -> None:
        """Show these settings and what is found by them."""
        self.look.settings = settings
        self._make_widgets()

    def redraw(self) -> None:
        """Show the answer again, in another way."""
        self._drawn = None
        if self.followers:
            self._show(self.look)

    def _make_widgets(self) -> None:
        for link in self.links:
            link.close()
        settings = self.look.settings
        self.links = [*self._own(settings, self._report), *argument_links(settings, self._report, self._without)]
        self._views = [(link.widget.label, link.view) for link in self.links]
        if self._watcher is not None:
            self._watcher.inst.param.unwatch(self._watcher)
        changes = self._fold or self._idle is not _none
        self._watcher = watch(settings, self._follow_values, list(settings.arguments)) if changes else None
        self._follow_values()
        shown = self._arrange([view for name, view in self._views if name not in self._folded])
        if self._fold:
            self._fold.hold(in_rows(view for name, view in self._views if name in self._folded))
            shown.append(self._fold.layout)
        self._settings[:] = shown

    def _follow_values(self, *_events) -> None:
        """Show what does something, and the values of what is folded; of what does nothing nothing is said either."""
        settings = self.look.settings
        texts = {name: settings.param[name].text(getattr(settings, name)) for name in self._folded}
        if self._fold:
            self._fold.say([f"{name}\N{NO-BREAK SPACE}{text}" for name, text in texts.items()])
        idle = self._idle(settings)
        for name, view in self._views:
            view.visible = name not in idle
            if name in idle and self._refused.get(name):
                self._report(name, "")

    def _report(self, name: str, message: str) -> None:
        self._refused[name] = message
        self._show_message()
        self._dim()

    def dim(self, refused: bool) -> None:
        """Know whether a setting of what is looked at shows what was refused: what was found is not of that then."""
        self._is_other = refused
        self._dim()

    def _dim(self, *_feeds: Feed) -> None:
        """Dim what was found while that is not of what the settings show, in whatever is looked at and in the look."""
        refused = self._is_other or any(self._refused.values())
        if self._of is None:
            dim((self.outcome,), self.look, other=refused)
        else:  # a look waits before it begins
            dim((self.outcome,), self._of, other=refused or self.look.stale)

    def _show_message(self) -> None:
        self.message.object = notice("alert", list(filter(None, (*self._refused.values(), self._failure))))

    def _show(self, feed: Feed) -> None:
        """The answer, dimmed while a newer one is on its way; or a message, which leaves no old answer beside it."""
        self._failure = "" if feed.waiting else feed.failure
        self._show_message()
        if not feed.waiting:
            self.outcome.visible = not self._failure or feed.stopped or self._of is None  # a lab keeps its last
        if feed.answer is not None:
            self._dim()
            if feed.answer is not self._drawn and not self._failure:
                self._drawn = feed.answer
                self._draw(feed.answer)

    @property
    def shown(self) -> tuple[Picture, ...]:
        """The pictures on show, those of the inner one among them where they are not of something else."""
        return () if self._is_other else self._shown + (self._inner.shown if self._inner else ())

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Whose answers they are of."""
        return self.look, *(self._inner.feeds if self._inner else ())

    @property
    def stem(self) -> str:
        """How names of files of its pictures begin."""
        return self._stem(self.look.answer) if self._of is None else stem_of(self._of.answer)

    def said(self, pictured: Callable[[Sequence[Picture]], str] = lambda pictures: "") -> str:
        """The words on show, with what stands for the pictures, as HTML that needs no script."""
        if self._is_other:
            return ""
        above = "".join(words.object for pane in self._above for words in pane.select(Words))
        inner = self._inner.said(pictured) if self._inner else ""
        return self.lead() + above + pictured(self._shown) + self.words.object + inner

    def kept(self) -> str:
        """The pictures and the words on show, as HTML that needs no script."""
        return self.said(images)

    def whole(self) -> str:
        """The same of the whole answer to the settings now, computed if it is not there yet."""
        self._draw(self.look.result)
        return self.kept()

    def _draw(self, answer) -> None:
        drawn, self.words.object = self._view(answer)
        pictures = self._shown = tuple(self.over(replace(picture, of=self.stem)) for picture in drawn)
        if [picture.name for picture in pictures] != list(self._plots):
            self._plots = {picture.name: self._plot(picture) for picture in pictures}
            self._pictures[:] = [side_by_side(*self._plots.values())] if pictures else []
        for picture in pictures:
            self._plots[picture.name].show(picture)
