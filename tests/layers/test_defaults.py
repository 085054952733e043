"""Every default is a call that runs on weights of some rank."""

import jax
import numpy as np
import pytest

from initviz.initializers import THEMSELVES
from initviz.layers.defaults import DEFAULTS


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: f"{default.framework} {default.layer}")
def test_a_default_is_a_call_that_runs(default):
    shape = (64,) if "bias" in default.layer else (64, 8, 16)
    if "LSTM: bias" in default.layer and default.framework == "Keras":
        shape = (4, 16)
    initializer = default.call()
    assert np.isfinite(initializer(jax.random.key(0), shape)).all()
    assert default.code == (initializer.function if initializer.function in THEMSELVES else repr(initializer))
