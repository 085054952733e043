"""What tests of widgets hear of refused input."""

import pytest


class Messages(dict):
    """What was last reported under each name."""

    def __call__(self, name, message):
        self[name] = message


@pytest.fixture
def messages():
    """A function to report to, which keeps the last message under each name."""
    return Messages()
