"""What can be taken along of an answer: the program that draws it, weights, numbers, pictures, a report of it all."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import numpy as np

from initviz.answers.answer import Answer
from initviz.layers.translations import Translation
from initviz.views.fans import fans
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.report import report
from initviz.views.spectrum import spectrum
from initviz.views.svg import svg

MOST = 2**24
"""Weights that are written into a file: 64 MB in float32."""
MOST_LINES = 2**20
"""Weights that are written as text: as many lines as a spreadsheet has."""


def program(answer: Answer) -> str:
    """The draw itself in Python: run, `weights` equals the answer's, within 4 ulp.

    >>> from initviz.study import Study
    >>> print(program(Study("orthogonal", shape=(4, 3), seed=2).answer()))  # doctest: +ELLIPSIS
    # orthogonal() · 4 × 3 · float32 · seed 2 · cpu:0, drawn with jax ...
    import jax
    <BLANKLINE>
    with jax.threefry_partitionable(True), jax.default_device(jax.local_devices(backend="cpu")[0]):
        key = jax.random.key(2, impl="threefry2x32")
        weights = jax.nn.initializers.orthogonal()(key, (4, 3), jax.numpy.float32)
    <BLANKLINE>

    Raises:
        ValueError: the weights were given, or the initializer cannot be written out; with the fix.
    """
    question, plan = answer.question, answer.plan
    if question.weights is not None:
        raise ValueError("there must be a draw to write its program, got weights of yours. Choose draw instead.")
    code = _jax(answer.translations)
    platform, _, place = question.device.partition(":")
    wide = 'jax.config.update("jax_enable_x64", True)\n' * (np.dtype(plan.dtype).itemsize // _parts(plan.dtype) == 8)
    return (
        f"# {plan.initializer} · {_sizes(plan.shape)} · {plan.dtype} · seed {question.seed} · {question.device}, "
        f"drawn with jax {jax.__version__}\n"
        f"import jax\n{wide}\n"
        f"with jax.threefry_partitionable({question.partitionable}), "
        f'jax.default_device(jax.local_devices(backend="{platform}")[{place or 0}]):\n'
        f'    key = jax.random.key({question.seed}, impl="{question.generator}")\n'
        f"    weights = {code}(key, {plan.shape}, jax.numpy.{plan.dtype})\n"
    )


def _parts(dtype: np.dtype) -> int:
    return 2 if np.dtype(dtype).kind == "c" else 1


def _jax(translations: Iterable[Translation]) -> str:
    (found,) = (each for each in translations if each.framework == "jax")
    if not found.code:
        raise ValueError(f"the initializer must be a call to write its program, got none. {found.note}")
    return found.code


def arrays(answer: Answer) -> bytes:
    """The weights and their summary as NPZ; weights of what NumPy does not know are kept in float32.

    Raises:
        ValueError: there are too many weights.
    """
    weights, summary = _weights(answer, MOST), answer.summary
    found = {
        "weights": weights,
        "counts": np.asarray(summary.inside),
        "edges": np.asarray(summary.bins.edges),
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


def checks_csv(answer: Answer) -> bytes:
    """Every check as CSV: what is expected, in which range, and what was found."""
    heads = ["check", "expected", "low", "high", "observed", "within"]
    rows = ([c.name, c.expected, c.low, c.high, c.observed, c.within] for c in answer.checks)
    return _csv(heads, rows)


def _csv(heads: list[str], rows: Iterable[list[Any]]) -> bytes:
    with io.StringIO() as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
        return file.getvalue().encode()


def pictures(answer: Answer, weights_as: str, spectrum_as: str) -> tuple[Picture, ...]:
    """Every picture of a draw, drawn in these ways."""
    plan = answer.plan
    return histogram(answer, kind=weights_as), spectrum(answer, kind=spectrum_as), fans(plan.shape, plan.roles)


def _picture(name: str) -> Callable[[Answer, Any], bytes]:
    def draw(answer: Answer, study: Any) -> bytes:
        shown = {picture.name: picture for picture in pictures(answer, study.weights_as, study.spectrum_as)}
        return svg(shown[name]).encode()

    return draw


class Export(NamedTuple):
    """A file to take along: what it is called in a menu, the end of its name, and what is in it."""

    title: str
    suffix: str
    make: Callable[[Answer, Any], bytes]
    """Of an answer and the study that asked, which says how it is drawn."""


EXPORTS: dict[str, Export] = {
    "program": Export("Python that draws these weights", "draw.py", lambda answer, study: program(answer).encode()),
    "study": Export("settings, as JSON", "study.json", lambda answer, study: study.to_json().encode()),
    "arrays": Export("weights and summary, as NPZ", "weights.npz", lambda answer, study: arrays(answer)),
    "weights": Export("weights, as CSV", "weights.csv", lambda answer, study: weights_csv(answer)),
    "checks": Export("checks, as CSV", "checks.csv", lambda answer, study: checks_csv(answer)),
    "histogram": Export("picture of the weights, as SVG", "weights.svg", _picture("weights")),
    "spectrum": Export("picture of the singular values, as SVG", "spectrum.svg", _picture("spectrum")),
    "fans": Export("picture of the fans, as SVG", "fans.svg", _picture("fans")),
    "report": Export(
        "report of all of it, as HTML", "report.html",
        lambda answer, study: report(answer, pictures(answer, study.weights_as, study.spectrum_as)).encode(),
    ),
}  # fmt: skip
"""Everything that can be taken along, in the order of a menu."""


def file_name(answer: Answer, export: Export) -> str:
    """A name that tells what is in the file.

    >>> from initviz.study import Study
    >>> file_name(Study("he_normal", shape=(8, 4), seed=3).answer(), EXPORTS["weights"])
    'initviz-he_normal-8x4-float32-seed3-weights.csv'
    """
    question, plan = answer.question, answer.plan
    sizes = "x".join(map(str, plan.shape)) or "scalar"
    drawn = "given" if question.weights is not None else f"seed{question.seed}"
    name = "-".join(["initviz", question.function, sizes, str(plan.dtype), drawn, export.suffix])
    return re.sub(r"[^\w.-]", "_", name)


def _sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape) if math.prod(shape) else str(shape)
