"""How networks train, side by side: loss, accuracy, and how far each layer's weights move."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from initviz.networks import Network, Trained
from initviz.networks.training import CLASSES
from initviz.views import theme
from initviz.views.curves import LEAST, MOST, known, padded, powers_around
from initviz.views.picture import Picture, Series
from initviz.wording import percent, plain, said, several, short

GUESSED = math.log(CLASSES)
"""Loss of guesses."""
AIMED_AT = 1e-3
"""Size of updates over that of weights: a rule of thumb of those who watch training."""
HIGHEST, LARGEST = 100.0, 1.0
"""Loss, and size of updates, up to which a picture reaches: of what explodes the others would be flat."""
WORDS_AT = (0.5, 0.41, 0.32, 0.23)
"""Heights of words about what cannot be drawn."""
MARGIN = 0.03
HALF_A_LAYER = 0.5
"""Along an axis of layers."""
FIELDS = ("initializer", "activation", "kind", "depth", "width", "branch", "norm", "bias_std", "inputs", "seed")
"""What networks are called by, where they differ in it."""
SAID_ALONE = FIELDS[:3]


class _Curve(NamedTuple):
    """What is drawn of a network."""

    x: np.ndarray
    y: np.ndarray
    there: np.ndarray
    """Which of it can be drawn."""
    lost: str = ""
    """What is said of the rest."""
    newest: str = ""
    """What the dot at the end says; empty for none."""
    what: str = "held out"
    """What the line is of."""
    half: float = 0.0
    """How far a point without neighbours reaches to either side."""


def loss(trained: Trained, names: Sequence[str] = ()) -> Picture:
    """Loss of digits that are held out by step, on a logarithmic axis; level, that of guesses.

    Args:
        trained: one to four networks.
        names: of several, for the legend; by default their initializers and activations.

    Raises:
        ValueError: names that do not tell them apart.
    """
    ylim = powers_around([np.minimum(trained.loss, HIGHEST), np.array(GUESSED)])
    curves = [
        _Curve(
            trained.steps,
            each,
            (each >= LEAST) & (each <= ylim[1]),
            _from_step(trained, each) or f"now {plain(each[-1], 3)}" * bool(each[-1] > ylim[1]),
            plain(each[-1], 3),
        )
        for each in trained.loss
    ]
    return _by_step("loss", "Loss", "cross entropy in nats", trained, names, curves, GUESSED, ylim, "log")


def accuracy(trained: Trained, names: Sequence[str] = ()) -> Picture:
    """Share of digits that are held out and told right, by step; level, that of guesses. Takes what `loss` takes.

    Raises:
        ValueError: names that do not tell them apart.
    """
    curves = [
        _Curve(trained.steps, 100 * each, np.isfinite(losses), _from_step(trained, losses), percent(each[-1]))
        for each, losses in zip(trained.accuracy, trained.loss, strict=True)
    ]
    ylim, label = padded(0.0, 100.0), "told right in %"
    return _by_step("accuracy", "Accuracy", label, trained, names, curves, 100 / CLASSES, ylim, "percent")


def updates(trained: Trained, names: Sequence[str] = ()) -> Picture:
    """How far the last step moved each layer's weights, over their size; level, 1/1000, which is often aimed at.

    Takes what `loss` takes.

    Raises:
        ValueError: names that do not tell them apart.
    """
    with np.errstate(over="ignore"):
        found = [10.0**each for each in trained.updates]
    depth, curves = max(each.shape[1] for each in found), []
    for each in found:
        newest = each[-1]
        lost = _in_layers(newest) if len(trained.steps) > 1 else ""
        there = (newest >= LEAST) & (newest <= LARGEST)
        curves.append(_Curve(np.arange(1, len(newest) + 1), newest, there, lost, what="each layer", half=HALF_A_LAYER))
    ylim = powers_around([*(np.minimum(each, LARGEST) for each in found), np.array(AIMED_AT)])
    title = _title("Updates by layer", trained)
    labels, xlim = ("layer", "size of update / of weights"), (1 - HALF_A_LAYER, depth + HALF_A_LAYER)
    return _drawn("updates", title, labels, trained, names, curves, (AIMED_AT, "often aimed at"), xlim, ylim, "log")


def _by_step(
    name: str, what: str, label: str, trained: Trained, names: Sequence[str], curves: list[_Curve], guessed: float,
    ylim: tuple[float, float], kind: str,
) -> Picture:  # fmt: skip
    title = _title(what, trained, curves[0].newest if len(curves) == 1 else "")
    xlim = padded(0.0, float(trained.total), MARGIN)
    return _drawn(name, title, ("step", label), trained, names, curves, (guessed, "guesses"), xlim, ylim, kind)


def _title(what: str, trained: Trained, value: str = "") -> str:
    end = f": {value}" if value else ""
    return f"{what} after {trained.steps[-1]:,} of {several(trained.total, 'step')}{end}"


def _drawn(
    name: str, title: str, labels: tuple[str, str], trained: Trained, names: Sequence[str], curves: list[_Curve],
    level: tuple[float, str], xlim: tuple[float, float], ylim: tuple[float, float], kind: str,
) -> Picture:  # fmt: skip
    """A line for each network and a dot at its end, over a level line; words where something cannot be drawn."""
    called, log, lines, dots = _told_apart(trained, names), kind == "log", [], []
    ylim = _with_legend(ylim, len(called), log) if len(called) > 1 else ylim
    for (own, slot), curve in zip(called, curves, strict=True):
        line = known(curve.x.astype(float), curve.there, curve.half, y=curve.y)
        lines.append(Series(own, "line", line, slot, curve.what))
        if curve.newest:
            end = slice(-1, None) if curve.there[-1] else slice(0, 0)
            columns = {"x": line["x"][end], "y": line["y"][end], "text": [curve.newest][end]}
            dots.append(Series(own, "dots", columns, slot, "newest"))
    value, what = level
    series = (
        Series("", "line", {"x": np.array(xlim), "y": np.full(2, value)}, "quiet", what),
        *lines,
        *dots,
        _notes(level, [(own, curve.lost) for (own, _), curve in zip(called, curves, strict=True)], xlim, ylim, log),
    )
    return Picture(name, title, *labels, xlim, ylim, series, axes=("whole", kind))


def _with_legend(ylim: tuple[float, float], names: int, log: bool) -> tuple[float, float]:
    """The limits with room for the legend."""
    if not log:
        return theme.with_legend(ylim, names)
    low, high = theme.with_legend((math.log10(ylim[0]), math.log10(ylim[1])), names)
    return 10**low, 10**high


def _told_apart(trained: Trained, names: Sequence[str]) -> list[tuple[str, str]]:
    """Of each network its name in the legend, which one alone has not, and its slot."""
    count = len(trained.networks)
    if names and (isinstance(names, str) or len(names) != count or len(set(names)) != count or not all(names)):
        raise ValueError(
            f"names must be a different one for each of {several(count, 'network')}, got {names!r}. Pass as many."
        )
    if count == 1:
        return [("", "data")]
    own = _names(trained.networks)
    own = [f"{name} · {own[:place].count(name) + 1}" if own.count(name) > 1 else name for place, name in enumerate(own)]
    return [(name, f"draw {place}") for place, name in enumerate(names or own, 1)]


def _names(networks: Sequence[Network]) -> list[str]:
    """The first that they differ in, and so much more as tells them apart."""
    fields = [field for field in FIELDS if len({str(getattr(network, field)) for network in networks}) > 1]
    found = [short(str(network.initializer)) for network in networks]
    for count in range(1, len(fields) + 1):
        found = [", ".join(_value(network, field) for field in fields[:count]) for network in networks]
        if len(set(found)) == len(found):
            break
    return found


def _value(network: Network, field: str) -> str:
    value = getattr(network, field)
    return short(str(value)) if field in SAID_ALONE else f"{field} {said(value)}"


def _notes(
    level: tuple[float, str],
    lost: list[tuple[str, str]],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    log: bool,
) -> Series:
    """What the level line is; and at the right what cannot be drawn of each network."""
    texts = [": ".join(filter(None, each)) for each in lost if each[1]]
    low, high = np.log10(ylim) if log else ylim
    y = low + (high - low) * np.array(WORDS_AT[: len(texts)])
    left, right = padded(*xlim, -MARGIN)
    columns = {
        "x": np.array([(left + right) / 2] + [right] * len(texts)), "y": np.append(level[0], 10**y if log else y),
        "text": [level[1], *texts], "align": ["center"] + ["right"] * len(texts),
    }  # fmt: skip
    return Series("", "labels", columns, "note", "remark")


def _from_step(trained: Trained, losses: np.ndarray) -> str:
    """Since when a network's loss is no number, if it is none."""
    lost = np.flatnonzero(~np.isfinite(losses))
    if not len(lost):
        return ""
    if len(lost) == len(losses) - lost[0]:
        return f"not finite from step {trained.steps[lost[0]]:,} on"
    return f"not finite at {len(lost)} of {several(len(losses), 'point')}"


def _in_layers(newest: np.ndarray) -> str:
    """In how many layers the last update was nothing, or no number."""
    still, far = int(np.sum(newest < LEAST)), int(np.sum((newest > LARGEST) & (newest <= MOST)))
    counts = {"stay": still, f"move more than {plain(LARGEST)}": far, "not finite": int(np.sum(~(newest <= MOST)))}
    return ", ".join(f"{count} of {several(len(newest), 'layer')} {what}" for what, count in counts.items() if count)
