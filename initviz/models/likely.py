"""Which initializer a tensor looks as if it was drawn by: an answer is a class of laws that nobody could tell apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from initviz.fans.by_shape import Fans
from initviz.initializers import delta_orthogonal
from initviz.laws.base import Law
from initviz.laws.complex import LAWS
from initviz.laws.real import TRUNCATED_STD, Normal, TruncatedNormal, Uniform
from initviz.models.likelihood import checks_of_law, log_likelihood, plan_for, plan_of_law, probability
from initviz.models.repeats import repeats
from initviz.models.seen import Moments, Seen
from initviz.models.tensor import Role, Tensor
from initviz.wording import plain

ACCEPTED = 0.01
"""Least probability, all checks together, of weights that are taken to be of a law."""
ROUNDED = 1e-4
"""How far a scale of 1 may be off that was measured in single precision or less."""
TOLD_APART = math.log(100)
"""Of log-likelihoods: a law that makes the weights a hundred times as likely is told from another."""
UNKNOWN = "no initializer that is known: trained, or drawn by another rule"
TRAINED = "the model looks trained"
SHARE_TRAINED = 1 / 3
"""Of the matrices of a model that no law fits: from there on the others, which are too small to tell, are not named."""


@dataclass(frozen=True)
class Candidate:
    """A law that weights may be of."""

    text: str
    """As it is written in a recipe."""
    law: Callable[[Fans | None], Law | None]
    """The law of a weight; None where there is none without fans."""


@dataclass(frozen=True)
class Likely:
    """What a tensor looks as if it was drawn by."""

    laws: tuple[str, ...] = ()
    """Names of laws that cannot be told apart by these weights, the best first; none for an abstention."""
    why: str = ""
    """Why nothing is said, or what else to know."""
    probability: float | None = None
    """Of weights as unusual, if the first law drew them."""
    drawn: bool = True
    """Whether some law that initializers have fits, be it of a spread that no rule gives."""
    fits: tuple[str, float] | None = None
    """The distribution, as `variance_scaling` calls it, and its variance, where a law fits that no rule gives."""

    def __str__(self) -> str:
        return ", ".join(filter(None, (" or ".join(self.laws), self.why)))


def _scaled(scale: float, mode: str, distribution: str) -> Callable[[Fans | None], Law | None]:
    def law(fans: Fans | None) -> Law | None:
        fan = fans.pick(mode) if fans else 0
        return LAWS[distribution][0].with_variance(scale / fan) if fan else None

    return law


def _cut_and_not_corrected(fans: Fans | None) -> Law | None:
    """Of Haiku's Linear and Conv, whose spread is that before the cut."""
    fan = fans.pick("fan_in") if fans else 0
    return TruncatedNormal(fan**-0.5) if fan else None


PRESETS = {"lecun": (1.0, "fan_in"), "glorot": (1.0, "fan_avg"), "he": (2.0, "fan_in")}
NAMED = tuple(
    Candidate(f"{name}_{short}", _scaled(scale, mode, distribution))
    for name, (scale, mode) in PRESETS.items()
    for short, distribution in (("normal", "truncated_normal"), ("uniform", "uniform"))
)
OTHERS = tuple(
    Candidate(f'variance_scaling({text}, "{mode}", "{distribution}")', _scaled(scale, mode, distribution))
    for text, scale, mode, distributions in (
        ("1", 1.0, "fan_in", ("normal",)),
        ("1", 1.0, "fan_avg", ("normal",)),
        ("2", 2.0, "fan_in", ("normal",)),
        ("1/3", 1 / 3, "fan_in", ("uniform",)),  # of PyTorch's Linear and Conv
        ("1", 1.0, "fan_out", tuple(LAWS)),
        ("2", 2.0, "fan_out", tuple(LAWS)),
    )
    for distribution in distributions
)
FIXED = (
    *(Candidate(f"normal({std:g})", lambda _, std=std: Normal(std)) for std in (0.01, 0.02, 1.0)),
    *(Candidate(f"truncated_normal({std:g})", lambda _, std=std: TruncatedNormal(std)) for std in (0.01, 0.02, 1.0)),
    Candidate("uniform(0.01)", lambda _: Uniform(0.01)),
    Candidate("uniform(-0.05, 0.05)", lambda _: Uniform(0.05, low=-1.0)),  # Keras's RandomUniform
)
CANDIDATES = (*NAMED, *OTHERS, Candidate("truncated_normal(1/√fan_in)", _cut_and_not_corrected), *FIXED)
"""What frameworks draw by default or by name."""


ENDS = {"normal": (0.0, 0.0), "truncated_normal": (2 / TRUNCATED_STD, 4.4), "uniform": (3**0.5, 1.0)}
"""Where laws end, in standard deviations, and how far N weights end before that, as a share times N: 1 over twice the
density there, which of a normal law cut at ±2 is 0.0566 in units of what is cut."""


def candidates_for(tensor: Tensor, role: Role, layers: int = 0) -> tuple[Candidate, ...]:
    """What a tensor may be drawn by: `CANDIDATES`, and what only its model or its kind suggests.

    In a model of several blocks (`layers`) that is the law of GPT-2's projections into the residual stream (Radford et
    al. 2019), and for a table the law of flax's `Embed`, whose fan is the number of features.
    """
    found = []
    if layers > 1:
        found.append(Candidate("normal(0.02/√(2·layers))", lambda _: Normal(0.02 / math.sqrt(2 * layers))))
    if role.kind == "Embedding" and role.out_axes:
        features = math.prod(tensor.shape[axis] for axis in role.out_axes)
        text = 'variance_scaling(1, "fan_in", "normal", out_axis=0)'
        found.append(Candidate(text, lambda _: Normal(features**-0.5) if features else None))
    return (*CANDIDATES, *found)


def likely(tensor: Tensor, role: Role, seen: Seen, candidates: tuple[Candidate, ...] = CANDIDATES) -> Likely:
    """What the tensor looks as if it was drawn by.

    Constants and orthogonal matrices are exact; of the others the likelihood decides, then every check of the best one
    has to be passed.
    """
    moments = seen.moments
    if moments.not_finite or not moments.count:
        return Likely(why="NaN or infinite weights" if moments.not_finite else "no weights", drawn=False)
    if moments.constant is not None:
        return _constant(moments.constant, moments.count)
    if seen.observation.dtype.kind == "c":
        return Likely(why="complex weights: no rule is tried")
    found = _orthogonal(tensor, role, seen)
    return found or _independent(tensor, role, seen, candidates)


def _constant(value: float, count: int) -> Likely:
    if count == 1 and value not in (0.0, 1.0):
        return Likely(why="one number, which tells nothing")
    return Likely(({0.0: "zeros", 1.0: "ones"}.get(value, f"constant({value:.9g})"),), probability=1.0)


def _orthogonal(tensor: Tensor, role: Role, seen: Seen) -> Likely | None:
    """Of orthogonal rows or columns, or of a convolution that has them at its middle tap alone; None for others."""
    if seen.orthogonal:
        return Likely((_scaled_name("orthogonal", seen.orthogonal),), probability=1.0)
    taps = tensor.shape[:-2]
    inputs_last = role.in_axes == (len(taps),) and role.out_axes == (len(taps) + 1,)
    kept = seen.moments.count - seen.moments.zeros
    if not taps or not inputs_last or seen.in_part or kept > 1.01 * seen.moments.count / math.prod(taps):
        return None
    scale = (seen.moments.power * seen.moments.count / tensor.shape[-2]) ** 0.5
    if not scale or len(taps) > 3 or tensor.shape[-1] < tensor.shape[-2]:
        return None
    plan = plan_for(delta_orthogonal(scale), tensor.shape, seen)
    chance = probability(checks_of_law(plan, seen))
    fits = chance is not None and chance >= ACCEPTED
    return Likely((_scaled_name("delta_orthogonal", scale),), probability=chance) if fits else None


def _scaled_name(name: str, scale: float) -> str:
    return name if abs(scale - 1) < ROUNDED else f"{name}({scale:.6g})"


def _independent(tensor: Tensor, role: Role, seen: Seen, candidates: tuple[Candidate, ...]) -> Likely:
    """The best of these laws, and those hardly worse; where the best one does not fit, one of any spread."""
    fans, dtype = role.fans(tensor.shape) if role.in_axes else None, seen.observation.dtype
    laws = [(each.text, law) for each in candidates if (law := each.law(fans))]
    scores = [log_likelihood(law.marginal, seen.moments, dtype) for _, law in laws]
    most = max(scores, default=-math.inf)
    if most > -math.inf:
        told = [laws[place] for _, place in sorted((-x, at) for at, x in enumerate(scores) if x >= most - TOLD_APART)]
        found = _if_it_fits(told, tensor, seen)
        if found:
            return found
    of_any = [(name, LAWS[name][0].with_variance(_variance(name, seen.moments))) for name in ENDS]
    scores = [log_likelihood(law.marginal, seen.moments, dtype) for _, law in of_any]
    best = [law for law, score in zip(of_any, scores, strict=True) if -math.inf < score >= max(scores) - TOLD_APART]
    free = _if_it_fits(best[:1], tensor, seen) if best else None
    if free:
        (family,) = free.laws
        why = f"no rule that is known; {family.replace('_', ' ')} with std {plain(seen.moments.std)} fits"
        return Likely((), why, free.probability, fits=(family, _variance(family, seen.moments)))
    return Likely((), UNKNOWN, drawn=False)


def _variance(name: str, moments: Moments) -> float:
    """That of the weights; of a law that ends, by the largest of them, which tells it within about 1 / N."""
    end, gap = ENDS[name]
    return (moments.largest * (1 + gap / moments.count) / end if end else moments.std) ** 2


def _if_it_fits(told: list[tuple[str, Law]], tensor: Tensor, seen: Seen) -> Likely | None:
    """These laws, if the weights pass every check of the first."""
    name, law = told[0]
    chance = probability(checks_of_law(plan_of_law(name, law, tensor.shape, seen), seen))
    if chance is None or chance < ACCEPTED:
        return None
    few = any(check.within is False for check in repeats(law.marginal, seen.precision, seen))
    what = f"{seen.moments.zeros:,} of them 0" if seen.mostly_zeros else f"drawn in {seen.precision}"
    why = what if few else ""
    return Likely(tuple(name for name, _ in told), why, chance)
