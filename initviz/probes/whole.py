"""The whole spectrum of a matrix of which the draw shows only a block."""

from dataclasses import dataclass, replace

import numpy as np

from initviz import engine
from initviz.matrices.unfolding import Unfolding
from initviz.probes.base import Probe, ignore
from initviz.spectra import Spectrum

LARGEST_MATRIX = 2**28
"""Most entries of a matrix that is decomposed whole: 1 GB in single precision."""


@dataclass(frozen=True, eq=False)
class WholeResult:
    """All singular values of the unfolded weights."""

    unfolding: Unfolding
    singular_values: np.ndarray
    law: Spectrum | None


class WholeSpectrum(Probe):
    """All singular values, of a matrix of any size."""

    title = "Whole spectrum"

    def applies(self, result):
        """Whether the draw shows singular values of a block alone."""
        return result.unfolding is not None and result.unfolding.block is not None and not result.no_spectrum

    def answer(self, result, progress=ignore):
        """All singular values of the weights, unfolded as in the draw, and their law.

        Raises:
            ValueError: there is no matrix, or it is too large.
        """
        if result.unfolding is None:
            raise ValueError("the whole spectrum needs weights, got none. Choose a shape without a size of 0.")
        if result.no_spectrum:
            raise ValueError(
                f"the whole spectrum needs finite weights. {result.no_spectrum} Choose another dtype or shape."
            )
        if result.unfolding.block is None:
            return WholeResult(result.unfolding, result.singular_values, result.spectrum)
        unfolding = replace(result.unfolding, block=None)
        rows, columns = unfolding.full
        if rows * columns > LARGEST_MATRIX:
            raise ValueError(
                f"the matrix must have at most {LARGEST_MATRIX:,} entries to be decomposed whole, got "
                f"{rows} × {columns}. Make an axis smaller."
            )
        values = engine.singular_values_apart(unfolding.matrix(result.weights), progress)
        return WholeResult(unfolding, values, result.of_matrix.spectrum(rows, columns))
