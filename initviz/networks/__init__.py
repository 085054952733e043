"""Networks at initialization: what their signals and gradients do, measured and predicted."""

from initviz.networks.jacobian import jacobian_values
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict

__all__ = ["Measured", "Network", "Predicted", "jacobian_values", "measure", "predict"]
