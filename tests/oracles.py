"""What tests compare with: the reference's initializers, one case per name and variant, ulps, and standard errors."""

from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
import pytest
from flax.nnx import initializers as reference  # noqa: F401 - for the tests

import initviz.initializers as ours

SIGMAS = 5  # standard errors allowed: with a fixed key a pass is a pass for good, and 5 are missed once in 1.7 million


@dataclass(frozen=True)
class Case:
    """One initializer with its arguments, and shapes that it takes."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    small: tuple[int, ...] = (7, 5)
    """A shape for comparisons, the same for all cases where possible, since eager jax compiles every new shape."""
    large: tuple[int, ...] = (256, 192)
    """A shape for statistics."""
    complex: bool = False
    """Whether the reference draws complex dtypes."""

    def __str__(self):
        return "-".join([self.name, *(str(value) for value in self.arguments.values())])

    def build(self, module=ours):
        """The initializer, made by a module with the reference's names."""
        function = getattr(module, self.name)
        return function if self.name in ours.THEMSELVES else function(**self.arguments)

    def ulps_off(self, dtype) -> int:
        """Ulps by which a draw may differ from the reference's: 0 where both round alike, else 4.

        Real truncated normals, complex normals and orthogonal matrices are one compiled function in jax, in which XLA
        may round otherwise than operation by operation. Real normals got their order of operations in jax 0.12.
        """
        is_normal = self.name == "normal" or self.arguments.get("distribution") == "normal"
        if np.issubdtype(dtype, np.complexfloating):
            return 4 * (is_normal or self.is_orthogonal)
        is_truncated = self.arguments.get("distribution", self.name).endswith("_normal")
        return 4 * (is_truncated or self.is_orthogonal or (is_normal and OLD_JAX))

    @property
    def scale(self) -> float | None:
        """What an ulp is counted of where it is not the weight itself: QR mixes the entries of a matrix."""
        return self.build().scale if self.is_orthogonal else None

    @property
    def is_orthogonal(self) -> bool:
        return self.name.endswith("orthogonal")

    @property
    def ignores_key(self) -> bool:
        return self.name in CONSTANTS


SCALING = {"lecun": 1.0, "glorot": 1.0, "xavier": 1.0, "he": 2.0, "kaiming": 2.0}
CONSTANTS = ("constant", "zeros", "zeros_init", "ones", "ones_init")
KERNEL = {"small": (3, 4, 6), "large": (5, 48, 64)}
CASES = [
    *(
        Case("variance_scaling", {"scale": 1.7, "mode": mode, "distribution": distribution}, complex=True)
        for mode, distribution in [
            ("fan_in", "truncated_normal"),
            ("fan_out", "normal"),
            ("fan_avg", "uniform"),
            ("fan_geo_avg", "normal"),
        ]
    ),
    *(Case(f"{name}_{law}", complex=True) for name in SCALING for law in ("normal", "uniform")),
    Case("normal", {"stddev": 5.0}, complex=True),
    Case("truncated_normal"),
    Case("truncated_normal", {"stddev": 0.3, "lower": -1.0, "upper": 2.5}),
    Case("uniform", {"scale": 0.7}),
    Case("orthogonal", complex=True),
    Case("orthogonal", {"scale": 1.5, "column_axis": 0}, complex=True),
    Case("delta_orthogonal", {"scale": 0.5}, **KERNEL, complex=True),
    Case("constant", {"value": -7}, complex=True),
    *(Case(name, complex=True) for name in CONSTANTS[1:]),
]
ALIASES = ("xavier", "kaiming")  # the same objects as glorot and he
DISTINCT_CASES = [case for case in CASES if not case.name.startswith(ALIASES)]
COMPLEX_CASES = [case for case in CASES if case.complex]
OLD_JAX = jax.__version_info__ < (0, 12)


def ulps(ours, theirs, of=None) -> float:
    """Largest distance of two arrays in units of the last place of `of`, by default of the second one's modulus.

    Of complex arrays both parts are compared, each in units of the modulus.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    if not ours.size or np.array_equal(ours, theirs):
        return 0.0
    real = theirs.real.dtype
    modulus = np.abs(theirs) if of is None else np.full(theirs.shape, of)
    unit = np.spacing(modulus.astype(real)).astype(float)
    distances = [
        ours.real.astype(float) - theirs.real.astype(float),
        ours.imag.astype(float) - theirs.imag.astype(float),
    ]
    return float(np.max(np.abs(distances) / unit))


def cdf_deviation(marginal, values) -> float:
    """Distance of the share of values at most x from the law's cdf, in standard errors, largest over 64 quantiles."""
    values = np.sort(np.asarray(values, float).ravel())
    x = np.unique(marginal.quantile(np.linspace(0.005, 0.995, 64)))
    x = x + np.abs(x) * 1e-6  # an atom rounded to the dtype still lies at most here
    expected = marginal.cdf(x)
    found = np.searchsorted(values, x, side="right") / values.size
    spread = np.sqrt(expected * (1 - expected) / values.size) + 1 / values.size
    return float(np.max(np.abs(found - expected) / spread))


def mean_deviation(marginal, values) -> float:
    """Distance of the sample mean from the law's, in standard errors."""
    return abs(np.mean(values, dtype=float) - marginal.mean) / (marginal.std / np.size(values) ** 0.5)


def variance_deviation(marginal, values) -> float:
    """Distance of the sample's mean squared distance from the law's mean from the variance, in standard errors."""
    squared = np.mean((np.asarray(values, float) - marginal.mean) ** 2)
    spread = marginal.variance * ((marginal.kurtosis - 1) / np.size(values)) ** 0.5
    return abs(squared - marginal.variance) / spread


def real_parts(law, trials: int, weights: int, seed: int) -> np.ndarray:
    """Pooled real parts of draws of so many weights, from SciPy's generators: (trials, count)."""
    random = np.random.default_rng(seed)

    def drawn(of):
        return of.family.rvs(*of.shape_arguments, of.loc, of.scale, size=(trials, weights), random_state=random)

    if not law.complex:
        return drawn(law.distribution)
    radius = np.sqrt(drawn(law.modulus_squared))
    angle = random.uniform(0, 2 * np.pi, radius.shape)
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def refused(kind, message, call, *args, **settings):
    """Fail unless the call is refused with that kind of exception and in these very words."""
    with pytest.raises(kind) as refusal:
        call(*args, **settings)
    assert str(refusal.value) == message
