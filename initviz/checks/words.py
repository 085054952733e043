"""A judgement in words: a verdict, then a line for every check, as text and as HTML."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from initviz.checks.base import EXACT_VALUE, Check
from initviz.checks.sampling import COVERAGE
from initviz.wording import apart, percent, plain, several

if TYPE_CHECKING:
    from initviz.checks.judgement import Judged

NARROW = 1e-5
"""Widest range, as a share of what is expected, that is called exact: it has the rounding of float32."""
LONGEST = 80
"""Most characters of an initializer that are shown."""
COARSE = "few values to draw from"
MARKS = {True: "✓", False: "✗", None: "–"}


def text(judged: Judged) -> str:
    """What was judged and the verdict, then the checks, aligned."""
    return "\n".join([f"{subject(judged)}: {verdict(judged)}", *findings(judged)])


def findings(judged: Judged) -> list[str]:
    """A line for every check, aligned, and what those of complex weights are of."""
    width = max((len(check.name) for check in judged.checks), default=0)
    lines = (f"{MARKS[check.within]} {check.name:<{width}}  {finding(check)}" for check in judged.checks)
    return [*lines, *filter(None, [of_parts(judged)])]


def html(judged: Judged) -> str:
    """The same as a table."""
    rows = "".join(
        f"<tr><td>{MARKS[check.within]}</td><th scope='row' style='text-align: left'>{escape(check.name)}</th>"
        f"<td style='text-align: left'>{escape(finding(check))}</td></tr>"
        for check in judged.checks
    )
    return f"<p><b>{escape(subject(judged))}</b>: {escape(verdict(judged))}</p><table>{rows}</table>{of_parts(judged)}"


def of_parts(judged: Judged) -> str:
    """What the checks of complex weights are of."""
    if np.dtype(judged.observation.dtype).kind != "c" or not judged.checks:
        return ""
    return "Mean, std, min and max are those of real and imaginary parts; the plan's std is that of the complex weight."


def subject(judged: Judged) -> str:
    """Initializer, shape and dtype."""
    observation = judged.observation
    shape = " × ".join(f"{size:,}" for size in observation.shape) or "one number"
    name = judged.plan.initializer
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"  # constants may have many values
    return f"{name} · {shape} · {observation.dtype}"


def verdict(judged: Judged) -> str:
    """All checks together, in a sentence."""
    failed = sum(check.within is False for check in judged.checks)
    tested = sum(check.within is not None for check in judged.checks)
    if not judged.likely:
        return f"unlikely as a whole: {rarity(judged.probability)} is as far off."
    if not math.prod(judged.observation.shape):
        return "no weights, nothing to check."
    if judged.lost:
        return f"not judged, since {judged.coarser} cannot hold the weights that this law has."
    if not tested:
        return "no law of these weights is known, nothing was tested."
    if judged.too_few:
        return "too few weights to tell; twice the spread would pass."
    coarse = sum(check.coarse for check in judged.checks)
    if coarse:
        other = f"; {failed} more outside its range is no surprise" * bool(failed)
        draws = f"these {judged.observation.dtype} draws"
        return f"as expected of {draws}, whose few values show in {coarse} of {several(tested, 'check')}{other}."
    if failed:
        return f"as expected as a whole; {failed} of {several(tested, 'check')} outside its range is no surprise."
    return "as expected."


def rarity(probability: float) -> str:
    """How many of correct draws."""
    return "fewer than 1 draw in 10,000" if probability < 1e-4 else f"1 draw in {plain(round(1 / probability))}"


def finding(check: Check) -> str:
    """What was expected, what was found, and where it fails how unlikely that is."""
    if check.expected is None:
        return f"found {plain(check.observed)}, no formula is known"
    found = f"expected {plain(check.expected)}{_range(check)}, found {plain(check.observed)}"
    if check.within is None:
        return f"{found}, not tested"
    if check.coarse:
        return f"{found}: {COARSE}"
    return found if check.within else f"{found}: {rarity(check.chance)}"


def span(check: Check) -> tuple[str, str] | None:
    """The ends of its range, with as many digits as tell them apart; None where hardly rounding is between them."""
    if check.expected is not None and check.high - check.low <= NARROW * abs(check.expected):
        return None
    return apart(check.low, check.high)


def _range(check: Check) -> str:
    """The range, and in how many draws it holds; nothing where there is none, or a single value."""
    if math.isnan(check.low) or check.low == check.high:
        return ""
    ends = span(check)
    if ends is None:
        return " exactly"
    often = "every draw" if check.test == EXACT_VALUE else f"{percent(COVERAGE)} of draws"
    return f" ({ends[0]} to {ends[1]} in {often})"
