"""Integrals over normal numbers: Gauss–Legendre in panels between kinks, halved until that changes nothing."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

POINTS = 16
"""Of the rule in each panel."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(POINTS)
PANELS = 12
"""Of equal width, before they are split at kinks and halved."""
TOLERANCE = 1e-12
"""Of the integral of the absolute value: what halving all panels may change."""
HALVINGS, HALVINGS_OF_TWO = 8, 4
REACHES = (12.0, 37.0)
"""How far in standard deviations an integral goes; the second if there is something left at the first."""
AROUND = np.array([-9.0, -4.0, -1.5, 0.0, 1.5, 4.0, 9.0])
"""Edges of panels around a kink that is smoothed, in units of its width."""
TINY = 1e-300
"""What no size is below: as good as 0 in double precision, and above it."""

Function = Callable[[np.ndarray], np.ndarray]


class NotIntegrableError(ValueError):
    """An integral does not converge to the tolerance: what is integrated is too rough."""


class UnboundedError(NotIntegrableError):
    """It does not converge, or to what is beyond all numbers: what is integrated grows too fast."""


def density(z: float | np.ndarray) -> Any:
    """Of a normal number with mean 0 and variance 1."""
    return np.exp(-np.square(z) / 2) / math.sqrt(2 * math.pi)


def expected(f: Function, edges: npt.ArrayLike = ()) -> float:
    """E f(z), to 1e-12 of E |f(z)|; f may have kinks and jumps at these edges of panels, and nowhere else.

    >>> round(expected(abs, [0.0]) ** 2 * np.pi, 10)
    2.0

    Raises:
        UnboundedError: f grows too fast.
        NotIntegrableError: f is too rough.
    """
    for reach in REACHES:

        def integral(parts: int, reach: float = reach) -> tuple[float, float, float]:
            z, weights = _rule(_edges(parts, reach, edges))
            terms = f(z) * weights * density(z)
            sizes = np.abs(terms)
            return float(terms.sum()), float(sizes.sum()), float(sizes[np.abs(z) > reach - 1].sum())

        found, size, beyond = _halved(integral, HALVINGS)
        if beyond <= TOLERANCE * size:
            return found
    raise UnboundedError


def expected_of_two(
    f: Function, c: float, kinks: npt.ArrayLike = (), marks: npt.ArrayLike = (),
    tolerance: float = TOLERANCE, halvings: int = HALVINGS_OF_TWO,
) -> float:  # fmt: skip
    """E f(z₁) f(z₂) of two normal numbers with the correlation c, to a tolerance of E f².

    Both have a part in common, given which they are independent: E F(z)² with F(z) = E f(√c z + √(1−c) z′), where for a
    negative c one of them has the common part with the other sign. `marks` are edges of panels without kinks of f.

    Raises:
        UnboundedError: f grows too fast.
        NotIntegrableError: f is too rough.
    """
    kinks, marks = np.asarray(kinks, float), np.asarray(marks, float)
    inner = np.append(kinks, marks)
    square = expected(lambda z: f(z) ** 2, inner)
    common, own = math.sqrt(abs(c)), math.sqrt(1 - abs(c))
    outer = np.append(kinks[:, None] + own * AROUND, marks) / common if common else ()
    for reach in REACHES:

        def integral(parts: int, reach: float = reach) -> tuple[float, float, float]:
            z, weights = _rule(_edges(parts, reach, outer))
            weights = weights * density(z)
            both = [_smoothed(f, sign * common * z, own, parts, reach, inner) for sign in ((1, math.copysign(1, c)))]
            sizes = weights * (both[0] ** 2 + both[1] ** 2) / 2
            return (
                float((weights * both[0] * both[1]).sum()),
                float(sizes.sum()),
                float(sizes[abs(z) > reach - 1].sum()),
            )

        found, _, beyond = _halved(integral, halvings, square, tolerance)
        if beyond <= tolerance * square:
            return found
    raise UnboundedError


def _smoothed(
    f: Function, centers: np.ndarray, width: float, parts: int, reach: float, inner: np.ndarray
) -> np.ndarray:
    """E f(center + width z) at each center."""
    z, weights = _rule(_edges(parts, reach, (inner - centers[:, None]) / width))
    return (f(centers[:, None] + width * z) * weights * density(z)).sum(axis=1)


def _edges(parts: int, reach: float, kinks: npt.ArrayLike) -> np.ndarray:
    """Edges from −reach to reach, with all kinks among them, of panels in so many equal parts; along the last axis."""
    within = np.clip(np.asarray(kinks, float), -reach, reach)
    even = np.linspace(-reach, reach, PANELS + 1)
    edges = np.sort(np.concatenate([np.broadcast_to(even, (*within.shape[:-1], even.size)), within], axis=-1))
    start, width = edges[..., :-1, None], np.diff(edges)[..., None]
    inner = (start + width * np.arange(parts) / parts).reshape(*edges.shape[:-1], -1)
    return np.concatenate([inner, edges[..., -1:]], axis=-1)


def _rule(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the rule in all panels; along the last axis."""
    middle, half = (edges[..., 1:] + edges[..., :-1]) / 2, (edges[..., 1:] - edges[..., :-1]) / 2
    flat = (*edges.shape[:-1], -1)
    return (middle[..., None] + half[..., None] * NODES).reshape(flat), (half[..., None] * WEIGHTS).reshape(flat)


def _halved(
    integral: Callable[[int], tuple[float, float, float]],
    halvings: int,
    least: float = TINY,
    tolerance: float = TOLERANCE,
) -> tuple[float, float, float]:
    """The integral with as many panels as it needs, its size, `least` at least, and how much lies at its ends."""
    before = integral(1)
    for halving in range(1, halvings + 1):
        found = integral(2**halving)
        if not math.isfinite(found[1]):
            raise UnboundedError
        if abs(found[0] - before[0]) <= tolerance * max(found[1], least):
            return found
        before = found
    raise NotIntegrableError


def nodes(edges: npt.ArrayLike = (), parts: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights, the density among them; 4 parts of a panel are enough for 256 Hermite polynomials."""
    z, weights = _rule(_edges(parts, REACHES[0], edges))
    return z, weights * density(z)


def normalized_hermite(z: np.ndarray, count: int) -> np.ndarray:
    """The first `count` Hermite polynomials at z, (count, points), of which E h(z)² is 1."""
    found = [np.ones_like(z), z]
    for k in range(1, count - 1):
        found.append((z * found[k] - math.sqrt(k) * found[k - 1]) / math.sqrt(k + 1))
    return np.array(found)
