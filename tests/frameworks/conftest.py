"""What runs frameworks that are no dependencies of ours: it runs only where `-m frameworks` asks for it."""

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    """Marks every test of this directory `frameworks`: it runs where somebody asks for it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("frameworks")


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
