"""Settings that few need, folded away with their values in sight."""

from collections.abc import Sequence
from html import escape

import panel as pn
import panel_material_ui as pmui

from initviz.live.internals import Words
from initviz.live.updates import update_page
from initviz.widgets.layout import wrapping_row

LOOKS = {
    "boxShadow": "none", "& .MuiCollapse-root": {"display": "none"},
    "& .MuiAccordionSummary-root.MuiAccordionSummary-root": {"padding": "0 10px", "minHeight": "40px"},
    "& .MuiAccordionSummary-content.MuiAccordionSummary-content": {"margin": "6px 0"},
    "& .MuiAccordionSummary-content *": {"fontSize": "1rem", "fontWeight": 600},
}  # fmt: skip
"""Of the heading, whose own content is empty."""


class Fold:
    """A heading that opens, the values of what it hides beside or below it, and below them what it hides: `layout`.

    Args:
        title: the heading.
    """

    def __init__(self, title: str):
        wide = {"sizing_mode": "stretch_width"}
        self._views: Sequence[pn.viewable.Viewable] = ()
        self._heading = pmui.Accordion((title, pn.Spacer(height=0)), margin=(5, 10, 0, 10), sx=LOOKS, **wide)
        self._heading.param.watch(lambda _: update_page(self._open), "active")
        self.values = Words("", margin=(0, 10), styles={"font-size": "0.85rem"}, **wide)
        """What is set in it."""
        heading, values = (
            {"flex": f"{share} 1 200px", "min-width": "0", "align-self": "center"} for share in (1, 1000)
        )
        row = pn.Column(self._heading, styles=heading), pn.Column(self.values, styles=values)
        self._content = pn.Column(visible=False, margin=(8, 0, 0, 0), **wide)
        self.layout = pn.Column(wrapping_row(*row), self._content, **wide)

    def hold(self, views: Sequence[pn.viewable.Viewable]) -> None:
        """Hide these; they are made on the page once it is opened."""
        self._views = views
        self._open()

    def say(self, values: Sequence[str]) -> None:
        """Show these values; where there are none, there is nothing to open."""
        self.values.object = escape(" · ".join(values).replace("-", "−"))
        self.layout.visible = bool(values)

    def _open(self) -> None:
        self._content.visible = bool(self._heading.active)
        if self._heading.active:
            self._content[:] = self._views
