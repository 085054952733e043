"""What tests hear of refused input, and of doors that are gone."""

import logging

import pytest

from initviz.live import internals


class Messages(dict):
    """What was last reported under each name."""

    def __call__(self, name, message):
        self[name] = message


@pytest.fixture
def messages():
    """A function to report to, which keeps the last message under each name."""
    return Messages()


@pytest.fixture
def said(caplog):
    """What the log says, with nothing said before."""
    internals.missed.cache_clear()
    with caplog.at_level(logging.WARNING, internals.__name__):
        yield caplog
    internals.missed.cache_clear()
