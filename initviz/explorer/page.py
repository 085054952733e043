"""The explorer as a whole page."""

from functools import partial

import panel as pn
import panel_material_ui as pmui
import param

from initviz.explorer.explorer import Explorer
from initviz.explorer.serving import update_page


def page() -> pmui.Page:
    """A Material page: settings in the sidebar (a drawer, closed at first, on a phone), pictures in the main area."""
    explorer = Explorer()
    width = pmui.BreakpointSwitcher(breakpoint="sm", small=explorer.phone_message, large=pn.Spacer(height=0), margin=0)
    whole = pmui.Page(
        title="initviz",
        sidebar=[explorer.controls],
        main=[width, explorer.pictures],
        sidebar_width=330,
        busy_indicator=None,
    )
    with param.edit_constant(whole):
        whole.busy = False  # else every change sends two more messages; the explorer has a busy bar of its own

    def open_or_close(switched) -> None:
        opened = partial(whole.param.update, sidebar_open=switched.new is width.large)
        pn.state.onload(partial(update_page, opened))  # Panel 1.9 drops what changes before

    width.param.watch(open_or_close, "current")
    return whole
