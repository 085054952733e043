"""The same numbers as SciPy's own calls, and other threads run meanwhile."""

import threading
import time

import numpy as np
import pytest
from scipy import linalg

from initviz.matrices import lapack

SHAPES = [(1, 1), (5, 5), (3, 7), (40, 17), (300, 200)]
LONG = 600  # rows and columns of a matrix that takes tens of milliseconds
TICK = 1e-3  # seconds


def matrix(shape, dtype):
    parts = np.random.default_rng(0).standard_normal((2, *shape))
    return (parts[0] + 1j * parts[1] if np.dtype(dtype).kind == "c" else parts[0]).astype(dtype)


@pytest.mark.parametrize("dtype", "fdFD")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_singular_values_are_those_of_scipy(shape, dtype):
    given = matrix(shape, dtype)
    kept = given.copy()
    found = lapack.singular_values(given)
    assert found.dtype == linalg.svdvals(given).dtype
    np.testing.assert_array_equal(found, linalg.svdvals(given))
    np.testing.assert_array_equal(given, kept)


@pytest.mark.parametrize("dtype", "fdFD")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_factors_are_those_of_scipy(shape, dtype):
    given = matrix(shape, dtype)
    for ours, theirs in zip(lapack.qr(given), linalg.qr(given, mode="economic"), strict=True):
        assert ours.dtype == given.dtype
        np.testing.assert_array_equal(ours, theirs)


def longest_pause(run) -> float:
    """Longest share of the time of a run in which another thread got no turn."""
    given, ended, pauses = matrix((LONG, LONG), "f"), threading.Event(), []
    run(given)  # what is loaded at the first call is no part of it

    def tick():
        last = time.perf_counter()
        while not ended.is_set():
            time.sleep(TICK)
            pauses.append(time.perf_counter() - last)
            last += pauses[-1]

    thread = threading.Thread(target=tick)
    thread.start()
    started = time.perf_counter()
    run(given)
    spent = time.perf_counter() - started
    ended.set()
    thread.join()
    return max(pauses) / spent


@pytest.mark.parametrize("run", [lapack.singular_values, lapack.qr])
def test_other_threads_run_meanwhile(run):
    assert min(longest_pause(run) for _ in range(5)) < 0.9  # a call that holds the lock is one pause, from end to end
