"""A study: the settings as plain state that can be changed at will, and watched. What they ask is a `Question`."""

from collections.abc import Callable
from contextlib import suppress

import jax.numpy as jnp
import param

from initviz.answers.answer import Answer, answer
from initviz.answers.question import Question
from initviz.initializers import CLASSES, Initializer
from initviz.layers import LAYERS, Layer
from initviz.settings.choices import LARGEST_SEED, Checked, check_shape, device_names, dtypes, generators, one_of

RAW = "raw shape"
"""The layer kind of a shape that belongs to no layer."""


class Study(param.Parameterized):
    """An initializer, a shape, a dtype, a seed and a device to be changed at will; `question` is their frozen state."""

    function = Checked("he_normal", check=one_of("function", lambda: CLASSES), doc="Which reference function.")
    initializer = param.ClassSelector(class_=Initializer, doc="The initializer itself, with its arguments.")
    shape = Checked((256, 256), check=check_shape, doc="Sizes of the weight tensor.")
    dtype = Checked("float32", check=one_of("dtype", dtypes), doc="Dtype the weights are drawn in.")
    seed = param.Integer(0, bounds=(0, LARGEST_SEED), doc="Seed of the key: jax.random.key(seed).")
    device = Checked("", check=lambda value: value and one_of("device", device_names)(value), doc="Where to draw.")
    generator = Checked("threefry2x32", check=one_of("generator", generators), doc="Which PRNG implementation.")
    partitionable = param.Boolean(True, doc="jax_threefry_partitionable: on by default since jax 0.5.0.")
    layer_kind = Checked(RAW, check=one_of("layer_kind", lambda: (RAW, *LAYERS)), doc="Which layer holds the weights.")
    layer = param.ClassSelector(class_=Layer, doc="The layer itself, with its sizes, which set the shape; or None.")
    asked_layer = param.Parameter(None, doc="The layer as it is now, frozen.")
    question = param.ClassSelector(class_=Question, constant=True, doc="The state now, frozen; watch it for changes.")

    def __init__(self, function: str = "he_normal", **settings):
        one_of("function", lambda: CLASSES)(function)
        layer = settings.pop("layer", None)
        own = {name: settings.pop(name) for name in list(settings) if name in type(self).param}
        own["dtype"] = str(jnp.dtype(own.get("dtype", "float32")))
        own["device"] = own.get("device") or device_names()[0]
        super().__init__(function=function, initializer=CLASSES[function](**settings), **own)
        if layer is None and self.layer_kind != RAW:
            layer = LAYERS[self.layer_kind]()
        if layer is not None:
            kernel = layer.contraction().kernel
            if own.get("shape", kernel) != kernel:
                raise ValueError(f"shape must be that of the layer, {kernel}, got {own['shape']}. Leave one out.")
            self.layer = layer
        self._ask()

    @param.depends("function", watch=True)
    def _swap(self):
        """A new initializer keeps the arguments that both have and that were changed from their default."""
        old, new = self.initializer, CLASSES[self.function]
        changed = {
            name: getattr(old, name)
            for name in old.arguments
            if name in new.arguments and name != "dtype" and getattr(old, name) is not old.param[name].default
            and getattr(old, name) != type(old).param[name].default
        }  # fmt: skip
        self.initializer = new(**changed)

    @param.depends("layer_kind", watch=True)
    def _swap_layer(self):
        if self.layer_kind != (RAW if self.layer is None else type(self.layer).__name__):
            self.layer = None if self.layer_kind == RAW else LAYERS[self.layer_kind]()

    @param.depends("layer", watch=True)
    def _follow_layer(self):
        layer = self.layer
        if layer is not None:
            layer.param.watch(lambda _: self.layer is layer and self._resize(), list(layer.arguments))
        self._resize()

    def _resize(self):
        """The shape is that of the layer's kernel; `answer` says what is wrong with one that has none."""
        if self.layer is None:
            self.param.update(layer_kind=RAW, asked_layer=None)
            return
        now = {"layer_kind": type(self.layer).__name__, "asked_layer": self.layer.question()}
        with suppress(ValueError):
            now["shape"] = check_shape(self.layer.contraction().kernel)
        self.param.update(**now)

    @param.depends("shape", watch=True)
    def _leave_layer(self):
        """Another shape than the layer's is a raw one."""
        kernel = None
        with suppress(ValueError):
            kernel = self.layer and self.layer.contraction().kernel
        if kernel != tuple(self.shape):
            self.layer = None

    @param.depends("initializer.param", "shape", "dtype", "seed", "device", "asked_layer", "generator",
                   "partitionable", watch=True)  # fmt: skip
    def _ask(self):
        arguments = tuple((name, getattr(self.initializer, name)) for name in self.initializer.arguments
                          if name != "dtype")  # fmt: skip
        question = Question(
            self.function, arguments, tuple(self.shape), self.dtype, self.seed, self.device, self.asked_layer,
            self.generator, self.partitionable,
        )  # fmt: skip
        with param.edit_constant(self):
            self.question = question

    def answer(self, progress: Callable[[float], None] | None = None) -> Answer:
        """The result for the state now."""
        return answer(self.question, progress)
