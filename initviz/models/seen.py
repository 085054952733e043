"""What is seen of one tensor: exact moments and extremes of all its weights, and an observation of a part of them.

A model may have more weights than memory has room for, and looking must take hardly longer than reading. So the moments
are of all weights, in one pass; law and singular values are those of a leading part, which independent weights allow.
"""

import math
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from initviz.checks import Observation, observe
from initviz.checks.arrays import as_array
from initviz.checks.base import ORTHOGONAL_LIMIT, eps_of
from initviz.checks.weights import precision_of
from initviz.engine.cores import on_all_cores
from initviz.engine.summary import Bins, parts, pieces
from initviz.matrices.unfolding import Unfolding, unfold
from initviz.models.tensor import Role, Tensor

WHOLE = 2**16
"""Most weights of a tensor that are observed one by one, with their singular values: of a larger one a leading part."""
SOME = 16
"""Rows or columns that are tried whether they are orthogonal."""
LONGEST = 2**18
"""Most weights in a row or column of these, so that they take little memory."""
ROUGH = 0.01
"""Rounding that leaves nothing to tell of that, as of float8."""
TOLD = 64
"""Leading weights that are kept, by whose order copies are told."""
SLICES = 2**14
"""Most slices of a stack that are compared with each other."""
CERTAIN = 43
"""Bits by which equal slices are no chance: one in 10¹³, as for the order of 16 weights."""

NARROW = (np.dtype(jnp.bfloat16), np.dtype(np.float16))


@dataclass(frozen=True)
class Moments:
    """Of all weights of a tensor that are finite; complex ones count as two real parts."""

    count: int
    not_finite: int
    zeros: int
    mean: float
    power: float
    """Mean of the squares."""
    minimum: float
    maximum: float

    @property
    def std(self) -> float:
        """Standard deviation around their mean."""
        return max(self.power - self.mean**2, 0.0) ** 0.5 if self.minimum < self.maximum else 0.0

    @property
    def largest(self) -> float:
        """Largest magnitude; 0 of no weights."""
        return max(-self.minimum, self.maximum, 0.0) if self.count else 0.0

    @property
    def constant(self) -> float | None:
        """The one value that all weights have; None where they differ."""
        return self.minimum if self.count and self.minimum == self.maximum and not self.not_finite else None


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen of a tensor, compared by identity."""

    moments: Moments
    observation: Observation
    """Of the weights, or of the leading part of them."""
    distinct: int
    """Different values in the part observed."""
    copied: bool
    """Whether each of these stands there twice, three times, …, though there are several: one part copies another."""
    kurtosis: float
    """Of the part observed: fourth central moment over the squared variance; NaN of constants."""
    precision: np.dtype
    """The dtype whose rounding they show."""
    orthogonal: float
    """The length of a few rows or columns, whichever are longer, if they are orthogonal and equally long, to rounding;
    0 if they are not."""
    leading: np.ndarray
    """The first weights, in double precision."""
    alike: bool
    """Whether two slices along the axes of independent copies begin alike, though they vary within."""

    @property
    def without_weights(self) -> "Seen":
        """The same, which no longer holds the part itself."""
        return replace(self, observation=replace(self.observation, weights=None))

    @property
    def repeated(self) -> float:
        """Share of the weights that equal an earlier one, in the part observed."""
        count = self.observation.summary.count
        return 1 - self.distinct / count if count else 0.0

    @property
    def mostly_zeros(self) -> bool:
        """Whether most weights that equal another are 0."""
        return self.moments.zeros > 0.5 * self.repeated * self.moments.count

    @property
    def in_part(self) -> bool:
        """Whether law and singular values are those of a part."""
        return self.moments.count + self.moments.not_finite > math.prod(self.observation.shape) * (
            2 if self.observation.dtype.kind == "c" else 1
        )


def see(tensor: Tensor, role: Role) -> Seen:
    """Look at a tensor.

    Raises:
        TypeError: it holds no numbers.
    """
    array = as_array(tensor.read())
    part = leading_part(array, role)
    precision = _precision(part)
    times = np.unique(part, return_counts=True)[1]
    return Seen(
        moments_of(array),
        observe(part, Bins.covering(part), _unfolding(part.shape, role)),
        int(times.size),
        bool(times.size > 1 and np.gcd.reduce(times) > 1),
        _kurtosis(part),
        precision,
        _orthogonal(array, role),
        _leading(array),
        _slices_alike(array, role, precision),
    )


def _orthogonal(array: np.ndarray, role: Role) -> float:
    """The common length of some rows or columns of the matrix that a tensor is flattened to, if they are orthogonal."""
    unfolding = _unfolding(array.shape, role)
    if unfolding is None or array.dtype.kind == "c":
        return 0.0
    rows, columns = unfolding.full
    if min(rows, columns) < 2 or max(rows, columns) > LONGEST:
        return 0.0
    few = replace(unfolding, block=(rows, min(columns, SOME)) if rows >= columns else (min(rows, SOME), columns))
    vectors = array.ravel()[few.positions()].astype(np.float64)
    vectors = vectors if rows >= columns else vectors.T
    gram = vectors.T @ vectors
    square = float(np.trace(gram)) / len(gram)
    room = ORTHOGONAL_LIMIT * eps_of(array.dtype) * max(rows, columns) ** 0.5
    if not (0 < square < math.inf and room < ROUGH):
        return 0.0
    return square**0.5 if np.abs(gram / square - np.eye(len(gram))).max() <= room else 0.0


def _precision(part: np.ndarray) -> np.dtype:
    """The narrowest floating dtype that holds these weights as they are, such as bfloat16 of what was cast from it."""
    if part.dtype == np.float32 or part.dtype == np.float64:
        with np.errstate(over="ignore", under="ignore"):
            for narrow in NARROW:
                if np.array_equal(part.astype(narrow).astype(part.dtype), part):
                    return narrow
    return precision_of(part)


def _kurtosis(part: np.ndarray) -> float:
    if not part.size:
        return math.nan
    values = parts(part.ravel())
    with np.errstate(all="ignore"):
        apart = values - values.mean()
        square = np.mean(np.square(apart))
        return float(np.mean(np.square(np.square(apart / square**0.5)))) if square > 0 else math.nan


def moments_of(array: np.ndarray) -> Moments:
    """Count, moments and extremes of all weights, by all cores."""
    found = list(on_all_cores(_moments, list(pieces(array)))) if array.size else []
    if not found:
        return Moments(0, 0, 0, math.nan, math.nan, math.inf, -math.inf)
    count, not_finite, zeros = (sum(each[place] for each in found) for place in range(3))
    mean, power = (math.fsum(each[place] for each in found) / max(count, 1) for place in (3, 4))
    return Moments(count, not_finite, zeros, mean, power, min(e[5] for e in found), max(e[6] for e in found))


def _moments(piece: np.ndarray) -> tuple[int, int, int, float, float, float, float]:
    """Finite, not finite, zeros, sum, sum of squares, least and largest of a piece that is in the cache."""
    size = piece.size * (2 if np.iscomplexobj(piece) else 1)
    with np.errstate(all="ignore"):  # of memory that nobody has written to
        values = piece if piece.dtype in (np.float32, np.float64) else parts(piece)
        squares = float(values @ values)
        if not np.finfo(values.dtype).tiny * 1e6 < squares < math.inf:  # or not finite, or beyond single precision
            values = parts(piece)
            values = values[np.isfinite(values)]
            squares = float(np.square(values, dtype=np.longdouble).sum())
        if not values.size:
            return 0, size, 0, 0.0, 0.0, math.inf, -math.inf
        zeros, total = values.size - int(np.count_nonzero(values)), float(values.sum(dtype=np.float64))
        return values.size, size - values.size, zeros, total, squares, float(values.min()), float(values.max())


def leading_part(array: np.ndarray, role: Role) -> np.ndarray:
    """All weights of a small tensor, of a larger one the first along the axes of its matrix.

    Copies and taps are left out first: what is told of a law is told by one of them.
    """
    if array.size <= WHOLE:
        return array
    sizes = list(array.shape)
    matrix = [axis for axis in range(array.ndim) if axis in (*role.in_axes, *role.out_axes)] or list(range(array.ndim))
    for axis in (*role.batch_axes, *(axis for axis in range(array.ndim) if axis not in matrix)):
        rest = math.prod(sizes) // max(sizes[axis], 1)
        sizes[axis] = min(sizes[axis], max(WHOLE // max(rest, 1), 1))
    while math.prod(sizes) > WHOLE:
        longest = max(matrix, key=lambda axis: sizes[axis])
        sizes[longest] = -(-sizes[longest] // 2)
    return array[tuple(slice(size) for size in sizes)]


def _unfolding(shape: tuple[int, ...], role: Role) -> Unfolding | None:
    if len(shape) < 2 or not math.prod(shape):
        return None
    return unfold(shape, role.out_axes or (len(shape) - 1,), role.batch_axes)


def _leading(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)[:TOLD] if array.flags.c_contiguous else array.ravel()[:TOLD]
    with np.errstate(over="ignore", invalid="ignore"):
        return parts(flat)[:TOLD]


def _slices_alike(array: np.ndarray, role: Role, precision: np.dtype) -> bool:
    """Whether two slices of a stack begin with the same weights, by more than the chance of so few digits."""
    if not role.batch_axes or not array.size:
        return False
    firsts = _first_of_slices(array, role)
    count, size = firsts.shape
    if size * (jnp.finfo(precision).nmant + 1) < CERTAIN + math.log2(count**2):
        return False
    varied = firsts[firsts.min(axis=1) < firsts.max(axis=1)]
    return len({first.tobytes() for first in varied}) < len(varied)


def _first_of_slices(array: np.ndarray, role: Role) -> np.ndarray:
    """A row for each slice, with the weights that it begins with."""
    copies = len(role.batch_axes)
    there = np.moveaxis(array, role.batch_axes, range(copies))
    some = there[(..., *(slice(8) for _ in there.shape[copies:]))]
    rows = some.reshape(math.prod(there.shape[:copies]), -1)[:SLICES]
    rows = np.concatenate([rows.real, rows.imag], axis=1) if np.iscomplexobj(rows) else rows
    return rows[:, :TOLD].astype(np.float64)
