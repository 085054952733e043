"""The law that a tensor of an audited model is looked at beside."""

from contextlib import suppress

from initviz.initializers import Initializer, normal
from initviz.models.auditing import Audit, Row
from initviz.models.laws import law_on
from initviz.models.quantities import quantities
from initviz.settings.knobs import REFUSALS


def reference(audit: Audit, row: Row) -> Initializer:
    """What the tensor is declared to be drawn by, else what it looks like, else a normal law of its spread.

    >>> import numpy as np
    >>> from initviz.models import audit
    >>> found = audit({"bias": np.zeros(3)})
    >>> reference(found, found["bias"])
    zeros()
    """
    if row.initializer is not None:
        return row.initializer
    known = quantities([each.tensor for each in audit.rows])[row.tensor.path]
    laws = list(row.likely.laws)
    if row.likely.fits and row.role.in_axes:
        distribution, variance = row.likely.fits
        laws.append(f'variance_scaling({variance:.17g} * fan_in, "fan_in", "{distribution}")')
    for law in laws:
        with suppress(*REFUSALS):
            return law_on(law, row.tensor, None, known)
    return normal(row.seen.moments.std if row.seen.moments.count else 0.0)
