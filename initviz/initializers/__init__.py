"""All 21 names of `flax.nnx.initializers`, each an object that draws the same weights and can explain them.

`from initviz.initializers import he_normal` replaces the import from jax or flax. The functions are made from the
classes, whose param declarations are the one home of every default, bound and explanation.
"""

from inspect import cleandoc

from initviz.initializers.base import Initializer
from initviz.initializers.orthogonal import DeltaOrthogonal, Orthogonal
from initviz.initializers.presets import GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform
from initviz.initializers.scaling import VarianceScaling
from initviz.initializers.simple import Constant, Normal, Ones, TruncatedNormal, Uniform, Zeros


def _function(cls: type[Initializer]):
    """The reference function that builds `cls`: same name, signature and defaults."""
    signature = cls.signature()

    def build(*args, **kwargs):
        return cls(**signature.bind(*args, **kwargs).arguments)

    arguments = "".join(f"\n    {name}: {cls.param[name].doc}" for name in cls.arguments)
    build.__doc__ = f"{cleandoc(cls.__doc__)}\n\nArgs:{arguments}\n"
    build.__name__ = build.__qualname__ = cls.function
    build.__signature__ = signature
    return build


variance_scaling = _function(VarianceScaling)
lecun_normal = _function(LecunNormal)
lecun_uniform = _function(LecunUniform)
glorot_normal = xavier_normal = _function(GlorotNormal)
glorot_uniform = xavier_uniform = _function(GlorotUniform)
he_normal = kaiming_normal = _function(HeNormal)
he_uniform = kaiming_uniform = _function(HeUniform)
normal = _function(Normal)
truncated_normal = _function(TruncatedNormal)
uniform = _function(Uniform)
orthogonal = _function(Orthogonal)
delta_orthogonal = _function(DeltaOrthogonal)
constant = _function(Constant)
zeros = Zeros()
ones = Ones()


def zeros_init():
    """The initializer `zeros`."""
    return zeros


def ones_init():
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

__all__ = [*CLASSES]
