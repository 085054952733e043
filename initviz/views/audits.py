"""An audit of a model as a page of its own."""

from initviz.models import Audit
from initviz.models.words import html, subject
from initviz.views.programs import versions
from initviz.views.report import document


def report(audit: Audit) -> str:
    """The audit as one HTML document.

    >>> import numpy as np
    >>> from initviz.models import audit
    >>> report(audit({"bias": np.zeros(3)}, {"bias": "zeros"})).splitlines()[0]
    '<!DOCTYPE html>'
    """
    body = f"<h1>Audit of a model</h1><div style='overflow-x: auto'>{html(audit)}</div><p>Made by {versions()}.</p>"
    return document(f"{subject(audit)} · initviz", body)
