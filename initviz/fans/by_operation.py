"""What a layer really sums: the true fans of an einsum or a convolution, from the operation and not from a shape.

The forward fan is how many terms one output sums, the backward fan how many outputs one input feeds, both averaged
over positions away from the borders. PyTorch, Keras and jax guess them from a weight shape and agree on dense layers
and plain convolutions only.
"""

import math
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

EXAMPLE = "Write for instance btd,dhk->bthk."


@dataclass(frozen=True)
class Contraction:
    """The kernel of a layer: its shape, what each axis does, and what no axis tells."""

    kernel: tuple[int, ...]
    roles: tuple[str, ...]
    """Per axis: "in" is summed, "out" is kept, "field" slides or is summed alone, "batch" holds independent copies."""
    forward: Fraction = Fraction(1)
    """Share of in × field that one output sums: 1/4 for a transposed convolution of stride 2 × 2."""
    backward: Fraction = Fraction(1)
    """Share of out × field that one input feeds: 1/groups of a grouped convolution."""
    untold: str = ""
    """What makes these shares, which no axis of the kernel tells, in words."""

    def axes(self, role: str) -> tuple[int, ...]:
        """The kernel's axes of one role."""
        return tuple(axis for axis, each in enumerate(self.roles) if each == role)

    def _size(self, *roles: str) -> int:
        return math.prod(size for size, role in zip(self.kernel, self.roles, strict=True) if role in roles)

    @property
    def fan_in(self) -> float:
        """Terms summed for one output."""
        return float(self._size("in", "field") * self.forward)

    @property
    def fan_out(self) -> float:
        """Products of a weight with one input; for all but kernels with letters of their own, the outputs it feeds."""
        return float(self._size("out", "field") * self.backward)


def einsum(equation: str, sizes: dict[str, int], selected: str = "") -> Contraction:
    """The contraction of an einsum of inputs and kernel, in that order: "btd,dhk->bthk".

    Args:
        equation: two operands, explicit output; "..." may stand for leading axes of inputs and output.
        sizes: size of every letter of the kernel, and of letters that are summed over the inputs alone.
        selected: letters of the kernel of which an input picks one slice, such as the rows of an embedding.

    Raises:
        ValueError: a malformed equation, or a size missing or below 1.
    """
    inputs, kernel, output = _terms(equation)
    alone = [letter for letter in dict.fromkeys(inputs) if letter not in kernel + output]
    needed = [*kernel, *alone]
    missing = [letter for letter in needed if letter not in sizes]
    if missing:
        raise ValueError(
            f"einsum {equation!r} must have a size for {', '.join(needed)}, got none for {', '.join(missing)}. "
            f"Add {', '.join(f'{letter}=64' for letter in missing)}."
        )
    unknown = [letter for letter in sizes if letter not in equation]
    if unknown:
        raise ValueError(
            f"sizes must be of letters in {equation!r}, got {', '.join(unknown)}. Use {', '.join(needed)}."
        )
    check_sizes("sizes", [sizes[letter] for letter in needed])
    roles = {(True, True): "batch", (True, False): "in", (False, True): "out", (False, False): "field"}
    found = ["batch" if x in selected else roles[x in inputs, x in output] for x in kernel]
    terms = math.prod(sizes[letter] for letter in alone)
    untold = f"sum over {', '.join(alone)} of the inputs alone" if terms > 1 else ""
    return Contraction(tuple(sizes[letter] for letter in kernel), tuple(found), Fraction(terms), untold=untold)


def _terms(equation: str) -> tuple[str, str, str]:
    """Letters of inputs, kernel and output; the ellipsis left out."""
    compact = "".join(equation.split())
    operands, arrow, output = compact.partition("->")
    terms = operands.split(",")
    if not arrow or len(terms) != 2 or not terms[1]:
        raise ValueError(f"einsum must be inputs,kernel->output, got {equation!r}. {EXAMPLE}")
    inputs, kernel = terms
    if "..." in kernel:
        raise ValueError(f"einsum must name every axis of the kernel, got {kernel!r} in {equation!r}. {EXAMPLE}")
    if ("..." in inputs) != ("..." in output):
        raise ValueError(f"einsum must have ... in inputs and output alike, got {equation!r}. {EXAMPLE}")
    inputs, output = inputs.replace("...", "", 1), output.replace("...", "", 1)
    for term in (inputs, kernel, output):
        strange = [letter for letter in term if letter not in string.ascii_letters]
        if strange:
            raise ValueError(f"einsum must name axes by letters, got {strange[0]!r} in {equation!r}. {EXAMPLE}")
        if len(set(term)) < len(term):
            raise ValueError(f"einsum must name each axis of an operand once, got {term!r} in {equation!r}. {EXAMPLE}")
    lost = [letter for letter in output if letter not in inputs + kernel]
    if lost:
        raise ValueError(
            f"einsum output must come from the inputs or the kernel, got {', '.join(lost)} in {equation!r}. {EXAMPLE}"
        )
    return inputs, kernel, output


def convolution(
    kernel_size: tuple[int, ...],
    inputs: int,
    outputs: int,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Contraction:
    """The contraction of a convolution, whose stride thins what one input feeds.

    The kernel is kernel_size + (inputs / groups, outputs). Dilation spreads the taps and changes neither fan.

    Raises:
        ValueError: `groups` divides not both channel counts, or a size is below 1.
    """
    check_sizes("kernel_size", kernel_size)
    stride = per_axis("stride", stride, len(kernel_size))
    per_axis("dilation", dilation, len(kernel_size))
    check_sizes("inputs, outputs and groups", (inputs, outputs, groups))
    if inputs % groups or outputs % groups:
        raise ValueError(
            f"groups must divide the inputs and the outputs, got {groups} groups for {inputs} and {outputs}. "
            f"Choose a divisor of {math.gcd(inputs, outputs)}."
        )
    roles = ("field",) * len(kernel_size) + ("in", "out")
    backward = Fraction(1, groups * math.prod(stride))
    untold = " and the ".join(["groups"] * (groups > 1) + ["stride"] * (math.prod(stride) > 1))
    return Contraction((*kernel_size, inputs // groups, outputs), roles, backward=backward, untold=untold)


def transposed_convolution(
    kernel_size: tuple[int, ...],
    inputs: int,
    outputs: int,
    stride: int | Sequence[int] = 1,
    transpose_kernel: bool = False,
) -> Contraction:
    """The contraction of a transposed convolution, whose stride thins what one output sums.

    The kernel is kernel_size + (inputs, outputs), or, with `transpose_kernel`, kernel_size + (outputs, inputs), as in
    flax.

    Raises:
        ValueError: a size is below 1.
    """
    check_sizes("kernel_size", kernel_size)
    stride = per_axis("stride", stride, len(kernel_size))
    check_sizes("inputs and outputs", (inputs, outputs))
    channels, roles = ((outputs, inputs), ("out", "in")) if transpose_kernel else ((inputs, outputs), ("in", "out"))
    taps = ("field",) * len(kernel_size)
    untold = "stride" if math.prod(stride) > 1 else ""
    return Contraction((*kernel_size, *channels), taps + roles, Fraction(1, math.prod(stride)), untold=untold)


def check_sizes(name: str, sizes: Iterable[int]) -> None:
    """Raise ValueError for a size below 1."""
    small = [size for size in sizes if size < 1]
    if small:
        raise ValueError(f"{name} must be at least 1, got {small[0]}. Use for instance {abs(small[0]) or 1}.")


def per_axis(name: str, value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """A number for every axis: one stands for all.

    Raises:
        ValueError: neither one number nor as many as axes, or one below 1.
    """
    values = (value,) if isinstance(value, int) else tuple(value)
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        raise ValueError(f"{name} must be 1 or {rank} numbers, got {values}. Use for instance {(1,) * rank}.")
    check_sizes(name, values)
    return values
