"""Expected against observed: what theory says weights should show, and the range they should show it in.

`observe` says what there is to see of an array and needs no theory; `judge` compares an observation with a plan and
needs no draw; `check` is both, for weights that somebody has.
"""

from initviz.checks.base import ORTHOGONAL_LIMIT, Check
from initviz.checks.entries import entry_checks
from initviz.checks.judgement import Judged, Judgement, judge
from initviz.checks.observation import Observation, observe, observe_draw
from initviz.checks.sampling import COVERAGE, TAILS
from initviz.checks.values import value_checks
from initviz.checks.weights import check

__all__ = ["COVERAGE", "ORTHOGONAL_LIMIT", "TAILS", "Check", "Judged", "Judgement", "Observation", "check",
           "entry_checks", "judge", "observe", "observe_draw", "value_checks"]  # fmt: skip
