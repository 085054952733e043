"""Networks that are trained: from the weights that are measured, the same steps again, and whether depth works."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from initviz.engine import Cancelled, descent
from initviz.engine.passes import layer_key
from initviz.initializers import delta_orthogonal, glorot_normal, normal, orthogonal
from initviz.networks import Network
from initviz.networks.inputs import digits, seen_by
from initviz.networks.training import BATCH, CLASSES, HELD_OUT, train

SMALL = Network(depth=3, width=24)
KINDS = [
    {}, {"branch": 0.5, "activation": "tanh"}, {"norm": "rms", "bias_std": 0.2}, {"norm": "layer", "branch": 1.0},
    {"factors": (1.0, 0.5, 2.0), "input_std": 0.7}, {"branch": 0.0},
]  # fmt: skip


def last(networks, **settings):
    *_, found = train(networks, **settings)
    return found


def same(one, other):
    np.testing.assert_array_equal(one.loss, other.loss)
    np.testing.assert_array_equal(one.accuracy, other.accuracy)
    for mine, theirs in zip(one.updates, other.updates, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_it_is_the_training_of_plain_jax(settings):
    """From the initializers' own weights: the loss before the first step, after it, and after one with momentum."""
    network, seed, rate = Network(depth=3, width=24, **settings), 1, 0.01
    weights_key, biases_key, _ = network.keys(seed)
    chance = np.random.default_rng(np.asarray(jax.random.key_data(biases_key)))
    factors = network.factors or (1.0,) * 3
    weights = {
        "layers": [
            factor * network.initializer(layer_key(weights_key, i), (24, 24), "float32")
            for i, factor in enumerate(factors)
        ],
        "biases": list((network.bias_std * chance.standard_normal((3, 24))).astype(np.float32)),
        "branches": [jnp.float32(network.branch or 0.0)] * 3,
        "out": np.random.default_rng(seed).standard_normal((24, CLASSES), np.float32) / np.float32(24**0.5),
        "out biases": jnp.zeros(CLASSES),
    }
    held, kept = np.split(np.random.default_rng(0).permutation(1797), [HELD_OUT])
    images, labels = network.input_std * seen_by(network, digits()[0]), digits()[1]

    def normed(x):
        x = x - x.mean(axis=1, keepdims=True) if network.norm == "layer" else x
        return x / jnp.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-6) if network.norm else x

    def loss(weights, chosen):
        x = jnp.asarray(images[chosen], "float32")
        for matrix, biases, branch in zip(weights["layers"], weights["biases"], weights["branches"], strict=True):
            y = network.function.expression.jax(normed(x) @ matrix + biases)
            x = y if network.branch is None else x + (branch if network.branch == 0 else network.branch) * y
        logits = x @ weights["out"] + weights["out biases"]
        return -jax.nn.log_softmax(logits)[np.arange(len(chosen)), labels[chosen]].mean()

    order, expected, moved = np.random.default_rng(seed).permutation(kept), [loss(weights, held)], []
    momentum = jax.tree.map(jnp.zeros_like, weights)
    for step in range(2):
        gradients = jax.grad(loss)(weights, order[BATCH * step : BATCH * (step + 1)])
        momentum = jax.tree.map(lambda old, new: 0.9 * old + new, momentum, gradients)
        moved.append([
            jnp.log10(rate * jnp.linalg.norm(move) / jnp.linalg.norm(matrix))  # 0 where nothing moves
            for move, matrix in zip(momentum["layers"], weights["layers"], strict=True)
        ])  # fmt: skip
        weights = jax.tree.map(lambda weight, move: weight - rate * move, weights, momentum)
        expected.append(loss(weights, held))
    found = last([network], steps=2, every=1, seed=seed, learning_rate=rate)
    np.testing.assert_allclose(found.loss[0], expected, rtol=2e-4)
    assert found.loss[0, 0] != found.loss[0, 2]
    assert np.isnan(found.updates[0][0]).all()
    np.testing.assert_allclose(found.updates[0][1:], moved, atol=2e-3)


def test_it_tells_every_so_many_steps_how_far_it_is():
    shares = []
    answers = list(train([SMALL, Network(depth=2, width=16)], steps=5, every=2, progress=shares.append))
    assert [found.steps.tolist() for found in answers] == [[0], [0, 2], [0, 2, 4], [0, 2, 4, 5]]
    assert [found.loss.shape for found in answers] == [(2, 1), (2, 2), (2, 3), (2, 4)]
    assert answers[-1].total == 5
    assert [each.shape for each in answers[-1].updates] == [(4, 3), (4, 2)]
    assert shares == sorted(shares)
    assert len(shares) == 10
    assert 0 <= min(shares) < max(shares) < 1
    np.testing.assert_array_equal(answers[1].loss, answers[-1].loss[:, :2])


def test_stopped_and_begun_again_it_takes_the_same_steps_to_the_bit():
    settings = {"steps": 12, "every": 4, "seed": 3}
    before, stopped = last([SMALL, SMALL], **settings), []

    def stop(share):
        if share > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        stopped.extend(train([SMALL, SMALL], progress=stop, **settings))
    assert [len(found.steps) for found in stopped] == [1, 2]
    again = list(train([SMALL, SMALL], **settings))
    same(stopped[-1], again[1])
    same(before, again[-1])
    np.testing.assert_array_equal(before.loss[0], before.loss[1])  # same digits in the same order
    np.testing.assert_array_equal(last([SMALL], **settings).loss[0], before.loss[0])  # whoever is beside it
    assert not np.array_equal(last([SMALL], **settings | {"seed": 4}).loss[0], before.loss[0])


def test_he_trains_relu_at_depth_20_and_glorot_at_depth_50_does_not():
    found = last([Network(depth=20, width=64), Network(glorot_normal(), depth=50, width=64)], steps=200, every=100)
    assert found.accuracy[0, -1] > 0.8
    assert found.loss[0, -1] < 0.7
    assert found.accuracy[1, -1] < 0.15
    assert found.loss[1, -1] == pytest.approx(np.log(10), abs=0.02)
    assert (found.updates[0][-1] > -5).all()
    assert (found.updates[1][-1, :40] < -8).all()


def test_orthogonal_tanh_at_criticality_trains_at_depth_50():
    assert last([Network(orthogonal(), activation="tanh", width=64)], steps=150, every=150).accuracy[0, -1] > 0.8


def test_branches_that_begin_at_0_are_trained():
    settings = {"depth": 20, "width": 64, "activation": "tanh"}
    found = last([Network(branch=0.0, **settings)], steps=60, every=20, learning_rate=0.01)
    assert (found.updates[0][1:] > -9).all()
    assert found.accuracy[0, -1] > 0.7


def test_what_explodes_is_told_as_it_is():
    found = last([Network(depth=10, width=16), SMALL], steps=6, every=2, learning_rate=1e6)
    assert np.isnan(found.loss[0, -1])
    assert 0 <= found.accuracy[0, -1] <= 1
    huge = last([Network(normal(1e10), depth=10, width=16)], steps=1)
    assert not np.isfinite(huge.loss).any()


def test_nothing_is_compiled_when_a_number_moves():
    settings = {"depth": 3, "width": 16, "branch": 0.5, "activation": "leaky_relu(x, 0.1)"}

    def train_once(rate=0.01, **changed):
        last([Network(**settings | changed)], steps=2, learning_rate=rate)

    train_once()
    compiled = descent.step._cache_size(), descent.judge._cache_size()
    for changed in [{"branch": 0.25}, {"branch": 0.0}, {"bias_std": 0.1}, {"activation": "leaky_relu(x, 0.3)"},
                    {"seed": 4}, {"initializer": orthogonal()}, {"factors": (1.0, 2.0, 3.0)}, {"rate": 0.5},
                    ]:  # fmt: skip
        train_once(**changed)
    assert (descent.step._cache_size(), descent.judge._cache_size()) == compiled


@pytest.mark.parametrize(("networks", "settings", "message"), [
    ([], {}, "networks must be 1 to 4, got none. Pass for instance [Network()]."),
    ([SMALL] * 5, {}, "networks must be 1 to 4, got 5. Pass fewer."),
    (["relu"], {}, "networks must be of the class Network, got 'relu'. Pass for instance [Network()]."),
    ([SMALL], {"steps": 0}, "steps must be a whole number from 1 to 10000, got 0. Use 1."),
    ([SMALL], {"every": 1.5}, "every must be a whole number from 1 to 10000, got 1.5. Use 1."),
    ([SMALL], {"learning_rate": float("nan")}, "learning_rate must be a number above 0, got nan. Use for instance "
                                               "0.003."),
    ([SMALL], {"learning_rate": "fast"}, "learning_rate must be a number above 0, got 'fast'. Use for instance 0.003."),
    ([SMALL], {"optimizer": "lion"}, "optimizer must be one of 'sgd', 'adam', got 'lion'. Use 'sgd'."),
    ([SMALL], {"seed": -1}, "seed must be a whole number from 0 to 4294967295, got -1. Use 0."),
])  # fmt: skip
def test_what_cannot_be_trained_is_refused_with_the_fix(networks, settings, message):
    with pytest.raises((TypeError, ValueError)) as refusal:
        next(train(networks, **settings))
    assert str(refusal.value) == message


@pytest.mark.parametrize("kind", ["conv circular", "conv same"])
def test_convolutions_train(kind):
    network = Network(delta_orthogonal(), depth=4, width=16, activation="tanh", kind=kind)
    found = last([network], steps=60, every=30, learning_rate=0.03)
    assert found.loss[0, -1] < found.loss[0, 0] - 0.3
    assert found.updates[0].shape == (3, 4)


def test_adam_trains_too():
    assert last([SMALL], steps=60, every=60, optimizer="adam", learning_rate=0.003).accuracy[0, -1] > 0.5
