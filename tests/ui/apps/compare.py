"""Two initializers in one histogram and in one spectrum, and a third when asked for: served for `test_compare`."""

import panel as pn

from initviz.live.plot import LivePlot
from initviz.live.updates import update_page
from initviz.study import Study
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum

pn.extension()
NAMES = ("he_normal", "glorot_uniform", "orthogonal")
ANSWERS = {name: Study(name, shape=(64, 48)).answer() for name in NAMES}

shown = pn.widgets.CheckBoxGroup(options=list(NAMES), value=list(NAMES[:2]))
weights_as = pn.widgets.RadioButtonGroup(options=list(WEIGHTS))
spectrum_as = pn.widgets.RadioButtonGroup(options=list(SPECTRA))


def pictures():
    """Of the draws chosen, in the ways chosen."""
    answers = [ANSWERS[name] for name in shown.value]
    return (
        histogram(*answers, names=shown.value, kind=weights_as.value),
        spectrum(*answers, names=shown.value, kind=spectrum_as.value),
    )


plots = [LivePlot(picture) for picture in pictures()]


def show(*_):
    """Bring the plots up to date."""
    update_page(lambda: [plot.show(picture) for plot, picture in zip(plots, pictures(), strict=True)])


for widget in (shown, weights_as, spectrum_as):
    widget.param.watch(show, "value")
pn.Column(pn.Row(shown, weights_as, spectrum_as), *plots, sizing_mode="stretch_width").servable()
