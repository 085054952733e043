"""Marginal laws: density, distribution function, quantiles and moments agree with each other."""

from itertools import pairwise

import numpy as np
import pytest
from oracles import SIGMAS, cdf_deviation, mean_deviation, variance_deviation
from scipy import integrate

from initviz.laws.complex import ComplexNormal, ComplexTruncatedNormal, Disk
from initviz.laws.marginals import EitherOf, PointMass, Sparse, Sphere, sphere
from initviz.laws.real import Normal, TruncatedNormal, Uniform

DENSE = [
    Normal(0.7),
    Uniform(2.0),
    Uniform(2.0, low=-1.0),
    TruncatedNormal(0.3),
    TruncatedNormal(2.0, -1.0, 2.5),
    TruncatedNormal(1.0, 0.5, 3.0),
    ComplexNormal(1.5),
    Disk(0.8),
    ComplexTruncatedNormal(1.2),
    Sphere(1.5, 3),
    Sphere(1.0, 5),
    Sphere(2.0, 64),
]
SINGULAR = [Sphere(1.5, 2)]  # the arcsine law, whose density is infinite at both ends
ATOMIC = [
    PointMass(-2.5),
    EitherOf(-1.5, 1.5),
    Sparse(Sphere(0.5, 16), 1 / 9),
    Sparse(Sphere(0.5, 2), 1 / 3),
    Sparse(EitherOf(-2.0, 2.0), 1 / 5),
    Sparse(Uniform(1.0, low=-1.0), 0.25),
    Sparse(Normal(1.0), 1.0),
]
every_law = pytest.mark.parametrize("law", DENSE + SINGULAR + ATOMIC, ids=str)


def inner_ends(law):
    """An interval that holds all but 2e-9 of the continuous part."""
    return law.distribution.ppf([1e-9, 1 - 1e-9])


@pytest.mark.parametrize("law", [law for law in DENSE + SINGULAR + ATOMIC if law.distribution], ids=str)
def test_the_density_integrates_to_the_continuous_mass_and_to_the_cdf(law):
    low, high = inner_ends(law)
    points = np.linspace(low, high, 9)
    atoms = [value for value, _ in law.atoms]
    for a, b in pairwise(points):
        mass, error = integrate.quad(law.pdf, a, b, limit=200)
        jump = sum(p for value, p in law.atoms if a < value <= b)
        assert law.cdf(b) - law.cdf(a) == pytest.approx(mass + jump, abs=1e-8 + error)
    assert all(law.pdf(np.array([low - 1, high + 1])) <= 1e-6)
    total = integrate.quad(law.pdf, low, high, limit=400, points=atoms or None)[0]
    assert total == pytest.approx(law.continuous_mass, abs=1e-7)


@every_law
def test_the_cdf_rises_from_0_to_1_over_the_support(law):
    low, high = law.support
    low, high = max(low, -1e3), min(high, 1e3)
    x = np.linspace(low - 1, high + 1, 2001)
    values = law.cdf(x)
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert values[-1] == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(values) >= 0)
    assert law.cdf(high) == pytest.approx(1, abs=1e-12)


@every_law
def test_the_quantile_is_the_smallest_x_with_cdf_at_least_p(law):
    p = np.concatenate([np.linspace(0.001, 0.999, 99), [0.25, 0.5, 0.75, 1 / 3]])
    x = law.quantile(p)
    assert x.shape == p.shape
    assert np.all(np.diff(law.quantile(np.sort(p))) >= 0)
    assert np.all(law.cdf(x) >= p - 1e-9)
    step = 1e-6 * np.maximum(np.abs(x), law.std or 1)
    assert np.all(law.cdf(x - step) <= p + 1e-9)
    for value, mass in law.atoms:  # every probability inside the jump maps to the atom
        top = float(law.cdf(value))
        assert law.quantile(top - mass / 2) == value


@every_law
def test_moments_are_those_of_the_density_and_the_atoms(law):
    def central(power):
        atoms = sum(p * (value - law.mean) ** power for value, p in law.atoms)
        if law.distribution is None:
            return atoms
        low, high = inner_ends(law)
        points = np.linspace(low, high, 9)
        density = sum(
            integrate.quad(lambda x: (x - law.mean) ** power * law.pdf(x), a, b, limit=200)[0]
            for a, b in pairwise(points)
        )
        return atoms + density

    assert central(1) == pytest.approx(0, abs=1e-7)
    assert central(2) == pytest.approx(law.variance, rel=1e-6, abs=1e-12)
    assert law.std == pytest.approx(law.variance**0.5)
    if np.isfinite(law.kurtosis):
        assert central(4) / law.variance**2 == pytest.approx(law.kurtosis, rel=1e-5)
    else:
        assert law.distribution is None


@pytest.mark.parametrize("law", DENSE + SINGULAR, ids=str)
def test_draws_from_the_quantiles_pass_the_statistics_used_elsewhere(law):
    values = law.quantile(np.random.default_rng(1).random(4_000))
    assert cdf_deviation(law, values) < SIGMAS
    assert mean_deviation(law, values) < SIGMAS
    assert variance_deviation(law, values) < SIGMAS
    # and they would notice a law that is 20 % too wide
    assert max(variance_deviation(law, 1.2 * values), cdf_deviation(law, 1.2 * values)) > SIGMAS


@pytest.mark.parametrize(("dimension", "kind"), [(1, EitherOf), (2, Sphere), (3, Sphere), (100, Sphere)])
def test_a_coordinate_of_a_uniform_point_on_a_sphere(dimension, kind):
    law = sphere(1.5, dimension)
    assert type(law) is kind
    points = np.random.default_rng(2).normal(size=(20_000, dimension))
    points *= 1.5 / np.linalg.norm(points, axis=1, keepdims=True)
    assert cdf_deviation(law, points[:, 0]) < SIGMAS
    assert law.variance == pytest.approx(1.5**2 / dimension)
    assert law.support == pytest.approx((-1.5, 1.5))
    if dimension > 1:
        assert law.kurtosis == pytest.approx(3 * dimension / (dimension + 2))


def test_a_sphere_of_radius_0_is_a_point():
    assert sphere(0.0, 7) == PointMass(0.0)
    assert PointMass(0.0).variance == 0
    assert np.isnan(PointMass(3.0).kurtosis)


def test_the_atoms_of_a_sparse_law_add_up():
    law = Sparse(EitherOf(-2.0, 2.0), 0.2)
    assert dict(law.atoms) == pytest.approx({0.0: 0.8, -2.0: 0.1, 2.0: 0.1})
    assert law.continuous_mass == pytest.approx(0)
    assert law.variance == pytest.approx(0.8)
