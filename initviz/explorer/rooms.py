"""Which views stand in which room of the page: a room for each question, in it what looks at the same thing."""

from initviz.study.study import COMPARE, LAYER, MODEL, NETWORK

ROOMS = {
    "Weights": {"": "this draw", "Seeds": "many seeds", "WholeSpectrum": "whole spectrum"},
    "Layer": {LAYER: "in this layer", "Convolution": "as a convolution", "Depth": "product of layers"},
    NETWORK: {NETWORK: NETWORK},
    COMPARE: {COMPARE: COMPARE},
    MODEL: {MODEL: MODEL},
    "Precision & randomness": {"Precision": "precision", "Randomness": "random numbers"},
}
"""By the title of each room the titles of its views, by the names that `Study.look` has for them."""
USES = {
    "WholeSpectrum": "all singular values, where the draw shows those of a block alone: of large matrices",
    "Convolution": "a kernel on a whole input: for layers that slide, and shapes of 3 to 5 axes",
}
"""What a view is for that is not offered where it does not apply."""


def titled() -> dict[str, dict[str, str]]:
    """The rooms, with the titles as HTML that says under a mouse what a view is for."""
    return {
        room: {name: f"<span title='{USES[name]}'>{title}</span>" if name in USES else title
               for name, title in views.items()}
        for room, views in ROOMS.items()
    }  # fmt: skip
