"""Laws of singular values, and the numbers that sum singular values up."""

from initviz.spectra.base import EXACT, LIMIT, Expected, Points, Spectrum, Union
from initviz.spectra.fuss_catalan import FussCatalan, lyapunov_exponents
from initviz.spectra.jacobi import Jacobi
from initviz.spectra.marchenko_pastur import HARD_EDGE, MarchenkoPastur, Spiked
from initviz.spectra.ranks import (
    RANKS,
    Rank,
    condition_number,
    entropy_rank,
    expected_ranks,
    participation_ratio,
    ranks,
    stable_rank,
)
from initviz.spectra.simulated import Sample, Simulated
from initviz.spectra.tracy_widom import TRACY_WIDOM, TracyWidom
from initviz.spectra.vector import Vector

__all__ = [
    "EXACT",
    "HARD_EDGE",
    "LIMIT",
    "RANKS",
    "TRACY_WIDOM",
    "Expected",
    "FussCatalan",
    "Jacobi",
    "MarchenkoPastur",
    "Points",
    "Rank",
    "Sample",
    "Simulated",
    "Spectrum",
    "Spiked",
    "TracyWidom",
    "Union",
    "Vector",
    "condition_number",
    "entropy_rank",
    "expected_ranks",
    "lyapunov_exponents",
    "participation_ratio",
    "ranks",
    "stable_rank",
]
