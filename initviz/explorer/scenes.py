"""Scenes to open with a click: a menu of them, and the card of the one that is open."""

from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from html import escape

import panel as pn
import panel_material_ui as pmui

from initviz.explorer.explorer import Explorer
from initviz.live.internals import Words
from initviz.live.updates import update_page
from initviz.study import Study
from initviz.study.presets import PRESETS, Preset
from initviz.widgets.layout import CONCLUSIONS, wrapping_row

IN_BAR = {
    "color": "#ffffff", "borderColor": "#ffffff", "textTransform": "none", "fontSize": "1rem",
    "padding": "0.2rem 0.8rem",
    "@media (max-width: 599.95px)": {
        "padding": "0.2rem 0.5rem", "minWidth": 0, "& .MuiButton-endIcon": {"display": "none"},
    },
}  # fmt: skip
CARD = {
    "border": "1px solid rgba(128, 128, 128, 0.4)", "border-radius": "4px", "margin": "8px 10px 0 10px",
    "padding": "0.3rem 0.8rem", "box-sizing": "border-box", "width": "calc(100% - 20px)", "align-items": "flex-start",
}  # fmt: skip
UNTOLD = f":host {{{CONCLUSIONS}: hidden}}"
"""Style of what keeps its conclusions to itself."""
OTHER = "The settings are no more those of this preset."
OTHER_SAMPLE = "This is another sample than that of the preset, so that its numbers may differ."


class Scenes:
    """A `menu` of scenes, and a `card` with the question of the one that is open.

    Args:
        explorer: what they are opened in.
        shown: what shows it. Its conclusions are unseen from a question to its answer, at the settings of the question.
    """

    def __init__(self, explorer: Explorer, shown: pn.Column):
        self._explorer, self._shown = explorer, shown
        self._told = list(shown.stylesheets)
        self._preset: Preset | None = None
        self._own: tuple = ()
        """The settings of the open one, but for the seed."""
        self._seed = 0
        self._asking = False
        self._named = {preset.title: preset for preset in PRESETS.values()}
        items = [{"label": title} for title in self._named]
        self.menu = pmui.MenuButton(label="presets", items=items, variant="outlined", margin=0, sx=IN_BAR)
        self.menu.on_click(lambda chosen: update_page(partial(self.open, chosen["label"])))
        self._words = Words("", margin=0, sizing_mode="stretch_width")
        self.reveal = pmui.Button(label="reveal", variant="text", size="small", margin=0)
        self.reveal.on_click(lambda _: update_page(partial(self._ask, False)))
        close = pmui.Button(label="close", variant="text", size="small", margin=0)
        close.on_click(lambda _: update_page(self.close))
        said = pn.Column(self._words, styles={"flex": "1 1 300px", "min-width": "0"})
        self.card = pn.Column(wrapping_row(said, self.reveal, close, **CARD), visible=False,
            sizing_mode="stretch_width")  # fmt: skip
        explorer.opened, explorer.remembered = self.show, self._tell

    def open(self, title: str) -> None:
        """Open the scene of this title."""
        self._explorer.open_link(self._named[title].link)

    def show(self, link: str) -> None:
        """Ask the question of the scene that this link opens; any other link has none."""
        self._preset = None
        with suppress(ValueError):  # settings that no link can have
            self._preset = _by_link().get(Study.salvage_link(link)[0].to_link())
        if self._preset is not None:
            own = self._preset.study
            self._own, self._seed = asked_by(own), own.seed
        self._ask(self._preset is not None)
        self.card.visible = self._preset is not None

    def close(self) -> None:
        """Put the card away; the settings stay."""
        self.card.visible, self._preset = False, None
        self._ask(False)

    def _ask(self, asking: bool) -> None:
        """Ask, or answer."""
        self._asking = self.reveal.visible = asking
        self._tell()

    def _tell(self) -> None:
        """Say what the card has to, and keep conclusions back where they would answer it."""
        study = self._explorer.study
        is_own = self._preset is None or asked_by(study) == self._own
        told = not (self._asking and is_own)
        stylesheets = self._told if told else [*self._told, UNTOLD]
        if self._shown.stylesheets != stylesheets:
            self._shown.stylesheets = stylesheets
        self._explorer.conclude(told)
        if self._preset is not None:
            sample = "" if study.seed == self._seed else OTHER_SAMPLE
            self._words.object = card(self._preset, not self._asking, sample if is_own else OTHER)


@cache
def _by_link() -> dict[str, Preset]:
    """Scenes by their settings, as every page of these settings has them in its address."""
    return {preset.study.to_link(): preset for preset in PRESETS.values()}


def asked_by(study: Study) -> tuple:
    """What a study asks, of any sample of its draw, its network, its model and the closer look that is open."""
    look = study.looks.get(study.look)
    draw, network = replace(study.question, seed=0), study.network.question
    network = replace(network, fields=tuple((name, value) for name, value in network.fields if name != "seed"))
    return draw, network, study.model.question, type(look), look and look.values()


def card(preset: Preset, answered: bool, difference: str = "") -> str:
    """The question, what to predict first, the answer once it is asked for, and what is otherwise on show."""
    line = "<p style='margin: 0.2rem 0'>"
    answer = f"{line}{escape(preset.answer)}</p>" * answered
    other = f"{line}<b>{difference}</b></p>" * bool(difference)
    return (
        f"<section aria-label='preset' aria-live='polite'>{line}<b>{escape(preset.title)}.</b> "
        f"{escape(preset.question)}</p>{line}<b>Predict first:</b> {escape(preset.predict)}</p>"
        f"{answer}{other}</section>"
    )
