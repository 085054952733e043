"""The whole spectrum: the same values as in one piece, in a process that can be stopped."""

import re
import signal
import subprocess

import numpy as np
import pytest

from initviz import engine
from initviz.checks import observation
from initviz.engine import Cancelled
from initviz.probes import WholeSpectrum
from initviz.study import Study


def test_a_matrix_on_show_as_a_whole_is_not_decomposed_again():
    result = Study(shape=(30, 20)).answer()
    assert WholeSpectrum().answer(result).singular_values is result.singular_values


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_a_larger_one_is_decomposed_as_a_whole(monkeypatch, dtype):
    monkeypatch.setattr(observation, "SPECTRUM_BUDGET", 20**3)
    result = Study("normal", shape=(50, 30), dtype=dtype).answer()
    assert len(result.singular_values) < 30
    shares = []
    found = WholeSpectrum().answer(result, shares.append)
    wide = result.weights.astype("complex64" if dtype == "complex64" else "float32")
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(wide, compute_uv=False), rtol=1e-5)
    assert found.law == result.plan.ensemble.spectrum(50, 30)
    assert found.unfolding.full == (50, 30)
    assert shares[0] == pytest.approx(0, abs=0.2)
    assert max(shares) <= 0.99


def test_a_decomposition_that_is_stopped_leaves_no_process(monkeypatch):
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    reported = []

    def stop(share):
        reported.append(share)
        if len(reported) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.singular_values_apart(np.random.default_rng(0).normal(size=(3000, 3000)), stop)
    assert len(reported) == 2
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="singular values need finite weights"):
        engine.singular_values_apart(np.full((3, 3), np.nan), print)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        WholeSpectrum().answer(Study(dtype="float8_e4m3fn", shape=(30, 20)).answer())
    assert re.fullmatch(
        r"the whole spectrum needs finite weights. \d+ of the weights are NaN or infinite, so there are no singular "
        r"values\. Choose another dtype or shape\.", str(refusal.value),
    )  # fmt: skip


def test_too_large_a_matrix_is_refused(monkeypatch):
    monkeypatch.setattr("initviz.probes.whole.LARGEST_MATRIX", 1000)
    monkeypatch.setattr(observation, "SPECTRUM_BUDGET", 20**3)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        WholeSpectrum().answer(Study(shape=(50, 30)).answer())
    assert str(refusal.value) == (
        "the matrix must have at most 1,000 entries to be decomposed whole, got 50 × 30. Make an axis smaller."
    )
