"""The contract: every initializer's code for every framework runs in every layer of it, and has the same law there."""

import jax
import numpy as np
import pytest
from kept import LAYERS, flax_weights, keras_weights, torch_weights
from laws import same_law
from oracles import DISTINCT_CASES

from initviz.initializers import (
    constant,
    he_normal,
    lecun_normal,
    normal,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
)
from initviz.layers.translations import translations

INFINITY = np.float32(np.inf)
INITIALIZERS = [
    *(case.build() for case in DISTINCT_CASES),
    # what a number or a list of numbers can be
    normal(np.float64(0.3)), normal(jax.numpy.float32(0.3)), truncated_normal(1.0, upper=INFINITY),
    truncated_normal(0.5, lower=3.0, upper=INFINITY), truncated_normal(0.5, lower=-INFINITY, upper=INFINITY),
    truncated_normal(2.0, lower=np.float64(-4.0), upper=-2.0), constant(np.float32(0.5)), constant([0.5]),
    constant(np.array([[0.0]])), orthogonal(np.float64(0.5), column_axis=np.int64(0)), orthogonal(column_axis=1),
    uniform(np.float16(0.5)), normal(0.0), variance_scaling(0.0, "fan_in", "uniform"), orthogonal(0.0),
    normal(1e-30), uniform(1e38), normal(dtype="float32"), normal(dtype=np.float32), normal(dtype=float),
    # other axes
    he_normal(in_axis=np.array([0]), out_axis=[1]), lecun_normal(in_axis=0, out_axis=(1, 2)),
    variance_scaling(np.float64(2.0), "fan_avg", "uniform", in_axis=1, out_axis=0),
    variance_scaling(2, "fan_out", "normal", batch_axis=(0,)),
]  # fmt: skip


def plans(layer):
    """The initializers that take a layer's kernel, with their plans."""
    for initializer in INITIALIZERS:
        try:
            yield initializer, initializer.plan(layer.kernel)
        except (TypeError, ValueError, IndexError):
            continue


def run(program: str, **names):
    """The value of a program's last line, after its imports."""
    *imports, code = program.split("\n")
    exec("\n".join(imports), names)
    return eval(code, names)


FRAMEWORKS = {
    "jax": lambda layer, program, request: np.asarray(run(program)(jax.random.key(0), layer.kernel, np.float32), float),
    "flax": lambda layer, program, request: flax_weights(layer, run(program)),
    "PyTorch": lambda layer, program, request: torch_weights(
        request.getfixturevalue("torch"), layer, lambda weight: run(program, weight=weight)
    ),
    "Keras": lambda layer, program, request: keras_weights(
        request.getfixturevalue("keras"), layer, lambda: run(program)
    ),
}


@pytest.mark.filterwarnings("ignore:mean is more than 2 std")  # a word of PyTorch's from when it did not reject
@pytest.mark.parametrize(("framework", "layer"), [
    (framework, layer) for framework in FRAMEWORKS for layer in LAYERS
    if framework in ("PyTorch", "Keras") or len(layer.kernel) < 5  # of which jax takes 10 s to compile each law
], ids=repr)  # fmt: skip
def test_the_code_runs_and_has_the_same_law_or_is_refused(framework, layer, request):
    wrong = []
    for initializer, plan in plans(layer):
        (found,) = (each for each in translations(initializer, plan, layer) if each.framework == framework)
        if not found.code:
            assert found.note
            continue
        weights = FRAMEWORKS[framework](layer, found.program, request)
        if not same_law(weights, plan):
            wrong.append((repr(initializer), found.program, weights.mean(), weights.std(), plan.ensemble.marginal))
    assert not wrong, wrong


OTHER_MATRIX = {  # layers in which a framework sets other axes against each other than orthogonal() does
    "jax": set(),
    "flax": {"AttentionProjection", "GroupedQueryAttention", "Stack"},
    "PyTorch": {"ConvTranspose", "AttentionProjection", "GroupedQueryAttention", "Experts", "Stack", "Einsum"},
    "Keras": {"DepthwiseConv", "ConvTranspose", "Stack"},
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_nothing_is_refused_that_a_framework_can_draw(framework):
    for initializer in (he_normal(), variance_scaling(1.0, "fan_avg", "uniform"), normal(), truncated_normal(),
                        uniform(), constant(0.5)):  # fmt: skip
        for layer in LAYERS:
            (found,) = (
                each for each in translations(initializer, initializer.plan(layer.kernel), layer)
                if each.framework == framework
            )  # fmt: skip
            assert found.code, (initializer, layer, found.note)
    refused = {
        repr(layer)
        for layer in LAYERS
        for found in translations(orthogonal(), orthogonal().plan(layer.kernel), layer)
        if found.framework == framework and not found.code
    }
    assert {each.partition("(")[0] for each in refused} == OTHER_MATRIX[framework], refused


def test_a_wrong_law_is_noticed():
    plan, weights = he_normal().plan((60, 35)), np.asarray(he_normal()(jax.random.key(0), (60, 35)), float)
    assert same_law(weights, plan)
    assert not same_law(weights * 1.2, plan)
    assert not same_law(np.asarray(orthogonal(column_axis=1)(jax.random.key(0), (3, 4, 5))),
                        orthogonal().plan((3, 4, 5)))  # fmt: skip
