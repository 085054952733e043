"""An answer as a notebook shows it: its checks, and its pictures as they are at that time."""

from initviz.answers.answer import Answer
from initviz.checks import words
from initviz.views.histogram import histogram
from initviz.views.spectrum import spectrum
from initviz.views.svg import images


def html(answer: Answer) -> str:
    """The checks in words and as a table, under the histogram and the spectrum."""
    return images((histogram(answer), spectrum(answer))) + words.html(answer)
