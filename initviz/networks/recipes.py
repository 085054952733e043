"""Recipes for initialization as data: what a library or a paper takes, and the network that shows it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NoReturn

from initviz.initializers import (
    Initializer,
    delta_orthogonal,
    glorot_uniform,
    he_normal,
    lecun_normal,
    normal,
    orthogonal,
    variance_scaling,
)
from initviz.networks.lsuv import lsuv
from initviz.networks.network import KINDS, NARROWEST, WIDEST, WIDEST_CONVOLUTION, Network
from initviz.networks.scales import GPT2_STD, deepnorm_scales, fixup_scale, gpt2_std, spectral_std, tfixup_scales
from initviz.propagation import critical_weight_variance, fixed_point
from initviz.settings.codec import unknown
from initviz.wording import near, quoted

CRITICAL_BIAS_VARIANCE = 2.01e-5
"""Of Xiao et al. 2018, of which the critical σ_w² for tanh is 1.05."""


@lru_cache(maxsize=1)
def _critical() -> float:
    return critical_weight_variance("tanh", CRITICAL_BIAS_VARIANCE)


def _at_criticality() -> dict[str, Any]:
    """Tanh with signals that stay at their fixed point from the first layer on."""
    q = fixed_point("tanh", _critical(), CRITICAL_BIAS_VARIANCE).q
    return {"activation": "tanh", "bias_std": math.sqrt(CRITICAL_BIAS_VARIANCE),
            "input_std": math.sqrt((q - CRITICAL_BIAS_VARIANCE) / _critical())}  # fmt: skip


def _scaled(scale: float) -> Initializer:
    """Normal weights of `scale` times the standard deviation 1/√n."""
    return variance_scaling(scale**2, "fan_in", "normal")


@dataclass(frozen=True)
class Recipe:
    """One recipe: in words, as a formula, and as a network of equal layers.

    >>> RECIPES["he"].formula, RECIPES["he"].source, RECIPES["he"].std(50, 200)
    ('\\\\sigma^2 = \\\\tfrac2n', 'He et al. 2015', 0.1)
    """

    name: str
    title: str
    formula: str
    """In LaTeX: n is the width, L the depth, m the layers of a branch."""
    source: str
    known_for: str
    std: Callable[[int, int], float]
    """Of a weight, at a depth and a width."""
    settings: Callable[[int, int], dict[str, Any]]
    """Of the network, at a depth and a width."""
    branch: Callable[[int], float] | None = None
    """Factor of the residual branches, at a depth; None without any."""
    leaves_out: str = ""
    """What a network of equal layers does not show of it."""
    rescales: bool = False
    """Whether LSUV rescales its layers, by data."""

    def network(self, depth: int = 50, width: int = 256, **other: Any) -> Network:
        """The network of this recipe.

        >>> RECIPES["he"].network(depth=20, width=64).weight_variance.__round__(6)
        2.0

        Args:
            depth: how many layers.
            width: units of each.
            other: what else a `Network` takes, instead of the recipe's own.

        Raises:
            TypeError, ValueError: a size or a number cannot be used; with the fix.
        """
        network = self.start(depth, width, **other)
        return lsuv(network).network if self.rescales else network

    def at_most(self, width: int) -> int:
        """This width, or the largest that a network of this kind may have."""
        kind = self.settings(1, NARROWEST).get("kind", "dense")
        return min(width, WIDEST_CONVOLUTION if KINDS[kind] else WIDEST)

    def start(self, depth: int = 50, width: int = 256, **other: Any) -> Network:
        """The same, before its layers are rescaled."""
        known = [field.name for field in fields(Network)]
        for name in other:
            if name not in known:
                raise TypeError(unknown(name, known, "a network"))
        branch = {"branch": self.branch(depth)} if self.branch else {}
        return Network(**{"depth": depth, "width": width, **branch, **self.settings(depth, width), **other})


_UNIFORM_BIASES = "Biases here are normal, with the standard deviation of PyTorch's uniform ones."
_SMALL = "Inputs are scaled to the size at which signals stay; larger ones take many layers to shrink to it."
_ONE_LAYER = "A branch here is one layer, not two with an activation between, and has no attention."

_TABLE = (
    Recipe(
        "pytorch", "PyTorch's Linear", r"W_{ij},\ b_i \sim U\left(\pm\tfrac{1}{\sqrt n}\right)",
        "PyTorch, torch.nn.Linear",
        "What every Linear layer gets unless told otherwise: a sixth of relu's signal is left after each layer, "
        "and the biases take over.",
        lambda depth, width: 1 / math.sqrt(3 * width),
        lambda depth, width: {"initializer": variance_scaling(1 / 3, "fan_in", "uniform"),
                              "bias_std": 1 / math.sqrt(3 * width)},
        leaves_out=_UNIFORM_BIASES,
    ),
    Recipe(
        "flax", "flax's default", r"\sigma^2 = \tfrac1n,\ \text{cut at two } \sigma", "flax, nnx.Linear",
        "LeCun's variance: right for linear layers and SELU, and half of what relu needs.",
        lambda depth, width: 1 / math.sqrt(width), lambda depth, width: {"initializer": lecun_normal()},
    ),
    Recipe(
        "keras", "Keras's default", r"W_{ij} \sim U\left(\pm\sqrt{\tfrac{6}{n_\mathrm{in} + n_\mathrm{out}}}\right)",
        "Keras, layers.Dense",
        "Glorot's uniform law: made for tanh, it halves the signal of relu in each layer.",
        lambda depth, width: 1 / math.sqrt(width), lambda depth, width: {"initializer": glorot_uniform()},
    ),
    Recipe(
        "he", "He and relu", r"\sigma^2 = \tfrac2n", "He et al. 2015",
        "Makes up for the half that relu throws away, so that signals and gradients keep their size on average.",
        lambda depth, width: math.sqrt(2 / width), lambda depth, width: {"initializer": he_normal()},
    ),
    Recipe(
        "xavier", "Xavier and tanh", r"\sigma^2 = \tfrac{2}{n_\mathrm{in} + n_\mathrm{out}}", "Glorot & Bengio 2010",
        "Keeps signals and gradients at once where tanh is nearly linear; large signals slowly fall into that range.",
        lambda depth, width: 1 / math.sqrt(width),
        lambda depth, width: {"initializer": glorot_uniform(), "activation": "tanh"},
    ),
    Recipe(
        "selu", "LeCun and SELU",
        r"\sigma^2 = \tfrac1n,\quad \operatorname{E}\phi(z) = 0,\ \operatorname{E}\phi(z)^2 = 1",
        "Klambauer et al. 2017",
        "Normalizes itself: signals return to mean 0 and variance 1, while gradients grow by 7 % a layer.",
        lambda depth, width: 1 / math.sqrt(width),
        lambda depth, width: {"initializer": lecun_normal(), "activation": "selu"},
    ),
    Recipe(
        "orthogonal", "Orthogonal and tanh, critical",
        r"W^\top W = \sigma_w^2 I,\quad \chi_1(\sigma_w^2, \sigma_b^2) = 1",
        "Pennington, Schoenholz & Ganguli 2017",
        "Nearly isometric: all singular values of the whole network stay near 1, for small signals.",
        lambda depth, width: math.sqrt(_critical() / width),
        lambda depth, width: {"initializer": orthogonal(math.sqrt(_critical())), **_at_criticality()},
        leaves_out=_SMALL,
    ),
    Recipe(
        "delta_orthogonal", "Delta-orthogonal convolutions, critical",
        r"K_{\mathrm{centre}}^\top K_{\mathrm{centre}} = \sigma_w^2 I,\ \text{all other taps } 0", "Xiao et al. 2018",
        "Trained plain convolutional networks of ten thousand layers: each layer starts as an isometry that mixes no "
        "positions.",
        lambda depth, width: math.sqrt(_critical() / (9 * width)),
        lambda depth, width: {"initializer": delta_orthogonal(math.sqrt(_critical())), "kind": "conv circular",
                              **_at_criticality()},
        leaves_out=_SMALL,
    ),
    Recipe(
        "gpt2_unscaled", "GPT-2 without its scaling", r"W_{ij} \sim N(0,\ 0.02^2)", "Radford et al. 2019",
        "GPT-2 without its 1/√(2L): a factor that is easily lost on the way, and then the stream grows with the depth.",
        lambda depth, width: GPT2_STD,
        lambda depth, width: {"initializer": normal(GPT2_STD), "activation": "gelu_tanh", "norm": "layer"},
        lambda depth: 1.0, leaves_out=_ONE_LAYER,
    ),
    Recipe(
        "gpt2", "GPT-2", r"W_{ij} \sim N(0,\ 0.02^2),\quad \text{into the stream } \tfrac{0.02}{\sqrt{2L}}",
        "Radford et al. 2019",
        "A fixed 0.02 at every width, and 1/√(2L) for what two branches in each of L blocks add to the stream.",
        lambda depth, width: GPT2_STD,
        lambda depth, width: {"initializer": normal(GPT2_STD), "activation": "gelu_tanh", "norm": "layer"},
        lambda depth: gpt2_std(depth) / GPT2_STD,
        leaves_out=f"{_ONE_LAYER} The factor of the weights into the stream is that of the branch, of which a block "
        "has one here.",
    ),
    Recipe(
        "fixup", "Fixup", r"\sigma = L^{-\frac{1}{2m-2}} \sqrt{\tfrac2n},\quad \text{last layer of each branch } 0",
        "Zhang et al. 2019",
        "Trains residual networks of any depth without norms: each branch starts at 0, and its inner layers small.",
        lambda depth, width: fixup_scale(depth) * math.sqrt(2 / width),
        lambda depth, width: {"initializer": _scaled(fixup_scale(depth) * 2**0.5)},
        lambda depth: 0.0,
        leaves_out="A branch here is its first layer of m = 2; the second, of zeros, is the factor 0. There are no "
        "scalar biases and multipliers.",
    ),
    Recipe(
        "rezero", "ReZero, SkipInit", r"x + \alpha\, F(x),\quad \alpha = 0", "Bachlechner et al. 2021; De & Smith 2020",
        "One number a branch, which starts at 0 and is learned: the network begins as the identity.",
        lambda depth, width: math.sqrt(2 / width), lambda depth, width: {"initializer": he_normal()},
        lambda depth: 0.0, leaves_out="Gradients of the weights begin when α, which is learned, leaves 0.",
    ),
    Recipe(
        "tfixup", "T-Fixup", r"\sigma = 0.67\, L^{-\frac14} \sqrt{\tfrac1n}", "Huang et al. 2020",
        "Trains transformers without layer norms and without a warm-up, by smaller weights the deeper they are.",
        lambda depth, width: tfixup_scales(depth)[1] / math.sqrt(width),
        lambda depth, width: {"initializer": _scaled(tfixup_scales(depth)[1])},
        lambda depth: 1.0,
        leaves_out=f"{_ONE_LAYER} The factor is the encoder's, and of all weights. Embeddings are scaled, too.",
    ),
    Recipe(
        "deepnorm", "DeepNorm",
        r"\operatorname{LN}(\alpha x + F(x)),\ \alpha = (2L)^{\frac14},\quad \sigma = \beta \sqrt{\tfrac1n},\ "
        r"\beta = (8L)^{-\frac14}",
        "Wang et al. 2022",
        "Took transformers to a thousand layers with the norm after the sum: each branch changes the stream a little.",
        lambda depth, width: deepnorm_scales(depth)[1] / math.sqrt(width),
        lambda depth, width: {"initializer": _scaled(deepnorm_scales(depth)[1]), "norm": "layer", "norm_after": True},
        lambda depth: 1 / deepnorm_scales(depth)[0],
        leaves_out=f"{_ONE_LAYER} A stream times α is, after the norm, a branch times 1/α. Queries and keys, which are "
        "not scaled by β.",
    ),
    Recipe(
        "mup", "μP, by the spectral condition",
        r"\lVert W \rVert = \sqrt{\tfrac{n_\mathrm{out}}{n_\mathrm{in}}},\quad "
        r"\sigma = \frac{\sqrt{n_\mathrm{out}/n_\mathrm{in}}}{\sqrt{n_\mathrm{in}} + \sqrt{n_\mathrm{out}}}",
        "Yang, Simon & Bernstein 2023",
        "Learning rates that are right for a narrow network are right for a wide one: each matrix has the norm 1.",
        lambda depth, width: spectral_std(width, width),
        lambda depth, width: {"initializer": normal(spectral_std(width, width)), "norm": "layer"},
        lambda depth: 1.0,
        leaves_out="The learning rate of each layer, and the first and the last one, in which it differs from the "
        "standard most; square weights are ½/√n of both.",
    ),
    Recipe(
        "lsuv", "LSUV", r"W_l \leftarrow \frac{W_l}{\sqrt{\operatorname{Var} h_l}}\ \text{ until }\ "
        r"\lvert \operatorname{Var} h_l - 1 \rvert < 0.1",
        "Mishkin & Matas 2016",
        "Needs no theory: orthogonal weights are rescaled, layer by layer, on real data until each output has the "
        "variance 1.",
        lambda depth, width: 1 / math.sqrt(width), lambda depth, width: {"initializer": orthogonal()},
        leaves_out="The factors are of one seed; of others they are near.",
        rescales=True,
    ),
)  # fmt: skip


class Recipes(dict[str, Recipe]):
    """Recipes by name."""

    def __missing__(self, name: object) -> NoReturn:
        """Say which there are."""
        raise KeyError(f"the recipes are {', '.join(self)}, got {quoted(name)}. {near(name, self, 'Choose one.')}")


RECIPES = Recipes((recipe.name, recipe) for recipe in _TABLE)
"""All recipes by name."""


@lru_cache(maxsize=32)
def recipe_dots(depth: int, width: int) -> tuple[tuple[str, float, float], ...]:
    """Recipes for plain layers by name, of those with the same variances the first, with their σ_w² and σ_b²."""
    found: dict[tuple[float, float], list[str]] = {}
    for recipe in RECIPES.values():
        network = recipe.start(depth, recipe.at_most(width))
        if network.branch is None and not network.norm:
            place = round(network.weight_variance, 3), round(network.bias_variance, 3)
            found.setdefault(place, []).append(recipe.name)
    return tuple((f"{names[0]} and others" if names[1:] else names[0], *place) for place, names in found.items())
