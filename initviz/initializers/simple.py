"""Initializers whose law does not depend on the shape: distributions of a given scale, and constants."""

import math

import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from initviz.initializers.base import Initializer, is_complex, law_steps, real_only, real_or_complex
from initviz.initializers.knobs import Scalar, Value, is_traced
from initviz.initializers.plan import Step
from initviz.initializers.slices import Scale, Scales, check_broadcasts
from initviz.laws.base import Number
from initviz.laws.complex import ComplexNormal
from initviz.laws.ensembles import Constant as ConstantEnsemble
from initviz.laws.real import NOTHING_BEYOND
from initviz.laws.real import Normal as NormalLaw
from initviz.laws.real import TruncatedNormal as TruncatedNormalLaw
from initviz.laws.real import Uniform as UniformLaw
from initviz.wording import number, quoted, several

FAMILY = "Fixed scale"


def _zero_warning(name: str, value: Scales) -> tuple[str, ...]:
    return () if np.any(value) else (f"{name} = 0 makes every weight 0.",)


class Uniform(Initializer):
    """Weights uniform on [0, scale): mean scale/2, standard deviation scale/√12."""

    function = "uniform"
    family = FAMILY
    arguments: tuple[str, ...] = ("scale", "dtype")

    scale = Scale(
        1e-2,
        bounds=(0, None),
        softbounds=(0.0, 1.0),
        step=0.005,
        doc="Upper end of the interval; 1, 1/2, 1/3 for the slices of a stack.",
    )

    def check_dtype(self, dtype: np.dtype) -> None:
        """Real floating point only."""
        real_only("uniform", dtype)

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Mean → law → ensemble."""
        mean = Step("mean", r"\mu = \frac{s}{2}", self.scale / 2, rf"\frac{{{number(self.scale)}}}{{2}}")
        return mean, *law_steps(UniformLaw(self.scale), shape)

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """A scale of 0."""
        return _zero_warning("scale", self.scale)


def uniform(scale: Scales = 1e-2, dtype: DTypeLike | None = None) -> Uniform:
    """Weights uniform on [0, scale): mean scale/2, standard deviation scale/√12.

    The mean is not 0, which gives the matrix one singular value of about scale/2 · √(rows · columns). Keras's
    `RandomUniform` and PyTorch's `uniform_` take both ends; Keras's default is centred.

    >>> uniform(1.0).plan((256, 256))["mean"]
    0.5

    Args:
        scale: Upper end of the interval; 1, 1/2, 1/3 for the slices of a stack.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return Uniform(scale, dtype)


class Normal(Initializer):
    """Weights normal with mean 0 and standard deviation stddev; for complex dtypes E|w|² = stddev²."""

    function = "normal"
    family = FAMILY
    arguments: tuple[str, ...] = ("stddev", "dtype")

    stddev = Scale(
        1e-2,
        bounds=(0, None),
        softbounds=(0.0, 1.0),
        step=0.005,
        doc="Standard deviation; 1, 1/2, 1/3 for the slices of a stack.",
    )

    def check_dtype(self, dtype: np.dtype) -> None:
        """Real or complex floating point."""
        real_or_complex("normal", dtype)

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Law → ensemble."""
        return law_steps((ComplexNormal if is_complex(dtype) else NormalLaw)(self.stddev), shape)

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """A standard deviation of 0."""
        return _zero_warning("stddev", self.stddev)


def normal(stddev: Scales = 1e-2, dtype: DTypeLike | None = None) -> Normal:
    """Weights normal with mean 0 and standard deviation stddev; for complex dtypes E|w|² = stddev².

    float32 draws end at about -5.42 and +5.22 standard deviations.

    >>> normal(0.5).plan((256, 256))["std"]
    0.5

    Args:
        stddev: Standard deviation; 1, 1/2, 1/3 for the slices of a stack.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return Normal(stddev, dtype)


class TruncatedNormal(Initializer):
    """Weights stddev · z with z standard normal conditioned on lower < z < upper."""

    function = "truncated_normal"
    family = FAMILY
    arguments: tuple[str, ...] = ("stddev", "dtype", "lower", "upper")

    stddev = Scale(
        1e-2,
        bounds=(0, None),
        softbounds=(0.0, 1.0),
        step=0.005,
        doc="Standard deviation before the cut; 1, 1/2, 1/3 for the slices of a stack.",
    )
    lower = Scalar(-2.0, softbounds=(-4.0, 4.0), step=0.05, doc="Lower cut, in units of stddev.")
    upper = Scalar(2.0, softbounds=(-4.0, 4.0), step=0.05, doc="Upper cut, in units of stddev.")

    def check(self) -> None:
        """The cuts must leave something between them."""
        if is_traced(self.lower, self.upper):
            return
        got = f"got lower = {self.lower} and upper = {self.upper}. Pass for instance lower=-2.0, upper=2.0."
        if not self.lower < self.upper:
            raise ValueError(f"lower must be less than upper, {got}")
        if self.upper - self.lower < NARROWEST:
            raise ValueError(f"lower and upper must be at least {NARROWEST:g} apart, {got}")
        if self.lower >= NOTHING_BEYOND or self.upper <= -NOTHING_BEYOND:
            raise ValueError(
                f"lower and upper must leave something of a normal law, of which nothing is beyond {NOTHING_BEYOND:g} "
                f"standard deviations, {got}"
            )

    def check_dtype(self, dtype: np.dtype) -> None:
        """Real floating point only."""
        real_only("truncated_normal", dtype)

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Probability kept by the cut → law → ensemble."""
        law = TruncatedNormalLaw(self.stddev, self.lower, self.upper)
        if is_traced(self.lower, self.upper):
            return law_steps(law, shape)
        low, high = number(self.lower), number(self.upper)
        kept = Step("kept", r"P(\ell < z < u)", self._kept(), rf"\Phi({high}) - \Phi({low})")
        return kept, *law_steps(law, shape)

    def _kept(self) -> float:
        low, high = float(self.lower), float(self.upper)
        if low > 0:  # the same mass, mirrored to where erfc keeps its digits
            low, high = -high, -low
        return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2

    def _kept_text(self) -> str:
        kept = self._kept()
        return f"a share {kept:.2g}" if kept else "a share below 1e-300"

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """A standard deviation of 0, and cuts too far out for the dtype."""
        info, values = jnp.finfo(dtype), TruncatedNormalLaw(1.0, self.lower, self.upper).distinct(dtype)
        found: tuple[str, ...] = ()
        if info.bits >= 16 and values < min(FEW, 2**info.nmant / 4):
            found = (
                f"Between lower = {self.lower} and upper = {self.upper} lies {self._kept_text()} of the normal "
                f"law, of which {dtype} uniforms give about {several(max(round(values), 1), 'different value')}: the "
                "draws do not follow the exact law.",
            )
        return (*found, *_zero_warning("stddev", self.stddev))


def truncated_normal(
    stddev: Scales = 1e-2, dtype: DTypeLike | None = None, lower: Number = -2.0, upper: Number = 2.0
) -> TruncatedNormal:
    """Weights stddev · z with z standard normal conditioned on lower < z < upper.

    Unlike variance scaling there is no correction for the cut: at ±2 the standard deviation is 0.8796 stddev. With
    unequal bounds the mean is not 0. Keras's `TruncatedNormal` does not correct either.

    >>> round(truncated_normal(1.0).plan((256, 256))["std"], 4)
    0.8796

    Args:
        stddev: Standard deviation before the cut; 1, 1/2, 1/3 for the slices of a stack.
        dtype: Dtype where a call gives none; None is the default float.
        lower: Lower cut, in units of stddev.
        upper: Upper cut, in units of stddev.
    """
    return TruncatedNormal(stddev, dtype, lower, upper)


NARROWEST = 1e-9
"""Least distance of two cuts: closer ones are one number to most dtypes, and to the arithmetic of their law."""
FEW = 4096
"""Values of a draw below which it visibly departs from its law, where the dtype has more."""


class Constant(Initializer):
    """Every weight is `value`; an array broadcasts over the shape. The key is ignored. Any dtype."""

    function = "constant"
    family = "Constant"
    arguments: tuple[str, ...] = ("value", "dtype")
    required: tuple[str, ...] = ("value",)

    value = Value(0.5, softbounds=(-2.0, 2.0), step=0.05, doc="The value of every weight.")

    def check_dtype(self, dtype: np.dtype) -> None:
        """Any, but a complex value needs a complex one: jax refuses a number and drops the imaginary part of arrays."""
        if not is_traced(self.value) and np.iscomplexobj(self.value) and not is_complex(dtype):
            raise TypeError(
                f"value must be real for the dtype {dtype}, got {quoted(self.value)}. "
                "Choose complex64, or pass a real value."
            )

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """Value → ensemble."""
        check_broadcasts("value", self.value, shape)
        ensemble = ConstantEnsemble(self.value, is_complex(dtype))
        if is_traced(self.value):
            return (Step("ensemble", r"W_{ij} = c", ensemble),)
        return (
            Step("value", "c", self.value, number(self.value)),
            Step("ensemble", r"W_{ij} = c", ensemble, number(self.value)),
        )

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """Values that are not finite, or not of the dtype."""
        if not np.all(np.isfinite(np.asarray(self.value))):
            return (f"value = {self.value} is not finite.",)
        return ()


def constant(value: ArrayLike, dtype: DTypeLike | None = None) -> Constant:
    """Every weight is `value`; an array broadcasts over the shape. The key is ignored. Any dtype.

    Units of a hidden layer stay equal under gradient descent if their outgoing weights are equal, too.

    >>> constant(0.5).plan((256,))["value"]
    0.5

    Args:
        value: The value of every weight.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return Constant(value, dtype)


class Zeros(Constant):
    """Every weight is 0: the usual start for biases. The key is ignored. Any dtype."""

    function = "zeros"
    arguments: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    value = Value(0.0, readonly=True, constant=True, doc="Pinned.")


class Ones(Constant):
    """Every weight is 1: the usual start for the scales of normalization layers. The key is ignored. Any dtype."""

    function = "ones"
    arguments: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    value = Value(1.0, readonly=True, constant=True, doc="Pinned.")
