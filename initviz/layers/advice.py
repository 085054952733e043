"""What an initializer does in a layer: its fan beside the layer's own, and the call that gets it right."""

import math
from dataclasses import dataclass

import numpy as np

from initviz.fans.by_operation import Contraction
from initviz.fans.by_shape import MODES, count_fans
from initviz.initializers import Initializer, variance_scaling
from initviz.initializers.plan import Plan
from initviz.initializers.scaling import VarianceScaling
from initviz.layers import Layer, Layouts
from initviz.wording import plain, several


@dataclass(frozen=True)
class Rule:
    """The fans of the same layer by one framework's rule, on its own weight shape."""

    framework: str
    shape: tuple[int, ...] | None
    """None where the framework has no such layer."""
    fan_in: float | None
    """None too where the initializer's axes do not fit the shape."""
    fan_out: float | None
    std: float | None
    """Standard deviation of a weight by this rule, over all slices; None for initializers without fans."""
    agrees: bool | None
    """Whether the initializer divides by the right n by this rule; None where it counts none."""


SUMS = {
    "fan_in": "how many terms one output of this layer sums",
    "fan_out": "how many outputs one input of this layer feeds",
    "fan_avg": "the mean of the terms one output of this layer sums and the outputs one input feeds",
    "fan_geo_avg": "the geometric mean of the terms one output of this layer sums and the outputs one input feeds",
}
"""What n means by each mode."""


@dataclass(frozen=True)
class Advice:
    """An initializer in a layer."""

    layer: str
    fan_in: float
    """Terms that one output sums."""
    fan_out: float
    """Outputs that one input feeds."""
    used: float | None
    """The n that the initializer divides by; None for initializers without fans."""
    intended: float | None
    """The same n from the layer's own fans."""
    forward_gain: float
    """E|y|² of an output over E|x|² of an input, for independent inputs of mean 0."""
    relu_gain: float | None
    """The same for inputs max(0, x) of normal x: more where the weights have a mean, since then these add up. None
    where outputs sum different numbers of terms."""
    backward_gain: float
    """The first for gradients on their way back."""
    corrected: str
    """The call with the intended variance; empty where the one asked about has it, or has no fans."""
    remedy: str
    """What the corrected call does, in words."""
    factor: float
    """What the corrected call multiplies the scale by, since no axes express the layer's fans; else 1."""
    rules: tuple[Rule, ...]
    meaning: str = ""
    """What n is, in words; without fans, what the variance follows instead."""
    note: str = ""
    """What else to know about the layer in other frameworks."""
    in_flax: str = ""
    """The call with the intended variance for flax's own layer, where that passes another shape than the kernel's."""
    flax_argument: str = ""
    """Where it goes, in words."""
    sliced: bool = False
    """Whether slices of the kernel have other laws, so that the gains are means over them."""

    @property
    def std_ratio(self) -> float | None:
        """Realized over intended standard deviation of a weight."""
        return None if self.used is None else (self.intended / self.used) ** 0.5

    @property
    def right(self) -> bool:
        """Whether the initializer divides by the layer's own fan."""
        return self.used is None or self.used == self.intended

    @property
    def gains(self) -> str:
        """What becomes of signals on their way through the layer, in words."""
        if math.isnan(self.forward_gain):
            return ""
        after = ""
        if self.relu_gain not in (None, self.forward_gain):
            after = f"; after a ReLU: × {plain(self.relu_gain)}, since the weights have a mean"
        over = ", on average over the slices" * self.sliced
        return (
            f"Mean square of centred activations{over}: × {plain(self.forward_gain)}{after}; "
            f"of gradients: × {plain(self.backward_gain)}."
        )

    @property
    def verdict(self) -> str:
        """What it comes to, in words."""
        if self.used is None:
            return f"{self.meaning} One output sums {several(self.fan_in, 'term')}. {self.gains}"
        if self.right:
            return f"Right: n = {plain(self.used)} is {self.meaning}."
        ratio = self.std_ratio
        times, direction = (1 / ratio, "small") if ratio < 1 else (ratio, "large")
        return (
            f"Weights come out {plain(times)} times too {direction}: the initializer divides by "
            f"n = {plain(self.used)}, but this layer's is {plain(self.intended)} "
            f"(each output sums {several(self.fan_in, 'term')}, each input feeds {several(self.fan_out, 'output')})."
        )


def advise(initializer: Initializer, plan: Plan, layer: Layer) -> Advice | None:
    """What the initializer does in the layer whose kernel the plan is for; None if nobody knows what the layer sums.

    Raises:
        ValueError: the plan is for another shape.
    """
    if not layer.sums:
        return None
    contraction, layouts = layer.contraction(), layer.layouts()
    if plan.shape != contraction.kernel:
        raise ValueError(
            f"the plan must be for the layer's kernel {contraction.kernel}, got one for {plan.shape}. "
            "Ask the initializer for plan(layer.kernel)."
        )
    mean, square = sizes_of_weights(plan)
    fan_in, fan_out = contraction.fan_in, contraction.fan_out
    after_relu = fan_in * square + fan_in * (fan_in - 1) * mean**2 / math.pi if _sums_alike(layer) else None
    by_fans = initializer.by_fans
    used = plan["fan"] if by_fans else None
    intended = _pick(initializer, contraction.fan_in, contraction.fan_out) if by_fans else None
    corrected = _corrected(initializer, contraction, intended) if by_fans and used != intended else ("", "", 1.0)
    return Advice(
        repr(layer), fan_in, fan_out, used, intended,
        fan_in * square, after_relu, fan_out * square, *corrected,
        tuple(_rules(initializer, layer, contraction, intended)),
        SUMS[initializer.mode] if by_fans else _without_fans(plan), layouts.note,
        *(_in_flax(initializer, layouts, plan.shape, intended) if by_fans and not plan.ensemble.apart else ("", "")),
        sliced=bool(plan.ensemble.apart),
    )  # fmt: skip


def _without_fans(plan: Plan) -> str:
    """What the variance follows, of an initializer that divides by no fan."""
    block = plan.ensemble.block
    if not block:
        return "The variance does not follow the fans."
    taps = " at its tap" if plan.ensemble.sparse else ""
    size = f"{block.rows:,} × {block.columns:,}"
    return f"The variance{taps} is scale² / {max(block.rows, block.columns):,}, the longer side of the {size} matrix."


def _sums_alike(layer: Layer) -> bool:
    """Whether every output sums as many terms: not where a transposed convolution's stride does not divide its taps."""
    sliding = layer.sliding()
    if not (sliding and sliding.transposed):
        return True
    taps = layer.kernel[:-2]
    strides = sliding.stride * len(taps) if len(sliding.stride) == 1 else sliding.stride
    return not any(tap % stride for tap, stride in zip(taps, strides, strict=True))


def _pick(initializer: VarianceScaling, fan_in: float, fan_out: float) -> float:
    return MODES[initializer.mode].rule(fan_in, fan_out)


def sizes_of_weights(plan: Plan) -> tuple[float, float]:
    """|E w| and E|w|² of a weight; NaN where nobody knows its law."""
    marginal = plan.ensemble.marginal
    if marginal is None:
        return float("nan"), float("nan")
    square = (2 if plan.dtype.kind == "c" else 1) * (marginal.variance + marginal.mean**2)
    constant = not (plan.ensemble.independent or plan.ensemble.block)
    return square**0.5 if constant else abs(marginal.mean), square


def _axes(axes: tuple[int, ...], default, rank: int):
    """Axes as one writes them: one number for one, the default where it says the same."""
    if axes == (default % rank,):
        return default
    return axes[0] if len(axes) == 1 else axes


def _corrected(initializer: VarianceScaling, contraction: Contraction, intended: float) -> tuple[str, str, float]:
    """The call with the intended variance, what it does in words, and the factor on the scale that it needs."""
    rank = len(contraction.kernel)
    batch = contraction.axes("batch")
    axes = {
        "in_axis": _axes(contraction.axes("in"), -2, rank),
        "out_axis": _axes(contraction.axes("out"), -1, rank),
        "batch_axis": batch[0] if len(batch) == 1 else batch,
    }
    asked = {name: getattr(initializer, name) for name in initializer.arguments}
    better = type(initializer)(**asked | axes)
    fan = better.fans(contraction.kernel).pick(initializer.mode)
    if fan == intended:
        return repr(better), "These axes give it:", 1.0
    factor = float(f"{fan / intended:.12g}")
    scaled = variance_scaling(
        initializer.scale * factor, initializer.mode, initializer.distribution, **axes, dtype=initializer.dtype
    )
    same_axes = better.fans(contraction.kernel) == initializer.fans(contraction.kernel)
    how = "Multiply" if same_axes else "Name these axes and multiply"
    return repr(scaled), f"No axes express the {contraction.untold}. {how} the scale by {factor:g}:", factor


def _in_flax(initializer: VarianceScaling, layouts: Layouts, kernel, intended: float) -> tuple[str, str]:
    """The call for flax's own layer and where it goes, if that layer passes another shape."""
    if layouts.flax in (None, kernel):
        return "", ""
    kept = {name: getattr(initializer, name) for name in initializer.arguments if not name.endswith("_axis")}
    plainly = type(initializer)(**kept)
    fan = plainly.fans(layouts.flax).pick(initializer.mode)
    if fan != intended:
        scale = initializer.scale * float(f"{fan / intended:.12g}")
        plainly = variance_scaling(scale, initializer.mode, initializer.distribution, dtype=initializer.dtype)
    return repr(plainly), f"For {layouts.flax_argument}, which gets the shape {layouts.flax}:"


def _rules(initializer: Initializer, layer: Layer, contraction: Contraction, intended: float | None):
    """The layer's own fans, and those by the rules of jax, flax, PyTorch and Keras on the weights as they keep them."""
    layouts, own = layer.layouts(), (contraction.fan_in, contraction.fan_out)
    by_fans = initializer.by_fans

    def counted(shape):
        fans = initializer.fans(shape) if by_fans else count_fans(shape)
        return fans.fan_in, fans.fan_out

    yield _rule("true fans", contraction.kernel, own, initializer, own, intended)
    yield _rule("jax, this kernel", contraction.kernel, counted(contraction.kernel), initializer, own, intended)
    try:
        flax = layouts.flax and counted(layouts.flax)
    except (IndexError, ValueError):  # these axes are not for the shape that flax's layer passes
        flax = None
    yield _rule("flax layer", layouts.flax, flax, initializer, own, intended)
    for framework, kept in (("PyTorch", layouts.torch), ("Keras", layouts.keras)):
        yield _rule(framework, kept and kept.shape, kept and kept.fans, initializer, own, intended)


def _rule(framework: str, shape, fans, initializer: Initializer, own, intended: float | None) -> Rule:
    if not fans:
        return Rule(framework, shape, None, None, None, None)
    if intended is None:
        return Rule(framework, shape, *fans, None, tuple(fans) == own)
    n = _pick(initializer, *fans)
    return Rule(framework, shape, *fans, float(np.mean(initializer.scale) / n) ** 0.5 if n else None, n == intended)
