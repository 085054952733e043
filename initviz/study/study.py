"""A study: the settings as plain state that can be changed at will, and watched. What they ask is a `Question`."""

from collections.abc import Callable
from contextlib import suppress

import jax.numpy as jnp
import param

from initviz.answers.answer import Question, Result, answer
from initviz.initializers import CLASSES, Initializer
from initviz.layers import LAYERS, Layer, RawShape
from initviz.layers import resolve as resolve_layer
from initviz.probes import PROBES
from initviz.settings.choices import GENERATORS, check_shape, device_names, dtypes, generators, one_of
from initviz.settings.codec import from_json, to_json
from initviz.settings.knobs import Choice, Flag, Seed
from initviz.study import codec

WEIGHTS_AS = ("density", "CDF", "CDF − law")
"""Ways to draw weights."""
SPECTRUM_AS = ("density", "sorted", "CDF")
"""Ways to draw singular values."""


class Study(param.Parameterized):
    """What is asked, how it is drawn and which closer look is open, to be changed at will.

    `question` is what is asked, frozen: watch it to hear of every change of that, once.
    """

    function = Choice(CLASSES, default="he_normal", doc="Which reference function.")
    initializer = param.ClassSelector(class_=Initializer, doc="The initializer itself, with its arguments.")
    layer = param.ClassSelector(class_=Layer, allow_None=False, doc="What holds the weights, which sets their shape.")
    dtype = Choice(dtypes, default="float32", doc="Dtype the weights are drawn in.")
    seed = Seed(0, doc="jax.random.key(seed)")
    device = Choice(device_names, default="", doc="Where to draw.")
    generator = Choice(generators, default=GENERATORS[0], doc="jax.random.key(seed, impl=…)")
    partitionable = Flag(True, doc="jax_threefry_partitionable: on by default since jax 0.5.0.")
    question = param.ClassSelector(class_=Question, constant=True, doc="The state now, frozen; watch it for changes.")

    weights_as = Choice(WEIGHTS_AS, default=WEIGHTS_AS[0], label="weights as", doc="How the weights are drawn")
    spectrum_as = Choice(SPECTRUM_AS, default=SPECTRUM_AS[0], label="singular values as", doc="How they are drawn")
    look = Choice(("", *PROBES), default="", doc="Which closer look is open, none for the draw itself.")

    _settled = True

    def __init__(self, function: str = "he_normal", *, shape=None, layer=None, **settings):
        one_of("function", lambda: CLASSES)(function)
        own = {name: settings.pop(name) for name in list(settings) if name in type(self).param}
        own["dtype"] = str(jnp.dtype(own.get("dtype", "float32")))
        own["device"] = own.get("device") or device_names()[0]
        super().__init__(
            function=function, initializer=CLASSES[function](**settings), layer=_layer(layer, shape), **own
        )
        self._layers: dict[type, Layer] = {}
        self.looks = {name: probe() for name, probe in PROBES.items()}
        """Every closer look with its settings, by the name of its class."""
        self._follow()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights. To set another than the layer's leaves the layer for a raw shape.

        Raises:
            ValueError: the sizes of the layer contradict each other.
        """
        return self.layer.kernel

    @shape.setter
    def shape(self, shape) -> None:
        shape = check_shape(shape)
        if not self.layer.sums:
            self.layer.shape = shape
        elif shape != self._kernel:
            self.layer = RawShape(shape=shape)

    @property
    def _kernel(self) -> tuple[int, ...] | None:
        """The shape; None of a layer that cannot be."""
        with suppress(ValueError):
            return self.shape

    def layer_of(self, kind: str) -> Layer:
        """A layer of that kind: with the sizes it had here before, else its default ones; a raw shape as it is now."""
        cls = LAYERS[kind]
        if not cls.sums and self._kernel is not None:
            return cls(shape=self._kernel)
        return self._layers.get(cls) or cls()

    # A method of their own each: when one is replaced, param (2.4, `_update_deps`) forgets all others of the method.
    @param.depends("initializer.param", watch=True)
    def _follow_initializer(self) -> None:
        self._follow()

    @param.depends("layer.param", watch=True)
    def _follow_layer(self) -> None:
        self._follow()

    @param.depends("function", "dtype", "seed", "device", "generator", "partitionable", watch=True)
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
        """Function and initializer agree, the one that was changed leading, and layers are remembered."""
        cls = CLASSES[self.function]
        if type(self.initializer) is not cls:
            if self.function == self.question.function:
                self.function = self.initializer.function
            else:
                self.initializer = cls(**self._kept(cls))
        self._layers[type(self.layer)] = self.layer

    def _kept(self, cls: type[Initializer]) -> dict:
        """The arguments that the initializer shares with another class and that were changed from their default."""
        old = self.initializer
        return {
            name: getattr(old, name)
            for name in old.arguments
            if name in cls.arguments and name != "dtype" and getattr(old, name) != type(old).param[name].default
        }

    def _asked(self) -> Question:
        """The state now, frozen."""
        arguments = tuple((name, getattr(self.initializer, name)) for name in self.initializer.arguments
                          if name != "dtype")  # fmt: skip
        return Question(
            self.function, arguments, self.layer.question(), self.dtype, self.seed, self.device, self.generator,
            self.partitionable,
        )  # fmt: skip

    def to_dict(self) -> dict:
        """The settings as plain JSON: texts of what differs from the default, and a version."""
        return codec.written(self)

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return to_json(self.to_dict())

    @classmethod
    def from_dict(cls, settings) -> "Study":
        """The study that `to_dict` has written.

        Raises:
            ValueError: a setting that cannot be read; the message names it.
        """
        study = cls()
        codec.read(study, settings, _refuse)
        return study

    @classmethod
    def from_json(cls, text: str | bytes) -> "Study":
        """The study that `to_json` has written; nothing in the text is executed.

        Raises:
            ValueError: no JSON, or a setting that cannot be read; the message names it.
        """
        return cls.from_dict(from_json(text))

    @classmethod
    def salvage(cls, settings) -> tuple["Study", tuple[str, ...]]:
        """What can be read of settings from anywhere, the rest at its default, and a notice for each that cannot."""
        study, notices = cls(), []
        codec.read(study, settings, notices.append)
        return study, tuple(notices)

    def answer(self, progress: Callable[[float], None] | None = None) -> Result:
        """The result for the state now."""
        return answer(self.question, progress)


def _refuse(message: str) -> None:
    raise ValueError(message)


def _layer(layer, shape) -> Layer:
    """The layer of a constructor's arguments."""
    if shape is not None:
        shape = RawShape.param.shape.parse(shape) if isinstance(shape, str) else check_shape(shape)
    if layer is None:
        return RawShape() if shape is None else RawShape(shape=shape)
    layer = resolve_layer(layer)
    if shape not in (None, layer.kernel):
        raise ValueError(f"shape must be that of the layer, {layer.kernel}, got {shape}. Leave one out.")
    return layer
