"""Moments of functions of normal numbers in closed form: straight and flat sides, erf, sine and cosine."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from initviz.propagation.expressions import Expression, Part, number
from initviz.propagation.moments import Moments
from initviz.propagation.quadrature import expected


def _angle(c: float) -> float:
    """The angle of that cosine, which rounding may have taken beyond 1."""
    return math.acos(min(max(c, -1.0), 1.0))


@dataclass(frozen=True)
class PiecewiseLinear:
    """Slope `left` below 0 and `right` above: linear, relu, leaky relu (Cho & Saul 2009)."""

    left: float
    right: float

    in_closed_form = True
    keeps_scale = True

    @property
    def active_share(self) -> float | None:
        """All, or the half above 0, where the slopes have one size."""
        if abs(self.left) == abs(self.right):
            return 1.0
        return 0.5 if self.left == 0 else None

    @property
    def _half(self) -> float:
        return (self.left**2 + self.right**2) / 2

    def mean(self, q: float) -> float:
        """(right − left) √(q / 2π)."""
        return (self.right - self.left) * math.sqrt(q / (2 * math.pi))

    def square(self, q: float) -> float:
        """Half of q for each side."""
        return self._half * q

    def fourth(self, q: float) -> float:
        """3 q² times the mean of both sides' fourth powers."""
        return 3 * q * q * (self.left**4 + self.right**4) / 2

    def slope_square(self, q: float, power: int = 1) -> float:
        """The mean of both sides'."""
        return (self.left ** (2 * power) + self.right ** (2 * power)) / 2

    def growth(self, q: float) -> float:
        """The same at every size."""
        return self._half

    def product(self, q: float, c: float) -> float:
        """Of two sides of one sign, less those of different signs."""

        def relu(c: float) -> float:
            return (math.sqrt(max(1 - c * c, 0.0)) + c * (math.pi - _angle(c))) / (2 * math.pi)

        return q * (2 * self._half * relu(c) - 2 * self.left * self.right * relu(-c))

    def slope_product(self, q: float, c: float) -> float:
        """By the angle between both."""
        angle = _angle(c)
        return (self._half * (math.pi - angle) + self.left * self.right * angle) / math.pi


@dataclass(frozen=True)
class Steps:
    """`left` below 0 and `right` above: step and sign."""

    left: float
    right: float

    in_closed_form = True
    keeps_scale = False
    active_share = None

    def mean(self, q: float) -> float:
        """That of both sides."""
        return (self.left + self.right) / 2

    def square(self, q: float) -> float:
        """The mean of both sides' squares."""
        return (self.left**2 + self.right**2) / 2

    def fourth(self, q: float) -> float:
        """The mean of both sides' fourth powers."""
        return (self.left**4 + self.right**4) / 2

    def slope_square(self, q: float, power: int = 1) -> float:
        """0, without what the jump would add."""
        return 0.0

    def growth(self, q: float) -> float:
        """The same at every size."""
        return 0.0

    def product(self, q: float, c: float) -> float:
        """By the angle between both."""
        share = _angle(c) / math.pi  # of pairs on different sides
        return (1 - share) * self.square(q) + share * self.left * self.right

    def slope_product(self, q: float, c: float) -> float:
        """0, without what the jump would add."""
        return 0.0


@dataclass(frozen=True)
class Erf:
    """erf(rate · x) (Williams 1997)."""

    rate: float = 1.0

    in_closed_form = True
    keeps_scale = False
    active_share = None

    def mean(self, q: float) -> float:
        """0, as it is odd."""
        return 0.0

    def square(self, q: float) -> float:
        """That of equal arguments."""
        return self.product(q, 1.0)

    def fourth(self, q: float) -> float:
        """By quadrature."""
        return expected(lambda z: special.erf(self.rate * math.sqrt(q) * z) ** 4)

    def slope_square(self, q: float, power: int = 1) -> float:
        """(4 rate² / π)^power / √(1 + 4 power rate² q)."""
        square = self.rate**2
        return (4 * square / math.pi) ** power / math.sqrt(1 + 4 * power * square * q)

    def growth(self, q: float) -> float:
        """4 rate² / (π (1 + 2a) √(1 + 4a)), a = rate² q."""
        a = self.rate**2 * q
        return 4 * self.rate**2 / (math.pi * (1 + 2 * a) * math.sqrt(1 + 4 * a))

    def product(self, q: float, c: float) -> float:
        """2/π arcsin(2 a c / (1 + 2 a)), a = rate² q."""
        a = self.rate**2 * q
        return 2 / math.pi * math.asin(2 * a * c / (1 + 2 * a))

    def slope_product(self, q: float, c: float) -> float:
        """4 rate² / (π √((1 + 2a)² − (2ac)²))."""
        a = self.rate**2 * q
        return 4 * self.rate**2 / (math.pi * math.sqrt((1 + 2 * a) ** 2 - (2 * a * c) ** 2))


@dataclass(frozen=True)
class Sine:
    """sin(rate · x)."""

    rate: float = 1.0

    in_closed_form = True
    keeps_scale = False
    active_share = None

    def mean(self, q: float) -> float:
        """0, as it is odd."""
        return 0.0

    def square(self, q: float) -> float:
        """(1 − exp(−2a)) / 2, a = rate² q."""
        return -math.expm1(-2 * self.rate**2 * q) / 2

    def fourth(self, q: float) -> float:
        """3/8 − exp(−2a)/2 + exp(−8a)/8."""
        a = self.rate**2 * q
        return (math.expm1(-8 * a) - 4 * math.expm1(-2 * a)) / 8

    def slope_square(self, q: float, power: int = 1) -> float:
        """rate^(2 power) E cos^(2 power), by its cosines of multiples."""
        a, n = self.rate**2 * q, 2 * power
        terms = (math.comb(n, k) * math.exp(-2 * (power - k) ** 2 * a) for k in range(n + 1))
        return self.rate**n * math.fsum(terms) / 2**n

    def growth(self, q: float) -> float:
        """rate² exp(−2a)."""
        return self.rate**2 * math.exp(-2 * self.rate**2 * q)

    def product(self, q: float, c: float) -> float:
        """exp(−a) sinh(a c)."""
        a, size = self.rate**2 * q, abs(c)
        return math.copysign(math.exp(-a * (1 - size)) * -math.expm1(-2 * a * size) / 2, c)

    def slope_product(self, q: float, c: float) -> float:
        """rate² exp(−a) cosh(a c)."""
        a = self.rate**2 * q
        return self.rate**2 * (math.exp(-a * (1 - c)) + math.exp(-a * (1 + c))) / 2


@dataclass(frozen=True)
class Cosine:
    """cos(rate · x)."""

    rate: float = 1.0

    in_closed_form = True
    keeps_scale = False
    active_share = None

    def mean(self, q: float) -> float:
        """exp(−a/2), a = rate² q."""
        return math.exp(-(self.rate**2) * q / 2)

    def square(self, q: float) -> float:
        """(1 + exp(−2a)) / 2."""
        return (1 + math.exp(-2 * self.rate**2 * q)) / 2

    def fourth(self, q: float) -> float:
        """3/8 + exp(−2a)/2 + exp(−8a)/8."""
        a = self.rate**2 * q
        return (3 + 4 * math.exp(-2 * a) + math.exp(-8 * a)) / 8

    def slope_square(self, q: float, power: int = 1) -> float:
        """rate^(2 power) E sin^(2 power): of the first two powers those of sine."""
        if power > 2:
            return expected(lambda z: (self.rate * np.sin(self.rate * math.sqrt(q) * z)) ** (2 * power))
        sine = Sine(self.rate)
        return self.rate ** (2 * power) * (sine.square(q) if power == 1 else sine.fourth(q))

    def growth(self, q: float) -> float:
        """−rate² exp(−2a)."""
        return -Sine(self.rate).growth(q)

    def product(self, q: float, c: float) -> float:
        """exp(−a) cosh(a c)."""
        return Sine(self.rate).slope_product(q, c) / self.rate**2

    def slope_product(self, q: float, c: float) -> float:
        """rate² exp(−a) sinh(a c)."""
        return self.rate**2 * Sine(self.rate).product(q, c)


RATED: dict[str, Callable[[float], Moments]] = {"sin": Sine, "cos": Cosine, "erf": Erf}


def closed_form(expression: Expression) -> Moments | None:
    """The moments in closed form of linear, relu, leaky relu, abs, steps, erf, sine and cosine; None of others."""
    zero = number(0.0)
    match expression.whole:
        case Part("x"):
            return PiecewiseLinear(1.0, 1.0)
        case Part("maximum", (Part("x"), side)) if side == zero:
            return PiecewiseLinear(0.0, 1.0)
        case Part(">", (Part("x"), second, Part("x"), Part("*", (Part("number", number=left), Part("x"))))) if (
            second == zero
        ):
            return PiecewiseLinear(left, 1.0)
        case Part("abs", (Part("x"),)):
            return PiecewiseLinear(-1.0, 1.0)
        case Part("sign", (Part("x"),)):
            return Steps(-1.0, 1.0)
        case Part(">" | ">=", (Part("x"), second, Part("number", number=right), Part("number", number=left))) if (
            second == zero
        ):
            return Steps(left, right)
        case Part("sin" | "cos" | "erf" as name, (Part("x"),)):
            return RATED[name](1.0)
        case Part("sin" | "cos" | "erf" as name, (Part("*", (Part("number", number=rate), Part("x"))),)):
            return RATED[name](rate)
    return None
