"""What may take long is read in a thread; what comes of it is a matter of the page again."""

import logging
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from initviz.live.feed import REFUSALS
from initviz.live.task import LONG
from initviz.live.updates import served_page, update_page

Found = TypeVar("Found")


def always() -> bool:
    """Wanted until it is there."""
    return True


def aside(
    job: Callable[[], Found],
    then: Callable[[Found], object],
    refuse: Callable[[str], object],
    what: str,
    wanted: Callable[[], bool] = always,
) -> None:
    """Have a page go on with what a job finds in a thread; at once where none is served.

    Args:
        job: reads it.
        then: told on the page what was found.
        refuse: told on the page why nothing was.
        what: is read, in a message about what nobody thought of.
        wanted: whether it still is. If not, nobody is told anything.
    """
    page = served_page()

    def work() -> None:
        if not wanted():
            return
        try:
            told = partial(then, job())
        except REFUSALS as refusal:
            told = partial(refuse, str(refusal))
        except Exception as failure:  # nobody thought of it
            logging.getLogger(__name__).exception("%s cannot be read", what)
            told = partial(refuse, f"{what} cannot be read: {type(failure).__name__}, see the server's log.")
        update_page(lambda: wanted() and told(), document=page)

    if page is None:
        work()
    else:
        LONG.submit(copy_context().run, work)
