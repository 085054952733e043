"""What stands behind the names of views: labs and closer looks, each made when its view is first opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from initviz.explorer.tensors import open_tensor
from initviz.live.look import Look
from initviz.study.study import COMPARE, MODEL, NETWORK
from initviz.widgets.closer import Closer
from initviz.widgets.comparison import comparison_room
from initviz.widgets.looks import LOOKS
from initviz.widgets.models import Room, feed_of_model
from initviz.widgets.networks import room_of

if TYPE_CHECKING:
    from initviz.explorer.explorer import Explorer


def closer_of(name: str, explorer: Explorer) -> Closer:
    """The lab of this name, or the closer look at the draw of an explorer."""
    return LABS[name](explorer) if name in LABS else _look(name, explorer)


def _model(explorer: Explorer) -> Closer:
    opened = partial(open_tensor, lambda: explorer.study)
    return Room(feed_of_model(explorer.study.model), opened).closer


LABS: dict[str, Callable[[Explorer], Closer]] = {
    NETWORK: lambda explorer: room_of(explorer.study).closer,
    COMPARE: lambda explorer: comparison_room(explorer.feed, explorer.comparison, button=False).closer,
    MODEL: _model,
}


def _look(name: str, explorer: Explorer) -> Closer:
    shown = LOOKS[name]
    look = Look(explorer.study.looks[name], explorer.feed)
    beside = [explorer.sidebar.randomness] if shown.settings else []
    closer = Closer(look, lambda found: shown.view(found, explorer.study), beside, explorer.feed)
    closer.dim(explorer.sidebar.refuses)
    return closer
