"""What theory says of signals and gradients in a network: the limit of wide layers, and a band for this width."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from initviz.engine.passes import EPSILON
from initviz.networks.inputs import correlations_of
from initviz.networks.moments_at import MomentsAt, exactly, interpolated
from initviz.networks.network import Network
from initviz.propagation.quadrature import TINY, NotIntegrableError, UnboundedError
from initviz.propagation.series import products
from initviz.wording import cut

COVERAGE = 0.99
CHAINS = 2000
"""Simulated networks of which the band is made."""
SPAN = 1e4
"""By which factor variances of chains may differ from the limit's."""
SMALL = 1e-9
NARROWEST_BAND = 16
"""Width from which on there are bands: in narrower layers it matters how many units are active."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """Theory of every layer, for normal or orthogonal weights without a mean, and one input."""

    square: np.ndarray
    """Mean square of h in wide layers."""
    gradient: np.ndarray
    """Mean square of the gradient with respect to h, of which that of what leaves is 1; infinite beyond 1e308."""
    correlation: np.ndarray | None
    """Of h for both inputs of a pair, the mean over pairs; None of residual networks and those with norms, and of
    one-hot inputs of weights that are not normal. NaN from the layer on from which products are not known."""
    square_band: np.ndarray | None
    """Between which all layers of a network lie together in 99 % of networks of this width, for one input: (2, layers).

    None of layers narrower than `NARROWEST_BAND`, and of residual networks without a norm whose activation has a mean,
    such as relu: signals and gradients of all layers have a direction in common there, by which gradients of narrow
    networks are several times the limit. None with factors, which may follow from the weights, and of one-hot inputs of
    weights that are not normal, by whose fourth moment the first layer differs.
    """
    gradient_band: np.ndarray | None
    """The same of gradients."""
    leaves: np.ndarray
    """Mean square of what leaves a layer, in wide layers."""


class _Layer(NamedTuple):
    """What a forward pass leaves for the backward one, of each chain."""

    q: np.ndarray
    """Expected mean square of h, given what enters."""
    own: np.ndarray
    """Relative variance of h² of a unit, given what enters, that the norm of what enters does not fix."""
    before: np.ndarray
    """Factor of the square of a gradient in a norm before the weights."""
    after: np.ndarray
    """The same in a norm of what leaves."""
    moments: MomentsAt
    leaves: np.ndarray
    """Expected mean square of what leaves."""


@np.errstate(over="ignore", invalid="ignore")  # what is beyond all numbers is said as infinity, or refused
def predict(network: Network, bands: bool = True) -> Predicted:
    """What signals and gradients do in a network, and between what they lie in 99 % of networks of its width.

    Weights of a layer are taken as normal, or as a multiple of an orthogonal matrix, which they are or of which they
    have the first two moments. Given what enters, the mean square of what leaves is a mean over `width` independent
    units, whose fluctuations add up from layer to layer (Hanin & Nica 2018 for relu); for orthogonal weights, which
    keep a norm, only those that the norm does not fix.

    >>> found = predict(Network(depth=20, width=100))
    >>> found.square[-1].round(6), found.square_band[:, -1].round(1)
    (np.float64(2.0), array([ 0. , 32.3]))

    Args:
        network: what it is of.
        bands: whether to say between what they lie, which takes most of the time.

    Raises:
        ValueError: weights have a mean, of which the limit is another one; the signal grows beyond all bounds, or so
            far that the activation is not integrated; or its slope has no finite mean square.
    """
    if refusal := _without_theory(network):
        raise ValueError(refusal)
    moments = network.function.moments
    moments.slope_square(1.0)  # or there is no theory of gradients
    try:
        limit = _forward(network, exactly(network.function), None)
        q, leaves = np.array([layer.q[0] for layer in limit]), np.array([layer.leaves[0] for layer in limit])
        if not np.isfinite([q, leaves]).all():
            raise OverflowError
        moments_at = interpolated(network.function, q.min() / SPAN, q.max() * SPAN) if q.all() and bands else None
    except (UnboundedError, OverflowError):
        raise ValueError(
            f"the theory is of signals that stay finite, got one that does not in {network.initializer} and "
            f"{network.activation}. Take smaller weights or biases, or an activation that grows more slowly."
        ) from None
    except NotIntegrableError as problem:  # of a signal that may be finite
        raise ValueError(
            f"{problem} Or take smaller weights or biases: with {network.initializer} a signal gets that variance."
        ) from None
    if not q.all():
        return Predicted(q, np.zeros_like(q), None, None, None, leaves)
    gradient, correlation = _backward(network, limit, None)[:, 0], _correlation(network, q)
    common = network.branch and not network.norm and abs(moments.mean(q[-1])) > SMALL * math.sqrt(q[-1])
    has_band = network.width >= NARROWEST_BAND and network.starts_normal and not (common or network.factors)
    if not (bands and has_band):
        return Predicted(q, gradient, correlation, None, None, leaves)
    chance = np.random.default_rng(0)
    chains = _forward(network, moments_at, chance)
    squares = np.array([layer.q for layer in chains])
    squares = squares * _shaken(chance, squares.shape, np.array([layer.own for layer in chains]) / network.width)
    return Predicted(q, gradient, correlation, _band(squares), _band(_backward(network, chains, chance)), leaves)


def _without_theory(network: Network) -> str:
    """Why there is no theory of a network; empty where there is."""
    ensemble, of = network.plan.ensemble, network.initializer
    if len(ensemble.laws) > 1 or ensemble.marginal is None:
        return f"the theory is of weights with one variance, got several of {cut(str(of))}. Choose one number."
    if not network.is_centred:
        return (
            f"the theory is of weights with the mean 0, got those of {cut(str(of))}. "
            "Choose a centred initializer, such as he_normal()."
        )
    if not network.weight_variance:
        return f"the theory is of weights that vary, got those of {cut(str(of))}. Choose for instance he_normal()."
    if network.kind == "conv same" and not network.is_orthogonal:
        return (
            "the theory is of convolutions whose positions are all alike, got 'conv same', at whose border zeros "
            "enter. Choose 'conv circular'."
        )
    any_law = network.function.moments.keeps_scale  # that is even
    if not network.starts_normal and not (any_law and network.branch is None and network.norm != "layer"):
        return (
            f"the theory is of signals that are normal, got one-hot inputs of weights that are not, {cut(str(of))}. "
            "Choose gaussian inputs, or weights that are normal, such as variance_scaling(2, 'fan_in', 'normal')."
        )
    return ""


def _shaken(chance: np.random.Generator | None, shape: tuple[int, ...], relative: Any) -> Any:
    """Random factors with mean 1 and these relative variances, gamma as the mean of squares is; 1 without chance."""
    if chance is None:
        return 1.0
    spread = np.maximum(relative, SMALL)
    return chance.gamma(1 / spread, spread, shape)


def _forward(
    network: Network, moments_at: Callable[[np.ndarray], MomentsAt], chance: np.random.Generator | None
) -> list[_Layer]:
    """Every layer of many chains, each a network of this width; or of one, in the limit of wide layers."""
    chains, width = (1 if chance is None else CHAINS,), network.width
    square, mean, branch, found = np.full(chains, network.input_std**2), np.zeros(chains), network.branch, []
    shared = np.zeros(chains)  # the mean over units, which a layer norm takes off, and `square` is without it
    if network.inputs == "gaussian":  # of others the mean square is input_std²
        square = square * _shaken(chance, chains, 2 / width)
    for weight_variance in network.weight_variances:
        enters, before = square, np.ones(chains)
        if network.norm and not network.norm_after:
            before = square + EPSILON
            enters = square / before
        q = weight_variance * enters + network.bias_variance
        at = moments_at(q)
        kept = np.zeros_like(q)
        if network.is_orthogonal:  # which keep a norm, as biases do not
            kept = (weight_variance * enters / np.maximum(q, TINY)) ** 2
        fixed = 2 * at.growth**2 * kept
        leaves = at
        if network.norm == "layer":
            leaves, shared = at.centred, at.mean if branch is None else shared + branch * at.mean
        out = leaves.square * _shaken(chance, chains, (leaves.spread - fixed) / width)
        if branch is None:
            square, mean = out, leaves.mean
        else:
            crossed = 2 * branch * mean * leaves.mean
            square, mean = square + branch**2 * out + crossed, mean + branch * leaves.mean
            square = np.maximum(square, TINY)
            square = square * _shaken(chance, chains, 4 * branch**2 * out / square / width)
        after = np.ones(chains)
        if network.norm_after and network.norm:
            after = square + EPSILON
            square, mean, shared = square / after, mean / np.sqrt(after), np.zeros(chains)
        found.append(_Layer(q, 2 - 2 * kept, before, after, at, square + shared**2))
    return found


def _backward(network: Network, layers: list[_Layer], chance: np.random.Generator | None) -> np.ndarray:
    """Mean square of the gradient with respect to h, (layers, chains)."""
    found, width, own = [], network.width, 0.0 if network.is_orthogonal else 2.0
    gradient = np.ones_like(layers[-1].q) * _shaken(chance, layers[-1].q.shape, 2 / width)
    for layer, weight_variance in zip(layers[::-1], network.weight_variances[::-1], strict=True):
        leaves = gradient / layer.after
        slopes = layer.moments.slope_square * (1 if network.branch is None else network.branch**2)
        of_h = leaves * slopes * _shaken(chance, leaves.shape, (3 * layer.moments.slope_fourth - 3) / width)
        through = of_h * weight_variance / layer.before * _shaken(chance, leaves.shape, own / width)
        gradient = through if network.branch is None else leaves + through
        found.append(of_h)
    return np.array(found[::-1])


def _band(chains: np.ndarray) -> np.ndarray | None:
    """Between which whole curves of chains, (layers, chains), lie with the probability `COVERAGE`; None if some end."""
    if not ((chains > 0) & (chains < math.inf)).all():
        return None
    logarithms = np.log(chains)
    middle, spread = logarithms.mean(axis=1), np.maximum(logarithms.std(axis=1), 1e-9)
    farthest = np.abs((logarithms - middle[:, None]) / spread[:, None]).max(axis=0)
    reach = np.quantile(farthest, COVERAGE) * spread
    return np.exp(np.array([middle - reach, middle + reach]))


def _correlation(network: Network, q: np.ndarray) -> np.ndarray | None:
    """Of h for both inputs of a pair, in plain networks; None of others."""
    if network.branch is not None or network.norm or not network.starts_normal:
        return None
    function, found = network.function, []
    entered = np.array(correlations_of(network)) * network.input_std**2
    if not entered.size:
        return None
    for size, weight_variance in zip(q.tolist(), network.weight_variances.tolist(), strict=True):
        c = np.minimum((weight_variance * entered + network.bias_variance) / size, 1.0) if size else entered * np.nan
        entered = products(function, size, c) if size else entered * 0
        found.append(c.mean())
    return np.array(found)
