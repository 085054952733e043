"""What is said of an audit beside its table: the verdict first, what is wrong, and what the columns mean."""

from html import escape

from initviz.models import Audit
from initviz.models.examples import EXAMPLES
from initviz.models.study import ModelAnswer
from initviz.models.words import findings, subject, verdict
from initviz.views import theme
from initviz.views.audit_table import audit_table
from initviz.views.audits import FOUND, OFF, SAID, profiles
from initviz.views.text import key, paragraph
from initviz.wording import plain

LINE = "margin: 0.2rem 0"
MOST = 12
"""Most findings that are listed."""
ABOUT = (
    "A tensor is “as declared” unless weights as unusual as these would come less often than the whole audit allows: "
    "of models that are as declared, at most {alpha} are found to have anything wrong, however many tensors they have. "
    "“Looks like” names every initializer that could have drawn the weights: several, where nobody can tell them apart."
)


MARKS = {
    FOUND: (theme.DATA, "●", "found; each family of tensors in a color of its own"),
    SAID: ("inherit", "┅", "as declared, in that color"),
    OFF: (theme.THEORY, "✗", "not as declared"),
}
"""What is drawn: the color of its mark in the legend, the mark and the words."""


def heading(found: ModelAnswer, level: int = 2) -> str:
    """Which model it is, and how large, a heading of this level."""
    return (
        f"<h{level} style='font-size: 1.15rem; margin: 0.4rem 0'>{escape(found.question.name)}</h{level}>"
        f"<p style='{LINE}'>{escape(subject(found.audit))}</p>"
    )


def said(found: ModelAnswer) -> str:
    """The verdict with what is wrong, and of an example what to look for."""
    example = EXAMPLES.get(found.question.example)
    is_it = example is not None and found.question.recipe == example.recipe
    return conclusion(found.audit) + (paragraph(example.says) if example and is_it else "")


def whole(found: ModelAnswer) -> str:
    """All of it as a part of a page that is saved."""
    return heading(found, 1) + said(found) + legend(found.audit) + audit_table(found.audit) + about(found.audit)


def conclusion(audit: Audit) -> str:
    """The verdict, and what is wrong."""
    judged = audit.recipe is not None
    fine = (theme.ROLES["in"], "✓") if judged else (theme.ROLES["field"], "–")
    colour, mark = fine if audit else (theme.THEORY, "✗")
    lines = list(findings(audit))
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines[:MOST])
    more = f"<li>… and {len(lines) - MOST} more</li>" if len(lines) > MOST else ""
    first = verdict(audit)
    return (
        f"<div role='note' style='border-left: 4px solid {colour}; padding: 0.1rem 0.7rem'>"
        f"<p style='{LINE}'><b>{mark}</b> {escape(first[:1].upper() + first[1:])}</p>"
        + (f"<ul style='{LINE}; padding-left: 1.2rem; overflow-wrap: anywhere'>{listed}{more}</ul>" if listed else "")
        + "</div>"
    )


def legend(audit: Audit) -> str:
    """What marks mean in the picture, of those that are in it; empty without one."""
    drawn = {series.what for picture in profiles(audit) for series in picture.series if len(series.columns["x"])}
    said = key((color, mark, words) for what, (color, mark, words) in MARKS.items() if what in drawn)
    return f"<p style='margin: 0.3rem 0'>{said}</p>" if drawn else ""


def about(audit: Audit) -> str:
    """What the verdicts mean."""
    return paragraph(ABOUT.format(alpha=f"{plain(100 * audit.alpha)} %"))
