"""Variance scaling and its presets: the variance follows from the fans of the shape."""

import numpy as np
from jax.typing import DTypeLike

from initviz.fans.by_shape import MODES, Axis, Fans, count_fans
from initviz.initializers import knobs
from initviz.initializers.base import Initializer, is_complex, law_steps, real_only, real_or_complex
from initviz.initializers.plan import Step
from initviz.initializers.slices import Scale, Scales
from initviz.laws.complex import LAWS
from initviz.wording import number

FAN_ARGUMENTS = ("in_axis", "out_axis", "batch_axis", "dtype")


class VarianceScaling(Initializer):
    """Weights of mean 0 and variance scale / n, where n is a fan of the shape chosen by `mode`."""

    function = "variance_scaling"
    family = "Variance scaling"
    arguments: tuple[str, ...] = ("scale", "mode", "distribution", *FAN_ARGUMENTS)
    required: tuple[str, ...] = ("scale", "mode", "distribution")
    by_fans = True

    scale = Scale(
        1.0,
        bounds=(0, None),
        softbounds=(0.0, 4.0),
        step=0.05,
        doc="Variance times n; 1, 1/2, 1/3 for the slices of a stack.",
    )
    mode = knobs.mode("fan_in")
    distribution = knobs.distribution("truncated_normal")
    in_axis = knobs.Axes(-2, doc="Axis or axes that count as inputs.")
    out_axis = knobs.Axes(-1, doc="Axis or axes that count as outputs.")
    batch_axis = knobs.Axes((), doc="Axis or axes of independent copies, counted in no fan.")

    def check_dtype(self, dtype: np.dtype) -> None:
        """Real and complex floating point; the reference names the sampler that refuses."""
        if is_complex(dtype) or self.distribution == "normal":
            real_or_complex("normal", dtype)
        else:
            real_only("uniform", dtype)

    def fans(self, shape: tuple[int, ...]) -> Fans:
        """Fans of the shape by this initializer's axes."""
        return count_fans(shape, self.in_axis, self.out_axis, self.batch_axis)

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Fans → n → variance → law → ensemble."""
        fans = self.fans(shape)
        fan = fans.pick(self.mode)
        variance = self.scale / fan if fan else 0.0
        real_law, complex_law = LAWS[self.distribution]
        law = (complex_law if is_complex(dtype) else real_law).with_variance(variance)
        inputs, outputs = number(fans.fan_in), number(fans.fan_out)
        return (
            Step("fans", r"(n_\mathrm{in}, n_\mathrm{out})", fans, rf"({inputs},\ {outputs})"),
            Step("fan", MODES[self.mode].formula, fan, MODES[self.mode].numbers.format(fan_in=inputs, fan_out=outputs)),
            Step("variance", r"\sigma^2 = \frac{s}{n}", variance, rf"\frac{{{number(self.scale)}}}{{{number(fan)}}}")
            if fan
            else Step("variance", r"\sigma^2", variance, note="no weights"),
            *law_steps(law, shape),
        )

    def roles(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """in, out, batch and field, as the fans count them."""
        return self.fans(shape).roles

    def stacked(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the batch."""
        return self.fans(shape).batch_axes

    def matrix_axes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Outputs across, batch left out."""
        fans = self.fans(shape)
        return fans.out_axes, fans.batch_axes

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """Shared axes, and a scale of 0."""
        shared = self.fans(shape).shared_axes
        found = []
        if shared:
            named = f"axis {shared[0]}" if len(shared) == 1 else f"each of the axes {', '.join(map(str, shared))}"
            found.append(
                f"in_axis, out_axis and batch_axis name {named} more than once, "
                "so the receptive field is divided by it twice (flax's Embed relies on this). Name each axis once."
            )
        if not np.any(self.scale):
            found.append("scale = 0 makes every weight 0.")
        return tuple(found)


def variance_scaling(
    scale: Scales,
    mode: str,
    distribution: str,
    in_axis: Axis = -2,
    out_axis: Axis = -1,
    batch_axis: Axis = (),
    dtype: DTypeLike | None = None,
) -> VarianceScaling:
    """Weights of mean 0 and variance scale / n, where n is a fan of the shape chosen by `mode`.

    The law is a normal cut at ±2 standard deviations and widened to keep the variance, a normal, or a centred uniform;
    for complex dtypes a normal cut at modulus 2, a complex normal, or a uniform disk. For `truncated_normal` complex
    draws jax's own correction is 1.9 % too large in variance, and so are these.

    PyTorch's `xavier_*`/`kaiming_*` and Keras's `VarianceScaling` follow the same rule on differently counted fans;
    PyTorch's `*_normal_` is not truncated.

    Source: LeCun et al. 1998; Glorot & Bengio 2010; He et al. 2015; Klambauer et al. 2017.

    >>> variance_scaling(2.0, "fan_out", "normal").plan((512, 128))["variance"]
    0.015625

    Args:
        scale: Variance times n; 1, 1/2, 1/3 for the slices of a stack.
        mode: Which fan divides the scale.
        distribution: Law of an entry; the variance is the same.
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return VarianceScaling(scale, mode, distribution, in_axis, out_axis, batch_axis, dtype)


class Preset(VarianceScaling):
    """Variance scaling with scale, mode and distribution pinned; only the axes and the dtype are left to choose."""

    arguments = FAN_ARGUMENTS
    required: tuple[str, ...] = ()


def pinned(scale: float) -> knobs.Scalar:
    """The `scale` of a preset."""
    return knobs.Scalar(scale, bounds=(0, None), readonly=True, doc="Pinned by the preset.")
