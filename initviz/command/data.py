"""What commands found, as data for JSON. docs/command-line.md says what each name means."""

from dataclasses import asdict
from typing import Any

import numpy as np

from initviz.checks.base import Check
from initviz.checks.judgement import Judged
from initviz.checks.words import verdict
from initviz.command.bars import expected_counts
from initviz.fans.by_shape import Fans
from initviz.initializers.plan import Plan, Step
from initviz.layers.advice import Advice
from initviz.wording import said, written


def of_plan(plan: Plan) -> dict[str, Any]:
    """Initializer, shape, dtype, steps and warnings."""
    return {
        "initializer": plan.initializer, "shape": plan.shape, "dtype": str(plan.dtype), "roles": plan.roles,
        "steps": [of_step(step) for step in plan.steps], "warnings": plan.warnings,
    }  # fmt: skip


def of_step(step: Step) -> dict[str, Any]:
    """A step, its value as a number where it is one."""
    number = isinstance(step.value, int | float | complex | np.number | np.ndarray)
    value = step.value if number else said(step.value)
    if isinstance(step.value, Fans):
        value = {"fan_in": step.value.fan_in, "fan_out": step.value.fan_out}
    return {"name": step.name, "formula": written(step.latex), "latex": step.latex, "value": value, "note": step.note}


def of_judged(judged: Judged) -> dict[str, Any]:
    """The verdict, the checks, moments, histogram and singular values."""
    summary, values = judged.summary, judged.singular_values
    edges, counts = summary.coarse()
    return {
        "likely": judged.likely, "probability": judged.probability, "verdict": verdict(judged),
        "checks": [of_check(check) for check in judged.checks],
        "summary": {
            "count": summary.count, "not_finite": summary.not_finite, "zeros": summary.zeros, "mean": summary.mean,
            "std": summary.std, "min": summary.minimum, "max": summary.maximum,
        },
        "histogram": {"edges": edges, "counts": counts, "expected": expected_counts(judged, edges)},
        "singular_values": {
            "count": len(values), "largest": values[0] if len(values) else None,
            "smallest": values[-1] if len(values) else None, "none_because": judged.no_spectrum,
        },
    }  # fmt: skip


def of_check(check: Check) -> dict[str, Any]:
    """A check with its verdict."""
    return asdict(check) | {"within": check.within}


def of_advice(advice: Advice | None) -> dict[str, Any] | None:
    """What the initializer does in its layer; None without one."""
    if advice is None:
        return None
    return {
        "layer": advice.layer, "fan_in": advice.fan_in, "fan_out": advice.fan_out, "used": advice.used,
        "intended": advice.intended, "right": advice.right, "verdict": advice.verdict, "corrected": advice.corrected,
        "rules": [asdict(rule) for rule in advice.rules],
    }  # fmt: skip
