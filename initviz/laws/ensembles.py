"""Matrix ensembles: what a plan ends in. Each can be sampled, and tells the law of one entry and of its spectrum."""

import math
from dataclasses import dataclass, replace

import jax
import numpy as np
from jax.typing import ArrayLike

from initviz.laws import operators
from initviz.laws.base import Law, Number
from initviz.laws.by_value import ByValue
from initviz.laws.complex import ComplexNormal
from initviz.laws.lost import NOTHING_LOST, SAMPLED, Lost, least, lost_of_law, lost_values, strained
from initviz.laws.marginals import EitherOf, Marginal, PointMass, Sparse, sphere
from initviz.laws.real import Normal
from initviz.laws.simulation import at_this_size
from initviz.laws.tools import JAX, Tools, Weights
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import Jacobi, MarchenkoPastur, Points, Spectrum, Spiked


class EnsembleBase(ByValue):
    """What is asked of every ensemble, with the answers that most of them give."""

    law: Law | None
    """The law that independent entries are drawn from; None where the entries depend on each other or do not vary."""
    block: "Haar | None"
    """The orthogonal matrix in it; None where there is none."""
    complex: bool
    """Whether its entries are complex, so that each has two real parts."""
    fixed_norm = True
    """Whether the mean square of the entries is the same in every draw."""
    sparse = False
    """Whether entries are 0 by rule."""

    @property
    def independent(self) -> bool:
        """Whether the entries are drawn independently of each other."""
        return self.law is not None

    @property
    def parts(self) -> int:
        """Real parts of an entry: 2 if complex."""
        return 2 if self.complex else 1


@dataclass(frozen=True, eq=False)
class Iid(EnsembleBase):
    """Independent entries of one law."""

    law: Law

    block = None
    fixed_norm = False

    @property
    def complex(self) -> bool:  # type: ignore[override]  # nobody sets it
        """As the law is."""
        return self.law.complex

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: shape and dtype as asked."""
        return tools.iid(self.law, key, shape, dtype)

    def lost(self, dtype: np.dtype) -> Lost:
        """That of its law."""
        return lost_of_law(self.law, dtype)

    @property
    def marginal(self) -> Marginal:
        """Law of one entry (of its real part, if complex)."""
        return self.law.marginal

    def spectrum(self, rows: int, columns: int) -> Spectrum:
        """Marchenko-Pastur; with an outlier where the mean is not 0 and large enough; zeros where nothing varies.

        Of a vector or a small matrix the law at this size, see `at_this_size`.
        """
        power = self.law.power
        if not power:
            return Points.repeated(0.0, min(rows, columns))
        excess = self.law.distribution.moments[3]
        bulk = MarchenkoPastur(rows, columns, math.sqrt(power), self.law.complex, excess)
        limit = self._spiked(bulk, self.marginal.mean) if self.marginal.mean else bulk
        return at_this_size(self.law, rows, columns, limit)

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        See `operators.iid`; None for padding with zeros.

        Raises:
            ValueError: the shape is not (*taps, inputs, outputs), or the sizes do not fit.
        """
        return operators.iid(self.law, sliding.on(shape, sizes))

    def _spiked(self, bulk: MarchenkoPastur, mean: float) -> Spiked:
        *_, skewness, excess = self.law.distribution.moments
        return Spiked(bulk, abs(mean), math.copysign(1, mean) * skewness, excess)


@dataclass(frozen=True, eq=False)
class Constant(EnsembleBase):
    """Every entry the same value (or a pattern of values broadcast over the shape)."""

    value: ArrayLike
    complex: bool = False

    law = None
    block = None

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: shape and dtype as asked; the key is ignored."""
        return tools.full(shape, self.value, dtype)

    def lost(self, dtype: np.dtype) -> Lost:
        """That of its values."""
        return lost_values(self.value, dtype)

    @property
    def marginal(self) -> Marginal | None:
        """A point mass, or one for either part of a complex value; None for a pattern."""
        if np.ndim(self.value):
            return None
        value = complex(self.value)
        return EitherOf(value.real, value.imag) if self.complex else PointMass(value.real)

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """One singular value |c| √(rows · columns), the others 0; None for a pattern, or where it is not finite."""
        if np.ndim(self.value) or not np.isfinite(complex(self.value)):
            return None
        smaller = min(rows, columns)
        if not complex(self.value):
            return Points.repeated(0.0, smaller)
        rank_one = abs(complex(self.value)) * math.sqrt(rows * columns)
        if math.isinf(rank_one):
            return None
        return Points(((rank_one, 1), (0.0, smaller - 1)), ("rank one", "zeros"))

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Singular values of a convolution of an input of `sizes` with a kernel of that shape.

        With circular padding one per frequency at which the taps do not cancel, the others 0; None for a pattern or a
        value that is not finite.

        Raises:
            ValueError: the shape is not (*taps, inputs, outputs), or the sizes do not fit.
        """
        operator = sliding.on(shape, sizes)
        if np.ndim(self.value) or not np.isfinite(complex(self.value)):
            return None
        unit = abs(complex(self.value)) * math.sqrt(math.prod(operator.channels))
        kept = [(unit * at, operator.groups * times) for at, times in operator.responses if unit * at]
        zeros = operator.count - sum(times for _, times in kept)
        return Points((*kept, (0.0, zeros)), ("rank one",) * len(kept) + ("zeros",))


@dataclass(frozen=True, eq=False)
class Haar(EnsembleBase):
    """`scale` times a Haar-distributed matrix with orthonormal rows or columns, whichever are fewer.

    The tensor is a `rows` × `columns` matrix whose columns run along `column_axis` (counted from the front).
    """

    scale: Number
    rows: int
    columns: int
    column_axis: int
    complex: bool = False

    law = None

    @property
    def block(self) -> "Haar":  # type: ignore[override]  # nobody sets it
        """The matrix itself."""
        return self

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: Gaussian, QR, signs, transpose if wide, reshape, scale; zeros of no size where a size is 0."""
        if 0 in shape:
            return tools.full(shape, 0, dtype)
        tall, thin = max(self.rows, self.columns), min(self.rows, self.columns)
        standard = (ComplexNormal if self.complex else Normal)(1.0)
        q = tools.orthonormal(tools.iid(standard, key, (tall, thin), dtype))
        if self.rows < self.columns:
            q = q.T
        others = shape[: self.column_axis] + shape[self.column_axis + 1 :]
        order = list(range(len(others)))
        order.insert(self.column_axis, len(others))
        return tools.numbers(self.scale, dtype) * q.reshape((*others, self.columns)).transpose(order)

    def lost(self, dtype: np.dtype) -> Lost:
        """All where the scale itself is; the digits of small entries, by their law."""
        scale, hole = float(self.scale), least(dtype)
        entry = scale / max(self.rows, self.columns, 1) ** 0.5
        if not scale or not strained((entry, scale), dtype):
            return NOTHING_LOST
        of_scale = lost_values(scale, dtype)
        if of_scale:
            return of_scale
        below = self.marginal.cdf(np.array([np.nextafter(-hole, -1.0), hole]))
        small = float(below[1] - below[0])
        return Lost(crushed=small) if small > 1 / SAMPLED else NOTHING_LOST

    @property
    def marginal(self) -> Marginal:
        """A coordinate of a uniform point on the sphere in N = max(rows, columns) real (or complex) dimensions."""
        return sphere(float(self.scale), max(self.rows, self.columns, 1) * (2 if self.complex else 1))

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """All singular values equal the scale; a Jacobi law for a block of the matrix; None for what is not in it."""
        if {rows, columns} == {self.rows, self.columns} or not float(self.scale):
            return Points.repeated(float(self.scale), min(rows, columns))
        if all(part <= whole for part, whole in zip(sorted((rows, columns)), self._sides, strict=True)):
            return Jacobi(rows, columns, self._sides[1], float(self.scale))
        return None

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        See `operators.haar`; None for padding with zeros, and where the columns are neither inputs nor outputs.

        Raises:
            ValueError: the shape is not (*taps, inputs, outputs), or the sizes do not fit.
        """
        operator, columns_at = sliding.on(shape, sizes), self.column_axis - len(shape)
        if not float(self.scale):
            return Points.repeated(0.0, operator.count)
        sides = self.rows, self.columns
        parts = (
            operators.haar(float(self.scale), sides, columns_at, self.complex, operator) if columns_at >= -2 else None
        )
        return operators.union(parts, operator.left) if parts else None

    @property
    def _sides(self) -> tuple[int, int]:
        """The shorter and the longer side."""
        return min(self.rows, self.columns), max(self.rows, self.columns)


@dataclass(frozen=True, eq=False)
class Delta(EnsembleBase):
    """A convolution kernel that is 0 but for its centre tap, which is a Haar matrix from inputs to outputs."""

    block: Haar
    taps: tuple[int, ...]

    law = None
    sparse = True

    @property
    def complex(self) -> bool:  # type: ignore[override]  # nobody sets it
        """As the block is."""
        return self.block.complex

    @property
    def centre(self) -> tuple[int, ...]:
        """Index of the tap that is not 0: ⌊(k - 1)/2⌋ along each spatial axis."""
        return tuple((k - 1) // 2 for k in self.taps)

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: zeros, and the Haar block at the centre tap."""
        inputs, outputs = shape[-2:]
        block = self.block.sample(key, (inputs, outputs), dtype, tools)
        zeros = tools.full(shape, 0, dtype)
        if isinstance(zeros, np.ndarray):
            zeros[self.centre] = block
            return zeros
        return zeros.at[self.centre].set(block)

    def lost(self, dtype: np.dtype) -> Lost:
        """That of the centre tap."""
        return self.block.lost(dtype).thinned(1 / max(math.prod(self.taps), 1))

    @property
    def marginal(self) -> Marginal:
        """Of a weight picked at random from the kernel, whose position decides: an entry of the Haar block, or 0."""
        return Sparse(self.block.marginal, 1 / max(math.prod(self.taps), 1))

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """One singular value `scale` per input, any further ones 0; None for a block of the flattened kernel."""
        inputs, outputs = sorted((self.block.rows, self.block.columns))
        if (rows, columns) != (math.prod(self.taps) * inputs, outputs):
            return None
        return Points(((float(self.block.scale), inputs), (0.0, min(rows, columns) - inputs)))

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        The one tap reads a position once or not at all. Without groups all of those that are read keep the scale: an
        isometry with stride 1, circular or SAME padding. With groups each is a block of the Haar matrix.

        Raises:
            ValueError: the shape is not (*taps, inputs, outputs), or the sizes do not fit.
        """
        operator = sliding.on(shape, sizes)
        read, scale = len(operator.pairs(self.centre)[0]), float(self.block.scale)
        zeros = operator.count - operator.groups * read * min(operator.channels)
        if operator.groups == 1 or not scale:
            values = ((scale, operator.count - zeros), (0.0, zeros))
            return Points(values) if zeros else Points.repeated(scale, operator.count)
        alone = replace(sliding, stride=(1,), dilation=(1,), padding="CIRCULAR").on((1, *shape[-2:]), (1,))
        sides, columns_at = (self.block.rows, self.block.columns), self.block.column_axis - 2
        parts = operators.haar(scale, sides, columns_at, self.complex, alone)
        return operators.union(((law, read * times) for law, times in parts), zeros) if parts else None


Ensemble = Iid | Constant | Haar | Delta
