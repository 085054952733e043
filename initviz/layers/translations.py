"""The same law as code for jax, flax, PyTorch and Keras, on the weights as each of them keeps them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from initviz.initializers import THEMSELVES, Initializer
from initviz.initializers.plan import Plan
from initviz.initializers.simple import FEW
from initviz.laws.base import ENDLESS, Law
from initviz.laws.complex import ComplexNormal
from initviz.laws.ensembles import Constant, Haar
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.layers import Kept, Layer, Layouts, RawShape
from initviz.layers.by_slice import by_slice
from initviz.settings.knobs import REFUSALS
from initviz.settings.texts import number_code

LONGEST = 64
"""Most numbers of an array that are written out."""


@dataclass(frozen=True)
class Translation:
    """The law in one framework: an expression or a statement that runs, or why there is none."""

    framework: str
    code: str
    note: str = ""

    @property
    def program(self) -> str:
        """The code after the imports that it needs.

        >>> print(Translation("jax", "jax.nn.initializers.ones").program)
        import jax
        jax.nn.initializers.ones
        """
        modules = [name for name in ("flax.nnx", "jax", "keras", "torch") if re.search(rf"\b{name}\.", self.code)]
        return "\n".join([*(f"import {name}" for name in modules), self.code])


def translations(initializer: Initializer, plan: Plan, layer: Layer) -> tuple[Translation, ...]:
    """The law of a plan in jax, flax, PyTorch and Keras.

    jax's code is for the kernel as it is here, and draws the same weights. The others are for the weights as the
    framework's own layer keeps them, or as flax's passes them to an initializer: where a framework counts other fans
    there, the numbers of this shape stand in the code, and what it cannot draw there is refused. PyTorch's statement
    fills a tensor `weight`; Keras's expression is an initializer.
    """
    here = layer if layer.kernel == plan.shape else RawShape(shape=plan.shape)
    layouts = here.layouts()
    own = "float32" if initializer.dtype is None else jax.dtypes.canonicalize_dtype(initializer.dtype)
    note = "" if plan.dtype == own else f"Call it with the dtype {plan.dtype} for these draws."
    return (
        _same_call("jax", "jax.nn.initializers", initializer, note),
        _flax(initializer, plan, layouts, note),
        _torch(plan, layouts, here.sums),
        _keras(initializer, plan, layouts),
    )


def _same_call(framework: str, module: str, initializer: Initializer, note: str) -> Translation:
    size = max([np.size(getattr(initializer, name)) for name in initializer.law_arguments()], default=1)
    if size > LONGEST:
        return Translation(framework, "", f"An array of {size:,} values is too long to write out: pass your own.")
    call = initializer.function if initializer.function in THEMSELVES else initializer.call("jax.numpy.array({})")
    return Translation(framework, f"{module}.{call}", note)


def _flax(initializer: Initializer, plan: Plan, layouts: Layouts, note: str) -> Translation:
    same = _same_call("flax", "flax.nnx.initializers", initializer, note)
    if layouts.flax in (None, plan.shape):
        return same
    where = f"For {layouts.flax_argument}, which gets the shape {layouts.flax}."
    if plan.ensemble.apart:
        return Translation(
            "flax", "", f"{where} Scales of slices do not fit it: draw the whole kernel with jax's call."
        )
    try:
        there = initializer.plan(layouts.flax, plan.dtype)
    except REFUSALS:  # its axes do not fit that shape
        there = None
    if there and _agree(plan, there, layouts.flax):
        return Translation("flax", same.code, f"{where} {same.note}".strip())
    law = plan.ensemble.law
    if type(law) not in FLAX:
        return Translation("flax", "", f"{where} No call there has this law.")
    return Translation("flax", FLAX[type(law)](law), f"{where} {note}".strip())


def _agree(plan: Plan, there: Plan, shape: tuple[int, ...]) -> bool:
    """Whether weights drawn in another shape and reshaped have the same law."""
    if plan.ensemble.independent:
        return plan.ensemble.law == there.ensemble.law
    if there.ensemble.block:
        apart = there.ensemble.block.column_axis
        return not there.ensemble.sparse and _same_matrix(plan, _merged(plan.shape, shape), apart)
    return plan.ensemble.marginal is not None  # one value everywhere


def _merged(kernel: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...] | None:
    """The axes of a kernel that each axis of a shape with neighbours merged holds; None where it is no such shape."""
    groups, axis = [], 0
    for size in shape:
        first = axis
        while axis < len(kernel) and math.prod(kernel[first:axis]) < size:
            axis += 1
        if math.prod(kernel[first:axis]) != size:
            return None
        groups.append(tuple(range(first, axis)))
    return tuple(groups)


def _same_matrix(plan: Plan, axes: tuple[tuple[int, ...], ...] | None, apart: int) -> bool:
    """Whether the orthogonal matrix of a plan is that of a framework, which sets one of its own axes apart.

    Turned or with its rows in another order a Haar matrix has the same law: only which axes stand against which counts.
    """
    if axes is None:
        return False
    wide = {axis for axis, size in enumerate(plan.shape) if size > 1}
    theirs, ours = wide & {*axes[apart]}, wide & {plan.ensemble.block.column_axis}
    return wide <= {axis for group in axes for axis in group} and theirs in (ours, wide - ours)


# The law by numbers alone, whatever the shape: kind of law -> code
FLAX: dict[type, Callable[[Any], str]] = {
    Normal: lambda law: f"flax.nnx.initializers.normal(stddev={_digits(law.scale)})",
    ComplexNormal: lambda law: f"flax.nnx.initializers.normal(stddev={_digits(law.scale)})",
    Uniform: lambda law: (
        f"jax.tree_util.Partial(jax.random.uniform, minval={_digits(law.low * float(law.scale))}, "
        f"maxval={_digits(law.scale)})"
    ),
    TruncatedNormal: lambda law: f"flax.nnx.initializers.truncated_normal(stddev={_digits(law.scale)})",
}
TORCH: dict[type, Callable[[Any], str]] = {
    Normal: lambda law: f"normal_(weight, std={_digits(law.scale)})",
    Uniform: lambda law: f"uniform_(weight, a={_digits(law.low * float(law.scale))}, b={_digits(law.scale)})",
    TruncatedNormal: lambda law: f"trunc_normal_(weight, std={_digits(law.scale)}, {_cuts(law)})",
    Constant: lambda ensemble: f"constant_(weight, {_digits(ensemble.value)})",
    Haar: lambda ensemble: f"orthogonal_(weight, gain={_digits(ensemble.scale)})",
}
KERAS: dict[type, Callable[[Any], str]] = {
    Normal: lambda law: f"RandomNormal(stddev={_digits(law.scale)})",
    Uniform: lambda law: f"RandomUniform({_digits(law.low * float(law.scale))}, {_digits(law.scale)})",
    TruncatedNormal: lambda law: f"TruncatedNormal(stddev={_digits(law.scale)})",
    Constant: lambda ensemble: f"Constant({_digits(ensemble.value)})",
    Haar: lambda ensemble: f"Orthogonal(gain={_digits(ensemble.scale)})",
}
KERAS_DISTRIBUTIONS = {"truncated_normal": "truncated_normal", "normal": "untruncated_normal", "uniform": "uniform"}


def _digits(x) -> str:
    return number_code(float(x))


def _cuts(law: TruncatedNormal) -> str:
    """The cuts as PyTorch takes them, in units of the weight; endless ones where float32 normals end anyway."""
    farthest = max(map(abs, Normal(1.0).reach(np.dtype("float32"))))
    ends = (math.copysign(min(abs(cut), farthest), cut) * float(law.scale) for cut in law.cut)
    return "a={}, b={}".format(*map(_digits, ends))


def _written(table: dict[type, Callable[[Any], str]], plan: Plan) -> str:
    law = plan.ensemble.law or plan.ensemble
    if plan.ensemble.independent and not float(law.scale):
        law = Constant(0.0)  # what random laws shrink to, and frameworks refuse
    elif plan.ensemble.independent and law.cut == ENDLESS:
        law = Normal(law.scale)
    return table[type(law)](law)


def _largest_law(plan: Plan) -> Law | None:
    """The law of independent entries, that of the largest scale where there are several."""
    return plan.ensemble.laws[-1] if plan.ensemble.laws else None


def _torch(plan: Plan, layouts: Layouts, known: bool) -> Translation:
    kept, law, alone = layouts.torch, _largest_law(plan), kept_by_torch(plan.shape, layouts, known)
    reason = _refused("PyTorch", plan)
    if not reason and law and law.cut and float(law.scale) and law.distinct(np.dtype("float32")) < FEW:
        reason = "PyTorch draws from float32 uniforms, of which too few fall between these cuts."
    note = f"For a weight of shape {kept.shape}." if kept else ""
    if law and law.cut and math.isinf(max(map(abs, law.cut))) and law.cut != ENDLESS:
        note += " Cut where float32 normals end anyway."
    if not reason and plan.ensemble.apart:
        code, said = by_slice(plan, alone, lambda each: f"torch.nn.init.{_written(TORCH, each)}", separate=False)
        return Translation("PyTorch", code, said if code else f"PyTorch: {said}")
    if not reason and plan.ensemble.block:
        note, reason = f"For a weight of shape {alone.shape}.", _another_matrix("PyTorch's orthogonal_", plan, alone, 0)
    if reason:
        return Translation("PyTorch", "", reason)
    return Translation("PyTorch", f"torch.nn.init.{_written(TORCH, plan)}", note)


def kept_by_torch(kernel: tuple[int, ...], layouts: Layouts, known: bool) -> Kept:
    """The weights in PyTorch; those that no layer there has in the kernel's order, or if no sum is known outputs first.

    Args:
        kernel: their shape here.
        layouts: what other frameworks make of the layer.
        known: whether it is known what the layer sums.
    """
    axes = range(len(kernel))
    return layouts.torch or Kept.by_torch(kernel, *(axes if known else (*axes[:-3:-1], *axes[:-2])))


def _keras(initializer: Initializer, plan: Plan, layouts: Layouts) -> Translation:
    kept, law = layouts.keras or Kept.by_keras(plan.shape), _largest_law(plan)
    reason = _refused("Keras", plan)
    if not reason and law and law.cut not in (None, (-2.0, 2.0), ENDLESS):
        reason = "Keras cuts a normal at ±2 standard deviations only."
    if not reason and plan.ensemble.apart:
        code, said = by_slice(plan, kept, lambda each: f"keras.initializers.{_written(KERAS, each)}", separate=True)
        return Translation("Keras", code, said if code else f"Keras: {said}")
    if not reason and plan.ensemble.block:
        reason = _another_matrix("Keras's Orthogonal", plan, kept, -1)
    if reason:
        return Translation("Keras", "", reason)
    note = "" if kept.shape == plan.shape else f"For a weight of shape {kept.shape}."
    if initializer.by_fans and initializer.scale and initializer.mode != "fan_geo_avg":
        fans = initializer.fans(plan.shape)
        if (fans.fan_in, fans.fan_out) == kept.fans == Kept.by_keras(kept.shape).fans:  # whatever Keras's version
            return Translation(
                "Keras",
                f"keras.initializers.VarianceScaling(scale={_digits(initializer.scale)}, mode={initializer.mode!r}, "
                f"distribution={KERAS_DISTRIBUTIONS[initializer.distribution]!r})",
                note,
            )
    return Translation("Keras", f"keras.initializers.{_written(KERAS, plan)}", note)


def _another_matrix(name: str, plan: Plan, kept: Kept, apart: int) -> str:
    """Why a framework's orthogonal matrix is not that of the plan; empty where it is."""
    if _same_matrix(plan, kept.axes, apart):
        return ""
    return (
        f"{name} sets axis {apart % len(kept.shape)} of a weight of shape {kept.shape} against the rest, which is not "
        f"axis {plan.ensemble.block.column_axis} of {plan.shape} against the rest, as here."
    )


def _refused(framework: str, plan: Plan) -> str:
    """Why a law has no counterpart outside jax; empty where it may have one."""
    if plan.dtype.kind == "c":
        return f"{framework} initializes no complex weights."
    if not plan.size:
        return "No weights."
    if plan.ensemble.sparse:
        return f"{framework} has no delta-orthogonal kernel."
    marginal = plan.ensemble.marginal
    if marginal is None:
        return f"{framework} has no initializer for a pattern of values."
    if not np.isfinite(marginal.mean):
        return "The value is not finite."
    if jnp.issubdtype(plan.dtype, jnp.inexact) and _largest(plan) > float(jnp.finfo(plan.dtype).max):
        return f"The weights are beyond the largest {plan.dtype}."
    return ""


def _largest(plan: Plan) -> float:
    """The largest number in the code of a plan."""
    if plan.ensemble.laws:
        return max(_farthest(law) for law in plan.ensemble.laws)
    return abs(float(plan.ensemble.block.scale if plan.ensemble.block else plan.ensemble.value))


def _farthest(law: Law) -> float:
    """The largest number in the code of a law."""
    cuts = [abs(cut) for cut in law.cut or () if math.isfinite(cut)]
    return float(law.scale) * max([1.0, *cuts])
