"""What runs frameworks that are no dependencies of ours: it runs only where `-m frameworks` asks for it."""

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config, items):
    """Marks every test of this directory `frameworks`, and leaves them out where nobody asks for them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("frameworks")
    if "frameworks" not in config.getoption("markexpr"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("frameworks")])
        items[:] = [item for item in items if not item.get_closest_marker("frameworks")]


@pytest.fixture(scope="session")
def keras():
    """Keras on PyTorch."""
    os.environ["KERAS_BACKEND"] = "torch"  # compiles nothing
    import keras

    keras.utils.set_random_seed(3)
    return keras


@pytest.fixture(scope="session")
def torch():
    """PyTorch."""
    import torch

    torch.manual_seed(3)
    return torch


@pytest.fixture(scope="session")
def equinox():
    """Equinox."""
    import equinox

    return equinox
