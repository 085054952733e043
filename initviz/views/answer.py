"""An answer as a notebook shows it: its checks, and its pictures as they are at that time."""

from initviz.answers.answer import Answer
from initviz.checks import words
from initviz.views.histogram import histogram
from initviz.views.spectrum import spectrum
from initviz.views.svg import image


def html(answer: Answer) -> str:
    """The checks in words and as a table, under the histogram and the spectrum."""
    pictures = "".join(map(image, (histogram(answer), spectrum(answer))))
    return f"<div style='display: flex; flex-wrap: wrap; gap: 1rem'>{pictures}</div>{words.html(answer)}"
