"""The way into the explorer: the first answer is on its way while Panel and what it needs are imported."""

import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import jax

from initviz.answers.answer import answer
from initviz.study import Study

if TYPE_CHECKING:
    from initviz.explorer.explorer import Explorer


def explore(
    initializer="he_normal",
    law=None,
    *,
    weights=None,
    layer=None,
    shape=None,
    dtype=None,
    seed: int = 0,
    **settings,
) -> "Explorer":
    """An explorer for a notebook cell: `explore("he_normal", shape=(3, 3, 64, 128))`.

    >>> explorer = explore("orthogonal", shape=(4, 3))
    >>> explorer.result.singular_values.round(3).tolist()
    [1.0, 1.0, 1.0]

    Args:
        initializer: an initializer such as `he_normal()`, or its name; or an array of weights, before their law.
        law: the initializer that the weights are compared with.
        weights: an array to look at instead of a draw.
        layer: what holds the weights: an object such as `layers.Conv(inputs=3)`, or its class, name or title.
        shape: of the weights where the layer is not known, as numbers or as text.
        dtype: dtype the weights are drawn in.
        seed: of the key.
        settings: what else `Study` takes, and any argument of the initializer, such as `stddev=0.02`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    study = Study(
        initializer, law, weights=weights, layer=layer, shape=shape, dtype=dtype, seed=seed, **settings
    )  # fmt: skip
    imports = "panel" not in sys.modules and not jax.config.jax_enable_x64  # which may be on in this thread alone
    interrupted = Event()

    def go_on(_share: float) -> None:
        if interrupted.is_set():
            raise CancelledError

    with ThreadPoolExecutor(1) as beside:  # programs are compiled while Python imports
        try:
            first = beside.submit(answer, study.question, go_on) if imports else None
            from initviz.explorer.explorer import Explorer
            from initviz.live.notebook import load

            load(for_sure=False)  # while the explorer is built
            return Explorer(study, first and first.result())
        except BaseException:
            interrupted.set()
            raise
