"""Up to six studies in one picture each, in the colors that they were given, and their numbers as a table."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from initviz.compare.answer import ComparisonAnswer, Signals
from initviz.compare.coupling import SAMPLE
from initviz.compare.numbers import Row
from initviz.study import Study
from initviz.views import theme
from initviz.views.curves import LEAST, MOST, NO_CURVE, known, powers_around
from initviz.views.histogram import histogram
from initviz.views.picture import Picture, Series
from initviz.views.spectrum import spectrum
from initviz.views.text import HEADING, key, notice, paragraph, table
from initviz.views.training import accuracy, loss
from initviz.wording import percent, plain, short

COLORS = ("blue", "orange", "green", "pink", "sky blue", "vermilion")
"""What the colors of a comparison are called, in the order of the palette."""
LINES = ("solid", "dashed", "dotted", "dash-dotted", "long dashes", "dash-dot-dot")
"""What their lines are called."""
OF_SLOT = re.compile(r"^(draw|law) (\d)")
"""In the name of a slot: which of several draws it is of."""
NUMBERS = "Numbers side by side"
WHAT_DIFFERS = (
    "≠ differs from the first. What is known before anything is drawn differs where it is not the same; what is "
    "observed, where each of the two is outside the range that holds 99 % of draws of the other's law, as two of equal "
    "laws are in at most 1 of 100 pairs, whatever their keys."
)
ONE_KEY = "Draws of one key are made of the same random numbers: that they are alike is no independent evidence."
NOTHING_YET = "Nothing is pinned yet."
NOTHING = f"{NOTHING_YET} Pin the draw that you see, change a setting, and pin again: up to six."
WHAT_FOR = (
    "What is pinned stays as it is, whatever you set afterwards. All that is pinned stands here in the same pictures, "
    "with the same bins and axes, and its numbers side by side, with the differences marked: draws, whole networks, or "
    "how they train."
)
STEPS = (
    "Press pin, beside the headline of the draw, in every room but Model.",
    "Change a setting: the initializer, a size, the seed, the depth of the network.",
    "Press pin again, up to six times, and come back.",
)
"""How something comes to be compared."""
OR_A_PAIR = "Or begin with two, drawn with one key:"
TO_HIDE = "A name that is not checked, or that is clicked in a picture, is not drawn."


def nothing(can_pin: bool, has_pair: bool = True) -> str:
    """What is said where nothing is pinned: what that is for, how it is done, and that a button beside pins two."""
    if not can_pin:
        return paragraph(NOTHING)
    steps = "".join(f"<li>{escape(step)}</li>" for step in STEPS)
    listed = f"<ol style='margin: 0.3rem 0; padding-left: 1.5rem'>{steps}</ol>"
    or_a_pair = paragraph(OR_A_PAIR) if has_pair else ""
    return f"<p style='margin: 0.3rem 0'><b>{NOTHING_YET}</b></p>" + paragraph(WHAT_FOR) + listed + or_a_pair


def pair(other: Study) -> str:
    """What a button says that pins what is on show and another study."""
    return f"pin this and {short(str(other.initializer))}"


def pictures(
    answer: ComparisonAnswer, weights_as: str = "density", spectrum_as: str = "density"
) -> tuple[Picture, ...]:
    """Everything that is drawn of a comparison, each in the same axes; none of nothing.

    Args:
        answer: of a comparison, whole or not.
        weights_as: how weights are drawn.
        spectrum_as: how singular values are drawn.
    """
    if not answer.found:
        return ()
    names = [each.entry.name for each in answer.found]
    slots = [each.entry.slot for each in answer.found]
    draw = {"draws": _draws, "networks": _networks, "training": _training}[answer.question.look]
    return tuple(recolored(each, slots) for each in draw(answer, names, weights_as, spectrum_as))


def _draws(answer: ComparisonAnswer, names: list[str], weights_as: str, spectrum_as: str) -> tuple[Picture, ...]:
    found = [each.what for each in answer.found]
    return histogram(*found, names=names, kind=weights_as), spectrum(*found, names=names, kind=spectrum_as)


def _networks(answer: ComparisonAnswer, names: list[str], *_ways: str) -> tuple[Picture, ...]:
    found = [each.what for each in answer.found]
    return signals(found, names), gradients(found, names)


def _training(answer: ComparisonAnswer, names: list[str], *_ways: str) -> tuple[Picture, ...]:
    assert answer.trained is not None  # something was found
    return loss(answer.trained, names), accuracy(answer.trained, names)


def recolored(picture: Picture, slots: Sequence[int]) -> Picture:
    """The picture of several, each in another place of the palette, from 1 on."""

    def moved(found: re.Match) -> str:
        return f"{found[1]} {slots[int(found[2]) - 1]}"

    if not picture.legend:
        return picture
    series = (replace(each, slot=OF_SLOT.sub(moved, each.slot)) if each.name else each for each in picture.series)
    return replace(picture, series=tuple(series))


def signals(found: Sequence[Signals], names: Sequence[str]) -> Picture:
    """Mean square of h by layer of the median network of each, with the limit of wide layers."""
    curves = [(np.asarray(each.measured.square, float), each.predicted and each.predicted.square) for each in found]
    return _by_layer("signal", "Signal by layer", "mean square of h", curves, names)


def gradients(found: Sequence[Signals], names: Sequence[str]) -> Picture:
    """Mean square of the gradient by layer of the median network of each, with the limit of wide layers."""
    curves = [(np.asarray(each.measured.gradient, float), each.predicted and each.predicted.gradient) for each in found]
    return _by_layer("gradient", "Gradient by layer", "mean square of the gradient", curves, names)


def _by_layer(
    name: str, title: str, label: str, found: Sequence[tuple[np.ndarray, np.ndarray | None]], names: Sequence[str]
) -> Picture:
    medians = [np.median(np.where(np.isnan(each), np.inf, each), axis=0) for each, _ in found]
    limits = [limit for _, limit in found]
    ylim = powers_around([*medians, *(limit for limit in limits if limit is not None)])
    several = len(names) > 1
    measured, theory = [], []
    for place, (median, limit, own) in enumerate(zip(medians, limits, names, strict=True), 1):
        data, law = (f"draw {place} wide", f"law {place}") if several else ("data wide", "theory dashed")
        legend = own if several else ""
        drawn = NO_CURVE if limit is None else _layers(limit, (limit >= ylim[0]) & (limit <= ylim[1]))
        seen = (median >= LEAST) & (median <= MOST)
        measured.append(Series(legend, "line", _layers(median, seen), data, "median of the networks"))
        theory.append(Series(legend, "line", drawn, law, "limit of wide layers"))
    if several:
        low, high = theme.with_legend((math.log10(ylim[0]), math.log10(ylim[1])), len(names))
        ylim = 10**low, 10**high
    across = 0.5, max(map(len, medians)) + 0.5
    return Picture(name, title, "layer", label, across, ylim, (*measured, *theory), axes=("whole", "log"))


def _layers(values: np.ndarray, there: np.ndarray) -> dict[str, np.ndarray]:
    return known(np.arange(1.0, len(values) + 1), there, 0.5, y=values)


def html(answer: ComparisonAnswer) -> str:
    """Which color is what, what could not be found, which draws are coupled, and the numbers side by side."""
    failed = [f"{each.entry.name}: {each.failure}" for each in answer.all if each.failure]
    coupled = [*map(str, answer.coupled), *([ONE_KEY + of_sample(answer)] if answer.coupled else [])]
    said = "".join(map(paragraph, coupled))
    return notice("alert", failed) + said + numbers(answer) + summed_up(answer)


def of_sample(answer: ComparisonAnswer) -> str:
    """How many weights that is told from, where it is not all of them."""
    larger = any(each.what.plan.size > SAMPLE for each in answer.found)
    return f" Told from the first {SAMPLE:,} weights of each." * larger


def legend(answer: ComparisonAnswer) -> str:
    """Colors and lines, by name."""
    marks = []
    for each in answer.all:
        slot = each.entry.slot - 1
        look = f"({COLORS[slot]}, {LINES[slot]})"
        marks.append((theme.COMPARED[slot][0], "■", f"{escape(each.entry.name)} {look}"))
    return f"<p style='margin: 0'>{key(marks)}</p>" if marks else ""


def numbers(answer: ComparisonAnswer) -> str:
    """The numbers of draws side by side, in words what differs from the first; nothing of other looks."""
    names = [each.entry.name for each in answer.found]
    if not answer.rows:
        return ""
    lines = [[row.name, *_marked(row), _said(row, names)] for row in answer.rows]
    heads = ["", *names, *(["differ from the first"] if len(names) > 1 else [])]
    lines = lines if len(names) > 1 else [line[:-1] for line in lines]
    told = paragraph(WHAT_DIFFERS) if len(names) > 1 else ""
    return f"<h2 style='{HEADING}'>{NUMBERS}</h2>" + table(NUMBERS, heads, lines, prose=(len(names) + 1,)) + told


def _marked(row: Row) -> list[str]:
    return [f"{'≠ ' * bool(differs)}{text}" for text, differs in zip(row.texts, row.differs, strict=True)]


def _said(row: Row, names: Sequence[str]) -> str:
    """Which ones differ, in words."""
    others = [name for name, differs in zip(names, row.differs, strict=True) if differs]
    if others:
        return ", ".join(others) if len(others) < len(names) - 1 or len(names) < 3 else "all"
    if all(each is None for each in row.differs):
        return "no test"
    return "none, but by chance" if row.observed else "none"


def summed_up(answer: ComparisonAnswer) -> str:
    """What becomes of networks, side by side: signals and gradients, or how far they are trained; nothing of draws."""
    if answer.question.look not in SUMMED_UP or not answer.found:
        return ""
    lines = [[name, *(of(each.what) for each in answer.found)] for name, of in SUMMED_UP[answer.question.look].items()]
    names = [each.entry.name for each in answer.found]
    return f"<h2 style='{HEADING}'>{NUMBERS}</h2>" + table(NUMBERS, ["", *names], lines)


def _times(found: np.ndarray) -> str:
    """By how much the last of the median network's values is the first multiplied."""
    values = np.median(found, axis=0)
    first, last = float(values[0]), float(values[-1])
    return f"× {plain(last / first, 3)}" if first else "all 0"


SUMMED_UP: dict[str, dict[str, Callable[[Any], str]]] = {
    "networks": {
        "signal, last layer over first": lambda found: _times(found.measured.square),
        "gradient, first layer over last": lambda found: _times(found.measured.gradient[:, ::-1]),
    },
    "training": {
        "loss": lambda found: plain(found.loss[0, -1], 3),
        "told right": lambda found: percent(found.accuracy[0, -1]),
        "steps": lambda found: f"{found.steps[-1]:,}",
    },
}
"""Numbers of each look, by name."""
