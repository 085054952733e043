"""The answer to a question, all of one draw or of the weights given with it: the explorer without widgets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module

import jax
import numpy as np

from initviz import engine
from initviz.answers.question import Question
from initviz.checks.judgement import Judged, judge
from initviz.checks.observation import WHOLE, Observation, observe_draw
from initviz.checks.weights import observe_by, plan_of
from initviz.initializers.plan import Plan
from initviz.layers.advice import Advice, advise
from initviz.layers.translations import Translation, translations
from initviz.settings.choices import check_shape, device_name

ORTHOGONAL_BUDGET = 4096**3
"""rows × columns × min(rows, columns) up to which an orthogonal matrix is drawn: about 4 s of QR decomposition."""


@dataclass(frozen=True, eq=False, repr=False)
class Answer(Judged):
    """A question and its answer, all of one draw. Frozen: no view can pair a new plan with old weights."""

    question: Question
    advice: Advice | None = None
    """What the initializer does in the layer; None for a raw shape, and for weights given in another one."""
    notice: str = ""
    """What was done otherwise than asked; then `question` is the one that was answered."""

    @cached_property
    def translations(self) -> tuple[Translation, ...]:
        """The law as code for each framework, written for who asks for it: a fifth of the time of a small draw."""
        return translations(self.question.initializer, self.plan, self.question.layer.layer)

    def _repr_html_(self) -> str:
        """The checks with the pictures, which are loaded when somebody looks: they stand on a floor above."""
        return import_module("initviz.views.answer").html(self)

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights themselves, in the asked shape and dtype; drawn now if they were only summarized."""
        if self.observation.weights is not None:
            return np.asarray(self.observation.weights)
        with self.question.in_force():
            return np.asarray(engine.draw(self.plan.ensemble, self.question.key, self.plan.shape, self.plan.dtype))


def answer(question: Question, progress: Callable[[float], None] | None = None) -> Answer:
    """Plan, draw, observe and judge one question; on the CPU, with a notice, if the device is too small.

    >>> from initviz.study import Study
    >>> found = answer(Study("orthogonal", shape=(4, 3)).question)
    >>> found.singular_values.round(3).tolist(), found.likely
    ([1.0, 1.0, 1.0], True)

    Weights that the question brings are observed instead of drawn, and judged by its initializer in their own dtype.

    Raises:
        TypeError, ValueError, IndexError: the settings contradict each other; the message says how to mend them.
    """
    try:
        return _answer(question, progress)
    except jax.errors.JaxRuntimeError as error:
        hosts = [device_name(device) for device in engine.devices() if device.platform == "cpu"]
        if "RESOURCE_EXHAUSTED" not in str(error) or not hosts or question.device in hosts:
            raise
    notice = f"{question.device} ran out of memory; drawn on {hosts[0]} instead."
    return replace(_answer(replace(question, device=hosts[0]), progress), notice=notice)


def _answer(question: Question, progress: Callable[[float], None] | None) -> Answer:
    initializer, layer = question.initializer, question.layer.layer
    plan, observation = _seen(question, initializer, progress)
    advice = advise(initializer, plan, layer) if layer.kernel == plan.shape else None
    return Answer(plan, observation, judge(plan, observation), question, advice)


def seen(question: Question, progress: Callable[[float], None] | None = None) -> tuple[Plan, Observation]:
    """The plan, and what is seen of the weights given or drawn: an answer without a judgement, advice and code.

    Raises:
        TypeError, ValueError, IndexError: the settings contradict each other; the message says how to mend them.
    """
    return _seen(question, question.initializer, progress)


@np.errstate(over="ignore")  # the plan warns of it
def _seen(question: Question, initializer, progress) -> tuple[Plan, Observation]:
    if question.weights:
        array = question.weights.array
        plan = plan_of(initializer, array)
        return plan, observe_by(plan, array)
    plan = initializer.plan(check_shape(question.shape), question.dtype)
    with question.in_force():
        key = question.key
        _affordable(plan, key)
        return plan, observe_draw(plan, key, progress=progress)


def _affordable(plan: Plan, key) -> None:
    """Refuse a draw too large for the time or the memory, where it cannot be made in part."""
    if "qr" in plan:
        tall, thin = plan["qr"]
        if tall * thin * thin > ORTHOGONAL_BUDGET:
            raise ValueError(
                f"an orthogonal draw must have rows × columns × min(rows, columns) of at most {ORTHOGONAL_BUDGET:.1e} "
                f"here, got {tall} × {thin}, whose QR decomposition takes too long to wait for. Make an axis smaller."
            )
    if plan.size <= 16 * WHOLE or engine.made_in_parts(plan.ensemble, key):
        return
    if not plan.ensemble.independent:
        raise ValueError(
            f"{plan.initializer} must hold at most {16 * WHOLE:,} weights here, got {plan.size:,}. "
            "Make an axis smaller."
        )
    raise ValueError(
        f"a draw by {jax.random.key_impl(key)} with jax_threefry_partitionable="
        f"{jax.config.jax_threefry_partitionable} must hold at most {16 * WHOLE:,} weights here, since it "
        f"cannot be made in part, got {plan.size:,}. Make an axis smaller, or use threefry2x32 with the flag on."
    )
