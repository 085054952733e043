"""`initviz fans`: how fans come about, by jax's rule on a shape, and beside it what a layer sums."""

from argparse import Namespace

from initviz.command.asked import study_of
from initviz.command.data import of_advice
from initviz.command.said import Said, indented, table
from initviz.command.show import in_layer
from initviz.fans.by_shape import MODES, Fans, count_fans
from initviz.initializers.plan import role_words
from initviz.layers.advice import Advice, advise
from initviz.settings.choices import check_shape
from initviz.wording import plain, written


def answer(asked: Namespace) -> Said:
    """The fans of a shape or of a layer's kernel."""
    if "=" in (asked.name or ""):  # a setting, with which no name was typed
        asked.name, asked.settings = None, [asked.name, *asked.settings]
    named, asked.name = asked.name is not None, asked.name or "variance_scaling"
    study = study_of(asked)
    initializer, shape = study.question.initializer, check_shape(study.shape)
    plan = initializer.plan(shape)
    fans = initializer.fans(shape) if initializer.by_fans else count_fans(shape)
    advice = advise(initializer, plan, study.layer)
    counted = f"counted by {initializer}" if named else "counted by jax's rule"
    if not initializer.by_fans:
        counted = f"counted on jax's default axes, since {initializer} divides by no fan"
    used = [initializer.mode] if named and initializer.by_fans else []
    lines = [f"{' × '.join(f'{size:,}' for size in shape)}, {counted}", "", *_axes(fans), "", *_arithmetic(fans, used)]
    lines += indented([f"warning: {warning}" for warning in plan.warnings])
    if advice:
        lines += ["", *in_layer(advice), f"Fans of {advice.layer} by different rules", *_rules(advice)]
    data = {
        "command": "fans", "initializer": str(initializer), "shape": shape, "roles": fans.roles,
        "receptive_field": _whole(fans.receptive_field), "fan_in": _whole(fans.fan_in), "fan_out": _whole(fans.fan_out),
        "n": {mode: _whole(fans.pick(mode)) for mode in MODES}, "warnings": plan.warnings, "advice": of_advice(advice),
    }  # fmt: skip
    return Said("\n".join(lines), data)


def _axes(fans: Fans) -> list[str]:
    rows = [
        [str(axis), f"{size:,}", role_words(role)]
        for axis, (size, role) in enumerate(zip(fans.shape, fans.roles, strict=True))
    ]
    return indented(table([["axis", "size", "counts as"], *rows], right=(0, 1)))


def _arithmetic(fans: Fans, used: list[str]) -> list[str]:
    """Field, fans and averages of them; and the one that an initializer divides by, if its mode is given."""
    field = f" × {plain(fans.receptive_field)}" if fans.receptive_field != 1 else ""
    rows = [
        ["receptive field", "", plain(fans.receptive_field)],
        ["fan in", f"{fans.in_size:,}{field} =", plain(fans.fan_in)],
        ["fan out", f"{fans.out_size:,}{field} =", plain(fans.fan_out)],
        *([mode, f"{written(MODES[mode].formula)} =", plain(fans.pick(mode))] for mode in ("fan_avg", "fan_geo_avg")),
        *(["divides by", f"{mode} =", plain(fans.pick(mode))] for mode in used),
    ]
    return indented(table(rows))


def _rules(advice: Advice) -> list[str]:
    rows = [["rule", "weight shape", "fan in", "fan out", "right?"]]
    for rule in advice.rules:
        shape = "no such layer" if rule.shape is None else " × ".join(map(str, rule.shape))
        right = {True: "✓", False: "✗", None: "–"}[rule.agrees]
        rows.append([rule.framework, shape, plain(rule.fan_in), plain(rule.fan_out), right])
    return indented(table(rows, right=(2, 3)))


def _whole(x: float) -> float:
    """A whole number as one."""
    return int(x) if float(x).is_integer() else x
