"""What is pinned, one by one, as widgets: a name that hides and shows, and what names, colors and removes."""

from collections.abc import Callable, Sequence

import panel as pn
import panel_material_ui as pmui

from initviz.compare import MOST, Entry
from initviz.live.updates import update_page
from initviz.views import theme
from initviz.views.comparison import COLORS, LINES, TO_HIDE
from initviz.widgets.layout import wrapping_row

ROW = {"flex": "1 1 440px", "min-width": "0", "max-width": "620px"}
"""Of one that is pinned: two stand beside one another where there is room."""
NAME = {"flex": "3 1 130px", "min-width": "0"}
COLOR = {"flex": "2 1 max(120px, 9rem)", "min-width": "0"}


class Row:
    """One that is pinned, by its place: its name, its color, and a button that removes it.

    Args:
        place: from 0 on.
        rename: takes the entry and its new name.
        recolor: takes the entry and its new place in the palette.
        remove: takes the entry.
    """

    def __init__(
        self,
        place: int,
        rename: Callable[[Entry, str], object],
        recolor: Callable[[Entry, int], object],
        remove: Callable[[Entry], object],
    ):
        self._place = place
        self._entry: Entry | None = None
        self.name = pmui.TextInput(label=f"name {place + 1}", size="small", sizing_mode="stretch_width")
        colors = {f"{color}, {line}": slot for slot, (color, line) in enumerate(zip(COLORS, LINES, strict=True), 1)}
        self.color = pmui.Select(label=f"color {place + 1}", options=colors, value=place + 1, size="small",
                                 sizing_mode="stretch_width")  # fmt: skip
        self.button = pmui.Button(label=f"remove {place + 1}", variant="text", size="small", margin=(12, 4))
        self.name.param.watch(self._on_page(rename, lambda entry: entry.name), "value")
        self.color.param.watch(self._on_page(recolor, lambda entry: entry.slot), "value")
        self.button.on_click(lambda _: update_page(lambda: self._entry and remove(self._entry)))
        inner = wrapping_row(pn.Column(self.name, styles=NAME), pn.Column(self.color, styles=COLOR), self.button)
        self.layout = pn.Column(inner, visible=False, styles=ROW)

    def _on_page(self, change: Callable, now: Callable[[Entry], object]) -> Callable:
        """What changes an entry to what a widget was given, unless it is that."""

        def changed(event) -> None:
            def take() -> None:
                if self._entry is not None and event.new != now(self._entry):
                    change(self._entry, event.new)

            update_page(take)

        return changed

    def show(self, entries: Sequence[Entry]) -> None:
        """Show what is pinned in this place, if anything is."""
        self._entry = entries[self._place] if self._place < len(entries) else None
        self.layout.visible = self._entry is not None
        if self._entry is not None:
            self.name.value, self.color.value = self._entry.name, self._entry.slot


class Names:
    """A legend of all pictures at once, of boxes to check: what is not checked is not drawn.

    Args:
        switch: takes a name, and whether it is drawn.
    """

    def __init__(self, switch: Callable[[str, bool], object]):
        self._names: list[str] = []
        self.boxes = [pmui.Checkbox(value=True, visible=False, margin=(0, 10)) for _ in range(MOST)]
        for place, box in enumerate(self.boxes):

            def switched(event, place: int = place) -> None:
                update_page(lambda: place < len(self._names) and switch(self._names[place], event.new))

            box.param.watch(switched, "value")
        self._told = pn.pane.HTML(
            f"<p style='margin: 0'>{TO_HIDE}</p>", margin=(12, 10), styles={"font-size": "0.85rem"}
        )
        self.layout = wrapping_row(*self.boxes, self._told)
        self.layout.visible = False

    def show(self, entries: Sequence[Entry], hidden: set[str]) -> None:
        """Show the names of these, and which of them are not drawn; nothing of a single one."""
        self._names = [each.name for each in entries]
        self.layout.visible = len(entries) > 1
        for place, box in enumerate(self.boxes):
            box.visible = place < len(entries)
            if box.visible:
                entry = entries[place]
                color, line = COLORS[entry.slot - 1], LINES[entry.slot - 1]
                looks = {"color": theme.COMPARED[entry.slot - 1][0]}
                box.param.update(
                    label=f"{entry.name} ({color}, {line})", value=entry.name not in hidden,
                    sx=looks | {"&.Mui-checked": looks},
                )  # fmt: skip
