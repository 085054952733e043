"""Scenes to open with a click: a menu of them, and the card of the one that is open."""

from collections.abc import Callable
from functools import partial
from html import escape

import panel as pn
import panel_material_ui as pmui

from initviz.live.internals import Words
from initviz.live.updates import update_page
from initviz.study.presets import PRESETS, Preset
from initviz.widgets.layout import wrapping_row

IN_BAR = {
    "color": "#ffffff", "borderColor": "#ffffff", "textTransform": "none", "fontSize": "1rem",
    "padding": "0.2rem 0.8rem",
    "@media (max-width: 599.95px)": {"padding": "0.2rem 0.5rem", "& .MuiButton-endIcon": {"display": "none"}},
}  # fmt: skip
CARD = {
    "border": "1px solid rgba(128, 128, 128, 0.4)", "border-radius": "4px", "margin": "8px 10px 0 10px",
    "padding": "0.3rem 0.8rem", "box-sizing": "border-box", "width": "calc(100% - 20px)", "align-items": "flex-start",
}  # fmt: skip


class Scenes:
    """A `menu` of scenes, and a `card` with the question of the one that was chosen.

    Args:
        open_link: called with the link of a scene.
    """

    def __init__(self, open_link: Callable[[str], object]):
        self._open_link = open_link
        self._named = {preset.title: preset for preset in PRESETS.values()}
        items = [{"label": title} for title in self._named]
        self.menu = pmui.MenuButton(label="presets", items=items, variant="outlined", margin=0, sx=IN_BAR)
        self.menu.on_click(lambda chosen: update_page(partial(self.open, chosen["label"])))
        self._words = Words("", margin=0, sizing_mode="stretch_width")
        close = pmui.Button(label="close", variant="text", size="small", margin=0)
        close.on_click(lambda _: update_page(self.close))
        said = pn.Column(self._words, styles={"flex": "1 1 300px", "min-width": "0"})
        self.card = pn.Column(wrapping_row(said, close, **CARD), visible=False, sizing_mode="stretch_width")

    def open(self, title: str) -> None:
        """Open the scene of this title."""
        preset = self._named[title]
        self._words.object = card(preset)
        self.card.visible = True
        self._open_link(preset.link)

    def close(self) -> None:
        """Put the card away; the settings stay."""
        self.card.visible = False


def card(preset: Preset) -> str:
    """The question, what to predict first, and the answer once it is asked for."""
    return (
        f"<section aria-label='preset'><p style='margin: 0.2rem 0'><b>{escape(preset.title)}.</b> "
        f"{escape(preset.question)}</p><p style='margin: 0.2rem 0'><b>Predict first:</b> {escape(preset.predict)}</p>"
        "<details style='margin: 0.2rem 0'><summary style='cursor: pointer; width: max-content'>reveal</summary>"
        f"<p style='margin: 0.2rem 0'>{escape(preset.answer)}</p></details></section>"
    )
