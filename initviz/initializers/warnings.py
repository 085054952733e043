"""What sizes and a dtype do to a draw, in words."""

import jax.numpy as jnp
import numpy as np

from initviz.laws.ensembles import Ensemble
from initviz.laws.lost import Lost, least
from initviz.wording import plain, several, share_of

MENDED = "Draw in float32 and cast the weights to avoid it."


def draw_warnings(ensemble: Ensemble, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
    """What the reference does without a word: nothing drawn, weights that the dtype cannot hold, few values."""
    if 0 in shape:
        return (f"Shape {shape} holds no weights: one of its sizes is 0.",)
    if not jnp.issubdtype(dtype, jnp.inexact):
        return ()
    lost = ensemble.lost(dtype)
    return _lost(ensemble, lost, dtype) + _small(ensemble, lost, dtype) + _few_values(ensemble, dtype)


def _lost(ensemble: Ensemble, lost: Lost, dtype: np.dtype) -> tuple[str, ...]:
    """What becomes of weights that the dtype cannot hold, and why; of eight bits it is told beside their values."""
    if ensemble.independent and jnp.finfo(dtype).bits < 16:
        return ()
    info, advice, found = jnp.finfo(dtype), "scale or a wider dtype.", []
    largest, beyond = plain(float(info.max), 2), lost.infinite + lost.nan
    if beyond:
        endless = not np.isnan(np.array(np.inf).astype(dtype))
        found.append(
            f"{dtype} ends at {largest}" + " and has no infinity" * (not endless) + ": what is beyond becomes "
            f"{'infinite' if endless else 'NaN'}, here {share_of(beyond)}. Use a smaller {advice}"
        )
    if lost.endless:
        found.append(
            f"A cut at infinity: jax rounds the last uniforms to ±1, where its inverse error function is infinite, and "
            f"cuts their weights at {largest} standard deviations, here {share_of(lost.endless)}. Give a finite cut."
        )
    if lost.zeros:
        found.append(
            f"{dtype} keeps nothing between 0 and {plain(least(dtype), 2)}: what is smaller becomes 0, be it a weight "
            f"or, as the variance, a step on the way to it, here {share_of(lost.zeros)}. Use a larger {advice}"
        )
    if lost.crushed:
        found.append(
            f"{dtype} has few digits below {plain(float(info.tiny), 2)}: there the spread of the weights, or the "
            f"variance that it is made from, is rounded far off. Use a larger {advice}"
        )
    return tuple(found)


def _small(ensemble: Ensemble, lost: Lost, dtype: np.dtype) -> tuple[str, ...]:
    """Weights with few digits."""
    if lost or np.ndim(getattr(ensemble, "value", 0)):
        return ()
    sizes = [law.power**0.5 for law in ensemble.laws] or [abs(getattr(ensemble, "value", 1.0))]
    typical, smallest = min((size for size in sizes if size), default=0.0), float(jnp.finfo(dtype).tiny)
    if 0 < typical < smallest:
        return (
            f"Weights of about {plain(typical, 2)} are below {plain(smallest, 2)}, the smallest normal number of "
            f"{dtype}: they have few digits or are 0. Use a larger scale or a wider dtype.",
        )
    return ()


def _few_values(ensemble: Ensemble, dtype: np.dtype) -> tuple[str, ...]:
    """What a small dtype does to a draw, from the list of all values that it can produce."""
    if not ensemble.laws or ensemble.complex or jnp.finfo(dtype).bits > 16:
        return ()
    count = 2 ** jnp.finfo(dtype).nmant
    if jnp.finfo(dtype).bits == 16:
        return (
            f"jax draws {dtype} from only {count} distinct values, with gaps, cut tails and a shifted mean. {MENDED}",
        )
    values = ensemble.laws[-1].attainable(dtype).astype(np.float32)
    kinds = {"NaN": np.isnan(values), "infinite": np.isinf(values), "0": values == 0}
    of_largest = " at the largest scale" * (len(ensemble.laws) > 1)
    found = ", ".join(f"{int(each.sum())} of them {kind}" for kind, each in kinds.items() if each.any())
    few = several(count, "equally likely value") + f"{of_largest} ({found})" * bool(found)
    return (f"jax draws {dtype} from only {few}: the exact law does not hold. {MENDED}",)
