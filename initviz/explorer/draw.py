"""The draw itself on the page: its headline, pictures, numbers and words, as a view of the feed of a study."""

import time
from collections.abc import Callable
from dataclasses import replace

import panel as pn
import panel_material_ui as pmui

from initviz.answers.answer import Answer
from initviz.live.controls import study_links
from initviz.live.feed import Feed
from initviz.live.indicator import dim
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.plot import LivePlot
from initviz.live.subscription import Followers, Subscription
from initviz.live.updates import served_page, update_page
from initviz.study import Study
from initviz.views import story, text
from initviz.views.picture import Picture
from initviz.views.shown import pictures, stem
from initviz.views.svg import images
from initviz.widgets.layout import CONCLUSION, side_by_side, wrapping_row

STRIP = 138
"""Height of what the axes of the shape are drawn in, before they are."""
BESIDE, SETTLED = 70, 100
"""Milliseconds after new plots until their words follow, and their formulas, unless newer plots came."""
BEHIND = 0.3
"""Seconds for which words may be of older plots: in a drag newer ones come all the time."""


def whole(picture: Picture) -> Picture:
    """A picture as it is."""
    return picture


def untold(picture: Picture) -> Picture:
    """A picture whose title says what is drawn, and not what was found in it."""
    return replace(picture, title=picture.title.partition(":")[0])


class Draw:
    """A view of a feed that has an answer: `headline`, and the content of a tab.

    The plots do not wait for the words beside them, of which a browser lays the page out anew, nor a drag for the
    formulas and the code, which take longer to set than plots to paint.

    Args:
        feed: what it shows.
    """

    settled: Callable[[], object] = staticmethod(lambda: None)
    """Called once an answer has stood for a moment."""
    over: Callable[[Picture], Picture] = staticmethod(whole)
    """Draws something over a picture."""

    def __init__(self, feed: Feed):
        self._feed = feed
        words = {"margin": (0, 10), "sizing_mode": "stretch_width"}
        self._title = Words("", styles={"overflow-wrap": "anywhere"}, **words)
        self._found = Words("", **words, **CONCLUSION)
        self.legend = Words("", **words, styles={"font-size": "0.85rem"})
        """What colors mean in its plots, and in those of closer looks at it."""
        self._notes = Words("", **words, **CONCLUSION)
        self._advice = Words("", **words, **CONCLUSION)
        self._story = Words("", **words)
        self._arithmetic = Words("", disable_math=False, **words)
        self._table = Words("", **words, **CONCLUSION)
        self._ranks = Words("", **words, **CONCLUSION)
        self._code = Words("", **words)
        self._foreign = Words("", **words)
        self._folded = pmui.Accordion((text.CODE, self._code), (text.FOREIGN, self._foreign), margin=10,
            sizing_mode="stretch_width",
            sx={"& .MuiAccordionSummary-content *": {"fontSize": "1rem", "fontWeight": 600},
                "& .MuiCollapse-hidden": {"display": "none"}},  # or its buttons could be reached, unseen, by keyboard
        )  # fmt: skip
        self._folded.param.watch(lambda _: update_page(self._unfold), "active")
        self.headline = pn.Column(self._title, self._found, self._notes, sizing_mode="stretch_width")
        self.plots = {picture.name: LivePlot(picture) for picture in self._pictures(feed.answer)}
        self._ways = wrapping_row()
        self._below = pn.Column(sizing_mode="stretch_width")
        self.layer = pn.Column(self._advice, self._folded, sizing_mode="stretch_width")
        """What the layer makes of the draw, and what other frameworks do: a room of its own."""
        self._refused = False
        self._links: list[Link] = []
        self._drawn = self._told = feed.answer
        self._behind: float | None = None
        """When plots came whose words have not."""
        self._tell(feed.answer)
        self.followers = Followers(self._subscribe)
        self.followers.open(served_page())

    def _subscribe(self) -> tuple[Subscription, ...]:
        return (
            self._feed.subscribe(self._show),
            self._feed.subscribe(self._say, "answer", delay=BESIDE),
            self._feed.subscribe(self._settle, "answer", delay=SETTLED),
            self._feed.subscribe(self._dim, "stale", "busy", "failure"),
        )

    def dim(self, refused: bool) -> None:
        """Know whether a setting shows what was refused: what is drawn is not of that then."""
        self._refused = refused
        self._dim(self._feed)

    def _dim(self, feed: Feed) -> None:
        dim((self._below, self.layer, self.headline), feed, other=self._refused)

    def kept(self) -> str:
        """What a notebook shows of it while it is not live, as HTML."""
        answer = self._feed.answer
        return story.headline(answer, level=2) + text.legend(answer) + images(self._pictures(answer))

    def follow(self, study: Study) -> None:
        """Draw in the ways of this study, and let them be chosen."""
        for link in self._links:
            link.close()
        self._links = list(study_links(study, lambda name, message: None, "weights_as", "spectrum_as").values())
        self._ways[:] = [link.widget for link in self._links]

    def redraw(self) -> None:
        """Show the pictures again, in another way."""
        for picture in self._pictures(self._feed.answer):
            self.plots[picture.name].show(picture, named=False)

    @property
    def shown(self) -> tuple[Picture, ...]:
        """The pictures on show."""
        return tuple(plot.picture for plot in self.plots.values())

    def tab(self, *beside: pn.viewable.Viewable) -> pn.Column:
        """The pictures and the words, with what stands at their foot."""
        wide = {"sizing_mode": "stretch_width"}
        plots = side_by_side(self.plots["weights"], self.plots["spectrum"])
        marks = pn.Column(self.legend, styles={"flex": "1 1 380px", "min-width": "0"})
        words = side_by_side(pn.Column(self._arithmetic, self._ranks, **wide), self._table, widths=(420, 540))
        axes = pn.Column(min_height=STRIP, **wide)
        told = side_by_side(axes, self._story, widths=(300, 420), shares=(2, 3))
        self._below[:] = [told, plots, wrapping_row(marks, self._ways)]
        update_page(lambda: (axes.append(self.plots["fans"]), self._below.append(words)))  # after the first plots
        return pn.Column(self._below, *beside, **wide)

    def _pictures(self, answer: Answer) -> tuple[Picture, ...]:
        study = self._feed.settings
        drawn = pictures(answer, study.weights_as, study.spectrum_as)
        return tuple(self.over(replace(picture, of=stem(answer))) for picture in drawn)

    def _show(self, feed: Feed) -> None:
        if feed.answer is self._drawn:
            return
        self._drawn = feed.answer
        self.redraw()
        now = time.monotonic()
        self._behind = self._behind or now
        if now - self._behind > BEHIND:
            self._say(feed)

    def _say(self, feed: Feed) -> None:
        self._behind = None
        if feed.answer is not self._told:
            self._told = feed.answer
            self._tell(feed.answer)

    def _tell(self, answer: Answer) -> None:
        self._title.object, self._found.object = story.headline(answer), story.found(answer)
        self._story.object, self.legend.object = story.story(answer), text.legend(answer)
        said = (answer.notice, text.flattening(answer.unfolding), answer.no_spectrum)
        self._notes.object = text.notice("status", (*answer.plan.warnings, *filter(None, said)))
        self._table.object = text.judgement(answer)
        self._advice.object = text.advice(answer.advice)

    def _settle(self, feed: Feed) -> None:
        answer = feed.answer
        self._arithmetic.object = text.arithmetic(answer.plan)
        self._ranks.object = text.ranks_table(answer.ranks)
        self._show_folded()
        for plot in self.plots.values():
            plot.name_files()
        self.settled()

    def _unfold(self) -> None:
        try:
            self._show_folded()
        except Exception as failure:  # nobody thought of it
            self._feed.view_failed(failure)

    def _show_folded(self) -> None:
        """What is folded away is said once it is open; until then there is nothing, so nothing of an older answer."""
        code, foreign = (place in self._folded.active for place in range(2))
        self._code.object = text.code(self._feed.answer.translations) if code else ""
        self._foreign.object = text.defaults() if foreign else ""
