"""The named variance-scaling initializers: each pins three knobs and holds no logic."""

from initviz.initializers.knobs import distribution, mode
from initviz.initializers.scaling import Preset, pinned


class LecunNormal(Preset):
    """Weights of variance 1 / fan_in from a normal cut at ±2.27 standard deviations.

    Keeps the variance of a linear or SELU layer. Source: LeCun et al. 1998; Klambauer et al. 2017. PyTorch has no such
    function; TensorFlow.js omits the correction for the cut.
    """

    function = "lecun_normal"
    scale = pinned(1.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


class LecunUniform(Preset):
    """Weights of variance 1 / fan_in, uniform on ±√(3 / fan_in).

    Source: LeCun et al. 1998. PyTorch's default for `Linear`, U(±1/√fan_in), has a third of this variance.
    """

    function = "lecun_uniform"
    scale = pinned(1.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("uniform", readonly=True)


class GlorotNormal(Preset):
    """Weights of variance 2 / (fan_in + fan_out) from a normal cut at ±2.27 standard deviations.

    A compromise between keeping the variance forward and backward through linear layers. Source: Glorot & Bengio 2010,
    who used the uniform law. PyTorch's `xavier_normal_` is not truncated. Also known as Xavier normal.
    """

    function = "glorot_normal"
    scale = pinned(1.0)
    mode = mode("fan_avg", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


class GlorotUniform(Preset):
    """Weights of variance 2 / (fan_in + fan_out), uniform on ±√(6 / (fan_in + fan_out)).

    Source: Glorot & Bengio 2010. The default of Keras's `Dense`. Also known as Xavier uniform.
    """

    function = "glorot_uniform"
    scale = pinned(1.0)
    mode = mode("fan_avg", readonly=True)
    distribution = distribution("uniform", readonly=True)


class HeNormal(Preset):
    """Weights of variance 2 / fan_in from a normal cut at ±2.27 standard deviations.

    Keeps the second moment through ReLU layers, which lose half of it. Source: He et al. 2015, who did not truncate;
    nor does PyTorch's `kaiming_normal_`. Also known as Kaiming normal.
    """

    function = "he_normal"
    scale = pinned(2.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("truncated_normal", readonly=True)


class HeUniform(Preset):
    """Weights of variance 2 / fan_in, uniform on ±√(6 / fan_in).

    Source: He et al. 2015. PyTorch's `Linear` calls `kaiming_uniform_(a=√5)`, which has a sixth of this variance. Also
    known as Kaiming uniform.
    """

    function = "he_uniform"
    scale = pinned(2.0)
    mode = mode("fan_in", readonly=True)
    distribution = distribution("uniform", readonly=True)
