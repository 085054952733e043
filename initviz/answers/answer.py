"""A question about weights as frozen state, and its answer, all of one draw: the explorer without widgets."""

import math
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np

from initviz import engine
from initviz.checks import Check, audit
from initviz.checks.confidence_bands import cdf_reach, histogram_band, resolution
from initviz.engine.summary import Bins, Summary
from initviz.initializers import CLASSES, Initializer
from initviz.initializers.plan import Plan
from initviz.laws.ensembles import Iid
from initviz.layers import LayerQuestion
from initviz.layers.advice import Advice, advise
from initviz.layers.translations import Translation, translate
from initviz.matrices.svd import singular_values
from initviz.matrices.unfolding import Unfolding, within
from initviz.settings.choices import check_shape, device_name
from initviz.spectra import Spectrum, ranks

SPECTRUM_BUDGET = 2048**3
"""rows × columns × min(rows, columns) up to which all singular values are computed: 0.9 s measured on one 2026 core."""
ORTHOGONAL_BUDGET = 4096**3
"""The same for the QR decomposition of an orthogonal draw: about 4 s."""
WHOLE = 2**22
"""Most weights held in memory for an answer; larger draws are summarized without being made."""
QUICK = 2**18
"""Most weights of an answer that takes no longer than some hundredths of a second, such as 512 × 512."""


@dataclass(frozen=True)
class Question:
    """What is asked: a function with its arguments, a layer, a dtype, a seed, a device and a generator."""

    function: str
    arguments: tuple[tuple[str, Any], ...]
    layer: LayerQuestion
    dtype: str
    seed: int
    device: str
    generator: str = "threefry2x32"
    """Name of the PRNG implementation."""
    partitionable: bool = True
    """`jax_threefry_partitionable`, on since jax 0.5.0: a weight depends on the key and its position alone."""

    @property
    def key(self):
        """The key the weights are drawn from; use it within `in_force`."""
        return jax.random.key(self.seed, impl=self.generator)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights; ValueError for a layer that cannot be."""
        return self.layer.kernel

    @property
    def is_quick(self) -> bool:
        """Whether it has no more than `QUICK` weights, or a layer that cannot be."""
        try:
            return math.prod(self.shape) <= QUICK
        except ValueError:
            return True

    @contextmanager
    def in_force(self):
        """Draw on the device and with the flag asked for, in this thread alone: other sessions keep theirs."""
        with jax.default_device(_device(self.device)), jax.threefry_partitionable(self.partitionable):
            yield

    @property
    def initializer(self) -> Initializer:
        """The initializer asked about."""
        return CLASSES[self.function](**dict(self.arguments))


@dataclass(frozen=True)
class Result:
    """The answer, all of one draw. Frozen: no view can pair a new plan with old weights."""

    question: Question
    plan: Plan
    summary: Summary
    unfolding: Unfolding | None
    singular_values: np.ndarray
    """Descending, of the matrix that `unfolding` describes; empty where `no_spectrum` says why."""
    spectrum: Spectrum | None
    checks: tuple[Check, ...]
    no_spectrum: str = ""
    advice: Advice | None = None
    """What the initializer does in the layer; None for a raw shape."""
    translations: tuple[Translation, ...] = ()
    """The law as code for each framework."""
    drawn: Any = field(default=None, repr=False, compare=False)
    notice: str = ""
    """What was done otherwise than asked; then `question` is the one that was answered."""

    @cached_property
    def band(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Lowest and highest count of each bin of `summary.coarse()` in 99 % of draws; None without a valid band."""
        if not self.summary.count or not isinstance(self.plan.ensemble, Iid):
            return None
        coarse = self.summary.coarse()[0]
        return histogram_band(self.plan.ensemble, coarse, self.summary.count, resolution(self.plan.dtype))

    @cached_property
    def reach(self) -> float | None:
        """Largest distance of the distribution functions of draw and law in 99 % of draws; None without a valid one."""
        return cdf_reach(self.plan.ensemble, self.summary.count) if self.summary.count else None

    @cached_property
    def ranks(self) -> dict[str, tuple[float, float | None]]:
        """Condition number and ranks of the spectrum, observed and expected; none without a spectrum."""
        return ranks(self.singular_values, self.spectrum)

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights themselves, in the asked shape and dtype; drawn now if they were only summarized."""
        return np.asarray(_draw(self.question, self.plan) if self.drawn is None else self.drawn)


def _device(name: str):
    return {device_name(device): device for device in engine.devices()}[name]


def _draw(question: Question, plan: Plan):
    with question.in_force():
        return engine.draw(plan.ensemble, question.key, plan.shape, plan.dtype)


def answer(question: Question, progress: Callable[[float], None] | None = None) -> Result:
    """Plan, draw, summarize, decompose and check one question; on the CPU, with a notice, if the device is too small.

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


def _answer(question: Question, progress: Callable[[float], None] | None) -> Result:
    initializer, layer = question.initializer, question.layer.layer
    plan = initializer.plan(check_shape(question.shape), question.dtype)
    with question.in_force(), np.errstate(over="ignore"):  # the plan warns of it
        key = question.key
        _affordable(plan, key)
        streamed = plan.size > WHOLE and isinstance(plan.ensemble, Iid) and engine.is_shape_free(key)
        drawn = None if streamed else engine.draw(plan.ensemble, key, plan.shape, plan.dtype)
        marginal = plan.ensemble.marginal
        bins = Bins.of(marginal) if marginal else Bins.covering(np.asarray(drawn))
        if streamed:
            summary = engine.summarize(plan.ensemble, key, plan.shape, plan.dtype, bins, progress)
        else:
            summary = engine.summarize_array(drawn, bins)
        unfolding = plan.unfolding and within(plan.unfolding, SPECTRUM_BUDGET)
        no_spectrum = _no_spectrum(plan, summary)
        values, spectrum = np.zeros(0, np.float32), None
        if not no_spectrum:
            if streamed:
                matrix = engine.draw_at(plan.ensemble, key, unfolding.positions(), plan.dtype)
            else:
                matrix = unfolding.matrix(drawn)
            spectrum = plan.ensemble.spectrum(*unfolding.size)
            values = singular_values(_widest(matrix) if spectrum and not spectrum.bulk_count else matrix)
        size = unfolding.size if unfolding else (0, 0)
        checks = audit(plan.ensemble, plan.dtype, summary, spectrum, size, values)
    advice = advise(initializer, plan, layer)
    code = translate(initializer, plan, layer)
    return Result(question, plan, summary, unfolding, values, spectrum, checks, no_spectrum, advice, code, drawn)


def _widest(matrix) -> np.ndarray:
    """In double precision: singular values that do not vary are checked to the rounding of the draw, not of LAPACK."""
    matrix = np.asarray(matrix)
    return matrix.astype(np.complex128 if np.iscomplexobj(matrix) else np.float64)


def _no_spectrum(plan: Plan, summary: Summary) -> str:
    if plan.unfolding is None:
        return "No weights, so no singular values."
    if summary.not_finite:
        return f"{summary.not_finite:,} of the weights are NaN or infinite, so there are no singular values."
    return ""


def _affordable(plan: Plan, key) -> None:
    """Refuse a draw too large for the time or the memory, where it cannot be made in part."""
    if "qr" in plan:
        tall, thin = plan["qr"]
        if tall * thin * thin > ORTHOGONAL_BUDGET:
            raise ValueError(
                f"an orthogonal draw must have rows × columns × min(rows, columns) of at most {ORTHOGONAL_BUDGET:.1e} "
                f"here, got {tall} × {thin}, whose QR decomposition takes too long to wait for. Make an axis smaller."
            )
    if plan.size <= 16 * WHOLE:
        return
    if not isinstance(plan.ensemble, Iid):
        raise ValueError(
            f"{plan.initializer} must hold at most {16 * WHOLE:,} weights here, got {plan.size:,}. "
            "Make an axis smaller."
        )
    if not engine.is_shape_free(key):
        raise ValueError(
            f"a draw by {jax.random.key_impl(key)} with jax_threefry_partitionable="
            f"{jax.config.jax_threefry_partitionable} must hold at most {16 * WHOLE:,} weights here, since it "
            f"cannot be made in part, got {plan.size:,}. Make an axis smaller, or use threefry2x32 with the flag on."
        )
