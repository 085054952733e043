"""Closer looks at an answer, each computed only while somebody looks."""

from initviz.probes.base import Probe
from initviz.probes.convolution import Convolution
from initviz.probes.depth import Depth
from initviz.probes.parity import Parity
from initviz.probes.precision import Precision
from initviz.probes.randomness import Randomness
from initviz.probes.seeds import Seeds
from initviz.probes.whole import WholeSpectrum

PROBES: dict[str, type[Probe]] = {
    cls.__name__: cls for cls in (Seeds, WholeSpectrum, Convolution, Depth, Precision, Randomness, Parity)
}
"""Every closer look by its class name, in the order of their tabs."""

__all__ = [
    "PROBES", "Convolution", "Depth", "Parity", "Precision", "Probe", "Randomness", "Seeds", "WholeSpectrum",
]  # fmt: skip
