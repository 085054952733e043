"""Settings of a network as plain state that can be changed and watched. What they ask is a `NetworkQuestion`."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import param

from initviz.initializers import Initializer, he_normal
from initviz.initializers.knobs import Scalar
from initviz.initializers.resolve import resolve
from initviz.networks.answer import NetworkAnswer, answer_network
from initviz.networks.network import DEEPEST, INPUTS, KINDS, NARROWEST, WIDEST, Network
from initviz.networks.question import NetworkQuestion
from initviz.networks.trial import Trial
from initviz.networks.verdict import with_weight_variance
from initviz.propagation import activation
from initviz.propagation.activations import NAMED
from initviz.settings.codec import unknown
from initviz.settings.copies import Copied
from initviz.settings.knobs import Choice, Count, Flag, Resolved, Seed, Text
from initviz.settings.texts import rounded

BRANCHES: dict[str, Callable[[int], float | None]] = {
    "none": lambda depth: None,
    "1": lambda depth: 1.0,
    "1/√L": lambda depth: 1 / math.sqrt(depth),
    "1/√(2L)": lambda depth: 1 / math.sqrt(2 * depth),
    "1/L": lambda depth: 1 / depth,
    "0": lambda depth: 0.0,
}
"""Factors of a residual branch, of L layers."""
OTHER = "other"
"""What says that the factor is a number of its own."""
NORM_CHOICES = {
    "none": ("", False),
    "layer norm before": ("layer", False),
    "layer norm after": ("layer", True),
    "RMS norm before": ("rms", False),
    "RMS norm after": ("rms", True),
}
"""Which norm there is, and whether it is of what leaves a layer."""


ACTIVATIONS = (*NAMED, "tanh", "sigmoid", "softplus", "arctan", "erf", "sin")
"""Names of activations, of which some are functions of one argument."""
DRAGGED = 4
"""Significant digits of what a dot is dragged to."""


class Function(Text):
    """An activation by name, or as an expression in x."""

    wanted = "a name such as relu or an expression in x"

    def _validate(self, val: Any) -> None:
        super()._validate(val)
        try:
            activation(val)
        except ValueError as refusal:
            raise ValueError(f"{self.name}: {refusal}") from None


class NetworkStudy(Copied):
    """A whole network at initialization: what is asked, to be changed at will. `question` is what is asked, frozen.

    >>> study = NetworkStudy("glorot_normal", depth=20, width=64)
    >>> found = study.answer()
    >>> found.measured.seeds, round(found.verdict.signal_growth, 1)
    (8, 0.5)

    Args:
        initializer: an initializer, or its name.
        settings: the others, by name.

    Raises:
        TypeError, ValueError: a setting that cannot be used, with the fix.
    """

    arguments = (
        "depth", "width", "activation", "bias_std", "residual", "branch", "norm", "kind", "inputs", "input_std", "lsuv",
        "seeds", "seed",
    )  # fmt: skip

    initializer = Resolved(
        class_=Initializer, resolve=resolve, allow_None=False, doc="How the weights of each layer are drawn."
    )
    depth = Count(50, bounds=(1, DEEPEST), softbounds=(1, 100), doc="How many layers")
    width = Count(256, bounds=(NARROWEST, WIDEST), softbounds=(16, 1024), doc="Units of each layer")
    activation = Function(
        "relu", doc=f"One of {', '.join(ACTIVATIONS)}; or an expression in x, such as tanh(2 * x) + 0.1 * x"
    )
    bias_std = Scalar(0.0, bounds=(0, None), softbounds=(0.0, 1.0), step=0.01, doc="Standard deviation of biases, σ_b")
    residual = Choice(
        (*BRANCHES, OTHER),
        default="none",
        doc="Factor of the branch in x + factor · φ(h), of L layers; other, to choose any",
    )
    branch = Scalar(
        1.0, bounds=(0, None), softbounds=(0.0, 1.0), step=0.01, doc="That factor, where residual says other"
    )
    norm = Choice(NORM_CHOICES, default="none", doc="A norm of what enters the weights, or of what leaves the layer")
    kind = Choice(KINDS, default="dense", doc="Dense layers, or 3 × 3 convolutions on 8 × 8 positions")
    inputs = Choice(INPUTS, default=INPUTS[0], doc="Normal numbers, one number among zeros, or handwritten digits")
    input_std = Scalar(1.0, bounds=(0, None), softbounds=(0.0, 2.0), step=0.01, doc="Root mean square of the inputs")
    lsuv = Flag(False, doc="Rescale the weights, layer by layer, until h has the variance 1 (Mishkin & Matas 2016)")
    seeds = Count(8, bounds=(1, 64), softbounds=(1, 32), doc="How many networks are drawn")
    seed = Seed(0, doc="Of the first network")
    question = param.ClassSelector(
        class_=NetworkQuestion, constant=True, doc="The state now, frozen; watch it for changes."
    )

    def __init__(self, initializer: Any = None, **settings: Any):
        for name in settings:
            if name not in self.arguments:
                raise TypeError(unknown(name, ["initializer", *self.arguments], "a network"))
        own = with_residual(settings)
        super().__init__(initializer=he_normal() if initializer is None else initializer, **own)
        self.trial = Trial()
        """How it is trained beside recipes."""
        self._follow()

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name != "trial" and not hasattr(type(self), name):
            raise AttributeError(unknown(name, ["initializer", *self.arguments], "a network"))
        super().__setattr__(name, value)

    # A method of their own each: when one is replaced, param (2.4, `_update_deps`) forgets all others of the method.
    @param.depends("initializer.param", watch=True)
    def _follow_initializer(self) -> None:
        self._follow()

    @param.depends("initializer", *arguments, watch=True)
    def _follow(self) -> None:
        of = self.initializer
        arguments = tuple((name, getattr(of, name)) for name in of.law_arguments())
        norm, norm_after = NORM_CHOICES[self.norm]
        branch = float(self.branch) if self.residual == OTHER else BRANCHES[self.residual](self.depth)
        fields = {
            "depth": self.depth, "width": self.width, "activation": self.activation, "bias_std": float(self.bias_std),
            "branch": branch, "norm": norm, "norm_after": norm_after, "kind": self.kind,
            "inputs": self.inputs, "input_std": float(self.input_std), "seed": self.seed,
        }  # fmt: skip
        question = NetworkQuestion(of.function, arguments, tuple(fields.items()), self.seeds, self.lsuv)
        if question != self.question:
            with param.edit_constant(self):
                self.question = question

    def take(self, network: Network) -> None:
        """Have the settings of this network; how often it is drawn stays."""
        named = {name: factor(network.depth) for name, factor in BRANCHES.items()}
        residual = next((name for name, factor in named.items() if _same(factor, network.branch)), OTHER)
        norms = {kind: name for name, kind in NORM_CHOICES.items()}
        self.param.update(
            initializer=network.initializer, depth=network.depth, width=network.width, activation=network.activation,
            bias_std=network.bias_std, residual=residual, norm=norms[network.norm, network.norm_after],
            kind=network.kind, inputs=network.inputs, input_std=network.input_std, lsuv=bool(network.factors),
            seed=network.seed, **({"branch": network.branch} if residual == OTHER else {}),
        )  # fmt: skip

    def move(self, weight_variance: float, bias_variance: float) -> None:
        """Have weights and biases of these variances, σ_w² and σ_b²: by the initializer there is, or one like it."""
        network = self.question.network
        initializer = with_weight_variance(network, max(weight_variance, 0.0), DRAGGED)
        self.param.update(initializer=initializer, bias_std=rounded(math.sqrt(max(bias_variance, 0.0)), DRAGGED))

    def answers(self, progress: Callable[[float], None] = lambda share: None) -> Iterator[NetworkAnswer]:
        """Answers to the question now, each more complete than the one before."""
        return answer_network(self.question, progress)

    def answer(self) -> NetworkAnswer:
        """The whole answer to the question now."""
        *_, last = self.answers()
        return last


def with_residual(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with the residual connection that a factor of the branch means, where nothing else is said of it."""
    return {"residual": OTHER} | settings if "branch" in settings else settings


def _same(factor: float | None, other: float | None) -> bool:
    return factor is other or (factor is not None and other is not None and math.isclose(factor, other))
