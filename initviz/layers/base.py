"""What every layer is: a param model of its sizes that knows what it sums and where frameworks keep its weights."""

import math
import re
from dataclasses import dataclass
from functools import cached_property

from initviz.fans.by_operation import Contraction
from initviz.matrices.sliding import Sliding
from initviz.settings.copies import Copied
from initviz.settings.knobs import Text
from initviz.wording import quoted


class LetterSizes(Text):
    """Sizes of letters, as text such as "d=512, h=8"."""

    def _validate(self, val):
        super()._validate(val)
        parse_letters(val)


def parse_letters(text) -> dict[str, int]:
    """Sizes of letters from text such as "d=512, h=8, k=64".

    Raises:
        ValueError: the text is no such list.
    """
    words = [word for word in re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", text.strip())) if word]
    pairs = [re.fullmatch(r"([A-Za-z])=(-?\d{1,9})", word) for word in words]
    if not all(pairs):
        wrong = words[pairs.index(None)]
        raise ValueError(f"sizes must be letter=size, got {quoted(wrong)}. Type for instance d=512, h=8, k=64.")
    sizes = {pair[1]: int(pair[2]) for pair in pairs}
    if len(sizes) < len(pairs):
        raise ValueError(f"sizes must name each letter once, got {quoted(text)}. Type for instance d=512, h=8, k=64.")
    return sizes


@dataclass(frozen=True)
class Kept:
    """The weights as a framework keeps them, and the fans it counts on them."""

    shape: tuple[int, ...]
    fans: tuple[float, float]
    axes: tuple[tuple[int, ...], ...] | None = None
    """The kernel's axes behind each of its own; None where it splits one of them."""

    @classmethod
    def by_torch(cls, kernel: tuple[int, ...], *axes: int | tuple[int, ...]):
        """Fans by PyTorch's `_calculate_fan_in_and_fan_out`: axis 1 and axis 0, each times the rest.

        >>> Kept.by_torch((3, 3, 64, 128), 3, 2, 0, 1)
        Kept(shape=(128, 64, 3, 3), fans=(576, 1152), axes=((3,), (2,), (0,), (1,)))
        """
        shape, axes = _arranged(kernel, axes)
        rest = math.prod(shape[2:])
        return cls(shape, (shape[1] * rest, shape[0] * rest), axes)

    @classmethod
    def by_keras(cls, kernel: tuple[int, ...], *axes: int | tuple[int, ...]):
        """Fans by Keras's `compute_fans` without axes: the last two axes, each times the rest.

        Without axes the weights are kept in the kernel's own order.
        """
        shape, axes = _arranged(kernel, axes or tuple(range(len(kernel))))
        rest = math.prod(shape[:-2])
        inputs, outputs = shape[-2:] if len(shape) > 1 else (math.prod(shape),) * 2
        return cls(shape, (inputs * rest, outputs * rest), axes)


def _arranged(kernel, axes) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """The shape of weights whose axes hold those of the kernel, and which hold which."""
    groups = tuple((group,) if isinstance(group, int) else tuple(group) for group in axes)
    return tuple(math.prod(kernel[axis] for axis in group) for group in groups), groups


@dataclass(frozen=True)
class Layouts:
    """The same weights elsewhere; None where a framework has no such layer.

    `flax` is the shape that flax's own layer passes to an initializer, which counts on it by its own axes.
    """

    flax: tuple[int, ...] | None
    torch: Kept | None
    keras: Kept | None
    note: str = ""
    """What else to know about the frameworks' layers."""
    flax_argument: str = "kernel_init of flax's own layer"
    """Where an initializer goes in flax's own layer."""


class Layer(Copied):
    """A layer whose weights are to be initialized. `contraction` is what it sums, `layouts` where others keep it."""

    title = ""
    """How the layer is called."""
    arguments: tuple[str, ...] = ()
    """Names of its sizes and options, in order."""
    sums = True
    """Whether it is known what the layer sums, so that there is a right fan."""

    def __init__(self, **params):
        super().__init__(**params)
        self.contraction()

    def contraction(self) -> Contraction:
        """What the layer sums.

        Raises:
            ValueError: sizes that contradict each other, with the fix.
        """
        raise NotImplementedError

    @property
    def kernel(self) -> tuple[int, ...]:
        """Shape of the weights, in flax's layout; ValueError for sizes that contradict each other."""
        return self.contraction().kernel

    def sliding(self) -> Sliding | None:
        """How its taps slide over an input, with circular padding; None for what is no convolution."""
        return None

    def layouts(self) -> Layouts:
        """The weights in flax, PyTorch and Keras."""
        raise NotImplementedError

    def question(self) -> "LayerQuestion":
        """The layer as it is now, frozen."""
        return LayerQuestion(type(self), self.values())

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.arguments)})"

    __str__ = __repr__


@dataclass(frozen=True)
class LayerQuestion:
    """A layer's class and arguments, which compare by value."""

    kind: type[Layer]
    arguments: tuple

    @property
    def layer(self) -> Layer:
        """The layer asked about; ValueError for sizes that contradict each other."""
        return self.kind(**dict(self.arguments))

    @cached_property
    def kernel(self) -> tuple[int, ...]:
        """Shape of the weights; ValueError for sizes that contradict each other."""
        return self.layer.kernel
