"""A study: the settings as plain state that can be changed at will, and watched. What they ask is a `Question`."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import param

from initviz.answers.answer import Answer, answer
from initviz.answers.question import Given, Question
from initviz.initializers import CLASSES, Initializer
from initviz.initializers.resolve import resolve
from initviz.laws.by_value import same
from initviz.layers import LAYERS, Layer, RawShape
from initviz.layers import resolve as resolve_layer
from initviz.models.study import ModelStudy
from initviz.networks.study import NetworkStudy
from initviz.probes import PROBES, Probe
from initviz.settings.choices import GENERATORS, check_shape, device_names, dtypes, generator_of, generators
from initviz.settings.knobs import REFUSALS, Choice, Flag, Resolved, Seed
from initviz.study import codec
from initviz.study.front_door import dtype_of, initializer_of, layer_of, no_setting, sort_out
from initviz.study.kinds import Named, Weights
from initviz.study.written import Written

WEIGHTS_AS = ("density", "CDF", "CDF − law")
"""Ways to draw weights."""
SPECTRUM_AS = ("density", "sorted", "CDF")
"""Ways to draw singular values."""
NETWORK = "Network"
"""The lab of a whole network."""
LAYER = "Layer"
"""What a layer makes of its weights, beside the draw."""
COMPARE = "Compare"
"""What is pinned, side by side."""
MODEL = "Model"
"""The audit of a whole model."""
OPENED = (NETWORK, LAYER, COMPARE, MODEL, *(name for name, probe in PROBES.items() if not probe.beside))
"""What is opened in place of the draw."""


PASSED = ("weights", "layer", "shape", *codec.OWN)
"""What can be passed by name besides the arguments of the initializer."""


class Study(Written, param.Parameterized):
    """What is asked, how it is drawn and which closer look is open, to be changed at will.

    `question` is what is asked, frozen: watch it to hear of every change of that, once.

    >>> study = Study("he_normal", layer="Dense", in_axis=0)
    >>> study.shape, study.layer.inputs
    ((784, 256), 784)

    Args:
        initializer: an initializer such as `he_normal()`, or its name; or an array of weights, before their law.
        law: the initializer that the weights are compared with, `he_normal` where none is passed.
        weights: an array to look at instead of a draw.
        layer: what holds the weights: an object such as `layers.Conv(inputs=3)`, or its class, name or title.
        shape: of the weights where the layer is not known, as numbers or as text.
        dtype: dtype the weights are drawn in; by default the initializer's own, else float32.
        seed: of the key.
        device: such as cpu:0; by default the fastest.
        generator: PRNG implementation, by name or as `jax.random.key_dtype(name)`.
        partitionable: `jax_threefry_partitionable`.
        weights_as: how they are drawn, one of `WEIGHTS_AS`.
        spectrum_as: how their singular values are drawn, one of `SPECTRUM_AS`.
        look: class name of the closer look that is open, or one of `OPENED`; none for the draw itself.
        arguments: of the initializer, such as `stddev=0.02`.

    Raises:
        TypeError, ValueError, IndexError: something that cannot be used, with the fix.
    """

    function = Choice(CLASSES, default="he_normal", doc="Which reference function.")
    initializer = Resolved(class_=Initializer, resolve=resolve, doc="The initializer itself, with its arguments.")
    layer = Resolved(class_=Layer, resolve=resolve_layer, allow_None=False, doc="What holds the weights: their shape.")
    weights = Weights(None, doc="An array to look at instead of a draw; another shape, dtype or seed draws again.")
    dtype = Named(dtypes, name_of=dtype_of, default="float32", doc="Dtype the weights are drawn in.")
    seed = Seed(0, doc="jax.random.key(seed)")
    device = Choice(device_names, default="", doc="Where to draw.")
    generator = Named(generators, name_of=generator_of, default=GENERATORS[0], doc="jax.random.key(seed, impl=…)")
    partitionable = Flag(True, doc="jax_threefry_partitionable: on by default since jax 0.5.0.")
    question = param.ClassSelector(class_=Question, constant=True, doc="The state now, frozen; watch it for changes.")

    weights_as = Choice(WEIGHTS_AS, default=WEIGHTS_AS[0], label="weights as", doc="How the weights are drawn")
    spectrum_as = Choice(SPECTRUM_AS, default=SPECTRUM_AS[0], label="singular values as", doc="How they are drawn")
    look = Choice(("", *OPENED), default="", doc="Which closer look is open, none for the draw itself.")

    looks: dict[str, Probe] = {}
    """Every closer look with its settings, by the name of its class."""
    network: Any = None
    """Settings of a network of layers that this initializer draws, a `NetworkStudy`."""
    model: Any = None
    """Settings of the audit of a whole model, a `ModelStudy`."""
    _settled = True
    _named: tuple = (None, "")
    """What was brought by name, and the name."""
    _brought: Any = None
    """The weights that were given last."""
    _given: Given | None = None
    """The same as they were then."""

    def __init__(
        self,
        initializer="he_normal",
        law=None,
        *,
        weights=None,
        layer=None,
        shape=None,
        dtype=None,
        seed: int = 0,
        device: str | None = None,
        generator: str = GENERATORS[0],
        partitionable: bool = True,
        weights_as: str = WEIGHTS_AS[0],
        spectrum_as: str = SPECTRUM_AS[0],
        look: str = "",
        **arguments,
    ):
        initializer, weights = sort_out(initializer, law, weights)
        function, chosen = initializer_of(initializer, arguments, PASSED)
        super().__init__(
            function=function, initializer=chosen, layer=layer_of(layer, shape, weights), weights=weights,
            dtype=dtype_of(dtype, initializer), seed=seed,
            device=device_names()[0] if device is None else device, generator=generator,
            partitionable=partitionable, weights_as=weights_as, spectrum_as=spectrum_as, look=look,
        )  # fmt: skip
        self._layers: dict[type, Layer] = {}
        self.looks = {name: probe() for name, probe in PROBES.items()}
        self.network = NetworkStudy(self.initializer, seed=seed)
        self.network.param.watch(self._follow_network, "initializer")
        self.model = ModelStudy()
        self._follow()

    def __setattr__(self, name, value):
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(no_setting(name, self.initializer, ("initializer", *PASSED)))
        super().__setattr__(name, value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights. To set another than the layer's leaves the layer for a raw shape.

        Raises:
            ValueError: the sizes of the layer contradict each other.
        """
        return self.layer.kernel

    @shape.setter
    def shape(self, shape) -> None:
        shape = RawShape.param.shape.parse(shape) if isinstance(shape, str) else check_shape(shape)
        if not self.layer.sums:
            self.layer.shape = shape
        elif shape != self._kernel:
            self.layer = RawShape(shape=shape)

    @property
    def _kernel(self) -> tuple[int, ...] | None:
        """The shape; None of a layer that cannot be."""
        with suppress(ValueError):
            return self.shape

    def bring(self, weights: Any, law: Any, name: str = "") -> None:
        """Look at these weights instead of a draw, beside this law.

        Args:
            weights: an array.
            law: the initializer that they are compared with, or its name.
            name: what they are, for headlines.
        """
        self._named = weights, name
        self.param.update(initializer=resolve(law), weights=weights)

    @property
    def weights_name(self) -> str:
        """What the weights are that were brought; empty where that is not known, or where they are drawn."""
        weights, name = self._named
        return name if self.weights is weights else ""

    def layer_of(self, kind: str) -> Layer:
        """A layer of that kind: with the sizes it had here before, else its default ones; a raw shape as it is now."""
        cls = LAYERS[kind]
        if not cls.sums and self._kernel is not None:
            return cls(shape=self._kernel)
        return self._layers.get(cls) or cls()

    def _follow_network(self, _event) -> None:
        """Have the initializer of the network, where it did not get ours; and its shape, if ours is none for it."""
        if not self._settled:
            return
        self.initializer = self.network.initializer
        with suppress(*REFUSALS):
            there = self.network.question.network.plan.shape
            try:
                self.initializer.plan(self.shape)
            except REFUSALS:
                self.shape = there

    # A method of their own each: when one is replaced, param (2.4, `_update_deps`) forgets all others of the method.
    @param.depends("initializer.param", watch=True)
    def _follow_initializer(self) -> None:
        self._follow()

    @param.depends("layer.param", watch=True)
    def _follow_layer(self) -> None:
        self._follow()

    @param.depends("function", "weights", "dtype", "seed", "device", "generator", "partitionable", watch=True)
    def _follow(self) -> None:
        """Settle what follows from a change, then ask: one change is one question."""
        if not self._settled:
            return
        self._settled = False
        try:
            self._settle()
        finally:
            self._settled = True
        question = self._asked()
        if question != self.question:
            with param.edit_constant(self):
                self.question = question

    def _settle(self) -> None:
        """Function and initializer agree, and weights and what they are weights of; what was changed leads."""
        cls = CLASSES[self.function]
        if type(self.initializer) is not cls:
            if self.function == self.question.function:
                self.function = self.initializer.function
            else:
                self.initializer = cls(**self._kept(cls))
        self.network.param.update(initializer=self.initializer, seed=self.seed)
        if self.weights is not self._brought:
            self._take(self.weights)
        elif self._given and self._draws_again():
            self._take(None)
        self._layers[type(self.layer)] = self.layer

    def _take(self, weights) -> None:
        """Look at these weights from now on, as they are now, or at a draw."""
        self.weights = self._brought = weights
        self._given = None if weights is None else Given.of(weights, self.weights_name)
        if self._given:
            array = self._given.array
            if self._kernel != array.shape:
                self.layer = RawShape(shape=array.shape)
            if array.dtype.name in dtypes():
                self.dtype = array.dtype.name

    def _draws_again(self) -> bool:
        """Whether something was changed that the given weights do not follow."""
        asked = self.question
        return (self._kernel, self.dtype, self.seed) != (self._given.array.shape, asked.dtype, asked.seed)

    def _kept(self, cls: type[Initializer]) -> dict:
        """The arguments that the initializer shares with another class and that were changed from their default.

        Numbers for slices go with it only where the other class takes them.
        """
        old = self.initializer
        shared = {name: getattr(old, name) for name in old.law_arguments() if name in cls.arguments}
        return {
            name: value
            for name, value in shared.items()
            if not same(value, type(old).param[name].default)
            and (cls.param[name].slices or not type(old).param[name].slices or not np.ndim(value))
        }

    def _asked(self) -> Question:
        """The state now, frozen."""
        arguments = tuple((name, getattr(self.initializer, name)) for name in self.initializer.law_arguments())
        return Question(
            self.function, arguments, self.layer.question(), self.dtype, self.seed, self.device, self.generator,
            self.partitionable, self._given,
        )  # fmt: skip

    def answer(self, progress: Callable[[float], None] | None = None) -> Answer:
        """The answer to the question now."""
        return answer(self.question, progress)
