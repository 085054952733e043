"""Single widgets, for a cell of a notebook or any layout of Panel: `histogram("he_normal", shape=(256, 128))`.

Each takes an initializer or its name, an array, a study, an explorer or another widget. Those of one study move
together.
"""

from initviz.widgets.closer_looks import convolution, depth, parity, precision, randomness, seeds, whole_spectrum
from initviz.widgets.comparison import compare
from initviz.widgets.controls import controls
from initviz.widgets.models import audit
from initviz.widgets.networks import network
from initviz.widgets.pictures import fans, histogram, spectrum
from initviz.widgets.predict import predict
from initviz.widgets.slide import slide
from initviz.widgets.words import checks, formula, layer

__all__ = ["audit", "checks", "compare", "controls", "convolution", "depth", "fans", "formula", "histogram", "layer",
           "network", "parity", "precision", "predict", "randomness", "seeds", "slide", "spectrum",
           "whole_spectrum"]  # fmt: skip
