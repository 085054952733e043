"""Shared by all tests: a key, a counter of XLA compilations, and a cache of their results."""

import os
import re
import tempfile
from collections import defaultdict
from functools import cache
from itertools import pairwise

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before it is loaded: its threads wait for each other in a loop, and beside
# other work on all cores a decomposition of 200 × 100 numbers takes thirty times as long

import hypothesis
import jax
import pytest
from recorded import NUMBERS

# What one test or one of its processes has compiled no other needs to: saves an eighth of the time.
CACHE = tempfile.TemporaryDirectory(prefix="initviz-tests-")
for name, value in {
    "jax_compilation_cache_dir": CACHE.name,
    "jax_persistent_cache_min_compile_time_secs": 0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}.items():
    jax.config.update(name, value)
    os.environ[name.upper()] = str(value)

ON_DEMAND = {"frameworks", "lab"}
"""Marks of tests that run only where `-m` asks for them; of `slow` ones, so many cases run as the mark keeps."""

# A failing property prints its example; to look for a smaller one takes minutes, for each of hundreds of cases.
hypothesis.settings.register_profile(
    "initviz",
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    derandomize=True,  # keys are fixed: what passes here passes in CI, however slow the machine is
    deadline=None,
)
hypothesis.settings.load_profile("initviz")

_compiled = []
_dropped = [0]
"""How many had been compiled when they were dropped."""
jax.monitoring.register_event_duration_secs_listener(
    lambda event, duration, **_: _compiled.append(event) if event.endswith("backend_compile_duration") else None
)


def pytest_addoption(parser):
    """Lets a run have a part of the tests: of those with many cases some still run."""
    parser.addoption("--every", type=int, default=1, metavar="N", help="run every N-th test only")
    parser.addoption("--clicks", type=int, default=16, metavar="N", help="what the random clicker does, in actions")
    parser.addoption(
        "--fuzz", type=int, default=300, metavar="N", help="how many broken files and hostile links are read"
    )
    parser.addoption("--dice", type=int, default=7, metavar="SEED", help="what the random clicker throws")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leaves out what runs only where `-m` names its mark, and all but every N-th test of the others.

    Those of `ui` come last, whatever pytest does with tests that share a parameter: Playwright's event loop stays until
    the end.
    """
    asked = config.getoption("markexpr")
    left = {
        item for name in ON_DEMAND - set(re.findall(r"\w+", asked)) for item in items if item.get_closest_marker(name)
    }
    if "slow" not in asked:
        left |= spare(items)
    kept = [item for item in items if item not in left][:: config.getoption("--every")]
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("ui") is not None)
    config.hook.pytest_deselected(items=list(left))


def spare(items) -> set:
    """Of each test that is marked `slow` the cases that others stand for."""
    tests = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow"):
            tests[item.nodeid.partition("[")[0]].append(item)
    return {each for cases in tests.values() for each in cases} - {
        each for cases in tests.values() for each in spread(cases, cases[0].get_closest_marker("slow").kwargs["keeps"])
    }


def spread(cases: list, count: int) -> list:
    """So many of the cases from all parts of their list, in each part at another place.

    Where cases are all pairs of two lists, so many as the first list is long are one of each, with all of the other.
    """
    ends = [part * len(cases) // max(count, 1) for part in range(count + 1)]
    parts = [cases[start:end] for start, end in pairwise(ends)]
    return [part[at % len(part)] for at, part in enumerate(parts) if part]


def pytest_terminal_summary(terminalreporter):
    """Says how many of the recorded numbers this run compared with; the others are of what is not built yet."""
    terminalreporter.write_line(NUMBERS.report)


@pytest.fixture(scope="module", autouse=True)
def old_programs():
    """Drops what jax has compiled after modules that leave much of it: some 2 MB a program, of thousands.

    What is asked for again comes from the cache of results.
    """
    yield
    if len(_compiled) - _dropped[-1] >= 300:
        jax.clear_caches()
        _dropped.append(len(_compiled))


@pytest.fixture
def key():
    """The key of the reference's printed examples."""
    return jax.random.key(42)


@pytest.fixture
def compilations():
    """A function that calls another and returns how many XLA compilations that took."""

    def count(call, *args, **kwargs) -> int:
        before = len(_compiled)
        jax.block_until_ready(call(*args, **kwargs))
        return len(_compiled) - before

    return count


@pytest.fixture(scope="session")
def solved():
    """A function that gives the notebook at a path after its run, and what its check says of its solution.

    Each is run once in all the tests, as `nbconvert --execute` does it; the solution of a lesson takes the place of its
    attempt after the last cell, in the same kernel.
    """
    import lessons  # where nobody asks for them, nothing of notebooks is loaded

    return cache(lessons.run)


@pytest.fixture(scope="session")
def executed(solved):
    """A function that gives the notebook at a path after its run."""
    return lambda path: solved(path)[0]
