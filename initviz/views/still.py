"""What can be set where no kernel runs, as HTML with a line of script: stops that were drawn before."""

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from json import dumps

TOLD = "this.nextElementSibling.value = JSON.parse(this.dataset.stops)[this.value]; "
TURN = """[...this.closest('.initviz-stops').querySelectorAll('[data-stop]')].forEach(
  (each, place) => each.hidden = place !== Number(this.value))"""
"""Shows the stop that a slider stands at."""


def slider(name: str, stops: Sequence[str], start: int, then: str = "") -> str:
    """A slider over texts, with the one that it stands at beside it; `then` is what else it does."""
    listed, last = escape(dumps(list(stops), ensure_ascii=False), quote=True), len(stops) - 1
    return (
        f"<p style='margin: 0.3rem 0'><input type='range' min='0' max='{last}' value='{start}' style='width: 16rem' "
        f"aria-label='{escape(name, quote=True)}' data-stops='{listed}' oninput=\"{escape(TOLD + then)}\"> "
        f"<output>{escape(stops[start])}</output></p>"
    )


def buttons(name: str, options: Sequence[str]) -> str:
    """Sentences of which one can be chosen."""
    group = sha256(name.encode()).hexdigest()[:8]
    rows = (
        f"<label style='display: block'><input type='radio' name='{group}'> {escape(each)}</label>" for each in options
    )
    return f"<div role='radiogroup' aria-label='{escape(name, quote=True)}'>{''.join(rows)}</div>"


def stops(name: str, found: Sequence[tuple[str, str]], start: int) -> str:
    """A slider over what was drawn for each of its stops: texts, and the HTML of each."""
    shown = "".join(
        f"<div data-stop{' hidden' * (place != start)}>{html}</div>" for place, (_, html) in enumerate(found)
    )
    row = slider(name, [text for text, _ in found], start, TURN)
    return f"<div class='initviz-stops'><b>{escape(name)}</b>{row}{shown}</div>"
