"""Copies of what has settings, without those who watch it."""

from typing import Any

import param


class Copied(param.Parameterized):
    """Settings that are copied and pickled alone: param's own copies take along whoever watches them."""

    arguments: tuple[str, ...] = ()

    def values(self) -> tuple[tuple[str, Any], ...]:
        """The settings as they are now, frozen, by name."""
        return tuple((name, getattr(self, name)) for name in self.arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), dict(self.values()))


def _again(cls: type[Copied], values: dict[str, Any]) -> Copied:
    """One with these settings, also where they contradict each other."""
    again = cls()
    again.param.update(**values)
    return again
