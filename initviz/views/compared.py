"""Draws in one picture: one as itself, several told apart by their slots and a legend."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from initviz.views import theme
from initviz.views.picture import Series
from initviz.wording import several


class Draw(NamedTuple):
    """One draw of a picture: what was found, its name in the legend, and the slots of its data and of its theory.

    Variants of either slot have a word more: "data wide", "law 1 dashed".
    """

    found: Any
    name: str = ""
    data: str = "data"
    theory: str = "theory"

    def showing(self, found) -> "Draw":
        """The same draw, with something else that was found."""
        return Draw(found, self.name, self.data, self.theory)


def told_apart(found: Sequence, names: Sequence[str]) -> tuple[Draw, ...]:
    """A draw alone in the colours of data and theory; several, each in slots of its own.

    Args:
        found: answers, or whatever a picture draws.
        names: of them; by default what initialized each, numbered where that is not enough.

    Raises:
        TypeError: what is to be drawn was not found yet.
        ValueError: no draw or too many, or names that do not tell them apart.
    """
    if not 1 <= len(found) <= len(theme.COMPARED):
        raise ValueError(
            f"a picture must show 1 to {len(theme.COMPARED)} draws, got {len(found)}. "
            f"Pass {'one' if not found else 'fewer'}."
        )
    for each in found:
        if not hasattr(each, "plan"):
            raise TypeError(
                f"a picture must show answers, one after the other, got {type(each).__name__}. "
                "Pass for instance Study('he_normal').answer(), or check(weights, he_normal())."
            )
    names = names if isinstance(names, str) else list(names) or _names(found)
    if isinstance(names, str) or len(names) != len(found) or len(set(names)) != len(names) or not all(names):
        raise ValueError(
            f"names must be a different one for each of {several(len(found), 'draw')}, got {names!r}. Pass as many."
        )
    if len(found) == 1:
        return (Draw(found[0]),)
    return tuple(
        Draw(each, name, f"draw {place}", f"law {place}")
        for place, (each, name) in enumerate(zip(found, names, strict=True), 1)
    )


def _names(answers: Sequence) -> list[str]:
    names = [answer.plan.initializer for answer in answers]
    return [
        f"{name} · {names[:place].count(name) + 1}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def layered(draws: Iterable[Draw], parts: Callable[[Draw], Iterable[Series]]) -> tuple[Series, ...]:
    """The parts of every draw, the first of all under the second: no draw's bars cover another's law."""
    return tuple(series for layer in zip(*map(parts, draws), strict=True) for series in layer)


def limits(each: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The narrowest limits that hold all of these."""
    lows, highs = zip(*each, strict=True)
    return min(lows), max(highs)


def with_room(ylim: tuple[float, float], draws: Sequence[Draw]) -> tuple[float, float]:
    """The limits, with room for the legend where there is one."""
    return theme.with_legend(ylim, len(draws)) if len(draws) > 1 else ylim


def kind_of(kinds: dict[str, Callable], kind: str) -> Callable:
    """The way to draw of that name.

    Raises:
        ValueError: there is none.
    """
    if kind not in kinds:
        raise ValueError(f"kind must be one of {', '.join(map(repr, kinds))}, got {kind!r}. Choose one of them.")
    return kinds[kind]
