"""What can be taken along of what is on show: programs that draw it, weights, numbers, pictures, a report of it all."""

import csv
import io
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from initviz.answers.answer import Answer
from initviz.models import Audit, to_toml
from initviz.study.study import COMPARE, MODEL
from initviz.views.audit_table import COLUMNS
from initviz.views.picture import Picture
from initviz.views.programs import program, program_of_law
from initviz.views.report import report
from initviz.views.shown import Shown
from initviz.views.svg import svg

MOST = 2**24
"""Weights that are written into a file: 64 MB in float32."""
MOST_LINES = 2**20
"""Weights that are written as text: as many lines as a spreadsheet has."""


def arrays(answer: Answer) -> bytes:
    """The weights and their summary as NPZ; weights of what NumPy does not know are kept in float32.

    Of a summary counts in bins with their edges, mean and standard deviation; and the singular values, if there are.

    Raises:
        ValueError: there are too many weights.
    """
    weights, summary = _weights(answer, MOST), answer.summary
    found = {
        "weights": weights,
        "counts": np.asarray(summary.inside),
        "edges": np.asarray(summary.bins.edges),
        "mean": np.asarray(summary.mean),
        "std": np.asarray(summary.std),
        "singular_values": np.asarray([] if answer.singular_values is None else answer.singular_values),
    }
    with io.BytesIO() as file:
        np.savez_compressed(file, allow_pickle=False, **found)
        return file.getvalue()


def _weights(answer: Answer, most: int) -> np.ndarray:
    if answer.plan.size > most:
        raise ValueError(
            f"at most {most:,} weights are written into this file, got {answer.plan.size:,}. Make an axis smaller."
        )
    weights = np.asarray(answer.weights)
    return weights if weights.dtype.isbuiltin == 1 else weights.astype(np.float32)


def weights_csv(answer: Answer) -> bytes:
    """The weights as CSV: a line each, with its place along every axis.

    Raises:
        ValueError: there are too many weights.
    """
    weights = _weights(answer, MOST_LINES)
    places = np.indices(weights.shape).reshape(weights.ndim, -1).T
    heads = [f"axis {axis}" for axis in range(weights.ndim)]
    return _csv([*heads, "weight"], ([*place, value] for place, value in zip(places, weights.ravel(), strict=True)))


def counts_csv(answer: Answer) -> bytes:
    """The histogram as CSV: how many weights fell into each bin, with what lies beyond them in the first and last."""
    edges, counts = answer.summary.bins.edges, answer.summary.histogram
    return _csv(["from", "to", "count"], zip([-np.inf, *edges], [*edges, np.inf], counts, strict=True))


def checks_csv(answer: Answer) -> bytes:
    """Every check as CSV: what is expected, in which range, and what was found."""
    heads = ["check", "expected", "low", "high", "observed", "within"]
    rows = ([c.name, c.expected, c.low, c.high, c.observed, c.within] for c in answer.checks)
    return _csv(heads, rows)


def _csv(heads: list[str], rows: Iterable[list[Any]]) -> bytes:
    with io.StringIO() as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows([_plain(cell) for cell in row] for row in rows)
        return file.getvalue().encode()


def _plain(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: a name in a file of somebody else may look like one."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


OF_DRAW, OF_VIEW = attrgetter("stem"), attrgetter("view_stem")
"""How names of files of the draw begin, and of those of the open view."""


class Export(NamedTuple):
    """A file to take along: what it is called in a menu, the end of its name, and what is in it."""

    title: str
    suffix: str
    make: Callable[[Shown], bytes]
    """Raises ValueError where there is no such file of what is shown, with the fix."""
    of: Callable[[Shown], str] = OF_DRAW
    """How its name begins."""

    @property
    def is_of_draw(self) -> bool:
        """Whether it is the same in every view."""
        return self.of is OF_DRAW


def _text(write: Callable[[Shown], str], shown: Shown) -> bytes:
    return write(shown).encode()


EXPORTS: dict[str, Export] = {
    "report": Export("report of this view, as HTML", "report.html", partial(_text, report), OF_VIEW),
    "jax": Export(
        "Python that draws these weights, with jax", "draw_jax.py",
        lambda shown: program(shown.answer).encode(),
    ),
    "flax": Export(
        "Python that draws these weights, with flax", "draw_flax.py",
        lambda shown: program(shown.answer, "flax").encode(),
    ),
    "PyTorch": Export(
        "Python with their law, in PyTorch", "law_pytorch.py",
        lambda shown: program_of_law(shown.answer, "PyTorch").encode(),
    ),
    "Keras": Export(
        "Python with their law, in Keras", "law_keras.py",
        lambda shown: program_of_law(shown.answer, "Keras").encode(),
    ),
    "again": Export(
        "Python that finds this view again, with initviz", "again.py", partial(_text, Shown.again),
        OF_VIEW,
    ),
    "study": Export("settings, as JSON", "study.json", partial(_text, Shown.json)),
    "arrays": Export("weights and summary, as NPZ", "weights.npz", lambda shown: arrays(shown.answer)),
    "weights": Export("weights, as CSV", "weights.csv", lambda shown: weights_csv(shown.answer)),
    "counts": Export("histogram, as CSV", "histogram.csv", lambda shown: counts_csv(shown.answer)),
    "checks": Export("checks, as CSV", "checks.csv", lambda shown: checks_csv(shown.answer)),
}  # fmt: skip
"""Everything that can be taken along of any view, in the order of a menu."""


COMPARED = Export("what is compared, as JSON", "study.json", partial(_text, Shown.json_of_compared), OF_VIEW)
"""Of the view that has draws of its own."""


AUDITED = Export(
    "what is found of every tensor, as CSV", "audit.csv", lambda shown: audit_csv(audit_of(shown)), OF_VIEW
)
BELIEVED = Export(
    "rules that the model looks like, as TOML", "recipe.toml",
    lambda shown: to_toml(audit_of(shown).believed()).encode(), OF_VIEW,
)  # fmt: skip
WITHOUT_DRAW = tuple(EXPORTS[name] for name in ("report", "again", "study"))
"""Of a view that has no draw on show."""
OF_VIEWS = {COMPARE: (COMPARED,), MODEL: (AUDITED, BELIEVED)}
"""What there is of some views alone."""


def audit_of(shown: Shown) -> Audit:
    """The audit on show.

    Raises:
        ValueError: there is none.
    """
    if shown.audit is None:
        raise ValueError("there must be an audit to export it, got none. Choose a model.")
    return shown.audit


def audit_csv(audit: Audit) -> bytes:
    """Every tensor as CSV, with all columns of the table."""
    return _csv([column.title for column in COLUMNS], ([column.value(row) for column in COLUMNS] for row in audit.rows))


def drawings(pictures: Iterable[Picture]) -> dict[str, Export]:
    """The files of pictures, by their names in a menu: each as SVG, and as PNG where it has no tools that save it."""
    found = {}
    for picture in pictures:
        what, _, _ = picture.title.partition(":")
        for kind in ("SVG", *["PNG"] * picture.bare):
            suffix = f"{picture.name}.{kind.lower()}"
            title = f"picture “{what}”, as {kind}"
            found[suffix] = Export(title, suffix, partial(_drawing, picture), partial(_of, picture))
    return found


def _drawing(picture: Picture, _shown: Shown) -> bytes:
    """The picture as SVG; one that is saved as PNG is drawn by the browser."""
    return svg(picture).encode()


def _of(picture: Picture, _shown: Shown) -> str:
    return picture.of


def file_name(shown: Shown, export: Export) -> str:
    """A name that tells what is in the file.

    >>> from initviz.study import Study
    >>> from initviz.views.shown import of_draw
    >>> file_name(of_draw(Study("he_normal", shape=(8, 4), seed=3)), EXPORTS["weights"])
    'initviz-he_normal-8x4-float32-seed3-weights.csv'
    """
    return f"{export.of(shown)}-{export.suffix}"
