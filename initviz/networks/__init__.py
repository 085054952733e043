"""Networks at initialization: what their signals and gradients do, measured and predicted."""

from initviz.networks.answer import NetworkAnswer
from initviz.networks.gains import Gain, gains
from initviz.networks.jacobian import jacobian_values
from initviz.networks.lsuv import Lsuv, lsuv
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.networks.recipes import RECIPES, Recipe
from initviz.networks.study import NetworkStudy
from initviz.networks.training import Trained, train
from initviz.networks.verdict import Mend, Verdict, judge

__all__ = [
    "RECIPES",
    "Gain",
    "Lsuv",
    "Measured",
    "Mend",
    "Network",
    "NetworkAnswer",
    "NetworkStudy",
    "Predicted",
    "Recipe",
    "Trained",
    "Verdict",
    "gains",
    "jacobian_values",
    "judge",
    "lsuv",
    "measure",
    "predict",
    "train",
]
