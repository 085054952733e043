"""Closer looks at an answer, each computed only while somebody looks."""

from initviz.probes.base import Probe
from initviz.probes.convolution import Convolution
from initviz.probes.depth import Depth
from initviz.probes.parity import Parity
from initviz.probes.precision import Precision
from initviz.probes.randomness import Randomness
from initviz.probes.seeds import Seeds
from initviz.probes.whole import WholeSpectrum

__all__ = ["Convolution", "Depth", "Parity", "Precision", "Probe", "Randomness", "Seeds", "WholeSpectrum"]
