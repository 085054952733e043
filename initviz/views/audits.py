"""An audit of a model as a picture by depth, and as a page of its own."""

import re
from collections import defaultdict

import numpy as np

from initviz.models import Audit, Row
from initviz.models.across import family
from initviz.models.words import html, sizes, subject
from initviz.views.curves import powers_around
from initviz.views.picture import Picture, Series
from initviz.views.programs import versions
from initviz.views.report import document
from initviz.views.svg import image
from initviz.wording import several

MOST = 6
"""Families of tensors that are drawn, as many as colors are told apart."""
BESIDE = 0.1
"""Layers between the dots of two families in one layer."""
FOUND, SAID, OFF = "standard deviation", "as declared", "not as declared"


def profile(audit: Audit) -> Picture:
    """Standard deviation of the weights by layer, for the families that most layers have, with what is declared.

    Where nothing is numbered, of the tensors in their order.
    """
    by_layer = _families(audit)
    families = by_layer or {"all tensors": _in_order(audit)}
    every = [row for rows in families.values() for _, row in rows]
    stds = [np.array([row.seen.moments.std for row in every]), np.array(list(filter(None, map(_declared, every))))]
    ylim = powers_around([each for each in stds if len(each)]) if every else (0.1, 1.0)
    middle = (len(families) + 1) / 2
    series = [
        each for slot, (name, rows) in enumerate(families.items(), 1)
        for each in _of_family(slot, name, rows, BESIDE * (slot - middle))
    ]  # fmt: skip
    places = [place for rows in families.values() for place, _ in rows] or [0]
    tested = sum(row.probability is not None for row in audit.rows)
    title = "Spread by layer" if by_layer else "Spread of the tensors"
    title += f": {len(audit.failed)} of {several(tested, 'tensor')} not as declared" if tested else ""
    across = (min(places) - 0.7, max(places) + 0.7)
    label = "layer" if by_layer else "tensor, in the order of the model"
    label += ", kinds of tensors side by side" if len(families) > 1 else ""
    return Picture(
        "profile", title, label, FOUND, across, ylim, tuple(series), axes=("whole", "log"), of="initviz-audit"
    )


def profiles(audit: Audit) -> tuple[Picture, ...]:
    """The picture by depth, and none of a model without a matrix that varies, in which nothing would be."""
    return (profile(audit),) if any(map(_varies, audit.rows)) else ()


def _families(audit: Audit) -> dict[str, list[tuple[int, Row]]]:
    """Of tensors in several layers, by layer; those in most layers first."""
    found: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for row in audit.rows:
        number = re.search(r"(?<![^./_])\d+(?=[./])", row.tensor.path)
        if number and _varies(row):
            found[_short(family(row.tensor.path))].append((int(number[0]), row))
    deep = {name: rows for name, rows in found.items() if len({place for place, _ in rows}) > 1}
    kept = sorted(deep, key=lambda name: -len(deep[name]))[:MOST]
    return {name: rows for name, rows in deep.items() if name in kept}


def _in_order(audit: Audit) -> list[tuple[int, Row]]:
    return list(enumerate((row for row in audit.rows if _varies(row)), 1))


def _varies(row: Row) -> bool:
    return len(row.tensor.shape) > 1 and row.seen.moments.count > 0 and row.seen.moments.std > 0


def _short(name: str) -> str:
    """The end of a family's path, which is told apart by it."""
    return "/".join(re.split(r"[/.]", name.rpartition("*")[2].strip("/."))) or name


def _declared(row: Row) -> float:
    """What it is said to be, 0 for nothing."""
    expected, _ = sizes(row)
    return float(np.nan_to_num(expected))


def _of_family(slot: int, name: str, rows: list[tuple[int, Row]], beside: float) -> tuple[Series, ...]:
    """What is found and said of a family, a bit beside the others: those of one spread would hide one another."""
    rows = sorted(rows, key=lambda each: each[0])
    x = np.array([place for place, _ in rows], float) + beside
    found = np.array([row.seen.moments.std for _, row in rows])
    said = np.array([_declared(row) for _, row in rows])
    off = np.array([row.fails for _, row in rows], bool)
    words = [f"{row.tensor.path}: {row.verdict}" for _, row in rows]
    return (
        Series(name, "line", {"x": x[said > 0], "y": said[said > 0]}, f"law {slot} dashed", SAID),
        Series(name, "dots", {"x": x, "y": found, "text": words}, f"draw {slot}", FOUND),
        Series(name, "labels", {"x": x[off], "y": found[off], "text": ["✗"] * int(off.sum()),
                                "align": ["left"] * int(off.sum())}, "theory", OFF),
    )  # fmt: skip


def report(audit: Audit) -> str:
    """The audit as one HTML document.

    >>> import numpy as np
    >>> from initviz.models import audit
    >>> report(audit({"bias": np.zeros(3)}, {"bias": "zeros"})).splitlines()[0]
    '<!DOCTYPE html>'
    """
    drawn = "".join(f"<figure>{image(picture)}</figure>" for picture in profiles(audit))
    table = f"<div style='overflow-x: auto' tabindex='0'>{html(audit)}</div>"
    return document(
        f"{subject(audit)} · initviz", f"<h1>Audit of a model</h1>{drawn}{table}<p>Made by {versions()}.</p>"
    )
