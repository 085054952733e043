"""Rows that wrap, and rooms whose tabs keep what they show."""

from collections.abc import Callable, Iterable

import panel as pn
import panel_material_ui as pmui

from initviz.live.updates import update_page

WIDE = {"sizing_mode": "stretch_width"}
CONCLUSIONS = "--initviz-conclusions"
"""The property of style that hides what would answer a question before anyone has thought about it."""
CONCLUSION = {
    "styles": {"visibility": f"var({CONCLUSIONS}, visible)"},
    "stylesheets": [":host > div {visibility: inherit !important}"],  # Panel's pane calls what is in it visible
}
"""How such words look: they keep their room, so that nothing moves where they are told."""


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


SETTING = {"flex": "1 1 220px", "min-width": "0", "max-width": "360px"}
"""Of a setting among others in a row."""


def in_rows(settings: Iterable[pn.viewable.Viewable], styles: dict = SETTING) -> list[pn.viewable.Viewable]:
    """Settings beside one another, each with these styles."""
    return [wrapping_row(*(pn.Column(each, styles=styles, visible=each.param.visible) for each in settings))]


MARKED = {
    "& .MuiTabs-list": {"flexWrap": "wrap"},  # or on a phone the last ones would be cut
    "& .MuiTabs-indicator": {"display": "none"},  # measured while its row is hidden it stands nowhere
    "& .MuiTab-root.Mui-selected": {"boxShadow": "inset 0 -2px currentColor"},
}
"""How the open tab is underlined."""
QUIET = MARKED | {
    "& .MuiTabs-root, & .MuiTab-root": {"minHeight": "34px"},
    "& .MuiTab-root": {"padding": "4px 12px", "fontSize": "0.85rem", "textTransform": "none"},
}
"""How the tabs inside a room stand back behind those of the rooms."""
LOUD = MARKED | {"& .MuiTab-root": {"fontSize": "1rem", "fontWeight": 600, "textTransform": "none"}}
WITH_TITLES = {"& .MuiTab-root.Mui-disabled": {"pointerEvents": "auto", "cursor": "default"}}
"""Lets a tab that cannot be opened say why under a mouse."""


class Rooms:
    """Contents under a row of tabs, one for each room, and in a room a quieter row, one for each view: `layout`.

    Each content is made when it is first opened, and kept. Material's own tabs render theirs anew at every turn, where
    Bokeh may measure a plot before it has a layout: an error in the page (panel-material-ui issue 548), and nothing to
    see. Here they only choose what is visible.

    Args:
        rooms: by their titles the titles of their views, by the names of those.
        content: makes the content of the view of this name.
        turned: called with the name of a view once it is open.
        above: what stands between the rows and the contents.
    """

    def __init__(
        self,
        rooms: dict[str, dict[str, str]],
        content: Callable[[str], pn.viewable.Viewable],
        turned: Callable[[str], None],
        *above: pn.viewable.Viewable,
    ):
        self._titles = {room: room for room in rooms}
        self._rooms = [list(views) for views in rooms.values()]
        self._content, self._turned = content, turned
        self._is_turning = False
        below = {"margin": (10, 0, 0, 0)}  # or labels that stand on their fields' frames would touch the tabs
        self._places = {name: pn.Column(visible=False, **below, **WIDE) for views in self._rooms for name in views}
        self.tabs = self._row(list(rooms), LOUD)
        """The row of rooms."""
        self.inner = [
            self._row(list(views.values()), QUIET | WITH_TITLES) if len(views) > 1 else None for views in rooms.values()
        ]
        """The row of views of each room that has more than one."""
        rows = self.tabs, *filter(None, self.inner)
        self.layout = pn.Column(*rows, *above, *self._places.values(), **WIDE)
        self._open()

    def _row(self, titles: list[str], looks: dict) -> pmui.Tabs:
        row = pmui.Tabs(*((title, pn.Spacer(height=0)) for title in titles), wrapped=False, sx=looks, **WIDE)
        row.param.watch(self._clicked, "active")
        return row

    @property
    def name(self) -> str:
        """Name of the open view."""
        room = self.tabs.active
        row = self.inner[room]
        return self._rooms[room][row.active if row else 0]

    def turn(self, name: str) -> None:
        """Open the view of this name; the first one if there is none."""
        room, place = self._place_of(name)
        row = self.inner[room]
        self._is_turning = True  # between the two rows another view would be open
        if row:
            row.active = place
        self.tabs.active = room
        self._is_turning = False
        update_page(self._turn)

    def entitle(self, room: str, title: str) -> None:
        """Have another title over the room that began with this one."""
        self._titles[room] = title
        self.tabs[list(self._titles).index(room)] = (title, pn.Spacer(height=0))

    def title(self, room: str) -> str:
        """The title over the room that began with this one."""
        return self._titles[room]

    def offer(self, useless: list[str]) -> None:
        """Let all views be opened but those of these names."""
        for views, row in zip(self._rooms, self.inner, strict=True):
            if row:
                disabled = [place for place, name in enumerate(views) if name in useless]
                if disabled != row.disabled:
                    row.disabled = disabled

    def _place_of(self, name: str) -> tuple[int, int]:
        found = ((room, views.index(name)) for room, views in enumerate(self._rooms) if name in views)
        return next(found, (0, 0))

    def _open(self) -> None:
        for room, row in enumerate(self.inner):
            if row:
                row.visible = room == self.tabs.active
        for name, place in self._places.items():
            place.visible = name == self.name
            if place.visible and not len(place):
                place.append(self._content(name))

    def _clicked(self, _event) -> None:
        if not self._is_turning:
            update_page(self._turn)

    def _turn(self) -> None:
        self._open()
        self._turned(self.name)
