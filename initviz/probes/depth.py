"""Depth: singular values of a product of layers."""

import math
from dataclasses import dataclass

import jax
import numpy as np

from initviz import engine
from initviz.initializers.plan import Plan
from initviz.laws.ensembles import Ensemble
from initviz.matrices.svd import singular_values
from initviz.matrices.unfolding import unfold
from initviz.probes.base import Probe, ignore
from initviz.settings.knobs import Count
from initviz.spectra import FussCatalan, Points, Spectrum, lyapunov_exponents
from initviz.wording import plain, several

LARGEST_WIDTH = 512
"""Most rows of a layer here, so that a product takes no longer than a drag; the title gives the size."""
WEAK_MEAN = 0.5
"""Mean of the entries, in units of the one that makes an outlier at this width, up to which the law of wide layers is
drawn: there the largest of simulated products is up to 0.35 standard deviations larger, at 0.75 up to 0.8."""
LIMIT = 8
"""Least width over depth at which the law of wide layers is drawn: below, its largest value is no longer known."""


@dataclass(frozen=True, eq=False)
class DepthResult:
    """Singular values of a product of `layers` square layers."""

    plan: Plan
    """Of one layer."""
    layers: int
    singular_values: np.ndarray
    """Descending, computed in double precision; those below `floor` are lost in rounding."""
    floor: float
    law: Spectrum | None
    note: str


class Depth(Probe):
    """The product W₁ W₂ … of layers of equal width, drawn independently by the same initializer."""

    title = "Depth"
    arguments = ("layers",)

    layers = Count(5, bounds=(1, 100), softbounds=(1, 50), doc="How many layers are multiplied")

    def answer(self, result, progress=ignore):
        """Singular values of the product and their law.

        Raises:
            ValueError: the initializer does not draw square matrices.
        """
        question, width = result.question, min(*(result.unfolding.size if result.unfolding else (0, 0)), LARGEST_WIDTH)
        if not width:
            raise ValueError("a product needs weights to multiply, got none. Choose a shape without a size of 0.")
        try:
            plan = question.initializer.plan((width, width), question.dtype)
        except (TypeError, ValueError, IndexError) as refusal:
            raise ValueError(
                f"a product needs square layers, got {result.plan.initializer}, which draws no {width} × {width} "
                f"matrix: {refusal}"
            ) from None
        product = np.eye(width)
        with question.in_force(), np.errstate(over="ignore", invalid="ignore"):  # said below
            for layer in range(self.layers):
                key = jax.random.fold_in(question.key, layer)
                weights = engine.draw(plan.ensemble, key, plan.shape, plan.dtype)
                product = product @ _double(unfold(plan.shape, (1,)).matrix(np.asarray(weights)))
                progress((layer + 1) / (self.layers + 1))
        if not np.isfinite(product).all():
            raise ValueError(
                f"the product of {several(self.layers, 'layer')} is not finite: the weights are NaN or too large. "
                "Choose fewer layers, a smaller scale or a wider dtype."
            )
        values = singular_values(product)
        law, note = product_law(plan.ensemble, width, self.layers)
        return DepthResult(plan, self.layers, values, float(values[0]) * width * np.finfo(float).eps, law, note)


def _double(weights: np.ndarray) -> np.ndarray:
    return weights.astype(complex if np.iscomplexobj(weights) else float)


def product_law(ensemble: Ensemble, width: int, layers: int) -> tuple[Spectrum | None, str]:
    """The law of the singular values of a product of square layers, or None and why there is none."""
    if ensemble.block:
        return Points.repeated(float(ensemble.block.scale) ** layers, width), ""
    if ensemble.law is None or not ensemble.law.power:
        return None, "No law of products is known for this initializer."
    strength = abs(ensemble.marginal.mean) * math.sqrt(width / ensemble.law.power)
    if strength > WEAK_MEAN:
        what = "rules the product" if strength >= 1 else "is near the size from which it rules the product"
        return None, (
            f"The entries have a mean, {plain(strength)} times the one that makes an outlier at this width, which "
            f"{what}: no law of wide layers is drawn."
        )
    if width < LIMIT * layers:
        note = (
            f"The law of wide layers (Fuss–Catalan) needs a width far above the depth; {width} is less than "
            f"{LIMIT} × {layers}, so it is not drawn."
        )
        if ensemble.law.gaussian and not ensemble.complex:
            growth = ensemble.law.power**0.5 * math.exp(lyapunov_exponents(width)[0])
            note += f" In the long run every layer multiplies the largest value by {plain(growth)} (Newman 1986)."
        return None, note
    alone = ensemble.spectrum(width, width) if layers == 1 else None
    law = ensemble.law
    return FussCatalan(width, law.power**0.5, layers, ensemble.complex, law.gaussian, alone), ""
