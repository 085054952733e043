"""How an initializer shows itself in a notebook: its steps as formulas, its law as a small drawing."""

from html import escape

import numpy as np

from initviz.initializers.plan import Plan
from initviz.laws.marginals import Marginal
from initviz.wording import plain, written

WIDTH, HEIGHT, POINTS = 240, 80, 121
FARTHEST = 3.5
"""Standard deviations to each side that are drawn, where the law reaches so far."""


def steps_html(plan: Plan) -> str:
    """Every step named, as LaTeX with its numbers, and noted in words, as a list in HTML."""
    items = []
    for step in plan.steps:
        note = f" <span style='opacity: 0.75'>({escape(step.note)})</span>" if step.note else ""
        latex = step.latex.replace("<", r"\lt ").replace(">", r"\gt ").replace("&", r"\&")  # HTML must not see them
        said = escape(written(step.latex))
        formula = f"<span role='img' aria-label='{said}'><span aria-hidden='true'>\\({latex}\\)</span></span>"
        items.append(f"<li><div style='overflow: auto hidden'><b>{step.name}</b>: {formula}{note}</div></li>")
    return f"<ol style='margin: 0; line-height: 1.9'>{''.join(items)}</ol>"


def sketch(marginal: Marginal | None) -> str:
    """The density as a line and single values as spikes, as SVG in the colour of the text; nothing without a law."""
    if marginal is None or not np.isfinite([marginal.mean, marginal.std]).all():
        return ""
    spread = FARTHEST * marginal.std or 1.0
    low, high = marginal.mean - spread, marginal.mean + spread
    x = np.linspace(low, high, POINTS)
    density = np.nan_to_num(marginal.pdf(x), posinf=0.0)
    across = (x - low) / (high - low) * WIDTH
    up = HEIGHT * (1 - density / density.max()) if density.any() else np.full(POINTS, float(HEIGHT))
    line = " ".join(f"{left:.1f},{top:.1f}" for left, top in zip(across, up, strict=True))
    spikes = "".join(
        f"<path d='M{(value - low) / (high - low) * WIDTH:.1f} {HEIGHT} V{HEIGHT * (1 - probability):.1f}'/>"
        for value, probability in marginal.atoms
    )
    said = f"mean {plain(marginal.mean)}, standard deviation {plain(marginal.std)}"
    return (
        f"<svg role='img' aria-label='The law of a weight: {said}' width='{WIDTH}' height='{HEIGHT + 20}' "
        f"viewBox='-4 -4 {WIDTH + 8} {HEIGHT + 24}' fill='none' stroke='currentColor' stroke-width='1.5'>"
        f"<polyline points='{line}'/>{spikes}<path d='M0 {HEIGHT} H{WIDTH}' stroke-width='0.5'/>"
        f"<g fill='currentColor' stroke='none' font-size='11'><text y='{HEIGHT + 14}'>{plain(low, 3)}</text>"
        f"<text x='{WIDTH}' y='{HEIGHT + 14}' text-anchor='end'>{plain(high, 3)}</text></g></svg>"
    )


def shown(plan: Plan) -> str:
    """A plan as HTML: what it is of, its steps, its law, and what to be warned of."""
    shape = " × ".join(f"{size:,}" for size in plan.shape)
    warnings = "".join(f"<p>{escape(warning)}</p>" for warning in plan.warnings)
    return (
        f"<p style='margin: 0'><b>{escape(plan.initializer)}</b> on {shape}, {plan.dtype}</p>"
        f"{steps_html(plan)}{sketch(plan.ensemble.marginal)}{warnings}"
    )
