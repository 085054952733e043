"""Widgets that are a picture: of weights, of singular values, of the axes."""

from collections.abc import Callable, Sequence
from typing import Any

import holoviews as hv
from bokeh.plotting import figure

from initviz.answers.answer import Answer
from initviz.live.plot import LivePlot
from initviz.study import Study
from initviz.views import fans as axes
from initviz.views import histogram as weights
from initviz.views import spectrum as values
from initviz.views.picture import Picture
from initviz.views.svg import image
from initviz.widgets.base import Widget, feeds_of, one_feed, with_law


class Pictured(Widget):
    """A picture of the newest answers, live. `picture` is what is shown now, `figure()` a figure of Bokeh with it."""

    def __init__(
        self, source: Any, draw: Callable[..., Picture], way: str, settings: dict[str, Any], several: bool = True
    ):
        self._draw, self._way = draw, way
        feeds = feeds_of(source, settings) if several else (one_feed(source, settings),)
        self._plot = LivePlot(self._picture(feeds[0].settings, [feed.result for feed in feeds]))
        super().__init__(feeds, self._plot)

    @property
    def picture(self) -> Picture:
        """The picture of the settings now, with its table."""
        return self.overlaid(self._picture(self.study, [feed.result for feed in self.feeds]))

    def kept(self) -> str:
        """The picture."""
        return image(self._newest)

    def figure(self) -> figure:
        """The picture as a figure of Bokeh, by itself."""
        return hv.render(self.picture.overlay, backend="bokeh")

    @property
    def _newest(self) -> Picture:
        return self.overlaid(self._picture(self.study, [feed.answer for feed in self.feeds]))

    def _picture(self, study: Study, answers: list[Answer]) -> Picture:
        return self._draw(*answers, **({"kind": getattr(study, self._way)} if self._way else {}))

    def show(self) -> None:
        """Show the newest answers."""
        self._plot.show(self._newest)

    def watched(self):
        """How it is drawn."""
        return ((self.study, self._way),) if self._way else ()


def histogram(
    source: Any = "he_normal", law: Any = None, *, names: Sequence[str] = (), kind: str | None = None, **settings
) -> Pictured:
    """The weights with their exact law over them, live; of several initializers, over one another.

    >>> widget = histogram("he_normal", shape=(64, 32))
    >>> widget.study.seed = 1
    >>> widget.result.summary.count
    2048

    Args:
        source: an initializer or its name, an array, a study, or what has one; or a list of those.
        law: the initializer that weights are compared with.
        names: of several, for the legend.
        kind: one of `WEIGHTS_AS`; the study is set to it, as by `study.weights_as`.
        settings: what else `Study` takes, such as `shape`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return _of_kind(Pictured(source, _named(weights.histogram, names), "weights_as", with_law(settings, law)), kind)


def spectrum(
    source: Any = "he_normal", law: Any = None, *, names: Sequence[str] = (), kind: str | None = None, **settings
) -> Pictured:
    """The singular values with their law, live; of several initializers, over one another.

    >>> spectrum(["orthogonal", "he_normal"], shape=(64, 32)).picture.legend
    ('orthogonal()', 'he_normal()')

    Args:
        source: an initializer or its name, an array, a study, or what has one; or a list of those.
        law: the initializer that weights are compared with.
        names: of several, for the legend.
        kind: one of `SPECTRUM_AS`; the study is set to it, as by `study.spectrum_as`.
        settings: what else `Study` takes, such as `shape`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return _of_kind(Pictured(source, _named(values.spectrum, names), "spectrum_as", with_law(settings, law)), kind)


def fans(source: Any = "he_normal", law: Any = None, **settings) -> Pictured:
    """The axes of the shape as boxes: which counts as input, output, batch or receptive field.

    >>> fans("he_normal", shape=(3, 3, 64, 128)).picture.title
    'Axes of the shape'

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: what else `Study` takes, such as `shape`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return Pictured(
        source,
        lambda answer: axes.fans(answer.plan.shape, answer.plan.roles),
        "",
        with_law(settings, law),
        several=False,
    )


def _named(draw: Callable[..., Picture], names: Sequence[str]) -> Callable[..., Picture]:
    return lambda *answers, kind: draw(*answers, names=names, kind=kind)


def _of_kind(widget: Pictured, kind: str | None) -> Pictured:
    if kind is not None:
        setattr(widget.study, widget._way, kind)
    return widget
