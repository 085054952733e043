"""`initviz audit`: whether every tensor of a model in a file looks as if it was drawn as declared."""

import math
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

from initviz.command.refusal import RefusedError
from initviz.command.said import Said
from initviz.models import Audit, audit, get_recipe, to_toml
from initviz.models.auditing import Row
from initviz.models.files import tensors_in
from initviz.models.words import text, verdict
from initviz.views.audits import report
from initviz.wording import several

EXAMPLES = {"--html": "report.html", "--write-recipe": "mine.toml"}
"""Files that a message names."""
LONG = 2**24
"""Weights from which on a terminal is told how far it is."""


def answer(asked: Namespace) -> Said:
    """The audit of a file, and what was asked to be written of it."""
    if not asked.file:  # which is no path, and would be taken for the folder that one is in
        raise RefusedError("FILE must name a file or a folder, got ''. Write for instance model.safetensors.")
    _refuse_places(asked)
    recipe = None if asked.recipe is None else get_recipe(asked.recipe)
    tensors = tensors_in(asked.file)
    weights = sum(math.prod(tensor.shape) for tensor in tensors)
    shown = weights >= LONG and sys.stderr.isatty()
    found = audit(tensors, recipe, asked.alpha, _progress(len(tensors)) if shown else None)
    written = [f"{what} is in {path}." for what, path in _write(found, asked)]
    lines = [text(found), *([""] if written else []), *written]
    return Said("\n".join(lines), {"command": "audit", "file": asked.file} | of_audit(found), bool(found))


def _refuse_places(asked: Namespace) -> None:
    """Say before a long audit, not after it, that what it finds cannot be written."""
    for option, path in (("--html", asked.html), ("--write-recipe", asked.write_recipe)):
        if path is None:
            continue
        folder = os.path.dirname(path) or "."
        if not path:
            raise RefusedError(f"{option} must name a file, got ''. Write for instance {option} {EXAMPLES[option]}.")
        if os.path.lexists(path):
            raise RefusedError(f"{path} exists already and is not overwritten. Name another file, or remove it.")
        if not os.path.isdir(folder):
            raise RefusedError(f"{path} cannot be written: there is no folder {folder}. Make it, or name another.")
        if not os.access(folder, os.W_OK):
            raise RefusedError(f"{path} cannot be written: the folder {folder} does not let you. Name another.")
    if asked.html and asked.html == asked.write_recipe:
        raise RefusedError(f"--html and --write-recipe must name two files, got {asked.html} twice. Change one.")


def _progress(count: int) -> Callable[[float], None]:
    def tell(share: float) -> None:
        end = "\n" if share >= 1 else ""
        print(f"\r{100 * share:3.0f} % of {several(count, 'tensor')}", end=end, file=sys.stderr, flush=True)

    return tell


def _write(found: Audit, asked: Namespace) -> Iterator[tuple[str, str]]:
    """What goes into files, and where it is."""
    for what, path, content in (("The report", asked.html, report), ("The recipe", asked.write_recipe, _toml)):
        if path:
            try:
                with open(path, "x", encoding="utf-8") as file:
                    file.write(content(found))
            except OSError as error:
                raise RefusedError(f"{path} cannot be written: {error.strerror or error}.") from None
            yield what, path


def _toml(found: Audit) -> str:
    return to_toml(found.believed())


def of_audit(found: Audit) -> dict[str, Any]:
    """The verdict, every tensor, and what tensors have to do with each other."""
    return {
        "fine": bool(found), "verdict": verdict(found), "alpha": found.alpha,
        "recipe": found.recipe.name if found.recipe else None,
        "tensors": [_of_row(row) for row in found.rows],
        "across": [
            {"kind": each.kind, "tensors": each.paths, "words": each.words, "wrong": each.wrong}
            for each in found.relations
        ],
        "unused_rules": found.unused,
    }  # fmt: skip


def _of_row(row: Row) -> dict[str, Any]:
    moments = row.seen.moments
    return {
        "path": row.tensor.path, "shape": row.tensor.shape, "dtype": str(row.tensor.dtype), "holder": row.tensor.holder,
        "kind": row.role.kind, "known_by": row.role.known_by, "count": moments.count, "not_finite": moments.not_finite,
        "zeros": moments.zeros, "mean": moments.mean, "std": moments.std, "min": moments.minimum,
        "max": moments.maximum, "distinct": row.seen.distinct, "declared": row.law or None, "verdict": row.verdict,
        "probability": row.probability, "factor": row.factor, "cause": row.cause or None,
        "looks_like": row.likely.laws, "why": row.likely.why or None,
    }  # fmt: skip
