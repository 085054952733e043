"""`initviz show`: how weights are drawn, and one draw of them beside its law."""

import sys
from argparse import Namespace

from initviz.answers.answer import Answer
from initviz.checks.words import findings, verdict
from initviz.command.asked import study_of
from initviz.command.bars import caption, histogram
from initviz.command.data import of_advice, of_judged, of_plan
from initviz.command.said import Said, indented, table
from initviz.initializers.plan import Plan
from initviz.layers.advice import Advice
from initviz.study import Study
from initviz.wording import percent, written


def answer(asked: Namespace) -> Said:
    """Plan, checks and histogram of a draw."""
    study = study_of(asked)
    found = _answered(study)
    question = found.question
    layer = f"{study.layer.title}, " if study.layer.sums else ""
    shape = " × ".join(f"{size:,}" for size in found.plan.shape)
    lines = [f"{found.plan.initializer} · {layer}{shape} · {found.plan.dtype} · seed {question.seed}", "",
             "How it is drawn", *steps(found.plan), "", *in_layer(found.advice), *_checks(found)]  # fmt: skip
    if found.notice:
        lines.insert(1, found.notice)
    data = {"command": "show", "seed": question.seed, "device": question.device, "generator": question.generator}
    data |= of_plan(found.plan) | {"advice": of_advice(found.advice)} | of_judged(found)
    return Said("\n".join(lines), data, found.likely)


def steps(plan: Plan) -> list[str]:
    """A line for every step of a plan, and for every warning."""
    rows = [[step.name, written(step.latex) + (f"  ({step.note})" if step.note else "")] for step in plan.steps]
    return indented([*table(rows), *(f"warning: {warning}" for warning in plan.warnings)])


def in_layer(advice: Advice | None) -> list[str]:
    """What the initializer does in its layer, and the call that mends it; nothing without a layer."""
    if advice is None:
        return []
    mark = "→" if advice.used is None else "✓" if advice.right else "✗"
    remedy = [advice.remedy, f"  {advice.corrected}"] if advice.corrected else []
    gains = [advice.gains] if advice.used is not None and advice.gains else []
    return ["In this layer", *indented([f"{mark} {advice.verdict}", *gains, *remedy]), ""]


def _checks(found: Answer) -> list[str]:
    bars = histogram(found)
    return [
        f"Checks: {verdict(found)}",
        *indented(findings(found)),
        *(["", caption(found, "Weights"), *bars] if bars else []),
    ]


def _answered(study: Study) -> Answer:
    """The answer, with how far it is on a terminal that waits for it."""
    if not sys.stderr.isatty():
        return study.answer()
    try:
        return study.answer(_progress)
    finally:
        _progress(1)


def _progress(share: float) -> None:
    """How far a long draw is; nothing once it is done."""
    sys.stderr.write(f"\r{percent(share)} drawn" if share < 1 else "\r\x1b[K")
    sys.stderr.flush()
