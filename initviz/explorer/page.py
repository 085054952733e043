"""The explorer as a whole page."""

import panel as pn
import panel_material_ui as pmui
import param

from initviz.explorer.explorer import Explorer


def page() -> pmui.Page:
    """A Material page: settings in the sidebar (a drawer, closed at first, on a phone), pictures in the main area."""
    explorer = Explorer()
    width = pmui.BreakpointSwitcher(breakpoint="sm", small=pn.Spacer(), large=pn.Spacer(), height=0, margin=0)
    whole = pmui.Page(
        title="initviz",
        sidebar=[explorer.controls],
        main=[width, explorer.pictures],
        sidebar_width=330,
        busy_indicator=None,
    )
    with param.edit_constant(whole):
        whole.busy = False  # else every change sends two more messages; the explorer has a busy bar of its own
    width.param.watch(lambda event: whole.param.update(sidebar_open=event.new is width.large), "current")
    return whole
