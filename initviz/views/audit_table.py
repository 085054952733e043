"""The tensors of an audit as a table that sorts and filters in any page, also in one that was saved."""

import math
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from initviz.models import Audit, Row
from initviz.models.words import MARKS, shape_text, sizes
from initviz.views.text import STYLE, scrolling
from initviz.wording import plain, several

MOST = 2_000
"""Most rows that are shown."""
OPEN = "initviz-open"
"""The event of a page that asks for a tensor, with its path."""


class Column(NamedTuple):
    """A column: what is in its cells, and by what it sorts, where that is a number."""

    title: str
    words: Callable[[Row], str]
    number: Callable[[Row], float] | None = None
    hint: str = ""
    exact: bool = False
    """Whether a spreadsheet is given the number, with all its digits, and not the words."""
    long: bool = False
    """Whether its words may take several lines."""

    def value(self, row: Row) -> str | float:
        """What a spreadsheet is given."""
        return self.number(row) if self.number and self.exact else self.words(row)


def _number(value: Callable[[Row], float], title: str, hint: str = "") -> Column:
    def words(row: Row) -> str:
        found = value(row)
        return plain(found, 4) if math.isfinite(found) else "–"

    return Column(title, words, value, hint, exact=True)


def _moment(name: str) -> Callable[[Row], float]:
    return lambda row: float(getattr(row.seen.moments, name)) if row.seen.moments.count else math.nan


def _held(row: Row) -> str:
    return row.role.kind if row.role.known_by == "module" else f"{row.role.kind} (by {row.role.known_by})"


COLUMNS = (
    Column("verdict", lambda row: f"{MARKS[row.verdict]} {row.verdict}"),
    Column("tensor", lambda row: row.tensor.path),
    Column("shape", lambda row: shape_text(row.tensor.shape),
           lambda row: math.prod(row.tensor.shape)),
    Column("held as", _held, hint="what holds it, and how that is known"),
    _number(_moment("std"), "std"),
    _number(lambda row: sizes(row)[0], "declared", "the root mean square that is declared"),
    _number(lambda row: row.factor, "factor", "how many times as large the weights are as declared"),
    Column("declared as", lambda row: row.law or "–", long=True),
    Column("looks like", lambda row: str(row.likely) or "–", hint="what could have drawn it, or why nothing is said",
           long=True),
    _number(_moment("mean"), "mean"),
    _number(_moment("minimum"), "least"),
    _number(_moment("maximum"), "largest"),
    _number(lambda row: row.seen.distinct, "values", "different values in the part that is looked at"),
    _number(lambda row: row.seen.moments.zeros, "zeros"),
    _number(lambda row: row.seen.moments.not_finite, "NaN or ∞"),
    Column("dtype", lambda row: str(row.tensor.dtype)),
)  # fmt: skip
PATH = 1
"""The column that names a row."""
SORT = """
const head = event.target.closest("th[data-place]")
if (!head) return
const up = head.ariaSort !== "ascending", body = this.querySelector("tbody")
for (const each of head.parentNode.children) each.ariaSort = null
head.ariaSort = up ? "ascending" : "descending"
const cell = row => row.children[head.dataset.place]
const number = row => parseFloat(cell(row).dataset.value)
const last = (a, b) => isNaN(a) - isNaN(b)
const order = "value" in (cell(body.rows[0])?.dataset ?? {})
  ? (a, b) => last(number(a), number(b)) || (up ? 1 : -1) * (number(a) - number(b))
  : (a, b) => (up ? 1 : -1) * cell(a).textContent.localeCompare(cell(b).textContent, "en", {numeric: true})
body.append(...[...body.rows].sort(order))
"""
FILTER = """
const words = this.querySelector("input").value.toLowerCase().split(/\\s+/)
const verdict = this.querySelector("select").value, rows = [...this.querySelector("tbody").rows]
for (const row of rows) {
  const text = row.textContent.toLowerCase()
  row.hidden = (verdict && row.dataset.verdict !== verdict) || !words.every(word => text.includes(word))
}
this.querySelector("output").textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length}`
"""
LOOK = f"this.dispatchEvent(new CustomEvent('{OPEN}', {{detail: this.dataset.path, bubbles: true, composed: true}}))"
OWN_STYLE = """
.audit button {display: inline; font: inherit; color: inherit; background: none; border: none; padding: 0.2rem 0;
  cursor: pointer; text-align: inherit}
.audit td button, .audit th[scope=row] button {text-decoration: underline}
.audit th[aria-sort=ascending] button::after {content: " ▲"}
.audit th[aria-sort=descending] button::after {content: " ▼"}
.audit input, .audit select {font: inherit; color: inherit; background: none; padding: 0.2rem 0.4rem;
  border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 4px}
.audit option {color: #000000; background: #ffffff}
.audit label {display: inline-block; margin-right: 1rem; white-space: nowrap}
.audit table.initviz th, .audit table.initviz td {text-align: left; white-space: nowrap}
.audit table.initviz td.number, .audit table.initviz th.number {text-align: right}
.audit table.initviz td.long {white-space: normal; min-width: 14rem}
.audit tr[data-verdict="not as declared"] td:first-child {font-weight: 600}
"""


def audit_table(audit: Audit, openable: bool = False) -> str:
    """Every tensor with all that is seen of it, what is wrong first.

    Args:
        audit: of a model.
        openable: whether the page hears when a path is clicked, and opens that tensor.
    """
    rows = sorted(audit.rows, key=lambda row: not row.fails)
    shown, left = rows[:MOST], len(rows) - MOST
    verdicts = dict.fromkeys(row.verdict for row in rows)
    options = "".join(f"<option>{each}</option>" for each in verdicts)
    count = f"<output aria-live='polite'>{len(shown)} of {len(shown)}</output>"
    more = f"<p>… and {several(left, 'tensor')} more.</p>" if left > 0 else ""
    heads = "".join(_head(place, column) for place, column in enumerate(COLUMNS))
    body = "".join(_line(row, openable) for row in shown)
    table = (
        f"<table class='initviz' aria-label='tensors'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )  # fmt: skip
    return (
        f"<style>{STYLE}{OWN_STYLE}</style>"
        f'<div class="audit" onclick="{escape(SORT)}" oninput="{escape(FILTER)}"><p>'
        f"<label>filter <input type='search' placeholder='attn bias' size='16'></label>"
        f"<label>verdict <select><option value=''>any</option>{options}</select></label>{count}</p>"
        f"{scrolling('tensors', table)}{more}</div>"
    )


def _head(place: int, column: Column) -> str:
    hint = f" title='{escape(column.hint)}'" if column.hint else ""
    return (
        f"<th scope='col' data-place='{place}'{' class=number' if column.number else ''}{hint}>"
        f"<button type='button'>{column.title}</button></th>"
    )


def _line(row: Row, openable: bool) -> str:
    cells = []
    for place, column in enumerate(COLUMNS):
        words = escape(column.words(row))
        if place == PATH:
            look = f' onclick="{LOOK}" title="its weights, with their law over them"'
            button = f"<button type='button' data-path='{escape(row.tensor.path)}'{look}>{words}</button>"
            cells.append(f"<th scope='row'>{button if openable else words}</th>")
        elif column.number:
            cells.append(f"<td class='number' data-value='{column.number(row):.9g}'>{words}</td>")
        else:
            cells.append(f"<td{' class=long' if column.long else ''}>{words}</td>")
    return f"<tr data-verdict='{row.verdict}'>{''.join(cells)}</tr>"
