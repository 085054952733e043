"""Laws of singular values, and the numbers that sum singular values up."""

from initviz.spectra.base import Expected, Points, Spectrum, Union
from initviz.spectra.fuss_catalan import FussCatalan, lyapunov_exponents
from initviz.spectra.jacobi import Jacobi
from initviz.spectra.marchenko_pastur import HARD_EDGE, MarchenkoPastur, Spiked
from initviz.spectra.ranks import (
    RANKS,
    condition_number,
    entropy_rank,
    expected_ranks,
    participation_ratio,
    ranks,
    stable_rank,
)
from initviz.spectra.tracy_widom import TRACY_WIDOM, TracyWidom

__all__ = [
    "HARD_EDGE",
    "RANKS",
    "TRACY_WIDOM",
    "Expected",
    "FussCatalan",
    "Jacobi",
    "MarchenkoPastur",
    "Points",
    "Spectrum",
    "Spiked",
    "TracyWidom",
    "Union",
    "condition_number",
    "entropy_rank",
    "expected_ranks",
    "lyapunov_exponents",
    "participation_ratio",
    "ranks",
    "stable_rank",
]
