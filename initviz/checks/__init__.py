"""Expected against observed: what theory says a draw should show, and the range it should show it in."""

import numpy as np

from initviz.checks.check import ORTHOGONAL_LIMIT, Check
from initviz.checks.entries import entry_checks
from initviz.checks.sampling import COVERAGE, TAILS
from initviz.checks.values import value_checks
from initviz.engine.summary import Summary
from initviz.laws.ensembles import Ensemble
from initviz.spectra import Spectrum

__all__ = ["COVERAGE", "ORTHOGONAL_LIMIT", "TAILS", "Check", "audit", "entry_checks", "value_checks"]


def audit(
    ensemble: Ensemble,
    dtype,
    summary: Summary,
    spectrum: Spectrum | None,
    size: tuple[int, int],
    singular_values: np.ndarray,
) -> tuple[Check, ...]:
    """Entries, then singular values of a `size` matrix, then how far an orthogonal one is from being orthogonal.

    "std" is the root mean square distance from the law's mean, which is known, so that its law is known too.
    """
    entries = entry_checks(ensemble, dtype, summary) if summary.count else ()
    return (*entries, *value_checks(ensemble, dtype, spectrum, size, singular_values))
