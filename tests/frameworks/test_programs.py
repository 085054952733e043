"""The contract of exported programs: whole, as a file that is run, they fill a layer's own weight with the same law."""

from itertools import count

import numpy as np
import pytest
from kept import LAYERS, keras_weights, torch_weights
from laws import same_law
from oracles import CASES

from initviz.initializers import normal
from initviz.layers import Experts, Stack
from initviz.study import Study
from initviz.views.programs import program_of_law

REFUSED = {
    "PyTorch": {"orthogonal", "delta_orthogonal"},  # of another matrix; none
    "Keras": {"orthogonal", "delta_orthogonal", "truncated_normal"},  # cut at 2 standard deviations only
}
"""Initializers that some layer of a framework has no program for."""
SCALES = np.reshape([1, 0.5, 0.25], (3, 1, 1))
SLICED = {"PyTorch": [Stack(depth=3, inputs=40, outputs=30), Experts(experts=3, inputs=40, outputs=30)],
          "Keras": [Stack(depth=3, inputs=40, outputs=30)]}  # fmt: skip
"""Layers whose slices can have a scale each there."""


def drawn(framework, initializer, layer):
    """What the program leaves, run as a file with one seed and then the next: weights, one after the other."""
    for seed in count():
        text = program_of_law(Study(initializer, layer=layer, seed=seed).answer(), framework)
        names = {"__name__": "__main__"}
        exec(compile(text, f"law_{framework}.py", "exec"), names)
        found = names.get("weight", names.get("weights"))
        yield from found if isinstance(found, list) else [found]


def in_pytorch(request, layer, weights):
    """The weights in PyTorch's own layer, in the order here."""
    torch = request.getfixturevalue("torch")

    def fill(own):
        one = next(weights)
        assert one.shape == own.shape
        with torch.no_grad():
            own.copy_(one)

    return torch_weights(torch, layer, fill)


def in_keras(request, layer, weights):
    """The weights in Keras's own layer, in the order here."""
    keras = request.getfixturevalue("keras")

    class Drawn(keras.initializers.Initializer):
        def __init__(self, one):
            self.one = one

        def get_config(self):
            return {"one": self.one}

        def __call__(self, shape, dtype=None):
            fits = tuple(shape) == tuple(self.one.shape)  # attention asks for other weights, too
            return self.one if fits else keras.ops.full(shape, float("nan"))

    return keras_weights(keras, layer, lambda: Drawn(next(weights)))


FRAMEWORKS = {"PyTorch": in_pytorch, "Keras": in_keras}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_a_program_runs_and_its_weights_have_the_law_in_the_layer(framework, layer, request):
    wrong, refused, ran = [], set(), set()
    for case in CASES:
        try:
            plan = case.build().plan(layer.kernel)
        except (TypeError, ValueError, IndexError):  # it takes no such kernel
            continue
        weights = drawn(framework, case.build(), layer)
        try:
            found = FRAMEWORKS[framework](request, layer, weights)
        except ValueError as error:
            assert "must be a call to write its program" in str(error)  # noqa: PT017 - there may be none
            refused.add(case.name)
            continue
        ran.add(case.name)
        if not same_law(found, plan):
            wrong.append((str(case), found.mean(), found.std(), plan.ensemble.marginal))
    assert not wrong, wrong
    assert refused <= REFUSED[framework]
    assert len(ran) > 15  # of 21 names


@pytest.mark.parametrize(("framework", "layer"), [
    (framework, layer) for framework, layers in SLICED.items() for layer in layers
], ids=repr)  # fmt: skip
def test_a_program_for_slices_gives_each_its_own_scale(framework, layer, request):
    found = FRAMEWORKS[framework](request, layer, drawn(framework, normal(SCALES), layer))
    for one, scale in zip(found, SCALES.ravel(), strict=True):
        assert same_law(one, normal(scale).plan(one.shape))
