"""What a tensor looks like: the accuracies of the theory, classes where weights do not tell, silence where trained."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.datasets import load_digits
from tensors import tensor

from initviz.initializers import (
    constant,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    ones,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
    zeros,
)
from initviz.models.likely import CANDIDATES, TRAINED, candidates_for, likely
from initviz.models.seen import see
from initviz.models.tensor import Role

DENSE = Role("Dense", (0,), (1,))
CLOSED = {
    "lecun_normal": lecun_normal(), "lecun_uniform": lecun_uniform(), "glorot_normal": glorot_normal(),
    "glorot_uniform": glorot_uniform(), "he_normal": he_normal(), "he_uniform": he_uniform(),
    "normal(0.01)": normal(0.01), "truncated_normal(0.01)": truncated_normal(0.01), "uniform(0.01)": uniform(0.01),
    "orthogonal": orthogonal(), "zeros": zeros,
}  # fmt: skip
"""Eleven laws, among which a tensor's has to be found."""
DRAWS = 40


def looks_like(weights, role=DENSE, candidates=None):
    weights = np.asarray(weights)
    one = tensor(shape=weights.shape, weights=weights)
    return likely(one, role, see(one, role), candidates or candidates_for(one, role))


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize(("shape", "accuracy"), [
    ((4, 6), 0.726), ((8, 12), 0.920), ((16, 24), 0.990), ((32, 48), 0.9994), ((64, 96), 1.0),
])  # fmt: skip
def test_laws_are_found_as_often_as_maximum_likelihood_does(shape, accuracy):
    """The accuracies of 300 draws of each law; 4.5 standard errors for fewer, and 1 % of abstentions."""
    among = tuple(each for each in CANDIDATES if each.text in CLOSED)
    right = total = 0
    for name, initializer in CLOSED.items():
        for key in jax.random.split(jax.random.key(len(name)), DRAWS):
            found = looks_like(initializer(key, shape, np.float32), candidates=among)
            right, total = right + (found.laws[:1] == (name,)), total + 1
    spread = 4.5 * (accuracy * (1 - accuracy) / total) ** 0.5
    assert right / total >= accuracy - spread - 0.01


def test_laws_that_are_one_law_are_named_together():
    square = looks_like(he_normal()(jax.random.key(0), (64, 64), np.float32))
    assert square.laws[:2] == ("he_normal", 'variance_scaling(2, "fan_out", "truncated_normal")')
    assert "lecun_normal" in looks_like(glorot_normal()(jax.random.key(0), (64, 64), np.float32)).laws


@pytest.mark.parametrize(("initializer", "said"), [
    (zeros, "zeros"), (ones, "ones"), (constant(0.25), "constant(0.25)"), (orthogonal(), "orthogonal"),
    (orthogonal(2**0.5), "orthogonal(1.41421)"), (normal(0.02), "normal(0.02)"), (normal(1.0), "normal(1)"),
    (variance_scaling(1 / 3, "fan_in", "uniform"), 'variance_scaling(1/3, "fan_in", "uniform")'),
    (truncated_normal(60**-0.5), "truncated_normal(1/√fan_in)"),  # of Haiku's layers
    (normal(0.0713), "no rule that is known; normal with std 0.07"),
    (truncated_normal(0.0713), "no rule that is known; truncated normal with std 0.06"),
    (variance_scaling(0.7, "fan_in", "uniform"), "no rule that is known; uniform with std 0.1"),
], ids=str)  # fmt: skip
def test_what_is_said(initializer, said):
    assert str(looks_like(initializer(jax.random.key(3), (60, 40), np.float32))).startswith(said)


@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal", "normal"])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_a_law_of_no_known_spread_is_found_whatever_the_size(distribution, dtype):
    """In at least nine of ten draws; its end, where it has one, is known better than its spread."""
    initializer, found = variance_scaling(3.3, "fan_in", distribution), []
    for size in (32, 64, 200):
        for key in jax.random.split(jax.random.key(size), 10):
            fits = looks_like(initializer(key, (size, size), dtype)).fits
            found.append(fits is not None and fits[0] == distribution)
    assert sum(found) >= 0.9 * len(found)


def test_a_table_of_flax_and_a_branch_of_gpt2_are_known():
    table = Role("Embedding", (), (1,), (0,))
    embedded = variance_scaling(1.0, "fan_in", "normal", out_axis=0)(jax.random.key(0), (300, 64), np.float32)
    assert looks_like(embedded, table).laws == ('variance_scaling(1, "fan_in", "normal", out_axis=0)',)
    branch = normal(0.02 / 24**0.5)(jax.random.key(0), (64, 64), np.float32)
    one = tensor(shape=branch.shape, weights=np.asarray(branch))
    found = likely(one, DENSE, see(one, DENSE), candidates_for(one, DENSE, layers=12))
    assert found.laws == ("normal(0.02/√(2·layers))",)


def test_what_was_drawn_in_few_digits_is_said():
    found = looks_like(lecun_normal()(jax.random.key(0), (64, 32), jnp.bfloat16).astype(np.float32))
    assert (found.laws[0], found.why) == ("lecun_normal", "drawn in bfloat16")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nothing_is_said_of_weights_that_are_not_finite(value):
    assert str(looks_like(np.full((3, 3), value))) == "NaN or infinite weights"


LAWS = {"he_normal": he_normal(), "glorot_uniform": glorot_uniform(), "normal(0.02)": normal(0.02),
        "PyTorch's": variance_scaling(1 / 3, "fan_in", "uniform"), "orthogonal": orthogonal()}  # fmt: skip


def outputs(layers, inputs):
    for place, (weights, bias) in enumerate(layers):
        inputs = inputs @ weights + bias
        inputs = jax.nn.relu(inputs) if place < len(layers) - 1 else inputs
    return inputs


def trained(layers, optimizer, steps=250):
    """The layers after some training on scikit-learn's digits."""
    images, classes = load_digits(return_X_y=True)
    images, classes = jnp.asarray(images / 16, np.float32), jnp.asarray(classes)

    def loss(layers, chosen):
        found = outputs(layers, images[chosen])
        return optax.softmax_cross_entropy_with_integer_labels(found, classes[chosen]).mean()

    @jax.jit
    def step(carry, key):
        layers, state = carry
        gradients = jax.grad(loss)(layers, jax.random.randint(key, (64,), 0, len(images)))
        updates, state = optimizer.update(gradients, state, layers)
        return (optax.apply_updates(layers, updates), state), None

    start = layers, optimizer.init(layers)
    (layers, _), _ = jax.lax.scan(step, start, jax.random.split(jax.random.key(9), steps))
    return layers, float((outputs(layers, images).argmax(1) == classes).mean())


@pytest.mark.slow(keeps=0)
def test_nothing_is_said_of_trained_layers():
    """At least 95 % of the layers of networks that have learned the digits, none of fewer than 1 % of new ones."""
    from initviz.models import audit

    silent = spoken = 0
    for widths in ((64, 128, 64, 10), (64, 32, 16, 10)):
        for initializer in LAWS.values():
            keys = jax.random.split(jax.random.key(1), len(widths) - 1)
            sizes = list(pairwise(widths))
            new = [
                (initializer(key, size, np.float32), jnp.zeros(size[1])) for key, size in zip(keys, sizes, strict=True)
            ]
            for optimizer in (optax.adam(1e-3), optax.sgd(0.1, 0.9)):
                layers, accuracy = trained(new, optimizer)
                assert accuracy > 0.5
                found = audit({str(place): {"kernel": weights} for place, (weights, _) in enumerate(layers)})
                silent += sum(not row.likely.laws for row in found.rows)
                spoken += sum(bool(row.likely.laws) for row in found.rows)
                assert all(row.likely.why != TRAINED or not row.likely.laws for row in found.rows)
            found = audit({str(place): {"kernel": weights} for place, (weights, _) in enumerate(new)})
            assert all(row.likely.laws for row in found.rows)
    assert silent / (silent + spoken) >= 0.95
