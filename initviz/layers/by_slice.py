"""Code for kernels whose slices have another scale each: a call for every slice, where a framework lets one make it."""

from collections.abc import Callable
from dataclasses import replace

from initviz.initializers.plan import Plan, Step
from initviz.laws.iid import Iid
from initviz.layers.base import Kept

LONGEST = 64
"""Most slices that are written out."""
ONE_NUMBER = "initializers take one number for a whole weight: draw it with jax's call."


def by_slice(plan: Plan, kept: Kept | None, written: Callable[[Plan], str], separate: bool) -> tuple[str, str]:
    """The code for each slice and a note on what it fills; or no code, and why.

    Args:
        plan: of the whole kernel.
        kept: how the framework keeps the weights; None where nobody knows, and the kernel's own order stands in.
        written: the call for the law of a plan, for a tensor `weight` or for nothing.
        separate: whether only slices that the framework keeps as weights of their own can have their own call.
    """
    axis, *more = plan.ensemble.apart
    if more:
        return "", f"the scale differs along the axes {', '.join(map(str, plan.ensemble.apart))}: draw with jax's call."
    laws = plan.ensemble.slices
    if len(laws) > LONGEST:
        return "", f"{len(laws):,} slices are too many to write out: draw with jax's call."
    calls = [written(replace(plan, steps=(Step("ensemble", "", Iid(law)),))) for law in laws]
    groups = kept.axes if kept else tuple((each,) for each in range(len(plan.shape)))
    if groups is not None and all(axis not in group for group in groups):
        shape = kept.shape if kept else ()
        if separate:
            return "[" + ",\n ".join(calls) + "]", f"One for each layer, whose weight has the shape {shape}."
        lines = [call.replace("(weight,", f"(weights[{at}],") for at, call in enumerate(calls)]
        return "\n".join(lines), f"For a list of weights, one of shape {shape} for each layer."
    if separate:
        return "", ONE_NUMBER
    if groups is None or (axis,) not in groups:
        return "", "the slices are part of another axis there: draw with jax's call."
    place = groups.index((axis,))
    lines = [call.replace("(weight,", f"(weight.select({place}, {at}),") for at, call in enumerate(calls)]
    return "\n".join(lines), f"For a weight of shape {kept.shape if kept else plan.shape}."
