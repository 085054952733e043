"""Models of every framework, each with what its tensors are initialized by: an MLP, a CNN, a small transformer.

`BUILDERS["flax.nnx", "transformer"](seed, width)` gives one. Frameworks are imported when one of their models is built.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from importlib import import_module
from typing import Any

from initviz.initializers import Initializer, glorot_uniform, lecun_normal, normal, ones, variance_scaling, zeros
from initviz.models.tensor import Tensor

VOCABULARY, POSITIONS, CLASSES, PIXELS, CHANNELS = 96, 16, 10, 8, 3
SHAPES = "MLP", "CNN", "transformer"


@dataclass(frozen=True)
class Built:
    """A model, and the initializer of every tensor: by path, or by a pattern of paths, the first that fits."""

    model: Any
    laws: Mapping[str, Initializer]

    def law(self, path: str) -> Initializer:
        """The initializer of the tensor at a path, which counts fans on the axes as the framework keeps them."""
        return next(law for pattern, law in self.laws.items() if fnmatchcase(path, pattern))


embedded = partial(variance_scaling, 1.0, "fan_in", "normal", out_axis=0)
FLAX = {
    "*/bias": zeros,
    "*/scale": ones,
    "*/embedding": embedded(),
    "*/attention/out/kernel": lecun_normal(in_axis=(0, 1)),
    "*/attention/*/kernel": lecun_normal(in_axis=0, out_axis=(1, 2)),
    "*/kernel": lecun_normal(),
    "positions": normal(0.02),
}
"""The defaults of flax's layers."""


third = partial(variance_scaling, 1 / 3, "fan_in", "uniform")
"""Uniform on ±1/√fan_in."""


def torch_laws(tensors: Iterable[Tensor]) -> dict[str, Initializer]:
    """The defaults of PyTorch's layers, by path: those of a bias follow the weight beside it."""
    shapes = {tensor.path: tensor.shape for tensor in tensors}
    return {path: _torch_law(path, shapes) for path in shapes}


def _torch_law(path: str, shapes: Mapping[str, tuple[int, ...]]) -> Initializer:
    law = next((law for pattern, law in TORCH.items() if fnmatchcase(path, pattern)), None)
    weight = path.removesuffix("bias").removesuffix("weight") + "weight"
    if law is not None:
        return law
    if len(shapes[weight]) == 1:
        return ones if path == weight else zeros
    if path == weight:
        return third(in_axis=1, out_axis=0)
    fan, axes = math.prod(shapes[weight][1:]), tuple(range(len(shapes[path])))
    return variance_scaling(1 / (3 * fan), "fan_in", "uniform", (), (), axes)


TORCH = {
    "*in_proj_weight": glorot_uniform(in_axis=1, out_axis=0),
    "*in_proj_bias": zeros,
    "*/out_proj/bias": zeros,
    "tokens/*": normal(1.0),
    "positions/*": normal(1.0),
}
"""What the weight beside it does not tell."""


def _later(module: str, function: str) -> Callable[..., Built]:
    """A builder whose module is imported when it is called."""
    return lambda seed=0, width=48: getattr(import_module(module), function)(seed, width)


BUILDERS = {
    (framework, shape): _later(module, shape.lower())
    for framework, module in {
        "flax.nnx": "nnx_models", "flax.linen": "linen_models", "Equinox": "equinox_models", "Haiku": "haiku_models",
        "PyTorch": "torch_models",
    }.items()
    for shape in SHAPES
}  # fmt: skip
"""(framework, shape) → a function of a seed and a width."""
OURS = [each for each in BUILDERS if each[0].startswith("flax")]
"""Those of frameworks that the extra `test` has; the rest run where `frameworks` is asked for."""
