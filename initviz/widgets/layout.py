"""Rows that wrap, and tabs that keep what they show."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from initviz.live.updates import update_page


def wrapping_row(*panes, **styles) -> pn.Column:
    """A row that wraps where it gets narrow.

    Not `pn.FlexBox`: Panel 1.9 leaves plots in one unfinished for Bokeh, and drops updates of a page that is not ready.
    Not `pn.Row`, which is never narrower than all panes together. A column has a button to scroll down, which would
    take its place in the row.
    """
    flow, no_button = {"flex-direction": "row", "flex-wrap": "wrap"}, ".scroll-button {display: none}"
    return pn.Column(*panes, sizing_mode="stretch_width", styles=flow | styles, stylesheets=[no_button])


def side_by_side(*panes, widths: tuple[int, ...] = (), shares: tuple[int, ...] = ()) -> pn.Column:
    """Panes in a row that wraps where they would get narrower than 400 px or these widths.

    They share what is left, equally if nothing is said.
    """
    styles, count = {"min-width": "0", "max-width": "100%"}, len(panes)
    flexible = zip(panes, widths or [400] * count, shares or [1] * count, strict=True)
    return wrapping_row(
        *(pn.Column(pane, styles=styles | {"flex": f"{share} 1 {width}px"}) for pane, width, share in flexible)
    )


class Deck:
    """Contents under a row of tabs: `layout`. Each is made when its tab is first opened, and kept.

    Material's own tabs render theirs anew at every turn, where Bokeh may measure a plot before it has a layout: an
    error in the page (panel-material-ui issue 548), and nothing to see. Here they only choose what is visible.

    Args:
        titles: of the tabs, by their names.
        content: makes the content of the tab of this name.
        turned: called with the name of a tab once it is open.
    """

    def __init__(
        self, titles: dict[str, str], content: Callable[[str], pn.viewable.Viewable], turned: Callable[[str], None]
    ):
        wide = {"sizing_mode": "stretch_width"}
        self._content, self._turned = content, turned
        below = {"margin": (10, 0, 0, 0)}  # or labels that stand on their fields' frames would touch the tabs
        self._places = {name: pn.Column(visible=False, **below, **wide) for name in titles}
        empty = ((title, pn.Spacer(height=0)) for title in titles.values())
        self.tabs = pmui.Tabs(*empty, wrapped=False, **wide)
        self.tabs.param.watch(lambda _: update_page(self._turn), "active")
        self.layout = pn.Column(self.tabs, *self._places.values(), **wide)
        self._open()

    @property
    def name(self) -> str:
        """Name of the open tab."""
        return list(self._places)[self.tabs.active]

    def turn(self, name: str) -> None:
        """Open the tab of this name; the first one if there is none."""
        names = list(self._places)
        self.tabs.active = names.index(name) if name in names else 0

    def _open(self) -> None:
        for name, place in self._places.items():
            place.visible = name == self.name
            if place.visible and not len(place):
                place.append(self._content(name))

    def _turn(self) -> None:
        self._open()
        self._turned(self.name)
