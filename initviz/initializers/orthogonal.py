"""Orthogonal initializers: Haar matrices, as a whole kernel or at the centre tap of a convolution."""

import math

import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from initviz.fans.by_shape import canonical_axes
from initviz.initializers.base import Initializer, is_complex, of_parts, real_or_complex
from initviz.initializers.knobs import ColumnAxis, Scalar, is_traced
from initviz.initializers.plan import Step
from initviz.laws.base import Number
from initviz.laws.ensembles import Delta, Haar
from initviz.wording import number, several


class UnsupportedDtypeError(TypeError, NotImplementedError):
    """A dtype without a QR decomposition: jax 0.12 raises TypeError and jax 0.10 NotImplementedError."""


def check_qr(dtype: np.dtype) -> None:
    """Raise for what QR does not take: all but 32 and 64 bit floats, real or complex."""
    real_or_complex("normal", dtype)
    if jnp.finfo(dtype).bits < 32:
        raise UnsupportedDtypeError(
            f"qr does not accept dtype {dtype} (Unsupported dtype {dtype}): an orthogonal matrix needs a QR "
            "decomposition, which has no half-precision form. Draw in float32, then cast."
        )


def haar_steps(haar: Haar) -> tuple[Step, ...]:
    """Matrix → Gaussian → QR → signs: how a Haar matrix is made (Mezzadri 2007)."""
    rows, columns = haar.rows, haar.columns
    tall, thin = max(rows, columns), min(rows, columns)
    field = r"\mathbb{C}" if haar.complex else r"\mathbb{R}"
    return (
        Step("matrix", r"r \times c", (rows, columns), rf"{rows} \times {columns}", "columns run along column_axis"),
        Step("gaussian", rf"Z \in {field}^{{\max(r, c) \times \min(r, c)}}", (tall, thin), rf"{tall} \times {thin}",
             "independent standard normal entries"),
        Step("qr", r"Z = Q R", (tall, thin), note=f"Q has {several(thin, 'orthonormal column')}"),
        Step("signs", r"Q \leftarrow Q \, \operatorname{sign}(\operatorname{diag} R)", (tall, thin),
             note="makes Q uniform (Haar) and unique"),
        Step("transpose", r"Q \leftarrow Q^\top" if rows < columns else r"Q \leftarrow Q", (rows, columns),
             note="rows < columns: the rows are orthonormal" if rows < columns else "the columns are orthonormal"),
    )  # fmt: skip


def entry_steps(haar: Haar, taps: int = 1) -> tuple[Step, ...]:
    """Variance of a weight, which follows from the unit length of the longer side; of `taps` but one hold zeros."""
    if is_traced(haar.scale):
        return ()
    size = max(haar.rows, haar.columns)
    squared = number(float(haar.scale) ** 2)
    variance = float(haar.scale) ** 2 / (taps * size) if size else 0.0
    shares, numbers = (r"K \max(r, c)", rf"{taps} \cdot {size}") if taps > 1 else (r"\max(r, c)", str(size))
    whole = f"of a weight picked from all {taps} taps; at the tap that is not 0, {taps} times as much"
    return (
        Step("variance", rf"\sigma^2 = \frac{{s^2}}{{{shares}}}", variance, rf"\frac{{{squared}}}{{{numbers}}}",
             whole if taps > 1 else ""),
        Step("std", r"\sigma", variance**0.5, note=of_parts(variance**0.5) if haar.complex else ""),
    )  # fmt: skip


class Orthogonal(Initializer):
    """Weights scale · Q with Q a Haar distributed matrix of orthonormal columns, or rows if those are fewer."""

    function = "orthogonal"
    family = "Orthogonal"
    arguments: tuple[str, ...] = ("scale", "column_axis", "dtype")
    shardable = False

    scale = Scalar(1.0, bounds=(0, None), softbounds=(0.0, 4.0), step=0.05, doc="The singular values.")
    column_axis = ColumnAxis(-1, doc="Axis along which the columns run.")

    def haar(self, shape: tuple[int, ...], dtype: np.dtype) -> Haar:
        """The Haar matrix behind a kernel of that shape. Without weights there is no QR, and any dtype will do."""
        (axis,) = canonical_axes(self.column_axis, len(shape), "column_axis")
        columns = shape[axis]
        rows = math.prod(shape) // columns if columns else 0
        if rows:
            check_qr(dtype)
        return Haar(self.scale, rows, columns, axis, is_complex(dtype))

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Matrix → Gaussian → QR → signs → transpose → variance → reshape → ensemble."""
        if len(shape) < 2:
            raise ValueError(
                f"orthogonal initializer requires at least a 2D shape, got {shape}. Use normal or uniform for vectors."
            )
        haar = self.haar(shape, dtype)
        return (
            *haar_steps(haar),
            *entry_steps(haar),
            Step("reshape", r"\operatorname{shape}(W)", shape, r" \times ".join(map(str, shape)),
                 f"columns to axis {haar.column_axis}"),
            Step("ensemble", r"W = s\,Q", haar, rf"{number(self.scale)}\,Q"),
        )  # fmt: skip

    def roles(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """The columns and the rows."""
        (axis,) = canonical_axes(self.column_axis, len(shape), "column_axis")
        return tuple("columns" if a == axis else "rows" for a in range(len(shape)))

    def matrix_axes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Along `column_axis`, so that the flattening is the one that is orthogonal."""
        return canonical_axes(self.column_axis, len(shape)), ()

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """A scale of 0."""
        return () if self.scale else ("scale = 0 makes every weight 0.",)


def orthogonal(scale: Number = 1.0, column_axis: int = -1, dtype: DTypeLike | None = None) -> Orthogonal:
    """Weights scale · Q with Q a Haar distributed matrix of orthonormal columns, or rows if those are fewer.

    The kernel counts as a matrix with columns along `column_axis`; all its singular values equal `scale`. An entry has
    variance scale² / max(rows, columns), not 1/fan_in. As a convolution a flattened orthogonal kernel is no isometry.

    PyTorch's `orthogonal_` sets the first axis of its layout against the rest, Keras's `Orthogonal` the last one.

    Source: Saxe, McClelland & Ganguli 2014; sampling by Mezzadri 2007.

    >>> orthogonal().plan((3, 3, 64, 128))["matrix"]
    (576, 128)

    Args:
        scale: The singular values.
        column_axis: Axis along which the columns run.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return Orthogonal(scale, column_axis, dtype)


class DeltaOrthogonal(Orthogonal):
    """Weights 0 but for the centre tap of the kernel, which is scale · Q, Q a Haar matrix from inputs to outputs."""

    function = "delta_orthogonal"

    column_axis = ColumnAxis(-1, doc="Axis of the centre tap along which the columns run: -1 or -2.")

    def haar(self, shape: tuple[int, ...], dtype: np.dtype) -> Haar:
        """The Haar matrix at the centre tap."""
        return super().haar(shape[-2:], dtype)

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Matrix → Gaussian → QR → signs → transpose → variance of a tap → centre tap → ensemble."""
        if len(shape) not in (3, 4, 5):
            raise ValueError(
                f"Delta orthogonal initializer requires a 3D, 4D or 5D shape. Got {shape}. "
                "Add spatial axes in front, such as (3, 3, 64, 128), or use orthogonal."
            )
        if shape[-1] < shape[-2]:
            raise ValueError(
                f"`fan_in` must be less or equal than `fan_out`. Got {shape[-2]} inputs and {shape[-1]} outputs. "
                "Use at least as many outputs (the last axis) as inputs."
            )
        if 0 in shape[:-2]:
            raise IndexError(f"index is out of bounds: {shape} has no centre tap. Use spatial sizes of at least 1.")
        haar = self.haar(shape, dtype)
        delta = Delta(haar, shape[:-2])
        centre = ", ".join(map(str, delta.centre))
        return (
            *haar_steps(haar),
            *entry_steps(haar, math.prod(delta.taps)),
            Step("tap", r"t = \lfloor (k - 1) / 2 \rfloor", delta.centre, rf"({centre})",
                 f"1 of {several(math.prod(delta.taps), 'tap')} is not 0"),
            Step("ensemble", r"W_t = s\,Q,\ \text{else } 0", delta, rf"W_{{{centre}}} = {number(self.scale)}\,Q"),
        )  # fmt: skip

    def roles(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """Receptive field, inputs and outputs."""
        return ("field",) * (len(shape) - 2) + ("in", "out")

    def matrix_axes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Outputs across."""
        return (len(shape) - 1,), ()


def delta_orthogonal(scale: Number = 1.0, column_axis: int = -1, dtype: DTypeLike | None = None) -> DeltaOrthogonal:
    """Weights 0 but for the centre tap of the kernel, which is scale · Q, Q a Haar matrix from inputs to outputs.

    Takes 3-D to 5-D kernels with at least as many outputs as inputs. With circular or SAME padding and stride 1 the
    convolution is an isometry times `scale`. Position decides which weights are 0: all but those of the centre tap, so
    that the standard deviation over the whole kernel is that at the tap over √taps.

    Source: Xiao et al. 2018. PyTorch and Keras have no such initializer.

    >>> delta_orthogonal().plan((3, 3, 64, 128))["tap"]
    (1, 1)

    Args:
        scale: The singular values.
        column_axis: Axis of the centre tap along which the columns run: -1 or -2.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return DeltaOrthogonal(scale, column_axis, dtype)
