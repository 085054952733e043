"""A tensor of a model in the room of weights: read in a thread, since it may be large and in a file."""

from collections.abc import Callable

import numpy as np

from initviz.initializers import Initializer
from initviz.live.aside import aside
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

    def read() -> tuple[np.ndarray, Initializer]:
        check_size(row.tensor.shape)
        return np.asarray(row.tensor.read()), reference(audit, row)

    def show(found: tuple[np.ndarray, Initializer]) -> None:
        study().bring(*found, row.tensor.path)
        study().look = ""

    aside(read, show, refuse, row.tensor.path, wanted)
