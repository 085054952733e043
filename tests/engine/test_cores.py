"""Which device draws what."""

import jax
import numpy as np
import pytest

from initviz.engine import cores


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_floats_of_8_bits_are_drawn_on_a_cpu(monkeypatch, key, dtype):
    monkeypatch.setattr(cores, "platform_of", lambda key: "gpu")
    before = cores.in_force("jax_default_device")
    with cores.able(key, jax.dtypes.canonicalize_dtype(dtype)):
        assert cores.in_force("jax_default_device").platform == "cpu"
    with cores.able(key, np.dtype("float32")):
        assert cores.in_force("jax_default_device") is before
