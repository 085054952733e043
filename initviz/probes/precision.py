"""What a dtype does to an initializer: few values, a shifted mean, cut tails; and what casting from float32 mends."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from initviz import engine
from initviz.answers.answer import Answer
from initviz.checks.observation import WHOLE
from initviz.engine.summary import Bins
from initviz.laws.base import Law, Root
from initviz.laws.marginals import Marginal
from initviz.probes.base import Probe, ignore
from initviz.probes.formats import format_of
from initviz.probes.grids import Grid, Values, grid
from initviz.settings.choices import DTYPES, LARGEST, SMALL_DTYPES, dtypes
from initviz.settings.knobs import Choice
from initviz.spectra import MarchenkoPastur, Spiked
from initviz.wording import plain, several

DRAWN_ALWAYS = tuple(name for name in DTYPES if not name.startswith("complex"))
"""Dtypes that are drawn; of the others only the chosen one is, since each has to be compiled, and all are cast."""
REAL = tuple(dict.fromkeys((*DRAWN_ALWAYS, *SMALL_DTYPES)))
PICTURE_BINS = 256
FEW = 2048
"""Most distinct values that are listed one by one."""
DRAWN, CAST = "drawn in the dtype", "drawn in float32, then cast"


@dataclass(frozen=True)
class Row:
    """One dtype, drawn one way. None where a number has no meaning: no spread, no law, nothing drawn (see `note`)."""

    dtype: str
    way: str
    values: Values | None
    bias: float | None = None
    """(mean seen - the law's mean) / the law's standard deviation σ."""
    deviation: float | None = None
    """The same in units of the mean's standard error σ/√count."""
    farthest: float | None = None
    """Largest |w - mean of the law| seen, in σ."""
    possible: float | None = None
    """Largest one that this way can give, in σ."""
    note: str = ""


@dataclass(frozen=True, eq=False)
class PrecisionResult:
    """All rows, and for the chosen dtype the picture of both ways and what there is to see."""

    dtype: str
    rows: tuple[Row, ...]
    edges: np.ndarray
    """Edges of the histogram's bins: over the law's range, or that of the values where it is wider."""
    drawn: np.ndarray
    """Counts of the draw in the dtype; zeros where there is none."""
    cast: np.ndarray
    """Counts of the draw in float32, cast."""
    comb: Values | None
    """The values themselves of the draw in the dtype, where there are at most `FEW`."""
    explanations: tuple[str, ...]
    note: str = ""
    """What part of the draw this is, where it is not the whole."""
    law: Marginal | None = None
    """Of one weight, in exact arithmetic."""


def _draw(result: Answer, dtype: str) -> np.ndarray:
    """The leading weights of the question in another dtype, at most WHOLE; TypeError where there is no such draw."""
    question = result.question
    plan = question.initializer.plan(result.plan.shape, dtype)
    shape = (WHOLE,) if plan.size > WHOLE else plan.shape
    return np.asarray(engine.draw(plan.ensemble, question.key, shape, plan.dtype))


def _row(result: Answer, dtype: str, way: str, weights: np.ndarray) -> Row:
    """What was seen of weights of a dtype."""
    values = Values.of(weights)
    plan = result.question.initializer.plan(result.plan.shape, "float32" if way == CAST else dtype)
    law, marginal = plan.ensemble.law, plan.ensemble.marginal
    if marginal is None or not marginal.std or not np.isfinite(marginal.std):
        return Row(dtype, way, values)
    mean, std = marginal.mean, marginal.std
    ends = marginal.support
    if law is not None and not law.complex and float(law.scale):
        on_grid = grid(law, dtype) if way == DRAWN and jnp.finfo(dtype).bits <= 16 else None
        ends = (on_grid.low, on_grid.high) if on_grid else law.reach(plan.dtype)
    if way == CAST:
        ends = np.asarray(ends).astype(jnp.dtype(dtype)).astype(float)
    possible = float(np.max(np.abs(np.asarray(ends) - mean)) / std)
    possible = possible if np.isfinite(possible) else None  # every uniform gives NaN, or complex laws have no end
    if not values.count:
        return Row(dtype, way, values, possible=possible)
    bias = (values.mean - mean) / std
    farthest = float(np.max(np.abs(values.values[[0, -1]] - mean))) / std
    return Row(dtype, way, values, bias, bias * values.count**0.5, farthest, possible)


def _drawn(result: Answer, dtype: str, weights: np.ndarray | None) -> Row:
    """The row of a draw in the dtype, if it is not there yet."""
    try:
        return _row(result, dtype, DRAWN, _draw(result, dtype) if weights is None else weights)
    except TypeError as refusal:
        return Row(dtype, DRAWN, None, note=str(refusal))


class Precision(Probe):
    """The same question in every dtype, drawn in it or drawn in float32 and cast."""

    title = "Precision"
    arguments = ("dtype",)

    dtype = Choice(REAL, default="bfloat16", doc="The dtype to look at closely.")

    def answer(self, result: Answer, progress=ignore) -> PrecisionResult:
        """Rows for every dtype, a picture and sentences for the chosen one.

        Raises:
            ValueError: no weights, or more than can be drawn and only as a whole.
        """
        ensemble, size = result.plan.ensemble, result.plan.size
        _check(result)
        complex_ = jnp.issubdtype(result.plan.dtype, jnp.complexfloating)
        names = [name for name in dict.fromkeys((*dtypes(), *SMALL_DTYPES)) if name.startswith("complex") == complex_]
        chosen = names[0] if complex_ else self.dtype
        rows = []
        with result.question.in_force(), np.errstate(over="ignore", invalid="ignore"):
            single = _draw(result, "complex64" if complex_ else "float32")
            for done, name in enumerate(names, 1):
                same = name == str(single.dtype)
                if name not in SMALL_DTYPES or name in DRAWN_ALWAYS or name == chosen:
                    rows.append(_drawn(result, name, single if same else None))
                if not same:
                    rows.append(_row(result, name, CAST, single.astype(jnp.dtype(name))))
                progress(done / len(names))
            drawn = next(row for row in rows if row.dtype == chosen)
            cast = next((row for row in rows if row.dtype == chosen and row.way == CAST), drawn)
            said = explain(result, drawn, cast)
        note = f"the leading {WHOLE:,} of {size:,} weights" if size > WHOLE else ""
        edges = _edges(ensemble.marginal, [row.values for row in (drawn, cast) if row.values])
        few = drawn.values if drawn.values and len(drawn.values.values) <= FEW else None
        return PrecisionResult(
            chosen,
            tuple(rows),
            edges,
            _histogram(drawn, edges),
            _histogram(cast, edges),
            few,
            said,
            note,
            ensemble.marginal,
        )


def _check(result: Answer) -> None:
    size, question = result.plan.size, result.question
    if not size:
        raise ValueError(f"precision needs weights, got none in {result.plan.shape}. Use sizes of at least 1.")
    with question.in_force():
        in_parts = engine.made_in_parts(result.plan.ensemble, question.key)
    if size > WHOLE and not in_parts:
        raise ValueError(
            f"precision draws at most {WHOLE:,} weights where they cannot be drawn in part, got {size:,} of "
            f"{result.plan.initializer} by {question.generator}. Make an axis smaller."
        )


def _edges(marginal, seen: list[Values]) -> np.ndarray:
    values = np.concatenate([part.values for part in seen] or [np.zeros(0)])
    bins = Bins.fitting(marginal, values)
    low, high = min(bins.low, values.min(initial=np.inf)), max(bins.high, values.max(initial=-np.inf))
    return np.linspace(low, high, PICTURE_BINS + 1)


def _histogram(row: Row, edges: np.ndarray) -> np.ndarray:
    if row.values is None:
        return np.zeros(PICTURE_BINS, np.int64)
    return np.histogram(row.values.values, edges, weights=row.values.counts)[0].astype(np.int64)


def explain(result: Answer, drawn: Row, cast: Row) -> tuple[str, ...]:
    """What there is to see in a dtype, in sentences with the numbers of this question, computed from its law."""
    dtype = drawn.dtype
    held = (f"{dtype} {format_of(dtype).text}",) if dtype in SMALL_DTYPES else ()
    return held + _explained(result, drawn, cast)


def _explained(result: Answer, drawn: Row, cast: Row) -> tuple[str, ...]:
    dtype, ensemble = drawn.dtype, result.plan.ensemble
    if drawn.note:
        return (f"jax refuses to draw {dtype}: {drawn.note}", *_mended(drawn, cast))
    largest = ensemble.laws[-1] if ensemble.laws else None
    if largest is None or not float(largest.scale):
        distinct = len(drawn.values.values)
        return (f"Here {dtype} rounds the weights once, at the end: {several(distinct, 'distinct value')}.",)
    if largest.complex:
        return ("jax has no complex dtype smaller than complex64: smaller weights must be real.",)
    plan = result.question.initializer.plan(result.plan.shape, dtype)
    law, mantissa = plan.ensemble.law, jnp.finfo(dtype).nmant
    if not mantissa:
        made = f"jax makes uniforms of numbers from 1 to 2, less 1, of which {dtype} has only 1 itself, and no 0"
        return f"{made}: every weight drawn in it is NaN.", *_mended(drawn, cast)
    whose = " and of the scale of its slice" * (law is None)
    said = [
        f"jax fills only the {several(mantissa, 'mantissa bit')} of a {dtype} uniform: there are 2^{mantissa} = "
        f"{2**mantissa:,} equally likely ones, and a weight is a function of one of them{whose}. This draw shows "
        f"{several(len(drawn.values.values), 'distinct weight')}."
    ]
    if law is None:  # the grid of each scale is another one
        return (*said, *_mended(drawn, cast))
    if jnp.finfo(dtype).bits > 32:
        return tuple(said)
    exact, marginal = grid(law, dtype), plan.ensemble.marginal
    said += _lost(law, dtype, exact)
    if exact.std > 0:
        said += _shifted(result, exact, marginal, drawn) + _cut(dtype, exact, marginal)
    return (*said, *_mended(drawn, cast))


def _lost(law: Law, dtype: str, exact: Grid) -> list[str]:
    """Values that are NaN, infinite or 0."""
    said = []
    no_infinity = bool(np.isnan(np.array(np.inf).astype(jnp.dtype(dtype))))
    if exact.bad and law.cut and no_infinity:
        said.append(
            f"All {exact.bad} of {exact.count} come out NaN: jax clips a truncated normal to the numbers next to its "
            f"bounds on the way to ±∞, and {dtype} has no infinity, only NaN."
            if exact.bad == exact.count
            else f"{exact.bad} of {exact.count} come out NaN: {dtype} has no infinity, so what is too large is NaN."
        )
    elif exact.bad:
        said.append(
            f"{exact.bad} of {exact.count} come out {'NaN' if no_infinity else 'infinite'}: they are beyond "
            f"{plain(float(jnp.finfo(dtype).max))}, the largest number of {dtype}."
        )
    if exact.zeros:
        why, tiny = "", jnp.finfo(dtype).smallest_subnormal
        if isinstance(law.scale, Root) and not np.array(law.scale.variance).astype(jnp.dtype(dtype)):
            variance = float(law.scale.variance)
            why = f": jax rounds the variance {plain(variance, 3)} to {dtype}, whose least number is {plain(tiny, 3)}"
        said.append(f"{exact.zeros:,} of {exact.count:,} uniforms give exactly 0{why}.")
    return said


def _shifted(result: Answer, exact: Grid, marginal, drawn: Row) -> list[str]:
    """The bias, and the singular value it becomes."""
    bias = (exact.mean - marginal.mean) / marginal.std
    errors = plain(abs(bias) * drawn.values.count**0.5, 3)
    said = [
        f"Uniforms are rounded down to their grid, so the exact mean of a {drawn.dtype} weight is "
        f"{plain(bias, 3, '+')} σ off: {errors} standard errors for {several(drawn.values.count, 'weight')}."
    ]
    if marginal.mean:
        return said  # the law's own mean is an outlier already
    size = exact.outlier_size(marginal.mean)
    if size**2 > LARGEST:
        return said  # no matrix that can be asked for is that large
    said.append(
        f"In a square matrix larger than {size:,.0f} × {size:,.0f} that mean is a singular value of its own, outside "
        "the bulk: n > (σ/shift)²."
    )
    unfolding = result.plan.unfolding
    rows, columns = unfolding.size if unfolding else (0, 0)
    if rows * columns > size**2:
        spectrum = Spiked(MarchenkoPastur(rows, columns, exact.std), abs(exact.mean))
        said.append(
            f"Here, at {rows:,} × {columns:,}, it should be {plain(spectrum.outlier)}, beyond the bulk's edge "
            f"{plain(spectrum.rest.edges[1])}."
        )
    return said


def _cut(dtype: str, exact: Grid, marginal) -> list[str]:
    """Where the tails end."""
    low, high = ((end - marginal.mean) / marginal.std for end in (exact.low, exact.high))
    ends = [(end - marginal.mean) / marginal.std for end in marginal.support]
    allowed = (
        "has no ends" if np.isinf(ends).any() else f"ends at {plain(ends[0], 4, '+')} σ and {plain(ends[1], 4, '+')} σ"
    )
    return [
        f"A {dtype} draw ends at {plain(low, 4, '+')} σ and {plain(high, 4, '+')} σ from the mean; the law {allowed}."
    ]


def _mended(drawn: Row, cast: Row) -> list[str]:
    """What drawing in float32 and casting does."""
    if cast.way != CAST:
        return []
    before = "" if drawn.deviation is None else f" instead of {plain(drawn.deviation, 3, '+')}"
    after = (
        ""
        if cast.deviation is None
        else f", and its mean is {plain(cast.deviation, 3, '+')} standard errors off{before}"
    )
    lost = f", {cast.values.not_finite:,} of them not finite" if cast.values.not_finite else ""
    return [f"Drawn in float32 and cast, it has {several(len(cast.values.values), 'distinct weight')}{lost}{after}."]
