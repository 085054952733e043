"""One answer as a page of its own: a file that needs no script and no network."""

from collections.abc import Iterable
from html import escape

import jax

from initviz.answers.answer import Answer
from initviz.views import story, text
from initviz.views.picture import Picture
from initviz.views.svg import image
from initviz.wording import written

STYLE = """
:root {color-scheme: light dark}
body {font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem}
figure {margin: 0}
.pictures {display: flex; flex-wrap: wrap; gap: 1rem; background: #ffffff; padding: 0.5rem}
button {display: none}
"""


def report(answer: Answer, pictures: Iterable[Picture]) -> str:
    """The whole answer as one HTML document: what was drawn, how it came about, pictures, checks, advice and code.

    >>> from initviz.study import Study
    >>> from initviz.views.histogram import histogram
    >>> found = Study("he_normal", shape=(8, 4)).answer()
    >>> report(found, [histogram(found)]).splitlines()[:2]
    ['<!DOCTYPE html>', '<html lang="en">']
    """
    title = f"{answer.plan.initializer} · initviz"
    figures = "".join(f"<figure>{image(picture)}</figure>" for picture in pictures)
    notes = text.notice("status", answer.plan.warnings)
    parts = [
        story.headline(answer),
        notes,
        f"<div class='pictures'>{figures}</div>",
        _steps(answer),
        text.judgement(answer),
        text.ranks_table(answer.ranks),
        text.advice(answer.advice),
        f"<h2 style='{text.HEADING}'>{text.CODE}</h2>{text.code(answer.translations)}",
        f"<p>Drawn with jax {jax.__version__}.</p>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body>{''.join(parts)}</body>\n</html>\n"
    )


def _steps(answer: Answer) -> str:
    """How the draw came about, in symbols that need no script."""
    items = "".join(
        f"<li><b>{escape(step.name)}</b>: {escape(written(step.latex))}"
        f"{f' ({escape(step.note)})' if step.note else ''}</li>"
        for step in answer.plan.steps
    )
    return f"<h2 style='{text.HEADING}'>How it came about</h2><ol>{items}</ol>"
