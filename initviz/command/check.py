"""`initviz check`: whether weights in a file look as if an initializer had drawn them."""

from argparse import Namespace

from initviz.checks import check
from initviz.checks.words import text
from initviz.command.asked import initializer_asked
from initviz.command.bars import caption, histogram
from initviz.command.data import of_judged, of_plan
from initviz.command.files import array_in
from initviz.command.refusal import RefusedError
from initviz.command.said import Said
from initviz.command.show import steps


def answer(asked: Namespace) -> Said:
    """The judgement of an array in a file."""
    initializer = initializer_asked(asked)
    weights = array_in(asked.file, asked.array, asked.dtype)
    if not weights.size:
        raise RefusedError(f"{asked.file} must hold weights, got the shape {weights.shape}. Name another array.")
    found = check(weights, initializer, asked.dtype)
    bars = histogram(found)
    lines = [text(found), "", "How it would be drawn", *steps(found.plan)]
    lines += ["", caption(found, "Weights"), *bars] if bars else []
    return Said("\n".join(lines), {"command": "check", "file": asked.file} | of_plan(found.plan) | of_judged(found),
                bool(found))  # fmt: skip
