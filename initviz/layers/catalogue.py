"""The layers: their sizes, the kernel they hold in flax's layout, and its layout elsewhere."""

import math
from dataclasses import replace

from initviz.fans.by_operation import convolution, einsum, transposed_convolution
from initviz.layers.attention import BY_EQUATION, AttentionOutput, AttentionProjection, GroupedQueryAttention
from initviz.layers.base import Kept, Layer, Layouts, LetterSizes, parse_letters
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.settings.choices import one_of
from initviz.settings.knobs import Flag, Shape, Size, Sizes, Text


class RawShape(Layer):
    """Weights of which only the shape is known, so that nobody can say what a layer sums with them."""

    title = "raw shape"
    arguments = ("shape",)
    sums = False
    shape = Shape((256, 256), doc="2 to 5 sizes, such as 3, 3, 64, 128")

    def contraction(self):
        """Not known."""

    @property
    def kernel(self):
        """The shape itself."""
        return self.shape

    def sliding(self):
        """As a convolution would that is not told otherwise."""
        return PLAIN

    def layouts(self):
        """As they are."""
        return Layouts(None, None, Kept.by_keras(self.shape))


class Dense(Layer):
    """y_o = Σ_i x_i W_io."""

    title = "Dense"
    arguments = ("inputs", "outputs")
    inputs = Size(784, doc="Features of one input.")
    outputs = Size(256, doc="Features of one output.")

    def contraction(self):
        """inputs × outputs."""
        return einsum("bi,io->bo", {"i": self.inputs, "o": self.outputs})

    def layouts(self):
        """PyTorch keeps outputs first."""
        kept = self.inputs, self.outputs
        return Layouts(kept, Kept.by_torch(kept, 1, 0), Kept.by_keras(kept))


class Conv(Layer):
    """A convolution over 1 to 3 axes; flax keeps kernel_size, inputs / groups, outputs."""

    title = "Convolution"
    arguments = ("kernel_size", "inputs", "outputs", "stride", "dilation", "groups")
    kernel_size = Sizes((3, 3), doc="Taps along each axis: 3, 3.")
    inputs = Size(64, doc="Channels in.")
    outputs = Size(128, doc="Channels out.")
    stride = Sizes((1,), doc="Step between outputs: one number, or one per axis.")
    dilation = Sizes((1,), doc="Step between taps: one number, or one per axis.")
    groups = Size(1, doc="Channels are split into this many separate convolutions.")

    def contraction(self):
        """kernel_size + (inputs / groups, outputs)."""
        return convolution(self.kernel_size, self.inputs, self.outputs, self.stride, self.dilation, self.groups)

    def sliding(self):
        """With its stride, dilation and groups."""
        return Sliding(self.stride, self.dilation, self.groups)

    def layouts(self):
        """PyTorch keeps (outputs, inputs / groups) + kernel_size."""
        return Layouts(self.kernel, _outputs_first(self.kernel), Kept.by_keras(self.kernel))


class DepthwiseConv(Layer):
    """A convolution of every channel by itself."""

    title = "Depthwise convolution"
    arguments = ("kernel_size", "channels", "multiplier", "stride")
    kernel_size = Sizes((3, 3), doc="Taps along each axis: 3, 3.")
    channels = Size(64, doc="Channels in.")
    multiplier = Size(1, doc="Outputs per channel.")
    stride = Sizes((1,), doc="Step between outputs: one number, or one per axis.")

    def contraction(self):
        """kernel_size + (1, channels × multiplier)."""
        outputs = self.channels * self.multiplier
        return convolution(self.kernel_size, self.channels, outputs, self.stride, groups=self.channels)

    def sliding(self):
        """Every channel is a group."""
        return Sliding(self.stride, groups=self.channels)

    def layouts(self):
        """Keras keeps kernel_size + (channels, multiplier)."""
        split = Kept.by_keras((*self.kernel_size, self.channels, self.multiplier))
        return Layouts(self.kernel, _outputs_first(self.kernel), replace(split, axes=None))


class ConvTranspose(Layer):
    """A transposed convolution over 1 to 3 axes, which spreads every input over all taps."""

    title = "Transposed convolution"
    arguments = ("kernel_size", "inputs", "outputs", "stride", "transpose_kernel")
    kernel_size = Sizes((4, 4), doc="Taps along each axis: 4, 4.")
    inputs = Size(64, doc="Channels in.")
    outputs = Size(32, doc="Channels out.")
    stride = Sizes((2,), doc="Outputs per input along an axis: one number, or one per axis.")
    transpose_kernel = Flag(False, doc="flax's option: the kernel of the convolution it is the gradient of.")

    def contraction(self):
        """kernel_size + (inputs, outputs), or (outputs, inputs) with `transpose_kernel`."""
        return transposed_convolution(self.kernel_size, self.inputs, self.outputs, self.stride, self.transpose_kernel)

    def sliding(self):
        """The other way round."""
        return Sliding(self.stride, transposed=True, swapped=self.transpose_kernel)

    def layouts(self):
        """PyTorch keeps inputs first, Keras outputs before inputs."""
        *taps, first, second = range(len(self.kernel))
        inputs, outputs = (second, first) if self.transpose_kernel else (first, second)
        torch, keras = (inputs, outputs, *taps), (*taps, outputs, inputs)
        return Layouts(self.kernel, Kept.by_torch(self.kernel, *torch), Kept.by_keras(self.kernel, *keras))


class Experts(Layer):
    """Dense layers side by side, one per expert: y_eo = Σ_i x_ei W_eio."""

    title = "Experts"
    arguments = ("experts", "inputs", "outputs")
    experts = Size(4, doc="Dense layers side by side.")
    inputs = Size(256, doc="Features of one input.")
    outputs = Size(1024, doc="Features of one output.")

    def contraction(self):
        """(experts, inputs, outputs)."""
        return einsum("ebi,eio->ebo", {"e": self.experts, "i": self.inputs, "o": self.outputs})

    def layouts(self):
        """PyTorch's usual (experts, outputs, inputs)."""
        return Layouts(
            (self.experts * self.inputs, self.outputs),
            Kept.by_torch(self.kernel, 0, 2, 1),
            Kept.by_keras(self.kernel),
            "flax's LinearGeneral with a batch axis flattens it into the inputs, whatever the axes.",
            f"kernel_init of nnx.LinearGeneral with batch_axis={{0: {self.experts}}}",
        )


class Stack(Layer):
    """Dense layers one after the other, scanned over: the weights of all of them in one array."""

    title = "Scanned stack"
    arguments = ("depth", "inputs", "outputs")
    depth = Size(12, doc="Layers.")
    inputs = Size(512, doc="Features of one input.")
    outputs = Size(512, doc="Features of one output.")

    def contraction(self):
        """(depth, inputs, outputs)."""
        return einsum("lbi,lio->lbo", {"l": self.depth, "i": self.inputs, "o": self.outputs})

    def layouts(self):
        """One array per layer: flax under vmap or scan, PyTorch and Keras anyway."""
        each, argument = (self.inputs, self.outputs), "kernel_init of each nnx.Linear under nnx.vmap or nnx.scan"
        return Layouts(each, Kept.by_torch(self.kernel, 2, 1), Kept.by_keras(self.kernel, 1, 2), flax_argument=argument)


class Embedding(Layer):
    """A table of which every token picks one row."""

    title = "Embedding"
    arguments = ("tokens", "features")
    tokens = Size(1000, doc="Rows of the table.")
    features = Size(64, doc="Features of a token.")

    def contraction(self):
        """(tokens, features)."""
        return einsum("bv,vf->bf", {"v": self.tokens, "f": self.features}, selected="v")

    def layouts(self):
        """The same everywhere."""
        note = (
            "A token picks one row, so nothing is summed. flax's Embed divides by the features, for output layers that "
            "share the table."
        )
        return Layouts(self.kernel, Kept.by_torch(self.kernel, 0, 1), Kept.by_keras(self.kernel), note,
                       "embedding_init of nnx.Embed")  # fmt: skip


class Einsum(Layer):
    """Any einsum of inputs and kernel."""

    title = "Einsum"
    arguments = ("equation", "sizes")
    equation = Text("btd,dhk->bthk", doc="inputs,kernel->output, kernel second.")
    sizes = LetterSizes("d=512, h=8, k=64", doc="Size of every letter of the kernel: d=512, h=8, k=64.")

    def contraction(self):
        """The letters of the kernel in order."""
        return einsum(self.equation, parse_letters(self.sizes))

    def layouts(self):
        """flax and Keras's EinsumDense keep the same kernel; PyTorch has no such layer.

        EinsumDense counts what the output has as outputs, axes of independent copies too, and takes no letter that the
        kernel alone has.
        """
        found = self.contraction()
        inputs = math.prod(found.kernel[axis] for axis in found.axes("in"))
        outputs = math.prod(found.kernel[axis] for role in ("out", "batch") for axis in found.axes(role))
        by_equation = None if found.axes("field") else replace(Kept.by_keras(found.kernel), fans=(inputs, outputs))
        return Layouts(found.kernel, None, by_equation, BY_EQUATION)


LAYERS = {cls.__name__: cls for cls in (
    RawShape, Dense, Conv, DepthwiseConv, ConvTranspose, AttentionProjection, GroupedQueryAttention, AttentionOutput,
    Experts, Stack, Embedding, Einsum,
)}  # fmt: skip
"""Every layer by its class name."""


def _outputs_first(kernel: tuple[int, ...]) -> Kept:
    """A kernel (*taps, inputs, outputs) as PyTorch keeps it: (outputs, inputs, *taps)."""
    *taps, inputs, outputs = range(len(kernel))
    return Kept.by_torch(kernel, outputs, inputs, *taps)


def resolve(value) -> Layer:
    """The layer itself; or, with its default sizes, that of a class, a class name or a title, in upper or lower case.

    Raises:
        ValueError: there is no such layer.
    """
    if isinstance(value, Layer):
        return value
    for name, cls in LAYERS.items():
        if value is cls or (isinstance(value, str) and value.lower() in (name.lower(), cls.title.lower())):
            return cls()
    one_of("layer", lambda: LAYERS)(value)
    raise AssertionError  # a name that there is was found above
