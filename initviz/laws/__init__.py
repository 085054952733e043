"""Laws of one weight, real, complex or sparse, and of a whole tensor of them: what a plan ends in.

>>> from initviz.initializers import he_normal
>>> plan = he_normal().plan((256, 128))
>>> type(plan.ensemble).__name__, type(plan.ensemble.law).__name__
('Iid', 'TruncatedNormal')
>>> round(float(plan.ensemble.marginal.std), 4)
0.0884
"""

from initviz.laws.base import Law
from initviz.laws.complex import ComplexNormal, ComplexTruncatedNormal, Disk
from initviz.laws.ensembles import Constant
from initviz.laws.haar import Delta, Haar
from initviz.laws.iid import Iid
from initviz.laws.marginals import EitherOf, Marginal, PointMass, Sparse, Sphere
from initviz.laws.mixture import Mixture
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.laws.stacked import Stacked

__all__ = [
    "ComplexNormal",
    "ComplexTruncatedNormal",
    "Constant",
    "Delta",
    "Disk",
    "EitherOf",
    "Haar",
    "Iid",
    "Law",
    "Marginal",
    "Mixture",
    "Normal",
    "PointMass",
    "Sparse",
    "Sphere",
    "Stacked",
    "TruncatedNormal",
    "Uniform",
]
