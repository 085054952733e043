"""What an initializer does in a layer: its fan beside the layer's own, and the call that gets it right."""

from dataclasses import dataclass

from initviz.contractions import Contraction
from initviz.fans import MODES
from initviz.initializers import Initializer, variance_scaling
from initviz.initializers.scaling import VarianceScaling
from initviz.latex import plain
from initviz.layers import Layer, keras_fans, torch_fans
from initviz.plan import Plan


@dataclass(frozen=True)
class Rule:
    """The fans of the same layer by one framework's rule, on its own weight shape."""

    framework: str
    shape: tuple[int, ...] | None
    """None where the framework has no such layer."""
    fan_in: float | None
    fan_out: float | None
    std: float | None
    """Standard deviation of a weight by this rule; None for initializers without fans."""
    agrees: bool


@dataclass(frozen=True)
class Advice:
    """An initializer in a layer."""

    layer: str
    fan_in: float
    """Terms that one output sums."""
    fan_out: float
    """Outputs that one input feeds."""
    used: float | None
    """The n that the initializer divides by; None for initializers without fans."""
    intended: float | None
    """The same n from the layer's own fans."""
    forward_gain: float
    """E|y|² of an output over E|x|² of an input, for independent centred inputs."""
    backward_gain: float
    """The same for gradients on their way back."""
    corrected: str
    """The call that divides by the intended n; empty where the one asked about does, or has no fans."""
    factor: float
    """Used over intended n: what the scale must be multiplied by where no axes express the layer's fans."""
    rules: tuple[Rule, ...]

    @property
    def std_ratio(self) -> float | None:
        """Realized over intended standard deviation of a weight."""
        return None if self.used is None else (self.intended / self.used) ** 0.5

    @property
    def right(self) -> bool:
        """Whether the initializer divides by the layer's own fan."""
        return self.used is None or self.used == self.intended

    @property
    def verdict(self) -> str:
        """What it comes to, in words."""
        if self.used is None:
            return (
                f"The variance does not follow the fans. One output sums {plain(self.fan_in)} terms: "
                f"activations leave with {plain(self.forward_gain)} times their mean square, "
                f"gradients with {plain(self.backward_gain)} times."
            )
        if self.right:
            return f"Right: n = {plain(self.used)} is what this layer really sums."
        ratio = self.std_ratio
        times, direction = (1 / ratio, "small") if ratio < 1 else (ratio, "large")
        return (
            f"Weights come out {plain(times)} times too {direction}: the initializer divides by "
            f"n = {plain(self.used)}, but this layer's is {plain(self.intended)} "
            f"(each output sums {plain(self.fan_in)} terms, each input feeds {plain(self.fan_out)} outputs)."
        )

    @property
    def remedy(self) -> str:
        """How to mend it, in words; empty where nothing is wrong."""
        if self.right:
            return ""
        if self.factor == 1:
            return "These axes give it:"
        return f"No axes express this layer's groups or stride. Multiply the scale by {plain(self.factor)}:"


def advise(initializer: Initializer, plan: Plan, layer: Layer) -> Advice:
    """What the initializer does in the layer whose kernel the plan is for."""
    contraction = layer.contraction()
    square = _mean_square(plan)
    by_fans = isinstance(initializer, VarianceScaling)
    used = plan["fan"] if by_fans else None
    intended = _pick(initializer, contraction.fan_in, contraction.fan_out) if by_fans else None
    corrected, factor = _corrected(initializer, contraction, intended) if by_fans and used != intended else ("", 1.0)
    return Advice(
        repr(layer), contraction.fan_in, contraction.fan_out, used, intended,
        contraction.fan_in * square, contraction.fan_out * square, corrected, factor,
        tuple(_rules(initializer, plan, layer, contraction)),
    )  # fmt: skip


def _pick(initializer: VarianceScaling, fan_in: float, fan_out: float) -> float:
    return MODES[initializer.mode].rule(fan_in, fan_out)


def _mean_square(plan: Plan) -> float:
    """E|w|² of a weight."""
    marginal = plan.ensemble.marginal
    if marginal is None:
        return float("nan")
    twice = 2 if plan.dtype.kind == "c" else 1
    return twice * (marginal.variance + marginal.mean**2)


def _axes(axes: tuple[int, ...], default, rank: int):
    """Axes as one writes them: one number for one, the default where it says the same."""
    if axes == (default % rank,):
        return default
    return axes[0] if len(axes) == 1 else axes


def _corrected(initializer: VarianceScaling, contraction: Contraction, intended: float) -> tuple[str, float]:
    """The call that divides by the intended n, and the factor on the scale that it needs."""
    rank = len(contraction.kernel)
    batch = contraction.axes("batch")
    arguments = {name: getattr(initializer, name) for name in initializer.arguments} | {
        "in_axis": _axes(contraction.axes("in"), -2, rank),
        "out_axis": _axes(contraction.axes("out"), -1, rank),
        "batch_axis": batch[0] if len(batch) == 1 else batch,
    }
    better = type(initializer)(**arguments)
    fan = better.fans(contraction.kernel).pick(initializer.mode)
    if fan == intended:
        return repr(better), 1.0
    factor = fan / intended
    axes = {name: arguments[name] for name in ("in_axis", "out_axis", "batch_axis")}
    scaled = variance_scaling(initializer.scale * factor, initializer.mode, initializer.distribution, **axes)
    return repr(scaled), factor


def _rules(initializer: Initializer, plan: Plan, layer: Layer, contraction: Contraction):
    """The layer's own fans, and those by the rules of jax, PyTorch and Keras."""
    layouts = layer.layouts()
    own = contraction.fan_in, contraction.fan_out
    fans = initializer.fans(plan.shape) if isinstance(initializer, VarianceScaling) else None
    counted = [
        ("this layer", contraction.kernel, own),
        ("jax, flax", plan.shape, (fans.fan_in, fans.fan_out) if fans else keras_fans(plan.shape)),
        ("PyTorch", layouts.torch, layouts.torch and torch_fans(layouts.torch)),
        ("Keras", layouts.keras, layouts.keras and keras_fans(layouts.keras)),
    ]
    for framework, shape, found in counted:
        fan_in, fan_out = found or (None, None)
        n = _pick(initializer, fan_in, fan_out) if fans and found else None
        std = (initializer.scale / n) ** 0.5 if n else None
        yield Rule(framework, shape, fan_in, fan_out, std, found is None or tuple(found) == own)
