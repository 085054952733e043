"""The recipe that a model looks as if it was initialized by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from initviz.models.across import family
from initviz.models.laws import ANYTHING
from initviz.models.recipe import Recipe
from initviz.models.writing import recipe_of

if TYPE_CHECKING:
    from initviz.models.auditing import Audit, Row

SOURCE = "What the weights look like to an audit of initviz. Read it, correct it, and keep it beside the model."


def believed(audit: Audit) -> Recipe:
    """A law for each family of tensors: one that all of them can be of, or that anything may be.

    Where several laws cannot be told apart, the one is written that fits most tensors of the whole model, and the
    others stand in the note.
    """
    families: dict[str, list[Row]] = defaultdict(list)
    for row in audit.rows:
        families[family(row.tensor.path)].append(row)
    common = Counter(law for row in audit.rows for law in row.likely.laws)
    laws, open_questions = {}, []
    for path, rows in families.items():
        best, *others = sorted(_shared(row.likely.laws for row in rows), key=lambda law: -common[law]) or [ANYTHING]
        laws |= {row.tensor.path: best for row in rows}
        if others:
            open_questions.append(f"{path}: {best} or {' or '.join(others)}")
        elif best == ANYTHING:
            open_questions.append(f"{path}: {next((row.likely.why for row in rows if row.likely.why), 'not alike')}")
    note = f"These weights do not tell:\n{chr(10).join(open_questions)}" if open_questions else ""
    in_order = {row.tensor.path: laws[row.tensor.path] for row in audit.rows}
    return recipe_of(in_order, "believed", SOURCE, note)


def _shared(laws: Iterable[tuple[str, ...]]) -> list[str]:
    """What all of them have, in the order of the first."""
    first, *others = laws
    return [law for law in first if all(law in other for other in others)]
