"""A weight tensor as one matrix: which axes become rows, which columns, and which are left out as a batch."""

import math
from dataclasses import dataclass

import numpy as np


def _axes(names: tuple[int, ...]) -> str:
    return f"axis {names[0]}" if len(names) == 1 else "axes " + ", ".join(map(str, names))


@dataclass(frozen=True)
class Unfolding:
    """How a tensor is flattened for its singular values: `rows` × `columns`, of the first slice along `batch`.

    `height` and `width` are the sizes looked at, a leading block where they are less than the whole matrix.
    """

    shape: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    batch: tuple[int, ...] = ()
    block: tuple[int, int] | None = None

    @property
    def full(self) -> tuple[int, int]:
        """Rows × columns of the whole matrix."""
        return math.prod(self.shape[a] for a in self.rows), math.prod(self.shape[a] for a in self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Rows × columns looked at."""
        return self.block or self.full

    def matrix(self, weights: np.ndarray) -> np.ndarray:
        """The matrix of a weight tensor of `shape`: (…) -> size."""
        first = np.moveaxis(weights, self.batch, range(len(self.batch)))[(0,) * len(self.batch)]
        kept = [a for a in range(len(self.shape)) if a not in self.batch]
        whole = first.transpose([kept.index(a) for a in self.rows + self.columns]).reshape(self.full)
        return whole[: self.size[0], : self.size[1]]

    def positions(self) -> np.ndarray:
        """Flat positions in the tensor of the entries looked at: int64, of shape size."""
        strides = np.array([math.prod(self.shape[a + 1 :]) for a in range(len(self.shape))], np.int64)

        def offsets(axes: tuple[int, ...], count: int) -> np.ndarray:
            index = np.unravel_index(np.arange(count), [self.shape[a] for a in axes]) if axes else ()
            return sum((i * strides[a] for i, a in zip(index, axes, strict=True)), np.zeros(count, np.int64))

        return offsets(self.rows, self.size[0])[:, None] + offsets(self.columns, self.size[1])[None, :]

    def __str__(self) -> str:
        """How it was flattened, as a sentence; empty where the tensor is the matrix."""
        parts = []
        if self.batch or len(self.shape) > 2 or self.rows + self.columns != tuple(range(len(self.shape))):
            rows, columns = self.full
            parts.append(f"flattened to {rows} × {columns}: rows {_axes(self.rows)}, columns {_axes(self.columns)}")
        if self.batch:
            parts.append(f"first slice along {_axes(self.batch)}")
        if self.block:
            parts.append(f"leading {self.block[0]} × {self.block[1]} block of {self.full[0]} × {self.full[1]}")
        return "; ".join(parts)


def unfold(shape: tuple[int, ...], columns: tuple[int, ...], batch: tuple[int, ...] = ()) -> Unfolding:
    """`columns` across, all other axes but `batch` down; the last axis across where that leaves no rows."""
    columns = tuple(a for a in dict.fromkeys(columns) if a not in batch)
    rows = tuple(a for a in range(len(shape)) if a not in columns + batch)
    if not rows or not columns:
        columns, batch = (len(shape) - 1,), ()
        rows = tuple(range(len(shape) - 1))
    return Unfolding(shape, rows, columns, batch)


def within(unfolding: Unfolding, budget: float) -> Unfolding:
    """The largest leading block of the same proportions with rows × columns × min(rows, columns) <= `budget`."""
    rows, columns = unfolding.full
    cost = rows * columns * min(rows, columns)
    if cost <= budget:
        return unfolding
    factor = (budget / cost) ** (1 / 3)
    block = (max(int(rows * factor), 1), max(int(columns * factor), 1))
    return Unfolding(unfolding.shape, unfolding.rows, unfolding.columns, unfolding.batch, block)
