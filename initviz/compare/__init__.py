"""Up to six draws, networks or trainings side by side: the same bins and axes, and how their numbers differ."""

from initviz.compare.answer import Comparer, ComparisonAnswer, Found
from initviz.compare.comparison import LOOKS, MOST, Comparison
from initviz.compare.coupling import Coupled, couplings
from initviz.compare.numbers import Row, rows
from initviz.compare.pairs import beside
from initviz.compare.question import APART, KEYS, ComparisonQuestion, Entry

__all__ = ["APART", "KEYS", "LOOKS", "MOST", "Comparer", "Comparison", "ComparisonAnswer", "ComparisonQuestion",
           "Coupled", "Entry", "Found", "Row", "beside", "couplings", "rows"]  # fmt: skip
