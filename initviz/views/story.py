"""What was drawn and how it came about, in a headline, a sentence and a strip from fan to law, as HTML."""

import math
import re
from html import escape

from initviz.answers.answer import Answer
from initviz.answers.question import Question
from initviz.checks.words import verdict
from initviz.initializers.plan import Plan, Step
from initviz.layers.signal import signal
from initviz.wording import plain, short, written

STORY = ("matrix", "fan", "value", "kept", "mean", "variance", "std", "ensemble")
"""Steps that are told beside the pictures; all of them, as formulas, stand below."""
CALLED = {"ensemble": "law"}
"""What steps are called there, if not by their names."""
STEP = "display: inline-block; margin: 0.15rem 0; vertical-align: top"
NAME = "display: block; font-size: 0.8rem; opacity: 0.8"


def headline(answer: Answer, level: int = 1) -> str:
    """The draw or the given weights in one line, a heading of this level."""
    question, plan, given = answer.question, answer.plan, answer.question.weights is not None
    shape = " × ".join(f"{size:,}" for size in plan.shape)
    layer = f"{question.layer.kind.title}, " if question.layer.kind.sums else ""
    drawn = f"seed {question.seed} · {question.device}{_generator(question)}"
    source = (question.weights.name or "your weights") if given else drawn
    alias = f"{question.function} = " * (question.function != question.initializer.function)
    draw = f"{alias}{short(plan.initializer)} · {layer}{shape} · {plan.dtype} · {source}"
    return f"<h{level} style='font-size: 1.15rem; margin: 0.4rem 0'>{escape(draw)}</h{level}>"


def _generator(question: Question) -> str:
    """The generator, where it is not jax's own choice."""
    other = f" · {question.generator}" * (question.generator != Question.generator)
    return other + " · not partitionable" * (not question.partitionable)


def found(answer: Answer) -> str:
    """What came out, in a sentence: the spread, whether it is that of the law, and what the layer makes of it."""
    std, advised = answer.observation.summary.std, answer.advice
    said = verdict(answer)
    spread = f"Standard deviation {plain(std)}: " * math.isfinite(std)
    words = spread + said if spread else f"{said[:1].upper()}{said[1:]}"
    fits = ""
    if advised is not None:
        mark = "→" if advised.used is None else "✓" if advised.right else "✗"
        fits = f" <b>{mark}</b> {escape(advised.verdict)}"
    gain = f" {escape(signal(answer.plan, advised))}".rstrip().replace("× ", "×\u00a0")  # no line ends there
    return f"<p style='margin: 0.2rem 0; font-size: 1.05rem'>{escape(words)}{gain}{fits}</p>"


def story(answer: Answer) -> str:
    """From fan to law: what the initializer is, and its main steps in a row, each with its numbers."""
    doc = type(answer.question.initializer).__doc__
    lead, *_ = re.split(r"\n\n|\x1b", doc.strip())  # in IPython param adds coloured tables
    lead = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(" ".join(lead.split())))
    return f"<p style='margin: 0.3rem 0'>{lead}</p><p style='margin: 0; line-height: 1.3'>{steps(answer.plan)}</p>"


def steps(plan: Plan) -> str:
    """The main steps, an arrow between each and the next."""
    arrow = "<span aria-hidden='true' style='margin: 0 0.7em; display: inline-block; padding-top: 0.8rem'>→</span>"
    told = (step for step in plan.steps if step.name in STORY)
    return arrow.join(
        f"<span style='{STEP}'><span style='{NAME}'>{CALLED.get(step.name, step.name)}</span>{_formula(step)}</span>"
        for step in told
    )


def _formula(step: Step) -> str:
    """A step in symbols that need no script."""
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", escape(written(step.latex).replace("-", "−")))


TOLD = 3
"""How many notices of a link are told; of more, how many there are."""


def told(notices: tuple[str, ...]) -> str:
    """What is said of the notices of a link."""
    more = len(notices) - TOLD
    return " ".join((*notices[:TOLD], *([f"And {more:,} more of its settings cannot be used."] if more > 0 else [])))
