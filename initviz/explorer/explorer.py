"""The explorer: a feed of a study with a sidebar and views, live both ways."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import panel as pn
import param

from initviz.answers.answer import Answer, answer
from initviz.compare import Comparison
from initviz.compare import links as pins
from initviz.explorer.draw import Draw, untold, whole
from initviz.explorer.labs import closer_of
from initviz.explorer.rooms import titled
from initviz.live.address import Address
from initviz.live.feed import Feed
from initviz.live.indicator import Indicator
from initviz.live.internals import Words
from initviz.live.notebook import Cell, Kept
from initviz.live.outputs import Watched
from initviz.live.updates import on_page, update_page
from initviz.live.watching import watch
from initviz.probes import PROBES
from initviz.study import Study
from initviz.study.study import COMPARE, LAYER, MODEL, NETWORK
from initviz.views.picture import Picture
from initviz.views.story import told
from initviz.views.text import notice
from initviz.widgets.base import share
from initviz.widgets.closer import Closer
from initviz.widgets.layout import Rooms, side_by_side
from initviz.widgets.pin import Pin
from initviz.widgets.sidebar import Sidebar

APART = COMPARE, MODEL
"""Views of what is not set in the sidebar."""
GIVEN = "#given"
"""Stands in an address behind the newest link, while what is shown is in no link."""
WHOLE = {"max-height": "none"}
"""Styles: as high as what is in it. Bokeh's columns end with the window, and what follows lies over the rest."""


class Explorer(Cell):
    """An interactive picture of an initializer. `study` may be changed or replaced; `result` is of its state now.

    Args:
        study: the settings; the default ones if none are given.
        first: the answer to them, if it is there already.
    """

    study = param.ClassSelector(class_=Study, doc="The settings, headless.")
    opened: Callable[[str], object] = staticmethod(lambda link: None)
    """Called once a link is open, with it."""
    remembered: Callable[[], object] = staticmethod(lambda: None)
    """Called once settings are in the address."""

    def __init__(self, study: Study | None = None, first: Answer | None = None, **params):
        super().__init__(study=study or Study(), **params)
        self.feed = Feed(self.study, answer, first=first)
        """The settings, the task and the newest answer, for any further view."""
        share(self.feed)
        self.comparison = Comparison()
        """What is pinned. It stays when the study is replaced."""
        self.feed.result  # noqa: B018 - raises what is wrong with the settings
        self.sidebar = Sidebar(self.study, self._refused)
        self.phone_message = self.sidebar.phone_message
        """The message once more, for a page that hides the settings."""
        self.indicator = Indicator(self.feed)
        """The busy bar beside the settings."""
        self.address = Address(lambda query: update_page(partial(self.open_link, query)))
        """The settings in the address of a page."""
        self.draw = Draw(self.feed)
        self._kept = Kept(self.draw.kept)
        self.closer: dict[str, Closer] = {}
        """Closer looks by the name of their probe, from the time they were first on the page."""
        self._link: str | None = None  # the newest, beside which weights may be shown that are in none
        self._over: Callable[[Picture], Picture] = whole
        self._places: Counter = Counter()  # by page, None for a notebook: the columns that show it
        self.pin = Pin(self.feed, self.comparison)
        """Pins the draw that is on show, in every room of draws."""
        self._head = self.pin.beside(self.draw.headline)
        self._marks = pn.Column(self.draw.legend, sizing_mode="stretch_width")
        self.rooms = Rooms(titled(), self._view, self._turned, self._marks)
        self.draw.settled = self._settled
        self._lost = Words("", margin=(0, 10), sizing_mode="stretch_width")  # what is pinned and in no link
        watch(self.comparison, self._compared, "entries")
        watch(self.comparison, self._remember_soon, list(Comparison.arguments))
        self._follow()
        self.feed.subscribe(lambda feed: self.sidebar.say(feed.failure), "failure")
        self.feed.param.watch(lambda _: self._kept.renew(), "answer")

    @property
    def result(self) -> Answer:
        """The result of the study as it is now, computed at once if it is not on show yet.

        Raises:
            TypeError, ValueError, IndexError: the settings contradict each other.
        """
        return self.feed.result

    @property
    def controls(self) -> pn.Column:
        """All settings, the busy bar and the message."""
        kept = Kept(lambda: None)
        content = self.indicator.layout, self.sidebar.message, self.sidebar.widgets, self.sidebar.foot
        return Watched(*content, promised=kept.promise, displayed=kept.display, styles=WHOLE,
                       sizing_mode="stretch_width")  # fmt: skip

    @property
    def pictures(self) -> pn.Column:
        """Headline, and rooms with the draw and closer looks at it, which are computed while they are shown."""
        return self._watched(self._head, self.rooms.layout)

    def still(self) -> str:
        """What a notebook keeps of it, of the settings now."""
        self.result  # noqa: B018 - is there then
        return self.draw.kept()

    def __panel__(self):
        return self._watched(side_by_side(self.controls, self.pictures, widths=(300, 420), shares=(0, 1)))

    def _refused(self) -> None:
        self.draw.dim(self.sidebar.refuses)
        for name, closer in self.closer.items():
            if name not in APART:
                closer.dim(self.sidebar.refuses)

    # -- the study ----------------------------------------------------------------------------------------------

    @param.depends("study", watch=True)
    def _study_replaced(self) -> None:
        for watcher in self._watchers:
            watcher.inst.param.unwatch(watcher)
        self.sidebar.unfollow()
        self.sidebar.follow(self.study)
        for name, closer in self.closer.items():
            if name != COMPARE:
                for page in self._places:
                    closer.followers.close(page)
                closer.follow(self._settings_of(name))
        self.feed.settings = self.study
        share(self.feed)
        self._follow()
        self._redraw()
        self._open_looks()

    def open_link(self, link: str) -> None:
        """Have the settings of an address, or of its query; what cannot be read of them is told, and left as it is."""
        study, notices = Study.salvage_link(link)
        study.model.keep(self.study.model)
        self.study = study
        self.sidebar.say_once(told((*notices, *pins.open_first(self.comparison, link))))
        self.opened(link)

    def _settled(self) -> None:
        """An answer has stood for a moment."""
        self._remember()
        self._offer()

    def _remember(self) -> None:
        try:
            link = self._link = self.study.to_link() + pins.to_query(self.comparison)
        except ValueError:  # weights that were given, a large array
            link = None
        self.address.keep(link or (self._link and self._link + GIVEN))
        self.remembered()
        self._lost.object = notice("note", pins.lost(self.comparison, link or ""))

    def _remember_soon(self, *_events) -> None:
        update_page(self._remember)

    def _follow(self) -> None:
        study = self.study
        self._watchers = [
            *(
                watch(look, self._remember_soon, list(look.arguments))
                for look in (study.network, study.network.trial, study.model, *study.looks.values())
                if look.arguments
            ),
            watch(study, self._redraw, ["weights_as", "spectrum_as"]),
            watch(study, self._turn, "look"),
            *self.pin.follow(study),
        ]
        self.draw.follow(study)
        self.rooms.turn(study.look)
        self._show_legend()

    def _compared(self, _event) -> None:
        update_page(self._show_how_many)

    def _show_how_many(self) -> None:
        """How many are pinned is in sight from every room."""
        count = len(self.comparison.entries)
        self.rooms.entitle(COMPARE, f"{COMPARE} ({count})" if count else COMPARE)
        self._remember()

    def _show_legend(self) -> None:
        """Have above a room the headline of the draw, but over a model, and over closer looks its legend.

        In the room of the draw that stands below its plots; networks, comparisons and models have their own.
        """
        self._marks.visible = self.rooms.name in PROBES
        self._head.visible = self.rooms.name != MODEL

    def _turn(self, _event) -> None:
        self.rooms.turn(self.study.look)

    def _redraw(self, *_events) -> None:
        self._kept.renew()
        self._remember_soon()
        self.draw.redraw()
        for closer in self.closer.values():
            closer.redraw()

    def conclude(self, told: bool) -> None:
        """Draw pictures with all of their titles, or with no more of them than what is drawn."""
        over = whole if told else untold
        if over is not self._over:
            self._over = self.draw.over = over
            for name in self.closer:
                self._closer(name)
            self._redraw()

    # -- where it is shown --------------------------------------------------------------------------------------

    def _watched(self, *content: pn.viewable.Viewable) -> Watched:
        kept = self._kept
        return Watched(*content, opened=self._shown, closed=self._hidden, promised=kept.promise,
                       failed=kept.withdraw, displayed=kept.display, cleared=kept.forget,
                       styles=WHOLE, sizing_mode="stretch_width")  # fmt: skip

    def _shown(self, page) -> None:
        """A page shows it, or an output of a notebook."""
        self._places[page] += 1
        self.draw.followers.open(page)
        self._open_looks()

    def _hidden(self, page) -> None:
        """It shows it no more; what nobody sees is not computed."""
        self._places[page] -= 1
        if not self._places[page]:
            del self._places[page]
            self.draw.followers.close(page)
            self._open_looks(page)

    # -- closer looks -------------------------------------------------------------------------------------------

    def _view(self, name: str) -> pn.viewable.Viewable:
        """What stands in a room under this name."""
        if name == LAYER:
            return self.draw.layer
        if name:
            above = [self._lost] if name == COMPARE else []
            return pn.Column(*above, self._closer(name).layout, sizing_mode="stretch_width")
        return self.draw.tab(*(self._closer(name).layout for name, probe in PROBES.items() if probe.beside))

    def _settings_of(self, name: str):
        return {NETWORK: self.study.network, MODEL: self.study.model}.get(name) or self.study.looks[name]

    def _closer(self, name: str) -> Closer:
        if name not in self.closer:
            self.closer[name] = closer_of(name, self)
        if name != COMPARE:
            self.closer[name].over = self._over
        return self.closer[name]

    def _turned(self, name: str) -> None:
        """Another view is open."""
        self.study.look = name
        self._offer()
        self._show_legend()
        self._remember()
        self._open_looks()

    def _offer(self) -> None:
        """Offer closer looks that apply to the draw; the open one stays, and says why it does not."""
        looks = {name: look for name, look in self.study.looks.items() if name != self.rooms.name}
        self.rooms.offer([name for name, look in looks.items() if not look.applies(self.feed.answer)])

    def _open_looks(self, *left) -> None:
        """Look at what is open, and at nothing else, for each page but those that were left."""
        for name, closer in self.closer.items():
            for page in (*self._places, *left):
                if self._looks(name, page):
                    on_page(page, partial(self._look, name, page))
                else:
                    closer.followers.close(page)

    def _look(self, name: str, page) -> None:
        if self._looks(name, page):  # still, where it had to wait for that page
            self.closer[name].followers.open(page)

    def _looks(self, name: str, page) -> bool:
        beside = name in PROBES and PROBES[name].beside
        return page in self._places and self.rooms.name == ("" if beside else name)
