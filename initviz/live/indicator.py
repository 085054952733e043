"""How far the job of a feed is, on the page, with a button to stop it and to run it again; and what is not of now."""

from collections.abc import Iterable

import panel as pn
import panel_material_ui as pmui

from initviz.live.feed import Feed
from initviz.live.subscription import Subscription
from initviz.live.updates import update_page

SHOWN, HIDDEN = {"visibility": "visible"}, {"visibility": "hidden"}
"""Styles: Bokeh lays the whole page out anew and paints every plot when `visible` changes."""
AS_ALL = {"visibility": "inherit"}
"""Style of a part that shows and hides with the whole: a style that is taken away stays in the browser."""
STALE, FRESH = {"opacity": "0.45"}, {"opacity": "1"}
"""Styles of an answer to other settings than those of now, and to those."""


def dim(panes: Iterable[pn.viewable.Viewable], *feeds: Feed, other: bool = False) -> None:
    """Dim what shows answers to other settings than those of now; not in the moment that a quick answer takes.

    Args:
        panes: that show the answers.
        feeds: whose answers they are.
        other: whether they are known to be of other settings: a widget shows what was refused.
    """
    late = any(feed.stale and (feed.busy or feed.failure) for feed in feeds)
    styles = STALE if other or late else FRESH
    for pane in panes:
        if pane.styles != styles:
            pane.styles = styles


class Indicator:
    """A bar and a button: `layout`, which keeps its place when it hides."""

    def __init__(self, feed: Feed, follow: bool = True):
        self._feed = feed
        self.bar = pmui.LinearProgress(variant="determinate", value=0, sizing_mode="stretch_width", margin=(12, 10))
        self.stop = pmui.Button(label="stop", variant="text", size="small", margin=0)
        self.stop.on_click(lambda _: update_page(self._click))
        self._place = pn.Column(self.bar, sizing_mode="stretch_width")
        self.layout = pn.Row(self._place, self.stop, styles=HIDDEN, sizing_mode="stretch_width")
        if follow:
            self.follow()

    def follow(self) -> Subscription:
        """Show how far the feed is, from now on."""
        return self._feed.subscribe(self._show, "busy", "progress", "failure", "waiting")

    def _click(self) -> None:
        if self._feed.stopped:
            self._feed.run_again()
        else:
            self._feed.stop()

    def _show(self, feed: Feed) -> None:
        self.stop.label = "run again" if feed.stopped else "stop"
        self._place.styles = HIDDEN if feed.stopped else AS_ALL
        if feed.busy and feed.progress is None and not feed.stopped:
            self.bar.variant = "indeterminate"
        else:  # what is hidden moves on, and takes a fifth of a processor for that
            share = 0 if feed.stopped or feed.progress is None else round(100 * feed.progress)
            self.bar.param.update(variant="determinate", value=share)
        self.layout.styles = SHOWN if feed.busy or feed.stopped else HIDDEN
