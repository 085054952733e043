"""How each closer look is shown."""

from collections.abc import Callable
from typing import NamedTuple

from initviz.views import probes


class Shown(NamedTuple):
    """How a closer look is shown."""

    view: Callable
    """The pictures and the HTML of what was found, in the ways that a study says: `view(found, study)`."""
    settings: tuple[str, ...] = ()
    """Settings of the study that are set beside it."""


LOOKS = {
    "Seeds": Shown(lambda found, study: probes.seeds(found, study.spectrum_as)),
    "WholeSpectrum": Shown(lambda found, study: probes.whole(found, study.spectrum_as)),
    "Convolution": Shown(lambda found, study: probes.convolution(found, study.spectrum_as)),
    "Depth": Shown(lambda found, study: probes.depth(found)),
    "Precision": Shown(lambda found, study: probes.precision(found)),
    "Randomness": Shown(lambda found, study: probes.randomness(found), ("generator", "partitionable")),
    "Parity": Shown(lambda found, study: probes.parity(found)),
}
"""Every closer look by the name of its probe. The tabs have the order of `PROBES`, whatever the order here."""
