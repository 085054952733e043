"""The named variance-scaling initializers: each pins three knobs and holds no logic."""

from jax.typing import DTypeLike

from initviz.fans.by_shape import Axis
from initviz.initializers.knobs import distribution, mode
from initviz.initializers.scaling import Preset, pinned


class LecunNormal(Preset):
    """Weights of variance 1 / fan_in from a normal cut at ±2.27 standard deviations."""

    function = "lecun_normal"
    scale = pinned(1.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


def lecun_normal(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> LecunNormal:
    """Weights of variance 1 / fan_in from a normal cut at ±2.27 standard deviations.

    Keeps the variance of a linear or SELU layer. Source: LeCun et al. 1998; Klambauer et al. 2017. PyTorch has no such
    function; TensorFlow.js omits the correction for the cut.

    >>> lecun_normal().plan((256, 512))["variance"]
    0.00390625

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return LecunNormal(in_axis, out_axis, batch_axis, dtype)


class LecunUniform(Preset):
    """Weights of variance 1 / fan_in, uniform on ±√(3 / fan_in)."""

    function = "lecun_uniform"
    scale = pinned(1.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("uniform", readonly=True)


def lecun_uniform(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> LecunUniform:
    """Weights of variance 1 / fan_in, uniform on ±√(3 / fan_in).

    Source: LeCun et al. 1998. PyTorch's default for `Linear`, U(±1/√fan_in), has a third of this variance.

    >>> lecun_uniform().plan((3, 256))["bound"]
    1.0

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return LecunUniform(in_axis, out_axis, batch_axis, dtype)


class GlorotNormal(Preset):
    """Weights of variance 2 / (fan_in + fan_out) from a normal cut at ±2.27 standard deviations."""

    function = "glorot_normal"
    scale = pinned(1.0)
    mode = mode("fan_avg", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


def glorot_normal(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> GlorotNormal:
    """Weights of variance 2 / (fan_in + fan_out) from a normal cut at ±2.27 standard deviations.

    A compromise between keeping the variance forward and backward through linear layers. Source: Glorot & Bengio 2010,
    who used the uniform law. PyTorch's `xavier_normal_` is not truncated. Also known as Xavier normal.

    >>> glorot_normal().plan((256, 768))["variance"]
    0.001953125

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return GlorotNormal(in_axis, out_axis, batch_axis, dtype)


class GlorotUniform(Preset):
    """Weights of variance 2 / (fan_in + fan_out), uniform on ±√(6 / (fan_in + fan_out))."""

    function = "glorot_uniform"
    scale = pinned(1.0)
    mode = mode("fan_avg", readonly=True)
    distribution = distribution("uniform", readonly=True)


def glorot_uniform(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> GlorotUniform:
    """Weights of variance 2 / (fan_in + fan_out), uniform on ±√(6 / (fan_in + fan_out)).

    Source: Glorot & Bengio 2010. The default of Keras's `Dense`. Also known as Xavier uniform.

    >>> glorot_uniform().plan((4, 2))["bound"]
    1.0

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return GlorotUniform(in_axis, out_axis, batch_axis, dtype)


class HeNormal(Preset):
    """Weights of variance 2 / fan_in from a normal cut at ±2.27 standard deviations."""

    function = "he_normal"
    scale = pinned(2.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


def he_normal(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> HeNormal:
    """Weights of variance 2 / fan_in from a normal cut at ±2.27 standard deviations.

    Keeps the second moment through ReLU layers, which lose half of it. Source: He et al. 2015, who did not truncate;
    nor does PyTorch's `kaiming_normal_`. Also known as Kaiming normal.

    >>> he_normal().plan((3, 3, 64, 128))["fan"]  # 3 · 3 · 64
    576.0

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return HeNormal(in_axis, out_axis, batch_axis, dtype)


class HeUniform(Preset):
    """Weights of variance 2 / fan_in, uniform on ±√(6 / fan_in)."""

    function = "he_uniform"
    scale = pinned(2.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("uniform", readonly=True)


def he_uniform(
    in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = (), dtype: DTypeLike | None = None
) -> HeUniform:
    """Weights of variance 2 / fan_in, uniform on ±√(6 / fan_in).

    Source: He et al. 2015. PyTorch's `Linear` calls `kaiming_uniform_(a=√5)`, which has a sixth of this variance. Also
    known as Kaiming uniform.

    >>> he_uniform().plan((6, 256))["bound"]
    1.0

    Args:
        in_axis: Axis or axes that count as inputs.
        out_axis: Axis or axes that count as outputs.
        batch_axis: Axis or axes of independent copies, counted in no fan.
        dtype: Dtype where a call gives none; None is the default float.
    """
    return HeUniform(in_axis, out_axis, batch_axis, dtype)
