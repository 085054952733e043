"""A question about weights as plain state, and its answer: the explorer without widgets."""

import math
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import param

from initviz import engine
from initviz.advice import Advice, advise
from initviz.audit import Check, audit
from initviz.bands import cdf_reach, histogram_band, resolution
from initviz.ensembles import Iid
from initviz.export import Translation, translate
from initviz.initializers import CLASSES, Initializer
from initviz.layers import LAYERS, Layer, LayerQuestion
from initviz.matrices import Unfolding, within
from initviz.plan import Plan
from initviz.settings import LARGEST_SEED, Checked, check_shape, device_name, device_names, dtypes, generators, one_of
from initviz.spectra import Spectrum, ranks, singular_values
from initviz.summary import Bins, Summary

SPECTRUM_BUDGET = 2048**3
"""rows × columns × min(rows, columns) up to which all singular values are computed: 0.9 s measured on one 2026 core."""
ORTHOGONAL_BUDGET = 4096**3
"""The same for the QR decomposition of an orthogonal draw: about 4 s."""
WHOLE = 2**22
"""Most weights held in memory for an answer; larger draws are summarized without being made."""
QUICK = 2**18
"""Most weights of an answer that takes no longer than some hundredths of a second, such as 512 × 512."""
RAW = "raw shape"
"""The layer kind of a shape that belongs to no layer."""


@dataclass(frozen=True)
class Question:
    """What is asked: a function with its arguments, a shape or a layer, a dtype, a seed, a device and a generator."""

    function: str
    arguments: tuple[tuple[str, Any], ...]
    shape: tuple[int, ...]
    dtype: str
    seed: int
    device: str
    layer: LayerQuestion | None = None
    generator: str = "threefry2x32"
    """Name of the PRNG implementation."""
    partitionable: bool = True
    """`jax_threefry_partitionable`, on since jax 0.5.0: a weight depends on the key and its position alone."""

    @property
    def key(self):
        """The key the weights are drawn from; use it within `in_force`."""
        return jax.random.key(self.seed, impl=self.generator)

    @property
    def is_quick(self) -> bool:
        """Whether the answer takes no longer than some hundredths of a second."""
        return math.prod(self.shape) <= QUICK

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
    initializer, layer = question.initializer, question.layer and question.layer.layer
    shape = layer.contraction().kernel if layer else question.shape
    plan = initializer.plan(check_shape(shape), question.dtype)
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
    advice = advise(initializer, plan, layer) if layer else None
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


class Study(param.Parameterized):
    """An initializer, a shape, a dtype, a seed and a device to be changed at will; `question` is their frozen state."""

    function = Checked("he_normal", check=one_of("function", lambda: CLASSES), doc="Which reference function.")
    initializer = param.ClassSelector(class_=Initializer, doc="The initializer itself, with its arguments.")
    shape = Checked((256, 256), check=check_shape, doc="Sizes of the weight tensor.")
    dtype = Checked("float32", check=one_of("dtype", dtypes), doc="Dtype the weights are drawn in.")
    seed = param.Integer(0, bounds=(0, LARGEST_SEED), doc="Seed of the key: jax.random.key(seed).")
    device = Checked("", check=lambda value: value and one_of("device", device_names)(value), doc="Where to draw.")
    generator = Checked("threefry2x32", check=one_of("generator", generators), doc="Which PRNG implementation.")
    partitionable = param.Boolean(True, doc="jax_threefry_partitionable: on by default since jax 0.5.0.")
    layer_kind = Checked(RAW, check=one_of("layer_kind", lambda: (RAW, *LAYERS)), doc="Which layer holds the weights.")
    layer = param.ClassSelector(class_=Layer, doc="The layer itself, with its sizes, which set the shape; or None.")
    asked_layer = param.Parameter(None, doc="The layer as it is now, frozen.")

    def __init__(self, function: str = "he_normal", **settings):
        one_of("function", lambda: CLASSES)(function)
        layer = settings.pop("layer", None)
        own = {name: settings.pop(name) for name in list(settings) if name in type(self).param}
        own["dtype"] = str(jnp.dtype(own.get("dtype", "float32")))
        own["device"] = own.get("device") or device_names()[0]
        super().__init__(function=function, initializer=CLASSES[function](**settings), **own)
        if layer is None and self.layer_kind != RAW:
            layer = LAYERS[self.layer_kind]()
        if layer is not None:
            kernel = layer.contraction().kernel
            if own.get("shape", kernel) != kernel:
                raise ValueError(f"shape must be that of the layer, {kernel}, got {own['shape']}. Leave one out.")
            self.layer = layer

    @param.depends("function", watch=True)
    def _swap(self):
        """A new initializer keeps the arguments that both have and that were changed from their default."""
        old, new = self.initializer, CLASSES[self.function]
        changed = {
            name: getattr(old, name)
            for name in old.arguments
            if name in new.arguments and name != "dtype" and getattr(old, name) is not old.param[name].default
            and getattr(old, name) != type(old).param[name].default
        }  # fmt: skip
        self.initializer = new(**changed)

    @param.depends("layer_kind", watch=True)
    def _swap_layer(self):
        if self.layer_kind != (RAW if self.layer is None else type(self.layer).__name__):
            self.layer = None if self.layer_kind == RAW else LAYERS[self.layer_kind]()

    @param.depends("layer", watch=True)
    def _follow_layer(self):
        layer = self.layer
        if layer is not None:
            layer.param.watch(lambda _: self.layer is layer and self._resize(), list(layer.arguments))
        self._resize()

    def _resize(self):
        """The shape is that of the layer's kernel; `answer` says what is wrong with one that has none."""
        if self.layer is None:
            self.param.update(layer_kind=RAW, asked_layer=None)
            return
        now = {"layer_kind": type(self.layer).__name__, "asked_layer": self.layer.question()}
        with suppress(ValueError):
            now["shape"] = check_shape(self.layer.contraction().kernel)
        self.param.update(**now)

    @param.depends("shape", watch=True)
    def _leave_layer(self):
        """Another shape than the layer's is a raw one."""
        kernel = None
        with suppress(ValueError):
            kernel = self.layer and self.layer.contraction().kernel
        if kernel != tuple(self.shape):
            self.layer = None

    @property
    def question(self) -> Question:
        """The state now, frozen."""
        arguments = tuple((name, getattr(self.initializer, name)) for name in self.initializer.arguments
                          if name != "dtype")  # fmt: skip
        return Question(
            self.function, arguments, tuple(self.shape), self.dtype, self.seed, self.device, self.asked_layer,
            self.generator, self.partitionable,
        )  # fmt: skip

    def answer(self, progress: Callable[[float], None] | None = None) -> Result:
        """The result for the state now."""
        return answer(self.question, progress)
