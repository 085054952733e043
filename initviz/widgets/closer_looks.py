"""Widgets that look closer at a draw, one for each probe."""

from typing import Any

import panel as pn

from initviz.live.controls import study_links
from initviz.live.look import Look
from initviz.probes import PROBES, Probe
from initviz.widgets.base import Widget, one_feed, with_law
from initviz.widgets.closer import Closer
from initviz.widgets.looks import LOOKS


class CloserLook(Widget):
    """A closer look at the draw of a study, with its own settings. `found` is what it finds now."""

    shows_answers = False  # but what was found in them, which the look dims

    def __init__(self, name: str, source: Any, settings: dict[str, Any]):
        own = {key: settings.pop(key) for key in PROBES[name].arguments if key in settings}
        feed = one_feed(source, settings)
        shown, probe = LOOKS[name], feed.settings.looks[name]
        probe.param.update(**own)
        self._name, self._links = name, {}
        self._beside = pn.Column(sizing_mode="stretch_width")
        self._closer = Closer(Look(probe, feed), lambda found: shown.view(found, self.study), [self._beside], feed)
        super().__init__([feed], self._closer.layout, also=self._closer.followers)
        self._closer.over = self.overlaid
        self._closer.look.param.watch(lambda _: self.keeper.renew(), "answer")  # which is the widget's own
        self._link()

    @property
    def own(self) -> Probe:
        """The settings of the look."""
        return self.study.looks[self._name]

    @property
    def found(self) -> Any:
        """What the look finds in the answer of now, computed at once if it is not there yet.

        Raises:
            ValueError: the look does not apply to it.
        """
        self.follow_study()
        self.feed.result  # noqa: B018 - what is looked at
        return self._closer.look.result

    def show(self) -> None:
        """It follows the answer by itself."""

    def kept(self) -> str:
        """The pictures and the words."""
        return self._closer.kept()

    def still(self) -> str:
        """The same of the whole answer to the settings now."""
        self.found  # noqa: B018 - is there then, or says why not
        return self._closer.whole()

    def watched(self) -> tuple[tuple[Any, str], ...]:
        """How singular values are drawn."""
        return ((self.study, "spectrum_as"),)

    def redraw(self) -> None:
        """Show what was found in another way."""
        self._closer.redraw()

    def follow(self) -> None:
        """Look at the draw of the study that there is now, by its settings of this look."""
        self._link()
        self._closer.follow(self.own)

    def _link(self) -> None:
        """Have the widgets of the study's settings that stand beside the look."""
        for link in self._links.values():
            link.close()
        self._links = study_links(self.study, lambda name, message: None, *LOOKS[self._name].settings)  # refuse nothing
        self._beside[:] = [link.widget for link in self._links.values()]


def seeds(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """Histogram and spectrum of many seeds: their median and the band that holds 90 % of them, one draw over it.

    >>> seeds("he_normal", shape=(16, 8), draws=4).found.counts.shape[0]
    4

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Seeds", source, with_law(settings, law))


def whole_spectrum(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """All singular values of a matrix of which a draw is decomposed only in part.

    >>> len(whole_spectrum("he_normal", shape=(16, 8)).found.singular_values)
    8

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("WholeSpectrum", source, with_law(settings, law))


def convolution(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """Singular values of a convolution as an operator on a whole input, beside those of its kernel.

    >>> convolution("orthogonal", shape=(3, 3, 4, 4), input_size=8).found.singular_values.shape
    (256,)

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Convolution", source, with_law(settings, law))


def depth(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """Singular values of a product of layers like this one, beside the law of such products.

    >>> depth("orthogonal", shape=(8, 8), layers=5).found.singular_values.round(3).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Depth", source, with_law(settings, law))


def precision(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """What each dtype does to the draw: few values, shifted means, cut tails, zeros.

    >>> precision("he_normal", shape=(16, 8), dtype="float16").study.looks["Precision"].dtype
    'float16'

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Precision", source, with_law(settings, law))


def randomness(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """What every generator of the installed jax draws, and which settings print the numbers of its documentation.

    >>> randomness("he_normal", shape=(16, 8)).study.generator
    'threefry2x32'

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Randomness", source, with_law(settings, law))


def parity(source: Any = "he_normal", law: Any = None, **settings) -> CloserLook:
    """Whether these very weights are those that the installed jax draws.

    >>> parity("zeros", shape=(16, 8)).result.likely
    True

    Args:
        source: an initializer or its name, an array, a study, or what has one.
        law: the initializer that weights are compared with.
        settings: of the look itself, and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return CloserLook("Parity", source, with_law(settings, law))
