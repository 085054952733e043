"""The recipe that a model looks as if it was initialized by."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from initviz.models.across import family
from initviz.models.laws import ANYTHING
from initviz.models.recipe import Recipe
from initviz.models.writing import recipe_of

if TYPE_CHECKING:
    from initviz.models.auditing import Audit, Row

SOURCE = "What the weights look like to an audit of initviz. Read it, correct it, and keep it beside the model."


def believed(audit: Audit) -> Recipe:
    """A law for each family of tensors: one that most of them can be of, or that anything may be.

    Of many tensors of one law some look by chance as if they were of none, one in a hundred; and one block that was
    drawn otherwise is what the recipe is to find: the note names both. Where several laws cannot be told apart, the one
    is written that fits most tensors of the whole model, and the others stand in the note.
    """
    families: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in audit.rows:  # in a row of layers 0/weight may be a convolution's and 1/weight a normalization's
        families[family(row.tensor.path), row.role.kind].append(row)
    common = Counter(law for row in audit.rows for law in row.likely.laws)
    laws, open_questions = {}, []
    for (path, _), rows in families.items():
        best, *others = sorted(_shared(rows), key=lambda law: -common[law]) or [ANYTHING]
        laws |= {row.tensor.path: best for row in rows}
        if others:
            open_questions.append(f"{path}: {best} or {' or '.join(others)}")
        elif best == ANYTHING:
            open_questions.append(f"{path}: {next((row.likely.why for row in rows if row.likely.why), 'not alike')}")
        if best != ANYTHING:
            odd = [row.tensor.path for row in rows if best not in row.likely.laws and _tells(row)]
            open_questions += [f"{each}: not like the others of {path}" for each in odd]
    note = f"What weights do not tell, or tell otherwise:\n{chr(10).join(open_questions)}" if open_questions else ""
    in_order = {row.tensor.path: laws[row.tensor.path] for row in audit.rows}
    return recipe_of(in_order, "believed", SOURCE, note)


def _tells(row: Row) -> bool:
    """Whether its weights say what fits them, or that they are nothing known: one number tells neither."""
    return row.likely.probability is not None or not row.likely.drawn


def _shared(rows: list[Row]) -> list[str]:
    """What most of them can be of, and no other law more of them, in the order of the first that has it."""
    counts = Counter(law for row in rows for law in row.likely.laws)
    most = max(counts.values(), default=0)
    return [law for law, count in counts.items() if count == most > len(rows) / 2]
