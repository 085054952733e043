"""All 21 names of `flax.nnx.initializers`, each an object that draws the same weights and can explain them.

`from initviz.initializers import he_normal` replaces the import from jax or flax. The param declarations of the classes
are the one home of bounds and of what each argument means; a test compares the functions' signatures with them.
"""

from initviz.initializers.base import Initializer
from initviz.initializers.orthogonal import DeltaOrthogonal, Orthogonal, delta_orthogonal, orthogonal
from initviz.initializers.per_slice import PerSlice as PerSlice
from initviz.initializers.presets import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
)
from initviz.initializers.scaling import VarianceScaling, variance_scaling
from initviz.initializers.simple import (
    Constant,
    Normal,
    Ones,
    TruncatedNormal,
    Uniform,
    Zeros,
    constant,
    normal,
    truncated_normal,
    uniform,
)

xavier_normal = glorot_normal
xavier_uniform = glorot_uniform
kaiming_normal = he_normal
kaiming_uniform = he_uniform
zeros = Zeros()
ones = Ones()


def zeros_init() -> Zeros:
    """The initializer `zeros`."""
    return zeros


def ones_init() -> Ones:
    """The initializer `ones`."""
    return ones


# Every reference name, in the order it is listed, and the class behind it.
CLASSES: dict[str, type[Initializer]] = {
    "variance_scaling": VarianceScaling,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "xavier_normal": GlorotNormal,
    "xavier_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "kaiming_normal": HeNormal,
    "kaiming_uniform": HeUniform,
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "uniform": Uniform,
    "orthogonal": Orthogonal,
    "delta_orthogonal": DeltaOrthogonal,
    "constant": Constant,
    "zeros": Zeros,
    "zeros_init": Zeros,
    "ones": Ones,
    "ones_init": Ones,
}

THEMSELVES = ("zeros", "ones")
"""Names of initializers; the others are of functions that build one."""


def jax_name(function: str) -> str:
    """What jax calls a reference function: it has `zeros` and `ones`, but no function that builds them, as flax has."""
    own = CLASSES[function].function
    return own if own in THEMSELVES else function


__all__ = [
    "constant",
    "delta_orthogonal",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "ones_init",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
    "zeros_init",
]
