"""Networks at initialization: what their signals and gradients do, measured and predicted."""

from initviz.networks.answer import NetworkAnswer
from initviz.networks.gains import Gain, gains
from initviz.networks.jacobian import jacobian_values
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.networks.study import NetworkStudy
from initviz.networks.verdict import Mend, Verdict, judge

__all__ = [
    "Gain",
    "Measured",
    "Mend",
    "Network",
    "NetworkAnswer",
    "NetworkStudy",
    "Predicted",
    "Verdict",
    "gains",
    "jacobian_values",
    "judge",
    "measure",
    "predict",
]
