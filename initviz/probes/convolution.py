"""The convolution operator: its singular values, beside those of the flattened kernel."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from initviz import engine
from initviz.answers.answer import Answer
from initviz.layers import LAYERS
from initviz.matrices.convolutions import convolution_spectrum
from initviz.matrices.sliding import PADDINGS, Operator, Sliding
from initviz.matrices.svd import singular_values
from initviz.probes.base import Probe, ignore
from initviz.settings.knobs import Choice, Count
from initviz.spectra import Rank, Spectrum, ranks

LARGEST_KERNEL = 2**25
"""Most numbers of the transformed kernel, frequencies × inputs × outputs."""
LARGEST_MATRIX = 2**24
"""Most entries of the matrix from all inputs to all outputs, where it is decomposed itself: half a minute."""
SMALL_MATRIX = 2**20
"""Entries up to which that takes no process of its own."""


@dataclass(frozen=True, eq=False)
class ConvolutionResult:
    """Singular values of the layer as a linear map on a whole input, and of the flattened kernel."""

    result: Answer
    sizes: tuple[int, ...]
    """Of the input, one per spatial axis."""
    singular_values: np.ndarray
    """Descending: as many as the matrix from all inputs to all outputs has."""
    law: Spectrum | None
    sliding: Sliding
    """Stride, dilation, groups and padding, and whether it is transposed."""
    operator: Operator

    @property
    def ranks(self) -> dict[str, Rank]:
        """Condition number and ranks of the operator, observed and expected."""
        return ranks(self.singular_values, self.law)


class Convolution(Probe):
    """The layer as a linear map on an input of `input_size` along every axis, with its stride, dilation and groups.

    A raw shape is a convolution of stride 1. Paddings are those of flax's Conv and ConvTranspose.
    """

    title = "Convolution"
    arguments = ("input_size", "padding")

    input_size = Count(16, bounds=(1, 256), softbounds=(1, 64), doc="Input size along every spatial axis")
    padding = Choice(PADDINGS, default=PADDINGS[0], doc="What the taps read beyond the input: its other end, or zeros.")

    def applies(self, result):
        """Whether the weights are those of a convolution, with spatial axes."""
        shape = result.plan.shape
        return result.question.layer.layer.sliding() is not None and 3 <= len(shape) <= 5 and 0 not in shape

    def answer(self, result, progress=ignore):
        """Singular values of the operator, by frequency where all outputs see the same, else of its matrix; their law.

        Raises:
            ValueError: the weights are no convolution kernel, or the input is too small or too large.
        """
        shape, layer = result.plan.shape, result.question.layer
        plain = layer.layer.sliding()
        if plain is None:
            known = ", ".join(cls.title for cls in LAYERS.values() if cls.sums and cls().sliding())
            raise ValueError(
                f"this view needs a convolution, got {layer.kind.title}. Choose one of the layers {known}."
            )
        if not 3 <= len(shape) <= 5 or 0 in shape:
            raise ValueError(
                f"this view needs a convolution kernel (spatial sizes, inputs, outputs), got the shape {shape}. "
                "Choose the layer Convolution, or type a shape such as 3, 3, 64, 128."
            )
        sliding, sizes = replace(plain, padding=self.padding), (self.input_size,) * (len(shape) - 2)
        operator = sliding.on(shape, sizes)
        require_small(operator, self.padding)
        rows, columns = operator.size
        apart = partial(engine.singular_values_apart, progress=progress)
        decompose = singular_values if rows * columns <= SMALL_MATRIX else apart
        values = convolution_spectrum(result.weights, sizes, progress, sliding, decompose)
        law = result.plan.ensemble.operator_spectrum(shape, sizes, sliding)
        return ConvolutionResult(result, sizes, values, law, sliding, operator)


def require_small(operator: Operator, padding: str) -> None:
    """Raise ValueError for an operator whose singular values take too long."""
    if operator.whole:
        rows, columns = operator.block
        numbers = operator.groups * operator.coarse * rows * columns
        if numbers > LARGEST_KERNEL:
            raise ValueError(
                f"frequencies × inputs × outputs must be at most {LARGEST_KERNEL:,} here, got {numbers:,}. "
                "Choose a smaller input size or fewer channels."
            )
        return
    rows, columns = operator.size
    entries = operator.groups * rows * columns
    if entries > LARGEST_MATRIX:
        circular = padding == "CIRCULAR"
        what = "a circular input that is no whole number of strides long" if circular else f"the padding {padding}"
        other = "an input size that is a multiple of the stride" if circular else f"the padding {PADDINGS[0]}"
        raise ValueError(
            f"{what} needs the whole matrix, which must have at most {LARGEST_MATRIX:,} entries here, got {entries:,}. "
            f"Choose a smaller input size, fewer channels or {other}."
        )
