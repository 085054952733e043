"""One verdict on a network: whether signals and gradients keep their size, why, and what would mend it."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from initviz.initializers import Initializer, orthogonal, variance_scaling
from initviz.networks.gains import chi_of, critical_near_one, is_stable, state_of
from initviz.networks.measured import Measured
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.propagation import FixedPoint, critical_weight_variance, fixed_point
from initviz.propagation.quadrature import NotIntegrableError
from initviz.settings.texts import SINGLE, rounded
from initviz.wording import plain

STEADY = 10.0
"""Factor over the whole depth up to which a mean square counts as kept."""
CLOSE = 1e-3
"""By how much, of itself, a mended variance has to differ to be another one."""
SAME_INPUTS = 1e-6
"""What a correlation may differ from 1 and still be called the same."""
MOST_CHANGE = 3.0
"""Powers of ten by which what goes through a mended network may change."""


@dataclass(frozen=True)
class Mend:
    """A network that would keep its signals: what is changed, and why."""

    of: Network
    network: Network
    """The mended one."""
    words: str

    @property
    def initializer(self) -> Initializer:
        """The initializer of the mended network."""
        return self.network.initializer

    @property
    def call(self) -> str:
        """The call of the initializer, where it is another one; else nothing."""
        return "" if self.initializer is self.of.initializer else str(self.initializer)

    @property
    def changes(self) -> tuple[str, ...]:
        """What else is changed, in words."""
        mended = self.network
        said = {
            "bias_std": f"biases of std {plain(mended.bias_std)}",
            "branch": mended.branch is not None and f"a residual branch times {plain(mended.branch)}",
            "norm": f"an {mended.norm.upper()} norm before it",
            "factors": "no rescaling",
        }
        return tuple(str(words) for name, words in said.items() if getattr(mended, name) != getattr(self.of, name))


@dataclass(frozen=True)
class Verdict:
    """What becomes of signals and gradients, of the median network; growths are factors of mean squares a layer."""

    steady: bool
    """Whether both stay within a factor `STEADY` over the whole depth."""
    signal_growth: float
    """From the first layer on; NaN where it is not finite or 0."""
    gradient_growth: float
    """From the last layer back."""
    words: tuple[str, ...]
    """What is measured; what theory says of it."""
    mend: Mend | None


def judge(network: Network, measured: Measured, mended: bool = True) -> Verdict:
    """The verdict on a network that was measured; where it is not to be `mended`, no mend is looked for.

    >>> from initviz.networks import measure
    >>> from initviz.initializers import variance_scaling
    >>> tanh = Network(variance_scaling((5 / 3) ** 2, "fan_in", "normal"), activation="tanh")
    >>> found = judge(tanh, next(measure(tanh)))
    >>> found.mend.initializer
    variance_scaling(scale=1.0, mode='fan_in', distribution='normal')
    """
    if network.branch == 0:
        return Verdict(True, 1.0, 1.0, (IDENTITY,), None)
    signal = middle(measured.square if network.branch is None else measured.leaves)  # what norms hide of a stream
    gradient = middle(measured.gradient)
    words = _of_signals(signal) if len(signal) > 1 or not np.isfinite(signal).all() else ONE_LAYER
    if np.isfinite(signal).all():
        words = f"{words} {_of_gradients(gradient)}".strip()
    steady = _is_steady(signal, gradient)
    mend = mend_of(network, gradient) if mended and not steady else None
    return Verdict(steady, growth(signal), growth(gradient[::-1]), (words, *_why(network)), mend)


ONE_LAYER = "Of a single layer there is no growth to tell."
IDENTITY = "Every branch starts at 0: the network is the identity, and signals and gradients pass as they are."


def middle(each: np.ndarray) -> np.ndarray:
    """Of each layer the median over the seeds."""
    return np.median(each, axis=0)


def _change(sizes: np.ndarray) -> float:
    """The last of these over the first; NaN where that is no number above 0."""
    if not np.isfinite(sizes).all() or sizes[0] <= 0 or sizes[-1] <= 0:
        return math.nan
    return float(sizes[-1]) / float(sizes[0])


def growth(sizes: np.ndarray) -> float:
    """The factor a layer, from the first to the last of these; NaN where that is no number above 0.

    >>> growth(np.array([1.0, 3.0, 4.0]))
    2.0
    """
    return _change(sizes) ** (1 / max(len(sizes) - 1, 1))


def _off(sizes: np.ndarray) -> float:
    """By how many powers of ten these change; infinite where they end."""
    change = _change(sizes)
    return math.inf if math.isnan(change) else abs(math.log10(change))


def _is_steady(signal: np.ndarray, gradient: np.ndarray) -> bool:
    return max(_off(signal), _off(gradient)) <= math.log10(STEADY)


def _of_signals(signal: np.ndarray) -> str:
    lost, gone = np.flatnonzero(~np.isfinite(signal)), np.flatnonzero(signal == 0)
    if gone.size and not lost.size:
        return f"Signals are 0 from layer {gone[0] + 1} on."
    if lost.size:
        return f"Signals are beyond all numbers of float32 from layer {lost[0] + 1} on."
    return _told("Signals", signal, f"layer 1 to layer {len(signal)}")


def _of_gradients(gradient: np.ndarray) -> str:
    lost, gone = np.flatnonzero(~np.isfinite(gradient)), np.flatnonzero(gradient == 0)
    if gone.size:
        return f"Gradients are 0 from layer {gone[-1] + 1} back to the input."
    if lost.size:
        return f"Gradients are beyond all numbers of float32 from layer {lost[-1] + 1} back to the input."
    return _told("Gradients", gradient[::-1], f"layer {len(gradient)} to layer 1")


def _told(what: str, sizes: np.ndarray, way: str) -> str:
    if len(sizes) < 2:
        return ""
    total = plain(_change(sizes), 2)
    if _off(sizes) <= math.log10(STEADY):
        return f"{what} stay within a factor of {STEADY:.0f}: × {total} from {way}."
    verb = "grow" if sizes[-1] > sizes[0] else "shrink"
    return f"{what} {verb} × {plain(growth(sizes), 3)} a layer: × {total} from {way}."


def fixed_point_of(network: Network) -> FixedPoint | None:
    """Where a plain network of this kind arrives after many layers; None where theory does not say."""
    if network.branch is not None or network.norm or network.factors or _limit(network) is None:
        return None
    try:
        return fixed_point(network.function, network.weight_variance, network.bias_variance)
    except NotIntegrableError:
        return None


@lru_cache(maxsize=16)
def _why(network: Network) -> tuple[str, ...]:
    """What theory says of it, for each of the answers of which the next is more complete."""
    found = fixed_point_of(network)
    if found is None:
        return ()
    biases = f" and biases of std {plain(network.bias_std)}" if network.bias_std else ""
    here = f"{network.activation} with weights of gain {plain(math.sqrt(network.weight_variance))}{biases}"
    chi = chi_of(network.function, found, network.weight_variance)
    if math.isnan(chi):
        return (f"In theory, of wide layers, the signal of {here} grows without bound.",)
    if not is_stable(found):
        return (f"In theory, of wide layers, {here} is in a balance that tips: a smaller signal vanishes, a larger one "
                "grows.",)  # fmt: skip
    state = state_of(chi)
    words = f"{GRADIENTS[state]}{_of_inputs(found)} (χ₁ = {plain(chi)})"
    if network.function.jumps:  # whose slope says nothing of inputs
        return (f"In theory, of wide layers, of {here} {words}.",)
    return (f"In theory, of wide layers, {here} is {state}: {words}.",)


GRADIENTS = {
    "critical": "gradients keep their size", "chaotic": "gradients grow", "ordered": "gradients vanish",
}  # fmt: skip


def _of_inputs(found: FixedPoint) -> str:
    """What becomes of two inputs in the end; nothing where their signal is gone, or they change ever more slowly."""
    if math.isnan(found.c) or state_of(found.chi) == "critical":
        return ""
    if found.c > 1 - SAME_INPUTS:
        return ", and inputs that differ become alike"
    return f", and inputs that are alike drift apart, to a correlation of {plain(found.c, 2)}"


def mend_of(network: Network, gradient: np.ndarray) -> Mend | None:
    """The first network like this one that, in theory, keeps gradients better than these; None if none is known."""
    enough = min(max(_off(gradient) / 2, math.log10(STEADY)), MOST_CHANGE)
    keeping = (mend for mend, signal, left in _candidates(network) if signal <= MOST_CHANGE and left <= enough)
    return next(keeping, None)


@lru_cache(maxsize=16)
def _candidates(network: Network) -> tuple[tuple[Mend, float, float], ...]:
    """Mends, the nearest first, and by how many powers of ten signals and gradients change in them, in theory."""
    found = []
    for mend in _smaller_branches(network) if network.branch is not None else _critical(network):
        limit = None if _alike(network, mend.network) else _limit(mend.network)
        if limit is not None:
            signal = limit.square if mend.network.branch is None else limit.leaves
            found.append((mend, _off(signal), _off(limit.gradient)))
    return tuple(found)


def _alike(network: Network, other: Network) -> bool:
    """Whether these are nearly the same: what is proposed instead of a network must be another one."""
    same = all(getattr(network, name) == getattr(other, name) for name in ("branch", "norm", "factors"))
    pairs = ((network.weight_variance, other.weight_variance), (network.bias_std, other.bias_std))
    return same and all(math.isclose(*pair, rel_tol=CLOSE, abs_tol=CLOSE) for pair in pairs)


def _limit(network: Network) -> Predicted | None:
    try:
        return predict(network, bands=False)
    except ValueError:
        return None


def _critical(network: Network) -> Iterator[Mend]:
    """Critical weights with the biases that there are, with none, with those that keep a signal of size 1; a norm."""
    points = []
    for bias_variance in dict.fromkeys((network.bias_variance, 0.0)):
        with suppress(ValueError):
            points.append((critical_weight_variance(network.function, bias_variance), bias_variance))
    if near_one := critical_near_one(network.function):
        points.append(near_one)
    for weight_variance, bias_variance in points:
        bias_std = rounded(math.sqrt(bias_variance), SINGLE)
        try:
            initializer = with_weight_variance(network, weight_variance)
        except ValueError:  # a scale beyond what it can have
            continue
        mended = replace(network, initializer=initializer, bias_std=bias_std, factors=())
        there = f"with biases of std {plain(bias_std)}" if bias_std else "without biases"
        gain = plain(math.sqrt(weight_variance))
        yield Mend(network, mended, f"The critical gain of {network.activation} {there} is {gain}.")
    mended = replace(network, branch=1 / math.sqrt(network.depth), norm="rms", norm_after=False, factors=())
    no_gain = f"No gain of {network.activation} is known to be enough"
    lead = "A critical gain alone is not enough here" if points else no_gain
    yield Mend(network, mended, f"{lead}: a residual branch of 1/√L behind a norm is.")


def _smaller_branches(network: Network) -> Iterator[Mend]:
    """Branches that add up to little."""
    for name, branch in (("1/√L", 1 / math.sqrt(network.depth)), ("1/L", 1 / network.depth)):
        if branch < (network.branch or 0.0):
            mended = replace(network, branch=branch, factors=())
            yield Mend(network, mended, f"Branches of {name} = {plain(branch)} add up to little.")


def with_weight_variance(network: Network, weight_variance: float, digits: int = SINGLE) -> Initializer:
    """The initializer of a network with another scale, of which σ_w² is this number; or one without a preset's scale.

    >>> with_weight_variance(Network(), 1.5)
    variance_scaling(scale=1.5, mode='fan_in', distribution='truncated_normal')
    """
    of, now = network.initializer, network.weight_variance
    power = SCALES.get(of.function)
    if power and now > 0 and network.is_centred:
        name, exponent = power
        scale = rounded(getattr(of, name) * (weight_variance / now) ** exponent, digits)
        return type(of)(**dict(of.values()) | {name: scale})
    if network.is_orthogonal:
        return orthogonal(rounded(math.sqrt(weight_variance), digits))
    return variance_scaling(rounded(weight_variance, digits), "fan_in", "truncated_normal")


SCALES = {
    "variance_scaling": ("scale", 1.0),
    "orthogonal": ("scale", 0.5),
    "delta_orthogonal": ("scale", 0.5),
    "normal": ("stddev", 0.5),
    "truncated_normal": ("stddev", 0.5),
}
"""Which argument of an initializer is a power of the variance, and which power."""
