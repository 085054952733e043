"""The initializers of PyTorch and Keras, with their own signatures, as initializers here."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from initviz.initializers import (
    Initializer,
    constant,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    ones,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
    zeros,
)
from initviz.layers.base import Kept, Layer
from initviz.wording import quoted

NAME_IT = 'Name the layer, such as translate(call, "Dense").'
LARGEST_IDENTITY = 2**22
PRESETS = [glorot_normal(), glorot_uniform(), he_normal(), he_uniform(), lecun_normal(), lecun_uniform()]


@dataclass(frozen=True)
class Place:
    """The layer that a framework fills; None for weights that are inputs before outputs here, of a shape if known."""

    layer: Layer | None
    shape: tuple[int, ...] | None = None

    def kept(self, framework: str) -> Kept | None:
        """How the framework keeps it; None where nobody said which layer."""
        if self.layer is None or not self.layer.sums:
            return None
        layouts = self.layer.layouts()
        kept = layouts.torch if framework == "PyTorch" else layouts.keras
        if kept is None:
            raise ValueError(
                f"the layer must be one of {framework}, got {self.layer}. Leave it out, or choose another."
            )
        return kept

    @property
    def rank(self) -> int:
        """How many axes the kernel has."""
        return len(self.kernel)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The shape of the weights."""
        if self.layer is not None:
            return self.layer.kernel
        if self.shape is None:
            raise ValueError(f"this law must be told how many axes the weights have, got no layer. {NAME_IT}")
        return self.shape

    def axes_of_keras(self, axes: list[int]) -> tuple[int, ...]:
        """The kernel's axes behind some of Keras's."""
        kept = self.kept("Keras")
        if kept and kept.axes is None:
            raise ValueError(
                f"axes must be those of the kernel here, got axes of Keras's {kept.shape}, which splits one in two. "
                "Leave the layer out."
            )
        groups = kept.axes if kept else tuple((axis,) for axis in range(self.rank))
        return tuple(axis for each in axes for axis in groups[each])

    def by_fans(self, framework: str, scale: float, mode: str, distribution: str) -> Initializer:
        """Variance scaling by the fans that the framework counts."""
        kept, scale = self.kept(framework), float(f"{scale + 0.0:.15g}")  # of a root squared
        if kept is None:
            return _shortest(variance_scaling(scale, mode, distribution))
        kernel = self.layer.kernel
        plain = variance_scaling(scale, mode, distribution)
        for made in (plain, self._with_axes(framework, kept, plain)):
            fans = made.fans(kernel)
            if (fans.fan_in, fans.fan_out) == kept.fans:
                return _shortest(made)
        wanted = variance_scaling(1.0, mode, distribution).fans(kernel).pick(mode)
        theirs = {"fan_in": kept.fans[0], "fan_out": kept.fans[1], "fan_avg": sum(kept.fans) / 2}[mode]
        return _shortest(variance_scaling(scale * wanted / theirs, mode, distribution))

    def _with_axes(self, framework: str, kept: Kept, plain: Initializer) -> Initializer:
        """The same by the axes that the framework takes for inputs and outputs."""
        if kept.axes is None:
            return plain
        inputs, outputs = (kept.axes[1], kept.axes[0]) if framework == "PyTorch" else (kept.axes[-2], kept.axes[-1])
        held = {axis for group in kept.axes for axis in group}
        batch = tuple(axis for axis in range(len(self.layer.kernel)) if axis not in held)
        if (
            kept.fans
            != (Kept.by_torch if framework == "PyTorch" else Kept.by_keras)(self.layer.kernel, *kept.axes).fans
        ):
            roles = self.layer.contraction()  # counted by its equation
            inputs, outputs = roles.axes("in"), roles.axes("out") + roles.axes("batch")
        axes = {"in_axis": _axis(inputs), "out_axis": _axis(outputs), "batch_axis": _axis(batch)}
        return variance_scaling(plain.scale, plain.mode, plain.distribution, **axes)

    def orthogonal(self, framework: str, gain: float) -> Initializer:
        """The matrix of the framework's own axes."""
        kept = self.kept(framework)
        if kept is None:
            return orthogonal(gain)
        rank, apart = len(self.layer.kernel), 0 if framework == "PyTorch" else -1
        groups = kept.axes or ()
        held = [axis for group in groups for axis in group]
        if len(held) == rank:
            rest = [axis for axis in held if axis not in groups[apart]]
            for axes in (groups[apart], rest):
                if len(axes) == 1:
                    return orthogonal(gain, column_axis=-1 if axes[0] == rank - 1 else axes[0])
        raise ValueError(
            f"an orthogonal law must set one axis of {self.layer.kernel} against the rest, got {framework}'s for "
            f"{kept.shape}. Leave the layer out, and reshape what you draw in {framework}'s shape."
        )

    def between(self, low: float, high: float) -> Initializer:
        """The uniform law on [low, high)."""
        if low == 0 <= high:
            return uniform(high)
        if low != -high or high < 0:
            raise ValueError(
                f"a uniform law must be centred or begin at 0, got one from {low} to {high}. "
                "Draw uniform(high - low) and add low."
            )
        return centred(high, self.rank)

    def identity(self, gain: float) -> Initializer:
        """Ones on the diagonal."""
        if self.rank != 2:
            raise ValueError(f"an identity must fill a matrix, got {self.layer or self.shape}. {NAME_IT}")
        if math.prod(self.kernel) > LARGEST_IDENTITY:
            raise ValueError(
                f"an identity must have at most {LARGEST_IDENTITY:,} weights, got {self.layer or self.shape}. "
                "Choose a smaller layer."
            )
        return constant(gain * np.eye(*self.kernel))


def centred(high: float, rank: int) -> Initializer:
    """The uniform law on ±high, of weights with so many axes, none of which counts for fans."""
    batch = tuple(range(rank))
    return variance_scaling(high**2 / 3, "fan_in", "uniform", in_axis=(), out_axis=(), batch_axis=batch)


def _axis(axes: tuple[int, ...]) -> Any:
    return axes[0] if len(axes) == 1 else axes


def _shortest(made: Any) -> Initializer:
    """The preset that says the same, if there is one."""
    asked = (made.scale, made.mode, made.distribution)
    for preset in PRESETS:
        if (preset.scale, preset.mode, preset.distribution) == asked:
            return type(preset)(made.in_axis, made.out_axis, made.batch_axis)
    return made


def _centred(mean: float) -> None:
    if mean:
        raise ValueError(f"a normal law must have mean 0 here, got {quoted(mean)}. Draw it without, and add the mean.")


GAINS: dict[str, Callable[..., float]] = {
    **dict.fromkeys(
        ["linear", "sigmoid", *(f"conv{'_transpose' * t}{n}d" for t in (0, 1) for n in (1, 2, 3))],
        lambda param=None: 1.0,
    ),
    "tanh": lambda param=None: 5 / 3,
    "relu": lambda param=None: math.sqrt(2),
    "leaky_relu": lambda param=None: math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2)),
    "selu": lambda param=None: 3 / 4,
}
"""Of each nonlinearity of PyTorch, by its parameter."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """`torch.nn.init.calculate_gain`.

    Raises:
        KeyError, TypeError: PyTorch knows no such nonlinearity, or the parameter is no number.
    """
    return GAINS[nonlinearity](param)


def _kaiming(place, a, mode, nonlinearity, distribution):
    if nonlinearity not in GAINS or mode not in ("fan_in", "fan_out"):
        raise ValueError(
            f"kaiming must have a mode of fan_in or fan_out and one of the nonlinearities {', '.join(GAINS)}, got "
            f"{quoted(mode)} and {quoted(nonlinearity)}. Correct the call."
        )
    slope = {"leaky_relu": 2 / (1 + a**2), "relu": 2.0}
    scale = slope.get(nonlinearity) or GAINS[nonlinearity]() ** 2
    return place.by_fans("PyTorch", scale, mode, distribution)


def _truncated(place, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    _centred(mean)
    return truncated_normal(std, lower=a / std, upper=b / std)


# Each by its own signature, the place first, where PyTorch has the tensor
TORCH: dict[str, Callable[..., Initializer]] = {
    "uniform_": lambda place, a=0.0, b=1.0, generator=None: place.between(a, b),
    "normal_": lambda place, mean=0.0, std=1.0, generator=None: _centred(mean) or normal(std),
    "trunc_normal_": _truncated,
    "constant_": lambda place, val: constant(val),
    "ones_": lambda place: ones,
    "zeros_": lambda place: zeros,
    "eye_": lambda place: place.identity(1.0),
    "orthogonal_": lambda place, gain=1, generator=None: place.orthogonal("PyTorch", gain),
    "xavier_uniform_": lambda place, gain=1.0, generator=None: place.by_fans("PyTorch", gain**2, "fan_avg", "uniform"),
    "xavier_normal_": lambda place, gain=1.0, generator=None: place.by_fans("PyTorch", gain**2, "fan_avg", "normal"),
    "kaiming_uniform_": lambda place, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None: _kaiming(
        place, a, mode, nonlinearity, "uniform"
    ),
    "kaiming_normal_": lambda place, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None: _kaiming(
        place, a, mode, nonlinearity, "normal"
    ),
}
DISTRIBUTIONS = {"truncated_normal": "truncated_normal", "normal": "truncated_normal", "untruncated_normal": "normal",
                 "uniform": "uniform"}  # fmt: skip


def _scaling(place, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None, input_axes=None,
             output_axes=None):  # fmt: skip
    known = DISTRIBUTIONS.get(str(distribution).lower())
    if known is None or mode not in ("fan_in", "fan_out", "fan_avg"):
        raise ValueError(
            f"VarianceScaling must have a mode of fan_in, fan_out or fan_avg and a distribution of "
            f"{', '.join(DISTRIBUTIONS)}, got {quoted(mode)} and {quoted(distribution)}. Correct the call."
        )
    if input_axes is None or output_axes is None:
        return place.by_fans("Keras", scale, mode, known)
    inputs, outputs = place.axes_of_keras(input_axes), place.axes_of_keras(output_axes)
    batch = tuple(axis for axis in range(place.rank) if axis not in (*inputs, *outputs))  # in no fan of Keras
    return _shortest(variance_scaling(scale + 0.0, mode, known, _axis(inputs), _axis(outputs), batch))


def _preset(scale: float, mode: str, distribution: str) -> Callable[..., Initializer]:
    return lambda place, seed=None, input_axes=None, output_axes=None: _scaling(
        place, scale, mode, distribution, seed, input_axes, output_axes
    )


def _snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


_CLASSES: dict[str, Callable[..., Initializer]] = {
    "GlorotUniform": _preset(1.0, "fan_avg", "uniform"), "GlorotNormal": _preset(1.0, "fan_avg", "truncated_normal"),
    "HeUniform": _preset(2.0, "fan_in", "uniform"), "HeNormal": _preset(2.0, "fan_in", "truncated_normal"),
    "LecunUniform": _preset(1.0, "fan_in", "uniform"), "LecunNormal": _preset(1.0, "fan_in", "truncated_normal"),
    "VarianceScaling": _scaling,
    "RandomNormal": lambda place, mean=0.0, stddev=0.05, seed=None: _centred(mean) or normal(stddev),
    "TruncatedNormal": lambda place, mean=0.0, stddev=0.05, seed=None: _centred(mean) or truncated_normal(stddev),
    "RandomUniform": lambda place, minval=-0.05, maxval=0.05, seed=None: place.between(minval, maxval),
    "Orthogonal": lambda place, gain=1.0, seed=None: place.orthogonal("Keras", gain),
    "Constant": lambda place, value=0.0: constant(value), "Zeros": lambda place: zeros, "Ones": lambda place: ones,
    "Identity": lambda place, gain=1.0: place.identity(gain),
}  # fmt: skip
KERAS = _CLASSES | {_snake(name): made for name, made in _CLASSES.items()}
KERAS |= {
    alias: _CLASSES[name] for alias, name in {
        "normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros",
        "IdentityInitializer": "Identity", "OrthogonalInitializer": "Orthogonal",
    }.items()
}  # fmt: skip
REFUSED = {
    "sparse_": "a share of each column is 0 there, which no initializer here does. Draw normal(std) and set zeros.",
    "dirac_": "its ones stand at the centre taps. Use delta_orthogonal for a convolution that keeps the signal.",
    "STFT": "it holds a Fourier transform. Pass it as constant(array).",
    "stft": "it holds a Fourier transform. Pass it as constant(array).",
}
