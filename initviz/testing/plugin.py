"""What pytest loads of initviz wherever it is installed."""

import pytest

from initviz.testing import assert_initialized as function


@pytest.fixture(name="assert_initialized", scope="session")
def assert_initialized():
    """`initviz.testing.assert_initialized(model, recipe)`: fail unless a model is initialized as declared."""
    return function
