"""What every widget is: a view of one feed or of several, which looks while it is shown."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import panel as pn
import param
from bokeh.document import Document

from initviz.answers.answer import Answer, answer
from initviz.live.feed import Feed
from initviz.live.indicator import Indicator, dim
from initviz.live.internals import Words
from initviz.live.notebook import Cell, Kept, ready
from initviz.live.outputs import Watched
from initviz.live.subscription import Followers, Subscription
from initviz.live.updates import update_page
from initviz.study import Study
from initviz.views.picture import Picture
from initviz.views.text import notice

WIDEST = 900
"""Most pixels across: the text column of a notebook."""
_FEEDS: WeakValueDictionary[int, Feed] = WeakValueDictionary()


def feed_of(source: Any, settings: dict[str, Any] | None = None) -> Feed:
    """The feed of what a widget was given: all widgets of one study share it, and so move together.

    Args:
        source: a feed, what has one (an explorer, another widget), a study, or what `Study` takes first.
        settings: of a new study.

    Raises:
        TypeError, ValueError: no study can be made of these, or settings for what has its own.
    """
    found = source if isinstance(source, Feed) else getattr(source, "feed", None)
    if settings and (found is not None or isinstance(source, Study)):
        raise TypeError(
            f"a {type(source).__name__} has its own settings, got {', '.join(settings)} beside it. "
            "Set them there, for instance study.seed = 1."
        )
    if found is not None:
        return found
    study = source if isinstance(source, Study) else Study(source, **(settings or {}))
    return shared(study, lambda study: Feed(study, answer))


def shared(settings: Any, make: Callable[[Any], Feed]) -> Feed:
    """The feed that all widgets of these settings share; made, if there is none."""
    found = _FEEDS.get(id(settings))
    return found if found is not None and found.settings is settings else share(make(settings))


def share(feed: Feed) -> Feed:
    """Have widgets of the study of this feed move with it."""
    _FEEDS[id(feed.settings)] = feed
    return feed


def feeds_of(source: Any, settings: dict[str, Any]) -> tuple[Feed, ...]:
    """One feed, or those of a list of initializers, arrays, studies, feeds or names, which have settings in common."""
    if _are_several(source):
        return tuple(feed_of(each, settings) for each in source)
    return (feed_of(source, settings),)


def with_law(settings: dict[str, Any], law: Any) -> dict[str, Any]:
    """The settings, with the law that weights are compared with, if one is given."""
    return settings if law is None else settings | {"law": law}


def one_feed(source: Any, settings: dict[str, Any]) -> Feed:
    """The feed of a widget that shows no more than one.

    Raises:
        TypeError: there are several.
    """
    if _are_several(source):
        raise TypeError(
            f"this widget shows one draw, got a list of {len(source)}. "
            "Pass one of them; histogram and spectrum show several over one another."
        )
    return feed_of(source, settings)


def _are_several(source: Any) -> bool:
    """Whether it is a list of what widgets can be of, each of which may say what is wrong with it, not of numbers."""
    return isinstance(source, list | tuple) and any(map(_is_one, source))


def _is_one(source: Any) -> bool:
    if isinstance(source, str | Feed | Study) or isinstance(getattr(source, "feed", None), Feed):
        return True
    return callable(source) or (hasattr(source, "__array__") and np.ndim(source) > 0)


class Widget(Cell):
    """A view of feeds, for a cell of a notebook, a layout, a page. It looks while it is shown, and answers at once.

    `study` is what is asked, and may be changed; `result` is the answer to it now.

    Args:
        feeds: what it follows.
        content: what it shows of their answers.
        bar: whether it has a busy bar for each.
        also: other followers of the pages that show it, those of a closer look in it.
    """

    answer = param.Parameter(doc="The answer on show, or a tuple of those of several: for pn.bind and param.watch.")
    shows_answers = True
    """Whether its content is of the answers, and dim while those are to other settings than those of now."""

    def __init__(
        self, feeds: Iterable[Feed], *content: pn.viewable.Viewable, bar: bool = True, also: Followers | None = None
    ):
        ready()
        super().__init__()
        self.feeds = tuple(feeds)
        self._over: list[Callable[[Picture], Picture]] = []
        self.answer = self.result  # which raises what is wrong with the settings, in the cell that asks for it
        self._message = Words("", margin=(0, 10), sizing_mode="stretch_width")
        self._followers = [Followers(self._subscribe), *([] if also is None else [also])]
        self._studies = self._settings()
        self._watchers: list = []
        self.pages = 0
        """How many pages show it; the outputs of a notebook count as one."""
        self._bars = [Indicator(feed, follow=False) for feed in self.feeds] if bar else []
        bars = [pn.Row(*(bar.layout for bar in self._bars), sizing_mode="stretch_width")] if bar else []
        self._answers = pn.Column(*content, sizing_mode="stretch_width")
        self.keeper = Kept(self.kept)
        """Renews what a notebook keeps of it."""
        self._place = Watched(
            *bars, self._message, self._answers, opened=self._open, closed=self._close,
            promised=self.keeper.promise, failed=self.keeper.withdraw, displayed=self.keeper.display,
            cleared=self.keeper.forget, sizing_mode="stretch_width", max_width=WIDEST,
        )  # fmt: skip

    @property
    def own(self) -> param.Parameterized | None:
        """Settings that are of what it shows, and not of its study; None without them."""
        return None

    @property
    def feed(self) -> Feed:
        """Its first feed, to be given to another widget that is to move with it."""
        return self.feeds[0]

    @property
    def study(self) -> Study:
        """The settings of the first feed: change them, and the widget follows."""
        return self.feed.settings

    @property
    def result(self) -> Answer | tuple[Answer, ...]:
        """The answer to the settings now, or one of each of several, computed at once if it is not there yet.

        Raises:
            TypeError, ValueError, IndexError: the settings contradict each other.
        """
        return _one_or_all([feed.result for feed in self.feeds])

    def __panel__(self):
        return self._place

    def show(self) -> None:
        """Bring the content up to date with the newest answers."""
        raise NotImplementedError

    def kept(self) -> str | None:
        """What its notebook shows of it while it is not live, as HTML; None if that would say nothing."""
        return None

    def still(self) -> str:
        """The same of the settings now, with all that is found by them; where nothing is kept, what is asked."""
        self.follow_study()
        self.result  # noqa: B018 - is there then
        self.show()
        return self.kept() or ""

    def watched(self) -> tuple[tuple[Any, str], ...]:
        """Further settings, as owner and name, whose change shows anew."""
        return ()

    def lay_over(self, over: Callable[[Picture], Picture]) -> None:
        """Have this draw something over every picture."""
        self._over.append(over)
        self.redraw()

    def overlaid(self, picture: Picture) -> Picture:
        """The picture with what is drawn over it."""
        return reduce(lambda drawn, over: over(drawn), self._over, picture)

    def redraw(self) -> None:
        """Show the newest answers in another way."""
        self.show()

    def follow_study(self) -> None:
        """Follow the study that has taken the place of another, if one has."""
        if self._studies != self._settings():
            self._studies = self._settings()
            if self._watchers:
                self._unwatch()
                self._watch()
            self.follow()

    def follow(self) -> None:
        """Another study has taken the place of one: set it, and follow it."""

    def _settings(self) -> tuple[Any, ...]:
        return tuple(feed.settings for feed in self.feeds)

    def _subscribe(self) -> list[Subscription]:
        told = [feed.subscribe(self._show, "answer", "failure", "settings") for feed in self.feeds]
        if self.shows_answers:
            told += [feed.subscribe(self._dim, "stale", "busy", "failure") for feed in self.feeds]
        return told + [bar.follow() for bar in self._bars]

    def _dim(self, _feed: Feed) -> None:
        dim((self._answers,), *self.feeds)

    def _open(self, page: Document | None) -> None:
        if not self._watchers:
            self._watch()
        for followers in self._followers:
            followers.open(page)
        self.pages += 1

    def _close(self, page: Document | None) -> None:
        for followers in self._followers:
            followers.close(page)
        self.pages -= 1
        if not self.pages:
            self._unwatch()

    def _watch(self) -> None:
        self._watchers = [(owner, owner.param.watch(self._other_way, [name])) for owner, name in self.watched()]

    def _unwatch(self) -> None:
        for owner, watcher in self._watchers:
            owner.param.unwatch(watcher)
        self._watchers = []

    def _other_way(self, _event) -> None:
        update_page(self.redraw)
        self.keeper.renew()

    def _shown(self) -> None:
        self.show()
        self.keeper.renew()

    def _show(self, feed: Feed) -> None:
        self.follow_study()
        failures = dict.fromkeys(each.failure for each in self.feeds if each.failure)
        self._message.object = notice("alert", list(failures))
        if all(each.answer is not None for each in self.feeds):
            newest = _one_or_all([each.answer for each in self.feeds])
            if newest != self.answer:  # by identity; param does not see that an object is the same
                self.answer = newest
            self._shown()


def _one_or_all(answers: list[Answer]) -> Answer | tuple[Answer, ...]:
    return tuple(answers) if len(answers) > 1 else answers[0]


class Text(Widget):
    """Words about the answer of one feed; `still` are those without formulas, where no script draws them."""

    def __init__(
        self, source: Any, words: Callable[[Answer], str], settings: dict[str, Any],
        still: Callable[[Answer], str] | None = None,
    ):  # fmt: skip
        feed = one_feed(source, settings)
        self._words, self._still = words, still or words
        self._text = Words("", disable_math=still is None, margin=(0, 10), sizing_mode="stretch_width")
        super().__init__([feed], self._text, bar=False)
        self.show()

    def show(self) -> None:
        """Say what the newest answer says."""
        self._text.object = self._words(self.feed.answer)

    def kept(self) -> str:
        """The same in words that need no script."""
        return self._still(self.feed.answer)
