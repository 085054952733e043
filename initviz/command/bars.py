"""A histogram of text: a line for each bin, its bar, and where the law ends."""

import numpy as np

from initviz.checks.judgement import Judged
from initviz.command.said import PARTIAL, columns
from initviz.wording import plain

MOST, LONGEST = 16, 48
"""Most lines, and the longest bar."""
PARTS = len(PARTIAL) + 1
"""So many widths there are between one block and the next."""


def expected_counts(judged: Judged, edges: np.ndarray) -> np.ndarray | None:
    """How many weights the law puts from each edge to below the next; None where no law is known."""
    marginal = judged.plan.ensemble.marginal
    if marginal is None:
        return None
    here = sum((np.where(edges == value, mass, 0.0) for value, mass in marginal.atoms), np.zeros(len(edges)))
    return np.diff(marginal.cdf(edges) - here) * judged.summary.count


def histogram(judged: Judged) -> list[str]:
    """A line of text for each of up to 16 bins: its middle, a bar as long as its count, a mark where the law ends."""
    summary = judged.summary
    if not summary.count:
        return []
    edges, counts = summary.coarse()
    merge = max(1, len(counts) // MOST)
    edges, counts = edges[::merge], counts.reshape(-1, merge).sum(1)
    law = expected_counts(judged, edges)
    names = [plain(float(middle), 3) for middle in (edges[1:] + edges[:-1]) / 2]
    named, counted = max(map(len, names)), max(len(f"{count:,}") for count in counts)
    width = min(columns() - named - counted - 6, LONGEST)
    top = max(counts.max(), 0 if law is None else law.max(), 1)
    marks = [None] * len(counts) if law is None else [round(float(each) / top * (width - 1)) for each in law]
    return [
        f"{name:>{named}} {_bar(count / top * (width - 1), mark):<{width}} {count:>{counted},}"
        for name, count, mark in zip(names, counts, marks, strict=True)
    ]


def _bar(length: float, mark: int | None) -> str:
    """A bar of blocks, and the sign of the law over or behind it; none where the law has nothing."""
    whole, part = divmod(round(length * PARTS), PARTS)
    bar = "█" * whole + PARTIAL[part - 1 : part] * (part > 0)
    if not mark:
        return bar
    return f"{bar:<{mark + 1}}"[:mark] + "│" + bar[mark + 1 :]


def caption(judged: Judged, what: str) -> str:
    """What a histogram is of, and what is not in it."""
    summary = judged.summary
    values = "parts (real, imaginary)" if str(judged.plan.dtype).startswith("complex") else "values"
    law = "" if judged.plan.ensemble.marginal is None else ", │ the law"
    lost = f"; {summary.not_finite:,} NaN or infinite left out" * bool(summary.not_finite)
    outside = int(summary.histogram[[0, -1]].sum())
    return f"{what}, {summary.count:,} {values}: █ how many{law}{lost}" + f"; {outside:,} beyond" * bool(outside)
