"""Widgets that are words and numbers: the formula, the checks, the verdict of a layer."""

from typing import Any

from initviz.views import text
from initviz.widgets.base import Text, with_law


def formula(source: Any = "he_normal", law: Any = None, **settings) -> Text:
    """How the draw comes about, step by step, as formulas with the numbers in them.

    >>> "fan" in formula("he_normal", shape=(64, 32)).result.plan
    True

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: what else `Study` takes, such as `shape`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return Text(
        source, lambda answer: text.arithmetic(answer.plan), with_law(settings, law),
        still=lambda answer: text.arithmetic_as_text(answer.plan),
    )  # fmt: skip


def checks(source: Any = "he_normal", law: Any = None, **settings) -> Text:
    """What was expected of the weights beside what was found, each with its range.

    >>> checks("zeros", shape=(8, 8)).result.likely
    True

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: what else `Study` takes, such as `shape`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return Text(source, lambda answer: text.judgement(answer), with_law(settings, law))


def layer(source: Any = "he_normal", law: Any = None, **settings) -> Text:
    """Whether the initializer is right for the layer: the fan it assumes, what the layer sums, the call that mends it.

    >>> layer("he_normal", layer="AttentionProjection").result.advice.corrected
    'he_normal(in_axis=0, out_axis=(1, 2))'

    Args:
        source: an initializer or its name, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: what else `Study` takes, first of all `layer`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return Text(
        source, lambda answer: text.advice(answer.advice) if answer.advice else NO_LAYER, with_law(settings, law)
    )


NO_LAYER = text.paragraph("No layer is chosen, so there is no right fan. Pass for instance layer='Dense'.")
