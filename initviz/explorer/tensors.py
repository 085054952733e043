"""A tensor of a model in the room of weights: read in a thread, since it may be large and in a file."""

import logging
from collections.abc import Callable
from contextvars import copy_context
from functools import partial

import numpy as np

from initviz.initializers import Initializer
from initviz.live.feed import REFUSALS
from initviz.live.task import LONG
from initviz.live.updates import served_page, update_page
from initviz.models import Audit, Row
from initviz.models.reference import reference
from initviz.settings.choices import check_size
from initviz.study import Study


def open_tensor(
    study: Callable[[], Study], audit: Audit, row: Row, refuse: Callable[[str], object], wanted: Callable[[], bool]
) -> None:
    """Have the study of a page look at a tensor's weights, in the room of weights, beside what it is said to be.

    Args:
        study: gives the study there is then.
        audit: of the model.
        row: of the tensor.
        refuse: told on the page why it cannot be shown.
        wanted: whether no other has been asked for since.
    """
    page = served_page()

    def read() -> None:
        if not wanted():
            return
        try:
            check_size(row.tensor.shape)
            shown = partial(_show, study, np.asarray(row.tensor.read()), reference(audit, row), row.tensor.path)
        except REFUSALS as refusal:
            shown = partial(refuse, str(refusal))
        except Exception as failure:  # nobody thought of it
            logging.getLogger(__name__).exception("%s cannot be read", row.tensor.path)
            shown = partial(
                refuse, f"{row.tensor.path} cannot be read: {type(failure).__name__}, see the server's log."
            )
        update_page(lambda: wanted() and shown(), document=page)

    if page is None:
        read()
    else:
        LONG.submit(copy_context().run, read)


def _show(study: Callable[[], Study], weights: np.ndarray, law: Initializer, path: str) -> None:
    study().bring(weights, law, path)
    study().look = ""
