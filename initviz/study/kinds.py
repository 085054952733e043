"""Kinds of setting that a study has besides those of `initviz.settings`."""

from collections.abc import Callable
from typing import Any

import param

from initviz.checks.arrays import as_array
from initviz.settings.knobs import Choice


class Named(Choice):
    """A name, or what `name_of` finds the name of."""

    __slots__ = ["name_of"]

    def __init__(self, choices: Callable, *, name_of: Callable[[Any], Any], **params):
        self.name_of = name_of
        super().__init__(choices, **params)

    def canonical(self, value: Any) -> Any:
        """The name."""
        return self.name_of(value)


class Weights(param.Parameter):
    """An array of anybody's, or None."""

    def _validate(self, val):
        if val is not None:
            as_array(val)
