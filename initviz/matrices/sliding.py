"""How the taps of a convolution move over its input: stride, dilation, groups, padding, or all that transposed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

WORDS = {"CIRCULAR": "circular padding", "SAME": "padding with zeros (SAME)", "VALID": "no padding (VALID)"}
"""Paddings as flax calls them, and in words: the input goes round; zeros around it; all taps fall on the input."""
PADDINGS = tuple(WORDS)


@dataclass(frozen=True)
class Axis:
    """One spatial axis. Of its two ends, input and output, the stride makes one coarse and leaves the other fine."""

    taps: int
    size: int
    """Of the input: the fine end of a convolution, the coarse end of a transposed one."""
    stride: int
    dilation: int
    padding: str
    transposed: bool
    flipped: bool

    @property
    def extent(self) -> int:
        """Positions from the first tap to the last."""
        return (self.taps - 1) * self.dilation + 1

    @property
    def fine(self) -> int:
        """Positions at the fine end."""
        if not self.transposed:
            return self.size
        return self.size * self.stride + (max(self.extent - self.stride, 0) if self.padding == "VALID" else 0)

    @property
    def coarse(self) -> int:
        """Positions at the coarse end."""
        if self.transposed:
            return self.size
        if self.padding == "VALID":
            return max((self.size - self.extent) // self.stride + 1, 0)
        return -(-self.size // self.stride)

    @property
    def whole(self) -> bool:
        """Whether every output sees the same: the input goes round, in whole strides."""
        return self.padding == "CIRCULAR" and self.fine % self.stride == 0

    @property
    def residues(self) -> np.ndarray:
        """Of each tap: at which of the positions within a stride it falls."""
        return np.arange(self.taps) * self.dilation % self.stride

    @property
    def before(self) -> int:
        """Zeros before the fine end, as jax's `conv_general_dilated` and `conv_transpose` put them."""
        if self.transposed:
            share = -(-(self.extent + self.stride - 2) // 2)
            return self.extent - 1 if self.padding == "VALID" or self.stride >= self.extent else share
        if self.padding == "VALID":
            return 0
        return max((self.coarse - 1) * self.stride + self.extent - self.fine, 0) // 2

    def pairs(self, tap: int) -> tuple[np.ndarray, np.ndarray]:
        """The positions that a tap joins: at the fine end, and at the coarse end."""
        coarse = np.arange(self.coarse)
        if self.transposed:
            tap = self.taps - 1 - tap if self.flipped else tap
            fine = coarse * self.stride + self.before - tap * self.dilation
        else:
            fine = coarse * self.stride - self.before + tap * self.dilation
        if self.padding == "CIRCULAR":
            return fine % self.fine, coarse
        kept = (fine >= 0) & (fine < self.fine)
        return fine[kept], coarse[kept]

    @cached_property
    def waves(self) -> np.ndarray:
        """exp(-iωx) of each tap x for each frequency ω, in the row of its residue: (frequencies, residues, taps)."""
        kept, place = np.unique(self.residues, return_inverse=True)
        angle = np.outer(np.arange(self.coarse), np.arange(self.taps) * self.dilation) * (2 * np.pi / self.fine)
        return np.exp(-1j * angle)[:, None, :] * (place == np.arange(len(kept))[:, None])

    @property
    def counted(self) -> np.ndarray:
        """How many taps join a position at the fine end with one at the coarse end: (fine, coarse)."""
        counts = np.zeros((self.fine, self.coarse))
        for tap in range(self.taps):
            np.add.at(counts, self.pairs(tap), 1)
        return counts


@dataclass(frozen=True)
class Operator:
    """A convolution on a whole input as a matrix, from all positions and channels at its fine end to the coarse end.

    One of those ends is the input and one the output; singular values know no difference.
    """

    axes: tuple[Axis, ...]
    channels: tuple[int, int]
    """Of one group, at the fine end and at the coarse end."""
    groups: int = 1
    swapped: bool = False
    """Whether the last two axes of the kernel are those at the coarse end and at the fine end."""

    @property
    def taps(self) -> int:
        """Taps of the kernel."""
        return math.prod(axis.taps for axis in self.axes)

    @property
    def fine(self) -> int:
        """Positions at the fine end."""
        return math.prod(axis.fine for axis in self.axes)

    @property
    def coarse(self) -> int:
        """Positions at the coarse end: also the number of frequencies."""
        return math.prod(axis.coarse for axis in self.axes)

    @property
    def size(self) -> tuple[int, int]:
        """Of the matrix of one group."""
        return self.fine * self.channels[0], self.coarse * self.channels[1]

    @property
    def count(self) -> int:
        """Singular values of all groups."""
        return self.groups * min(self.size)

    @property
    def whole(self) -> bool:
        """Whether there is one small matrix per frequency."""
        return all(axis.whole for axis in self.axes)

    @property
    def shares(self) -> tuple[int, ...]:
        """How many taps fall at each of the positions within a stride that have any."""
        counts = [list(Counter(axis.residues.tolist()).values()) for axis in self.axes]
        product = [1]
        for each in counts:
            product = [x * y for x in product for y in each]
        return tuple(product)

    @property
    def block(self) -> tuple[int, int]:
        """Size of the matrix at one frequency, without rows of zeros: the channels at each position of a stride."""
        return len(self.shares) * self.channels[0], self.channels[1]

    @property
    def left(self) -> int:
        """Singular values that are 0 since no tap ever falls where they are."""
        return self.count - self.groups * self.coarse * min(self.block) if self.whole else 0

    def split(self, kernel: np.ndarray) -> np.ndarray:
        """The kernel of each group, its taps in one axis: (…, taps, a, b) -> (…, groups, taps, fine, coarse)."""
        if self.swapped:
            return kernel.swapaxes(-1, -2)[..., None, :, :, :]
        return np.moveaxis(kernel.reshape(*kernel.shape[:-1], self.groups, self.channels[1]), -2, -4)

    def waves(self, frequencies: np.ndarray) -> np.ndarray:
        """exp(-iωx) of each tap x, in the row of its position within a stride: (frequencies, positions, taps)."""
        places = np.unravel_index(frequencies, tuple(axis.coarse for axis in self.axes))
        found = np.ones((len(frequencies), 1, 1))
        for axis, place in zip(self.axes, places, strict=True):
            found = np.einsum("fpx,fqy->fpqxy", found, axis.waves[place])
            found = found.reshape(len(frequencies), found.shape[1] * found.shape[2], -1)
        return found

    def matrix(self, kernel: np.ndarray) -> np.ndarray:
        """The matrix of one group, from its part of the kernel: (taps, fine, coarse) -> `size`."""
        matrix = np.zeros((self.fine, self.coarse, *self.channels), kernel.dtype)
        for weights, taps in zip(kernel, np.ndindex(*(axis.taps for axis in self.axes)), strict=True):
            rows, columns = self.pairs(taps)
            matrix[rows, columns] += weights  # a tap joins no two positions twice
        return matrix.transpose(0, 2, 1, 3).reshape(self.size)

    def pairs(self, taps: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """The positions that one tap joins, at the fine end and at the coarse end, each counted through all axes."""
        rows = columns = np.zeros(1, int)
        for axis, tap in zip(self.axes, taps, strict=True):
            fine, coarse = axis.pairs(tap)
            rows = np.add.outer(rows * axis.fine, fine).ravel()
            columns = np.add.outer(columns * axis.coarse, coarse).ravel()
        return rows, columns

    @property
    def responses(self) -> tuple[tuple[float, int], ...]:
        """What a kernel of ones with one channel does: its singular values with their number, descending, to 12 digits.

        With stride 1 and circular padding that is |Σ exp(-iωx)| for every frequency ω: all taps at 0.
        """
        product = np.ones(1)
        for axis in self.axes:
            product = np.multiply.outer(product, np.linalg.svd(axis.counted, compute_uv=False)).ravel()
        return tuple(sorted(Counter(np.round(product, 12).tolist()).items(), reverse=True))


@dataclass(frozen=True)
class Sliding:
    """How the taps of a convolution move; numbers along each axis, or one for all.

    Args:
        stride: step between outputs; of a transposed convolution, outputs per input.
        dilation: step between taps.
        groups: separate convolutions side by side, of consecutive channels.
        padding: one of `PADDINGS`.
        transposed: whether inputs are spread over the taps, instead of read by them.
        swapped: of a transposed convolution, whether its kernel is that of the convolution whose gradient it is:
            outputs before inputs, and taps in their order (flax's and jax's `transpose_kernel`).
    """

    stride: tuple[int, ...] = (1,)
    dilation: tuple[int, ...] = (1,)
    groups: int = 1
    padding: str = "CIRCULAR"
    transposed: bool = False
    swapped: bool = False

    def __post_init__(self) -> None:
        if self.padding not in PADDINGS:
            raise ValueError(f"padding must be one of {', '.join(PADDINGS)}, got {self.padding!r}. Choose one of them.")
        if min((*self.stride, *self.dilation, self.groups)) < 1:
            raise ValueError(
                f"stride, dilation and groups must be at least 1, got {self.stride}, {self.dilation} and "
                f"{self.groups}. Give 1 for what is not asked for."
            )
        if self.transposed and self.groups > 1:
            raise ValueError(f"a transposed convolution has no groups here, got {self.groups}. Ask for each by itself.")

    def on(self, shape: Sequence[int], sizes: Sequence[int]) -> Operator:
        """The operator of a kernel of this shape, (*taps, inputs / groups, outputs), on an input of `sizes`.

        Raises:
            ValueError: not one to three spatial axes, not one size of at least 1 for each, or no output.
        """
        *taps, inputs, outputs = shape if len(shape) >= 2 else (0, 0)
        if not 1 <= len(taps) <= 3:
            raise ValueError(
                f"a convolution needs a kernel of 3 to 5 axes, (*taps, inputs, outputs), got shape {tuple(shape)}. "
                "Use singular_values for a matrix."
            )
        reach = " × ".join(map(str, taps))
        if len(sizes) != len(taps) or min(sizes) < 1:
            raise ValueError(
                f"a convolution needs one input size of at least 1 per spatial axis, got sizes {tuple(sizes)} for "
                f"{reach} taps. Give for instance {(16,) * len(taps)}."
            )
        steps = [_each(step, len(taps)) for step in (self.stride, self.dilation)]
        if any(len(step) != len(taps) for step in steps) or outputs % self.groups:
            raise ValueError(
                f"a convolution needs one step or one per spatial axis, and outputs that groups divide, got {self} for "
                f"shape {tuple(shape)}. Give for instance stride (2,)."
            )
        axes = tuple(
            Axis(tap, size, stride, dilation, self.padding, self.transposed, self.swapped)
            for tap, size, stride, dilation in zip(taps, sizes, *steps, strict=True)
        )
        if not all(axis.coarse for axis in axes):
            extents = tuple(axis.extent for axis in axes)
            raise ValueError(
                f"a convolution without padding has no output where its taps reach over more than the input, got "
                f"sizes {tuple(sizes)} for taps that reach over {' × '.join(map(str, extents))}. "
                f"Give sizes of at least {extents}, or choose another padding."
            )
        turned = self.transposed and not self.swapped
        channels = (outputs, inputs) if turned else (inputs, outputs // self.groups)
        return Operator(axes, channels, self.groups, turned)

    def __str__(self) -> str:
        """In words: "circular padding, stride 2 × 1, dilation 2, 4 groups"."""
        words = [WORDS[self.padding], f"stride {_times(self.stride)}"]
        words += [f"dilation {_times(self.dilation)}"] * (set(self.dilation) != {1})
        return ", ".join(words + [f"{self.groups} groups"] * (self.groups > 1))


PLAIN = Sliding()
"""Stride 1 and circular padding."""


def _each(step: tuple[int, ...], rank: int) -> tuple[int, ...]:
    return step * rank if len(step) == 1 else step


def _times(step: tuple[int, ...]) -> str:
    return str(step[0]) if len(set(step)) == 1 else " × ".join(map(str, step))
