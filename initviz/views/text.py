"""Everything the page says in words, as HTML: headline, formulas, checks, advice and code."""

import math
from collections.abc import Iterable
from html import escape

from initviz.answers.answer import Answer
from initviz.checks import COVERAGE, Check
from initviz.checks.words import COARSE, of_parts, span, verdict
from initviz.initializers.plan import Plan
from initviz.initializers.sketch import steps_html
from initviz.layers.advice import Advice, Rule
from initviz.layers.defaults import DEFAULTS
from initviz.layers.translations import Translation
from initviz.matrices.unfolding import Unfolding
from initviz.spectra import EXACT, Rank
from initviz.views import theme
from initviz.views.copying import copied
from initviz.wording import percent, plain, written

HEADING = "font-size: 1rem; font-weight: 600; margin: 0.3rem 0"
STYLE = """
table.initviz {border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; width: 100%}
table.initviz {table-layout: auto}
table.initviz th, table.initviz td {padding: 0.2rem 0.4rem; text-align: right}
table.initviz td {white-space: nowrap}
table.initviz th:first-child, table.initviz td:last-child {text-align: left}
table.initviz tbody th {min-width: 7rem}
table.initviz tbody tr {border-top: 1px solid rgba(128, 128, 128, 0.3)}
table.initviz th {font-weight: 500}
"""
"""How tables look. Jupyter's own style makes all columns as wide, whatever is in them: words run into the next one."""


def notice(role: str, messages) -> str:
    """A box of messages that a screen reader announces as an alert, a status or a note; nothing without messages."""
    if not messages:
        return ""
    colour = theme.ROLES["field"] if role == "status" else theme.THEORY
    text = "".join(f"<p style='margin: 0.2rem 0'>{escape(message)}</p>" for message in messages)
    return f"<div role='{role}' style='border-left: 4px solid {colour}; padding: 0.2rem 0.7rem'>{text}</div>"


def paragraph(words: str) -> str:
    """Words as HTML."""
    return f"<p style='margin: 0.3rem 0; max-width: 75rem'>{escape(words)}</p>"


def scrolling(name: str, html: str) -> str:
    """Something wide that scrolls sideways where there is no room, by keyboard, too."""
    return f"<div role='group' aria-label='{name}' tabindex='0' style='overflow-x: auto'>{html}</div>"


def table(name: str, heads: list[str], rows: list[list[str]], prose: tuple[int, ...] = ()) -> str:
    """An accessible table whose first column names the rows; a short row ends in a cell that spans the rest.

    Columns in `prose` hold words, the others numbers.
    """

    def cell(column: int, text: str, row: list[str]) -> str:
        if not column:
            return f"<th scope='row'>{escape(text)}</th>"
        rest = len(heads) - len(row) + 1 if column == len(row) - 1 else 1
        style = f" style='{PROSE if column in prose or rest > 1 else 'text-align: right'}'"
        return f"<td colspan='{rest}'{style}>{escape(text)}</td>"

    lines = ("".join(cell(column, text, row) for column, text in enumerate(row)) for row in rows)
    titles = "".join(
        f"<th scope='col'{' style=text-align:left' * (column in prose)}>{escape(head)}</th>"
        for column, head in enumerate(heads)
    )
    return f"<style>{STYLE}</style>" + scrolling(
        name,
        f"<table class='initviz' aria-label='{name}'><thead><tr>{titles}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>",
    )


def ranks_table(ranks: dict[str, Rank]) -> str:
    """Condition number and ranks, observed and of a typical matrix; nothing where there is no spectrum."""
    if not ranks:
        return ""
    rows = [[name, _typical(rank), plain(rank.observed)] for name, rank in ranks.items()]
    heading = f"<h2 style='{HEADING}'>Shape of the spectrum</h2>"
    said = paragraph(OF_SIMULATED) if any(rank.error for rank in ranks.values()) else ""
    return heading + table("Shape of the spectrum", ["statistic", "typical", "observed"], rows) + said


OF_SIMULATED = "What is typical is the median of simulated matrices, ± its standard error."


def _typical(rank: Rank) -> str:
    return plain(rank.expected) + (f" ± {plain(rank.error, 2)}" if rank.error else "")


def arithmetic(plan: Plan) -> str:
    """How the draw came about, as HTML: every step named, as LaTeX with its numbers, and noted in words."""
    return f"<h2 style='{HEADING}'>How it came about</h2>{steps_html(plan)}"


def arithmetic_as_text(plan: Plan) -> str:
    """The same in symbols that need no script."""
    items = "".join(
        f"<li><b>{escape(step.name)}</b>: {escape(written(step.latex))}"
        f"{f' ({escape(step.note)})' if step.note else ''}</li>"
        for step in plan.steps
    )
    return f"<h2 style='{HEADING}'>How it came about</h2><ol>{items}</ol>"


def legend(answer: Answer) -> str:
    """What colors and marks mean in the plots of a draw."""
    holds, doubt = (answer.spectrum.holds, answer.spectrum.doubt) if answer.spectrum else (EXACT, "")
    marks = [
        (theme.DATA, "■", "your weights" if answer.question.weights is not None else "this draw"),
        (theme.THEORY, "━", EXACT + f" of weights; of singular values: {holds}" * (holds != EXACT)),
        (theme.THEORY, "┅", "edges and single values of the law"),
        (theme.THEORY, "▒", f"where {percent(COVERAGE)} of draws stay"),
        (theme.THEORY, "◆", _more("expected at this size ± 1 standard deviation", doubt)),
    ]
    return f"<div>{key(marks)}</div>"  # no paragraph can hold what is folded


def _more(words: str, more: str) -> str:
    """Words, and more of them one click away."""
    if not more:
        return words
    return f"<style>{CLOSED}</style><details><summary>{words}</summary><span>{escape(more)}</span></details>"


CLOSED = """
details {display: inline-block; vertical-align: top; max-width: 40rem}
details:not([open]) > span {display: none}
summary {cursor: pointer}
"""
"""What is folded away takes no place."""


def key(marks: Iterable[tuple[str, str, str]]) -> str:
    """What colours and marks mean: of each the colour, the mark and the words."""
    return " ".join(
        f"<span style='display: inline-block; margin-right: 1.2em'><span style='color: {color}' aria-hidden='true'>"
        f"{mark}</span> {text}</span>"
        for color, mark, text in marks
    )


def flattening(unfolding: Unfolding | None) -> str:
    """How the tensor became the matrix of the spectrum; empty where it is one."""
    return f"Spectrum: {unfolding}." if unfolding and str(unfolding) else ""


CHECKS = "Expected against observed"
WRONG = f"font-weight: 600; border-bottom: 2px solid {theme.THEORY}"
"""The style of a ✗: the orange itself is too pale for words on white."""
PROSE = "white-space: normal; text-align: left"
RULES = "Fans by different rules"
CODE = "This law as code"
FOREIGN = "Defaults of frameworks as calls here"


def advice(found: Advice | None) -> str:
    """What the initializer does in its layer: verdict, remedy to copy, and the fans by other frameworks' rules."""
    heading = f"<h2 style='{HEADING}'>In this layer</h2>"
    if found is None:
        return (
            f"{heading}<p style='margin: 0'>Choose a layer to see what it really sums beside what is assumed here.</p>"
        )
    colour, mark = (theme.ROLES["in"], "✓") if found.right else (theme.THEORY, "✗")
    mark = "→" if found.used is None else mark
    remedy = ""
    if found.corrected:
        remedy = (
            f"<p style='margin: 0.2rem 0'>{escape(found.remedy)} {copied(found.corrected, 'the corrected call')}</p>"
        )
    if found.in_flax:
        in_flax = copied(found.in_flax, "the call for flax")
        remedy += f"<p style='margin: 0.2rem 0'>{escape(found.flax_argument)} {in_flax}</p>"
    note = f"<p style='margin: 0.2rem 0; opacity: 0.8'>{escape(found.note)}</p>" if found.note else ""
    facts = ""
    if found.used is not None:
        facts = f"Realized over intended std: {plain(found.std_ratio)}. {found.gains}"
    return (
        f"<style>{STYLE}</style>{heading}"
        f"<div role='note' style='border-left: 4px solid {colour}; padding: 0.1rem 0.7rem'>"
        f"<p style='margin: 0.2rem 0'><b>{mark}</b> {escape(found.verdict)} {facts}</p>{remedy}{note}</div>"
    ) + scrolling(
        RULES,
        f"<table class='initviz' style='margin: 0.3rem 0 0.8rem 0' aria-label='{RULES}'><thead><tr>"
        "<th scope='col'>rule</th><th scope='col'>weight shape</th><th scope='col'>fan in</th>"
        "<th scope='col'>fan out</th><th scope='col'>std</th><th scope='col' style='text-align: left'>right?</th>"
        f"</tr></thead><tbody>{''.join(_rule(rule) for rule in found.rules)}</tbody></table>",
    )


def code(translations: tuple[Translation, ...]) -> str:
    """The law as code for each framework, or why there is none."""
    rows = (
        f"<tr><th scope='row'>{each.framework}</th><td style='{PROSE}'>"
        f"{copied(each.program, f'the code for {each.framework}') if each.code else ''} {escape(each.note)}</td></tr>"
        for each in translations
    )
    return wide_table(CODE, rows)


def wide_table(name: str, rows: Iterable[str]) -> str:
    """A table that scrolls sideways on a phone, so that code is not broken up."""
    return f"<style>{STYLE}</style>" + scrolling(
        name,
        f"<table class='initviz' style='min-width: 36rem' aria-label='{name}'><tbody>{''.join(rows)}</tbody></table>",
    )


def defaults() -> str:
    """What layers of other frameworks do by default, as calls here."""
    rows = (
        f"<tr><th scope='row'>{each.framework}</th>"
        f"<td style='{PROSE}'>{escape(each.layer)}: {escape(each.rule)}</td>"
        f"<td style='{PROSE}'>{copied(each.code, f'the call for {each.framework} {each.layer}')}</td></tr>"
        for each in DEFAULTS
    )
    return wide_table(FOREIGN, rows)


def _rule(rule: Rule) -> str:
    if rule.shape is None:
        cells = f"<td>no such layer</td>{'<td>–</td>' * 4}"
    elif rule.fan_in is None:
        cells = f"<td>{' × '.join(map(str, rule.shape))}</td><td colspan='3'>these axes do not fit</td><td>–</td>"
    else:
        verdict = {True: "✓ yes", False: "✗ no", None: "–"}[rule.agrees]
        colour = f" style='{WRONG}'" if rule.agrees is False else ""
        fans = f"<td>{plain(rule.fan_in)}</td><td>{plain(rule.fan_out)}</td><td>{plain(rule.std)}</td>"
        cells = f"<td>{' × '.join(map(str, rule.shape))}</td>{fans}<td{colour}>{verdict}</td>"
    return f"<tr><th scope='row'>{rule.framework}</th>{cells}</tr>"


def judgement(answer: Answer) -> str:
    """Expected against observed, under what all checks say together."""
    said = verdict(answer)
    return checks_table(answer.checks, f"{said[:1].upper()}{said[1:]} {of_parts(answer)}".strip())


def checks_table(checks: tuple[Check, ...], said: str = "") -> str:
    """Expected against observed as an accessible table, under a sentence."""
    if not checks:
        return "<p>No finite weights, nothing to check.</p>"
    rows = "".join(_row(check) for check in checks)
    coverage = percent(COVERAGE)
    return (
        f"<style>{STYLE}</style><h2 style='{HEADING}'>{CHECKS}</h2>{said and paragraph(said)}"
        + scrolling(
            CHECKS,
            f"<table class='initviz' aria-label='{CHECKS}'><thead><tr>"
            "<th scope='col'>statistic</th><th scope='col'>expected</th><th scope='col'>observed</th>"
            f"<th scope='col' style='text-align: left'>within?</th><th scope='col'>range of {coverage} of draws</th>"
            f"</tr></thead><tbody>{rows}</tbody></table>",
        )
        + paragraph(OF_MEDIANS)
    )


OF_MEDIANS = "What is expected of min and max is their median."


def _between(check: Check) -> str:
    """The range, with as many digits as tell its ends apart; "exact" where only rounding is between them."""
    if check.low == check.high == 0:
        return "0"
    ends = span(check)
    return " … ".join(ends) if ends else "exact"


def _row(check: Check) -> str:
    verdict = {True: "✓ yes, ", False: "✗ no, ", None: "– "}[check.within] + (COARSE if check.coarse else check.test)
    colour = f" {WRONG}" if check.within is False else ""
    between = "–" if check.expected is None or math.isnan(check.low) else _between(check)
    return (
        f"<tr><th scope='row'>{escape(check.name)}</th><td>{plain(check.expected)}</td>"
        f"<td>{plain(check.observed)}</td><td style='text-align: left;{colour}'>{escape(verdict)}</td>"
        f"<td style='text-align: right'>{between}</td></tr>"
    )
