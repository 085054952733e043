"""Does it train? Networks side by side on handwritten digits, from the very weights that were measured."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from initviz.engine.descent import OPTIMIZERS, Weights, judge, step
from initviz.engine.passes import Kind, Numbers
from initviz.networks.drawing import drawn, kind_of
from initviz.networks.inputs import digits, seen_by
from initviz.networks.network import Network, whole
from initviz.wording import quoted

MOST_NETWORKS = 4
"""Networks side by side."""
BATCH, CLASSES, HELD_OUT = 64, 10, 360


@dataclass(frozen=True, eq=False)
class Trained:
    """How far several networks are: a frozen part of their training, which begins before the first step."""

    networks: tuple[Network, ...]
    total: int
    """Steps that were asked for."""
    steps: np.ndarray
    """After how many there are numbers, from 0 on: (points,)."""
    loss: np.ndarray
    """Cross entropy of digits that are held out, in nats: (networks, points). NaN and infinite as it is."""
    accuracy: np.ndarray
    """Share of those that are told right: (networks, points)."""
    updates: tuple[np.ndarray, ...]
    """Of each network log₁₀ of the size of a layer's last update over that of its weights: (points, layers).

    NaN before the first step; −∞ where nothing moved.
    """


@dataclass
class _Run:
    """A network amid its training."""

    network: Network
    kind: Kind
    numbers: Numbers
    weights: Weights
    state: Any
    """Of the optimizer."""
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    updates: list[np.ndarray] = field(default_factory=list)


def train(
    networks: Sequence[Network],
    steps: int = 300,
    learning_rate: float = 0.003,
    every: int = 20,
    optimizer: str = "sgd",
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Trained]:
    """Train networks on the same digits in the same order, and tell every so many steps how far they are.

    Each starts from the weights and biases that `measure` draws for the seed, and sees digits as with inputs="digits".
    Behind its last layer another one, linear, reads out, of a convolution the mean of all positions. The branches of
    residual layers are trained where they begin at 0, as in ReZero and SkipInit. Called again it starts again, and
    takes the same steps to the last bit.

    >>> *_, found = train([Network(depth=2, width=16)], steps=4, every=2)
    >>> found.steps.tolist(), found.loss.shape, found.updates[0].shape
    ([0, 2, 4], (1, 3), (3, 2))

    Args:
        networks: one to four.
        steps: how many, of 64 digits each.
        learning_rate: of the optimizer.
        every: after how many steps there is a new answer.
        optimizer: one of `OPTIMIZERS`.
        seed: of the weights of each network and of the order of the digits.
        progress: called before every step with the finished share; what it raises ends the training.

    Raises:
        TypeError, ValueError: what is asked for cannot be done; with the fix.
        ImportError: optax or scikit-learn is missing.
    """
    _check(networks, learning_rate, optimizer)
    whole("steps", steps, 1, 10_000)
    whole("every", every, 1, 10_000)
    whole("seed", seed, 0, 2**32 - 1)
    order, held_out = _order(steps, seed)
    runs = [_start(network, seed, optimizer) for network in networks]
    told = sorted({*range(0, steps, every), steps})
    with np.errstate(over="ignore"):  # what float32 has not is infinite
        rate = np.float32(learning_rate)
    for number, (first, last) in enumerate(zip([0, *told], told, strict=False)):
        for place, run in enumerate(runs):
            moved = np.full(run.network.depth, np.nan)
            for at in range(first, last):
                progress((first + (place * (last - first) + at - first) / len(runs)) / steps)
                batch = _shown(run.network, order[at])
                run.weights, run.state, moved = step(
                    run.kind, optimizer, run.weights, run.state, run.numbers, rate, batch
                )
                moved.block_until_ready()  # or steps would queue, and go on when stopped
            _tell(run, held_out, np.asarray(moved))
        yield _so_far(runs, steps, np.array(told[: number + 1]))


def _check(networks: Sequence[Network], learning_rate: Any, optimizer: Any) -> None:
    if not 1 <= len(networks) <= MOST_NETWORKS:
        fix = "Pass fewer." if networks else "Pass for instance [Network()]."
        raise ValueError(f"networks must be 1 to {MOST_NETWORKS}, got {len(networks) or 'none'}. {fix}")
    for network in networks:
        if not isinstance(network, Network):
            raise TypeError(
                f"networks must be of the class Network, got {quoted(network)}. Pass for instance [Network()]."
            )
    if not isinstance(learning_rate, int | float | np.number) or not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate must be a number above 0, got {quoted(learning_rate)}. Use for instance 0.003."
        )
    if optimizer not in OPTIMIZERS:
        raise ValueError(
            f"optimizer must be one of {', '.join(map(repr, OPTIMIZERS))}, got {quoted(optimizer)}. Use 'sgd'."
        )


def _order(steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the digits that each step sees, (steps, batch), and of those that are held out, always the same.

    A step sees digits that none has seen before, until all have been seen; then again, in another order.
    """
    held, kept = np.split(np.random.default_rng(0).permutation(len(digits()[1])), [HELD_OUT])
    chance, rounds = np.random.default_rng(seed), -(-steps * BATCH // len(kept))
    order = np.concatenate([chance.permutation(kept) for _ in range(rounds)])
    return order[: steps * BATCH].reshape(steps, BATCH), held


def _shown(network: Network, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Digits as the network sees them, and which ones they are."""
    images, labels = digits()
    with np.errstate(over="ignore"):
        return (network.input_std * seen_by(network, images[chosen])).astype(np.float32), labels[chosen]


def _start(network: Network, seed: int, optimizer: str) -> _Run:
    """A network with its initial weights."""
    kind, numbers = kind_of(network)
    depth, width = network.depth, network.width
    layers = drawn(network, seed).layers
    out = np.random.default_rng(seed).standard_normal((width, CLASSES), np.float32) / math.sqrt(width)
    weights = Weights(
        jnp.asarray(layers.weights[:depth] * layers.factors[:depth, None, None]), jnp.asarray(layers.biases[:depth]),
        jnp.full(depth, numbers.branch), jnp.asarray(out), jnp.zeros(CLASSES),
    )  # fmt: skip
    return _Run(network, kind, numbers, weights, OPTIMIZERS[optimizer](0.0).init(weights))


def _tell(run: _Run, held_out: np.ndarray, moved: np.ndarray) -> None:
    loss, accuracy = judge(run.kind, run.weights, run.numbers, *_shown(run.network, held_out))
    run.loss.append(float(loss))
    run.accuracy.append(float(accuracy))
    run.updates.append(moved)


def _so_far(runs: Sequence[_Run], total: int, steps: np.ndarray) -> Trained:
    return Trained(
        tuple(run.network for run in runs), total, steps, np.array([run.loss for run in runs]),
        np.array([run.accuracy for run in runs]), tuple(np.array(run.updates) for run in runs),
    )  # fmt: skip
