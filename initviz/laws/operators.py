"""Laws of the singular values of convolutions as operators: of all the matrices that one kernel is, per frequency.

Where channels are few, or a stride reads some taps more often than others, no formula is known: kernels are simulated.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from initviz.laws.base import Law
from initviz.laws.simulation import MOST_VALUES, entries, narrow, standard_normal, values_of
from initviz.matrices.sliding import Operator
from initviz.spectra import Jacobi, MarchenkoPastur, Points, Sample, Simulated, Spectrum, Spiked, Union

Parts = tuple[tuple[Spectrum, int], ...]
WORK = 2**24
"""Rows × columns² of the matrices that are simulated, together: a quarter of a second."""
MOST_NUMBERS = 2**21
"""Entries of all kernels that are simulated."""
LEAST, MOST = 8, 32768
"""Matrices that are simulated. Few of them are large, whose singular values vary little."""
ALIKE = 9
"""Digits in which singular values that are the same in every draw agree."""


def iid(law: Law, operator: Operator) -> Spectrum | None:
    """Of a kernel of independent entries; None without a matrix per frequency, and of one too large to simulate.

    At every frequency a matrix of independent entries, whose variance is σ² times the number of taps at that place in
    a stride; the mean adds an outlier to those frequencies, low ones, at which the taps do not cancel.
    """
    if not law.power:
        return Points.repeated(0.0, operator.count)
    if not operator.whole:
        return None
    unit, scale = law.standard
    (rows, columns), places = operator.block, len(operator.shares)
    bulk = MarchenkoPastur(rows, columns, math.sqrt(law.power * operator.taps / places), law.complex)
    mean = abs(law.marginal.mean) / math.sqrt(places)
    if len(set(operator.shares)) == 1 and min(rows, columns) > MOST_VALUES:
        limits = ((Spiked(bulk, mean * gain), times) for gain, times in operator.responses)
        parts = limits if mean else [(bulk, operator.coarse)]
        return union(((part, operator.groups * times) for part, times in parts), operator.left)
    if operator.taps * math.prod(operator.channels) > MOST_NUMBERS:
        return None
    return union(_simulated(Independent(unit), operator).parts(operator, scale), operator.left)


def haar(scale: float, sides: tuple[int, int], columns_at: int, complex_: bool, operator: Operator) -> Parts | None:
    """Of a kernel that is an orthogonal matrix, in parts; None as in `iid`.

    At every frequency √taps times an inputs × outputs block of the matrix, turned: not an isometry, but for kernels
    wide enough.

    Args:
        scale: of the matrix.
        sides: its rows and columns.
        columns_at: the axis of the kernel along which its columns run, from the end: -1 or -2.
        complex_: whether it is unitary.
        operator: the convolution.
    """
    if not operator.whole:
        return None
    (rows, columns), places = operator.block, len(operator.shares)
    along_coarse = columns_at == (-2 if operator.swapped else -1)
    if len(set(operator.shares)) == 1 and (along_coarse or places == 1):
        law = Jacobi(rows, columns, max(sides), scale * math.sqrt(operator.taps / places))
        if not law.bulk_count or min(rows, columns) > MOST_VALUES:
            return ((law, operator.groups * operator.coarse),)
    if math.prod(sides) > MOST_NUMBERS:
        return None
    return _simulated(Orthonormal(*sides, columns_at, complex_), operator).parts(operator, scale)


def union(parts: Iterable[tuple[Spectrum, int]], zeros: int) -> Spectrum:
    """Laws with how often each counts, and so many zeros."""
    return Union((*parts, *(((Points.repeated(0.0, zeros), 1),) if zeros else ())))


@dataclass(frozen=True)
class Independent:
    """Kernels of independent entries of a standard law."""

    law: Law

    @property
    def exactly(self) -> bool:
        """Whether squares would lose what varies."""
        return narrow(self.law)

    def size(self, operator: Operator) -> int:
        """Entries of one kernel; of its groups one is enough."""
        return operator.taps * math.prod(operator.channels)

    def draw(self, count: int, operator: Operator) -> np.ndarray:
        """The groups of so many kernels: (groups, taps, fine, coarse)."""
        return entries(self.law, count * self.size(operator)).reshape(count, operator.taps, *operator.channels)


@dataclass(frozen=True)
class Orthonormal:
    """Kernels that are Haar matrices."""

    rows: int
    columns: int
    columns_at: int
    complex: bool

    exactly = False

    def size(self, operator: Operator) -> int:
        """Entries of one kernel, and its QR decomposition, which takes as long as so many more."""
        return self.rows * self.columns * (1 + min(self.rows, self.columns) // 8)

    def draw(self, count: int, operator: Operator) -> np.ndarray:
        """The groups of so many kernels: (kernels · groups, taps, fine, coarse). Signs of columns change no value."""
        tall, thin = max(self.rows, self.columns), min(self.rows, self.columns)
        q = np.linalg.qr(standard_normal(count * tall * thin, self.complex).reshape(count, tall, thin))[0]
        q = q if self.rows >= self.columns else q.swapaxes(-1, -2)
        q = q.reshape(count, operator.taps, -1, self.columns)
        return np.concatenate(operator.split(q if self.columns_at == -1 else q.swapaxes(-1, -2)))


class Simulation(NamedTuple):
    """Singular values of many matrices of scale 1, and those that are the same in every draw: (position, share)."""

    sample: Sample
    same: tuple[tuple[float, float], ...]

    def parts(self, operator: Operator, scale: float) -> Parts:
        """The law of the operator."""
        times = operator.groups * operator.coarse
        if not self.same:
            return ((Simulated(self.sample, scale), times),)
        total = times * min(operator.block)
        points = Points(tuple((scale * at, round(share * total)) for at, share in self.same))
        rest = total - points.count
        return (*(((Simulated(self.sample, scale), rest),) if rest > 0 else ()), (points, 1))


@lru_cache(maxsize=32)
def _simulated(source: Independent | Orthonormal, operator: Operator) -> Simulation:
    """Matrices of simulated kernels, at frequencies spread over all."""
    rows, columns = operator.block
    wanted = int(np.clip(WORK // (rows * columns * min(rows, columns)), LEAST, MOST))
    numbers = source.size(operator)
    kernels = source.draw(int(np.clip(MOST_NUMBERS // numbers, 1, wanted)), operator)[:wanted]
    looks = min(-(-wanted // len(kernels)), operator.coarse)
    kernels = kernels[: -(-wanted // looks)]
    matrices = looks * len(kernels)
    order = np.random.Generator(np.random.SFC64(3)).permutation(operator.coarse)  # all along every axis
    frequencies = order[np.arange(matrices) * operator.coarse // matrices]
    flat = kernels.reshape(len(kernels), operator.taps, -1)
    values = np.concatenate([
        values_of((operator.waves(each) @ flat).reshape(-1, rows, columns), source.exactly)
        for each in np.split(frequencies, looks)
    ])  # fmt: skip
    return _apart(values) if isinstance(source, Orthonormal) else Simulation(Sample(values), ())


def _apart(values: np.ndarray) -> Simulation:
    """Values that are the same in many matrices are points."""
    rounded = np.round(values, ALIKE).ravel()
    different, counts = np.unique(rounded, return_counts=True)
    often = counts >= max(len(values) / 8, 3)
    rest = values.ravel()[~np.isin(rounded, different[often])]
    same = zip(different[often].tolist(), (counts[often] / values.size).tolist(), strict=True)
    return Simulation(Sample(rest[:, None], matrices=len(values)) if often.any() else Sample(values), tuple(same))
