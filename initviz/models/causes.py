"""Why weights are not as declared: each cause that people know is a law, and the one that fits is named."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from initviz.fans.by_shape import MODES, Fans, count_fans
from initviz.initializers.plan import Plan
from initviz.laws.base import Law
from initviz.laws.complex import LAWS
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.models.likelihood import log_likelihood
from initviz.models.likely import TOLD_APART, candidates_for
from initviz.models.repeats import REPEATED, ZEROS, expected_repeats
from initviz.models.seen import Seen
from initviz.wording import plain

if TYPE_CHECKING:
    from initviz.models.auditing import Row

SURE = 4.5
"""Standard errors within which the root mean square has to be of what a cause predicts."""
MOST = 3
"""Most causes that are named, where several fit as well."""
DISTRIBUTIONS = {"normal": Normal, "uniform": Uniform, "truncated_normal": TruncatedNormal}
CALLED = {"normal": "a normal law", "uniform": "a uniform law", "truncated_normal": "a truncated normal law"}


@dataclass(frozen=True)
class Cause:
    """What may have gone wrong, and the law that weights then have."""

    words: str
    law: Law


def cause_of(row: Row, layers: int = 0) -> str:
    """Why a tensor is probably not as declared, in a few words; empty where nothing that is known fits.

    Args:
        row: of an audit, with a plan.
        layers: how many blocks the model has; 0 where that is not known.
    """
    moments, plan = row.seen.moments, row.plan
    if moments.not_finite:
        return f"{moments.not_finite:,} weights are NaN or infinite"
    if moments.constant is not None:
        never = moments.constant == 0 and plan.ensemble.marginal is not None and plan.ensemble.marginal.std > 0
        return "never written: every weight is 0" if never else f"every weight is {moments.constant:.6g}"
    law = plan.ensemble.law
    found = [] if law is None or law.complex else [each for each in _causes(row, layers) if not _alike(each.law, law)]
    words = " or ".join(_fitting(found, row.seen, _score_of_likely(row, layers))[:MOST])
    if not words and row.likely.laws and row.law not in row.likely.laws:
        words = f"looks like {row.likely.laws[0]}"
    words = words or _factor(row)
    off = {check.name for check in row.checks if check.within is False}
    if ZEROS in off and (REPEATED not in off or row.seen.mostly_zeros):
        few = f"{moments.zeros:,} weights are 0, such as rows left out"
    else:
        few = _few(row) if REPEATED in off else ""
    return "; ".join(filter(None, (words, few)))


def _few(row: Row) -> str:
    """Why weights repeat. In few digits some are as rare as ever, and as many repeat as rounding to half makes."""
    seen, marginal = row.seen, row.plan.ensemble.marginal
    count = seen.observation.summary.count
    in_half = expected_repeats(marginal, np.dtype(np.float16), count)
    wide = count - seen.distinct < in_half - SURE * in_half**0.5
    why = "parts of it are copies" if seen.copied or wide else "drawn in a narrower format"
    return f"only {seen.distinct:,} different values: {why}"


def _alike(one: Law, other: Law) -> bool:
    """Whether two laws are the same: what predicts what is declared, such as another fan of as many, is no cause."""
    return type(one) is type(other) and all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9 * other.marginal.std)
        for a, b in ((one.marginal.std, other.marginal.std), (one.marginal.mean, other.marginal.mean))
    )


def _score_of_likely(row: Row, layers: int) -> float:
    """That of the law that the weights look like; -∞ where they look like none that a framework has."""
    fans = row.role.fans(row.tensor.shape) if row.role.in_axes else None
    named = (each for each in candidates_for(row.tensor, row.role, layers) if each.text in row.likely.laws[:1])
    return max((_score(law, row.seen) for each in named if (law := each.law(fans))), default=-math.inf)


def _fitting(causes: list[Cause], seen: Seen, least: float) -> list[str]:
    """Those that make the weights likeliest, in their order: which of them it was, weights do not tell.

    None where all make them less likely than `least`.
    """
    scores = [_score(cause.law, seen) for cause in causes]
    best = max([least, *scores])
    return [cause.words for cause, score in zip(causes, scores, strict=True) if best - TOLD_APART < score > -math.inf]


def _score(law: Law, seen: Seen) -> float:
    """The log-likelihood of the weights; -∞ where their size or mean is not of this law."""
    marginal, moments = law.marginal, seen.moments
    if not law.power or math.isnan(marginal.kurtosis):
        return -math.inf
    off = abs(moments.power / law.power - 1) / math.sqrt(max(marginal.kurtosis - 1, 0.1) / moments.count)
    aside = abs(moments.mean - marginal.mean) / marginal.std * math.sqrt(moments.count)
    return log_likelihood(marginal, moments, seen.observation.dtype) if max(off, aside) < SURE else -math.inf


def _causes(row: Row, layers: int) -> Iterator[Cause]:
    """Those that make sense for what is declared, the most usual first."""
    plan = row.plan
    std = plan.ensemble.marginal.std
    if not std:
        return
    if "fan" in plan:
        yield from _of_fans(plan["fans"], row.initializer, row.tensor.shape)
    yield from _of_depth(plan, layers)
    yield from _of_laws(plan, std)
    for words, factor in (
        ("the gain √2 is missing", 0.5**0.5),
        ("a gain of √2 too much", 2**0.5),
        ("the gain 5/3 of tanh is applied where none is declared", 5 / 3),
        ("the variance was taken for the standard deviation", std),
        ("the standard deviation was taken for the variance", std**-0.5),
    ):
        yield Cause(words, _scaled(plan.ensemble.law, factor))


def _scaled(law: Any, factor: float) -> Law:
    """The same law, so many times as wide."""
    unit, scale = law.standard
    return replace(unit, scale=factor * scale)


def _of_depth(plan: Plan, layers: int) -> Iterator[Cause]:
    """The scaling of branches of a residual network, see Radford et al. 2019."""
    if layers < 1:
        return
    for times, words in ((2 * layers, f"1/√(2·{layers})"), (layers, f"1/√{layers}")):
        if times > 1:
            yield Cause(f"residual scaling {words} missing", _scaled(plan.ensemble.law, times**0.5))
            yield Cause(f"residual scaling {words} applied where none is declared",
                        _scaled(plan.ensemble.law, times**-0.5))  # fmt: skip


def _of_fans(fans: Fans, initializer: Any, shape: tuple[int, ...]) -> Iterator[Cause]:
    """Fans of another mode, or counted on other axes."""

    def law(other: Fans, mode: str) -> Law | None:
        fan = other.pick(mode)
        return LAWS[initializer.distribution][0].with_variance(float(initializer.scale) / fan) if fan else None

    mode = initializer.mode
    counted = [(fans, other, f"looks like {other} instead of {mode}") for other in MODES if other != mode]
    if fans.batch_axes:
        merged = count_fans(shape, (*fans.batch_axes, *fans.in_axes), fans.out_axes)
        counted.append((merged, mode, "the copies are counted as inputs"))
        field = count_fans(shape, fans.in_axes, fans.out_axes)
        counted.append((field, mode, "the copies are counted as taps, in both fans"))
    if len(shape) > 1:
        counted += [(count_fans(shape), mode, "fans are counted on axes -2 and -1, as jax does without being told"),
                    (count_fans(shape, 1, 0), mode, "fans are counted on axes 1 and 0, as PyTorch does")]  # fmt: skip
    if fans.receptive_field > 1:
        yield from _without_taps(fans, initializer)
    for other, other_mode, words in counted:
        if found := law(other, other_mode):
            yield Cause(words, found)


def _without_taps(fans: Fans, initializer: Any) -> Iterator[Cause]:
    fan = MODES[initializer.mode].rule(fans.in_size, fans.out_size)
    law = LAWS[initializer.distribution][0].with_variance(float(initializer.scale) / fan)
    yield Cause("the taps of the kernel are not counted in the fans", law)


def _of_laws(plan: Plan, std: float) -> Iterator[Cause]:
    """Another law of the same size, or the usual mistakes in its size."""
    declared = next((name for name, cls in DISTRIBUTIONS.items() if isinstance(plan.ensemble.law, cls)), "")
    if declared == "truncated_normal":
        yield Cause("truncation not corrected: the spread is 0.88 of what is meant", TruncatedNormal(std))
        yield Cause("not truncated: a plain normal law", Normal(std))
        yield Cause("not truncated, and corrected for a truncation", Normal(float(plan.ensemble.law.scale)))
    else:
        yield Cause("truncated at 2σ, and not corrected", TruncatedNormal(std))
    if declared == "uniform":
        yield Cause("bound given in units of σ: its factor √3 is missing", Uniform(std, low=-1.0))
        yield Cause("the bound was taken for the standard deviation", Normal(float(plan.ensemble.law.scale)))
        yield Cause("not centered: drawn from 0 to the bound", Uniform(float(plan.ensemble.law.scale)))
    else:
        yield Cause("drawn uniformly, with σ as the bound", Uniform(std, low=-1.0))
        yield Cause("drawn uniformly from 0 to σ", Uniform(std))
    told = {declared, "normal"} if declared == "truncated_normal" else {declared}
    for name in DISTRIBUTIONS:
        if name not in told:
            yield Cause(f"{CALLED[name]} of the right spread instead", LAWS[name][0].with_variance(std**2))


def _factor(row: Row) -> str:
    """By how much the spread is off, where that is all there is to say."""
    marginal = row.plan.ensemble.marginal
    if marginal is None or not marginal.std:
        return ""
    error = SURE / (2 * max(row.seen.moments.count, 1)) ** 0.5
    return f"the spread is {plain(row.factor)} times what is declared" if abs(row.factor - 1) > error else ""
