"""A button that pins what is looked at, whatever room is open, and says what came of it."""

import panel as pn
import panel_material_ui as pmui

from initviz.compare import MOST, Comparison
from initviz.live.feed import Feed
from initviz.live.internals import Words
from initviz.live.updates import update_page
from initviz.live.watching import watch
from initviz.settings.knobs import REFUSALS
from initviz.study import Study
from initviz.study.study import NETWORK
from initviz.views.text import notice
from initviz.widgets.layout import wrapping_row

PIN, PINNED, FULL = "pin", "✓ pinned", f"{MOST} pinned"
"""What the button says: that it pins, that this is pinned already, that no more can be."""
ONE_ROW, BESIDE_PIN = {"flex-wrap": "nowrap", "align-items": "flex-start"}, {"flex": "1 1 0", "min-width": "0"}
"""How the button stands at the right of a headline, in a narrow window, too."""
QUIET = {"textTransform": "none", "whiteSpace": "nowrap", "minWidth": "5.5rem"}


class Pin:
    """A `button` that pins the study of a feed to a comparison, and what is `said` of it until something changes.

    Args:
        of: whose settings are pinned, as they are at a click.
        comparison: what they are pinned to.
    """

    def __init__(self, of: Feed, comparison: Comparison):
        self._of, self._comparison = of, comparison
        self.button = pmui.Button(label=PIN, variant="outlined", size="small", margin=(8, 10), sx=QUIET)
        self.button.on_click(lambda _: update_page(self.pin))
        self.said = Words("", margin=(0, 10), sizing_mode="stretch_width")
        self._said_of: tuple | None = None
        watch(comparison, self._changed, "entries")

    def beside(self, headline: pn.viewable.Viewable) -> pn.Column:
        """The button at the right of a headline, with what is said below that."""
        return wrapping_row(pn.Column(headline, self.said, styles=BESIDE_PIN), self.button, **ONE_ROW)

    def follow(self, study: Study) -> list:
        """Follow a study; what the watchers are that have to end with it."""
        self._changed()
        return [watch(each, self._changed, "question") for each in (study, study.network)]

    def pin(self) -> None:
        """Pin the settings of now; or say why not."""
        feed, comparison = self._of, self._comparison
        study, pinned = feed.settings, comparison.like(feed.settings)
        if pinned is not None:
            self._say("status", f"This is pinned already, as {pinned.name}. Change a setting, and pin again.")
        elif len(comparison.entries) == MOST:
            self._say("status", f"{MOST} are pinned, and no more can be compared. Remove one in the room Compare.")
        elif feed.failure and not feed.stopped:
            self._say("alert", f"What cannot be drawn cannot be pinned. {feed.failure}")
        else:
            try:
                if not comparison.entries and study.look == NETWORK:
                    comparison.look = "networks"
                entry = comparison.pin(study, answer=feed.answer)
            except REFUSALS as refusal:
                self._say("alert", str(refusal))
            else:
                count = len(comparison.entries)
                then = "The room Compare shows them side by side." if count > 1 else "Change a setting, and pin again."
                self._say("status", f"Pinned as {entry.name}: {count} of {MOST}. {then}")

    def _say(self, role: str, words: str) -> None:
        self.said.object, self._said_of = notice(role, [words]), self._now()
        self._show()

    def _now(self) -> tuple:
        study = self._of.settings
        return study.question, study.network.question, self._comparison.entries

    def _changed(self, *_events) -> None:
        if self._label() != self.button.label or self.said.object:
            update_page(self._show)

    def _label(self) -> str:
        if self._comparison.like(self._of.settings) is not None:
            return PINNED
        return FULL if len(self._comparison.entries) == MOST else PIN

    def _show(self) -> None:
        if self._said_of != self._now():
            self.said.object = ""
        if self._label() != self.button.label:
            self.button.label = self._label()
