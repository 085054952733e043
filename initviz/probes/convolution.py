"""The convolution operator: its singular values, beside those of the flattened kernel."""

from dataclasses import dataclass

import numpy as np

from initviz.answers.answer import Answer
from initviz.layers import Conv, RawShape
from initviz.matrices.convolutions import convolution_spectrum
from initviz.probes.base import Probe, ignore
from initviz.settings.knobs import Count
from initviz.spectra import Spectrum, ranks

LARGEST_KERNEL = 2**25
"""Most numbers of the transformed kernel, frequencies × inputs × outputs."""


@dataclass(frozen=True, eq=False)
class ConvolutionResult:
    """Singular values of the layer as a linear map on a whole input, and of the flattened kernel."""

    result: Answer
    sizes: tuple[int, ...]
    """Of the input, one per spatial axis."""
    singular_values: np.ndarray
    """Descending: prod(sizes) · min(inputs, outputs) of them."""
    law: Spectrum | None

    @property
    def ranks(self) -> dict[str, tuple[float, float | None]]:
        """Condition number and ranks of the operator, observed and expected."""
        return ranks(self.singular_values, self.law)


class Convolution(Probe):
    """The kernel as a convolution of stride 1 with circular padding, on an input of `input_size` along every axis."""

    title = "Convolution"
    arguments = ("input_size",)

    input_size = Count(16, bounds=(1, 256), softbounds=(1, 64), doc="Input size along every spatial axis")

    def answer(self, result, progress=ignore):
        """Singular values of the operator by FFT, and their law.

        Raises:
            ValueError: the weights are no convolution kernel, or the input is too small or too large.
        """
        shape, layer = result.plan.shape, result.question.layer
        if layer.kind not in (RawShape, Conv):
            raise ValueError(f"this view needs a convolution, got {layer.kind.title}. Choose the layer Convolution.")
        groups = dict(layer.arguments).get("groups", 1)
        if groups > 1:
            raise ValueError(f"this view needs a convolution without groups, got {groups} groups. Set groups to 1.")
        if not 3 <= len(shape) <= 5 or 0 in shape:
            raise ValueError(
                f"this view needs a convolution kernel (spatial sizes, inputs, outputs), got the shape {shape}. "
                "Choose the layer Convolution, or type a shape such as 3, 3, 64, 128."
            )
        sizes = (self.input_size,) * (len(shape) - 2)
        numbers = int(np.prod(sizes, dtype=object)) * shape[-2] * shape[-1]
        if numbers > LARGEST_KERNEL:
            raise ValueError(
                f"frequencies × inputs × outputs must be at most {LARGEST_KERNEL:,} here, got {numbers:,}. "
                "Choose a smaller input size or fewer channels."
            )
        values = convolution_spectrum(result.weights, sizes, progress)
        return ConvolutionResult(result, sizes, values, result.plan.ensemble.operator_spectrum(shape, sizes))
