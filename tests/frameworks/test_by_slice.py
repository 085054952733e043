"""Code for kernels with a scale for each slice, run: every slice has its law."""

import numpy as np
import pytest
from laws import same_law

from initviz.initializers import normal, truncated_normal, variance_scaling
from initviz.initializers.plan import Step
from initviz.laws.iid import Iid
from initviz.layers import Experts, Stack
from initviz.layers.translations import translations

SCALES = np.reshape([1, 0.5, 0], (3, 1, 1))
INITIALIZERS = [
    normal(SCALES), truncated_normal(SCALES, lower=-1.0, upper=3.0), truncated_normal(SCALES),
    *(variance_scaling(SCALES, "fan_in", law, batch_axis=0) for law in ("truncated_normal", "normal", "uniform")),
]  # fmt: skip
STACK, EXPERTS = Stack(depth=3, inputs=40, outputs=30), Experts(experts=3, inputs=40, outputs=30)


def program(framework, layer, initializer):
    """What is exported for a framework."""
    plan = initializer.plan(layer.kernel)
    return plan, next(each for each in translations(initializer, plan, layer) if each.framework == framework)


def each_has_its_law(weights, plan):
    """Whether every slice follows its law."""
    assert weights.shape == plan.shape
    for weight, law in zip(weights, plan.ensemble.slices, strict=True):
        steps, shape = (Step("ensemble", "", Iid(law)),), weight.shape
        assert same_law(weight.astype(float), type(plan)("", shape, plan.dtype, steps, (), None))


@pytest.mark.parametrize("initializer", INITIALIZERS, ids=repr)
def test_pytorch_fills_every_layer_of_a_stack(initializer, torch):
    plan, exported = program("PyTorch", STACK, initializer)
    weights = [torch.nn.Linear(40, 30).weight for _ in range(3)]
    exec(exported.program, {"weights": weights})
    each_has_its_law(np.stack([weight.detach().numpy().T for weight in weights]), plan)


@pytest.mark.parametrize("initializer", INITIALIZERS, ids=repr)
def test_pytorch_fills_every_expert(initializer, torch):
    plan, exported = program("PyTorch", EXPERTS, initializer)
    weight = torch.nn.Parameter(torch.full((3, 30, 40), 7.0))
    exec(exported.program, {"weight": weight})
    each_has_its_law(weight.detach().numpy().transpose(0, 2, 1), plan)


@pytest.mark.parametrize("initializer", INITIALIZERS, ids=repr)
def test_keras_has_an_initializer_for_every_layer_of_a_stack(initializer, keras):
    plan, exported = program("Keras", STACK, initializer)
    if not exported.code:
        assert initializer.function == "truncated_normal"
        assert exported.note == "Keras cuts a normal at ±2 standard deviations only."
        return
    imports, code = exported.program.split("\n", 1)
    names = {}
    exec(imports, names)
    made = [keras.layers.Dense(30, kernel_initializer=each) for each in eval(code, names)]
    for layer in made:
        layer.build((None, 40))
    each_has_its_law(np.stack([np.asarray(layer.kernel, float) for layer in made]), plan)
