"""What is on show as a page of its own: a file that needs no script and no network."""

import json
from collections.abc import Callable
from html import escape

from initviz.answers.answer import Answer
from initviz.study.study import LAYER, MODEL
from initviz.views import story, text
from initviz.views.programs import program, versions
from initviz.views.shown import Shown
from initviz.views.svg import image

STYLE = """
:root {color-scheme: light dark}
body {font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem}
figure {margin: 0; background: #ffffff; border-radius: 4px; padding: 0.5rem}
.pictures {display: flex; flex-wrap: wrap; gap: 0.7rem; margin: 0.7rem 0}
h2 {font-size: 1rem; font-weight: 600; margin: 1.2rem 0 0.3rem}
pre {overflow-x: auto; border: 1px solid rgba(128, 128, 128, 0.4); border-radius: 4px; padding: 0.5rem}
button {display: none}
@media print {pre {white-space: pre-wrap; overflow-wrap: anywhere}}
"""


def report(shown: Shown) -> str:
    """The open view as one HTML document: what was drawn, pictures, words, settings, program and versions.

    >>> from initviz.study import Study
    >>> from initviz.views.shown import of_draw
    >>> report(of_draw(Study("he_normal", shape=(8, 4)))).splitlines()[:2]
    ['<!DOCTYPE html>', '<html lang="en">']
    """
    answer = shown.answer
    title = f"{shown.title or answer.plan.initializer} · initviz"
    figures = "".join(f"<figure>{image(picture)}</figure>" for picture in shown.pictures)
    is_of_draw = shown.view not in HEADED
    drawn = [
        story.headline(answer),
        text.notice("status", (*answer.plan.warnings, *filter(None, [answer.notice]))),
        _heading(shown.title) if shown.title else story.found(answer),
    ]
    parts = [
        *(drawn if is_of_draw else []),
        f"<div class='pictures'>{figures}</div>" if figures else "",
        shown.said or SAID.get(shown.view, _of_draw)(answer),
        _heading("Settings"),
        _settings(shown),
        *([_heading("Python that draws these weights"), _code(lambda: program(answer))] if is_of_draw else []),
        _heading("Python that finds this view again"),
        _code(shown.again),
        f"<p>Made by {escape(versions())}.</p>",
    ]
    return document(title, "".join(parts))


def document(title: str, body: str) -> str:
    """A page that needs no script and no network."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><main>{body}</main></body>\n</html>\n"
    )


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _of_draw(answer: Answer) -> str:
    unspoken = text.notice("note", list(filter(None, (text.flattening(answer.unfolding), answer.no_spectrum))))
    said = text.arithmetic_as_text(answer.plan), text.judgement(answer), text.ranks_table(answer.ranks)
    return text.legend(answer) + unspoken + "".join(said) + _of_layer(answer)


def _of_layer(answer: Answer) -> str:
    return text.advice(answer.advice) + _heading(text.CODE) + text.code(answer.translations)


HEADED = (MODEL,)
"""Views of something else than the draw, which have a heading of their own."""
SAID: dict[str, Callable[[Answer], str]] = {"": _of_draw, LAYER: _of_layer}
"""What views say that follows from the answer alone."""


def _settings(shown: Shown) -> str:
    """How to open it again, and all that differs from the default."""
    if shown.unwritten:
        return text.paragraph(shown.unwritten)
    kept = [shown.settings, *filter(None, [shown.compared])]
    listed = "".join(
        f"<pre tabindex='0'>{escape(json.dumps(each, ensure_ascii=False, indent=2))}</pre>" for each in kept
    )
    return f"<p>It is opened again by <code>initviz '{escape(shown.link)}'</code>, or with a file of these:</p>{listed}"


def _code(write: Callable[[], str]) -> str:
    try:
        return f"<pre tabindex='0'>{escape(write())}</pre>"
    except ValueError as refusal:
        return text.paragraph(str(refusal))
