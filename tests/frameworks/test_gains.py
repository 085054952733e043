"""Calls for gains, run in PyTorch and Keras."""

import numpy as np
import pytest

from initviz.networks.gains import PYTORCH, gains


@pytest.mark.parametrize("each", gains("tanh"), ids=lambda each: each.name)
def test_pytorch_draws_weights_of_that_gain(each, torch):
    weight = torch.nn.Linear(400, 300).weight
    exec(each.calls["PyTorch"], {"torch": torch, "weight": weight})
    assert weight.std().item() * 20 == pytest.approx(each.gain, rel=0.01)


@pytest.mark.parametrize("each", gains("tanh"), ids=lambda each: each.name)
def test_keras_draws_weights_of_that_gain(each, keras):
    weights = np.asarray(eval(each.calls["Keras"], {"keras": keras})((400, 300)))
    assert weights.std() * 20 == pytest.approx(each.gain, rel=0.01)


@pytest.mark.parametrize("name", PYTORCH)
def test_the_gains_of_pytorch_are_its_own(name, torch):
    assert torch.nn.init.calculate_gain(name) == pytest.approx(PYTORCH[name])
