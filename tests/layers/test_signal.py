"""What a layer makes of a signal's mean square: counted by drawing signals and weights."""

import re

import numpy as np
import pytest

from initviz.initializers import he_normal, normal
from initviz.layers.signal import signal
from initviz.study import Study

CASES = [
    {"initializer": "he_normal", "shape": (128, 96)},
    {"initializer": "glorot_uniform", "shape": (3, 3, 8, 24)},
    {"initializer": "orthogonal", "shape": (64, 128), "scale": 1.5},
    {"initializer": "uniform", "shape": (128, 64)},
    {"initializer": "ones", "shape": (32, 16)},
    {"initializer": "lecun_normal", "layer": "Dense"},
]


@pytest.mark.parametrize("settings", CASES, ids=lambda case: case["initializer"])
def test_it_is_what_signals_come_to(settings):
    answer = Study(**settings).answer()
    said = signal(answer.plan, answer.advice)
    with_relu = 1.0 if "keeps" in said else float(re.search(r"× ([\d.e+-]+) after", said)[1].replace(",", ""))
    without = float(re.search(r"without, × ([\d.e+-]+)\.", said)[1].replace(",", ""))
    random, x_square, found = np.random.default_rng(0), 0.0, np.zeros(2)
    for seed in range(24):
        weights = np.asarray(Study(**settings, seed=seed).answer().observation.weights)
        weights = weights.reshape(-1, weights.shape[-1])
        x = random.standard_normal((400, weights.shape[0]))
        x_square += np.mean(x**2)
        found += [np.mean((np.maximum(x, 0) @ weights) ** 2), np.mean((x @ weights) ** 2)]
    assert found / x_square == pytest.approx([with_relu, without], rel=0.04)


def test_of_what_nobody_can_say_nothing_is_said():
    vector, empty = he_normal(in_axis=(), out_axis=0).plan((64,)), he_normal().plan((0, 3))
    unknown = normal(dtype="complex64").plan((64, 64))
    assert [signal(plan) for plan in (vector, empty, unknown)] == [""] * 3
