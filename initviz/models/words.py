"""An audit in words: what is wrong first, then every tensor, those of all blocks in one line."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from initviz.checks.words import rarity
from initviz.models.across import family
from initviz.models.laws import ANYTHING
from initviz.wording import near, plain, several

if TYPE_CHECKING:
    from initviz.models.auditing import Audit, Row

WRONG = "✗"
MARKS = {"as declared": "✓", "not as declared": WRONG, "not declared": "–", "not tested": "–"}
LEFT = "style='text-align: left; padding-right: 1em'"
NEAR = 0.005
"""How far a spread has to be off for its factor to be told."""
MOST = 40
"""Most lines of one kind that are printed."""


def text(audit: Audit) -> str:
    """The verdict, what is wrong, and a line for each kind of tensor."""
    lines = [f"{subject(audit)}: {verdict(audit)}"]
    lines += _shortened([f"{WRONG} {line}" for line in findings(audit)])
    lines += ["", *_shortened(list(_aligned(table(audit))))]
    return "\n".join(map(printable, lines))


def printable(line: str) -> str:
    """A line in which what moves the cursor or turns the direction of writing is spelled: paths come from strangers."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def html(audit: Audit) -> str:
    """The same as a table."""
    wrong = "".join(f"<li>{escape(line)}</li>" for line in _shortened(list(findings(audit))))
    rows = "".join(f"<tr>{''.join(f'<td {LEFT}>{escape(cell)}</td>' for cell in row)}</tr>" for row in table(audit))
    heads = "".join(f"<th scope='col' {LEFT}>{head}</th>" for head in ("", *HEADS))
    return (
        f"<p><b>{escape(subject(audit))}</b>: {escape(verdict(audit))}</p><ul>{wrong}</ul>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def subject(audit: Audit) -> str:
    """How large the model is, and by what it is judged."""
    weights = sum(math.prod(row.tensor.shape) for row in audit.rows)
    by = f" by {audit.recipe.name}" if audit.recipe and audit.recipe.name else ""
    return f"audit{by} · {several(len(audit.rows), 'tensor')} · {several(weights, 'weight')}"


def verdict(audit: Audit) -> str:
    """All of it in a sentence."""
    tested = sum(row.probability is not None for row in audit.rows)
    found = []
    if audit.failed:
        found.append(f"{len(audit.failed)} of {several(tested, 'tensor')} not as declared")
    if audit.wrong:
        found.append(f"{several(len(audit.wrong), 'finding')} that no rule allows")
    if audit.unused:
        decide = "decides" if len(audit.unused) == 1 else "decide"
        found.append(f"{several(len(audit.unused), 'rule')} that {decide} about no tensor")
    if not audit.is_tested and not audit.unused:
        found.append(untested(audit))
    if found:
        return f"{', '.join(found)}."
    if not audit.recipe:
        return "nothing is wrong across tensors; what each is said to be was not told, so that none is judged."
    others = _undeclared(audit)
    share = f"{plain(tested)} of {several(len(audit.rows), 'tensor')} " if others else ""
    return f"{share}as declared{others}."


def untested(audit: Audit) -> str:
    """Why what is tested is nothing, or too little."""
    if len(audit.undeclared) == len(audit.rows):
        return "no rule fits a tensor, nothing was tested"
    if all(row.probability is None for row in audit.rows):
        return "no rule that fits says more than “anything”, nothing was tested"
    said = f"{len(audit.undeclared)} of {several(len(audit.rows), 'tensor')} without a rule"
    return f"{said}: the recipe is of another model, or of other names"


def _undeclared(audit: Audit) -> str:
    anything = sum(row.law == ANYTHING for row in audit.rows)
    said = {"without a rule": len(audit.undeclared), "that may be anything": anything}
    return "".join(f"; {several(count, 'tensor')} {what}" for what, count in said.items() if count)


def problems(audit: Audit) -> Iterator[str]:
    """What is wrong, a line for each tensor."""
    yield from (f"{row.tensor.path}: {problem(row)}" for row in audit.failed)
    yield from _others(audit)


def findings(audit: Audit) -> Iterator[str]:
    """The same, in one line what tensors of several blocks have in common."""
    together: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in audit.failed:
        together[family(row.tensor.path), row.law, row.cause].append(row)
    for (path, law, cause), rows in together.items():
        if len(rows) == 1:
            yield f"{rows[0].tensor.path}: {problem(rows[0])}"
        else:
            expected, found = (span([sizes(row)[place] for row in rows]) for place in range(2))
            factors = [row.factor for row in rows]
            off = f" ({span(factors)} times as much)" if max(abs(each - 1) for each in factors) > NEAR else ""
            said = f"{path} ({len(rows)}): {law} says std {expected}, found {found}{off}"
            yield said + (f": {cause}" if cause else "")
    yield from _others(audit)


def _others(audit: Audit) -> Iterator[str]:
    for relation in audit.wrong:
        yield f"{', '.join(relation.paths)}: {relation.words}"
    for rule in audit.unused:
        yield f"the rule {rule}"


def problem(row: Row) -> str:
    """What one tensor is said to be, what it is, and the likely cause."""
    expected, found = sizes(row)
    factor = f" ({plain(row.factor, 3)} times as much)" if found and abs(row.factor - 1) > NEAR else ""
    said = f"{row.law} says std {plain(expected)}, found {plain(found)}{factor}"
    chance = f", {rarity(row.probability)}" if row.probability is not None else ""
    return f"{said}{chance}" + (f": {row.cause}" if row.cause else "")


def sizes(row: Row) -> tuple[float, float]:
    """Root mean square expected and found, which is the standard deviation of what has mean 0."""
    marginal = row.plan.ensemble.marginal if row.plan else None
    expected = (marginal.variance + marginal.mean**2) ** 0.5 if marginal else math.nan
    return expected, row.seen.moments.power**0.5 if row.seen.moments.count else math.nan


HEADS = ("tensor", "shape", "held as", "std", "declared", "looks like")


def table(audit: Audit) -> Iterator[tuple[str, ...]]:
    """A row for each family of tensors that are alike in all that it says; those first that are not as declared."""

    def line(row: Row) -> tuple[str, ...]:
        return (MARKS[row.verdict], family(row.tensor.path), shape_text(row.tensor.shape),
                row.role.kind, row.law or "–", str(row.likely))  # fmt: skip

    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in audit.rows:
        groups[line(row)].append(row)
    for (mark, path, shape, kind, law, looks), rows in sorted(groups.items(), key=lambda group: group[0][0] != WRONG):
        one = rows[0].tensor.path if len(rows) == 1 else f"{path} ({len(rows)})"
        yield mark, one, shape, kind, _range(rows), law, looks


def _range(rows: Iterable[Row]) -> str:
    return span([row.seen.moments.std for row in rows if row.seen.moments.count])


def shape_text(shape: tuple[int, ...]) -> str:
    """The sizes of all axes: 64 × 32."""
    return " × ".join(map(str, shape)) or "one number"


def span(numbers: list[float]) -> str:
    """From the least to the largest of some numbers, in three digits."""
    if not numbers:
        return "–"
    low, high = plain(min(numbers), 3), plain(max(numbers), 3)
    return low if low == high else f"{low} to {high}"


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    whole = [("", *HEADS), *rows]
    widths = [max(len(row[place]) for row in whole) for place in range(len(HEADS) + 1)]
    for row in whole:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST else [*lines[:MOST], f"… and {len(lines) - MOST} more"]


def nearest(path: str, paths: list[str]) -> str:
    """Which path was probably meant."""
    return near(path, paths, f"There is for instance {paths[0]}." if paths else "The model has no tensors.")
