"""The explorer: a feed of a study with a sidebar and views, live both ways."""

import panel as pn
import param

from initviz.answers.answer import Answer, answer
from initviz.explorer.closer import Closer
from initviz.explorer.draw import Draw
from initviz.explorer.layout import Deck
from initviz.explorer.looks import LOOKS
from initviz.explorer.sidebar import Sidebar
from initviz.live.feed import Feed
from initviz.live.indicator import Indicator
from initviz.live.look import Look
from initviz.probes import PROBES
from initviz.study import Study

DRAW = "Draw"
"""Title of the first tab."""


class Explorer(pn.viewable.Viewer):
    """An interactive picture of an initializer. `study` may be changed or replaced; `result` is of its state now."""

    study = param.ClassSelector(class_=Study, doc="The settings, headless.")

    def __init__(self, study: Study | None = None, **params):
        super().__init__(study=study or Study(), **params)
        self.feed = Feed(self.study, answer)
        """The settings, the task and the newest answer, for any further view."""
        self.feed.result  # noqa: B018 - raises what is wrong with the settings
        self.sidebar = Sidebar(self.study)
        self.phone_message = self.sidebar.phone_message
        """The message once more, for a page that hides the settings."""
        self.draw = Draw(self.feed)
        self.closer: dict[str, Closer] = {}
        """Closer looks by the name of their probe, from the time they were first on the page."""
        self._on_page = False  # or a script would wait for what nobody sees
        titles = {name: probe.title for name, probe in PROBES.items() if not probe.beside}
        self.deck = Deck({"": DRAW} | titles, self._tab, self._turned)
        self._indicator = Indicator(self.feed)
        self._follow()
        self.feed.subscribe(lambda feed: self.sidebar.say(feed.failure), "failure")

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
        return pn.Column(self._indicator.layout, self.sidebar.message, self.sidebar.widgets,
                         sizing_mode="stretch_width")  # fmt: skip

    @property
    def pictures(self) -> pn.Column:
        """Headline, and tabs of the draw and of closer looks at it, which are computed from now on."""
        self._on_page = True
        self._open_looks()
        return pn.Column(self.draw.headline, self.deck.layout, sizing_mode="stretch_width")

    def __panel__(self):
        return pn.Row(pn.Column(self.controls, width=300), self.pictures, sizing_mode="stretch_width", min_height=600)

    # -- the study ----------------------------------------------------------------------------------------------

    @param.depends("study", watch=True)
    def _study_replaced(self) -> None:
        for watcher in self._watchers:
            watcher.inst.param.unwatch(watcher)
        self.sidebar.unfollow()
        self.sidebar.follow(self.study)
        for name, closer in self.closer.items():
            closer.close()
            closer.follow(self.study.looks[name])
        self.feed.settings = self.study
        self._follow()
        self._redraw()
        self._open_looks()

    def _follow(self) -> None:
        study = self.study
        self._watchers = [
            study.param.watch(lambda _: self._redraw(), ["weights_as", "spectrum_as"]),
            study.param.watch(lambda _: self.deck.turn(study.look), "look"),
        ]
        self.draw.follow(study)
        self.deck.turn(study.look)

    def _redraw(self) -> None:
        self.draw.redraw()
        for closer in self.closer.values():
            closer.redraw()

    # -- closer looks -------------------------------------------------------------------------------------------

    def _tab(self, name: str) -> pn.viewable.Viewable:
        """The content of a tab."""
        if name:
            return self._closer(name).layout
        return self.draw.tab(*(self._closer(name).layout for name, probe in PROBES.items() if probe.beside))

    def _closer(self, name: str) -> Closer:
        if name not in self.closer:
            shown = LOOKS[name]
            look = Look(self.study.looks[name], self.feed)
            self.closer[name] = Closer(look, lambda found: shown.view(found, self.study), shown.controls(self.sidebar))
        return self.closer[name]

    def _turned(self, name: str) -> None:
        """Another tab is open."""
        self.study.look = name
        self._open_looks()

    def _open_looks(self) -> None:
        """Look at what is on the open tab, and at nothing else."""
        for name, closer in self.closer.items():
            if self._on_page and self.deck.name == ("" if PROBES[name].beside else name):
                closer.open()
            else:
                closer.close()


def explore(
    initializer="he_normal",
    law=None,
    *,
    weights=None,
    layer=None,
    shape=None,
    dtype=None,
    seed: int = 0,
    **settings,
) -> Explorer:
    """An explorer for a notebook cell: `explore("he_normal", shape=(3, 3, 64, 128))`.

    Args:
        initializer: an initializer such as `he_normal()`, or its name; or an array of weights, before their law.
        law: the initializer that the weights are compared with.
        weights: an array to look at instead of a draw.
        layer: what holds the weights: an object such as `layers.Conv(inputs=3)`, or its class, name or title.
        shape: of the weights where the layer is not known, as numbers or as text.
        dtype: dtype the weights are drawn in.
        seed: of the key.
        settings: what else `Study` takes, and any argument of the initializer, such as `stddev=0.02`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    study = Study(
        initializer, law, weights=weights, layer=layer, shape=shape, dtype=dtype, seed=seed, **settings
    )  # fmt: skip
    pn.extension("mathjax", inline=True)  # else a notebook asks foreign hosts for the page's scripts
    return Explorer(study)
