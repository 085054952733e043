"""What a layer makes of the size of a signal, with an activation before it and without."""

import math

from initviz.fans.by_shape import count_fans
from initviz.initializers.plan import Plan
from initviz.layers.advice import Advice, sizes_of_weights
from initviz.wording import plain

AS_LAYER = "As a dense or convolutional layer it"


def signal(plan: Plan, advice: Advice | None = None) -> str:
    """What becomes of a signal's mean square in one layer, in a sentence; empty where nobody can say.

    Of independent normal values x a layer sums max(0, x) or x itself, times its weights, to y: E y² / E x². The ReLU
    lets half of E x² through (He and others, 2015). Where the layer is not known the shape is read as that of a dense
    or convolutional one, as jax reads it: an output sums what is along all axes but the last.

    >>> from initviz.initializers import he_normal
    >>> signal(he_normal().plan((256, 256)))
    "As a dense or convolutional layer it keeps a signal's mean square after ReLU; without, × 2."

    Args:
        plan: of the weights.
        advice: what the layer sums, where it is known.
    """
    if advice is None:
        if len(plan.shape) < 2:
            return ""
        mean, square = sizes_of_weights(plan)
        terms = count_fans(plan.shape).fan_in
        linear, relu, layer = terms * square, terms * square + terms * (terms - 1) * mean**2 / math.pi, AS_LAYER
    else:
        linear, relu, layer = advice.forward_gain, advice.relu_gain, "The layer"
    if plan.dtype.kind == "c" or not plan.size or relu is None or not math.isfinite(linear + relu):
        return ""
    over = " on average over the slices" * bool(plan.ensemble.apart)
    does = "keeps a signal's mean square" if math.isclose(relu / 2, 1, rel_tol=1e-9) else ""
    does = does or f"takes a signal's mean square × {plain(relu / 2)}"
    return f"{layer} {does} after ReLU{over}; without, × {plain(linear)}."
