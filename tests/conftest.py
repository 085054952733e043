"""Shared by all tests: a key, and a counter of XLA compilations."""

import jax
import pytest
from recorded import NUMBERS

_compiled = []
jax.monitoring.register_event_duration_secs_listener(
    lambda event, duration, **_: _compiled.append(event) if event.endswith("backend_compile_duration") else None
)


def pytest_terminal_summary(terminalreporter):
    """Says how many of the recorded numbers this run compared with; the others are of what is not built yet."""
    terminalreporter.write_line(NUMBERS.report)


@pytest.fixture
def key():
    """The key of the reference's printed examples."""
    return jax.random.key(42)


@pytest.fixture
def keras(monkeypatch):
    """Keras on jax. Skips where it is not installed: it is no dependency, exported code only has to run beside it."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras")


@pytest.fixture
def torch():
    """PyTorch. Skips where it is not installed, as Keras does."""
    return pytest.importorskip("torch")


@pytest.fixture
def compilations():
    """A function that calls another and returns how many XLA compilations that took."""

    def count(call, *args, **kwargs) -> int:
        before = len(_compiled)
        jax.block_until_ready(call(*args, **kwargs))
        return len(_compiled) - before

    return count
