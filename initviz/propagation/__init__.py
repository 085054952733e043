"""How signals and gradients travel through a network at initialization: the theory, in numbers."""

from initviz.propagation.activations import NAMED, Activation, activation
from initviz.propagation.finite_width import LogSquare, log_square
from initviz.propagation.jacobian import Jacobian, jacobian
from initviz.propagation.jacobian_law import JacobianLaw, jacobian_law
from initviz.propagation.mean_field import DepthScales, FixedPoint, fixed_point, next_c, next_q
from initviz.propagation.phases import PhaseDiagram, critical_weight_variance, phase_diagram

__all__ = [
    "NAMED",
    "Activation",
    "DepthScales",
    "FixedPoint",
    "Jacobian",
    "JacobianLaw",
    "LogSquare",
    "PhaseDiagram",
    "activation",
    "critical_weight_variance",
    "fixed_point",
    "jacobian",
    "jacobian_law",
    "log_square",
    "next_c",
    "next_q",
    "phase_diagram",
]
